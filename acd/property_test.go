package acd

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMain asks rapid for more than its 100 runs, unless the command line says how many.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", "400"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

var skillNames = []string{"consult", "complaint", "english"}

// Numbers are powers of two (sums too, also after a reload) and whole seconds, so that ties are exact and both
// engines must break them alike.
var grows = map[QueueID]float64{"q1": 0.5, "q2": 1}

func drawQueues(t *rapid.T) []Queue {
	power := rapid.SampledFrom([]float64{0.5, 1, 1, 1, 2})
	var queues []Queue
	for i := range rapid.IntRange(1, 4).Draw(t, "queues") {
		q := Queue{
			ID:       fmt.Sprint("q", i),
			Needs:    drawLevels(t, 0, 4),
			Reach:    rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "reach"),
			Select:   rapid.SampledFrom(Strategies).Draw(t, "select"),
			Weight:   power.Draw(t, "weight"),
			Urgency:  rapid.SampledFrom([]Urgency{ByWait, ByServiceLevel}).Draw(t, "urgency"),
			Overdue:  rapid.SampledFrom([]time.Duration{0, 90 * time.Second, 40 * time.Second}).Draw(t, "overdue"),
			Priority: Priority{Start: rapid.IntRange(-2, 2).Draw(t, "start"), Grow: grows[fmt.Sprint("q", i)]},
		}
		q.ServiceLevel.Within = rapid.SampledFrom([]time.Duration{10 * time.Second, 20 * time.Second}).Draw(t, "within")
		q.Offer.Several = rapid.IntRange(0, 3).Draw(t, "several")
		q.Offer.DuringWrapUp = rapid.Bool().Draw(t, "during wrap-up")
		after := time.Duration(0)
		for range rapid.IntRange(0, 2).Draw(t, "steps") {
			after += time.Duration(rapid.IntRange(1, 60).Draw(t, "after")) * time.Second
			q.Relax = append(q.Relax, RelaxStep{
				After: after, Reach: rapid.SampledFrom([]int{0, 0, -1, 2}).Draw(t, "step reach"), Needs: drawLevels(t, 0, 3),
			})
		}
		queues = append(queues, q)
	}
	return queues
}

func drawLevels(t *rapid.T, least, most int) map[string]int {
	levels := map[string]int{}
	for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(skillNames), 0, 2, rapid.ID).Draw(t, "skills") {
		levels[s] = rapid.IntRange(least, most).Draw(t, s)
	}
	return levels
}

func drawAgents(t *rapid.T, queues []Queue) []Agent {
	var agents []Agent
	for i := range rapid.IntRange(0, 6).Draw(t, "agents") {
		a := Agent{ID: fmt.Sprint("a", i), Skills: drawLevels(t, 1, 5)}
		for _, q := range queues {
			if rapid.IntRange(0, 3).Draw(t, "member") > 0 {
				a.Queues = append(a.Queues, Membership{
					Queue: q.ID, Order: rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(t, "order"),
					Weight: rapid.SampledFrom([]float64{0, 0, 1, 2, 0.5}).Draw(t, "agent's weight"),
				})
			}
		}
		agents = append(agents, a)
	}
	return agents
}

// pair drives the engine and its model alike.
type pair struct {
	engine *Engine
	model  *model
	queues []Queue
	agents []Agent
	now    time.Time
	next   int
}

func (p *pair) drawCaller(t *rapid.T) Caller {
	p.next++
	c := Caller{
		ID:      fmt.Sprint("c", p.next),
		Queue:   rapid.SampledFrom(p.queues).Draw(t, "queue").ID,
		Entered: p.now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 0, 5, 30}).Draw(t, "ago")) * time.Second),
	}
	p.drawWishes(t, &c)
	return c
}

