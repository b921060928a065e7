package floor

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// Step decides what an input means and applies it. The record may be empty: then nothing happened and nothing is to be
// written. An *Illegal error refuses a command; the floor is unchanged then.
//
// A panic inside leaves the floor in between: whoever owns it must throw it away and restore one from the journal,
// which does not have the step.
func (f *Floor) Step(now time.Time, in Input) (fact.Record, error) {
	if now.Before(f.s.At) {
		now = f.s.At // fact times never go backwards, whatever the clock does
	}
	s := &step{Floor: f, now: now}
	f.working, f.left = "", nil
	err := s.decide(in)
	if err == nil {
		s.sendOnLeft()
		s.letGo()
		s.match()
	}
	if err != nil && len(s.facts) > 0 {
		panic(fmt.Errorf("%T refused after %d facts: %w", in, len(s.facts), err))
	}
	if len(s.facts) == 0 {
		return fact.Record{}, err
	}
	f.s.Seq++
	return fact.Record{Seq: f.s.Seq, At: now, Facts: s.facts}, nil
}

// Replay applies a record of the journal.
func (f *Floor) Replay(r fact.Record) error {
	if r.Seq != f.s.Seq+1 {
		return fmt.Errorf("record %d does not follow record %d", r.Seq, f.s.Seq)
	}
	for _, x := range r.Facts {
		f.apply(x, r.At)
	}
	f.s.Seq = r.Seq
	return nil
}

// step is one decision under way.
type step struct {
	*Floor
	now   time.Time
	facts []fact.Fact
	hops  int // from queue to queue by their limits
}

// emit decides on a fact: it is applied at once, so that what follows in the same step sees it.
func (s *step) emit(f fact.Fact) {
	s.apply(f, s.now)
	s.facts = append(s.facts, f)
}

func (s *step) decide(in Input) error {
	switch in := in.(type) {
	case Arrived:
		s.arrived(in)
	case Answered:
		s.answered(in)
	case Key:
		s.key(in)
	case Spoken:
		s.spoken(in)
	case LookedUp:
		s.lookedUp(in)
	case Gone:
		s.gone(in)
	case Regained:
		s.regained(in)
	case HangUp:
		if c := s.s.Calls[in.Call]; c != nil && c.Phase != call.Closing {
			s.close(c, s.endingByCaller(c), "normal")
		}
	case Recorded:
		s.recorded(in)
	case Joined:
		s.joined(in)
	case JoinFailed:
		s.joinFailed(in)
	case Stored:
		if s.s.Pending[in.Fact.Recording] != nil {
			s.emit(in.Fact)
		}
	case Lost:
		if s.s.Pending[in.Recording] != nil {
			s.emit(fact.RecordingLost(in))
		}
	case CannotServe:
		if c := s.s.Calls[in.Call]; c != nil && c.Phase != call.Closing {
			s.close(c, fact.EndFailed, "failure")
		}
	case LegUp:
		if a := s.s.Agents[in.Agent]; a != nil && a.Leg != in.Leg {
			s.emit(fact.LegMade(in))
		}
	case LegDown:
		s.legDown(in)
	case Unanswered:
		s.unanswered(in)
	case Desk:
		s.desk(in)
	case Media:
		s.media(in)
	case Link:
		if in.Up {
			s.emit(fact.LinkUp{Node: in.Node, Version: in.Version})
		} else if s.s.Nodes[in.Node] {
			s.emit(fact.LinkDown{Node: in.Node, Why: in.Why})
		}
	case Started:
		s.emit(fact.ServerStarted{Version: in.Version, Config: s.cfg.Hash})
		s.endVisitors()
		s.moveLost()
		s.callbacksWithoutTrunk()
	case NetMessage:
		s.netMessage(in)
	case Draft:
		s.emit(in.Fact)
	case Configured:
		s.emit(fact.ConfigLoaded{Config: s.cfg.Hash})
		s.moveLost()
		s.callbacksWithoutTrunk()
	case Release:
		s.release(in)
	case Expired:
		s.emit(fact.RecordingDeleted(in))
	case Tick:
		s.tick()
	case Announce:
		return s.announce(in)
	case Surged:
		s.surged(in)
	case Command:
		return s.command(in)
	default:
		panic(fmt.Sprintf("floor: no rule for %T", in))
	}
	return nil
}

