package floor

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// apply writes a fact into the agent.
func (a *Agent) apply(x fact.Fact, at time.Time) {
	switch x := x.(type) {
	case fact.AgentSignedIn:
		a.move(acd.SignIn, at)
		a.SignedIn, a.Reason, a.MissedRow = at, "signed-in", 0
		a.rested()
	case fact.AgentSignedOut:
		a.move(acd.SignOut, at)
		a.Reason, a.Pending, a.PendingBy, a.WrapUp, a.Call = "", "", "", nil, ""
	case fact.AgentReady:
		a.move(acd.GoReady, at)
		a.Reason, a.IdleSince, a.MissedRow = "", at, 0
	case fact.AgentNotReady:
		if a.State == acd.NotReady {
			a.Since = at // another reason begins another period
		} else {
			a.move(acd.GoNotReady, at)
		}
		a.Reason, a.Pending, a.PendingBy, a.WrapUp, a.Call = x.Reason, "", "", nil, ""
	case fact.AgentReleased:
		a.released(at)
	case fact.AgentPending:
		a.Pending, a.PendingBy = x.Reason, x.By
	case fact.Offered:
		a.move(acd.Offer, at)
		a.Call, a.LastOffer = x.Call, at
	case fact.OfferEnded:
		a.offerEnded(x, at)
	case fact.TalkBegan:
		a.move(acd.Connect, at)
		a.CallsToday++
	case fact.TalkHeld:
		a.move(acd.Hold, at)
	case fact.TalkRetrieved:
		a.move(acd.Retrieve, at)
	case fact.TalkEnded:
		a.move(acd.End, at)
		a.Busy += x.Talked + x.Held
	case fact.WrapUpBegan:
		a.WrapUp = &WrapUp{Call: x.Call, Queue: x.Queue, Ticket: x.Ticket, Since: at, Until: x.Until}
	case fact.WrapUpExtended:
		a.WrapUp.Until = x.Until
		a.WrapUp.Extended++
	case fact.WrapUpEnded:
		a.Busy += x.Lasted
		a.Call = ""
		if x.How == "signed-out" {
			break // AgentSignedOut or AgentNotReady follows and moves on from wrap-up
		}
		a.move(acd.Finish, at)
		a.WrapUp, a.IdleSince = nil, at
	case fact.DeskUp:
		a.Desk, a.DeskLost = true, time.Time{}
	case fact.DeskLost:
		a.Desk, a.DeskLost = false, at
	case fact.MediaUp:
		a.Media, a.MediaLost = true, time.Time{}
	case fact.MediaLost:
		a.Media, a.MediaLost = false, at
	default:
		a.applyLeg(x, at)
	}
}

func (a *Agent) offerEnded(x fact.OfferEnded, at time.Time) {
	switch x.Result {
	case fact.OfferAccepted:
		a.MissedRow = 0
		return // offered still, until the legs are joined
	case fact.OfferMissed, fact.OfferRejected:
		a.move(acd.Miss, at)
		a.MissedRow++
	default:
		a.move(acd.Withdraw, at)
	}
	a.Call = ""
}

func (a *Agent) move(op acd.Op, at time.Time) {
	to, err := acd.Next(a.State, op)
	if err != nil {
		panic(fmt.Errorf("agent %s: %w", a.ID, err))
	}
	if to != a.State {
		a.State, a.Since = to, at
	}
}

