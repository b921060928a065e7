package acd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEachStrategyChoosesItsAgent gives four agents such a day that each strategy wants another one.
func TestEachStrategyChoosesItsAgent(t *testing.T) {
	t.Parallel()
	agents := []Agent{
		member("first", map[string]int{"tax": 3}, "q"),
		member("expert", map[string]int{"tax": 9}, "q"),
		member("rested", map[string]int{"tax": 2}, "q"),
		member("turn", map[string]int{"tax": 2}, "q"),
		member("few", map[string]int{"tax": 2}, "q"),
		member("spare", map[string]int{"tax": 2}, "q"),
	}
	day := func(idle, calls, busy, offered int) (time.Time, Stats) {
		return at(-idle), Stats{
			Calls: calls, Busy: time.Duration(busy) * time.Minute, SignedIn: time.Hour, LastOffer: at(-offered),
		}
	}
	for strategy, want := range map[Strategy]AgentID{
		LongestIdle: "rested", RingSeveral: "rested", RoundRobin: "turn", FewestCalls: "few",
		LeastOccupied: "spare", SkillWeighted: "expert", Linear: "first",
	} {
		e := New([]Queue{{ID: "q", Needs: map[string]int{"tax": 1}, Select: strategy}}, agents)
		for id, d := range map[AgentID][4]int{
			"first": {10, 9, 40, 50}, "rested": {99, 9, 40, 50}, "turn": {10, 9, 40, 200},
			"few": {10, 2, 40, 50}, "spare": {10, 9, 5, 50}, "expert": {5, 9, 40, 50},
		} {
			since, stats := day(d[0], d[1], d[2], d[3])
			e.Available(id, since, stats)
		}
		enter(t, e, Caller{ID: "c", Queue: "q", Entered: noon})
		m := wantMatch(t, e, noon, "c", want)
		if m.Reason.Of != 6 || !strings.HasPrefix(m.Reason.String(), want+": tax ") {
			t.Errorf("%s: reason %q", strategy, m.Reason)
		}
	}
}

func TestRoundRobinOffersEachAgentInTurn(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q", Select: RoundRobin}}, []Agent{member("a", nil, "q"), member("b", nil, "q"), member("c", nil, "q")})
	var order []AgentID
	last := map[AgentID]time.Time{}
	for _, a := range []AgentID{"a", "b", "c"} {
		e.Available(a, noon, Stats{})
	}
	for i := range 7 {
		id := fmt.Sprint(i)
		enter(t, e, Caller{ID: id, Queue: "q", Entered: at(i)})
		m, ok := e.Match(at(i))
		if !ok {
			t.Fatal("nobody takes the call")
		}
		order = append(order, m.Agent)
		e.Take(id, m.Agent)
		e.Leave(id)
		last[m.Agent] = at(i)
		e.Available(m.Agent, at(i), Stats{LastOffer: at(i)})
	}
	if want := []AgentID{"a", "b", "c", "a", "b", "c", "a"}; !slices.Equal(order, want) {
		t.Errorf("offered to %v, want %v", order, want)
	}
}

func TestRingSeveralOffersToSeveralAtOnceAndTheFirstWins(t *testing.T) {
	t.Parallel()
	q := Queue{ID: "q", Select: RingSeveral, Offer: OfferRule{Several: 2}}
	e := New([]Queue{q}, []Agent{member("a", nil, "q"), member("b", nil, "q"), member("c", nil, "q")})
	for i, a := range []AgentID{"a", "b", "c"} {
		e.Available(a, at(-9+i), Stats{})
	}
	enter(t, e, Caller{ID: "x", Queue: "q", Entered: noon})
	wantMatch(t, e, noon, "x", "a")
	e.Take("x", "a")
	wantMatch(t, e, noon, "x", "b")
	e.Take("x", "b")
	wantNone(t, e, noon)
	e.ReleaseFrom("x", "a") // missed
	wantMatch(t, e, at(5), "x", "c")
	e.Take("x", "c")
	wantNone(t, e, at(5))
	e.Accept("x") // by b
	e.ReleaseFrom("x", "c")
	e.Available("c", at(5), Stats{})
	wantNone(t, e, at(5))
	e.ReleaseFrom("x", "b") // the two could not be connected: others are asked again
	wantMatch(t, e, at(5), "x", "c")
	e.Take("x", "c")
	e.Leave("x")
	e.Available("c", at(6), Stats{})
	wantNone(t, e, at(6))
	if e.Len("q") != 0 {
		t.Error("the caller still waits")
	}
}

