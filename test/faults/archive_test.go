//go:build e2e

package faults

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnArchiveThatIsAwayMissesNothing: PostgreSQL is stopped, killed and frozen under load. Calls go on, and when it is
// back each fact is in it once.
func TestAnArchiveThatIsAwayMissesNothing(t *testing.T) {
	h, c, staff := busy(t)
	r := rand.New(rand.NewPCG(c.rng.Uint64(), 7))
	least, most := 2*time.Second, 5*time.Second
	if proof() {
		least, most = 20*time.Second, time.Minute
	}
	ctx := context.WithoutCancel(t.Context())
	for range rounds(1, 3) {
		for _, f := range []struct {
			name     string
			do, undo func() error
		}{
			{"stopped", h.Postgres.Stop, func() error { return h.Postgres.Restart(ctx) }},
			{"killed", func() error { return h.Postgres.Kill(ctx) }, func() error { return h.Postgres.Restart(ctx) }},
			{"frozen", h.Postgres.Freeze, h.Postgres.Thaw},
		} {
			h.crowded(c)
			answered := total(h.metric("hotline_queue_answered_total"))
			from := time.Now()
			require.NoError(t, f.do())
			for until := from.Add(between(r, least, most)); time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
				c.Fill(crowdSize)
				h.MustLive() // the board goes on
			}
			meanwhile := total(h.metric("hotline_queue_answered_total")) - answered
			require.NoError(t, f.undo())
			back := time.Now()
			t.Logf("PostgreSQL %s for %v: %v calls were answered meanwhile", f.name, back.Sub(from).Round(time.Millisecond), meanwhile)
			require.Positive(t, meanwhile, "calls are answered without the archive")
		}
	}
	h.Close(c, staff, nil)
}

func total(series map[string]float64) (sum float64) {
	for _, n := range series {
		sum += n
	}
	return sum
}
