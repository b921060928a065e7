package centre

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
)

// cut breaks the websocket, lets something happen while nobody listens, and waits until the link is back.
func (r *rig) cut(gap func()) {
	r.t.Helper()
	ups := r.ups()
	r.srv.Tamper(func(ari.EventBody) int { return 0 })
	if gap != nil {
		gap()
	}
	r.srv.CutWebsocket()
	r.srv.Tamper(nil)
	r.wait("the link to come back", func() bool { return r.ups() > ups })
	r.linked()
}

func (r *rig) ups() (n int) {
	for _, f := range r.seen() {
		if _, ok := f.(fact.LinkUp); ok {
			n++
		}
	}
	return n
}

func TestAQueuesNewMusicTakesThePlaceOfTheOld(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wait("both queues' first music", func() bool { return r.srv.Count("asterisk.setGlobalVar") == 2 })
	music := func(class string) (ops []string) {
		mark, asked := len(r.srv.Requests()), r.srv.Count("asterisk.getGlobalVar")
		again := house(t)
		again.Queues[0].Wait.Music = class
		r.c.Reconfigure(again)
		r.wait("the music of both queues to be looked at, one after the other", func() bool { return r.srv.Count("asterisk.getGlobalVar") == asked+2 })
		for _, q := range r.srv.Requests()[mark:] {
			if q.Op == "bridges.stopMoh" || q.Op == "bridges.startMoh" {
				ops = append(ops, q.Op+" "+q.Path)
			}
		}
		return ops
	}
	require.Equal(t, []string{"bridges.startMoh /bridges/hold-consult/moh"}, music("calm"))
	require.Empty(t, music("calm"))
}

func TestCallGoesOnWhateverTheGapSwallowed(t *testing.T) {
	t.Parallel()
	menu := func(r *rig) {
		r.dial("c1", "1")
		r.wait("the menu", func() bool { return len(r.srv.Channel("c1").Playing) > 0 })
	}
	for name, test := range map[string]struct {
		before func(*rig)
		gap    func(*rig)
		after  func(*rig)
	}{
		"nothing": {func(r *rig) { r.talk("c1", "li") }, func(*rig) {}, func(r *rig) { r.talks("c1", "li") }},
		"the end of a talk": {
			func(r *rig) { r.talk("c1", "li") }, func(r *rig) { r.srv.Hangup("c1") },
			func(r *rig) { r.gone("c1"); r.state("li", "wrap-up") },
		},
		"the end of a prompt": {
			menu, func(r *rig) { r.srv.FinishPlayback("c1-p1") },
			func(r *rig) { r.wait("the menu again", func() bool { return len(r.srv.Channel("c1").Playing) > 0 }) },
		},
		"a key": {
			func(r *rig) { menu(r); r.say("c1"); r.wait("silence", func() bool { return r.saying("c1") == 0 }) },
			func(r *rig) { r.srv.DTMF("c1", "1") },
			func(r *rig) {
				r.wait("the menu again", func() bool { return slices.Contains(r.srv.Channel("c1").Playbacks(), "c1-p2") })
			},
		},
		"the end of a message": {
			func(r *rig) { r.message("c1") }, func(r *rig) { r.srv.DTMF("c1", "#") },
			func(r *rig) {
				r.wait("thanks", func() bool { return len(r.srv.Channel("c1").Playing) > 0 })
				require.Len(r.t, r.judge().tickets, 1)
			},
		},
		"a new call": {
			func(*rig) {}, func(r *rig) { r.dial("c1", "1") },
			func(r *rig) {
				r.wait("the menu", func() bool { return slices.Contains(r.srv.Channel("c1").Playing, "sound:menu") })
				r.c.ask(func() { require.Equal(r.t, "13800138000", r.c.floor.Call("c1").Caller.Number) })
			},
		},
		"the end of the agent's leg": {
			func(r *rig) { r.talk("c1", "li") }, func(r *rig) { r.srv.Hangup(r.legOf("li")) },
			func(r *rig) { r.talks("c1", "li") },
		},
		"the end of a leg while it was offered": {
			func(r *rig) { r.enqueue("c1"); r.state("li", "offered") }, func(r *rig) { r.srv.Hangup(r.legOf("li")) },
			func(r *rig) { r.state("li", "offered") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.staff("li")
			test.before(r)
			r.cut(func() { test.gap(r) })
			test.after(r)
			if r.srv.Has("c1") {
				r.srv.Hangup("c1")
			}
			r.gone("c1")
			require.Empty(t, r.judge().open)
		})
	}
}

