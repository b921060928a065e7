//go:build e2e

package aritest_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
	"hotline/internal/sandbox"
)

// real is an Asterisk whose callers are Local channels: one half is the caller's leg, which the dialplan
// (aritest.Dialplan) gives to the application, the other half ("far-" and the id) is the caller in person.
type real struct {
	cfg ari.Config
	c   *ari.Conn
}

func (r real) Config() ari.Config { return r.cfg }

func far(id string) string { return "far-" + id }

func (r real) Call(t testing.TB, id, number, _ string) {
	_, err := r.c.Originate(t.Context(), ari.OriginateRequest{
		Endpoint: "Local/stasis-" + r.cfg.App + "@conformance", ChannelID: far(id), OtherChannelID: id,
		CallerID: "<" + number + ">", AppArgs: "far", Timeout: -1,
	})
	require.NoError(t, err)
}

// Press waits until the caller in person is in Stasis, which is after the answer.
func (r real) Press(t testing.TB, id, digits string) {
	require.Eventually(t, func() bool { return r.c.SendDTMF(t.Context(), far(id), digits) == nil }, 20*time.Second, 10*time.Millisecond)
}

func (r real) Leave(t testing.TB, id string) {
	require.NoError(t, r.c.Hangup(context.WithoutCancel(t.Context()), far(id), ari.CauseNormal))
}

func TestRealAsteriskBehavesAsTheScriptedOne(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	ast, err := sandbox.StartAsterisk(t.Context(), sandbox.AsteriskConfig{
		Dir: t.TempDir(), App: "hotline-conformance", ExtraDialplan: aritest.Dialplan, Log: quiet,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ast.Kill()) }) // what the suite left in it need not end in order
	cfg := ari.DefaultConfig()
	cfg.URL, cfg.User, cfg.Password, cfg.App, cfg.Logger = ast.ARIURL(), ast.ARIUser(), ast.ARIPassword(), ast.App(), quiet
	c, err := ari.New(cfg, func(ari.Message) {})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	_, err = c.Probe(t.Context())
	require.NoError(t, err)
	aritest.Conformance(t, real{cfg, c})
}
