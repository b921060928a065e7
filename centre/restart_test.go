package centre

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/floor"
)

// again kills the process, lets it start again, and brings the agents' desks back.
func (r *rig) again(desks ...string) {
	r.t.Helper()
	r.kill()
	r.start()
	for _, a := range desks {
		r.c.DeskUp(a)
		r.c.MediaUp(a, true)
	}
}

func TestEveryPhaseGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	agents := []string{"li", "wang", "zhao", "sun"}
	r := newRig(t, func(c *Config) { c.Lease = time.Minute })
	r.staff(agents...)
	r.talk("talking", "li")
	r.talk("held", "wang")
	r.must(floor.Command{Agent: "wang", Do: "hold"})
	r.talk("wrapped", "zhao")
	r.must(floor.Command{Agent: "zhao", Do: "end"})
	r.gone("wrapped")
	r.must(floor.Command{Agent: "sun", Do: "not-ready", Reason: "break"})
	r.enqueue("first")
	r.enqueue("second")
	r.message("recording")
	r.dial("menu", "1")
	r.wait("the menu", func() bool { return len(r.srv.Channel("menu").Playing) > 0 })
	r.dial("listening", "1")
	r.say("listening")
	r.wait("the caller to have heard the menu", func() bool { return r.saying("listening") == 0 })
	r.calm()
	places := r.entered("first", "second")
	until := r.agent("zhao").WrapUp.Until
	legs := map[string]string{}
	for _, a := range agents {
		legs[a] = r.legOf(a)
	}
	mark := len(r.srv.Requests())

	r.again(agents...)

	require.Equal(t, places, r.entered("first", "second"), "queue order and entry times")
	r.talks("talking", "li")
	r.wait("held goes on", func() bool { return r.srv.Channel("held").Music != "" && r.agent("wang").State == "held" })
	require.Equal(t, until.UTC(), r.agent("zhao").WrapUp.Until.UTC(), "the wrap-up clock")
	require.Equal(t, "not-ready", r.agent("sun").State)
	for a, leg := range legs {
		require.Equal(t, leg, r.legOf(a), "a leg outlives us")
		require.True(t, r.media.linked(PhoneKey(a)))
	}
	require.Equal(t, "recording-m1", r.srv.Channel("recording").Recording, "the recorder still runs")
	r.wait("the question to be asked again", func() bool { return len(r.srv.Channel("listening").Playing) == 1 })
	r.calm()
	require.Len(t, r.srv.Channel("menu").Playbacks(), 1, "a prompt that still runs is not said twice")
	for _, id := range []string{"talking", "held"} {
		require.Equal(t, "0.0", r.srv.Channel(id).Vars["TIMEOUT(absolute)"], "no lease ends a talk")
	}
	for _, q := range r.srv.Requests()[mark:] {
		require.NotContains(t, []string{"channels.snoop", "channels.record", "bridges.addChannel", "bridges.startMoh"}, q.Op, "what is there is not made again")
	}
	r.must(floor.Command{Agent: "wang", Do: "retrieve"})
	r.talks("held", "wang")
	r.srv.DTMF("menu", "1")
	r.wait("one moment", func() bool { return slices.Contains(r.srv.Channel("menu").Playing, "sound:one moment") })
	for _, id := range []string{"talking", "held", "first", "second", "recording", "menu", "listening"} {
		r.srv.Hangup(id)
	}
	r.gone("talking", "held", "first", "second", "recording", "menu", "listening")
	require.Empty(t, r.judge().open)
}

func (r *rig) saying(id string) (n int) {
	r.c.ask(func() { n = len(r.c.floor.Call(id).Saying) })
	return n
}

func (r *rig) entered(ids ...string) (at []string) {
	r.c.ask(func() {
		for _, id := range ids {
			at = append(at, r.c.floor.Call(id).Visit.Entered.UTC().Format(time.RFC3339Nano))
		}
	})
	return at
}

