package floor

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// The limits of a queue: whom it does not take, or does not keep, and where they go instead. What they say is decided by
// acd.Limits, here as in the simulator. A caller is looked at on entry, after each wait that a limit names, when the line
// closes, and when the last agent of the queue leaves; never while being offered.

// maxHops ends the walk of a caller whom queues send each other for ever: the last one keeps the caller.
const maxHops = 10

// look asks the queue's limits about a waiting caller, and sends the caller on if they say so.
func (s *step) look(c *call.Call, entering bool) bool {
	q := s.queues[c.Visit.Queue]
	if q == nil || s.hops >= maxHops || c.Visit.Callback != "" || c.Visit.Asking != nil {
		return false
	}
	closed, _ := s.lineClosed(c, s.now)
	to, why, ok := q.Limits.SendOn(acd.Situation{
		Entering: entering, Wait: s.now.Sub(c.Visit.Entered), Waiting: s.waiting(q.ID) - 1, Agents: s.present(q.ID), Closing: closed,
		During: func(hours string) bool {
			h := s.cfg.Book.Hours(hours)
			return h != nil && h.Open(s.now)
		},
	})
	if ok {
		s.hops++
		s.overflow(c, to, why)
		return true
	}
	s.looked[c.ID] = s.now
	return false
}

// lookLate looks at a caller whom nobody is being offered any more, if that was due meanwhile: before the next offer, which
// nobody may take either.
func (s *step) lookLate(c *call.Call) {
	if at := s.nextLook(c); len(c.Visit.Offers) == 0 && !at.IsZero() && !at.After(s.now) {
		s.look(c, false)
	}
}

// lineClosed tells whether the line has closed since the caller came into the queue, and else when it will.
func (f *Floor) lineClosed(c *call.Call, now time.Time) (bool, time.Time) {
	q := f.queues[c.Visit.Queue]
	if q == nil || q.Limits.When[acd.WhenClosing] == "" {
		return false, time.Time{}
	}
	return f.cfg.Book.Closed(c.Session, c.Line, c.Visit.Entered, now)
}

// nextLook is when the limits look at a waiting caller again; zero: not for time alone. What was looked at before is
// not known after a restart: then they look at once at whatever is due.
func (f *Floor) nextLook(c *call.Call) (at time.Time) {
	v, q := c.Visit, f.queues[c.Visit.Queue]
	if q == nil || v.Callback != "" { // who has been promised a call is sent nowhere else
		return at
	}
	last := v.Entered
	if t := f.looked[c.ID]; t.After(last) {
		last = t
	}
	if wait, ok := q.Limits.Next(last.Sub(v.Entered)); ok {
		at = v.Entered.Add(wait)
	}
	switch closed, next := f.lineClosed(c, last); {
	case closed:
		at = last
	case !next.IsZero() && (at.IsZero() || next.Before(at)):
		at = next
	}
	return at
}

// present is how many agents of the queue are signed in. Where none of the configuration could ever take a caller, those
// who are there do not count.
func (f *Floor) present(queue string) int {
	if f.hopeless[queue] != nil {
		return 0
	}
	return f.signedIn[queue]
}

// sendOnLeft looks at the callers of queues whose last agent has just left.
func (s *step) sendOnLeft() {
	for _, queue := range s.left {
		q := s.queues[queue]
		if q == nil || q.Limits.When[acd.WhenNobody] == "" || s.present(queue) > 0 {
			continue
		}
		for _, id := range slices.Collect(s.engine.Waiting(queue, s.now)) {
			if c := s.s.Calls[id]; c != nil && c.Phase == call.Waiting && c.Visit.Queue == queue && len(c.Visit.Offers) == 0 {
				s.working = callKey(id)
				s.look(c, false)
			}
		}
	}
	s.left = nil
}

// moveLost takes the callers of queues that a new configuration does not have to the first queue, in the order in which
// they came and with their places.
func (s *step) moveLost() {
	if len(s.cfg.Queues) == 0 {
		return
	}
	var lost []*call.Call
	for _, c := range s.s.Calls {
		if c.Phase == call.Waiting && s.queues[c.Visit.Queue] == nil {
			lost = append(lost, c)
		}
	}
	slices.SortFunc(lost, func(a, b *call.Call) int {
		return cmp.Or(a.Visit.Since.Compare(b.Visit.Since), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range lost {
		s.working = callKey(c.ID)
		since, priority := c.Visit.Since, c.Visit.Priority
		s.endVisit(c, fact.Overflowed, "queue gone")
		s.visit(c, fact.ToQueue{Queue: s.cfg.Queues[0].ID, Priority: priority}, "overflow", "", since)
	}
	s.working = ""
}

// overflow sends a waiting caller to a destination of the queue's rules: message, callback, end, queue:ID. A destination
// that is not to be had is a message: nobody is left without an answer.
func (s *step) overflow(c *call.Call, to, why string) {
	if next, ok := strings.CutPrefix(to, "queue:"); ok && s.queues[next] != nil && next != c.Visit.Queue {
		s.endVisit(c, fact.Overflowed, why)
		s.visit(c, fact.ToQueue{Queue: next, Priority: c.Visit.Priority}, "overflow", "", c.Places[next])
		return
	}
	if to == acd.ToCallback && s.canCallBack(c.Visit.Queue) {
		s.ask(c, why, !strings.HasPrefix(why, "key "))
		return
	}
	if to == acd.ToEnd {
		s.endVisit(c, fact.Overflowed, why)
		s.sayThen(c, []fact.Phrase{s.cfg.phrase("all-busy-bye", c.Session.Lang, "")}, fact.Exit{Hangup: &fact.ToHangup{}})
		return
	}
	s.leaveMessage(c, why)
}

// leaveMessage lets a waiting caller leave a message instead.
func (s *step) leaveMessage(c *call.Call, why string, before ...fact.Phrase) {
	s.endVisit(c, fact.Message, why)
	m := s.cfg.Rules.Message
	m.Queue = c.Visit.Queue
	s.sayThen(c, append(before, s.cfg.phrase("leave-message", c.Session.Lang, "")), fact.Exit{Message: &m})
}

// wayOut is the destination of a key that a waiting caller pressed.
func (s *step) wayOut(c *call.Call, digit string) {
	if q := s.queues[c.Visit.Queue]; q != nil && q.Wait.Keys[digit] != "" {
		s.overflow(c, q.Wait.Keys[digit], "key "+digit)
	}
}

// findHopeless notes the queues whose callers nobody in the configuration could ever take, and why.
func (f *Floor) findHopeless(agents []acd.Agent) {
	f.hopeless = map[string]error{}
	for id, q := range f.queues {
		if err := q.Lacks(agents); err != nil {
			f.hopeless[id] = err
		}
	}
}