func (p *pair) drawWishes(t *rapid.T, c *Caller) {
	c.Priority = rapid.SampledFrom([]int{0, 0, 0, 1, -1, 5}).Draw(t, "priority")
	own := []float64{0, 0, 0.5, 2}
	if grow := grows[c.Queue]; grow > 0 {
		own = []float64{0, 0, grow}
	}
	c.Grow = rapid.SampledFrom(own).Draw(t, "grow")
	if rapid.IntRange(0, 3).Draw(t, "extra") == 0 {
		c.Needs = drawLevels(t, 0, 3)
	}
	agent := rapid.SampledFrom([]string{"a0", "a1", "a2", "nobody"})
	soon := func() time.Time {
		return p.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "until")) * time.Second)
	}
	if rapid.IntRange(0, 3).Draw(t, "prefers") == 0 {
		c.Prefer, c.PreferUntil = agent.Draw(t, "preferred"), soon()
	}
	c.Exclude = nil
	for _, a := range rapid.SliceOfNDistinct(agent, 0, 2, rapid.ID).Draw(t, "excluded") {
		x := Exclusion{Agent: a}
		if rapid.Bool().Draw(t, "for a time") {
			x.Until = soon()
		}
		c.Exclude = append(c.Exclude, x)
	}
}

func (p *pair) waiting() []CallerID { return sortedKeys(p.model.callers) }

// rebuild makes a new engine out of what a checkpoint holds, in any order.
func (p *pair) rebuild(t *rapid.T) {
	e := New(p.queues, p.agents)
	for _, id := range rapid.Permutation(p.waiting()).Draw(t, "order of the checkpoint") {
		c := p.model.callers[id]
		if err := e.Enter(c.Caller); err != nil {
			t.Fatal(err)
		}
		for _, a := range c.offers {
			e.Take(id, a)
		}
		if c.taken {
			e.Accept(id)
		}
	}
	for _, a := range p.model.agents {
		switch a.duty {
		case idle:
			e.Available(a.ID, a.since, a.stats)
		case wrapping:
			e.Wrapping(a.ID, a.since, a.stats)
		default:
			e.Unavailable(a.ID, a.why)
		}
	}
	p.engine = e
}

func (p *pair) step(t *rapid.T) {
	p.now = p.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 3, 10, 30}).Draw(t, "later")) * time.Second)
	waiting := p.waiting()
	anyone := func() CallerID { return rapid.SampledFrom(waiting).Draw(t, "caller") }
	agent := rapid.SampledFrom([]string{"a0", "a1", "a2", "a3", "a4", "a5"})
	since := func() time.Time {
		return p.now.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "since")) * time.Second)
	}
	stats := func() Stats {
		s := Stats{Calls: rapid.IntRange(0, 3).Draw(t, "calls"), SignedIn: time.Hour}
		s.Busy = time.Duration(rapid.IntRange(0, 3).Draw(t, "busy")) * time.Minute
		if rapid.Bool().Draw(t, "was offered") {
			s.LastOffer = since()
		}
		return s
	}
	do := rapid.IntRange(0, 12).Draw(t, "do")
	if len(waiting) == 0 && do >= 5 {
		do = 0
	}
	switch do {
	case 0, 1, 2:
		c := p.drawCaller(t)
		if e1, e2 := p.engine.Enter(c), p.model.Enter(c); e1 != nil || e2 != nil {
			t.Fatal(e1, e2)
		}
	case 3:
		a, s, st := agent.Draw(t, "agent"), since(), stats()
		p.engine.Available(a, s, st)
		p.model.Available(a, s, st)
	case 4:
		a, s, st := agent.Draw(t, "agent"), since(), stats()
		if rapid.Bool().Draw(t, "wraps up") {
			p.engine.Wrapping(a, s, st)
			p.model.Wrapping(a, s, st)
		} else {
			p.engine.Unavailable(a, "break")
			p.model.Unavailable(a, "break")
		}
	case 5:
		id := anyone()
		p.engine.Leave(id)
		p.model.Leave(id)
	case 6:
		id := anyone()
		p.engine.Release(id)
		p.model.Release(id)
	case 7:
		id := anyone()
		if offers := p.model.callers[id].offers; len(offers) > 0 {
			a := offers[0]
			p.engine.ReleaseFrom(id, a)
			p.model.ReleaseFrom(id, a)
		}
	case 8:
		id := anyone()
		c := p.model.callers[id].Caller
		p.drawWishes(t, &c)
		change := func(to *Caller) { *to = c }
		if e1, e2 := p.engine.Change(id, change), p.model.Change(id, change); e1 != nil || e2 != nil {
			t.Fatal(e1, e2)
		}
	case 9:
		p.queues = drawQueues(t)
		p.agents = drawAgents(t, p.queues)
		l1, l2 := p.engine.Reconfigure(p.queues, p.agents), p.model.Reconfigure(p.queues, p.agents)
		if !slices.Equal(l1, l2) {
			t.Fatalf("callers whose queue is gone: %v, want %v", l1, l2)
		}
	case 10:
		p.rebuild(t)
	case 11:
		id := anyone()
		if len(p.model.callers[id].offers) > 0 {
			p.engine.Accept(id)
			p.model.Accept(id)
		}
	}
	for {
		m, ok := p.compare(t)
		if !ok || rapid.IntRange(0, 4).Draw(t, "not now") == 0 {
			return
		}
		p.engine.Take(m.Caller, m.Agent)
		p.model.Take(m.Caller, m.Agent)
	}
}

