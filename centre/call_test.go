package centre

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
)

func TestACallFromArrivalToWrapUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	require.Equal(t, ari.StateUp, r.srv.Channel("c1").State)
	require.Len(t, r.srv.LiveRecordings(), 2, "both directions are recorded")
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.gone("c1")
	r.state("li", "wrap-up")
	r.wait("the agent's phone to rest", func() bool { return !r.media.speaks("li") })
	require.True(t, r.srv.Has(r.legOf("li")), "the agent's leg stays for the shift")
	r.later(time.Minute)
	r.state("li", "ready")
	r.wait("the recording to be stored", func() bool { return r.judge().stored["c1-r1"] == 1 })
	b := r.judge()
	require.Empty(t, b.open)
	require.Equal(t, fact.EndAgent, b.endings["c1"])
	require.Equal(t, fact.Answered, b.outcomes["c1-v1"])
	require.Equal(t, map[string]string{r.now().UTC().Format("20060102") + "-0001": "c1"}, b.tickets)
}

// asked are the requests about a call or a leg since a mark, in short words.
func (r *rig) asked(mark int, about ...string) (out []string) {
	for _, q := range r.srv.Requests()[mark:] {
		if q.Method == http.MethodGet {
			continue
		}
		for _, id := range about {
			if strings.Contains(q.Path, id) || strings.Contains(q.Query.Get("channel"), id) {
				out = append(out, strings.TrimSpace(q.Op+" "+q.Query.Get("channel")))
				break
			}
		}
	}
	return out
}

func TestHoldAndRetrieveLeaveNoMomentOfSilence(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	leg := r.legOf("li")
	mark := len(r.srv.Requests())
	r.must(floor.Command{Agent: "li", Do: "hold"})
	r.wait("the agent to be out", func() bool { return !slices.Contains(r.with("c1"), leg) })
	require.Equal(t, "default", r.srv.Channel("c1").Music)
	require.Equal(t, []string{"channels.startMoh", "bridges.removeChannel " + leg}, r.asked(mark, "c1", leg))
	mark = len(r.srv.Requests())
	r.must(floor.Command{Agent: "li", Do: "retrieve"})
	r.talks("c1", "li")
	require.Equal(t, []string{"bridges.addChannel " + leg, "channels.stopMoh"}, r.asked(mark, "c1", leg))
}

func TestPromptStopsBeforeTheChannelMoves(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("c0") // somebody is in front, so that the place is told
	r.enqueue("c1")
	r.wait("the place to be told", func() bool { return len(r.srv.Channel("c0").Playing) > 0 })
	mark := len(r.srv.Requests())
	r.staff("li")
	r.state("li", "offered")
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks("c0", "li")
	ops := r.asked(mark, "c0")
	require.Less(t, slices.Index(ops, "playbacks.stop"), slices.Index(ops, "bridges.addChannel c0"))
}

func TestBlindTransferLetsTheCallerWaitAndTheAgentGo(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li", "wang")
	r.talk("c1", "li")
	r.must(floor.Command{Agent: "li", Do: "transfer", ToAgent: "wang"})
	r.state("wang", "offered")
	r.wait("the caller to hear the queue's music", func() bool { return r.srv.Channel("c1").Bridge == "hold-consult" })
	require.Equal(t, []string{r.legOf("li")}, r.srv.Bridge(call.Home(r.legOf("li"))).Channels, "the agent is alone")
	r.must(floor.Command{Agent: "wang", Do: "accept"})
	r.talks("c1", "wang")
	require.Len(t, r.srv.LiveRecordings(), 2, "one recording of the whole call")
	r.hangsUp("c1")
	b := r.judge()
	require.Equal(t, map[string]fact.TalkEnd{"c1-t1": fact.EndedByTransfer, "c1-t2": fact.EndedByCaller}, b.talks)
	require.Len(t, b.tickets, 1, "the ticket goes with the call")
}

func TestRefusedCallsAreNeverAnswered(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.dial("c1", "3")
	r.dial("c2", "999")
	r.gone("c1", "c2")
	require.Zero(t, r.srv.Count("channels.answer"))
	var causes []string
	for _, q := range r.srv.Requests() {
		if q.Op == "channels.hangup" {
			causes = append(causes, q.Query.Get("reason_code"))
		}
	}
	require.ElementsMatch(t, []string{"17", "1"}, causes)
	require.Equal(t, fact.EndRefused, r.judge().endings["c1"])
}

// message brings a caller to the recorder.
func (r *rig) message(id string) {
	r.t.Helper()
	r.dial(id, "2")
	r.say(id)
	r.wait(id+" to be recorded", func() bool { return r.srv.Channel(id).Recording == id+"-m1" })
}

