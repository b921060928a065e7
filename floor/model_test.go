package floor

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// The model check: the floor under random inputs in any order, likely ones and absurd ones, with the process killed at
// any step. It is judged by a ledger that knows nothing of the floor: it reads only the facts, and says what may follow
// what.

// stepsInARun: 20,000 runs are more than a million steps.
const stepsInARun = 60

// rules is the house with every rule in use, and the same one after a reload that took a queue away.
func rules(t testing.TB) []*Config {
	full := house(t)
	full.NotReady = []Reason{{Name: "break", AtOnce: 1}, {Name: "meal", AtOnce: 2}}
	full.Teams = map[string]string{"li": "day", "wang": "day", "zhao": "day"}
	consult, other := &full.Queues[0], &full.Queues[1]
	consult.LastAgent = acd.LastAgent{Within: time.Hour, Wait: 20 * time.Second}
	consult.Offer.DuringWrapUp = true
	consult.Select, consult.Offer.Several = acd.RingSeveral, 2
	consult.Limits = acd.Limits{
		Waiting: 2, Wait: 2 * time.Minute, When: map[string]string{"full": "queue:other", "wait": "callback", "nobody": "message"},
		Overflow: []acd.OverflowRule{{Wait: 40 * time.Second, AgentsBelow: 2, To: "queue:other"}, {Waiting: 1, AgentsBelow: 1, To: "end"}},
	}
	consult.Wait.Keys = map[string]string{"2": "message", "3": "queue:other", "4": "end", "9": "callback"}
	other.Wait.Keys = map[string]string{"9": "callback"}
	other.Callback.First = FirstCustomer
	full.Callbacks = callingBack()
	full.Callbacks.PerDay, full.Callbacks.Expires = 3, 3*time.Minute
	full.Callbacks.Times, full.Callbacks.After = 1, []time.Duration{10 * time.Second}
	other.LastAgent = acd.LastAgent{Within: time.Minute}
	other.Limits = acd.Limits{Waiting: 1, Wait: time.Minute, When: map[string]string{"full": "queue:consult", "wait": "queue:consult"}}
	full.Callers = Callers{
		Lists:   []CallerList{{Name: "gold", Priority: 900, Queue: "other", Agent: "zhao"}},
		Numbers: map[string]int{"2": 0}, Repeat: Repeat{Calls: 2, Within: time.Minute, Priority: 200},
	}
	full.Announcements = []Announcement{
		{Name: "outage", Text: map[string]string{"en": "The power is out."}},
		{Name: "queue", Text: map[string]string{"en": "It takes long today."}, Queues: []string{"consult"}},
	}
	less := *full
	less.Hash, less.Queues = "less", full.Queues[:1]
	mute := *full // the trunk is gone
	mute.Hash, mute.Callbacks.Trunk = "mute", ""
	return []*Config{full, &less, &mute}
}

func TestAnyOrderOfAnything(t *testing.T) {
	cfgs := rules(t)
	rapid.Check(t, func(t *rapid.T) { aRun(t, cfgs, rapidDice{t}, 20) })
}

