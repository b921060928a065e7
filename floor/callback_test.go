package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/calendar"
	"hotline/call"
	"hotline/fact"
)

// callingBack are rules under which any digits are a number.
func callingBack() Callbacks {
	return Callbacks{
		Trunk: "PJSIP/{number}@carrier", CallerID: "12345", First: FirstAgent, Name: map[string]string{"en": "City Service"},
		Permitted: []string{""}, Forbidden: []string{"+44"}, Own: []string{"+8612345"}, PerDay: 2, Ring: 30 * time.Second, Times: 2,
		After: []time.Duration{5 * time.Minute, 15 * time.Minute}, Expires: 24 * time.Hour,
		Number: func(keyed string) (string, bool) { return keyed, keyed != "" && keyed != "110" },
		Spoken: func(number string) string { return number[1:] },
	}
}

// promising is a shift whose queue consult offers a call back by key 1 and when it is full.
func promising(t testing.TB, change func(*Config)) *shift {
	cfg := house(t)
	cfg.Callbacks = callingBack()
	q := &cfg.Queues[0]
	q.Wait.Keys = map[string]string{"1": "callback", "2": "message"}
	q.Limits = acd.Limits{Waiting: 3, When: map[string]string{"full": "callback"}}
	if change != nil {
		change(cfg)
	}
	s := &shift{t: t, f: New(cfg), now: monday}
	s.must(Link{Node: "a", Up: true})
	return s
}

// from brings a caller with a number into the queue.
func (s *shift) from(id string, who fact.Party) {
	s.t.Helper()
	s.must(Arrived{Channel: id, Node: "a", Line: "1", Via: "sip", Caller: who})
	s.must(Answered{Call: id})
	s.must(Key{Call: id, Digit: "1"})
	s.must(Spoken{Call: id, Prompt: s.f.Call(id).Prompt})
}

func (s *shift) press(id string, keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		s.must(Key{Call: id, Digit: k})
	}
}

// heard: what is being said to the caller has been said.
func (s *shift) heard(id string) { s.must(Spoken{Call: id, Prompt: s.f.Call(id).Prompt}) }

// promised is a caller who asked for a call back and hung up.
func (s *shift) promised(id, number string) {
	s.t.Helper()
	s.from(id, fact.Party{Number: number})
	s.press(id, "1", "1")
	s.heard(id)
	s.must(Gone{Call: id, Cause: 16})
	s.later(0)
}

// kept lists how call backs ended.
func (s *shift) kept() (out []fact.CallbackResult) {
	for _, x := range told[fact.CallbackEnded](s) {
		out = append(out, x.Result)
	}
	return out
}

func (s *shift) refusals() (out []fact.CallbackRefusal) {
	for _, x := range told[fact.CallbackRefused](s) {
		out = append(out, x.Why)
	}
	return out
}

// said is what a call is being told.
func (s *shift) said(id string) (text string) {
	for _, p := range s.f.Call(id).Saying {
		text += p.Text + " "
	}
	return text
}

func (s *shift) onlyCallback() CallbackView {
	s.t.Helper()
	list := s.f.Callbacks()
	require.Len(s.t, list, 1)
	return list[0]
}

