package floor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/acd"
	"hotline/calendar"
	"hotline/call"
	"hotline/fact"
)

// A call back instead of waiting:
//
//	asked (ask.go) ──▶ Callback ──▶ attempt ──▶ dialled ──▶ talk: reached
//	                      ▲           │ taken back  │ nobody
//	                      └───────────┴─────────────┘  after a while, so many times, within hours and expiry
//
// The promise outlives the call that asked for it, closing time, and us: it is state of the floor. An attempt is a call that
// waits in the caller's old place like anybody else, only that it has no channel yet; so strategies, offers, misses and the
// agent who knows the case are those of all calls. At any time a promise has one attempt at most.

// Callbacks are the house's rules for them.
type Callbacks struct {
	// Trunk is the endpoint to dial, with {number} (E.164) or {digits} (without +) in it; empty: there are no call backs.
	Trunk    string
	CallerID string // shown to the customer
	Name     map[string]string
	// First is who is called first: FirstAgent or FirstCustomer. A queue may say otherwise.
	First string
	// Permitted and Forbidden are beginnings of E.164 numbers; Own are the house's own, which are never called.
	Permitted, Forbidden, Own []string
	PerDay                    int // for one number
	Ring                      time.Duration
	Times                     int             // tries after the first
	After                     []time.Duration // before each of them; the last one counts on
	Expires                   time.Duration
	Hours                     *calendar.Hours // nil: at any time
	// Number makes E.164 of what a caller keyed or the network signalled; not ok: it is no number that can be called.
	Number func(keyed string) (number string, ok bool)
	// Spoken gives the digits of a number as people here say it.
	Spoken func(number string) string
}

// Who is called first.
const (
	FirstAgent    = "agent"
	FirstCustomer = "customer"
)

// Callback is one promise that is not kept yet.
type Callback struct {
	fact.CallbackRequested
	At       time.Time // of the promise
	Live     string    // the attempt under way
	Attempts int       // begun
	Tries    int       // of those, dialled
	Next     time.Time // when the next attempt is due
	Last     fact.CallbackMiss
}

func callbackKey(id string) string { return "b" + id }

// callbackOf names the promise that a caller was given on a call: there is no more than one.
func callbackOf(call string) string { return "cb-" + call }

// applyCallback writes it into the promises.
func (f *Floor) applyCallback(x fact.Fact, at time.Time) {
	id := ""
	switch x := x.(type) {
	case fact.CallbackRequested:
		id = x.Callback
		if f.s.Callbacks == nil {
			f.s.Callbacks = map[string]*Callback{}
		}
		f.s.Callbacks[id] = &Callback{CallbackRequested: x, At: at, Next: at}
		f.countRequest(x.Number, at)
	case fact.CallbackTried:
		if b := f.s.Callbacks[x.Callback]; b != nil {
			id, b.Live = x.Callback, x.Call
			b.Attempts++
		}
	case fact.CallbackDialled:
		id = x.Callback
	case fact.TicketOpened:
		if c := f.s.Calls[x.Call]; c != nil && f.s.Callbacks[c.Callback] != nil {
			f.s.Callbacks[c.Callback].Ticket = x.Ticket // the next attempt goes on with it
		}
	case fact.CallbackPostponed:
		if b := f.s.Callbacks[x.Callback]; b != nil {
			id, b.Live, b.Next, b.Last = x.Callback, "", x.Next, x.Why
			if x.Dialled {
				b.Tries++
			}
		}
	case fact.CallbackEnded:
		id = x.Callback
		delete(f.s.Callbacks, id)
	case fact.CallEnded:
		id = callbackOf(x.Call) // the customer is off the line: now it may ring there
	}
	if id != "" {
		f.due.put(callbackKey(id), f.callbackDue(f.s.Callbacks[id]))
		f.callbacksTouched = true
	}
}

// countRequest counts the promises that a number got on a day of the centre's own zone.
func (f *Floor) countRequest(number string, at time.Time) {
	if day := at.In(f.cfg.Zone).Format(time.DateOnly); day != f.s.CallbackDay {
		f.s.CallbackDay, f.s.CallbacksOf = day, map[string]int{}
	}
	f.s.CallbacksOf[number]++
}