// command checks what a desk asks for and decides on it, or says why not.
func (s *step) command(in Command) error {
	if in.Do == "cancel-callback" {
		return s.cancelCallback(in)
	}
	a := s.s.Agents[in.Agent]
	if a == nil {
		return &Illegal{Code: "not-found", Text: fmt.Sprintf("there is no agent %q", in.Agent), Place: "agent"}
	}
	switch in.Do {
	case "ready":
		return s.ready(a, in)
	case "not-ready":
		return s.notReady(a, in)
	case "sign-out":
		return s.signOut(a, in)
	case "accept", "reject":
		return s.answerOffer(a, in)
	case "hold", "retrieve", "end", "transfer":
		return s.onTalk(a, in)
	case "wrap-up-done":
		if a.State != acd.WrapUp {
			return notNow(a, in.Do)
		}
		s.endWrapUp(a, "done")
		return nil
	case "wrap-up-more":
		return s.moreWrapUp(a)
	case "set-queues":
		return s.setQueues(a, in)
	case "set-skills":
		return s.setSkills(a, in)
	case "use-phone":
		return s.use(a, DeskPhone)
	case "use-browser":
		return s.use(a, Browser)
	case "ring-phone":
		return s.ringPhone(a)
	}
	return &Illegal{Code: "bad-request", Text: fmt.Sprintf("there is no command %q", in.Do), Place: "do"}
}

func notNow(a *Agent, do string) error {
	return &Illegal{Code: "illegal", Text: fmt.Sprintf("%s is not possible while %s", do, a.State), Place: "do"}
}

func (s *step) ready(a *Agent, in Command) error {
	switch a.State {
	case acd.NotReady:
		s.emit(fact.AgentReady{Agent: a.ID, By: in.By})
		return nil
	case acd.WrapUp:
		s.stay(a, in.By)
		s.endWrapUp(a, "done")
		return nil
	case acd.Ready, acd.Offered, acd.Talking, acd.Held, acd.Consulting:
		s.stay(a, in.By)
		return nil
	}
	return notNow(a, "ready")
}

func (s *step) notReady(a *Agent, in Command) error {
	reason := cmp.Or(in.Reason, Unsaid)
	if reason != Unsaid && !s.knowsReason(reason) {
		names := make([]string, len(s.cfg.NotReady))
		for i, r := range s.cfg.NotReady {
			names[i] = r.Name
		}
		return &Illegal{Code: "bad-request", Text: fmt.Sprintf("there is no not-ready reason %q; there are %v", reason, names), Place: "reason"}
	}
	if !signedIn(a) {
		return notNow(a, "not ready")
	}
	if a.State == acd.NotReady && a.Reason == reason {
		s.stay(a, in.By) // in no line for another reason either
		return nil
	}
	s.away(a, reason, in.By)
	return nil
}

func (s *step) knowsReason(reason string) bool {
	return slices.ContainsFunc(s.cfg.NotReady, func(r Reason) bool { return r.Name == reason })
}

func (s *step) signOut(a *Agent, in Command) error {
	switch a.State {
	case acd.SignedOut:
		return nil
	case acd.WrapUp:
		s.leaveWrapUp(a, "signed-out")
	case acd.Ready, acd.NotReady:
	default:
		return notNow(a, "sign out")
	}
	s.emit(fact.AgentSignedOut{Agent: a.ID, By: in.By})
	return nil
}

// leaveWrapUp ends a wrap-up that is neither done nor over.
func (s *step) leaveWrapUp(a *Agent, how string) {
	w := a.WrapUp
	s.emit(fact.WrapUpEnded{Agent: a.ID, Call: w.Call, Queue: w.Queue, How: how, Lasted: s.now.Sub(w.Since)})
}

// beginWrapUp gives the agent time for the record after a talk; a queue without wrap-up gives none.
func (s *step) beginWrapUp(a *Agent, c *call.Call, queue string) {
	var limit time.Duration
	if q := s.queues[queue]; q != nil {
		limit = q.WrapUp.Limit
	}
	s.emit(fact.WrapUpBegan{Agent: a.ID, Call: c.ID, Queue: queue, Ticket: c.Ticket, Until: s.now.Add(limit)})
	if limit == 0 {
		s.endWrapUp(a, "limit")
	}
}