func TestCallBackKeepsThePlaceAmongCallersWhoWait(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Number: "+861"})
	since := s.f.Call("c1").Visit.Since
	s.now = s.now.Add(time.Minute)
	s.from("c2", fact.Party{Number: "+862"})
	s.press("c1", "1")
	require.Contains(t, s.said("c1"), "Your number is 8 6 1.")
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase, "the caller waits on meanwhile")
	s.press("c1", "1")
	require.Equal(t, []fact.Outcome{fact.Callback}, s.outcomes())
	require.Contains(t, s.said("c1"), "we will call you")
	require.Equal(t, "asking", s.onlyCallback().State, "the customer is on the line still: it would be busy")
	s.heard("c1")
	s.must(Gone{Call: "c1", Cause: 16})
	require.Equal(t, []fact.Ending{fact.EndCallback}, s.endings())
	s.later(0)
	b := s.onlyCallback()
	require.Equal(t, "waiting", b.State)
	require.Equal(t, since, s.f.Call(b.Call).Visit.Since)
	require.Equal(t, 1, s.f.QueueView("consult").Waiting, "one is on the line")
	require.Equal(t, 1, s.f.QueueView("consult").Callbacks)
	require.Equal(t, s.f.Call("c2").Visit.Entered, s.f.QueueView("consult").Longest)
	require.Len(t, s.f.Lines(), 1)
	require.Equal(t, map[string]int{"waiting": 1}, s.f.Phases())

	s.staff("li")
	require.Equal(t, b.Call, s.f.Agent("li").Call, "before c2, who came later")
	require.Equal(t, b.Asked, s.f.AgentView("li").Offer.Asked, "the desk says that it is a call back")
	require.Nil(t, s.f.Wants(b.Call).Dial)
	s.must(Command{Agent: "li", Do: "accept"})
	w := s.f.Wants(b.Call)
	require.Equal(t, "PJSIP/+861@carrier", w.Dial.Endpoint)
	require.Equal(t, "leg-li", w.Leg, "the agent hears it ring")
	require.False(t, w.Answer || w.Lease)
	require.Nil(t, w.Record, "ringing is not recorded")
	require.NotEmpty(t, s.f.AgentView("li").Call.Ticket, "the ticket is on the screen")
	require.True(t, s.f.AgentView("li").Call.Dialling)
	s.must(Joined{Call: b.Call, Offer: s.f.Call(b.Call).Visit.Accepted().ID})
	require.Equal(t, call.Joining, s.f.Call(b.Call).Phase, "nobody talks before the answer")
	s.later(20 * time.Second)
	s.must(Answered{Call: b.Call})
	require.NotNil(t, s.f.Wants(b.Call).Record)
	s.joined(b.Call)
	require.Equal(t, acd.Talking, s.state("li"))
	require.Equal(t, []fact.CallbackResult{fact.CallbackReached}, s.kept())
	require.Empty(t, s.f.Callbacks())
}

func TestAnAgentWhoIsFreeMeanwhileEndsTheDialog(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Number: "+861"})
	s.press("c1", "1")
	s.staff("li")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.press("c1", "1")
	require.Empty(t, s.f.Callbacks())
	require.Equal(t, call.Talking, s.f.Call("c1").Phase)
}

func TestAnotherNumberIsKeyedAndConfirmed(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Number: "+861"})
	s.press("c1", "1", "2")
	require.Contains(t, s.said("c1"), "enter the number")
	s.press("c1", "8", "6")
	require.Empty(t, s.said("c1"), "the first key stops the words")
	s.press("c1", "7", "#")
	require.Contains(t, s.said("c1"), "6 7")
	s.press("c1", "1")
	require.Equal(t, "867", s.onlyCallback().Caller.Number)
}

func TestWithheldCallersAreAskedForANumberAtOnce(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Withheld: true})
	s.press("c1", "1")
	require.Contains(t, s.said("c1"), "enter the number")
	s.press("c1", "1", "1", "0", "#")
	require.Contains(t, s.said("c1"), "not complete")
	s.press("c1", "8", "6", "9", "#", "1")
	b := s.onlyCallback()
	require.Equal(t, "869", b.Caller.Number)
	require.False(t, b.Caller.Withheld, "the number was given to be called")
}

func TestNumbersThatAreNotCalledAreRefused(t *testing.T) {
	s := promising(t, func(c *Config) { c.Callbacks.Permitted = []string{"+86", "86"} })
	s.from("c1", fact.Party{Number: "+441"})
	s.press("c1", "1")
	require.Contains(t, s.said("c1"), "enter the number", "such a number is not offered at all")
	s.press("c1", "4", "9", "#")
	require.Contains(t, s.said("c1"), "cannot call that number")
	require.Equal(t, []fact.CallbackRefusal{fact.RefusedForbidden}, s.refusals())

	rules := callingBack()
	for number, want := range map[string]bool{"+8613": true, "+442": false, "+8612345": false} {
		require.Equal(t, want, rules.permits(number), number)
	}
}