func TestRecordingsOfCallsThatEndedBeforeAKillAreFetched(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.tapes.hold = true
	r.staff("li")
	r.talk("c1", "li")
	r.hangsUp("c1")
	r.wait("the recording to be asked for", func() bool { return r.tapes.asked("c1-r1") == 1 })
	r.tapes.deliver()
	r.again("li")
	r.wait("the recording", func() bool { return r.judge().stored["c1-r1"] == 1 })
	require.Equal(t, 2, r.tapes.asked("c1-r1"), "once in each life")
	r.again("li")
	r.calm()
	require.Equal(t, 2, r.tapes.asked("c1-r1"))
}

func TestHangUpWhileTheServerIsAwayIsSettledOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.enqueue("c2")
	r.kill()
	r.srv.Hangup("c1")
	r.srv.Hangup("c2")
	r.start()
	r.gone("c1", "c2")
	b := r.judge()
	require.Equal(t, map[string]fact.Ending{"c1": fact.EndCaller, "c2": fact.EndAbandoned}, b.endings)
	require.Equal(t, "wrap-up", r.agent("li").State)
	inferred := 0
	for _, rec := range r.log() {
		for _, f := range rec.Facts {
			if e, ok := f.(fact.CallEnded); ok && e.Inferred {
				inferred++
			}
		}
	}
	require.Equal(t, 2, inferred)
}

func TestServerIsKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("CENTRE_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("CENTRE_SEED=%d", seed)
	const workers, each = 8, 25
	for w := range workers {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			killedAtRandom(t, rand.New(rand.NewPCG(seed, uint64(w))), each)
		})
	}
}

// killedAtRandom lets callers and agents do what they like while the process is killed again and again in the middle of
// it, and demands that in the end every call has one ending, and nothing is left.
func killedAtRandom(t *testing.T, dice *rand.Rand, rounds int) {
	agents := []string{"li", "wang"}
	r := newRig(t, func(c *Config) { c.Lease = time.Minute })
	r.staff(agents...)
	next, live := 0, []string{}
	for range rounds {
		for range 1 + dice.IntN(12) {
			switch dice.IntN(10) {
			case 0, 1:
				if len(live) < 6 {
					next++
					id := fmt.Sprintf("c%dx", next)
					live = append(live, id)
					r.dial(id, []string{"1", "1", "2", "4"}[dice.IntN(4)])
				}
			case 2, 3, 4:
				for _, id := range live {
					if plays := r.srv.Channel(id).Playbacks(); len(plays) > 0 {
						r.srv.FinishPlayback(plays[0])
					} else {
						r.c.Pressed(id, "1")
					}
				}
			case 5, 6:
				for _, a := range agents {
					_ = r.c.Do(t.Context(), "", floor.Command{Agent: a, Do: "accept"})
				}
			case 7:
				do := []floor.Command{{Do: "hold"}, {Do: "retrieve"}, {Do: "transfer", ToQueue: "consult"}, {Do: "end"}, {Do: "wrap-up-done"}}[dice.IntN(5)]
				do.Agent = agents[dice.IntN(2)]
				_ = r.c.Do(t.Context(), "", do) // most are out of turn
			case 8:
				if len(live) > 0 {
					i := dice.IntN(len(live))
					r.srv.Hangup(live[i])
					live = slices.Delete(live, i, i+1)
				}
			case 9:
				r.calm()
			}
		}
		r.kill()
		if len(live) > 0 && dice.IntN(3) == 0 { // while nobody listens
			i := dice.IntN(len(live))
			r.srv.Hangup(live[i])
			live = slices.Delete(live, i, i+1)
		}
		r.start()
		for _, a := range agents {
			r.c.DeskUp(a)
			r.c.MediaUp(a, true)
		}
	}
	for _, id := range live {
		r.srv.Hangup(id)
	}
	r.wait("all calls to end", func() bool { return len(r.c.Lines()) == 0 })
	for _, a := range agents {
		r.wait(a+" to be free", func() bool {
			_ = r.c.Do(t.Context(), "", floor.Command{Agent: a, Do: "wrap-up-done"})
			s := r.agent(a).State
			return s == "ready" || s == "not-ready"
		})
	}
	r.wait("nothing but the agents' legs with their bridges, and the queues', to be left", func() bool {
		return len(r.srv.Channels()) == len(agents) && len(r.srv.Bridges()) == 2+len(agents)
	})
	b := r.judge()
	require.Empty(t, b.open)
}
