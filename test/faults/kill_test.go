//go:build e2e

package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/floor"
	"hotline/test/house"
)

// everywhere is every phase in which a call may be when something dies.
var everywhere = []string{"menu", "waiting", "talking", "held", "message"}

const crowdSize = 66 // so that 60 are live at any moment

// ownedIn is how soon after its start a server owns all calls, and soundIn how soon agents hear their callers again. A quick
// round on a busy machine only catches what does not come back by itself.
func ownedIn() time.Duration {
	if proof() {
		return 2 * time.Second
	}
	return 4 * time.Second
}

func soundIn() time.Duration {
	if proof() {
		return 3 * time.Second
	}
	return 6 * time.Second
}

// gapMore is how much longer than the control pairs' a pause of those may be who talk over SIP phones. What is promised is
// 20 ms; a quick round on a busy machine only catches talks that stop with us.
func gapMore() time.Duration {
	if proof() {
		return 20 * time.Millisecond
	}
	return 250 * time.Millisecond
}

// musicMore is the same of the music of those who wait. It is no talk, and there are thirty of them: the worst of so many is
// the machine's doing more often than not.
func musicMore() time.Duration {
	if proof() {
		return 100 * time.Millisecond
	}
	return 400 * time.Millisecond
}

// busy opens a house at work: all seats taken, a crowd in every phase.
func busy(t *testing.T) (h *House, c *crowd, staff []*Agent) {
	t.Helper()
	h = open(t)
	c, staff = h.work()
	return h, c, staff
}

// work fills a house.
func (h *House) work() (c *crowd, staff []*Agent) {
	h.t.Helper()
	r := chance(h.t)
	h.Serve()
	h.AwaitReady()
	h.signIn(boss)
	staff = h.Staff(seats, r)
	c = newCrowd(h, r)
	h.crowded(c)
	return c, staff
}

// crowded waits until enough calls are live and every phase has one. Who is in the dialplan's net is on the line, but not
// the server's.
func (h *House) crowded(c *crowd) map[string]floor.CallLine {
	h.t.Helper()
	var live map[string]floor.CallLine
	h.await(60*time.Second, "calls in every phase", func() error {
		c.Fill(crowdSize + h.inNet())
		var err error
		if live, err = h.Live(); err != nil {
			return err
		}
		n := phases(live)
		for _, p := range everywhere {
			if n[p] == 0 {
				return fmt.Errorf("nobody is in phase %s: %v", p, n)
			}
		}
		if len(live) < 60 {
			return fmt.Errorf("%d calls: %v", len(live), n)
		}
		return nil
	})
	return live
}

// inNet is how many callers the dialplan's net has.
func (h *House) inNet() (n int) {
	h.t.Helper()
	for _, c := range h.Channels() {
		if c.Dialplan.Context == "hotline-net" {
			n++
		}
	}
	return n
}

// TestKilledServerLosesNothing: kill -9 at random moments with 60 calls and more in every phase, who go on to come, to go,
// to press keys and to be answered meanwhile.
func TestKilledServerLosesNothing(t *testing.T) {
	h, c, staff := busy(t)
	r := rand.New(rand.NewPCG(c.rng.Uint64(), 9))
	control, talks := h.controls(), h.talk(c, r)
	var gaps []gap
	var worst worst
	since := time.Now() // what has not been listened to yet
	n := rounds(3, 100)
	for round := range n {
		h.crowded(c)
		time.Sleep(between(r, 0, 1500*time.Millisecond)) // the random moment
		before := h.MustLive()
		killed := time.Now()
		require.NoError(t, h.Kill())
		held := h.holding()
		talking := onTheLine(staff)
		time.Sleep(between(r, 0, 1500*time.Millisecond)) // as long as it is away
		again := ""
		if r.IntN(4) == 0 { // killed again on its way up
			require.NoError(t, h.Relaunch())
			time.Sleep(between(r, 0, 800*time.Millisecond))
			require.NoError(t, h.Kill())
			again = ", killed twice"
		}
		s := h.Serve()
		owned := h.owned(s)
		after := h.MustLive()
		gaps = append(gaps, gap{killed, s.Alive.Add(owned)})
		h.samePlaces(before, after)
		sound := h.soundBack(s, talking)
		still, now := h.MustLive(), time.Now() // a server on its way up must not stop the music either
		require.NoError(t, talks.goOn(still), "round %d", round)
		machine, talk := control.gap(since, now), talks.gap(since, now)
		since = now
		music := c.musicGap(before, still, held, killed, now)
		t.Logf("round %d: %v; away %v, up in %v, all owned %v later, sound back %v after; pauses: control pairs %v, talks %v, music of the waiting %v%s",
			round, phases(before), s.Began.Sub(killed).Round(time.Millisecond), s.Alive.Sub(s.Began).Round(time.Millisecond), owned.Round(time.Millisecond),
			sound.Round(time.Millisecond), machine.Round(time.Millisecond), talk.Round(time.Millisecond), music.Round(time.Millisecond), again)
		worst.note(owned, sound, talk-machine, music-machine)
		assert.LessOrEqual(t, owned, ownedIn(), "round %d", round)
		assert.LessOrEqual(t, sound, soundIn(), "round %d", round)
		assert.LessOrEqual(t, talk, machine+gapMore(), "round %d", round)
		assert.LessOrEqual(t, music, machine+musicMore(), "round %d", round)
	}
	t.Logf("%d kills; worst: owned %v, sound %v; beyond the control pairs: talks %v, music %v", n, worst.owned, worst.sound, worst.talk, worst.music)
	h.Close(c, append(staff, talks.staff...), gaps)
}

