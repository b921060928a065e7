//go:build e2e

package faults

import (
	"context"
	"fmt"
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
			meanwhile, until := 0.0, from.Add(between(r, least, most))
			h.await(most+settleTime, "calls to be answered without the archive", func() error {
				c.Fill(crowdSize)
				h.MustLive() // the board goes on
				meanwhile = total(h.metric("hotline_queue_answered_total")) - answered
				if left := time.Until(until); left > 0 || meanwhile == 0 {
					return fmt.Errorf("%v were; it is to be away for another %v", meanwhile, left)
				}
				return nil
			})
			require.NoError(t, f.undo())
			back := time.Now()
			t.Logf("PostgreSQL %s for %v: %v calls were answered meanwhile", f.name, back.Sub(from).Round(time.Millisecond), meanwhile)
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
