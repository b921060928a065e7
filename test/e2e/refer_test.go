//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// TestACallerCannotTransferTheCall: a caller who asks Asterisk to transfer the call (REFER in the dialogue) would call on at
// the house's cost; it is refused, and the talk goes on.
func TestACallerCannotTransferTheCall(t *testing.T) {
	h := common(t)
	ctx := t.Context()
	lina := h.Agent(t, "lina", 1000)
	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13800138044", ToneHz: 440, ReferTo: "12347"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = caller.Hangup() })
	require.NoError(t, caller.AwaitAnswer(ctx))
	require.NoError(t, caller.HearSomething(ctx))
	require.NoError(t, caller.Press("10"))
	lina.See("offer")
	lina.Click("accept")
	lina.Hears(440)
	require.NoError(t, caller.Hear(ctx, 1000))
	arrived := h.Metric(t, "hotline_calls_arrived_total")

	status, err := caller.Refer(ctx)
	require.NoError(t, err)
	require.Equal(t, 603, status, "declined")
	require.NoError(t, caller.Hear(ctx, 1000))
	lina.Hears(440)
	lina.See("hold")
	require.Equal(t, arrived, h.Metric(t, "hotline_calls_arrived_total"), "nobody was called")

	require.NoError(t, caller.Hangup())
	ending, err := caller.Wait(ctx)
	require.NoError(t, err)
	require.Equal(t, sip.HungUp, ending.Way)
	lina.Click("wrap-up-done")
}
