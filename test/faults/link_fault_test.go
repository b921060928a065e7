//go:build e2e

package faults

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/test/house"
)

// linkFaults are what may happen between the server and Asterisk. Each is done, lasts, and is undone.
var linkFaults = []struct {
	name    string
	do      func(h *House)
	longest time.Duration // how long it lasts at most
	cut     bool          // the server must notice: what Asterisk told meanwhile is lost
}{
	{"reset", func(h *House) { h.Link.Reset() }, 0, true},
	{"reset and refused", func(h *House) { h.Link.Break(refusing); h.Link.Reset() }, 2 * time.Second, true},
	{"half-open", func(h *House) { h.Link.Break(halfOpen) }, 9 * time.Second, true},
	{"stalled for a moment", func(h *House) { h.Link.Break(halfOpen) }, 800 * time.Millisecond, false},
	{"HTTP dead, websocket alive", func(h *House) { h.Link.Break(noHTTP) }, 9 * time.Second, true},
	{"Asterisk frozen", func(h *House) { require.NoError(h.t, h.Asterisk.Freeze()) }, 4 * time.Second, false},
}

// TestALinkThatFailsLosesNothing: the way to Asterisk is cut, hangs or dies by halves while the crowd goes on.
func TestALinkThatFailsLosesNothing(t *testing.T) {
	h, c, staff := busy(t)
	r := rand.New(rand.NewPCG(c.rng.Uint64(), 4))
	var gaps []gap
	var worst time.Duration
	n := 0
	for range rounds(1, 8) {
		for _, f := range linkFaults {
			n++
			h.crowded(c)
			time.Sleep(between(r, 0, time.Second)) // the random moment
			before := h.MustLive()
			from := time.Now()
			f.do(h)
			time.Sleep(between(r, f.longest/2, f.longest)) // as long as it lasts
			require.NoError(t, h.Asterisk.Thaw())
			h.Link.Mend()
			mended := time.Now()
			again := h.serving(mended)
			gaps = append(gaps, gap{from, time.Now()})
			h.samePlaces(before, h.MustLive())
			worst = max(worst, again)
			t.Logf("%s for %v: %v; in agreement again after %v", f.name, mended.Sub(from).Round(time.Millisecond), phases(before), again.Round(time.Millisecond))
		}
	}
	t.Logf("%d faults of the link; worst: in agreement again after %v", n, worst)
	h.Close(c, staff, gaps)
}

// serving waits until the server is ready and owns exactly the callers whom Asterisk has.
func (h *House) serving(since time.Time) time.Duration {
	h.t.Helper()
	return h.owned(house.Start{Alive: since})
}

// TestAnAsteriskThatDiesEndsItsCallsOnce: Asterisk is killed with all its calls, and started again.
func TestAnAsteriskThatDiesEndsItsCallsOnce(t *testing.T) {
	h, c, staff := busy(t)
	r := rand.New(rand.NewPCG(c.rng.Uint64(), 5))
	var gaps []gap
	for range rounds(1, 10) {
		h.crowded(c)
		time.Sleep(between(r, 0, time.Second)) // the random moment
		live := h.MustLive()
		killed := time.Now()
		require.NoError(t, h.Asterisk.Kill())
		c.Drop(live)
		time.Sleep(between(r, 0, 2*time.Second)) // as long as it is away
		require.NoError(t, h.Asterisk.Restart(t.Context()))
		answers := time.Now()
		ready := h.AwaitReady().Sub(answers)
		h.await(settleTime, "the calls of the dead Asterisk to be over", func() error {
			now := h.MustLive()
			for id := range live {
				if _, ok := now[id]; ok {
					return fmt.Errorf("call %s lives on", id)
				}
			}
			return nil
		})
		h.await(settleTime, "agents to be free and on the phone", func() error {
			for _, a := range staff {
				me := a.Me()
				if me.State == "talking" || me.State == "held" || me.State == "offered" && me.Offer == nil {
					return fmt.Errorf("%s is %s", a.login, me.State)
				}
				if !me.Leg || !me.Media {
					return fmt.Errorf("%s has leg: %v, media: %v", a.login, me.Leg, me.Media)
				}
			}
			return nil
		})
		gaps = append(gaps, gap{killed, time.Now()})
		t.Logf("Asterisk died with %v, away for %v; ready %v after it answered, agents free after %v", phases(live),
			answers.Sub(killed).Round(time.Millisecond), ready.Round(time.Millisecond), time.Since(answers).Round(time.Millisecond))
		assert.LessOrEqual(t, ready, ownedIn())
	}
	h.crowded(c) // and it takes calls as before
	h.Close(c, staff, gaps)
}
