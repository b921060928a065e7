package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

func ringing(t testing.TB) *shift {
	s := open(t, func(q *acd.Queue) {
		q.Select, q.Offer.Several, q.Offer.AvoidAfterMiss, q.Needs, q.Relax = acd.RingSeveral, 2, time.Minute, nil, nil
	})
	s.staff("li", "wang", "zhao")
	return s
}

// results lists how offers ended, by agent.
func (s *shift) results() (out []string) {
	for _, f := range s.seen {
		if x, ok := f.(fact.OfferEnded); ok {
			out = append(out, x.Agent+" "+string(x.Result))
		}
	}
	return out
}

func TestSeveralAreRungAtOnceAndTheFirstToAcceptWins(t *testing.T) {
	s := ringing(t)
	s.queue("c1")
	require.Equal(t, []string{"li", "wang"}, s.f.Call("c1").Agents(), "the two who are idle longest")
	require.Equal(t, acd.Ready, s.state("zhao"))
	li, wang := s.f.AgentView("li").Offer, s.f.AgentView("wang").Offer
	require.Equal(t, "c1", wang.Call)
	require.NotEqual(t, li.Offer, wang.Offer, "each has an offer of their own")
	require.Equal(t, 1, s.f.QueueView("consult").Offered, "one caller is being offered")
	require.True(t, s.f.Wants("c1").Armed)
	require.Empty(t, s.f.Inspect(s.now), "the watchdog finds nothing wrong with that")

	s.must(Command{Agent: "wang", Do: "accept", Offer: wang.Offer})
	require.Equal(t, call.Joining, s.f.Call("c1").Phase)
	require.Equal(t, []string{"wang accepted", "li withdrawn"}, s.results())
	require.Equal(t, acd.Ready, s.state("li"))
	require.Zero(t, s.f.Agent("li").MissedRow, "that was no fault of hers")
	require.Equal(t, "leg-wang", s.f.Wants("c1").Leg)
	require.ErrorContains(t, s.do(Command{Agent: "li", Do: "accept", Offer: li.Offer}), "not offered to you any more")
	s.joined("c1")
	require.Equal(t, acd.Talking, s.state("wang"))
	s.must(Gone{Call: "c1"})
	require.Equal(t, []fact.Outcome{fact.Answered}, s.outcomes())
}

func TestWhoMissesOneOfSeveralIsFollowedByTheNext(t *testing.T) {
	s := ringing(t)
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "reject"})
	require.Contains(t, s.f.Call("c1").Agents(), "zhao", "another is rung in her place")
	require.Contains(t, s.f.Call("c1").Agents(), "wang", "whose phone rings on")
	s.must(Desk{Agent: "wang"})
	require.Equal(t, []string{"zhao"}, s.f.Call("c1").Agents(), "hers rings on alone: li is not asked again so soon")
	s.must(Gone{Call: "c1"})
	require.Equal(t, []fact.Outcome{fact.Abandoned}, s.outcomes())
	for _, a := range []string{"li", "wang", "zhao"} {
		require.Equal(t, acd.Ready, s.state(a))
	}
}

func TestTwoCallersAreOfferedToTwoBeforeOneIsOfferedTwice(t *testing.T) {
	s := ringing(t)
	s.must(Command{Agent: "wang", Do: "not-ready", Reason: "break"})
	s.must(Command{Agent: "zhao", Do: "not-ready", Reason: "break"})
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.queue("c2")
	s.must(Command{Agent: "li", Do: "ready"})
	s.must(Command{Agent: "wang", Do: "ready"})
	require.Equal(t, []string{"li"}, s.f.Call("c1").Agents())
	require.Equal(t, []string{"wang"}, s.f.Call("c2").Agents())
	s.must(Command{Agent: "zhao", Do: "ready"})
	require.Equal(t, []string{"li", "zhao"}, s.f.Call("c1").Agents())
}

func TestOffersToSeveralSurviveARestart(t *testing.T) {
	s := ringing(t)
	s.queue("c1")
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	require.Equal(t, []string{"li", "wang"}, s.f.Call("c1").Agents())
	s.must(Command{Agent: "wang", Do: "accept"})
	saved, err = s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	s.must(Tick{})
	require.Equal(t, []string{"wang"}, s.f.Call("c1").Agents(), "nobody is rung for a call that is being joined")
	s.must(JoinFailed{Call: "c1", Offer: "c1-o2"})
	require.Len(t, s.f.Call("c1").Agents(), 2, "now others are")
	s.later(20 * time.Second)
	require.Contains(t, s.results(), "li missed")
}

func TestNothingStandsReadyForARecordingThatIsNotToBe(t *testing.T) {
	s := begin(t)
	s.staff("sun")
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1", Via: "sip"})
	s.must(Answered{Call: "c1"})
	s.must(Key{Call: "c1", Digit: "2"})
	require.Equal(t, acd.Offered, s.state("sun"))
	require.False(t, s.f.Wants("c1").Armed, "while it is offered")
	s.must(Command{Agent: "sun", Do: "accept"})
	require.Equal(t, call.Joining, s.f.Call("c1").Phase)
	require.False(t, s.f.Wants("c1").Armed, "while they are joined")
}
