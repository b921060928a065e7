//go:build e2e

package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// pair are two SIP parties who talk with each other all along.
type pair struct{ one, two party }

type party interface {
	LongestPause(from, to time.Time) time.Duration
}

// gap is the worst pause of either side.
func (p pair) gap(from, to time.Time) time.Duration {
	return max(p.one.LongestPause(from, to), p.two.LongestPause(from, to))
}

// pairs are several.
type pairs []pair

func (p pairs) gap(from, to time.Time) (worst time.Duration) {
	for _, x := range p {
		worst = max(worst, x.gap(from, to))
	}
	return worst
}

// controls are as many pairs of the control as there are desk phones.
func (h *House) controls() (p pairs) {
	for i := range phones {
		p = append(p, h.control(i))
	}
	return p
}

// control is a pair that Asterisk bridges by its dialplan.
func (h *House) control(i int) pair {
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
	one, two := call(fmt.Sprintf("90%d1", i), 500), call(fmt.Sprintf("90%d2", i), 600)
	ctx, cancel := context.WithTimeout(h.t.Context(), settleTime)
	defer cancel()
	require.NoError(h.t, one.Hear(ctx, 600))
	require.NoError(h.t, two.Hear(ctx, 500))
	return pair{one, two}
}