// TestAMillionStepsOfAnything is the same with many more runs. HOTLINE_MODEL_SEED repeats the runs of a failure.
func TestAMillionStepsOfAnything(t *testing.T) {
	cfgs := rules(t)
	runs, seed := 20000, rand.Uint64()
	if testing.Short() || underRace {
		runs = 1000
	}
	if n, err := strconv.Atoi(os.Getenv("HOTLINE_MODEL_RUNS")); err == nil {
		runs = n
	}
	if n, err := strconv.ParseUint(os.Getenv("HOTLINE_MODEL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("HOTLINE_MODEL_SEED=%d, %d runs of %d steps", seed, runs, stepsInARun)
	for i := range runs {
		aRun(t, cfgs, seededDice{rand.New(rand.NewPCG(seed, uint64(i)))}, 200)
	}
}

// judge is what both kinds of tests can fail by.
type judge interface {
	require.TestingT
	Fatalf(string, ...any)
}

// aRun is one life of a floor. One step in deaths is followed by a kill, as many by a checkpoint, and as many by a reload.
func aRun(t judge, cfgs []*Config, d dice, deaths int) {
	cfg := cfgs[0]
	f, l, now := New(cfg), newLedger(cfg), monday
	var log []fact.Record // since the checkpoint
	var checkpoint []byte
	for n := range stepsInARun {
		now = now.Add(time.Duration(d.roll(12000, "ms")) * time.Millisecond)
		in := anInput(d, f, n)
		if cfg.Hash != f.cfg.Hash {
			f.Reconfigure(cfg)
			in = Configured{}
		}
		if at, due := f.NextDue(); due && !at.After(now) && in != (Configured{}) {
			in = Tick{}
		}
		rec, _ := f.Step(now, in) // a refusal changes nothing, as the ledger sees
		f.Changed()
		if len(rec.Facts) > 0 {
			log = append(log, rec)
			if err := l.read(rec); err != nil {
				t.Fatalf("step %d, %T %+v: %v", n, in, in, err)
			}
		}
		for _, wrong := range []error{l.agrees(f), stuck(f), idle(f)} {
			if wrong != nil {
				t.Fatalf("step %d, %T %+v: %v", n, in, in, wrong)
			}
		}
		switch d.roll(deaths, "fate") {
		case 0: // killed, and restored from checkpoint and journal
			f = killed(t, f.cfg, f, checkpoint, log)
		case 1:
			var err error
			checkpoint, err = f.Save()
			require.NoError(t, err)
			log = nil
		case 2:
			cfg = cfgs[d.roll(len(cfgs), "configuration")]
		}
	}
	everythingEnds(t, f, l, now)
}

// killed is what a new process makes of the journal; it must be what the old one had.
func killed(t judge, cfg *Config, old *Floor, checkpoint []byte, log []fact.Record) *Floor {
	f, err := Restore(cfg, checkpoint)
	require.NoError(t, err)
	for _, r := range log {
		b, err := json.Marshal(r) // as the journal has it
		require.NoError(t, err)
		var again fact.Record
		require.NoError(t, json.Unmarshal(b, &again))
		require.NoError(t, f.Replay(again))
	}
	want, err := old.Save()
	require.NoError(t, err)
	got, err := f.Save()
	require.NoError(t, err)
	if string(want) != string(got) {
		t.Fatalf("the journal tells another story:\nwas %s\nis  %s", want, got)
	}
	return f
}

// everythingEnds hangs every caller up: nobody and nothing may be left.
func everythingEnds(t judge, f *Floor, l *ledger, now time.Time) {
	for _, id := range f.Calls() {
		rec, err := f.Step(now, Gone{Call: id})
		require.NoError(t, err)
		if err := l.read(rec); err != nil {
			t.Fatalf("at the end of call %s: %v", id, err)
		}
	}
	for _, b := range f.Callbacks() {
		rec, err := f.Step(now, Command{Do: "cancel-callback", Callback: b.Callback, By: "boss"})
		require.NoError(t, err)
		if err := l.read(rec); err != nil {
			t.Fatalf("at the end of call back %s: %v", b.Callback, err)
		}
	}
	for range 100 {
		at, due := f.NextDue()
		if !due {
			break
		}
		rec, err := f.Step(at, Tick{})
		require.NoError(t, err)
		if err := l.read(rec); err != nil {
			t.Fatalf("after the end: %v", err)
		}
	}
	for _, id := range f.Agents() {
		if s := f.Agent(id).State; s != acd.Ready && s != acd.NotReady && s != acd.SignedOut {
			t.Fatalf("agent %s is still %s", id, s)
		}
	}
	for v, o := range l.visits {
		if o == "" {
			t.Fatalf("visit %s has no outcome", v)
		}
	}
	for id, b := range l.promises {
		if b.result == "" {
			t.Fatalf("call back %s has no result", id)
		}
	}
}

// agrees compares the ledger's pages with the floor.
func (l *ledger) agrees(f *Floor) error {
	for _, id := range f.Calls() {
		c, p := f.Call(id), l.calls[id]
		if p == nil || p.ended {
			return fmt.Errorf("call %s is on the floor but not in the ledger", id)
		}
		if got := c.Talk != nil; got != (p.talk != "") {
			return fmt.Errorf("call %s: talk %v, ledger %+v", id, got, p)
		}
	}
	live := 0
	for _, p := range l.calls {
		if !p.ended {
			live++
		}
	}
	if live != len(f.Calls()) {
		return fmt.Errorf("%d calls in the ledger, %d on the floor", live, len(f.Calls()))
	}
	for i, w := range l.line {
		if len(f.s.Line) <= i || f.s.Line[i].Agent != w.Agent || f.s.Line[i].Reason != w.Reason {
			return fmt.Errorf("in line are %+v, in the ledger %+v", f.s.Line, l.line)
		}
		if l.free(w.Agent, w.Reason) {
			return fmt.Errorf("%s is in line for %s while a place is free", w.Agent, w.Reason)
		}
	}
	open := 0
	for id, b := range l.promises {
		if b.result == "" {
			open++
			if x := f.s.Callbacks[id]; x == nil || x.Live != b.live || x.Tries != b.tries {
				return fmt.Errorf("call back %s is %+v, in the ledger %+v", id, x, b)
			}
		}
	}
	if open != len(f.s.Callbacks) {
		return fmt.Errorf("%d call backs in the ledger, %d on the floor", open, len(f.s.Callbacks))
	}
	on, heads := map[string]string{}, map[string]map[string]int{}
	for _, q := range f.cfg.Queues {
		heads[q.ID] = map[string]int{}
	}
	for _, id := range f.Agents() {
		a, p := f.Agent(id), l.agent(id)
		for _, q := range f.queueOf[id] {
			if signedIn(a) && heads[q] != nil { // nil: a reload took the queue away
				heads[q][a.State.String()]++
			}
		}
		word := map[acd.State]string{
			acd.SignedOut: "signed-out", acd.NotReady: "not-ready", acd.Ready: "ready", acd.Offered: "offered",
			acd.Talking: "talk", acd.Held: "talk", acd.WrapUp: "wrap-up",
		}[a.State]
		if got := a.Pending; got != p.pending {
			return fmt.Errorf("agent %s will be away for %q, in the ledger for %q", id, got, p.pending)
		}
		if word != p.in {
			return fmt.Errorf("agent %s is %s, in the ledger %s", id, a.State, p.in)
		}
		switch a.State {
		case acd.Offered, acd.Talking, acd.Held:
			c := f.Call(a.Call)
			if c == nil || !slices.Contains(c.Agents(), id) {
				return fmt.Errorf("agent %s is %s on call %q, which does not know it", id, a.State, a.Call)
			}
			if other, taken := on[a.Call]; taken && c.Phase != call.Waiting {
				return fmt.Errorf("agents %s and %s are both on call %s", id, other, a.Call)
			}
			on[a.Call] = id
		case acd.WrapUp:
			if a.WrapUp == nil || a.WrapUp.Until.IsZero() {
				return fmt.Errorf("agent %s has no way out of wrap-up", id)
			}
		}
	}
	for q, n := range heads {
		if got := f.QueueView(q).Agents; !maps.Equal(got, n) {
			return fmt.Errorf("queue %s counts %v, its agents are %v", q, got, n)
		}
	}
	return nil
}

// stuck says which call or agent has neither a deadline nor anything outside to wait for.
func stuck(f *Floor) error {
	for _, id := range f.Calls() {
		c := f.Call(id)
		due := !f.callDue(c).IsZero()
		switch c.Phase {
		case call.Menu, call.Joining, call.Message, call.Closing:
			if !due && (c.Turn.Exit == nil || len(c.Saying) == 0) {
				return fmt.Errorf("call %s stays in %s for ever: %+v", id, c.Phase, c.Turn)
			}
		case call.Waiting:
			if (len(c.Visit.Offers) > 0 || c.Visit.Asking != nil || c.Away()) && !due {
				return fmt.Errorf("call %s: an offer, a question or a ringing that never ends", id)
			}
		}
	}
	for id, b := range f.s.Callbacks {
		if c := f.s.Calls[b.Live]; f.callbackDue(b).IsZero() && (c == nil || c.Virtual()) {
			return fmt.Errorf("call back %s is forgotten", id)
		}
	}
	return nil
}

// idle finds a ready, reachable agent beside a waiting caller whom the agent suits right now.
func idle(f *Floor) error {
	var held []*call.Call
	defer func() {
		for _, c := range held {
			f.enter(c)
		}
	}()
	for {
		m, ok := f.engine.Match(f.At())
		if !ok {
			return nil
		}
		c := f.s.Calls[m.Caller]
		if !c.Virtual() || f.firstOf(c.Visit.Queue) != FirstCustomer || f.mayDial(c) {
			return fmt.Errorf("%s waits while %s is free", m.Caller, m.Agent)
		}
		f.engine.Leave(c.ID) // the agent is spoken for by a customer who is being dialled
		held = append(held, c)
	}
}
