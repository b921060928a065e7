package floor

import (
	"fmt"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// Behind damage in the journal. What the lost records said is not known, so records after them may speak of what the floor
// never saw. They are applied as far as they fit; Asterisk, which knows what is true of the calls, is asked afterwards as
// after any gap.

// ticketsInARecord is more than a step of the loop opens, but for one in which many deadlines pass at once.
const ticketsInARecord = 10

// Skip passes over records that are lost, and over the numbers of tickets that they may have given, today or on a day that
// they began: a hole in the numbers harms nobody, a number that two callers have does.
func (f *Floor) Skip(to uint64) {
	lost := ticketsInARecord * int(to-f.s.Seq)
	f.s.TicketCount += lost
	f.s.TicketsLost += lost
	f.s.Seq = to
}

// CountOn lets the tickets of a journal that knows of none count on behind those that the archive has of a day, so that a
// journal begun anew gives no number twice. Where the journal has a count of its own it says nothing.
func (f *Floor) CountOn(day string, tickets int) {
	if f.Ticketless() {
		f.s.TicketDay, f.s.TicketCount = day, tickets
	}
}

// Ticketless tells whether no ticket was ever opened, as far as the journal knows.
func (f *Floor) Ticketless() bool { return f.s.TicketDay == "" }

// ReplayPast applies a record whose predecessors may be lost. Facts that do not fit are left out and told.
func (f *Floor) ReplayPast(r fact.Record) (unfit []error) {
	for _, x := range r.Facts {
		if err := f.try(func() { f.apply(x, r.At) }); err != nil {
			unfit = append(unfit, fmt.Errorf("record %d, %s: %w", r.Seq, x.Kind(), err))
		}
	}
	f.s.Seq, f.s.At = r.Seq, r.At
	return unfit
}

func (f *Floor) try(do func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	do()
	return nil
}

// Reconcile makes calls and agents agree again after ReplayPast: a call whose agent is elsewhere, or that cannot be where
// it seems to be, goes back to a state from which it can be served or ended, and an agent without a call is free.
func (f *Floor) Reconcile() {
	for _, c := range f.s.Calls {
		f.mendCall(c)
	}
	for _, a := range f.s.Agents {
		f.mendAgent(a)
	}
	f.due = dues{}
	f.setup(f.cfg)
}

// Open are the visits that wait, by id with their queue, and how many call backs each queue has promised: what the figures of
// the moment stand on.
func (f *Floor) Open() (visits map[string]string, promised map[string]int) {
	visits, promised = map[string]string{}, map[string]int{}
	for _, c := range f.s.Calls {
		if v := c.Visit; v != nil && !v.Ended && v.Callback == "" {
			visits[v.ID] = v.Queue
		}
	}
	for _, b := range f.s.Callbacks {
		promised[b.Queue]++
	}
	return visits, promised
}

// mendCall drops offers and a talk whose agent does not know of them, and leaves nobody in a phase that lacks what it
// stands on.
func (f *Floor) mendCall(c *call.Call) {
	on := func(agent string, states ...acd.State) bool {
		a := f.s.Agents[agent]
		if a == nil || a.Call != c.ID {
			return false
		}
		for _, s := range states {
			if a.State == s {
				return true
			}
		}
		return false
	}
	c.Mend(
		func(agent string) bool { return on(agent, acd.Offered) },
		func(agent string) bool { return on(agent, acd.Talking, acd.Held) },
	)
}

func (f *Floor) mendAgent(a *Agent) {
	c := f.s.Calls[a.Call]
	switch a.State {
	case acd.Offered:
		if c != nil && c.Visit != nil && c.Visit.OfferTo(a.ID) != nil {
			return
		}
	case acd.Talking, acd.Held, acd.Consulting:
		if c != nil && c.Talk != nil && c.Talk.Agent == a.ID {
			return
		}
	case acd.WrapUp:
		if a.WrapUp != nil {
			return
		}
	default:
		return
	}
	a.released(f.s.At)
}
