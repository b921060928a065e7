package centre

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
	"hotline/journal"
)

// callingBack lets callers of the queue ask for a call back by key 1.
func callingBack(first string) func(*Config) {
	return func(c *Config) {
		c.Lease = time.Minute
		c.Floor.Queues[0].Wait.Keys = map[string]string{"1": "callback"}
		c.Floor.Callbacks = floor.Callbacks{
			Trunk: "PJSIP/{number}@carrier", CallerID: "12345", First: first, Permitted: []string{""}, PerDay: 9, Ring: 20 * time.Second,
			Times: 2, After: []time.Duration{time.Minute}, Expires: time.Hour,
			Number: func(keyed string) (string, bool) { return keyed, keyed != "" },
			Spoken: func(number string) string { return number },
		}
	}
}

// promise is a caller who asks for a call back and hangs up; the first attempt then waits.
func (r *rig) promise(id string) (attempt string) {
	r.t.Helper()
	r.enqueue(id)
	r.srv.DTMF(id, "1")
	r.hears(id, "To go on waiting")
	require.Equal(r.t, "hold-consult", r.srv.Channel(id).Bridge, "music goes on")
	r.srv.DTMF(id, "1")
	r.hears(id, "we will call you")
	r.say(id)
	r.gone(id)
	attempt = "cb-" + id + "-a1"
	r.phase(attempt, call.Waiting)
	return attempt
}

func (r *rig) hears(id, words string) {
	r.t.Helper()
	r.wait(id+" to hear: "+words, func() bool {
		return slices.ContainsFunc(r.srv.Channel(id).Playing, func(m string) bool { return strings.Contains(m, words) })
	})
}

// accept takes what is offered to the agent, and waits until the customer's phone rings.
func (r *rig) accept(agent, attempt string) {
	r.t.Helper()
	r.state(agent, "offered")
	r.must(floor.Command{Agent: agent, Do: "accept"})
	r.rings(attempt)
}

func (r *rig) rings(attempt string) {
	r.t.Helper()
	r.wait(attempt+" to ring", func() bool { return r.srv.Channel(attempt).State == ari.StateRinging })
}

// requests counts requests about a channel, or the making of it.
func (r *rig) requests(op, channel string) (n int) {
	for _, q := range r.srv.Requests() {
		about, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(q.Path, "/"), "channels/"), "/")
		if q.Op == op && (about == channel || q.Query.Get("channelId") == channel) {
			n++
		}
	}
	return n
}

func TestACallBackIsDialledIntoTheBridgeOfTheAgentWhoAccepts(t *testing.T) {
	t.Parallel()
	r := newRig(t, callingBack("agent"))
	attempt := r.promise("c1")
	r.calm()
	require.False(t, r.srv.Has(attempt), "it waits without a channel")
	require.Empty(t, NewWatchdog(r.c).Look(context.Background()))
	r.staff("li")
	r.accept("li", attempt)
	ch := r.srv.Channel(attempt)
	require.Equal(t, "PJSIP/13800138000@carrier", ch.Endpoint)
	require.Equal(t, "12345", ch.Vars["CONNECTEDLINE(num,i)"])
	require.ElementsMatch(t, []string{attempt, r.legOf("li")}, r.srv.Bridge(attempt+"-b").Channels, "the agent hears it ring")
	require.Zero(t, r.requests("channels.answer", attempt), "the other end answers, not we")
	require.Empty(t, r.srv.LiveRecordings(), "ringing is not recorded")
	require.Equal(t, "offered", r.agent("li").State)
	r.srv.PickUp(attempt)
	r.talks(attempt, "li")
	r.wait("the recording", func() bool { return len(r.srv.LiveRecordings()) == 2 })
	r.hangsUp(attempt)
	b := r.judge()
	require.Equal(t, map[string]fact.Ending{"c1": fact.EndCallback, attempt: fact.EndCaller}, b.endings)
	require.Equal(t, 1, r.requests("channels.create", attempt))
	require.Equal(t, 1, r.requests("channels.dial", attempt))
}

// rung waits until the agent hears the customer's phone ring, or not any more.
func (r *rig) rung(agent string, want bool) {
	r.t.Helper()
	leg := r.legOf(agent)
	r.wait(agent+" and the ringing", func() bool { return slices.Contains(r.srv.Channel(leg).Playing, ringTone) == want })
}