// compare asks both everything.
func (p *pair) compare(t *rapid.T) (Match, bool) {
	got, ok := p.engine.Match(p.now)
	want, wok := p.model.Match(p.now)
	brief := func(m Match) string {
		return fmt.Sprintf("%s in %s to %s, of %d, step %d, overdue %t, preferred %t",
			m.Caller, m.Queue, m.Agent, m.Reason.Of, m.Reason.Step, m.Reason.Overdue, m.Reason.Preferred)
	}
	if ok != wok || brief(got) != brief(want) {
		t.Fatalf("match: %s (%t)\n want: %s (%t)", brief(got), ok, brief(want), wok)
	}
	if again, aok := p.engine.Match(p.now); aok != ok || brief(again) != brief(got) {
		t.Fatalf("asked again: %s (%t)\n     first: %s (%t)", brief(again), aok, brief(got), ok)
	}
	w, wok := p.engine.Wake(p.now)
	v, vok := p.model.Wake(p.now)
	if wok != vok || !w.Equal(v) {
		t.Fatalf("wake at %v (%t), want %v (%t)", w, wok, v, vok)
	}
	for _, q := range p.queues {
		if g, w := p.engine.Len(q.ID), p.model.Len(q.ID); g != w {
			t.Fatalf("queue %s: %d wait, want %d", q.ID, g, w)
		}
		g, gok := p.engine.Longest(q.ID)
		w, wok := p.model.Longest(q.ID)
		if gok != wok || !g.Equal(w) {
			t.Fatalf("queue %s: longest since %v, want %v", q.ID, g, w)
		}
		order := slices.Collect(p.engine.Waiting(q.ID, p.now))
		if want := slices.Collect(p.model.Waiting(q.ID, p.now)); !slices.Equal(order, want) {
			t.Fatalf("queue %s: order %v, want %v", q.ID, order, want)
		}
		for i, id := range order {
			if place, of := p.engine.Place(id, p.now); place != i+1 || of != len(order) {
				t.Fatalf("caller %s: place %d of %d, want %d of %d", id, place, of, i+1, len(order))
			}
		}
	}
	return got, ok
}

// TestEngineDecidesLikeThePlainModel: whatever happens, in whatever order, the engine's decision, places and
// wake-ups are those of the model that compares every pair; also after a reload and a rebuild from a checkpoint.
func TestEngineDecidesLikeThePlainModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{now: noon}
		p.queues = drawQueues(t)
		p.agents = drawAgents(t, p.queues)
		p.engine, p.model = New(p.queues, p.agents), newModel(p.queues, p.agents)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			p.step(t)
		}
	})
}
