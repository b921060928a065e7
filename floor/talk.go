package floor

import (
	"fmt"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// onTalk: hold, retrieve, end, transfer by the agent who talks.
func (s *step) onTalk(a *Agent, in Command) error {
	c := s.s.Calls[a.Call]
	if in.Do == "end" && a.State == acd.Offered && c != nil && c.Phase == call.Joining && c.Ringing() && (in.Call == "" || in.Call == c.ID) {
		s.close(c, fact.EndUnreached, "normal") // the agent has heard it ring long enough
		return nil
	}
	if c == nil || c.Talk == nil || c.Talk.Agent != a.ID || (in.Call != "" && in.Call != c.ID) {
		return &Illegal{Code: "gone", Text: "you are not on this call", Place: "call"}
	}
	switch in.Do {
	case "hold":
		if c.Phase == call.Held {
			return nil
		}
		s.emit(fact.TalkHeld{Call: c.ID, Talk: c.Talk.ID, Agent: a.ID})
	case "retrieve":
		if c.Phase == call.Talking {
			return nil
		}
		s.retrieve(c)
	case "end":
		s.endTalk(c, fact.EndedByAgent)
		s.close(c, fact.EndAgent, "normal")
	case "transfer":
		return s.transfer(c, a, in)
	}
	return nil
}

func (s *step) retrieve(c *call.Call) {
	t := c.Talk
	s.emit(fact.TalkRetrieved{Call: c.ID, Talk: t.ID, Agent: t.Agent, Held: s.now.Sub(t.HeldSince)})
}

// transfer passes the call and its ticket on; the caller waits at the front of where it goes.
func (s *step) transfer(c *call.Call, a *Agent, in Command) error {
	queue := c.Talk.Queue
	switch {
	case (in.ToAgent == "") == (in.ToQueue == ""):
		return &Illegal{Code: "bad-request", Text: "a transfer goes to an agent or to a queue: name one of them", Place: "to"}
	case in.ToAgent == a.ID:
		return &Illegal{Code: "bad-request", Text: "a call cannot be transferred to yourself", Place: "to_agent"}
	case in.ToAgent != "":
		to := s.s.Agents[in.ToAgent]
		if to == nil {
			return &Illegal{Code: "not-found", Text: fmt.Sprintf("there is no agent %q", in.ToAgent), Place: "to_agent"}
		}
		if to.State != acd.Ready || !to.Reachable() {
			return &Illegal{Code: "unavailable", Text: fmt.Sprintf("%s cannot take the call: %s", in.ToAgent, stateWords(to)), Place: "to_agent"}
		}
	default:
		if s.queues[in.ToQueue] == nil {
			return &Illegal{Code: "not-found", Text: fmt.Sprintf("there is no queue %q", in.ToQueue), Place: "to_queue"}
		}
		queue = in.ToQueue
	}
	s.emit(fact.Transferred{Call: c.ID, Talk: c.Talk.ID, Agent: a.ID, ToAgent: in.ToAgent, ToQueue: in.ToQueue, Ticket: c.Ticket})
	s.endTalkWith(c, fact.EndedByTransfer, func() {
		s.enqueue(c, fact.ToQueue{Queue: queue, Priority: frontOfQueue}, "transfer", in.ToAgent)
	})
	return nil
}

func stateWords(a *Agent) string {
	if a.State == acd.Ready {
		return "phone not connected"
	}
	return a.State.String()
}

// endTalk takes the agent off the call and into wrap-up.
func (s *step) endTalk(c *call.Call, how fact.TalkEnd) { s.endTalkWith(c, how, func() {}) }

// endTalkWith does next between the end of the talk and the agent's wrap-up, so that a transfer with no wrap-up cannot
// come straight back to the same agent before it has a place.
func (s *step) endTalkWith(c *call.Call, how fact.TalkEnd, next func()) {
	t, a := c.Talk, s.s.Agents[c.Talk.Agent]
	held := t.Held
	if !t.HeldSince.IsZero() {
		held += s.now.Sub(t.HeldSince)
	}
	s.emit(fact.TalkEnded{
		Call: c.ID, Visit: c.Visit.ID, Talk: t.ID, Queue: t.Queue, Agent: t.Agent, How: how,
		Talked: s.now.Sub(t.Began) - held, Held: held,
	})
	s.beginWrapUp(a, c, t.Queue)
	next()
}

// loseTalk: the agent's audio stayed away too long. The caller goes back to the queue, in front.
func (s *step) loseTalk(a *Agent) {
	c := s.s.Calls[a.Call]
	if c == nil || c.Talk == nil {
		return
	}
	s.endTalkWith(c, fact.EndedByLoss, func() {
		s.enqueue(c, fact.ToQueue{Queue: c.Visit.Queue, Priority: frontOfQueue}, "lost", "")
	})
}

// frontOfQueue is the priority of a caller who was talking already.
const frontOfQueue = acd.MaxPriority

// close decides to end the call, and closes what is open on it.
func (s *step) close(c *call.Call, ending fact.Ending, cause string) {
	s.settleVisit(c, ending)
	if c.Talk != nil {
		how := fact.EndedByLoss
		if ending == fact.EndCaller { // a visitor who pressed End
			how = fact.EndedByCaller
		}
		s.endTalk(c, how)
	}
	s.cutMessage(c)
	virtual := c.Virtual()
	s.emit(fact.CallClosing{Call: c.ID, Ending: ending, Cause: cause})
	if virtual { // there is no channel whose end could be awaited
		s.gone(Gone{Call: c.ID})
	}
}

// endVisitors ends the calls of the caller page: their audio went through the process that is gone, no page comes back to
// them, and Asterisk keeps a leg without audio for ever.
func (s *step) endVisitors() {
	for _, id := range s.Calls() {
		if c := s.s.Calls[id]; c.Via == "browser" && c.Phase != call.Closing {
			s.working = callKey(id)
			s.close(c, fact.EndFailed, "normal")
		}
	}
	s.working = ""
}

// settleVisit closes an open visit of a call that is ending.
func (s *step) settleVisit(c *call.Call, ending fact.Ending) {
	v := c.Visit
	if v == nil || v.Ended {
		return
	}
	outcome := fact.Failed
	if ending == fact.EndAbandoned {
		outcome = fact.Abandoned
	}
	s.withdraw(c)
	if o := v.Accepted(); o != nil {
		result := fact.OfferWithdrawn
		if ending == fact.EndUnreached {
			result = fact.OfferUnreached
		}
		s.endOffer(c, o, result)
	}
	s.endVisit(c, outcome, "")
}

// endingByCaller is the ending of a call whose caller goes now.
func (s *step) endingByCaller(c *call.Call) fact.Ending {
	switch c.Phase {
	case call.Waiting, call.Joining:
		if c.Callback != "" && !c.Up {
			return fact.EndUnreached
		}
		return fact.EndAbandoned
	case call.Talking, call.Held:
		return fact.EndCaller
	case call.Message:
		return fact.EndMessage
	case call.Closing:
		return c.Closing.Ending
	}
	switch {
	case c.Messages > 0:
		return fact.EndMessage
	case c.Promised != "":
		return fact.EndCallback
	case c.Turn.Exit != nil && c.Turn.Exit.Hangup != nil:
		return fact.EndIVRComplete // left while goodbye was being said
	}
	return fact.EndIVRHangup
}

// gone: the caller's channel does not exist any more. One ending, whatever came first.
func (s *step) gone(in Gone) {
	c := s.s.Calls[in.Call]
	if c == nil {
		return
	}
	ending := s.endingByCaller(c)
	s.settleVisit(c, ending)
	if c.Talk != nil {
		s.endTalk(c, fact.EndedByCaller)
	}
	s.cutMessage(c)
	if c.Recording != nil {
		s.emit(fact.RecordingEnded{Call: c.ID, Recording: c.Recording.Recording})
	}
	s.emit(fact.CallEnded{Call: c.ID, Ending: ending, Cause: in.Cause, Inferred: in.Inferred})
	s.tried(c, in, ending)
}