func TestMessageAfterHours(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*rig){
		"ends with the hash key":   func(r *rig) { r.srv.DTMF("c1", "#") },
		"ends with a hang-up":      func(r *rig) { r.srv.Hangup("c1") },
		"ends by its longest time": func(r *rig) { r.later(2 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.message("c1")
			r.srv.RecordingLength(time.Second)
			leave(r)
			if name != "ends with a hang-up" {
				r.say("c1") // thank you
			}
			r.gone("c1")
			r.wait("the message to be stored", func() bool { return r.judge().stored["c1-m1"] == 1 })
			b := r.judge()
			require.Equal(t, fact.EndMessage, b.endings["c1"])
			require.Len(t, b.tickets, 1)
			require.Empty(t, b.open)
		})
	}
}

func TestSilentMessageMakesNoTicket(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.message("c1")
	r.srv.RecordingLength(999 * time.Millisecond)
	r.srv.DTMF("c1", "#")
	r.say("c1")
	r.gone("c1")
	require.Empty(t, r.judge().tickets)
}

func TestCallerMayHangUpAtAnyMoment(t *testing.T) {
	t.Parallel()
	moments := []struct {
		name   string
		bring  func(*rig)
		ending fact.Ending
		agent  string // li's state afterwards
	}{
		{"ringing", func(r *rig) { r.dial("c1", "1") }, fact.EndIVRHangup, "ready"},
		{"in the menu", func(r *rig) {
			r.dial("c1", "1")
			r.wait("the menu", func() bool { return len(r.srv.Channel("c1").Playing) > 0 })
		}, fact.EndIVRHangup, "ready"},
		{"after the menu", func(r *rig) { r.dial("c1", "1"); r.say("c1") }, fact.EndIVRHangup, "ready"},
		{"in the queue", func(r *rig) {
			r.must(floor.Command{Agent: "li", Do: "not-ready", Reason: "break"})
			r.enqueue("c1")
		}, fact.EndAbandoned, "not-ready"},
		{"being offered", func(r *rig) { r.enqueue("c1"); r.state("li", "offered") }, fact.EndAbandoned, "ready"},
		{"being joined", func(r *rig) {
			r.enqueue("c1")
			r.state("li", "offered")
			r.must(floor.Command{Agent: "li", Do: "accept"})
		}, "", "ready or wrap-up"},
		{"talking", func(r *rig) { r.talk("c1", "li") }, fact.EndCaller, "wrap-up"},
		{"on hold", func(r *rig) { r.talk("c1", "li"); r.must(floor.Command{Agent: "li", Do: "hold"}) }, fact.EndCaller, "wrap-up"},
		{"in the message", func(r *rig) { r.message("c1") }, fact.EndMessage, "ready"},
		{"being hung up", func(r *rig) { r.talk("c1", "li"); r.must(floor.Command{Agent: "li", Do: "end"}) }, fact.EndAgent, "wrap-up"},
	}
	for _, told := range []string{"destroyed", "left Stasis only"} {
		for _, m := range moments {
			t.Run(m.name+", "+told, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, nil)
				if told != "destroyed" {
					r.quietEnds()
				}
				r.staff("li")
				m.bring(r)
				r.hangsUp("c1")
				if m.agent == "ready or wrap-up" {
					r.wait("the agent to be free", func() bool { s := r.agent("li").State; return s == "ready" || s == "wrap-up" })
				} else {
					r.state("li", m.agent)
				}
				b := r.judge()
				require.Empty(t, b.open)
				require.Len(t, b.endings, 1)
				if m.ending != "" {
					require.Equal(t, m.ending, b.endings["c1"])
				}
			})
		}
	}
}

// quietEnds lets Asterisk tell of callers' ends as it does of those who came by the dialplan: by StasisEnd alone.
func (r *rig) quietEnds() {
	r.srv.Tamper(func(e ari.EventBody) int {
		if d, ok := e.(*ari.ChannelDestroyed); ok && isCaller(d.Channel.ID) {
			return 0
		}
		return 1
	})
}

func TestLookupAnswersTheCaller(t *testing.T) {
	t.Parallel()
	for digit, hears := range map[string]string{"7": "sound:found", "8": "sound:menu"} {
		r := newRig(t, nil)
		r.dial("c1", "1")
		r.wait("the menu", func() bool { return len(r.srv.Channel("c1").Playing) > 0 })
		r.srv.DTMF("c1", "3")
		r.wait("the question", func() bool { return slices.Contains(r.srv.Channel("c1").Playing, "sound:number") })
		r.srv.DTMF("c1", digit+"#")
		r.wait(hears, func() bool { return slices.Contains(r.srv.Channel("c1").Playing, hears) })
	}
}

func TestVisitorsCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	require.NoError(t, r.c.Visit(t.Context(), "v1", "1"))
	require.True(t, r.media.linked("v1"))
	id := VisitorCall("v1")
	r.wait("the menu", func() bool { return len(r.srv.Channel(id).Playing) > 0 })
	require.Zero(t, r.srv.Count("channels.answer"), "a page is there already")
	r.c.Pressed(id, "1")
	r.wait("one moment", func() bool { return slices.Contains(r.srv.Channel(id).Playing, "sound:one moment") })
	r.say(id)
	r.state("li", "offered")
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks(id, "li")
	r.c.SendKey("li", "5")
	r.wait("the agent's key", func() bool { return r.srv.Channel(id).SentDTMF == "5" })
	r.c.HangUp(id)
	r.gone(id)
	r.state("li", "wrap-up")
	require.Empty(t, r.judge().open)
	r.wait("the visitor's phone to be forgotten", func() bool { return !r.media.linked("v1") })
}

func TestAVisitorsKeysBeforeTheCallIsMadeCount(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.srv.StasisDelay(100 * time.Millisecond)
	made := make(chan error, 1)
	go func() { made <- r.c.Visit(t.Context(), "v1", "1") }()
	id := VisitorCall("v1")
	r.wait("the leg to be on its way", func() bool { return r.srv.Has(id) })
	r.c.Pressed(id, "1")
	require.NoError(t, <-made)
	r.wait("one moment", func() bool { return slices.Contains(r.srv.Channel(id).Playing, "sound:one moment") })
	r.c.HangUp(id)
	r.gone(id)
	r.c.ask(func() { require.Empty(t, r.c.early) })
}

func TestVisitorWhoseLegCannotBeMadeLeavesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.srv.StasisDelay(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.Error(t, r.c.Visit(ctx, "v1", "1"))
	r.wait("the leg to be gone", func() bool { return !r.srv.Has(VisitorCall("v1")) })
}

func TestSeveralCallersAndAgents(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	agents := []string{"li", "wang", "zhao", "sun"}
	r.staff(agents...)
	ids := []string{"c1", "c2", "c3", "c4"}
	for i, id := range ids {
		r.talk(id, agents[i])
	}
	r.enqueue("c5")
	r.must(floor.Command{Agent: "wang", Do: "end"})
	r.must(floor.Command{Agent: "wang", Do: "wrap-up-done"})
	r.state("wang", "offered")
	r.must(floor.Command{Agent: "wang", Do: "accept"})
	r.talks("c5", "wang")
	for _, id := range []string{"c1", "c3", "c4", "c5"} {
		r.srv.Hangup(id)
	}
	r.gone("c1", "c2", "c3", "c4", "c5")
	b := r.judge()
	require.Empty(t, b.open)
	require.Len(t, b.tickets, 5)
	require.Equal(t, map[string]int{}, r.c.Phases())
}

func TestPromptThatCannotBeSpokenEndsWithTheReason(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.Speech = mute{} })
	r.staff("li")
	r.dial("c1", "1")
	r.wait("the prompt to have failed", func() bool {
		return slices.ContainsFunc(r.seen(), func(f fact.Fact) bool { p, ok := f.(fact.PromptEnded); return ok && p.Failed == "no voice" })
	})
	r.srv.DTMF("c1", "1")
	r.state("li", "offered")
}

type mute struct{}

func (mute) Sound(context.Context, fact.Phrase) (string, time.Duration, error) {
	return "", 0, errors.New("no voice")
}

func TestSlowWordsDoNotHoldUpTheAgent(t *testing.T) {
	t.Parallel()
	slow := &slowSpeech{begun: make(chan struct{}, 10)}
	r := newRig(t, func(c *Config) { c.Speech = slow })
	r.enqueue("c1")
	<-slow.begun
	r.staff("li")
	r.state("li", "offered")
	r.must(floor.Command{Agent: "li", Do: "accept"})
	r.talks("c1", "li")
}

// slowSpeech never ends the words that tell the place.
type slowSpeech struct {
	speech
	begun chan struct{}
}

func (s *slowSpeech) Sound(ctx context.Context, p fact.Phrase) (string, time.Duration, error) {
	if strings.Contains(p.Text, "queue") {
		s.begun <- struct{}{}
		<-ctx.Done()
		return "", 0, ctx.Err()
	}
	return s.speech.Sound(ctx, p)
}

// Seen with a desk that accepted at once: who had transferred the call went on to hear it.
func TestWhoTransferredACallIsOutOfItHoweverFastTheOtherAccepts(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.staff("li")
	r.dial("c1", "4")
	r.talks("c1", "li")
	r.staff("wang")
	r.must(floor.Command{Agent: "li", Do: "transfer", ToAgent: "wang"}) // connected without being asked
	r.wait("wang alone to be with the caller", func() bool { return r.together("c1", "wang") && !slices.Contains(r.with("c1"), r.legOf("li")) })
	r.hangsUp("c1")
}
