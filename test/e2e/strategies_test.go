//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/acd/sim"
	"hotline/desk"
	"hotline/internal/config"
	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/sip"
	"hotline/ticket/history"
)

// The same scenario, on the real Asterisk with agents at SIP phones and in the simulator: for each strategy, the same agents
// are offered the same calls. All strategies run side by side, each with a queue, agents and a number of its own.
//
// Callers come on whole seconds and hang up on half ones, so that no decision hangs on milliseconds; and after each event
// the test waits until the floor has seen it.

// planned is one call of the scenario.
type planned struct{ at, talk time.Duration }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// plan leaves two or three agents to choose from, but for one call, and tells all strategies apart; the least occupied agent has
// worked three seconds less than the next, so that a talk may begin a little late. relaxed is for two agents, of whom one is a
// beginner.
var (
	plan = []planned{
		{seconds(4), seconds(8.5)}, {seconds(8), seconds(3.5)}, {seconds(12), seconds(6.5)}, {seconds(13), seconds(1.5)},
		{seconds(14), seconds(1.5)}, {seconds(17), seconds(9.5)}, {seconds(20), seconds(1.5)}, {seconds(24), seconds(2.5)},
	}
	relaxed = []planned{
		{seconds(4), seconds(11.5)}, // to the expert
		{seconds(5), seconds(4.5)},  // to the beginner, three seconds later
		{seconds(14), seconds(2.5)}, // the expert is back before the needs relax
	}
)

// levels are the skills of the agents of a queue, who are named by it: longest-idle-0 …
var levels = []int{3, 9, 5}

// answerAfter is how soon an agent whose phone rings among several says hello: the second one is the fastest.
var answerAfter = []time.Duration{300 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}

func callsOf(queue string) []planned {
	if queue == "relaxed" {
		return relaxed
	}
	return plan
}

func agentsOf(queue string) []string {
	n := 3
	if queue == "relaxed" {
		n = 2
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s-%d", queue, i)
	}
	return ids
}

func levelsOf(queue string) []int {
	if queue == "relaxed" {
		return []int{9, 1}
	}
	return levels
}

// theCentre is the configuration as a file; ports are those of the agents' phones.
func theCentre(t *testing.T, queues []string) change {
	t.Helper()
	text, err := os.ReadFile("testdata/strategies.yaml")
	require.NoError(t, err)
	flows := t.TempDir()
	for i, name := range []string{"one", "two", "three", "four", "five", "six", "seven", "eight"} {
		flow := fmt.Sprintf("flow: %s\ntitle: {en: %s}\nstart: q\nnodes:\n  q: {queue: %s}\n", name, name, queues[i])
		require.NoError(t, os.WriteFile(filepath.Join(flows, name+".yaml"), []byte(flow), 0o600))
	}
	var agents strings.Builder
	for _, q := range queues {
		for i, id := range agentsOf(q) {
			fmt.Fprintf(&agents, "  %s: {name: {en: %s}, skills: {any: %d}, queues: [%s], phone: PJSIP/desk-%s}\n", id, id, levelsOf(q)[i], q, id)
		}
	}
	// Noon, so that nobody's day ends in the middle of the scenario.
	zone := fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-12)
	head := strings.NewReplacer("ZONE", zone, "FLOWS", flows, "AGENTS\n", agents.String(), "PROMPTS", house.Prompts,
		"QUEUE", "needs: {any: 1}, wrap_up: {none: true}, recording: {off: true}, offer: {auto: true}").Replace(string(text))
	return func(sample string) string {
		_, machines, ok := strings.Cut(sample, "\npbx: [")
		if !ok {
			panic("no machines in the house's configuration")
		}
		return head + "\npbx: [" + machines
	}
}

