//go:build e2e

package faults

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// pair is the control: two parties that Asterisk bridges by its dialplan.
type pair struct {
	one, two *sip.Caller
}

func (h *House) control() *pair {
	h.t.Helper()
	call := func(to string, hz float64) *sip.Caller {
		c, err := sip.Call(context.Background(), sip.Options{Target: h.Asterisk.SIPAddress(), To: to, From: to, Codec: sip.PCMU, ToneHz: hz})
		require.NoError(h.t, err)
		h.t.Cleanup(func() { require.NoError(h.t, c.Hangup()); <-c.Ended() })
		ctx, cancel := context.WithTimeout(h.t.Context(), settleTime)
		defer cancel()
		require.NoError(h.t, c.AwaitAnswer(ctx))
		return c
	}
	p := &pair{one: call("9001", 500), two: call("9002", 600)}
	ctx, cancel := context.WithTimeout(h.t.Context(), settleTime)
	defer cancel()
	require.NoError(h.t, p.one.Hear(ctx, 600))
	require.NoError(h.t, p.two.Hear(ctx, 500))
	return p
}

// gap is the worst pause of either side.
func (p *pair) gap(from, to time.Time) time.Duration {
	return max(p.one.LongestPause(from, to), p.two.LongestPause(from, to))
}
