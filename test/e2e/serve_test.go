//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// What README says of serving for real, tried.

// TestAnAgentWorksOverHTTPS: with a self-signed certificate, which a restart keeps.
func TestAnAgentWorksOverHTTPS(t *testing.T) {
	h := ownBy(t, func(yaml string) string {
		return regexp.MustCompile(`(?m)^(http: \{listen: "[^"]*")\}`).ReplaceAllString(patient(yaml), "$1, tls: {mode: self-signed}}")
	})
	require.True(t, strings.HasPrefix(h.URL, "https:"))
	cert, err := os.ReadFile(filepath.Join(h.State(), "tls-cert.pem"))
	require.NoError(t, err)
	lina := h.Agent(t, "lina", 1000)
	caller := h.Waiter(t, "13800138001")
	lina.See("offer")
	lina.Click("accept")
	lina.Hears(440)
	require.NoError(t, caller.Hear(t.Context(), 1000))
	resp, err := http.Get("http" + strings.TrimPrefix(h.URL, "https") + "/desk")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusBadRequest, resp.StatusCode, "plain HTTP is refused")

	require.NoError(t, h.Kill())
	require.NoError(t, h.Serve(t.Context()))
	again, err := os.ReadFile(filepath.Join(h.State(), "tls-cert.pem"))
	require.NoError(t, err)
	require.Equal(t, string(cert), string(again), "browsers are not asked again")
	lina.Hears(440)
	require.NoError(t, caller.Hear(t.Context(), 1000))
}

// TestAsteriskFetchesThePromptsOverHTTP: as it does on another machine, where it sees no folder of ours.
func TestAsteriskFetchesThePromptsOverHTTP(t *testing.T) {
	h := ownBy(t, func(yaml string) string {
		at := regexp.MustCompile(`(?m)^http: \{listen: "([^"]*)"`).FindStringSubmatch(yaml)[1]
		return strings.Replace(yaml, "prompts:\n", "prompts:\n  asterisk: http\n  url: http://"+at+"\n", 1)
	})
	ctx := t.Context()
	for _, from := range []string{"13800138001", "13800138002"} { // fetched, and kept
		caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: from, ToneHz: 440})
		require.NoError(t, err)
		t.Cleanup(func() { _ = caller.Hangup() }) // it may have ended
		require.NoError(t, caller.AwaitAnswer(ctx))
		require.NoError(t, caller.HearSomething(ctx), "the greeting")
		h.journalled(t, `"k":"prompt.ended"`) // and none has failed
		require.NoError(t, caller.Hangup())
	}
}