// simulated is whom the simulator offers each call, by queue, with the very configuration that the server reads.
func simulated(t *testing.T, cfg *config.Config) map[string][][]string {
	t.Helper()
	s := &sim.Scenario{Name: "strategies", Length: time.Minute, Replications: 1, Queues: map[string]acd.Queue{}, Calls: map[string]sim.CallType{}}
	for _, q := range cfg.ACDQueues() {
		s.Queues[q.ID] = q
		s.Calls[q.ID] = sim.CallType{Queue: q.ID, Arrivals: sim.Arrivals{At: []time.Duration{}}}
	}
	for _, a := range cfg.ACDAgents() {
		i := int(a.ID[len(a.ID)-1] - '0')
		g := sim.Group{Name: a.ID, Count: 1, Skills: a.Skills, Queues: a.Queues, Shifts: []sim.Shift{{From: time.Duration(i) * time.Second}}}
		if a.Queues[0].Queue == "ring-several" {
			g.Answer = sim.Dist{Constant: answerAfter[i]}
		}
		s.Agents = append(s.Agents, g)
	}
	for _, q := range cfg.ACDQueues() {
		var calls []sim.Call
		for _, c := range callsOf(q.ID) {
			calls = append(calls, sim.Call{At: c.at, Talk: c.talk, Patience: -1})
		}
		require.NoError(t, s.SetCalls(q.ID, calls))
	}
	require.NoError(t, s.Check())
	offered := map[string][][]string{}
	number := map[string]int{} // of a call within its queue
	sim.Decisions(s, func(d sim.Decision) {
		q, _, _ := cut(d.Agent)
		n, known := number[d.Caller]
		if !known {
			n = len(offered[q])
			number[d.Caller] = n
			offered[q] = append(offered[q], nil)
		}
		offered[q][n] = append(offered[q][n], d.Agent)
	})
	return offered
}

// cut is the queue and the number in an agent's name.
func cut(agent string) (queue, n string, ok bool) {
	i := strings.LastIndex(agent, "-")
	return agent[:i], agent[i+1:], true
}

// moment is one event of the scenario.
type moment struct {
	at    time.Duration
	ready int // that agent of each queue goes ready; -1: none
	queue string
	call  int
	ends  bool
}

func moments(queues []string) (all []moment) {
	for i := range levels {
		all = append(all, moment{at: time.Duration(i) * time.Second, ready: i})
	}
	for _, q := range queues {
		for n, c := range callsOf(q) {
			end := c.at + c.talk
			if q == "relaxed" && n == 1 {
				end += 3 * time.Second // it waited so long
			}
			if q == "relaxed" && n == 2 {
				end += seconds(1.5)
			}
			all = append(all, moment{at: c.at, ready: -1, queue: q, call: n}, moment{at: end, ready: -1, queue: q, call: n, ends: true})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	return all
}

func TestEachStrategyChoosesOnTheRealThingWhomTheSimulatorChooses(t *testing.T) {
	queues := []string{"longest-idle", "round-robin", "fewest-calls", "least-occupied", "skill-weighted", "ring-several", "linear", "relaxed"}
	f := openStrategies(t, queues)
	cfg, err := config.Load(f.h.Config())
	require.NoError(t, err)
	want := simulated(t, cfg)
	f.sitDown()
	f.play(moments(queues))
	got := f.offered()
	for _, q := range queues {
		require.Equal(t, want[q], got[q], q)
		t.Logf("%-15s %s", q, short(got[q]))
	}
	// The scenario tells the strategies apart: no two of them choose alike.
	for i, a := range queues {
		for _, b := range queues[i+1:] {
			require.NotEqual(t, short(want[a]), short(want[b]), "%s and %s", a, b)
		}
	}
}

// short writes the agents' numbers alone: 0 1 2, and 012 where several phones ring.
func short(offered [][]string) string {
	calls := make([]string, len(offered))
	for i, agents := range offered {
		for _, a := range agents {
			_, n, _ := cut(a)
			calls[i] += n
		}
	}
	return strings.Join(calls, " ")
}

// stage is the house in which the scenario is played.
type stage struct {
	t      *testing.T
	ctx    context.Context
	h      *House
	boss   *Program
	queues []string
	phones map[string]*sip.Phone
	desks  map[string]*Desk
	calls  map[string]*sip.Caller // by their number
}

func openStrategies(t *testing.T, queues []string) *stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 4*time.Minute)
	t.Cleanup(cancel)
	f := &stage{t: t, ctx: ctx, queues: queues, phones: map[string]*sip.Phone{}, desks: map[string]*Desk{}, calls: map[string]*sip.Caller{}}
	var pjsip strings.Builder
	for _, q := range queues {
		for _, id := range agentsOf(q) {
			port, err := sandbox.FreePort()
			require.NoError(t, err)
			f.phones[id], err = sip.PlugIn(ctx, sip.PhoneOptions{Port: port})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, f.phones[id].Unplug()) })
			pjsip.WriteString(endpoint(id, port))
		}
	}
	f.h = ownWith(t, theCentre(t, queues), pjsip.String(), "huangmei")
	f.boss = f.h.Program(t, "huangmei")
	require.NoError(t, f.h.Admit(ctx, house.Agents(slices.Sorted(maps.Keys(f.phones))...)...))
	return f
}

