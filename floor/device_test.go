package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// phone brings an agent to the desk phone, whose call is answered.
func (s *shift) phone(agent, leg string) {
	s.t.Helper()
	s.must(Desk{Agent: agent, Up: true})
	s.must(Command{Agent: agent, Do: "use-phone"})
	s.must(LegUp{Agent: agent, Node: "a", Leg: leg, Phone: s.f.PhoneOf(agent)})
}

func (s *shift) refused(in Command, code string) {
	s.t.Helper()
	var no *Illegal
	require.ErrorAs(s.t, s.do(in), &no)
	require.Equal(s.t, code, no.Code)
}

func TestAnAgentAtADeskPhoneNeedsNoBrowserAudio(t *testing.T) {
	s := begin(t)
	s.phone("li", "leg-li-1")
	s.must(Command{Agent: "li", Do: "ready"})
	s.queue("c1")
	require.Equal(t, acd.Offered, s.state("li"))
	require.True(t, s.f.Wants("c1").Mixed, "the bridge suits the phone before it is needed")
	s.must(Media{Agent: "li", Up: true})
	s.must(Media{Agent: "li"}) // a page's microphone comes and goes
	require.Equal(t, acd.Offered, s.state("li"))
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	w := s.f.Wants("c1")
	require.Equal(t, "leg-li-1", w.Leg)
	require.True(t, w.Mixed)
	require.False(t, w.Music)
	require.False(t, w.Zip, "the agent has accepted it")
	v := s.f.AgentView("li")
	require.True(t, v.Media)
	require.Equal(t, &PhoneView{Phone: "PJSIP/1001", InUse: true}, v.Phone)
}

func TestAnAgentWhoseBrowserBreaksInATalkGoesOnAtTheDeskPhone(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(Media{Agent: "li"})
	s.later(20 * time.Second)
	s.must(Command{Agent: "li", Do: "use-phone"})
	require.Equal(t, "PJSIP/1001", s.f.PhoneOf("li"))
	require.True(t, s.f.Wants("c1").Music)
	s.must(LegDown{Agent: "li", Leg: "leg-li"}) // the browser's, taken away for the phone's
	s.later(29 * time.Second)
	require.Equal(t, call.Talking, s.f.Call("c1").Phase, "the grace begins anew: the phone is ringing")
	s.must(LegUp{Agent: "li", Node: "a", Leg: "leg-li-2", Phone: "PJSIP/1001"})
	require.False(t, s.f.Wants("c1").Music)
	s.later(time.Hour)
	require.Equal(t, call.Talking, s.f.Call("c1").Phase)
}

func TestACallerWhoseAgentsPhoneIsNotPickedUpAgainIsServedBySomebodyElse(t *testing.T) {
	s := begin(t)
	s.phone("li", "leg-li-1")
	s.must(Command{Agent: "li", Do: "ready"})
	s.staff("wang")
	s.must(Command{Agent: "wang", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.later(time.Minute)
	s.must(LegDown{Agent: "li", Leg: "leg-li-1", HungUp: true})
	require.True(t, s.f.WantsLeg("li"), "the caller is there still: it is rung at once")
	require.True(t, s.f.Wants("c1").Music)
	s.must(Command{Agent: "wang", Do: "ready"})
	s.later(30 * time.Second)
	require.Equal(t, "wang", s.f.Call("c1").Agent())
}

func TestAPhoneIsNotRungForEver(t *testing.T) {
	s := begin(t)
	s.must(Desk{Agent: "li", Up: true})
	s.must(Command{Agent: "li", Do: "use-phone"})
	for range mostRings {
		require.True(t, s.f.WantsLeg("li"))
		s.must(Unanswered{Agent: "li", Phone: "PJSIP/1001", Why: "busy"})
	}
	require.False(t, s.f.WantsLeg("li"))
	require.Equal(t, &PhoneView{Phone: "PJSIP/1001", InUse: true, Why: "busy", Resting: true}, s.f.AgentView("li").Phone)
	s.must(Command{Agent: "li", Do: "ring-phone"})
	require.True(t, s.f.WantsLeg("li"))

	// A phone that answers and goes away again and again, such as one with an answering machine.
	for i := range mostRings {
		require.True(t, s.f.WantsLeg("li"), "try %d", i)
		s.must(LegUp{Agent: "li", Node: "a", Leg: "leg", Phone: "PJSIP/1001"})
		s.later(time.Second)
		s.must(LegDown{Agent: "li", Leg: "leg"})
	}
	require.False(t, s.f.WantsLeg("li"))
}

func TestAHandsetThatIsPutDownBetweenCallsIsRungWhenItsAgentAsks(t *testing.T) {
	s := begin(t)
	s.phone("li", "leg-1")
	s.must(Command{Agent: "li", Do: "ready"})
	s.later(time.Hour)
	s.must(LegDown{Agent: "li", Leg: "leg-1", HungUp: true})
	require.False(t, s.f.WantsLeg("li"))
	s.queue("c1")
	require.Equal(t, acd.Ready, s.state("li"), "no offer reaches an agent without a phone")
	s.must(Command{Agent: "li", Do: "ring-phone"})
	require.True(t, s.f.WantsLeg("li"))
	s.must(LegUp{Agent: "li", Node: "a", Leg: "leg-2", Phone: "PJSIP/1001"})
	require.Equal(t, acd.Offered, s.state("li"))

	// One that Asterisk lost is rung by itself.
	s.later(10 * time.Second)
	s.must(LegDown{Agent: "li", Leg: "leg-2"})
	require.True(t, s.f.WantsLeg("li"))
}

func TestADeskPhoneHasOneAgentAtATime(t *testing.T) {
	s := begin(t)
	s.must(Desk{Agent: "sun", Up: true})
	s.refused(Command{Agent: "sun", Do: "use-phone"}, "illegal")
	s.refused(Command{Agent: "sun", Do: "ring-phone"}, "illegal")
	s.phone("wang", "leg-1")
	s.must(Desk{Agent: "zhao", Up: true})
	s.refused(Command{Agent: "zhao", Do: "use-phone"}, "unavailable")
	s.must(Command{Agent: "wang", Do: "sign-out"})
	s.must(LegDown{Agent: "wang", Leg: "leg-1", HungUp: true})
	s.must(Command{Agent: "zhao", Do: "use-phone"})
	s.must(Desk{Agent: "wang"})
	s.must(Desk{Agent: "wang", Up: true})
	require.Empty(t, s.f.PhoneOf("wang"), "who comes later takes calls on the page")
	require.Contains(t, s.seen, fact.DeviceChosen{Agent: "wang", Device: Browser, By: "rule"})
}

func TestTheChosenPhoneOutlivesARestartAndSoDoesItsCall(t *testing.T) {
	s := begin(t)
	s.phone("li", "leg-1")
	s.must(Command{Agent: "li", Do: "ready"})
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	state, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(house(t), state)
	require.NoError(t, err)
	s.must(Started{})
	require.Equal(t, "PJSIP/1001", s.f.PhoneOf("li"))
	w := s.f.Wants("c1")
	require.Equal(t, "leg-1", w.Leg)
	require.False(t, w.Music, "they talk on")
}
