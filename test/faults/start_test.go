//go:build e2e

package faults

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAKilledServerIsBackWhilePostgreSQLHangs: connections are taken and nothing answers, at a start as at any other time.
// The calls are owned, and the agents hear their callers, as if it were there: their desks come back without signing in.
func TestAKilledServerIsBackWhilePostgreSQLHangs(t *testing.T) {
	h, c, staff := busy(t)
	r := rand.New(rand.NewPCG(c.rng.Uint64(), 8))
	control := h.controls()
	var gaps []gap
	for round := range rounds(1, 10) {
		h.crowded(c)
		time.Sleep(between(r, 0, 1500*time.Millisecond)) // the random moment
		before := h.MustLive()
		killed := time.Now()
		require.NoError(t, h.Kill())
		require.NoError(t, h.Postgres.Freeze())
		talking := onTheLine(staff)
		s := h.Serve()
		owned := h.owned(s)
		after := h.MustLive()
		gaps = append(gaps, gap{killed, s.Alive.Add(owned)})
		sound := h.soundBack(s, talking)
		require.NoError(t, h.Postgres.Thaw())
		h.samePlaces(before, after)
		t.Logf("round %d: %v; all owned %v after the start, sound back %v; control pairs %v", round, phases(before),
			owned.Round(time.Millisecond), sound.Round(time.Millisecond), control.gap(killed, time.Now()).Round(time.Millisecond))
		require.NotEmpty(t, talking, "nobody talked on")
		assert.LessOrEqual(t, owned, ownedIn(), "round %d", round)
		assert.LessOrEqual(t, sound, soundIn(), "round %d", round)
	}
	h.Close(c, staff, gaps)
}
