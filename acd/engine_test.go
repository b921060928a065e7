package acd

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func member(id AgentID, skills map[string]int, queues ...QueueID) Agent {
	a := Agent{ID: id, Skills: skills}
	for _, q := range queues {
		a.Queues = append(a.Queues, Membership{Queue: q})
	}
	return a
}

func wantMatch(t *testing.T, e *Engine, now time.Time, caller CallerID, agent AgentID) Match {
	t.Helper()
	m, ok := e.Match(now)
	if !ok || m.Caller != caller || m.Agent != agent {
		t.Fatalf("match %q with %q (%t), want %q with %q", m.Caller, m.Agent, ok, caller, agent)
	}
	return m
}

func wantNone(t *testing.T, e *Engine, now time.Time) {
	t.Helper()
	if m, ok := e.Match(now); ok {
		t.Fatalf("match %q with %q, want none", m.Caller, m.Agent)
	}
}

func enter(t *testing.T, e *Engine, c Caller) {
	t.Helper()
	if err := e.Enter(c); err != nil {
		t.Fatal(err)
	}
}

func TestLongestIdleAgentTakesTheCallAndTheReasonSaysWhy(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "complaint", Needs: map[string]int{"complaint": 5}}}, []Agent{
		member("li", map[string]int{"complaint": 8}, "complaint"),
		member("chen", map[string]int{"complaint": 9}, "complaint"),
		member("wang", map[string]int{"complaint": 6}, "complaint"),
		member("zhao", map[string]int{"complaint": 4}, "complaint"),
	})
	e.Available("li", at(-192), Stats{})
	e.Available("chen", at(-10), Stats{})
	e.Available("zhao", at(-1000), Stats{})
	e.Unavailable("wang", "break")
	enter(t, e, Caller{ID: "c1", Queue: "complaint", Entered: noon})
	m := wantMatch(t, e, noon, "c1", "li")
	if got, want := m.Reason.String(), "li: complaint 8 ≥ 5, idle 3m12s, longest of 2; not wang: break"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
}

func TestCallerKeepsPlaceWhenOfferIsMissed(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q"}}, []Agent{member("li", nil, "q"), member("wang", nil, "q")})
	enter(t, e, Caller{ID: "first", Queue: "q", Entered: at(0)})
	enter(t, e, Caller{ID: "second", Queue: "q", Entered: at(1)})
	e.Available("li", at(2), Stats{})
	wantMatch(t, e, at(2), "first", "li")
	e.Take("first", "li")
	wantNone(t, e, at(2))
	e.Release("first")
	if place, of := e.Place("first", at(9)); place != 1 || of != 2 {
		t.Errorf("place %d of %d after a missed offer, want 1 of 2", place, of)
	}
	e.Available("wang", at(9), Stats{})
	wantMatch(t, e, at(9), "first", "wang")
	e.Leave("first")
	wantMatch(t, e, at(9), "second", "wang")
}

func TestNeedsRelaxAtTheExactMoment(t *testing.T) {
	t.Parallel()
	q := Queue{ID: "complaint", Needs: map[string]int{"complaint": 5}, Relax: []RelaxStep{
		{After: 30 * time.Second, Needs: map[string]int{"complaint": 3}},
		{After: 60 * time.Second, Needs: map[string]int{"complaint": 0}},
	}}
	e := New([]Queue{q}, []Agent{member("new", nil, "complaint"), member("mid", map[string]int{"complaint": 3}, "complaint")})
	e.Available("new", at(-5), Stats{})
	enter(t, e, Caller{ID: "c", Queue: "complaint", Entered: noon})
	wantNone(t, e, noon)
	if wake, ok := e.Wake(noon); !ok || !wake.Equal(at(30)) {
		t.Errorf("wakes at %v, want 12:00:30", wake)
	}
	e.Available("mid", at(-1), Stats{})
	wantNone(t, e, at(30).Add(-1))
	wantMatch(t, e, at(30), "c", "mid")
	e.Unavailable("mid", "break")
	wantNone(t, e, at(60).Add(-1))
	wantMatch(t, e, at(60), "c", "new")
	e.Leave("c")
	if wake, ok := e.Wake(at(61)); ok {
		t.Errorf("wakes at %v with nobody waiting", wake)
	}
}

func TestEnterRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q"}}, nil)
	enter(t, e, Caller{ID: "c", Queue: "q", Entered: noon})
	for words, c := range map[string]Caller{
		"waits in queue q already": {ID: "c", Queue: "q", Entered: noon},
		"no queue":                 {ID: "d", Queue: "nowhere", Entered: noon},
		"without an id":            {Queue: "q", Entered: noon},
		"priority":                 {ID: "d", Queue: "q", Entered: noon, Priority: 5000},
		"grows by":                 {ID: "d", Queue: "q", Entered: noon, Grow: -1},
	} {
		if err := e.Enter(c); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want words on %q", err, words)
		}
	}
}
