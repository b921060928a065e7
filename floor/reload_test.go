package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/call"
	"hotline/fact"
)

// without is the house after a reload that took the queue consult away.
func (s *shift) without() {
	s.t.Helper()
	other := house(s.t)
	other.Queues = other.Queues[1:]
	s.f.Reconfigure(other)
	s.must(Configured{})
}

func TestCallerWhoTalkedOutOfAQueueThatIsGoneIsTransferredToAnAgent(t *testing.T) {
	s := begin(t)
	s.staff("wang")
	s.queue("c1")
	s.must(Command{Agent: "wang", Do: "accept"})
	s.joined("c1")
	s.without()
	s.staff("sun")
	s.must(Command{Agent: "wang", Do: "transfer", ToAgent: "sun"})
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase, "the caller is not hung up on")
	require.Equal(t, "other", s.f.Call("c1").Visit.Queue)
	require.Equal(t, "sun", s.f.Call("c1").Agent())
}

func TestCallerWhoseAgentIsLostAfterTheQueueWentWaitsInTheFirstOne(t *testing.T) {
	s := begin(t)
	s.staff("wang")
	s.queue("c1")
	s.must(Command{Agent: "wang", Do: "accept"})
	s.joined("c1")
	s.without()
	s.must(Media{Agent: "wang"})
	s.later(s.f.cfg.Rules.MediaGrace)
	require.Empty(t, s.endings())
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase)
	require.Equal(t, "other", s.f.Call("c1").Visit.Queue)
}

func TestCallerOnTheWayToAQueueThatGoesWaitsInTheFirstOne(t *testing.T) {
	s := begin(t)
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1"})
	s.must(Answered{Call: "c1"})
	s.must(Key{Call: "c1", Digit: "1"}) // "One moment", and then to consult
	s.without()
	s.must(Spoken{Call: "c1", Prompt: s.f.Call("c1").Prompt})
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase)
	require.Equal(t, "other", s.f.Call("c1").Visit.Queue)
}

func TestCustomerWhoIsServedWhileTheirOwnPhoneRingsIsNotCalledOnceMore(t *testing.T) {
	for name, ends := range map[string]bool{"talks still": false, "has hung up": true} {
		t.Run(name, func(t *testing.T) {
			s := promising(t, nil)
			s.promised("c1", "+861")
			s.staff("li")
			attempt := s.ring()
			s.from("c2", fact.Party{Number: "+861"})
			s.staff("wang")
			s.must(Command{Agent: "wang", Do: "accept"})
			s.joined("c2")
			if ends {
				s.must(Gone{Call: "c2"})
			}
			s.must(Gone{Call: attempt, Cause: 17})
			require.Equal(t, []fact.CallbackResult{fact.CallbackCancelled}, s.kept())
		})
	}
}

func TestPromiseThatIsOverWhenTheTrunkGoesIsNotPutOffIntoThePast(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	s.later(time.Second)
	mute := *s.f.cfg
	mute.Callbacks.Trunk = ""
	s.now = s.now.Add(mute.Callbacks.Expires) // and nobody has looked at the deadline yet
	s.f.Reconfigure(&mute)
	s.must(Configured{})
	require.Equal(t, s.now, ofKind[fact.CallbackPostponed](s.seen)[0].Next)
	s.later(0)
	require.Equal(t, []fact.CallbackResult{fact.CallbackExpired}, s.kept())
}