func TestNobodyIsOfferedToSeveralWhileAnotherIsOfferedToNone(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q", Select: RingSeveral}}, []Agent{member("a", nil, "q"), member("b", nil, "q"), member("c", nil, "q")})
	enter(t, e, Caller{ID: "x", Queue: "q", Entered: at(0)})
	enter(t, e, Caller{ID: "y", Queue: "q", Entered: at(1)})
	for i, a := range []AgentID{"a", "b", "c"} {
		e.Available(a, at(i), Stats{})
	}
	for i, caller := range []CallerID{"x", "y", "x"} {
		m := wantMatch(t, e, at(9), caller, []AgentID{"a", "b", "c"}[i])
		e.Take(m.Caller, m.Agent)
	}
}

func TestCallerIsKeptForTheAgentWhoKnowsTheCaseForABoundedTime(t *testing.T) {
	t.Parallel()
	q := Queue{ID: "q", Needs: map[string]int{"tax": 3}, Offer: OfferRule{DuringWrapUp: true}}
	e := New([]Queue{q}, []Agent{member("li", nil, "q"), member("wang", map[string]int{"tax": 9}, "q")})
	e.Available("wang", noon, Stats{})
	enter(t, e, Caller{ID: "c", Queue: "q", Entered: noon, Prefer: "li", PreferUntil: at(30)})
	wantNone(t, e, at(30).Add(-1))
	e.Available("li", at(20), Stats{})
	if m := wantMatch(t, e, at(30).Add(-1), "c", "li"); m.Reason.String() != "li: knows the case" {
		t.Errorf("reason %q", m.Reason)
	}
	e.Wrapping("li", at(20), Stats{})
	wantMatch(t, e, at(30).Add(-1), "c", "li")
	e.Unavailable("li", "break")
	if wake, ok := e.Wake(at(29)); !ok || !wake.Equal(at(30)) {
		t.Errorf("wakes at %v", wake)
	}
	wantMatch(t, e, at(30), "c", "wang")
}

func TestAgentWhoMissedIsNotOfferedTheSameCallerForAWhile(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q"}}, []Agent{member("li", nil, "q"), member("wang", nil, "q")})
	e.Available("li", at(-60), Stats{})
	enter(t, e, Caller{ID: "c", Queue: "q", Entered: noon})
	e.Take("c", "li")
	e.Release("c")
	e.Available("li", at(-60), Stats{})
	err := e.Change("c", func(c *Caller) { c.Exclude = []Exclusion{{Agent: "li", Until: at(30)}} })
	if err != nil {
		t.Fatal(err)
	}
	wantNone(t, e, at(29))
	e.Available("wang", at(29), Stats{})
	m := wantMatch(t, e, at(29), "c", "wang")
	if got, want := m.Reason.String(), "wang: idle 0s, the only one; not li: kept from this caller"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	wantMatch(t, e, at(30), "c", "li")
}

func TestAgentServesPreferredQueueFirstAndBackupsComeLast(t *testing.T) {
	t.Parallel()
	agents := []Agent{
		{ID: "own", Queues: []Membership{{Queue: "tax", Order: 1}, {Queue: "waste", Order: 2}}},
		{ID: "backup", Queues: []Membership{{Queue: "tax", Order: 2}}},
	}
	e := New([]Queue{{ID: "tax"}, {ID: "waste"}}, agents)
	enter(t, e, Caller{ID: "w", Queue: "waste", Entered: at(-100)})
	enter(t, e, Caller{ID: "t", Queue: "tax", Entered: noon})
	e.Available("own", noon, Stats{})
	wantMatch(t, e, noon, "t", "own")
	e.Available("backup", at(-500), Stats{})
	wantMatch(t, e, noon, "t", "own")
	e.Take("t", "own")
	e.Leave("t")
	wantNone(t, e, noon) // the backup does no waste
	enter(t, e, Caller{ID: "t2", Queue: "tax", Entered: noon})
	if m := wantMatch(t, e, noon, "t2", "backup"); m.Reason.Order != 2 {
		t.Errorf("reason %q does not say that it is a backup", m.Reason)
	}
}