// match offers waiting callers to agents until no pair is left.
func (s *step) match() {
	s.working = ""
	var held []*call.Call
	defer func() {
		for _, c := range held {
			s.enter(c)
		}
	}()
	for n := 0; n < 1000; n++ { // a bound, not a limit: each match takes one agent away
		m, ok := s.engine.Match(s.now)
		if !ok {
			return
		}
		c := s.s.Calls[m.Caller]
		s.working = callKey(m.Caller)
		if c.Virtual() && s.firstOf(c.Visit.Queue) == FirstCustomer {
			if s.mayDial(c) {
				s.dial(c, "")
				continue
			}
			// The agents who are free are spoken for: others go before, and with the next step it is looked at again.
			s.engine.Leave(c.ID)
			held = append(held, c)
			n--
			continue
		}
		if a := s.s.Agents[m.Agent]; a.State == acd.WrapUp { // the caller's case is theirs, and the queue lets it interrupt
			s.leaveWrapUp(a, "interrupted")
		}
		s.offer(c, m.Agent, m.Reason.String(), whyOf(m.Reason))
	}
}

// apply writes one fact into the floor. It is the only writer.
func (f *Floor) apply(x fact.Fact, at time.Time) {
	f.s.At = at
	switch x := x.(type) {
	case fact.CallArrived:
		c := &call.Call{}
		f.s.Calls[x.Call] = c
		f.phases[c.Phase]++
		f.applyCall(c, x, at)
		f.noteCall(x.Caller, at)
	case fact.TicketOpened:
		f.countTicket(x.Ticket, at)
		if c := f.s.Calls[x.Call]; c != nil {
			f.applyCall(c, x, at)
		}
	case fact.RecordingStored:
		delete(f.s.Pending, x.Recording)
	case fact.RecordingLost:
		delete(f.s.Pending, x.Recording)
	case fact.LinkUp:
		f.s.Nodes[x.Node] = true
	case fact.LinkDown:
		f.s.Nodes[x.Node] = false
	case fact.ServerStarted:
		f.started(at)
	case fact.NetMessage:
		f.applyNetMessage(x)
	case fact.AnnouncementSwitched:
		f.applyAnnouncement(x, at)
	case fact.CallQuarantined:
	default:
		if id := callOf(x); id != "" {
			if c := f.s.Calls[id]; c != nil {
				f.applyCall(c, x, at)
			}
		}
		f.applyAgent(x, at)
		switch x := x.(type) {
		case fact.LegMade: // a talk goes on over the new leg
			f.touchCallOf(x.Agent)
		case fact.LegGone:
			f.touchCallOf(x.Agent)
		case fact.DeviceChosen: // the bridge must be one that suits it
			f.touchCallOf(x.Agent)
		}
	}
	f.applyCallback(x, at)
}

// touchCallOf marks the call that the agent is on.
func (f *Floor) touchCallOf(agent string) {
	if id := f.s.Agents[agent].Call; f.s.Calls[id] != nil {
		f.touchedCalls[id] = true
	}
}

