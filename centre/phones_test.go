package centre

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
	"hotline/call"
	"hotline/floor"
)

// deskPhones is a house in which li and wang have desk phones that behave so.
func deskPhones(t *testing.T, behave func(endpoint string) aritest.Phone) *rig {
	t.Helper()
	r := newRig(t, func(c *Config) {
		c.Floor.Phones = map[string]string{"li": "PJSIP/1001", "wang": "PJSIP/1002"}
		c.Zip = "sound:zip"
	})
	r.srv.Phones(behave)
	return r
}

func (r *rig) usePhone(agents ...string) {
	r.t.Helper()
	for _, a := range agents {
		r.c.DeskUp(a)
		r.wait(a+" to be there", func() bool { return r.agent(a).Desk })
		r.must(floor.Command{Agent: a, Do: "use-phone"})
		r.wait(a+"'s phone to be answered", func() bool { v := r.agent(a); return v.Leg && v.Media })
		r.must(floor.Command{Agent: a, Do: "ready"})
	}
}

func answers(string) aritest.Phone { return aritest.Phone{Answer: 10 * time.Millisecond} }

func TestATalkOverADeskPhoneIsMixedAndATransferFromABrowserToo(t *testing.T) {
	t.Parallel()
	r := deskPhones(t, answers)
	r.usePhone("li")
	require.Equal(t, "PJSIP/1001", r.srv.Channel(r.legOf("li")).Endpoint)
	r.enqueue("c1")
	r.state("li", "offered")
	r.wait("the phone to tell of it", func() bool { return len(r.srv.Channel(r.legOf("li")).Playing) > 0 })
	r.say(r.legOf("li"))
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks("c1", "li")
	require.Equal(t, "softmix", r.srv.Bridge("c1-b").Technology)

	r.must(floor.Command{Agent: "li", Do: "not-ready", Reason: "break"})
	r.staff("zhao")
	r.talk("c2", "zhao")
	require.Equal(t, "simple_bridge", r.srv.Bridge(r.srv.Channel("c2").Bridge).Technology, "browsers alone need no mixer")
	r.usePhone("wang")
	r.must(floor.Command{Agent: "zhao", Do: "transfer", ToAgent: "wang"})
	r.state("wang", "offered")
	r.wait("a bridge that suits the phone", func() bool { return r.srv.Bridge("c2-b").Technology == "softmix" })
	r.say(r.legOf("wang"))
	r.must(floor.Command{Agent: "wang", Do: "accept"})
	r.talks("c2", "wang")
	require.Equal(t, "softmix", r.srv.Bridge("c2-b").Technology)
	r.hangsUp("c1", "c2")
}

func TestACallThatConnectsByItselfIsToldByAToneFirst(t *testing.T) {
	t.Parallel()
	r := deskPhones(t, answers)
	r.usePhone("li")
	r.dial("c1", "4")
	leg := r.legOf("li")
	r.wait("the tone", func() bool { return len(r.srv.Channel(leg).Playing) > 0 })
	require.Equal(t, "sound:zip", r.srv.Channel(leg).Playing[0])
	r.say(leg)
	r.talks("c1", "li")
	require.Equal(t, 1, r.srv.Count("channels.play"), "once")
	r.hangsUp("c1")
}

func TestAnAgentMovesToTheDeskPhoneInTheMiddleOfATalkAndBack(t *testing.T) {
	t.Parallel()
	r := deskPhones(t, answers)
	r.staff("li")
	r.talk("c1", "li")
	browser := r.legOf("li")
	r.must(floor.Command{Agent: "li", Do: "use-phone"})
	r.wait("the phone's leg", func() bool { return r.legOf("li") != browser && r.legOf("li") != "" })
	r.talks("c1", "li")
	require.Equal(t, "softmix", r.srv.Bridge("c1-b").Technology)
	require.False(t, r.srv.Has(browser), "the browser's leg is gone")
	phone := r.legOf("li")
	r.must(floor.Command{Agent: "li", Do: "use-browser"})
	r.wait("the browser's leg", func() bool { return r.legOf("li") != phone && r.legOf("li") != "" })
	r.talks("c1", "li")
	require.False(t, r.srv.Has(phone), "the phone is hung up")
	r.hangsUp("c1")
}

