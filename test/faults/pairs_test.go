//go:build e2e

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/stretchr/testify/require"

	"hotline/floor"
	"hotline/test/sip"
)

// talks are callers and agents at desk phones, each talking with the other all along: SIP parties whose sound the server
// has joined, and has no part in.
type talks struct {
	pairs
	staff   []*Agent
	numbers map[string]string // of the callers, by agent
}

// talk lets each agent with a desk phone take a call that lasts until the crowd goes home.
func (h *House) talk(c *crowd, r *rand.Rand) talks {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*settleTime)
	defer cancel()
	t := talks{numbers: map[string]string{}}
	for i := range phones {
		hz := 1600 + 100*float64(i)
		phone, err := sip.PlugIn(context.WithoutCancel(h.t.Context()), sip.PhoneOptions{Port: h.desks.First + i, ToneHz: hz})
		require.NoError(h.t, err)
		h.t.Cleanup(func() { require.NoError(h.t, phone.Unplug()) })
		a := h.agent(&Agent{login: phoneID(i), desk: true, rng: rand.New(rand.NewPCG(r.Uint64(), uint64(i)))})
		require.NoError(h.t, phone.Await(ctx, sip.PhoneRinging))
		require.NoError(h.t, phone.Answer())
		c.mu.Lock()
		opt := c.call(lineDesk)
		c.mu.Unlock()
		caller := c.place([]sip.Options{opt})[0]
		require.NoError(h.t, caller.Hear(ctx, hz))
		require.NoError(h.t, phone.Hear(ctx, opt.ToneHz))
		t.pairs, t.staff, t.numbers[a.login] = append(t.pairs, pair{caller, phone}), append(t.staff, a), opt.From
	}
	return t
}

// goOn tells whether everybody still talks with the same agent; an error says who does not.
func (t talks) goOn(live map[string]floor.CallLine) error {
	with := map[string]floor.CallLine{}
	for _, l := range live {
		with[strings.TrimPrefix(l.Caller.Number, "+86")] = l
	}
	for agent, number := range t.numbers {
		if l := with[number]; l.Phase != "talking" || l.Agent != agent {
			return fmt.Errorf("%s talked with %s, whose call is %+v now", agent, number, l)
		}
	}
	return nil
}
