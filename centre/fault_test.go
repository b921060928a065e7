package centre

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
)

// story is a whole call with everything in it, told without demanding that anything goes well: the caller presses a key
// when there is something to hear, the agent takes what is offered, holds, retrieves, passes the call on, ends it.
func story(r *rig) {
	r.dial("c1", "1")
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		listen(ctx, r, "c1", "1")
	}()
	defer func() { cancel(); <-done }() // nobody listens on when a wait was in vain
	over := func() bool { p, _ := r.c.Phase("c1"); return p == call.Unknown && r.ended("c1") }
	try := func(agent, do string, cmd floor.Command, until ...string) {
		r.wait(fmt.Sprintf("%s to be possible for %s, or the end", until, agent), func() bool {
			return slices.Contains(until, r.agent(agent).State) || over()
		})
		r.calm()
		cmd.Agent, cmd.Do = agent, do
		_ = r.c.Do(r.t.Context(), "", cmd) // a call that has failed meanwhile is refused
	}
	talks := func(agent string) {
		r.wait("the talk, or the end", func() bool {
			if r.agent(agent).State == "offered" {
				_ = r.c.Do(r.t.Context(), "", floor.Command{Agent: agent, Do: "accept"})
			}
			return r.agent(agent).State == "talking" || over()
		})
	}
	talks("li")
	try("li", "hold", floor.Command{}, "talking")
	try("li", "retrieve", floor.Command{}, "held")
	try("li", "transfer", floor.Command{ToAgent: "wang"}, "talking")
	r.calm() // the caller waits
	talks("wang")
	r.calm()
	try("wang", "end", floor.Command{}, "talking")
	r.wait("the end", over)
	r.wait("the channel to be gone", func() bool { return !r.srv.Has("c1") })
}

// calm waits until no request has been sent for a moment, but not for long: a lane that fails goes on for a while.
func (r *rig) calm() {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for same, n, all := 0, -1, 0; same < 3 && all < 40; all++ {
		if now := len(r.srv.Requests()); now == n {
			same++
		} else {
			same, n = 0, now
		}
		<-tick.C
	}
}

// listen is a caller who hears every prompt to its end, and presses a key in the menu, until the channel is gone
// or ctx ends.
func listen(ctx context.Context, r *rig, id, key string) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for ; ctx.Err() == nil && r.srv.Has(id); <-tick.C {
		ch := r.srv.Channel(id)
		plays := ch.Playbacks()
		if slices.Contains(ch.Playing, "sound:menu") || len(plays) == 0 {
			r.c.Pressed(id, key)
		}
		if len(plays) > 1 || len(plays) == 1 && !slices.Contains(ch.Playing, "sound:menu") {
			r.srv.FinishPlayback(plays[0])
		}
	}
}

// storyLength tells how many requests the story takes.
func storyLength(t *testing.T) (first, last int) {
	r := newRig(t, func(c *Config) { c.Lease = time.Minute })
	r.staff("li", "wang")
	first = len(r.srv.Requests())
	story(r)
	settled(r, "without a fault")
	return first + 1, len(r.srv.Requests())
}

func TestEveryRequestOfACallMayFailOnce(t *testing.T) {
	t.Parallel()
	first, last := storyLength(t)
	require.Greater(t, last-first, 16)
	for name, fault := range map[string]aritest.Fault{
		"500":                                   {Status: http.StatusInternalServerError, Message: "Allocation failed"},
		"404":                                   {Status: http.StatusNotFound, Message: "Resource not found"},
		"409":                                   {Status: http.StatusConflict, Message: "Channel not in Stasis application"},
		"422":                                   {Status: http.StatusUnprocessableEntity, Message: "Channel not in Stasis application"},
		"cut before it is done":                 {Cut: aritest.CutBefore},
		"cut after it is done":                  {Cut: aritest.CutAfter},
		"done late, when nobody waits any more": {Delay: 400 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := first; n <= last; n++ {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					t.Parallel()
					r := &rig{t: t, alter: func(c *Config) { c.Lease = time.Minute }, impatient: fault.Delay > 0}
					r.begin()
					r.staff("li", "wang")
					fault := fault
					fault.N = n
					r.srv.Inject(fault)
					story(r)
					if fault.Status == http.StatusNotFound { // Asterisk does not lie so; what it leaves goes at the next resync
						r.srv.CutWebsocket()
					}
					settled(r, fmt.Sprintf("request %d: %s", n, name))
				})
			}
		})
	}
}