// requests is how many promises the number got today.
func (f *Floor) requests(number string, now time.Time) int {
	if now.In(f.cfg.Zone).Format(time.DateOnly) != f.s.CallbackDay {
		return 0
	}
	return f.s.CallbacksOf[number]
}

// callbackDue is when time alone does something about a promise.
func (f *Floor) callbackDue(b *Callback) time.Time {
	if b == nil {
		return time.Time{}
	}
	at := b.Expires
	soonest := func(t time.Time) {
		if t.Before(at) {
			at = t
		}
	}
	switch c := f.s.Calls[b.Live]; {
	case c != nil && !c.Virtual():
		return time.Time{} // the call's own deadlines see to it
	case c != nil:
		if h := f.cfg.Callbacks.Hours; h != nil {
			if t, ok := h.Next(latest(c.Arrived, f.s.At)); ok {
				soonest(t)
			}
		}
	case f.s.Calls[b.Call] == nil: // else the customer is on the line still
		soonest(b.Next)
	}
	return at
}

// callbackTimer: a promise's deadline has passed.
func (s *step) callbackTimer(b *Callback) {
	switch c := s.s.Calls[b.Live]; {
	case c != nil && !c.Virtual():
	case !s.now.Before(b.Expires):
		s.endCallback(b, fact.CallbackExpired, "")
	case c != nil:
		if opens, ok := s.cfg.Callbacks.opens(s.now); !ok || opens.After(s.now) {
			s.takeBack(b, fact.MissClosed, s.openFrom(s.now, b))
		}
	case s.s.Calls[b.Call] != nil || s.now.Before(b.Next):
	default:
		s.try(b)
	}
}

// opens is the first moment, not before at, at which customers may be called.
func (r *Callbacks) opens(at time.Time) (time.Time, bool) {
	if r.Hours == nil {
		return at, true
	}
	return r.Hours.Opens(at)
}

// openFrom is the same, or the end of the promise when there is none before it. One that is over already, which a reload may
// find before its deadline does, ends now.
func (s *step) openFrom(at time.Time, b *Callback) time.Time {
	if t, ok := s.cfg.Callbacks.opens(at); ok && t.Before(b.Expires) {
		return t
	}
	return latest(s.now, b.Expires)
}

// withoutTrunk is how long a promise waits for a trunk that the configuration does not have at the moment.
const withoutTrunk = 10 * time.Minute

// try begins an attempt: a call without a channel takes the caller's old place.
func (s *step) try(b *Callback) {
	rules := &s.cfg.Callbacks
	if rules.Trunk == "" || len(s.cfg.Queues) == 0 {
		s.emit(fact.CallbackPostponed{Callback: b.Callback, Queue: b.Queue, Why: fact.MissNotMade, Next: s.openFrom(s.now.Add(withoutTrunk), b)})
		return
	}
	if at := s.openFrom(s.now, b); at.After(s.now) {
		s.emit(fact.CallbackPostponed{Callback: b.Callback, Queue: b.Queue, Why: fact.MissClosed, Next: at})
		return
	}
	id := fmt.Sprintf("%s-a%d", b.Callback, b.Attempts+1)
	s.emit(fact.CallArrived{Call: id, Channel: id, Node: s.nodeFor(b), Line: b.Line, Caller: b.Caller, Via: fact.ViaCallback})
	s.emit(fact.CallbackTried{Callback: b.Callback, Call: id, Asked: b.At, Lang: b.Lang, Path: b.Path, Ticket: b.Ticket})
	queue := b.Queue
	if s.queues[queue] == nil {
		queue = s.cfg.Queues[0].ID
	}
	s.visit(s.s.Calls[id], fact.ToQueue{Queue: queue, Priority: b.Priority}, "callback", "", b.Since)
}