func TestMistakesAndSilenceEndTheDialogAndKeepThePlace(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Number: "+861"})
	s.heard("c1")
	s.press("c1", "1")
	s.heard("c1")
	s.later(8*time.Second - time.Millisecond)
	require.Empty(t, s.said("c1"))
	s.later(time.Millisecond)
	require.Contains(t, s.said("c1"), "Your number is", "once more")
	s.heard("c1")
	s.press("c1", "7")
	require.Contains(t, s.said("c1"), "Your number is")
	s.press("c1", "8")
	require.Contains(t, s.said("c1"), "keep your place")
	require.Nil(t, s.f.Call("c1").Visit.Asking)
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase)
	require.Empty(t, s.outcomes())
}

func TestSilenceAfterANumberCountsAsItsEnd(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Withheld: true})
	s.press("c1", "1", "8", "6", "1")
	s.later(8 * time.Second)
	require.Contains(t, s.said("c1"), "Your number is 6 1")
}

func TestAFullQueuePromisesOrTakesAMessage(t *testing.T) {
	full := func() *shift {
		s := promising(t, nil)
		for _, id := range []string{"c1", "c2", "c3"} {
			s.from(id, fact.Party{Number: "+86" + id})
		}
		s.from("c4", fact.Party{Number: "+864"})
		require.Contains(t, s.said("c4"), "To leave a message instead")
		return s
	}
	s := full()
	s.press("c4", "1")
	require.Equal(t, "+864", s.onlyCallback().Caller.Number)
	require.Equal(t, []string{"full"}, s.sentOn())
	s = full()
	s.press("c4", "*")
	require.NotNil(t, s.f.Call("c4").Turn.Exit.Message)
	require.Equal(t, []fact.Outcome{fact.Message}, s.outcomes())

	s = promising(t, func(c *Config) { c.Queues[0].Limits.Waiting = 1 })
	s.promised("c1", "+861")
	s.from("c2", fact.Party{Number: "+862"})
	require.Nil(t, s.f.Call("c2").Visit.Asking, "a call back holds no line")
}

func TestASecondRequestOfTheSameNumberKeepsTheFirstPlace(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	s.later(time.Minute)
	before := s.onlyCallback()
	s.from("c2", fact.Party{Number: "+861"})
	s.press("c2", "1", "1")
	require.Contains(t, s.said("c2"), "noted your call back already")
	s.heard("c2")
	s.must(Gone{Call: "c2"})
	require.Equal(t, before.Since, s.onlyCallback().Since)
	require.Equal(t, []fact.CallbackRefusal{fact.RefusedOpen}, s.refusals())
	require.Equal(t, []fact.Ending{fact.EndCallback, fact.EndCallback}, s.endings())
}

func TestANumberGetsSoManyCallBacksADay(t *testing.T) {
	s := promising(t, nil)
	for _, id := range []string{"c1", "c2"} {
		s.promised(id, "+861")
		s.must(Command{Do: "cancel-callback", Callback: s.onlyCallback().Callback, By: "huang"})
	}
	s.from("c3", fact.Party{Number: "+861"})
	s.press("c3", "1", "1")
	require.Contains(t, s.said("c3"), "as many calls as we can make in a day")
	require.Equal(t, call.Waiting, s.f.Call("c3").Phase, "who cannot be promised anything waits on")
	require.Equal(t, []fact.CallbackRefusal{fact.RefusedPerDay}, s.refusals())
	s.must(Gone{Call: "c3"})
	s.now = monday.Add(14 * time.Hour) // midnight
	s.promised("c4", "+861")
	require.Len(t, s.f.Callbacks(), 1, "another day")
}