func TestTheAgentHearsTheCustomersPhoneRing(t *testing.T) {
	t.Parallel()
	r := newRig(t, callingBack("agent"))
	attempt := r.promise("c1")
	r.staff("li")
	r.accept("li", attempt)
	r.rung("li", true)
	require.Empty(t, r.srv.Channel(attempt).Playing, "the customer hears nothing of it")
	r.again("li")
	r.rung("li", true)
	r.srv.PickUp(attempt)
	r.talks(attempt, "li")
	r.rung("li", false)
	require.Equal(t, 1, r.requests("channels.play", r.legOf("li")), "once")
	r.wait("the tone to be ended again, as Asterisk may have missed it", func() bool { return r.requests("channels.stopMoh", r.legOf("li")) == len(fadeAfter) })
	r.hangsUp(attempt)
	r.judge()
}

func TestTheNetworksOwnRingingGoesBeforeOurs(t *testing.T) {
	t.Parallel()
	r := newRig(t, callingBack("agent"))
	attempt := r.promise("c1")
	r.staff("li")
	r.accept("li", attempt)
	r.rung("li", true)
	r.srv.EarlyMedia(attempt)
	r.rung("li", false)
	r.srv.PickUp(attempt)
	r.talks(attempt, "li")
	require.Equal(t, 1, r.requests("channels.play", r.legOf("li")), "and not again")
	r.hangsUp(attempt)
	r.judge()
}

func TestTheRingingEndsWithTheAttempt(t *testing.T) {
	t.Parallel()
	for how, end := range map[string]func(r *rig, attempt string){
		"refused":            func(r *rig, attempt string) { r.srv.HangupCause(attempt, ari.CauseBusy) },
		"ended by the agent": func(r *rig, attempt string) { r.must(floor.Command{Agent: "li", Do: "end"}) },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, callingBack("agent"))
			attempt := r.promise("c1")
			r.staff("li")
			r.accept("li", attempt)
			r.rung("li", true)
			end(r, attempt)
			r.rung("li", false)
			r.gone(attempt)
		})
	}
}

func TestTheCustomerIsCalledFirstAndWaitsWithMusic(t *testing.T) {
	t.Parallel()
	r := newRig(t, callingBack("customer"))
	attempt := r.promise("c1")
	r.staff("li")
	r.rings(attempt)
	require.Equal(t, "ready", r.agent("li").State, "free until the customer is there")
	r.must(floor.Command{Agent: "li", Do: "not-ready", Reason: "break"})
	r.srv.PickUp(attempt)
	r.wait("the greeting", func() bool { return len(r.srv.Channel(attempt).Playing) > 0 })
	r.say(attempt)
	r.wait("music", func() bool { return r.srv.Channel(attempt).Bridge == "hold-consult" })
	r.wait("a lease", func() bool { v := r.srv.Channel(attempt).Vars["TIMEOUT(absolute)"]; return v != "" && v != "0.0" })
	r.must(floor.Command{Agent: "li", Do: "ready"})
	r.state("li", "offered")
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks(attempt, "li")
	r.wait("no lease to end the talk", func() bool { return r.srv.Channel(attempt).Vars["TIMEOUT(absolute)"] == "0.0" })
}

func TestABusyCustomerIsCalledAgainLater(t *testing.T) {
	t.Parallel()
	r := newRig(t, callingBack("agent"))
	r.srv.Phones(func(string) aritest.Phone { return aritest.Phone{Refuse: ari.CauseBusy} })
	first := r.promise("c1")
	r.staff("li")
	r.state("li", "offered")
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.gone(first)
	r.state("li", "ready")
	require.Equal(t, fact.MissBusy, r.callbacks()[0].Last)
	r.srv.Phones(func(string) aritest.Phone { return aritest.Phone{} })
	r.later(time.Minute)
	second := "cb-c1-a2"
	r.accept("li", second)
	r.srv.PickUp(second)
	r.talks(second, "li")
	require.Empty(t, r.callbacks())
}

func (r *rig) callbacks() []floor.CallbackView { return r.c.Callbacks() }

func TestATrunkThatIsNotThereFailsTheAttemptAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) {
		callingBack("agent")(c)
		c.Floor.Callbacks.Trunk = "NOSUCH/{number}"
	})
	attempt := r.promise("c1")
	r.staff("li")
	r.state("li", "offered")
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.wait("the attempt to be over", func() bool { return r.callbacks()[0].Last == fact.MissFailed })
	r.state("li", "ready")
	r.gone(attempt)
}