func TestLinkFailsInEachWayAndTheTalkGoesOn(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*rig){
		"reset": func(r *rig) { r.srv.CutWebsocket() }, "stalled": func(r *rig) { r.srv.CloseWebsocket(1011) },
		"half open": func(r *rig) { r.srv.HalfOpen() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.staff("li")
			r.talk("c1", "li")
			ups := r.ups()
			fail(r)
			r.wait("the link to come back", func() bool { return r.ups() > ups })
			r.must(floor.Command{Agent: "li", Do: "end"})
			r.gone("c1")
		})
	}
}

func TestHTTPMayHangWhileTheWebsocketLives(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, impatient: true}
	r.begin()
	r.staff("li")
	r.talk("c1", "li")
	r.enqueue("c2")
	r.srv.HangHTTP(true)
	r.must(floor.Command{Agent: "li", Do: "hold"})
	require.Equal(t, map[string]int{"held": 1, "waiting": 1}, r.c.Phases(), "nobody is hung up because we could not ask")
	r.srv.HangHTTP(false)
	r.wait("music", func() bool { return r.srv.Channel("c1").Music != "" })
	r.must(floor.Command{Agent: "li", Do: "retrieve"})
	r.talks("c1", "li")
}

func TestAsteriskRestarted(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	r.talk("c1", "li")
	r.enqueue("c2")
	r.state("wang", "offered")
	old := r.legOf("li")
	ups := r.ups()
	r.srv.Restart()
	r.wait("the link to come back", func() bool { return r.ups() > ups })
	r.gone("c1", "c2")
	r.state("li", "wrap-up")
	r.state("wang", "ready")
	r.wait("new legs", func() bool { return r.agent("li").Leg && r.legOf("li") != old && r.srv.Has(r.legOf("wang")) })
	require.True(t, r.media.linked(PhoneKey("li")), "the end of the old leg does not cut off the new one")
	require.Equal(t, map[string]fact.Ending{"c1": fact.EndCaller, "c2": fact.EndAbandoned}, r.judge().endings)
	r.talk("c3", "wang")
}

func TestEventsMayComeTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.srv.Tamper(func(ari.EventBody) int { return 2 })
	r.staff("li")
	r.talk("c1", "li")
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.gone("c1")
	b := r.judge()
	require.Empty(t, b.open)
	require.Len(t, b.endings, 1)
}

func TestCallWhoseLeaseRanOutComesBackAsTheSameCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.Lease = time.Minute })
	r.enqueue("c1")
	entered := r.entered("c1")
	r.wait("a longer lease beside the music", func() bool {
		s, err := strconv.ParseFloat(r.srv.Channel("c1").Vars["TIMEOUT(absolute)"], 64)
		return err == nil && s >= 120
	})
	require.NoError(t, r.conn.Continue(t.Context(), "c1", "hotline-in", "1", 1)) // as the dialplan's T extension does
	r.wait("the channel to be in the dialplan", func() bool { return !r.srv.Channel("c1").InStasis })
	r.srv.Enter("c1", "in", "1", "13800138000", "open", "trunk", "", "2")
	r.wait("music again", func() bool { return r.srv.Channel("c1").Bridge == "hold-consult" })
	require.Equal(t, entered, r.entered("c1"), "the place is kept")
	r.hangsUp("c1")
	require.Len(t, r.judge().endings, 1)
}

// Seen with an ARI that did not answer for longer than the lease: the caller's second way back was taken for the net, and the
// call came back as another one of the same name.
func TestCallThatTriesForLongToComeBackIsNotInTheNet(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("c1")
	entered := r.entered("c1")
	require.NoError(t, r.conn.Continue(t.Context(), "c1", "hotline-in", "1", 1))
	before := r.requests("channels.get", "c1")
	r.wait("the channel to be asked for often", func() bool { return r.requests("channels.get", "c1") >= before+9 }) // beyond 3 s
	r.srv.Enter("c1", "in", "1", "13800138000", "open", "trunk", "", "2")
	r.wait("music again", func() bool { return r.srv.Channel("c1").Bridge == "hold-consult" })
	require.Equal(t, entered, r.entered("c1"), "it is the same call in the same place")
	r.hangsUp("c1")
	require.Len(t, r.judge().endings, 1)
}

func TestCallInTheSafetyNetIsNotOursAnyMore(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("c1")
	require.NoError(t, r.conn.Continue(t.Context(), "c1", "hotline-net", "1", 1))
	r.phase("c1", call.Unknown)
	require.True(t, r.srv.Has("c1"), "the net has the caller: nobody hangs up")
	require.Equal(t, fact.EndAbandoned, r.judge().endings["c1"])
}