func TestWaitingCallersAreToldOfTheKey(t *testing.T) {
	s := promising(t, nil)
	s.from("c1", fact.Party{Number: "+861"})
	require.Contains(t, s.said("c1"), "be called back: press 1.")
	s.heard("c1")
	s.later(45 * time.Second)
	require.Contains(t, s.said("c1"), "be called back: press 1.")
	s = promising(t, func(c *Config) { c.Queues[0].Callback.Off = true })
	s.from("c1", fact.Party{Number: "+861"})
	require.NotContains(t, s.said("c1"), "called back")
	s.press("c1", "1")
	require.NotNil(t, s.f.Call("c1").Turn.Exit.Message, "where nobody is called back, a message is taken")
}

func TestWhoCallsAgainAndIsServedIsNotCalledBack(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	s.now = s.now.Add(time.Minute)
	s.from("c2", fact.Party{Number: "+861"})
	s.staff("li")
	require.Equal(t, "cb-c1-a1", s.f.Agent("li").Call, "the old place is the better one")
	s.staff("wang")
	require.Equal(t, "c2", s.f.Agent("wang").Call, "but the customer is on the line")
	s.must(Command{Agent: "wang", Do: "accept"})
	s.joined("c2")
	require.Equal(t, []fact.CallbackResult{fact.CallbackCancelled}, s.kept())
	require.Equal(t, acd.Ready, s.state("li"), "the offer is taken back")
}

// ring lets an agent accept the call back and hear it ring.
func (s *shift) ring() (attempt string) {
	s.t.Helper()
	s.must(Command{Agent: "li", Do: "accept"})
	b := s.onlyCallback()
	require.Equal(s.t, "dialling", b.State)
	return b.Call
}

func TestAnUnreachedCustomerIsTriedAgainByTheRule(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	s.staff("li")
	first := s.ring()
	ticket := s.f.Call(first).Ticket
	s.must(Gone{Call: first, Cause: 17})
	require.Equal(t, acd.Ready, s.state("li"))
	require.Zero(t, s.f.Agent("li").MissedRow, "that was no miss of the agent's")
	b := s.onlyCallback()
	require.Equal(t, fact.MissBusy, b.Last)
	require.Equal(t, s.now.Add(5*time.Minute), b.Next)
	s.later(5*time.Minute - time.Second)
	require.Equal(t, "later", s.onlyCallback().State)
	s.later(time.Second)
	require.Equal(t, acd.Offered, s.state("li"))
	second := s.ring()
	require.NotEqual(t, first, second)
	require.Equal(t, ticket, s.f.Call(second).Ticket, "the same case")
	s.later(38*time.Second - time.Millisecond) // Ring, and the time that a machine's answer may take
	require.Equal(t, call.Joining, s.f.Call(second).Phase)
	s.later(time.Millisecond)
	require.Equal(t, call.Closing, s.f.Call(second).Phase)
	require.Equal(t, acd.Ready, s.state("li"), "not kept by a phone that rings for ever")
	s.must(Gone{Call: second, Cause: 16})
	require.Equal(t, fact.MissNoAnswer, s.onlyCallback().Last)
	s.later(15 * time.Minute)
	s.must(Gone{Call: s.ring(), Cause: 19})
	require.Equal(t, []fact.CallbackResult{fact.CallbackUnreached}, s.kept(), "the first try and two more")
	require.Equal(t, []fact.Ending{fact.EndCallback, fact.EndUnreached, fact.EndUnreached, fact.EndUnreached}, s.endings())
}

func TestAnAgentMayGiveUpWhileItRings(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	s.staff("li")
	attempt := s.ring()
	s.must(Command{Agent: "li", Do: "end", Call: attempt})
	require.Equal(t, acd.Ready, s.state("li"))
	require.NotEmpty(t, s.f.Wants(attempt).Hangup)
}

