package floor

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

func knowing(t testing.TB) *shift {
	return open(t, func(q *acd.Queue) { q.LastAgent = acd.LastAgent{Within: time.Hour, Wait: 30 * time.Second} })
}

// talk lets an agent talk with a caller, end the call and be done with it.
func (s *shift) talk(id, agent string) {
	s.t.Helper()
	require.Equal(s.t, agent, s.f.Call(id).Agent())
	s.must(Command{Agent: agent, Do: "accept"})
	s.joined(id)
	s.now = s.now.Add(time.Minute)
	s.must(Command{Agent: agent, Do: "end"})
	s.must(Gone{Call: id})
	s.must(Command{Agent: agent, Do: "wrap-up-done"})
}

func TestCallerIsKeptForTheAgentWhoKnowsTheCase(t *testing.T) {
	s := knowing(t)
	s.staff("li")
	s.queue("c1")
	s.talk("c1", "li")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.staff("wang")
	s.queue("c2")
	require.Empty(t, s.f.Call("c2").Agent(), "wang is free, but li knows the case")
	s.must(Command{Agent: "li", Do: "ready"})
	require.Equal(t, "li", s.f.Call("c2").Agent())
	require.Contains(t, s.f.Call("c2").Visit.Offers[0].Reason, "knows the case")
	s.later(20 * time.Second) // li misses it
	require.Equal(t, "wang", s.f.Call("c2").Agent(), "who misses the call loses the privilege")
}

func TestCallerIsNotKeptForEver(t *testing.T) {
	s := knowing(t)
	s.staff("li")
	s.queue("c1")
	s.talk("c1", "li")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.staff("wang")
	s.queue("c2")
	s.later(29 * time.Second)
	require.Empty(t, s.f.Call("c2").Agent())
	s.later(time.Second)
	require.Equal(t, "wang", s.f.Call("c2").Agent())
	s.must(Gone{Call: "c2"})

	s.later(time.Hour)
	s.queue("c3")
	require.Equal(t, "wang", s.f.Call("c3").Agent(), "that was too long ago")
	s.must(Gone{Call: "c3"})

	s.must(Command{Agent: "li", Do: "ready"})
	s.must(Command{Agent: "wang", Do: "not-ready", Reason: "break"})
	s.queue("c4")
	s.talk("c4", "li")
	s.must(Command{Agent: "li", Do: "sign-out"})
	s.must(Command{Agent: "wang", Do: "ready"})
	s.queue("c5")
	require.Equal(t, "wang", s.f.Call("c5").Agent(), "li has gone home")
}

func TestWithheldCallersAreKeptForNobody(t *testing.T) {
	s := knowing(t)
	s.staff("li")
	withheld := func(id string) {
		s.must(Arrived{Channel: id, Node: "a", Line: "1", Via: "sip", Caller: fact.Party{Number: "+8613800138000", Withheld: true}})
		s.must(Key{Call: id, Digit: "1"})
		s.must(Spoken{Call: id, Prompt: s.f.Call(id).Prompt})
	}
	withheld("c1")
	s.talk("c1", "li")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.staff("wang")
	withheld("c2")
	require.Equal(t, "wang", s.f.Call("c2").Agent())
	require.Empty(t, s.f.s.Last)
}

func TestCallerWhoseCaseTheAgentKnowsMayInterruptTheWrapUp(t *testing.T) {
	for _, may := range []bool{false, true} {
		s := open(t, func(q *acd.Queue) {
			q.LastAgent = acd.LastAgent{Within: time.Hour, Wait: 30 * time.Second}
			q.Offer.DuringWrapUp = may
		})
		s.staff("li")
		s.queue("c1")
		s.must(Command{Agent: "li", Do: "accept"})
		s.joined("c1")
		s.must(Command{Agent: "li", Do: "end"})
		require.Equal(t, acd.WrapUp, s.state("li"))
		s.must(Arrived{Channel: "c2", Node: "a", Line: "1", Caller: fact.Party{Number: "+8613800000002"}})
		s.must(Key{Call: "c2", Digit: "1"})
		s.must(Spoken{Call: "c2", Prompt: 2})
		require.Equal(t, call.Waiting, s.f.Call("c2").Phase)
		require.Equal(t, acd.WrapUp, s.state("li"), "a stranger waits until it is over")
		s.queue("c3")
		if !may {
			require.Equal(t, acd.WrapUp, s.state("li"))
			continue
		}
		require.Equal(t, "li", s.f.Call("c3").Agent())
		require.Equal(t, acd.Offered, s.state("li"))
	}
}

func TestWrapUpIsNotInterruptedWhenABreakWasAskedFor(t *testing.T) {
	s := open(t, func(q *acd.Queue) {
		q.LastAgent, q.Offer.DuringWrapUp = acd.LastAgent{Within: time.Hour}, true
	})
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.must(Command{Agent: "li", Do: "end"})
	s.queue("c2")
	require.Equal(t, acd.WrapUp, s.state("li"))
}

func TestOnlySoManyNumbersAreRemembered(t *testing.T) {
	f := New(house(t))
	for i := range mostLast + 1 {
		f.noteTalk(&call.Call{Caller: fact.Party{Number: fmt.Sprint(i)}}, "li", monday.Add(time.Duration(i)*time.Second))
	}
	require.Len(t, f.s.Last, mostLast+1-mostLast/8)
	require.NotContains(t, f.s.Last, "0", "those longest ago are forgotten")
	require.Contains(t, f.s.Last, fmt.Sprint(mostLast))
}