func TestTheHoldKeyOfADeskPhoneHoldsTheCaller(t *testing.T) {
	t.Parallel()
	r := deskPhones(t, answers)
	r.usePhone("li")
	leg := r.legOf("li")
	r.srv.FarHold(leg) // between calls it means nothing
	r.srv.FarUnhold(leg)
	r.enqueue("c1")
	r.state("li", "offered")
	r.wait("the tone", func() bool { return len(r.srv.Channel(leg).Playing) > 0 })
	r.say(leg)
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks("c1", "li")
	r.srv.FarHold(leg)
	r.state("li", "held")
	r.wait("music for the caller", func() bool { return r.srv.Channel("c1").Music != "" })
	r.srv.FarUnhold(leg)
	r.talks("c1", "li")
	r.hangsUp("c1")
}

func TestAPhoneThatIsBusyRestsAfterSomeTriesAndIsRungWhenAsked(t *testing.T) {
	t.Parallel()
	busy := aritest.Phone{Refuse: ari.CauseBusy}
	r := deskPhones(t, func(string) aritest.Phone { return busy })
	r.c.DeskUp("li")
	r.wait("li to be there", func() bool { return r.agent("li").Desk })
	r.must(floor.Command{Agent: "li", Do: "use-phone"})
	r.wait("it to rest", func() bool { p := r.agent("li").Phone; return p.Resting && p.Why == "busy" })
	require.Equal(t, 3, r.srv.Count("channels.originate"))
	r.srv.Phones(answers)
	r.must(floor.Command{Agent: "li", Do: "ring-phone"})
	r.wait("the phone to be answered", func() bool { return r.agent("li").Leg })
}

func TestAPhoneThatRingsIsLeftAloneWhenTheAgentWantsTheBrowserAfterAll(t *testing.T) {
	t.Parallel()
	r := deskPhones(t, func(string) aritest.Phone { return aritest.Phone{} }) // rings
	r.c.DeskUp("li")
	r.wait("li to be there", func() bool { return r.agent("li").Desk })
	r.must(floor.Command{Agent: "li", Do: "use-phone"})
	r.wait("the phone to ring", func() bool { return r.srv.Count("channels.originate") == 1 })
	// The watchdog, and a link that comes back, see a leg that the floor does not know, and leave it alone.
	w := NewWatchdog(r.c)
	for range 3 {
		require.Empty(t, w.Look(t.Context()))
	}
	r.must(floor.Command{Agent: "li", Do: "use-browser"})
	r.wait("the browser's leg", func() bool { return r.agent("li").Leg })
	r.wait("nothing else", func() bool { return len(r.srv.Channels()) == 1 })
}

func TestADeskPhonesCallOutlivesTheServer(t *testing.T) {
	t.Parallel()
	r := deskPhones(t, answers)
	r.usePhone("li")
	r.enqueue("c1")
	r.state("li", "offered")
	r.wait("the tone", func() bool { return len(r.srv.Channel(r.legOf("li")).Playing) > 0 })
	r.say(r.legOf("li"))
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks("c1", "li")
	leg := r.legOf("li")
	r.kill()
	r.start()
	r.talks("c1", "li")
	require.Equal(t, leg, r.legOf("li"))
	require.Equal(t, 1, r.srv.Count("channels.originate"), "it is not rung again")
	require.Equal(t, "softmix", r.srv.Bridge("c1-b").Technology, "nor is the bridge made anew")

	// What was ringing when the server died belongs to nobody.
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.gone("c1")
	r.srv.Phones(func(string) aritest.Phone { return aritest.Phone{} })
	r.c.DeskUp("wang")
	r.wait("wang to be there", func() bool { return r.agent("wang").Desk })
	r.must(floor.Command{Agent: "wang", Do: "use-phone"})
	ringing := func() (legs []string) {
		for _, c := range r.srv.Channels() {
			if strings.HasPrefix(c.ID, "leg-wang-") {
				legs = append(legs, c.ID)
			}
		}
		return legs
	}
	r.wait("wang's phone to ring", func() bool { return len(ringing()) == 1 })
	old := ringing()[0]
	r.kill()
	r.start()
	r.wait("the old call to be gone, and another to ring", func() bool { l := ringing(); return len(l) == 1 && l[0] != old })
	r.phase("c1", call.Unknown)
}