func TestTheCustomerIsCalledFirstWhereTheQueueSaysSo(t *testing.T) {
	s := promising(t, func(c *Config) { c.Queues[0].Callback.First = FirstCustomer })
	s.promised("c1", "+861")
	s.now = s.now.Add(time.Second)
	s.from("c2", fact.Party{Number: "+862"})
	s.staff("li")
	b := s.onlyCallback()
	require.Equal(t, "dialling", b.State)
	require.Equal(t, "c2", s.f.Agent("li").Call, "meanwhile the agent takes who waits")
	require.Empty(t, s.f.Wants(b.Call).Bridge)
	s.must(Answered{Call: b.Call})
	require.Contains(t, s.said(b.Call), "this is City Service")
	s.staff("wang")
	require.Equal(t, b.Call, s.f.Agent("wang").Call)
	s.must(Command{Agent: "wang", Do: "accept"})
	require.NotNil(t, s.f.Wants(b.Call).Record)
	s.joined(b.Call)
	require.Equal(t, []fact.CallbackResult{fact.CallbackReached}, s.kept())
}

func TestACustomerWhoIsCalledBackKeepsThePlaceInAnotherQueue(t *testing.T) {
	s := promising(t, func(c *Config) {
		c.Queues[0].Callback.First = FirstCustomer
		c.Queues[0].Wait.Keys["3"] = "queue:other"
	})
	s.promised("c1", "+861")
	s.staff("li")
	attempt := s.onlyCallback().Call
	place := s.f.Call(attempt).Visit.Since
	s.now = s.now.Add(time.Second)
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.must(Answered{Call: attempt})
	s.heard(attempt)
	s.press(attempt, "3")
	v := s.f.Call(attempt).Visit
	require.Equal(t, "other", v.Queue)
	require.Equal(t, place, v.Since)
}

func TestNoMoreCustomersAreCalledFirstThanAgentsAreFree(t *testing.T) {
	s := promising(t, func(c *Config) { c.Queues[0].Callback.First = FirstCustomer })
	for _, id := range []string{"c1", "c2", "c3"} {
		s.promised(id, "+86"+id)
		s.now = s.now.Add(time.Second)
	}
	s.from("c4", fact.Party{Number: "+864"})
	states := func() (all []string) {
		for _, id := range []string{"c1", "c2", "c3"} {
			all = append(all, s.f.Call("cb-"+id+"-a1").Phase.String()+map[bool]string{true: " dialled"}[s.f.Call("cb-"+id+"-a1").Dialled != nil])
		}
		return all
	}
	s.staff("li")
	require.Equal(t, []string{"waiting dialled", "waiting", "waiting"}, states(), "one agent, one customer")
	require.Equal(t, "c4", s.f.Agent("li").Call, "who is on the line goes before those who are not dialled yet")
	s.staff("wang")
	require.Equal(t, []string{"waiting dialled", "waiting", "waiting"}, states(), "wang is for the one who is being called")
	s.must(Answered{Call: "cb-c1-a1"})
	require.Equal(t, "cb-c1-a1", s.f.Agent("wang").Call)
	for agent, id := range map[string]string{"li": "c4", "wang": "cb-c1-a1"} {
		s.must(Command{Agent: agent, Do: "accept"})
		s.joined(id)
	}
	s.staff("zhao")
	s.later(30 * time.Second) // zhao is a beginner
	require.Equal(t, []string{"talking dialled", "waiting dialled", "waiting"}, states())
	s.must(Gone{Call: "cb-c2-a1", Cause: 17})
	require.NotNil(t, s.f.Call("cb-c3-a1").Dialled, "the next one's turn")
}

func TestACustomerWhoLeavesBeforeAnAgentIsThereIsTriedAgain(t *testing.T) {
	s := promising(t, func(c *Config) { c.Queues[0].Callback.First = FirstCustomer })
	s.promised("c1", "+861")
	s.staff("li")
	attempt := s.onlyCallback().Call
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.must(Answered{Call: attempt})
	s.must(Gone{Call: attempt, Cause: 16})
	require.Equal(t, fact.MissLeft, s.onlyCallback().Last)
	require.Equal(t, []fact.Ending{fact.EndCallback, fact.EndAbandoned}, s.endings())
}

