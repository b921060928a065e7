package floor

import (
	"errors"
	"slices"
	"time"

	"hotline/call"
	"hotline/fact"
	"hotline/ivr"
)

// arrived: a new call. Its line's flow begins at once; whether it is answered depends on what the flow does first.
func (s *step) arrived(in Arrived) {
	if s.s.Calls[in.Channel] != nil {
		return // the same channel again: a safety net's retry, or a resync
	}
	s.emit(fact.CallArrived{
		Call: in.Channel, Channel: in.Channel, Node: in.Node, Line: in.Line, Trunk: in.Trunk, Caller: in.Caller, Via: in.Via,
	})
	c := s.s.Calls[in.Channel]
	if in.Up {
		s.emit(fact.CallAnswered{Call: c.ID})
	}
	line, ok := s.cfg.Lines[in.Line]
	if !ok {
		s.close(c, fact.EndRefused, "unallocated")
		return
	}
	session, turn, err := s.cfg.Book.Begin(line.Flow, line.Lang, s.env(c))
	if err != nil {
		s.close(c, fact.EndFailed, "congestion")
		return
	}
	s.stepped(c, session, turn, "begin", "")
}

func (s *step) env(c *call.Call) ivr.Env {
	return ivr.Env{Now: s.now, Caller: c.Caller, Line: c.Line}
}

// stepped records the flow's step, and leaves the flow at once when nothing is to be said before.
func (s *step) stepped(c *call.Call, session fact.Session, turn fact.Turn, input, key string) {
	news := s.withNews(c, session, &turn, input)
	s.emit(fact.FlowStepped{Call: c.ID, Session: session, Turn: turn, Input: input, Key: key, Announced: news})
	if turn.Exit != nil && len(turn.Say) == 0 {
		s.exit(c)
	}
}

// flow gives the flow an input.
func (s *step) flow(c *call.Call, in ivr.Input) {
	session, turn, err := s.cfg.Book.Step(c.Session, c.Turn, in, s.env(c))
	switch {
	case errors.Is(err, ivr.ErrIgnored):
		return
	case err != nil: // the configuration no longer has the caller's node: a person is the best answer
		s.stepped(c, c.Session, fact.Turn{Exit: s.fallback()}, string(in.Kind), "")
		return
	}
	key := in.Key
	if key != "" && s.cfg.Book.Secret(c.Session) {
		key = "*"
	}
	s.stepped(c, session, turn, string(in.Kind), key)
}

// fallback is where a caller goes whose flow is gone.
func (s *step) fallback() *fact.Exit {
	if len(s.cfg.Queues) > 0 {
		return &fact.Exit{Queue: &fact.ToQueue{Queue: s.cfg.Queues[0].ID}}
	}
	return &fact.Exit{Hangup: &fact.ToHangup{}}
}

// exit leaves the flow by the turn's exit.
func (s *step) exit(c *call.Call) {
	switch x := c.Turn.Exit; {
	case x.Queue != nil:
		s.enqueue(c, *x.Queue, "flow", "")
	case x.Message != nil:
		s.emit(fact.MessageBegan{Call: c.ID, Message: c.NextMessage(), Category: x.Message.Category, Queue: x.Message.Queue})
	case x.Hangup != nil && x.Hangup.Refuse != "" && !c.Up:
		s.close(c, fact.EndRefused, x.Hangup.Refuse)
	default:
		ending := fact.EndIVRComplete
		if c.Visits > 0 || c.Messages > 0 {
			ending = s.endingAfter(c)
		}
		s.close(c, ending, "normal")
	}
}

// endingAfter is the ending of a call that we say goodbye to after it waited or left a message.
func (s *step) endingAfter(c *call.Call) fact.Ending {
	if c.Messages > 0 {
		return fact.EndMessage
	}
	if c.Promised != "" {
		return fact.EndCallback
	}
	return fact.EndIVRComplete
}

// key: in the IVR it is the flow's; while waiting it may be a way out; elsewhere it means nothing.
func (s *step) key(in Key) {
	c := s.s.Calls[in.Call]
	if c == nil {
		return
	}
	switch c.Phase {
	case call.Menu:
		s.flow(c, ivr.Input{Kind: ivr.Key, Key: in.Digit})
	case call.Waiting:
		switch {
		case c.Callback != "" && !c.Up: // no key can come from there
		case c.Visit.Asking != nil:
			s.askKey(c, in.Digit)
		default:
			s.wayOut(c, in.Digit)
		}
	}
}

// spoken: the prompt is over: the silence counts from here, or the flow goes on.
func (s *step) spoken(in Spoken) {
	c := s.s.Calls[in.Call]
	if c == nil || in.Prompt != c.Prompt || len(c.Saying) == 0 {
		return
	}
	if c.Phase == call.Menu && c.Turn.Exit != nil {
		s.emit(fact.PromptEnded{Call: c.ID, Prompt: in.Prompt, Failed: in.Failed})
		s.exit(c)
		return
	}
	s.emit(fact.PromptEnded{Call: c.ID, Prompt: in.Prompt, Failed: in.Failed})
	if c.Phase == call.Menu && c.Turn.Wait == 0 && c.Turn.Lookup == nil {
		s.flow(c, ivr.Input{Kind: ivr.Spoken})
	}
}

