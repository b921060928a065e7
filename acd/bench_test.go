package acd

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// bigCentre is 5,000 agents in 50 queues with levels that relax, 300 kinds of agent.
func bigCentre() ([]Queue, []Agent) {
	rng := rand.New(rand.NewPCG(1, 2))
	var queues []Queue
	for i := range 50 {
		skill := "s" + strconv.Itoa(i)
		q := Queue{ID: "q" + strconv.Itoa(i), Needs: map[string]int{skill: 5}, Relax: []RelaxStep{
			{After: 30 * time.Second, Needs: map[string]int{skill: 3}},
			{After: time.Minute, Needs: map[string]int{skill: 1}},
		}}
		q.Priority.Grow = float64(i % 2)
		queues = append(queues, q)
	}
	kinds := make([]Agent, 300)
	for k := range kinds {
		a := Agent{Skills: map[string]int{}}
		for _, i := range rng.Perm(50)[:5] {
			a.Skills["s"+strconv.Itoa(i)] = 1 + rng.IntN(9)
			a.Queues = append(a.Queues, Membership{Queue: "q" + strconv.Itoa(i), Order: 1 + rng.IntN(2)})
		}
		kinds[k] = a
	}
	agents := make([]Agent, 5000)
	for i := range agents {
		agents[i] = kinds[i%len(kinds)]
		agents[i].ID = "a" + strconv.Itoa(i)
	}
	return queues, agents
}

// BenchmarkDecision is one decision while so many callers wait: an agent becomes available, and the next caller
// is found.
func BenchmarkDecision(b *testing.B) {
	for _, waiting := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint("waiting=", waiting), func(b *testing.B) {
			queues, agents := bigCentre()
			e := New(queues, agents)
			e.Terse(true)
			rng := rand.New(rand.NewPCG(3, 4))
			now := noon
			for n := range waiting {
				now = now.Add(time.Millisecond)
				if err := e.Enter(Caller{ID: strconv.Itoa(n), Queue: queues[rng.IntN(len(queues))].ID, Entered: now}); err != nil {
					b.Fatal(err)
				}
			}
			e.Match(now)
			for b.Loop() {
				a := &agents[rng.IntN(len(agents))]
				e.Available(a.ID, now, Stats{})
				e.Match(now)
				e.Unavailable(a.ID, "")
			}
		})
	}
}

// BenchmarkCallerLife is a caller's whole life while so many wait: entering, the relax steps, being chosen by an
// agent who becomes available, leaving.
func BenchmarkCallerLife(b *testing.B) {
	for _, waiting := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint("waiting=", waiting), func(b *testing.B) {
			queues, agents := bigCentre()
			e := New(queues, agents)
			e.Terse(true)
			rng := rand.New(rand.NewPCG(3, 4))
			now, n := noon, 0
			arrive := func() {
				n++
				c := Caller{ID: strconv.Itoa(n), Queue: queues[rng.IntN(len(queues))].ID, Entered: now, Priority: rng.IntN(2)}
				if err := e.Enter(c); err != nil {
					b.Fatal(err)
				}
			}
			for range waiting {
				now = now.Add(time.Millisecond)
				arrive()
			}
			if _, ok := e.Match(now); ok {
				b.Fatal("a match without an agent")
			}
			for b.Loop() {
				now = now.Add(time.Millisecond)
				a := &agents[rng.IntN(len(agents))]
				e.Available(a.ID, now, Stats{})
				m, ok := e.Match(now)
				if !ok {
					e.Unavailable(a.ID, "")
					continue
				}
				e.Take(m.Caller, m.Agent)
				e.Match(now)
				e.Leave(m.Caller)
				arrive()
				e.Match(now)
			}
		})
	}
}

// BenchmarkCallerFindsAgentFree is one decision while all agents are available.
func BenchmarkCallerFindsAgentFree(b *testing.B) {
	queues, agents := bigCentre()
	e := New(queues, agents)
	e.Terse(true)
	rng := rand.New(rand.NewPCG(3, 4))
	now, n := noon, 0
	for i := range agents {
		e.Available(agents[i].ID, now, Stats{})
	}
	e.Match(now)
	for b.Loop() {
		n++
		now = now.Add(time.Millisecond)
		if err := e.Enter(Caller{ID: strconv.Itoa(n), Queue: queues[rng.IntN(len(queues))].ID, Entered: now}); err != nil {
			b.Fatal(err)
		}
		m, ok := e.Match(now)
		if !ok {
			b.Fatal("nobody takes the call")
		}
		e.Take(m.Caller, m.Agent)
		e.Leave(m.Caller)
		e.Available(m.Agent, now, Stats{})
		e.Match(now)
	}
}

// BenchmarkReason is the same decision as in BenchmarkCallerFindsAgentFree with the whole reason written down.
func BenchmarkReason(b *testing.B) {
	queues, agents := bigCentre()
	e := New(queues, agents)
	for i := range agents {
		e.Available(agents[i].ID, noon, Stats{})
	}
	if err := e.Enter(Caller{ID: "c", Queue: "q1", Entered: noon}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m, _ := e.Match(noon)
		_ = m.Reason.String()
	}
}

// BenchmarkPlace is a caller's place among so many in one queue.
func BenchmarkPlace(b *testing.B) {
	for _, waiting := range []int{100, 100_000} {
		b.Run(fmt.Sprint("waiting=", waiting), func(b *testing.B) {
			e := New([]Queue{{ID: "q"}}, nil)
			for i := range waiting {
				c := Caller{ID: strconv.Itoa(i), Queue: "q", Entered: noon.Add(time.Duration(i) * time.Millisecond), Grow: float64(i % 3)}
				if err := e.Enter(c); err != nil {
					b.Fatal(err)
				}
			}
			now := noon.Add(3 * time.Minute)
			e.Match(now)
			for i := 0; b.Loop(); i++ {
				e.Place(strconv.Itoa(i%waiting), now)
			}
		})
	}
}