func TestCallBacksAreMadeWithinTheirHoursAndBeforeTheyExpire(t *testing.T) {
	office := &calendar.Hours{Zone: time.UTC}
	for d := range office.Week {
		var err error
		office.Week[d], err = calendar.ParseSpans("08:00-12:00")
		require.NoError(t, err)
	}
	s := promising(t, func(c *Config) { c.Callbacks.Hours = office })
	s.promised("c1", "+861")
	s.later(time.Second)
	require.Equal(t, "waiting", s.onlyCallback().State)
	s.later(2*time.Hour - 2*time.Second) // to 11:59:59
	require.Equal(t, "waiting", s.onlyCallback().State)
	s.later(time.Second)
	b := s.onlyCallback()
	require.Equal(t, fact.MissClosed, b.Last)
	require.Zero(t, b.Tries)
	require.Equal(t, monday.Add(22*time.Hour), b.Next, "08:00 tomorrow")
	s.promised("c2", "+862") // after hours: promised all the same
	s.later(22*time.Hour - 2*time.Hour)
	require.Equal(t, "waiting", s.f.Callbacks()[0].State)
	require.Equal(t, "waiting", s.f.Callbacks()[1].State)
	s.later(2*time.Hour + time.Second) // 10:00: a day since c1 asked
	require.Equal(t, []fact.CallbackResult{fact.CallbackExpired}, s.kept())
	require.Equal(t, "+862", s.onlyCallback().Caller.Number)
}

func TestACancelledCallBackIsNotMade(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	b := s.onlyCallback()
	s.staff("li")
	require.Equal(t, acd.Offered, s.state("li"))
	s.must(Command{Do: "cancel-callback", Callback: b.Callback, By: "huang"})
	require.Equal(t, acd.Ready, s.state("li"), "the offer is taken back")
	require.Nil(t, s.f.Call(b.Call))
	require.Equal(t, []fact.CallbackResult{fact.CallbackCancelled}, s.kept())
	var illegal *Illegal
	require.ErrorAs(t, s.do(Command{Do: "cancel-callback", Callback: b.Callback}), &illegal)
	require.Equal(t, "not-found", illegal.Code)

	s.promised("c2", "+862")
	s.ring()
	require.ErrorAs(t, s.do(Command{Do: "cancel-callback", Callback: s.onlyCallback().Callback}), &illegal)
	require.Equal(t, "illegal", illegal.Code, "the phone rings at this moment")
}

func TestPromisesOutliveARestartAndATrunkThatIsAway(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	b := s.onlyCallback()
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	s.must(Started{})
	require.Equal(t, b, s.onlyCallback())
	mute := *s.f.cfg
	mute.Callbacks.Trunk = ""
	s.f.Reconfigure(&mute)
	s.must(Configured{})
	require.Equal(t, "later", s.onlyCallback().State)
	require.Equal(t, fact.MissNotMade, s.onlyCallback().Last)
	s.later(time.Hour)
	require.Equal(t, "later", s.onlyCallback().State, "kept until there is a trunk, or it expires")
	whole := mute
	whole.Callbacks.Trunk = "PJSIP/{digits}@other"
	s.f.Reconfigure(&whole)
	s.must(Configured{})
	s.later(10 * time.Minute)
	s.must(Link{Node: "a", Up: true})
	s.staff("li")
	require.Equal(t, "PJSIP/861@other", s.f.Wants(s.ring()).Dial.Endpoint)
}

func TestACustomerWhoseAgentIsLostWhileItRingsIsNotLeftWithNobody(t *testing.T) {
	s := promising(t, nil)
	s.promised("c1", "+861")
	s.staff("li")
	attempt := s.ring()
	s.must(LegDown{Agent: "li", Leg: "leg-li"})
	require.Equal(t, call.Closing, s.f.Call(attempt).Phase)
	require.Equal(t, acd.Ready, s.state("li"))
}
