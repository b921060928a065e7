package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// inspect is what a watchdog finds now; each is mended.
func (s *shift) inspect() (kinds []TroubleKind) {
	for _, t := range s.f.Inspect(s.now) {
		kinds = append(kinds, t.Kind)
		if t.Mend != nil {
			s.must(t.Mend)
		}
	}
	return kinds
}

func TestAFloorAtWorkShowsTheWatchdogNothing(t *testing.T) {
	s := begin(t)
	s.staff("li", "wang")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.queue("c2")
	s.queue("c3")
	s.must(Arrived{Channel: "c4", Node: "a", Line: "1", Via: "sip"})
	for range 200 {
		require.Empty(t, s.inspect())
		s.later(7 * time.Second)
	}
}

func TestAnAgentHeldByNobodyIsReleased(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	require.Equal(t, acd.Offered, s.f.Agent("li").State)
	s.f.s.Agents["li"].Call = "elsewhere" // what no step does
	require.Equal(t, []TroubleKind{CallAlone, AgentWithoutCall}, s.inspect())
	require.Len(t, ofKind[fact.AgentReleased](s.seen), 1)
	require.NotEqual(t, "elsewhere", s.f.Agent("li").Call)
	s.must(Release{Agent: "li"})
	s.must(Release{Agent: "nobody"})
	require.Len(t, ofKind[fact.AgentReleased](s.seen), 1, "only while it is so")
}

func TestDeadlinesThatNobodyKeptAreFound(t *testing.T) {
	s := begin(t)
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1", Via: "sip"})
	s.now = s.now.Add(s.f.cfg.Rules.Bounds.Prompt + overdue + time.Second) // no timer ticked
	require.Equal(t, []TroubleKind{CallOverdue}, s.inspect())
	require.Empty(t, s.inspect(), "a tick did the work")
}

func TestACallThatWaitsForNothingIsEnded(t *testing.T) {
	s := begin(t)
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1", Via: "sip"})
	c := s.f.s.Calls["c1"]
	c.Turn, c.Saying = fact.Turn{}, nil // what no flow leaves behind
	s.now = s.now.Add(overdue + time.Second)
	require.Equal(t, []TroubleKind{CallSilent}, s.inspect())
	require.Equal(t, call.Closing, s.f.Call("c1").Phase)
}

func TestAnAgentReleasedByTheWatchdogGoesOnTheBreakThatIsKept(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	require.Equal(t, "break", s.f.Agent("li").Pending)
	s.f.s.Agents["li"].Call = "elsewhere" // what no step does
	s.inspect()
	require.Equal(t, acd.NotReady, s.state("li"))
	require.Empty(t, s.f.Agent("li").Pending)
}
