//go:build e2e

package e2e

import (
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/sip"
)

// TestTheDemoAnswersItsFirstCallAndRemembersIt is what `make run` ends in: the whole hotline from nothing, a first call
// that the IVR answers, Ctrl-C that ends all, and a second start that knows the call.
func TestTheDemoAnswersItsFirstCallAndRemembersIt(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	ports, err := sandbox.FreePorts(4)
	require.NoError(t, err)
	base := "http://127.0.0.1:" + strconv.Itoa(ports.First)
	for _, start := range []string{"first", "second"} {
		began := time.Now()
		var said speech
		cmd := exec.Command(house.Binary, "demo", "--state", state, "--port", strconv.Itoa(ports.First))
		cmd.Stdout, cmd.Stderr = &said, &said
		demo, err := sandbox.StartProcess("demo", cmd, syscall.SIGKILL)
		require.NoError(t, err)
		require.NoError(t, house.Await(t.Context(), 2*time.Minute, "the demo to be up", func() error {
			if strings.Contains(said.String(), "huangmei") {
				return nil
			}
			select {
			case <-demo.Done():
				return house.Fail("it ended: %v", demo.Err())
			default:
				return errors.New(said.String())
			}
		}))
		t.Logf("%s start: %s", start, time.Since(began).Round(10*time.Millisecond))
		body, status, err := house.Get(base + "/readyz")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, body)
		if start == "first" {
			caller, err := sip.Call(t.Context(), sip.Options{Target: "127.0.0.1:" + strconv.Itoa(ports.First+1), To: "12347", From: "13800138000", ToneHz: 440}) // the line that is always open
			require.NoError(t, err)
			require.NoError(t, caller.AwaitAnswer(t.Context()))
			t.Logf("the first call is answered after %s", caller.AnsweredAt().Sub(caller.Began()).Round(time.Millisecond))
			require.NoError(t, caller.HearSomething(t.Context()))
			require.NoError(t, caller.Hangup())
		}
		require.NoError(t, house.Await(t.Context(), 20*time.Second, "the call in the figures", func() error {
			metrics, _, err := house.Get(base + "/metrics")
			if err == nil && !strings.Contains(metrics, `hotline_calls_ended_total{ending="ivr-hangup"} 1`) {
				err = errors.New("it is not there")
			}
			return err
		}))
		require.NoError(t, demo.Stop(syscall.SIGINT, 20*time.Second), "Ctrl-C")
		_, _, err = house.Get(base + "/healthz")
		require.Error(t, err, "nothing of it is left")
	}
}