// nodeFor is the Asterisk that calls: the one that the caller came by, or one that is there.
func (f *Floor) nodeFor(b *Callback) string {
	if f.s.Nodes[b.Node] {
		return b.Node
	}
	for _, n := range slices.Sorted(maps.Keys(f.s.Nodes)) {
		if f.s.Nodes[n] {
			return n
		}
	}
	return b.Node
}

// takeBack ends an attempt that is not dialled yet; the next one is due at next.
func (s *step) takeBack(b *Callback, why fact.CallbackMiss, next time.Time) {
	c := s.s.Calls[b.Live]
	s.emit(fact.CallbackPostponed{Callback: b.Callback, Call: c.ID, Queue: b.Queue, Why: why, Next: next})
	s.close(c, fact.EndUnreached, "normal")
}

// endCallback gives a promise its one result. An attempt that is not dialled ends with it.
func (s *step) endCallback(b *Callback, result fact.CallbackResult, by string) {
	c := s.s.Calls[b.Live]
	s.emit(fact.CallbackEnded{
		Callback: b.Callback, Call: b.Live, Queue: b.Queue, Result: result, Waited: s.now.Sub(b.At), Tries: b.Tries, By: by,
	})
	if c != nil && c.Virtual() {
		s.close(c, fact.EndUnreached, "normal")
	}
}

// firstOf tells who is called first for a call back that waits in this queue.
func (f *Floor) firstOf(queue string) string {
	return cmp.Or(f.rules(queue).Callback.First, f.cfg.Callbacks.First, FirstAgent)
}

// mayDial tells whether a customer may be called before an agent: only as many are as agents of the queue are free, so
// that nobody who answers meets an empty house.
func (f *Floor) mayDial(c *call.Call) bool {
	free := 0
	for _, id := range f.members[f.rules(c.Visit.Queue).ID] {
		if a := f.s.Agents[id]; a.State == acd.Ready && a.Reachable() {
			free++
		}
	}
	for _, b := range f.s.Callbacks {
		if x := f.s.Calls[b.Live]; x != nil && x.Away() {
			free--
		}
	}
	return free > 0
}

// dial calls the customer. agent waits for the answer; empty: nobody does yet.
func (s *step) dial(c *call.Call, agent string) {
	rules := &s.cfg.Callbacks
	number := c.Caller.Number
	endpoint := strings.NewReplacer("{number}", number, "{digits}", strings.TrimPrefix(number, "+")).Replace(rules.Trunk)
	s.emit(fact.CallbackDialled{
		Callback: c.Callback, Call: c.ID, Queue: c.Visit.Queue, Endpoint: endpoint, CallerID: rules.CallerID, Ring: rules.Ring, Agent: agent,
	})
}

// answered: the caller's channel is up. The customer of a call back is told why the phone rang, or talks at once.
func (s *step) answered(in Answered) {
	c := s.s.Calls[in.Call]
	if c == nil || c.Up || c.Virtual() {
		return
	}
	s.emit(fact.CallAnswered{Call: c.ID})
	switch {
	case c.Callback == "":
	case c.Phase == call.Joining:
		s.record(c)
	case c.Phase == call.Waiting:
		s.emit(fact.WaitTold{Call: c.ID, Visit: c.Visit.ID, Say: []fact.Phrase{s.greeting(c.Session.Lang)}})
	}
}

// greeting is what the customer hears who is called before an agent is there.
func (s *step) greeting(lang string) fact.Phrase {
	name := s.cfg.Callbacks.Name
	return s.cfg.phrase("callback-greeting", lang, cmp.Or(name[lang], name[s.cfg.Lang], name[""]))
}

// reached: the agent talks with the customer: the promise is kept.
func (s *step) reached(c *call.Call) {
	b := s.s.Callbacks[c.Callback]
	if b == nil {
		return
	}
	s.emit(fact.CallbackEnded{
		Callback: b.Callback, Call: c.ID, Queue: b.Queue, Result: fact.CallbackReached, Waited: s.now.Sub(b.At),
		Tries: b.Tries + 1, Agent: c.Talk.Agent,
	})
}

// calledAgain is who cancelled a promise that its customer made needless.
const calledAgain = "called-again"