func TestWeightsStretchTheFeltWait(t *testing.T) {
	t.Parallel()
	agents := []Agent{member("a", nil, "slow", "fast"), {ID: "b", Queues: []Membership{{Queue: "slow", Weight: 4}, {Queue: "fast"}}}}
	e := New([]Queue{{ID: "slow"}, {ID: "fast", Weight: 2}}, agents)
	enter(t, e, Caller{ID: "s", Queue: "slow", Entered: at(-19)})
	enter(t, e, Caller{ID: "f", Queue: "fast", Entered: at(-10)})
	e.Available("a", noon, Stats{})
	wantMatch(t, e, noon, "f", "a") // 2 × 10 s against 19 s
	e.Unavailable("a", "")
	e.Available("b", noon, Stats{})
	wantMatch(t, e, noon, "s", "b") // 4 × 19 s against 20 s
}

func TestServiceLevelUrgencyMeasuresWaitsByEachQueuesThreshold(t *testing.T) {
	t.Parallel()
	queues := []Queue{
		{ID: "ten", Urgency: ByServiceLevel, ServiceLevel: ServiceLevel{Within: 10 * time.Second}},
		{ID: "minute", Urgency: ByServiceLevel, ServiceLevel: ServiceLevel{Within: time.Minute}},
	}
	e := New(queues, []Agent{member("a", nil, "ten", "minute")})
	enter(t, e, Caller{ID: "m", Queue: "minute", Entered: at(0)})
	enter(t, e, Caller{ID: "t", Queue: "ten", Entered: at(50)})
	e.Available("a", at(60), Stats{})
	wantMatch(t, e, at(59), "m", "a") // 59/60 against 9/10
	wantMatch(t, e, at(62), "t", "a") // 62/60 against 12/10
}

func TestPriorityGoesFirstAndGrowthCatchesUp(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q", Priority: Priority{Grow: 1}}}, []Agent{member("a", nil, "q")})
	enter(t, e, Caller{ID: "old", Queue: "q", Entered: at(0)})
	enter(t, e, Caller{ID: "vip", Queue: "q", Entered: at(119), Priority: 2})
	enter(t, e, Caller{ID: "late vip", Queue: "q", Entered: at(121), Priority: 2})
	e.Available("a", noon, Stats{})
	want := []CallerID{"vip", "old", "late vip"}
	if got := slices.Collect(e.Waiting("q", at(121))); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	wantMatch(t, e, at(121), "vip", "a")
}

// TestOverdueCallerGoesBeforeEverything: neither a stream of VIPs nor an agent's preference starves a caller.
func TestOverdueCallerGoesBeforeEverything(t *testing.T) {
	t.Parallel()
	queues := []Queue{{ID: "vip", Priority: Priority{Start: 9}}, {ID: "plain", Overdue: 5 * time.Minute}}
	e := New(queues, []Agent{{ID: "a", Queues: []Membership{{Queue: "vip", Order: 1}, {Queue: "plain", Order: 2}}}})
	enter(t, e, Caller{ID: "patient", Queue: "plain", Entered: noon})
	for i := 0; ; i += 10 {
		enter(t, e, Caller{ID: fmt.Sprint(i), Queue: "vip", Entered: at(i)})
		e.Available("a", at(i), Stats{})
		m, ok := e.Match(at(i))
		if !ok {
			t.Fatal("nobody is served")
		}
		e.Take(m.Caller, m.Agent)
		e.Leave(m.Caller)
		if m.Caller == "patient" {
			if i != 300 || !m.Reason.Overdue {
				t.Errorf("served after %d s: %s", i, m.Reason)
			}
			return
		}
		if i > 300 {
			t.Fatalf("still not served after %d s", i)
		}
	}
}