// regained: keys that were pressed in the gap are lost, so who was to press some hears the question once more. It is no
// failed try. A prompt that was being said is the lane's to repeat.
func (s *step) regained(in Regained) {
	c := s.s.Calls[in.Call]
	if c != nil && c.Phase == call.Waiting && c.Visit.Asking != nil && len(c.Saying) == 0 {
		a := *c.Visit.Asking
		a.Digits = ""
		s.asks(c, a, s.questions(c, a))
		return
	}
	if c == nil || c.Phase != call.Menu || c.Turn.Wait == 0 || len(c.Saying) > 0 {
		return
	}
	s.emit(fact.FlowStepped{Call: c.ID, Session: c.Session, Turn: c.Turn, Input: "again"})
}

func (s *step) lookedUp(in LookedUp) {
	c := s.s.Calls[in.Call]
	if c == nil || c.Phase != call.Menu || c.Turn.Lookup == nil {
		return
	}
	kind := ivr.Missing
	switch {
	case in.Failed:
		kind = ivr.LookupFailed
	case in.Found:
		kind = ivr.Found
	}
	s.flow(c, ivr.Input{Kind: kind, Vars: in.Vars})
}

// recorded: the message's recorder stopped by itself: silence, the key, or the limit.
func (s *step) recorded(in Recorded) {
	c := s.s.Calls[in.Call]
	if c == nil || c.Message == nil || c.Message.ID != in.Message {
		return
	}
	s.emit(fact.MessageEnded{Call: c.ID, Message: in.Message, Duration: in.Duration, Empty: in.Empty, Failed: in.Failed})
	if in.Failed == "" && !in.Empty {
		s.messageTicket(c)
	}
	what := "thank-you"
	if in.Failed != "" {
		what = "message-failed"
	}
	s.sayThen(c, []fact.Phrase{s.cfg.phrase(what, c.Session.Lang, "")}, fact.Exit{Hangup: &fact.ToHangup{}})
}

// shortest is the shortest message that counts as one when the recorder could not tell what it heard.
const shortest = time.Second

// cutMessage ends a message whose caller went, or whose call is being ended.
func (s *step) cutMessage(c *call.Call) {
	if c.Message == nil {
		return
	}
	lasted := s.now.Sub(c.Message.Began)
	s.emit(fact.MessageEnded{Call: c.ID, Message: c.Message.ID, Duration: lasted, Empty: lasted < shortest})
	if lasted >= shortest {
		s.messageTicket(c)
	}
}

// messageTicket makes a ticket of the message that was just left.
func (s *step) messageTicket(c *call.Call) {
	var category, queue string
	if x := c.Turn.Exit; x != nil && x.Message != nil {
		category, queue = x.Message.Category, x.Message.Queue
	}
	s.emit(fact.TicketOpened{
		Ticket: s.nextTicket(), Call: c.ID, Queue: queue, Channel: "message", Caller: c.Caller, Lang: c.Session.Lang,
		Category: category, Message: c.LastMessage(),
	})
}

// tick lets every deadline that has passed do its work.
func (s *step) tick() {
	for {
		key, ok := s.due.pop(s.now)
		if !ok {
			return
		}
		s.working = key
		if key[0] == 'a' {
			if a := s.s.Agents[key[1:]]; a != nil {
				s.agentTimer(a)
				s.due.put(key, s.later(s.agentDue(a)))
			}
			continue
		}
		if key[0] == 'b' {
			if b := s.s.Callbacks[key[1:]]; b != nil {
				s.callbackTimer(b)
				s.due.put(key, s.later(s.callbackDue(s.s.Callbacks[key[1:]])))
			}
			continue
		}
		if c := s.s.Calls[key[1:]]; c != nil {
			s.callTimer(c)
			if s.s.Calls[c.ID] != nil {
				s.due.put(key, s.later(s.callDue(c)))
			}
		}
	}
}

// later keeps a deadline that its work did not move from being due again at once.
func (s *step) later(at time.Time) time.Time {
	if !at.IsZero() && !at.After(s.now) {
		return s.now.Add(time.Second)
	}
	return at
}

// callTimer: the call's deadline has passed.
func (s *step) callTimer(c *call.Call) {
	at, why := s.deadline(c)
	if why == call.NoTimer || s.now.Before(at) {
		return
	}
	switch why {
	case call.Silence:
		s.flow(c, ivr.Input{Kind: ivr.Silence})
	case call.Missed:
		for _, o := range slices.Clone(c.Visit.Offers) {
			if !s.now.Before(o.Until) {
				s.missed(c, o, fact.OfferMissed)
			}
		}
		s.lookLate(c)
	case call.Told:
		s.tell(c, s.queues[c.Visit.Queue], false)
	case call.Look:
		s.look(c, false)
	case call.Asked:
		s.askSilence(c)
	case call.Unanswered:
		s.close(c, fact.EndUnreached, "normal")
	case call.Bound:
		s.bound(c)
	}
}

// bound: a machine's answer stayed away. The watchdog puts it right.
func (s *step) bound(c *call.Call) {
	switch c.Phase {
	case call.Menu:
		if len(c.Saying) > 0 {
			s.spoken(Spoken{Call: c.ID, Prompt: c.Prompt, Failed: "no end was reported"})
		} else {
			s.lookedUp(LookedUp{Call: c.ID, Failed: true})
		}
	case call.Joining:
		s.unjoin(c)
	case call.Message:
		s.recorded(Recorded{Call: c.ID, Message: c.Message.ID, Duration: s.now.Sub(c.Message.Began)})
	case call.Closing:
		if s.s.Nodes[c.Node] { // else the link's return tells what became of it
			s.gone(Gone{Call: c.ID, Inferred: true})
		}
	}
}