// endWrapUp makes the agent ready, or what was pressed meanwhile.
func (s *step) endWrapUp(a *Agent, how string) {
	w, pending, by := a.WrapUp, a.Pending, a.PendingBy
	s.emit(fact.WrapUpEnded{Agent: a.ID, Call: w.Call, Queue: w.Queue, How: how, Lasted: s.now.Sub(w.Since)})
	if pending != "" {
		s.emit(fact.AgentNotReady{Agent: a.ID, Reason: pending, By: by})
	}
}

func (s *step) moreWrapUp(a *Agent) error {
	if a.State != acd.WrapUp {
		return notNow(a, "more time")
	}
	q := s.queues[a.WrapUp.Queue]
	if q == nil || a.WrapUp.Extended >= q.WrapUp.Extend {
		return &Illegal{Code: "illegal", Text: "the wrap-up cannot be extended any further", Place: "do"}
	}
	s.emit(fact.WrapUpExtended{Agent: a.ID, Until: a.WrapUp.Until.Add(q.WrapUp.Limit)})
	return nil
}

// desk: the websocket of the agent's phone tab opened or closed.
func (s *step) desk(in Desk) {
	a := s.s.Agents[in.Agent]
	if a == nil || a.Desk == in.Up {
		return
	}
	if !in.Up {
		s.emit(fact.DeskLost{Agent: a.ID})
		s.loseOffer(a)
		return
	}
	s.emit(fact.DeskUp{Agent: a.ID})
	if a.State == acd.SignedOut {
		s.emit(fact.AgentSignedIn{Agent: a.ID})
		s.yieldPhone(a)
	}
}

// media: the agent's audio flows, or no more.
func (s *step) media(in Media) {
	a := s.s.Agents[in.Agent]
	if a == nil || a.Media == in.Up {
		return
	}
	if in.Up {
		s.emit(fact.MediaUp{Agent: a.ID})
		s.touchedCalls[a.Call] = true
		return
	}
	s.emit(fact.MediaLost{Agent: a.ID})
	s.touchedCalls[a.Call] = true
	if !a.Voice() {
		s.loseOffer(a)
	}
}

// loseOffer takes back an offer that the agent cannot see or take any more. One that was accepted already goes on: the
// audio may be back before the caller notices.
func (s *step) loseOffer(a *Agent) {
	if c := s.s.Calls[a.Call]; a.State == acd.Offered && c != nil && c.Phase == call.Waiting {
		s.endOffer(c, c.Visit.OfferTo(a.ID), fact.OfferLost)
	}
}

// legDown: the agent's leg in Asterisk is gone; a talk on it is lost to this agent, not to the caller.
func (s *step) legDown(in LegDown) {
	a := s.s.Agents[in.Agent]
	if a == nil || a.Leg != in.Leg {
		return
	}
	defer s.phoneDown(a, a.Phone, a.LegSince, in.HungUp)
	s.emit(fact.LegGone{Agent: a.ID, Leg: in.Leg})
	c := s.s.Calls[a.Call]
	if c == nil {
		return
	}
	switch c.Phase {
	case call.Waiting:
		s.loseOffer(a)
	case call.Joining:
		s.unjoin(c)
	case call.Talking, call.Held:
		s.touchedCalls[c.ID] = true // another leg is being made; MediaGrace bounds the wait
	}
}

// agentTimer: the agent's deadline has passed.
func (s *step) agentTimer(a *Agent) {
	rules := s.cfg.Rules
	switch {
	case a.State == acd.WrapUp && !s.now.Before(a.WrapUp.Until):
		s.endWrapUp(a, "limit")
	case a.State.InCall() && !a.voiceLost().IsZero() && !s.now.Before(a.voiceLost().Add(rules.MediaGrace)):
		s.loseTalk(a)
	case !a.Desk && !a.DeskLost.IsZero() && !s.now.Before(a.DeskLost.Add(rules.DeskGrace)):
		switch a.State {
		case acd.WrapUp:
			s.leaveWrapUp(a, "signed-out")
			fallthrough
		case acd.Ready, acd.NotReady:
			s.emit(fact.AgentSignedOut{Agent: a.ID, Why: "desk lost"})
		}
	}
}