// sitDown signs everybody in, at their phones.
func (f *stage) sitDown() {
	for _, q := range f.queues {
		for _, id := range agentsOf(q) {
			f.desks[id] = f.h.Desk(f.t, id)
			f.desks[id].Must(desk.Command{Do: "use-phone"})
		}
	}
	for id, phone := range f.phones {
		require.NoError(f.t, phone.Await(f.ctx, sip.PhoneRinging))
		require.NoError(f.t, phone.Answer())
		f.desks[id].Await("the leg to the phone", func(me desk.Me) bool { return me.Leg && me.Media })
	}
}

// play lets the scenario happen, by its own clock.
func (f *stage) play(all []moment) {
	began := time.Now()
	for len(all) > 0 {
		now := all[0].at
		n := slices.IndexFunc(all, func(m moment) bool { return m.at != now })
		if n < 0 {
			n = len(all)
		}
		select {
		case <-time.After(time.Until(began.Add(now))):
		case <-f.ctx.Done():
			f.t.Fatal(context.Cause(f.ctx))
		}
		f.happen(all[:n])
		if late := time.Since(began.Add(now)); late > 400*time.Millisecond {
			began = began.Add(late - 100*time.Millisecond) // on a slow machine the scenario's clock is slower, for everything in it
			f.t.Logf("at %s the machine was %s late", now, late)
		}
		all = all[n:]
	}
}

// happen does what is due at one moment, in all queues, and waits until the floor has seen it.
func (f *stage) happen(now []moment) {
	var come []sip.Options
	for _, m := range now {
		switch {
		case m.ready >= 0:
			for _, q := range f.queues {
				if ids := agentsOf(q); m.ready < len(ids) {
					f.desks[ids[m.ready]].Must(desk.Command{Do: "ready"})
				}
			}
		case m.ends:
			require.NoError(f.t, f.calls[f.number(m)].Hangup())
		default:
			to := fmt.Sprintf("%d", 3001+slices.Index(f.queues, m.queue))
			come = append(come, sip.Options{Target: f.h.Asterisk.SIPAddress(), To: to, From: f.number(m), Deaf: true})
		}
	}
	if len(come) > 0 {
		run, err := sip.CallMany(f.ctx, sip.Many{Calls: come, Rate: 200})
		require.NoError(f.t, err)
		for i, c := range run.Callers {
			f.calls[come[i].From] = c
			f.t.Cleanup(func() { _ = c.Hangup() }) // it may have ended
		}
	}
	for _, m := range now {
		switch {
		case m.ready >= 0:
		case m.ends:
			f.free(m)
		default:
			f.seen(m)
		}
	}
}

// number is the caller's of one call of one queue.
func (f *stage) number(m moment) string {
	return fmt.Sprintf("138001380%d%d", slices.Index(f.queues, m.queue), m.call)
}

