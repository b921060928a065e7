package floor

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// enqueue lets the caller wait in a queue, or sends the caller where the queue's limits say. Who is sent to a queue that a
// reload took away, since the flow said so or since the talk began, waits in the first one like those who waited there.
func (s *step) enqueue(c *call.Call, to fact.ToQueue, from, agent string) {
	if s.queues[to.Queue] == nil {
		if len(s.cfg.Queues) == 0 {
			s.close(c, fact.EndFailed, "failure")
			return
		}
		to.Queue = s.cfg.Queues[0].ID
	}
	s.visit(c, to, from, agent, time.Time{})
}

// visit begins a stay in a queue that is there. since: the place counts from then; zero: from now.
func (s *step) visit(c *call.Call, to fact.ToQueue, from, agent string, since time.Time) {
	var boosts []fact.Boost
	switch {
	case from == "flow":
		to, boosts = s.known(c, to)
	case from == "callback":
		boosts = s.s.Callbacks[c.Callback].Boosts
	case c.Visit != nil:
		boosts = c.Visit.Boosts // they are in the priority that the caller brings along
	}
	q := s.queues[to.Queue]
	v := fact.VisitBegan{
		Call: c.ID, Visit: c.NextVisit(), Queue: to.Queue, Priority: to.Priority, From: from, Agent: agent, Since: since, Boosts: boosts,
	}
	if from == "flow" || from == "overflow" || from == "callback" {
		v.Prefer = cmp.Or(s.named(c, q), s.knows(c, q))
	}
	if c.Callback != "" && c.Talks == 0 {
		v.Callback = c.Callback
		if b := s.s.Callbacks[c.Callback]; b != nil {
			v.Since = b.Since // the promise was a place, in whichever queue it is kept
		}
	}
	s.emit(v)
	if c.Callback != "" && !c.Up {
		return // nobody is there to be told anything
	}
	if (from == "flow" || from == "overflow") && s.look(c, true) {
		return
	}
	if agent != "" {
		if a := s.s.Agents[agent]; a != nil && a.State == acd.Ready && a.Reachable() {
			s.offer(c, agent, fmt.Sprintf("%s: asked for by the transfer", agent), &fact.Why{Asked: true})
		}
		return
	}
	s.tell(c, q, true)
}

// sayThen says something and then leaves by an exit: a turn that no flow wrote.
func (s *step) sayThen(c *call.Call, say []fact.Phrase, exit fact.Exit) {
	s.emit(fact.FlowStepped{Call: c.ID, Session: c.Session, Turn: fact.Turn{Say: say, Exit: &exit}, Input: "overflow"})
}

// endVisit gives the visit its one outcome; why is what sent a caller on.
func (s *step) endVisit(c *call.Call, o fact.Outcome, why string) {
	v := c.Visit
	if v == nil || v.Ended {
		return
	}
	s.withdraw(c)
	end := fact.VisitEnded{Call: c.ID, Visit: v.ID, Queue: v.Queue, Outcome: o, Waited: s.now.Sub(v.Entered), Expected: v.Expected, Why: why, Callback: v.Callback}
	if q := s.queues[v.Queue]; q != nil {
		end.Threshold = q.ServiceLevel.Within
	}
	if o == fact.Answered {
		end.Agent = c.Talk.Agent
	}
	s.emit(end)
}

// tell says the place to a waiting caller: at entry all is said, later what the queue's rules name.
func (s *step) tell(c *call.Call, q *acd.Queue, entry bool) {
	news, say := s.newsOf(c, q, entry)
	var expected time.Duration
	place, _ := s.engine.Place(c.ID, s.now)
	for _, what := range q.Wait.Tell {
		switch what {
		case "place":
			say = append(say, s.cfg.phrase("place", c.Session.Lang, strconv.Itoa(place)))
		case "expected-wait":
			if d, ok := s.engine.Expect(c.ID, s.now); ok {
				minutes := max(1, int(d.Minutes()+0.5))
				expected = time.Duration(minutes) * time.Minute
				say = append(say, s.cfg.phrase("expected-wait", c.Session.Lang, strconv.Itoa(minutes)))
			}
		}
	}
	if entry && place <= 1 && s.free(q.ID) {
		return // an agent is about to be found in this very step
	}
	if len(say) == 0 {
		if entry && len(s.hint(c)) == 0 {
			return
		}
		say = []fact.Phrase{s.cfg.phrase("please-wait", c.Session.Lang, "")}
	}
	say = append(say, s.hint(c)...)
	s.emit(fact.WaitTold{Call: c.ID, Visit: c.Visit.ID, Say: say, Expected: expected, Announced: news})
}

// free tells whether an agent of the queue is ready right now.
func (s *step) free(queue string) bool {
	for _, a := range s.members[queue] {
		if st := s.s.Agents[a]; st.State == acd.Ready && st.Reachable() {
			return true
		}
	}
	return false
}

// offer lays a waiting call on an agent's desk.
func (s *step) offer(c *call.Call, agent, reason string, why *fact.Why) {
	q := s.rules(c.Visit.Queue)
	o := fact.Offered{
		Call: c.ID, Visit: c.Visit.ID, Offer: c.NextOffer(), Queue: c.Visit.Queue, Agent: agent, Reason: reason, Why: why,
		Until: s.now.Add(q.Offer.Ring), Auto: q.Offer.Auto,
	}
	s.emit(o)
	if o.Auto {
		s.accept(c, c.Visit.OfferTo(agent))
	}
}