// Asterisk would not hang up, and the link was lost while it was tried again: what the caller had ended came back with the
// snapshot as another call of the same name.
func TestAChannelThatOutlivesItsCallIsNoNewCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.srv.Inject(aritest.Fault{Op: "channels.hangup", Times: -1, Status: 500})
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.later(time.Hour)
	r.phase("c1", call.Unknown)
	r.srv.Inject(aritest.Fault{Op: "channels.list", Times: -1, Status: 500})
	r.srv.CutWebsocket()
	r.wait("nobody to try any more", func() (none bool) {
		r.c.ask(func() { none = len(r.c.clearing) == 0 })
		return none
	})
	r.srv.Heal()
	r.linked()
	r.wait("the channel to be gone", func() bool { return !r.srv.Has("c1") })
	require.Len(t, r.judge().endings, 1)
}

func TestACallerWhoComesBackAfterTheEndIsTheNets(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("c1")
	require.NoError(t, r.conn.Continue(t.Context(), "c1", "hotline-net", "1", 1))
	r.phase("c1", call.Unknown)
	r.srv.Enter("c1", "in", "1", "13800138000", "open", "trunk", "", "2")
	r.wait("the net to have the caller", func() bool { return r.requests("channels.continue", "c1") == 2 && !r.srv.Channel("c1").InStasis })
	require.Len(t, r.judge().endings, 1)
}

func TestLegsAreMadeAtSignInRemadeWhenTheyDieAndRemovedAtSignOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.c.DeskUp("li")
	r.wait("the leg", func() bool { return r.agent("li").Leg })
	first := r.legOf("li")
	require.True(t, r.media.linked(PhoneKey("li")))
	r.srv.Hangup(first)
	r.wait("another leg", func() bool { leg := r.legOf("li"); return leg != "" && leg != first })
	require.True(t, r.media.linked(PhoneKey("li")))
	r.must(floor.Command{Agent: "li", Do: "sign-out"})
	r.wait("no leg", func() bool { return len(r.srv.Channels()) == 0 && !r.media.linked(PhoneKey("li")) })
}

func TestLegThatCannotBeMadeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.srv.Inject(aritest.Fault{Op: "channels.getVar", Times: 2, Status: 500})
	r.srv.Inject(aritest.Fault{Op: "channels.externalMedia", Times: 1, Cut: aritest.CutAfter})
	r.c.DeskUp("li")
	r.wait("the leg", func() bool { return r.agent("li").Leg })
	r.wait("no other", func() bool { return len(r.srv.Channels()) == 1 })
}

func TestLegThatWasMovedByALateRequestIsBroughtBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	r.talk("c1", "li")
	r.talk("c2", "wang")
	// An add of long ago, which Asterisk carries out now.
	_, err := r.conn.CreateBridge(t.Context(), "c2-b", ari.BridgeMixing, "c2")
	require.NoError(t, err)
	require.NoError(t, r.conn.AddChannel(t.Context(), "c2-b", ari.AddOptions{}, r.legOf("li")))
	r.talks("c1", "li")
	r.talks("c2", "wang")
}

func TestACallerWhoWasMovedByALateRequestIsBroughtBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	r.talk("c1", "li")
	r.talk("c2", "wang")
	require.NoError(t, r.conn.AddChannel(t.Context(), call.Home(r.legOf("wang")), ari.AddOptions{}, "c1"))
	r.talks("c1", "li")
	r.talks("c2", "wang")
}

func TestCallersOfOneAgentNeverMeet(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.dial("c1", "4")
	r.talks("c1", "li")
	r.dial("c2", "4")
	r.phase("c2", call.Waiting)
	r.srv.Inject(aritest.Fault{Op: "channels.hangup", Times: 1, Delay: 300 * time.Millisecond})
	mark := len(r.srv.Requests())
	r.must(floor.Command{Agent: "li", Do: "end"}) // free at once, while the first caller is yet to be hung up
	r.talks("c2", "li")
	asked := r.asked(mark, "leg-li")
	require.Equal(t, []string{"bridges.removeChannel c1", "bridges.addChannel c2"}, asked)
	r.gone("c1")
	r.hangsUp("c2")
	mark = len(r.srv.Requests())
	r.dial("c3", "4")
	r.talks("c3", "li")
	require.Equal(t, []string{"bridges.addChannel c3"}, r.asked(mark, "leg-li"), "who has gone need not be seen out")
}

func TestAnAgentsBridgeThatIsGoneIsMadeAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	require.NoError(t, r.conn.DestroyBridge(t.Context(), call.Home(r.legOf("li"))))
	r.talk("c1", "li")
}

