//go:build e2e

package e2e

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/tone"
)

// TestWhoeverWaitsHearsMusic: the first to wait, and the first after the queue was empty; a restart does not change it.
func TestWhoeverWaitsHearsMusic(t *testing.T) {
	h := ownPatient(t)
	for _, from := range []string{"13800138001", "13800138002"} {
		w := h.Waiter(t, from)
		h.awaitWaiting(t, 1)
		music := func() {
			t.Helper()
			began := time.Now()
			require.NoError(t, house.Await(t.Context(), 40*time.Second, "music that goes on when all is said", func() error {
				now := time.Now()
				if now.Sub(began) < 4*time.Second || w.Heard(now.Add(-4*time.Second), now).Loudness() < tone.Audible {
					return errors.New("nothing for four seconds")
				}
				for back := time.Second; back <= 4*time.Second; back += time.Second {
					if w.Heard(now.Add(-back), now.Add(time.Second-back)).Loudness() < tone.Audible {
						return errors.New("a second without a sound")
					}
				}
				return nil
			}))
		}
		music()
		require.NoError(t, h.Kill())
		require.NoError(t, h.Serve(t.Context()))
		music()
		require.NoError(t, w.Hangup())
		h.awaitWaiting(t, 0)
	}
}