// served: whoever calls again and talks with an agent need not be called back any more.
func (s *step) served(c *call.Call) {
	if c.Callback != "" || c.Caller.Withheld || c.Caller.Number == "" {
		return
	}
	if b := s.s.Callbacks[s.openCallback(c.Caller.Number)]; b != nil {
		if live := s.s.Calls[b.Live]; live == nil || live.Virtual() {
			s.endCallback(b, fact.CallbackCancelled, calledAgain)
		}
	}
}

// tried: an attempt's call has ended without a talk. It is tried again by the rule.
func (s *step) tried(c *call.Call, in Gone, ending fact.Ending) {
	b := s.s.Callbacks[c.Callback]
	if b == nil || b.Live != c.ID {
		return
	}
	rules, p := &s.cfg.Callbacks, fact.CallbackPostponed{Callback: b.Callback, Call: c.ID, Queue: b.Queue, Dialled: c.Dialled != nil}
	p.Why = missOf(c, in, ending)
	p.Next = s.now.Add(time.Minute)
	tries := b.Tries
	if p.Dialled {
		if tries++; len(rules.After) > 0 {
			p.Next = s.now.Add(rules.After[min(tries, len(rules.After))-1])
		}
	}
	p.Next = s.openFrom(p.Next, b)
	s.emit(p)
	switch {
	case p.Dialled && s.servedSince(b.Number, c.DialAt):
		s.endCallback(b, fact.CallbackCancelled, calledAgain)
	case p.Dialled && (tries > rules.Times || !p.Next.Before(b.Expires)):
		s.endCallback(b, fact.CallbackUnreached, "")
	}
}

// servedSince tells whether somebody with that number talks with an agent on another call, or did until after at: then the
// line was busy because the customer had called again.
func (f *Floor) servedSince(number string, at time.Time) bool {
	if f.s.Last[number].At.After(at) {
		return true
	}
	for _, c := range f.s.Calls {
		if c.Talk != nil && c.Caller.Number == number && !c.Caller.Withheld {
			return true
		}
	}
	return false
}

// Causes of Q.850 by which a called party's end is told.
const (
	causeNormal     = 16
	causeBusy       = 17
	causeNoResponse = 18
	causeNoAnswer   = 19
)

func missOf(c *call.Call, in Gone, ending fact.Ending) fact.CallbackMiss {
	switch {
	case c.Dialled == nil:
		return fact.MissNotMade
	case ending == fact.EndFailed || in.Inferred:
		return fact.MissFailed
	case c.Up:
		return fact.MissLeft
	case in.Cause == causeBusy:
		return fact.MissBusy
	case in.Cause == 0, in.Cause == causeNormal, in.Cause == causeNoResponse, in.Cause == causeNoAnswer:
		return fact.MissNoAnswer
	}
	return fact.MissRefused
}

// callbacksWithoutTrunk takes attempts back when the configuration has no trunk for them any more.
func (s *step) callbacksWithoutTrunk() {
	if s.cfg.Callbacks.Trunk != "" {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(s.s.Callbacks)) {
		b := s.s.Callbacks[id]
		if c := s.s.Calls[b.Live]; c != nil && c.Virtual() {
			s.working = callKey(c.ID)
			s.takeBack(b, fact.MissNotMade, s.openFrom(s.now.Add(withoutTrunk), b))
		}
	}
	s.working = ""
}

// cancelCallback takes a promise back. By whom is in the fact.
func (s *step) cancelCallback(in Command) error {
	b := s.s.Callbacks[in.Callback]
	if b == nil {
		return &Illegal{Code: "not-found", Text: "this call back is not waiting any more: it was made, has expired or was cancelled", Place: "callback"}
	}
	if c := s.s.Calls[b.Live]; c != nil && !c.Virtual() {
		return &Illegal{Code: "illegal", Text: "the customer is being called at this moment", Place: "callback"}
	}
	s.endCallback(b, fact.CallbackCancelled, cmp.Or(in.By, in.Agent))
	return nil
}
