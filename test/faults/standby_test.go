//go:build e2e

package faults

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/test/house"
)

// TestAStandbyTakesOver: the active server is killed, or told to end, under load; the standby owns all calls and routes
// the next one.
func TestAStandbyTakesOver(t *testing.T) {
	h, c, staff := busy(t)
	r := c.rng
	var gaps []gap
	for round := range rounds(2, 20) {
		h.crowded(c)
		s := h.standby()
		time.Sleep(between(r, 0, time.Second)) // the random moment
		before := h.MustLive()
		talking := onTheLine(staff)
		from := time.Now()
		how := "killed"
		if round%2 == 1 {
			how = "told to end"
			require.NoError(t, h.Stop())
		} else {
			require.NoError(t, h.Kill())
		}
		died := time.Now()
		c.Fill(len(c.Live()) + 1) // the next call
		h.Server = s.Process
		h.await(settleTime, "the standby to serve", func() error { return s.Is("serving") })
		up := house.Start{Began: from, Alive: time.Now()}
		h.owned(up)
		gaps = append(gaps, gap{from, time.Now()})
		took := time.Since(died)
		h.samePlaces(before, h.MustLive())
		sound := h.soundBack(up, talking)
		t.Logf("%s after %v with %v: standby serves after %v, owns all after %v, sound back %v after it serves", how, died.Sub(from).Round(time.Millisecond),
			phases(before), up.Alive.Sub(died).Round(time.Millisecond), took.Round(time.Millisecond), sound.Round(time.Millisecond))
		assert.LessOrEqual(t, took, soundIn())
	}
	h.Close(c, staff, gaps)
}