// settled demands that a call has ended once, that nothing of it is left, and that nobody is stuck.
func settled(r *rig, what string) {
	r.t.Helper()
	r.gone("c1")
	for _, a := range []string{"li", "wang"} {
		r.wait(what+": "+a+" to be free", func() bool {
			if r.agent(a).State == "wrap-up" {
				_ = r.c.Do(r.t.Context(), "", floor.Command{Agent: a, Do: "wrap-up-done"})
			}
			return r.agent(a).State == "ready" && r.agent(a).Leg
		})
	}
	b := r.judge()
	require.Empty(r.t, b.open, what)
	require.Len(r.t, b.endings, 1, what)
	require.Contains(r.t, []fact.Ending{fact.EndAgent, fact.EndFailed, fact.EndAbandoned}, b.endings["c1"], what)
}

func TestOneKindOfRequestMayFailForEver(t *testing.T) {
	t.Parallel()
	for op, ending := range map[string]fact.Ending{
		"channels.answer": fact.EndFailed, "channels.play": "", "playbacks.stop": "", "bridges.create": fact.EndAgent,
		"channels.snoop": fact.EndAgent, "channels.record": fact.EndAgent, "bridges.addChannel": fact.EndFailed,
		"channels.startMoh": "", "channels.stopMoh": "", "bridges.removeChannel": "",
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.staff("li", "wang")
			r.srv.Inject(aritest.Fault{Op: op, Times: -1, Status: http.StatusInternalServerError, Message: "Allocation failed"})
			story(r)
			settled(r, op)
			if ending != "" {
				require.Equal(t, ending, r.judge().endings["c1"])
			}
		})
	}
}

// Who connects by itself is offered the next try in the same moment: no wait in between tells the lane that nothing works.
func TestACallThatCanBeJoinedToNobodyIsNotOfferedForEver(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	r.srv.Inject(aritest.Fault{Op: "bridges.addChannel", Times: -1, Status: http.StatusInternalServerError, Message: "Allocation failed"})
	r.dial("c1", "4")
	r.gone("c1")
	require.Equal(t, fact.EndFailed, r.judge().endings["c1"])
	offers := 0
	for _, f := range r.seen() {
		if _, ok := f.(fact.Offered); ok {
			offers++
		}
	}
	require.Less(t, offers, 10)
	r.state("li", "ready")
	r.state("wang", "ready")
}

// The caller is retrieved while the lane looks at what became of the hold: the music that began before must end.
func TestMusicEndsThoughTheCallerIsRetrievedWhileTheLaneLooks(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.calm()
	r.srv.Inject(aritest.Fault{Op: "bridges.removeChannel", Status: http.StatusInternalServerError, Message: "Allocation failed"})
	r.srv.Inject(aritest.Fault{Op: "channels.get", Delay: 200 * time.Millisecond})
	before := len(r.srv.Requests())
	r.must(floor.Command{Agent: "li", Do: "hold"})
	r.wait("the lane to look", func() bool {
		return slices.ContainsFunc(r.srv.Requests()[before:], func(q aritest.Request) bool { return q.Op == "channels.get" })
	})
	r.must(floor.Command{Agent: "li", Do: "retrieve"})
	r.talks("c1", "li")
}

// Asterisk says that it ended the music and did not: see fade.
func TestMusicEndsThoughAsteriskMissesItsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.must(floor.Command{Agent: "li", Do: "hold"})
	r.wait("music", func() bool { return r.srv.Channel("c1").Music != "" })
	r.calm()
	r.srv.Inject(aritest.Fault{Op: "channels.stopMoh", Status: http.StatusNoContent, Times: 2})
	r.must(floor.Command{Agent: "li", Do: "retrieve"})
	r.talks("c1", "li")
	r.must(floor.Command{Agent: "li", Do: "hold"})
	r.wait("music again", func() bool { return r.srv.Channel("c1").Music != "" })
	ends := r.requests("channels.stopMoh", "c1")
	require.Never(t, func() bool { return r.requests("channels.stopMoh", "c1") > ends }, fadeAfter[2]+200*time.Millisecond, 50*time.Millisecond,
		"what is wanted again is not ended")
}

// A hang-up that Asterisk took although its answer was lost may have ended the call while nobody listened.
func TestAChannelThatIsGoneWhenItIsHungUpIsAskedForSoon(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.srv.Tamper(func(e ari.EventBody) int {
		switch e.(type) {
		case *ari.ChannelHangupRequest, *ari.StasisEnd, *ari.ChannelDestroyed:
			return 0
		}
		return 1
	})
	r.srv.Hangup("c1")
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.gone("c1")
	var closing time.Time
	for _, rec := range r.log() {
		for _, f := range rec.Facts {
			switch f := f.(type) {
			case fact.CallClosing:
				closing = rec.At
			case fact.CallEnded:
				require.True(t, f.Inferred)
				require.Less(t, rec.At.Sub(closing), confirmAfter, "as long as for one that was there to be hung up")
			}
		}
	}
	require.False(t, closing.IsZero())
}