func TestAgentGoesFromCallToCallThoughOldRequestsAreSlow(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.srv.Inject(aritest.Fault{Op: "bridges.addChannel", Times: -1, Delay: 30 * time.Millisecond})
	r.srv.Inject(aritest.Fault{Op: "bridges.removeChannel", Times: -1, Delay: 60 * time.Millisecond})
	r.staff("li")
	for i := range 6 { // queue "auto": no wrap-up, connected at once
		id := fmt.Sprintf("c%dx", i)
		r.dial(id, "4")
		r.talks(id, "li")
		if i > 0 {
			last := fmt.Sprintf("c%dx", i-1)
			require.False(t, r.together(last, "li"))
		}
		r.must(floor.Command{Agent: "li", Do: "hold"})
		r.must(floor.Command{Agent: "li", Do: "retrieve"})
		r.must(floor.Command{Agent: "li", Do: "end"})
	}
	r.gone("c0x", "c5x")
}

func TestOnlyTheOwnerOfALegPassesItsGate(t *testing.T) {
	t.Parallel()
	g := newGate()
	g.give("a")
	require.True(t, g.enter(t.Context(), "a"))
	waiting := make(chan bool)
	go func() { waiting <- g.enter(context.Background(), "b") }()
	g.give("b")
	g.leave()
	require.True(t, <-waiting)
	g.leave()
	require.False(t, g.enter(t.Context(), "a"), "the leg is another call's: an old order must not steal it")
	require.True(t, g.enter(t.Context(), "b"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.False(t, g.enter(ctx, "b"))
}

func TestTheFirstToWaitAfterAnEmptyQueueHearsMusic(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("c1")
	music := func() string { return r.srv.Bridge("hold-consult").Music }
	begun := func() (n int) {
		for _, q := range r.srv.Requests() {
			if q.Op == "bridges.startMoh" && q.Path == "/bridges/hold-consult/moh" {
				n++
			}
		}
		return n
	}
	r.wait("music for the first", func() bool { return begun() >= 2 && music() != "" })
	r.hangsUp("c1")
	r.wait("an empty bridge without music", func() bool { return music() == "" })
	r.enqueue("c2")
	r.wait("music again", func() bool { return music() != "" })
}

// A channel of music that is on its way out is found by Asterisk, and cannot be told to begin.
func TestTheFirstToWaitHearsMusicThoughAsteriskRefusesItOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	music := func() string { return r.srv.Bridge("hold-consult").Music }
	r.enqueue("c1")
	r.wait("all that is begun for the first, and with the bridge", func() bool {
		begun := 0
		for _, q := range r.srv.Requests() {
			if q.Op == "bridges.startMoh" && q.Path == "/bridges/hold-consult/moh" {
				begun++
			}
		}
		return begun >= 3
	})
	r.hangsUp("c1")
	r.wait("an empty bridge without music", func() bool { return music() == "" })
	r.srv.Inject(aritest.Fault{Op: "bridges.startMoh", Status: http.StatusInternalServerError, Message: "Allocation failed"})
	r.enqueue("c2")
	r.wait("music again", func() bool { return music() != "" })
}

// StasisEnd is told before the channel takes its next step: who asks at once finds it in the application still.
func TestCallThatLeavesSlowlyIsFollowedIntoTheNet(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("c1")
	asked := r.requests("channels.get", "c1")
	r.c.ask(func() { r.c.followOut(r.c.nodes["a"], "c1") })
	r.wait("the channel to be asked for", func() bool { return r.requests("channels.get", "c1") > asked })
	r.srv.Tamper(func(ari.EventBody) int { return 0 })
	require.NoError(t, r.conn.Continue(t.Context(), "c1", "hotline-net", "1", 1))
	r.phase("c1", call.Unknown)
}

// The leg dies, and its bridge with it, while the caller is moved elsewhere: see leaveHome.
func TestCallerHasLeftTheAgentsBridgeBeforeItIsDestroyed(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.calm()
	leg := r.legOf("li")
	mark := len(r.srv.Requests())
	r.srv.Inject(aritest.Fault{Op: "bridges.create", Delay: 100 * time.Millisecond}) // before the caller goes there
	r.srv.Hangup(leg)
	r.wait("the bridge to be destroyed", func() bool { return r.srv.Bridge(call.Home(leg)).ID == "" })
	asked := r.asked(mark, "c1", call.Home(leg))
	require.Contains(t, asked, "bridges.addChannel c1")
	require.Less(t, slices.Index(asked, "bridges.addChannel c1"), slices.Index(asked, "bridges.destroy"), asked)
	r.talks("c1", "li")
}
