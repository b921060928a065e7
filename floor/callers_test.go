package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/fact"
)

const (
	gold    = "+8613800138000"
	village = "+861065551234"
	plain   = "+8613912345678"
)

// lists is a shift whose house knows some callers.
func lists(t testing.TB, list CallerList) *shift {
	cfg := house(t)
	list.Name = "gold"
	cfg.Callers = Callers{
		Lists:   []CallerList{list, {Name: "village", Priority: 3}, {Name: "street", Priority: 4}},
		Numbers: map[string]int{gold: 0}, Prefixes: map[string]int{"+8610": 1, "+86106555": 2},
		Repeat: Repeat{Calls: 3, Within: time.Hour, Priority: 5},
	}
	return &shift{t: t, f: New(cfg), now: monday}
}

// calls is a caller of a number on the way into the queue consult.
func (s *shift) calls(id string, p fact.Party) *fact.VisitBegan {
	s.t.Helper()
	s.must(Arrived{Channel: id, Node: "a", Line: "1", Via: "sip", Caller: p})
	s.must(Key{Call: id, Digit: "1"})
	s.must(Spoken{Call: id, Prompt: s.f.Call(id).Prompt})
	v := ofKind[fact.VisitBegan](s.seen)
	return &v[len(v)-1]
}

func TestCallersOnAListGoBeforeOthersAndTheReasonSaysSo(t *testing.T) {
	s := lists(t, CallerList{Priority: 10})
	s.calls("c1", fact.Party{Number: plain})
	s.calls("c2", fact.Party{Number: gold})
	s.staff("wang")
	require.Equal(t, "wang", s.f.Call("c2").Agent())
	require.Empty(t, s.f.Call("c1").Agents())
	o := s.f.AgentView("wang").Offer
	require.Contains(t, o.Why, "VIP list gold: +10")
	require.Equal(t, []fact.Boost{{List: "gold", Points: 10}}, o.Because.Boosts)
	require.Equal(t, []fact.HadNeed{{Skill: "consult", Has: 3, Needs: 3}}, o.Because.Skills)
}

func TestTheLongestBeginningOfANumberDecidesItsList(t *testing.T) {
	s := lists(t, CallerList{Priority: 10})
	require.Equal(t, []fact.Boost{{List: "street", Points: 4}}, s.calls("c1", fact.Party{Number: village}).Boosts)
	require.Equal(t, []fact.Boost{{List: "village", Points: 3}}, s.calls("c2", fact.Party{Number: "+861088881234"}).Boosts)
	require.Empty(t, s.calls("c3", fact.Party{Number: plain}).Boosts)
}

func TestWhoCallsForTheThirdTimeGoesBeforeOthers(t *testing.T) {
	s := lists(t, CallerList{})
	for range 2 {
		require.Empty(t, s.calls("c1", fact.Party{Number: plain}).Boosts)
		s.must(Gone{Call: "c1"})
		s.now = s.now.Add(20 * time.Minute)
	}
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	v := s.calls("c1", fact.Party{Number: plain})
	require.Equal(t, []fact.Boost{{Calls: 3, Points: 5}}, v.Boosts)
	require.Equal(t, 5, v.Priority)
	s.must(Gone{Call: "c1"})
	s.now = s.now.Add(20*time.Minute + time.Second)
	require.Len(t, s.calls("c1", fact.Party{Number: plain}).Boosts, 1, "the first of four is more than an hour ago, the rest is not")
	s.must(Gone{Call: "c1"})
	s.now = s.now.Add(time.Hour)
	require.Empty(t, s.calls("c1", fact.Party{Number: plain}).Boosts)
}

func TestWithheldNumbersAreOnNoListAndNotCounted(t *testing.T) {
	s := lists(t, CallerList{Priority: 10})
	for range 4 {
		v := s.calls("c1", fact.Party{Number: gold, Withheld: true})
		require.Empty(t, v.Boosts)
		require.Zero(t, v.Priority)
		s.must(Gone{Call: "c1"})
	}
	require.Empty(t, s.f.s.Called)
}

func TestAListNamesTheQueueAndTheAgentOfItsCallers(t *testing.T) {
	s := lists(t, CallerList{Queue: "other", Agent: "sun"})
	require.Empty(t, s.calls("c1", fact.Party{Number: gold}).Prefer, "sun is not there")
	s.must(Gone{Call: "c1"})
	s.staff("li", "sun")
	s.must(Command{Agent: "sun", Do: "not-ready", Reason: "meal"})
	v := s.calls("c1", fact.Party{Number: gold})
	require.Equal(t, [2]string{"other", "sun"}, [2]string{v.Queue, v.Prefer})
	require.Empty(t, s.f.Call("c1").Agents(), "kept for sun")
	s.later(30 * time.Second)
	require.Equal(t, "li", s.f.Call("c1").Agent(), "but not for ever")
}

func TestAPriorityStaysWithinItsBounds(t *testing.T) {
	s := lists(t, CallerList{Priority: acd.MaxPriority})
	for range 3 {
		s.calls("c1", fact.Party{Number: gold})
		s.must(Gone{Call: "c1"})
	}
	require.Equal(t, acd.MaxPriority, s.calls("c1", fact.Party{Number: gold}).Priority)
}

func TestACallersPriorityGoesAlongToAnotherQueueOnce(t *testing.T) {
	s := lists(t, CallerList{Priority: 10})
	s.calls("c1", fact.Party{Number: gold})
	s.must(Key{Call: "c1", Digit: "3"})
	v := ofKind[fact.VisitBegan](s.seen)[1]
	require.Equal(t, "other", v.Queue)
	require.Equal(t, 10, v.Priority)
	require.Len(t, v.Boosts, 1)
}