// applyCall writes a fact into its call, and what follows from it for the engine and the pending recordings.
func (f *Floor) applyCall(c *call.Call, x fact.Fact, at time.Time) {
	wasWaiting := c.Phase == call.Waiting || c.Phase == call.Joining
	if wasWaiting {
		f.touchedQueues[c.Visit.Queue] = true
	}
	was := c.Phase
	c.Apply(x, at)
	f.phases[was]--
	f.phases[c.Phase]++
	waits := c.Phase == call.Waiting || c.Phase == call.Joining
	switch x := x.(type) {
	case fact.VisitBegan:
		if wasWaiting {
			f.engine.Leave(c.ID)
		}
		if !c.Away() {
			f.enter(c)
		}
	case fact.CallbackDialled:
		if c.Away() {
			f.engine.Leave(c.ID)
		}
	case fact.CallAnswered:
		if c.Phase == call.Waiting && c.Dialled != nil {
			f.enter(c) // the customer is there, in the old place
		}
	case fact.Offered:
		f.engine.Take(c.ID, x.Agent)
	case fact.OfferEnded:
		switch {
		case x.Result == fact.OfferAccepted:
			f.engine.Accept(c.ID)
		case waits:
			f.engine.ReleaseFrom(c.ID, x.Agent)
			if err := f.engine.Change(c.ID, func(w *acd.Caller) { *w = f.waiter(c) }); err != nil {
				panic(err)
			}
		}
	case fact.TalkEnded:
		f.noteTalk(c, x.Agent, at)
	case fact.VisitEnded:
		if x.Outcome == fact.Answered || x.Outcome == fact.Abandoned {
			flow := f.s.Flows[x.Queue] // not the engine's: a queue may be gone when the journal is read again
			flow.Note(at, x.Waited)
			f.s.Flows[x.Queue] = flow
			f.engine.SetFlow(x.Queue, flow)
		}
	case fact.RecordingBegan:
		f.s.Pending[x.Recording] = &Pending{Call: x.Call, Recording: x.Recording, Node: x.Node, Left: x.Left, Right: x.Right}
	case fact.RecordingEnded:
		f.fileClosed(x.Recording)
	case fact.MessageBegan:
		f.s.Pending[x.Message] = &Pending{Call: x.Call, Recording: x.Message, Node: c.Node, Left: x.Message}
	case fact.MessageEnded:
		if x.Failed != "" {
			delete(f.s.Pending, x.Message)
		} else {
			f.fileClosed(x.Message)
		}
	}
	if wasWaiting && !waits {
		f.engine.Leave(c.ID)
	}
	if _, begins := x.(fact.VisitBegan); begins || !waits {
		delete(f.looked, c.ID)
	}
	if waits || c.Talk != nil {
		if c.Visit != nil {
			f.touchedQueues[c.Visit.Queue] = true
		}
	}
	f.touchedCalls[c.ID] = true
	f.noteKept(c)
	if c.Phase == call.Ended {
		f.phases[call.Ended]--
		delete(f.s.Calls, c.ID)
		f.s.Ended = remember(f.s.Ended, c.ID, rememberedCalls)
		f.due.put(callKey(c.ID), time.Time{})
		return
	}
	f.due.put(callKey(c.ID), f.callDue(c))
}

// fileClosed: a recording can be fetched from now on.
func (f *Floor) fileClosed(recording string) {
	if p := f.s.Pending[recording]; p != nil && !p.Ended {
		p.Ended = true
		f.closed = append(f.closed, recording)
	}
}

// applyAgent writes a fact into the agent it names.
func (f *Floor) applyAgent(x fact.Fact, at time.Time) {
	id := agentOf(x)
	if id == "" {
		return
	}
	a := f.s.Agents[id]
	if a == nil { // left the configuration while the journal still speaks of them
		a = &Agent{ID: id, State: acd.SignedOut}
		f.s.Agents[id] = a
	}
	if day := at.In(f.cfg.Zone).Format(time.DateOnly); day != a.Day {
		a.Day, a.CallsToday, a.Busy = day, 0, 0
	}
	if a.overruled(x) {
		f.rearrange()
	}
	a.apply(x, at)
	f.applyLine(x, at)
	if w, ok := x.(fact.WrapUpBegan); ok {
		if c := f.s.Calls[w.Call]; c != nil {
			a.WrapUp.Last = *f.callView(c)
			a.WrapUp.Last.Ended = at
		}
	}
	f.touchedAgents[id] = true
	f.settleAgent(a)
}

// started: whatever was connected to the process before is not connected to this one.
func (f *Floor) started(at time.Time) {
	for id, a := range f.s.Agents {
		if a.Desk {
			a.Desk, a.DeskLost = false, at
		}
		if a.Media {
			a.Media, a.MediaLost = false, at
		}
		f.touchedAgents[id] = true
		f.settleAgent(a)
	}
	for n := range f.s.Nodes {
		f.s.Nodes[n] = false
	}
}

// countTicket counts the tickets of a day of the centre's own zone. Behind damage in the journal the number itself says more
// than the count does.
func (f *Floor) countTicket(ticket string, at time.Time) {
	day := at.In(f.cfg.Zone).Format("20060102")
	if day != f.s.TicketDay {
		f.s.TicketDay, f.s.TicketCount, f.s.TicketsLost = day, f.s.TicketsLost, 0
	}
	f.s.TicketCount++
	if n, err := strconv.Atoi(strings.TrimPrefix(ticket, day+"-")); err == nil {
		f.s.TicketCount = max(f.s.TicketCount, n)
	}
}

// nextTicket is the number of the next ticket: 20261121-0042.
func (s *step) nextTicket() string {
	day := s.now.In(s.cfg.Zone).Format("20060102")
	n := s.s.TicketCount + 1
	if day != s.s.TicketDay {
		n = s.s.TicketsLost + 1
	}
	return fmt.Sprintf("%s-%04d", day, n)
}