func TestPromisesAreKeptAfterAKillAtAnyMoment(t *testing.T) {
	t.Parallel()
	t.Run("before it is offered", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, callingBack("agent"))
		attempt := r.promise("c1")
		before := r.entered(attempt)
		r.again()
		require.Equal(t, before, r.entered(attempt), "the place is kept")
		r.staff("li")
		r.accept("li", attempt)
		r.srv.PickUp(attempt)
		r.talks(attempt, "li")
	})
	t.Run("between the decision to dial and the request", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, callingBack("agent"))
		attempt := r.promise("c1")
		r.staff("li")
		r.state("li", "offered")
		r.srv.Inject(aritest.Fault{Op: "channels.create", Times: -1, Cut: aritest.CutBefore})
		r.must(floor.Command{Agent: "li", Do: "accept"})
		r.wait("the request", func() bool { return r.requests("channels.create", attempt) > 0 })
		r.kill()
		r.srv.Heal()
		r.start()
		r.gone(attempt)
		require.Equal(t, 1, r.callbacks()[0].Tries, "it counts as a try")
		require.Zero(t, r.requests("channels.dial", attempt))
		r.c.DeskUp("li")
		r.c.MediaUp("li", true)
		r.later(time.Minute)
		r.accept("li", "cb-c1-a2")
	})
	t.Run("and nobody is rung while the end is being journalled", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(c *Config) { callingBack("agent")(c); c.Journal = slow{c.Journal} })
		attempt := r.promise("c1")
		r.staff("li")
		r.state("li", "offered")
		r.srv.Inject(aritest.Fault{Op: "channels.create", Times: -1, Cut: aritest.CutBefore})
		r.must(floor.Command{Agent: "li", Do: "accept"})
		r.wait("the request", func() bool { return r.requests("channels.create", attempt) > 0 })
		r.kill()
		r.srv.Heal()
		asked := r.requests("channels.create", attempt)
		r.start()
		r.gone(attempt)
		require.Equal(t, asked, r.requests("channels.create", attempt), "the attempt is over")
	})
	t.Run("while it rings", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, callingBack("agent"))
		attempt := r.promise("c1")
		r.staff("li")
		r.accept("li", attempt)
		r.again("li")
		r.calm()
		require.Equal(t, 1, r.requests("channels.dial", attempt), "no customer is rung twice")
		r.srv.PickUp(attempt)
		r.talks(attempt, "li")
	})
	t.Run("and it was answered meanwhile", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, callingBack("agent"))
		attempt := r.promise("c1")
		r.staff("li")
		r.accept("li", attempt)
		r.kill()
		r.srv.PickUp(attempt)
		r.start()
		r.c.DeskUp("li")
		r.c.MediaUp("li", true)
		r.talks(attempt, "li")
	})
}

func TestARequestWithoutAnAnswerRingsNobodyTwice(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"channels.create", "channels.dial"} {
		for _, cut := range []aritest.Cut{aritest.CutBefore, aritest.CutAfter} {
			r := newRig(t, callingBack("agent"))
			attempt := r.promise("c1")
			r.staff("li")
			r.state("li", "offered")
			r.srv.Inject(aritest.Fault{Op: op, Cut: cut})
			r.must(floor.Command{Agent: "li", Do: "accept"})
			if op == "channels.dial" && cut == aritest.CutBefore {
				r.wait("the request", func() bool { return r.requests(op, attempt) == 1 })
				r.later(30 * time.Second) // nothing comes of it: the floor's deadline sees to that
				r.gone(attempt)
				require.Equal(t, 1, r.requests(op, attempt), "whether it was carried out could not be told")
				continue
			}
			r.rings(attempt)
			r.srv.PickUp(attempt)
			r.talks(attempt, "li")
			require.Equal(t, 1, r.requests("channels.dial", attempt))
		}
	}
}

// slow is a journal that takes its time over the end of a call, as on a busy disk.
type slow struct{ journal.Log }

func (l slow) AppendBatch(ctx context.Context, rs []fact.Record) error {
	for _, r := range rs {
		if slices.ContainsFunc(r.Facts, func(f fact.Fact) bool { return f.Kind() == fact.CallEnded{}.Kind() }) {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return l.Log.AppendBatch(ctx, rs)
}