type worst struct{ owned, sound, talk, music time.Duration }

func (w *worst) note(owned, sound, talk, music time.Duration) {
	w.owned, w.sound, w.talk, w.music = max(w.owned, owned), max(w.sound, sound), max(w.talk, talk), max(w.music, music)
}

// owned waits until the server has exactly the callers whom Asterisk has, and tells how long that took from the moment
// its web server answered. PostgreSQL has no part in it.
func (h *House) owned(s house.Start) time.Duration {
	h.t.Helper()
	var at time.Time
	h.await(settleTime, "every live channel to be owned", func() error {
		if err := h.settled(); err != nil {
			return err
		}
		there := h.callers()
		live, err := h.Live()
		if err != nil {
			return err
		}
		at = time.Now()
		now := h.callers()
		for _, id := range there {
			if _, ok := live[id]; !ok && slices.Contains(now, id) {
				return fmt.Errorf("channel %s has no owner", id)
			}
		}
		return nil
	})
	return at.Sub(s.Alive)
}

// settled asks whether the link to Asterisk is up and what was found there is settled, whatever else is away.
func (h *House) settled() error {
	if !h.Server.Running() {
		return house.Fail("the server ended: %v", h.Server.Err())
	}
	body, _, err := house.Get(h.URL + "/readyz")
	if err != nil {
		return err
	}
	var r desk.Readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return fmt.Errorf("/readyz: %w: %s", err, body)
	}
	for _, p := range r.Parts {
		if p.Name == "asterisk a" && p.Ready {
			return nil
		}
	}
	return fmt.Errorf("the link is not up: %s", body)
}

// samePlaces: whoever waited before and after waits since the same moment. A caller whom an agent accepted, or passed on,
// within the fault begins to wait anew; the ledger's order tells whether that was right.
func (h *House) samePlaces(before, after map[string]floor.CallLine) {
	h.t.Helper()
	same := 0
	for id, b := range before {
		a, ok := after[id]
		if !ok || b.Phase != "waiting" || a.Phase != "waiting" {
			continue
		}
		if a.Since.Equal(b.Since) {
			same++
			continue
		}
		h.await(settleTime, "the archive to tell why the place changed", func() error { // it may be behind, after a fault of its own most of all
			if query[struct{ N int }](h, `SELECT count(*) FROM offers WHERE call = $1 AND ended >= $2 AND result IN ('accepted', 'failed')`, id, b.Since)[0].N == 0 {
				return fmt.Errorf("call %s waited since %s, and after the fault since %s", id, b.Since, a.Since)
			}
			return nil
		})
	}
	assert.Positive(h.t, same, "nobody waited before and after")
}

// onTheLine are the agents who talk, with their calls.
func onTheLine(staff []*Agent) map[*Agent]string {
	m := map[*Agent]string{}
	for _, a := range staff {
		if me := a.Me(); me.State == "talking" && me.Call != nil {
			m[a] = me.Call.Call
		}
	}
	return m
}

// soundBack is how long after the server was up the last of the agents who still talk heard their callers again.
func (h *House) soundBack(s house.Start, talking map[*Agent]string) (last time.Duration) {
	h.t.Helper()
	h.await(settleTime, "the agents to hear their callers", func() error {
		live, err := h.Live()
		if err != nil {
			return err
		}
		for a, call := range maps.Clone(talking) {
			if l, ok := live[call]; !ok || l.Phase != "talking" || l.Agent != a.login {
				delete(talking, a) // it went on otherwise
				continue
			}
			at, ok := a.ear.Since(s.Alive)
			if !ok {
				return fmt.Errorf("%s hears nothing on call %s", a.login, call)
			}
			last = max(last, at.Sub(s.Alive))
		}
		return nil
	})
	return last
}

// holding are the channels in the queues' holding bridges.
func (h *House) holding() map[string]bool {
	h.t.Helper()
	m := map[string]bool{}
	for _, b := range h.Bridges() {
		if strings.HasPrefix(b.ID, "hold-") {
			for _, id := range b.Channels {
				m[id] = true
			}
		}
	}
	return m
}

// musicGap is the longest pause in what those heard who waited in a holding bridge before and after. Their music comes
// from Asterisk: it must not stop with us. Being told the place is a change of source, not a pause.
func (c *crowd) musicGap(before, after map[string]floor.CallLine, held map[string]bool, from, to time.Time) (longest time.Duration) {
	live := c.Live()
	for id, b := range before {
		a, ok := after[id]
		if !ok || b.Phase != "waiting" || !a.Since.Equal(b.Since) || !held[id] {
			continue
		}
		caller := live[strings.TrimPrefix(b.Caller.Number, "+86")]
		if caller == nil {
			continue
		}
		pause := caller.LongestPause(from, to)
		if pause > time.Second {
			c.t.Logf("call %s waited for %v at the kill and heard nothing for %v", id, from.Sub(a.Since).Round(time.Millisecond), pause.Round(time.Millisecond))
		}
		longest = max(longest, pause)
	}
	return longest
}