// answerOffer: the agent took the offer or declined it.
func (s *step) answerOffer(a *Agent, in Command) error {
	c := s.s.Calls[a.Call]
	var o *call.Offer
	if a.State == acd.Offered && c != nil {
		o = c.Visit.OfferTo(a.ID)
	}
	if o == nil || in.Offer != "" && in.Offer != o.ID {
		return &Illegal{Code: "gone", Text: "this call is not offered to you any more", Place: "offer"}
	}
	if c.Phase == call.Joining {
		return nil // accepted already
	}
	if in.Do == "reject" {
		s.missed(c, o, fact.OfferRejected)
		s.lookLate(c)
		return nil
	}
	if !a.Reachable() {
		return &Illegal{Code: "unavailable", Text: "your phone is not connected; check the microphone and the connection", Place: "phone"}
	}
	s.accept(c, o)
	return nil
}

// accept: the ticket pops now, before the agent can say a word; the recording starts and the legs are joined. Others who
// were offered the call were not as fast.
func (s *step) accept(c *call.Call, o *call.Offer) {
	if c.Ticket == "" {
		s.emit(fact.TicketOpened{
			Ticket: s.nextTicket(), Call: c.ID, Queue: c.Visit.Queue, Agent: o.Agent, Channel: channelOf(c),
			Caller: c.Caller, Lang: c.Session.Lang,
		})
	}
	if !c.Virtual() { // nothing is to be recorded before the customer answers
		s.record(c)
	}
	s.emit(fact.OfferEnded{Call: c.ID, Visit: c.Visit.ID, Offer: o.ID, Queue: c.Visit.Queue, Agent: o.Agent, Result: fact.OfferAccepted})
	s.withdraw(c)
	if c.Virtual() {
		s.dial(c, o.Agent)
	}
}

// record begins the call's recording, unless the queue wants none.
func (s *step) record(c *call.Call) {
	if c.Recording == nil && s.records(c.Visit) {
		id := c.ID + "-r1"
		s.emit(fact.RecordingBegan{Call: c.ID, Recording: id, Node: c.Node, Left: id + "-in", Right: id + "-out"})
	}
}

// withdraw takes back every offer that nobody has accepted.
func (s *step) withdraw(c *call.Call) {
	for _, o := range slices.Clone(c.Visit.Offers) {
		if !o.Accepted {
			s.endOffer(c, o, fact.OfferWithdrawn)
		}
	}
}

func channelOf(c *call.Call) string {
	if c.Via == "browser" {
		return "browser"
	}
	return "phone"
}

// missed: the agent did not take the offer. The caller keeps the place; after some misses the agent rests.
func (s *step) missed(c *call.Call, o *call.Offer, result fact.OfferResult) {
	q, a := s.queues[c.Visit.Queue], s.s.Agents[o.Agent]
	s.endOffer(c, o, result)
	switch {
	case a.Pending != "":
		s.emit(fact.AgentNotReady{Agent: a.ID, Reason: a.Pending, By: a.PendingBy})
	case q != nil && a.MissedRow >= q.Offer.MissedLimit:
		s.emit(fact.AgentNotReady{Agent: a.ID, Reason: "missed", By: "rule"})
	}
}

// endOffer closes an offer with its result.
func (s *step) endOffer(c *call.Call, o *call.Offer, result fact.OfferResult) {
	s.emit(fact.OfferEnded{Call: c.ID, Visit: c.Visit.ID, Offer: o.ID, Queue: c.Visit.Queue, Agent: o.Agent, Result: result})
	if a := s.s.Agents[o.Agent]; a.Pending != "" && a.State == acd.Ready && result != fact.OfferMissed && result != fact.OfferRejected {
		s.emit(fact.AgentNotReady{Agent: a.ID, Reason: a.Pending, By: a.PendingBy})
	}
}

// joined: the agent's leg is in the bridge: the wait is over and the talk begins.
func (s *step) joined(in Joined) {
	c := s.s.Calls[in.Call]
	if c == nil || c.Phase != call.Joining || c.Visit.Accepted().ID != in.Offer || c.Ringing() {
		return
	}
	v, o := c.Visit, c.Visit.Accepted()
	s.emit(fact.TalkBegan{Call: c.ID, Visit: v.ID, Talk: c.NextTalk(), Queue: v.Queue, Agent: o.Agent, Ticket: c.Ticket})
	s.endVisit(c, fact.Answered, "")
	s.reached(c)
	s.served(c)
}

// unjoin: the two could not be joined. The caller keeps the place, another agent is looked for. A customer whose phone still
// rings is not left with nobody at the other end: that attempt is over.
func (s *step) unjoin(c *call.Call) {
	if c.Ringing() {
		s.close(c, fact.EndUnreached, "normal")
		return
	}
	s.endOffer(c, c.Visit.Accepted(), fact.OfferFailed)
	if s.queues[c.Visit.Queue] == nil {
		s.moveLost()
	}
}

// joinFailed: the agent's leg could not be put into the bridge.
func (s *step) joinFailed(in JoinFailed) {
	c := s.s.Calls[in.Call]
	if c == nil || c.Phase != call.Joining || c.Visit.Accepted().ID != in.Offer {
		return
	}
	s.unjoin(c)
}