// TestNobodyStarves: under any rules and any stream of rivals, a caller whom some agent suits is served within the
// overdue time plus the turns of those who were overdue before.
func TestNobodyStarves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		queues := drawQueues(t)
		for i := range queues {
			queues[i].Needs, queues[i].Relax, queues[i].Reach = nil, nil, 0
			queues[i].Overdue = time.Minute
		}
		a := Agent{ID: "a"}
		for _, q := range queues {
			a.Queues = append(a.Queues, Membership{Queue: q.ID, Order: rapid.IntRange(1, 4).Draw(t, "order")})
		}
		e := New(queues, []Agent{a})
		entered := map[CallerID]int{}
		for i := range 150 { // arrivals and services both every 2 s, after a heap of 10
			now := at(2 * i)
			for n := range map[bool]int{true: 10, false: 1}[i == 0] {
				id := fmt.Sprint(i, "-", n)
				entered[id] = i
				c := Caller{ID: id, Queue: rapid.SampledFrom(queues).Draw(t, "queue").ID, Entered: now}
				c.Priority = rapid.IntRange(-9, 9).Draw(t, "priority")
				if err := e.Enter(c); err != nil {
					t.Fatal(err)
				}
			}
			e.Available("a", now, Stats{})
			m, ok := e.Match(now)
			if !ok {
				t.Fatal("an idle agent while callers wait")
			}
			e.Take(m.Caller, m.Agent)
			e.Leave(m.Caller)
			delete(entered, m.Caller)
			for id, i0 := range entered {
				if wait := 2 * (i - i0); wait > 60+2*10 {
					t.Fatalf("caller %s has waited %d s", id, wait)
				}
			}
		}
	})
}

func TestReloadKeepsPlacesAndIdleTimesAndNamesWhoseQueueIsGone(t *testing.T) {
	t.Parallel()
	agents := []Agent{member("li", nil, "q"), member("wang", nil, "q")}
	e := New([]Queue{{ID: "q"}, {ID: "old"}}, agents)
	for i := range 4 {
		enter(t, e, Caller{ID: fmt.Sprint("c", i), Queue: "q", Entered: at(i)})
	}
	enter(t, e, Caller{ID: "lost", Queue: "old", Entered: noon})
	e.Take("c0", "li")
	e.NoteLeft("q", at(3), 3*time.Second)
	flow := e.Flow("q")
	if lost := e.Reconfigure([]Queue{{ID: "q", Select: Linear}}, agents); !slices.Equal(lost, []CallerID{"lost"}) {
		t.Errorf("lost %v", lost)
	}
	want := []CallerID{"c0", "c1", "c2", "c3"}
	if got := slices.Collect(e.Waiting("q", at(9))); !slices.Equal(got, want) {
		t.Errorf("order %v after a reload, want %v", got, want)
	}
	e.Available("wang", at(4), Stats{})
	wantMatch(t, e, at(9), "c1", "wang") // c0 is still being offered to li
	if e.Flow("q") != flow {
		t.Error("the queue's pace was forgotten")
	}
}

func TestExpectedWaitFollowsTheQueuesPace(t *testing.T) {
	t.Parallel()
	e := New([]Queue{{ID: "q"}}, nil)
	if _, ok := e.ExpectNext("q"); ok {
		t.Error("an expected wait out of nothing")
	}
	for i := range 60 { // one caller leaves every 10 s, the queue never empty
		e.NoteLeft("q", at(10*i), 100*time.Second)
	}
	for i := range 5 {
		enter(t, e, Caller{ID: fmt.Sprint("c", i), Queue: "q", Entered: at(590 + i)})
	}
	near := func(got time.Duration, ok bool, want time.Duration) {
		t.Helper()
		if !ok || got < want*8/10 || got > want*12/10 {
			t.Errorf("expected wait %s (%t), want about %s", got, ok, want)
		}
	}
	got, ok := e.Expect("c2", at(600))
	near(got, ok, 30*time.Second)
	got, ok = e.ExpectNext("q")
	near(got, ok, 60*time.Second)
	back := New([]Queue{{ID: "q"}}, nil)
	back.SetFlow("q", e.Flow("q"))
	got, ok = back.ExpectNext("q")
	near(got, ok, 10*time.Second)
}