// seen waits until a call has come as far as it can: to an agent, or into the queue when nobody suits yet. Where several
// phones ring, the fastest agent of those takes it when all have it.
func (f *stage) seen(m moment) {
	if m.queue == "relaxed" && m.call > 0 {
		f.await(m, "to wait", func() bool { return f.waiting(m.queue) == 1 })
		return
	}
	if m.queue == "ring-several" {
		f.await(m, "to ring at all phones", func() bool { return len(f.in(m, "offered")) == len(agentsOf(m.queue))-len(f.others(m)) })
		ringing := f.in(m, "offered")
		fastest := slices.MinFunc(ringing, func(a, b string) int { return cmp.Compare(answers(a), answers(b)) })
		f.desks[fastest].Must(desk.Command{Do: "accept"})
	}
	f.await(m, "to be talked to", func() bool { return len(f.in(m, "talking")) == 1 })
}

func answers(agent string) time.Duration { return answerAfter[agent[len(agent)-1]-'0'] }

// free waits until the agent who talked to a caller is ready again.
func (f *stage) free(m moment) {
	f.await(m, "to be over", func() bool { return len(f.in(m, "talking")) == 0 })
}

// in lists the agents of the call's queue who are in that state with it.
func (f *stage) in(m moment, state string) (agents []string) {
	number := "+86" + f.number(m)
	for _, id := range agentsOf(m.queue) {
		switch me := f.desks[id].Me(); {
		case me.State != state:
		case me.Offer != nil && me.Offer.Caller.Number == number, me.Call != nil && me.Call.Caller.Number == number:
			agents = append(agents, id)
		}
	}
	return agents
}

// others lists the agents of the call's queue who talk to somebody else.
func (f *stage) others(m moment) (agents []string) {
	for _, id := range agentsOf(m.queue) {
		if f.desks[id].Me().State == "talking" {
			agents = append(agents, id)
		}
	}
	return agents
}

func (f *stage) waiting(queue string) int {
	var b desk.Board
	require.NoError(f.t, f.boss.Get("/api/board", &b))
	return b.Queues[queue].Waiting
}

func (f *stage) await(m moment, what string, so func() bool) {
	f.t.Helper()
	require.NoError(f.t, house.Await(f.ctx, 20*time.Second, fmt.Sprintf("call %d of %s %s", m.call, m.queue, what), func() error {
		if so() {
			return nil
		}
		var states []string
		for _, id := range agentsOf(m.queue) {
			states = append(states, f.desks[id].Me().State)
		}
		return fmt.Errorf("the agents are %v", states)
	}))
}

// offered is whom the server offered each call, by queue, as the archive has it.
func (f *stage) offered() map[string][][]string {
	f.t.Helper()
	got := map[string][][]string{}
	for _, q := range f.queues {
		var list struct{ Calls []history.Call }
		require.NoError(f.t, house.Await(f.ctx, 20*time.Second, "the archive to have all calls", func() error {
			if err := f.boss.Get("/api/calls?limit=50&queue="+q, &list); err != nil {
				return err
			}
			if n := len(callsOf(q)); len(list.Calls) != n || slices.ContainsFunc(list.Calls, func(c history.Call) bool { return c.Ended.IsZero() }) {
				return fmt.Errorf("%d calls of %d, or not ended", len(list.Calls), n)
			}
			return nil
		}))
		slices.SortFunc(list.Calls, func(a, b history.Call) int { return strings.Compare(a.Caller.Number, b.Caller.Number) })
		for _, c := range list.Calls {
			var d history.CallDetail
			require.NoError(f.t, f.boss.Get("/api/calls/"+c.Call, &d))
			require.Len(f.t, d.Visits, 1)
			var agents []string
			for _, o := range d.Visits[0].Offers {
				agents = append(agents, o.Agent)
			}
			got[q] = append(got[q], agents)
		}
	}
	return got
}
