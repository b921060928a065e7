// Package report says what each figure of a call centre means. It folds facts into counts, and counts into figures:
//
//	fact.Record ──Apply──▶ Fold ┬─ queues: ever, today ────────▶ Queue   board, /metrics
//	                            ├─ queues: each quarter hour ──▶ Intervals
//	                            ├─ queues: each minute ────────▶ Minutes  live chart
//	                            ├─ agents: ever, today ────────▶ Agent    board, the agent's own day
//	                            ├─ lines: minutes, hours ──────▶ Surge
//	                            └─ calls: arrived, ended ──────▶ Calls
//
// The unit is the queue visit (requirements N3). A visit is counted whole at the moment its wait ended: so the outcomes
// of any stretch of time add up to what was offered in it, and what came in is a figure of its own, Arrivals. Handling
// is counted whole at the moment the agent is done with it, wrap-up included. An agent's time in a state is cut at
// midnight. "Today" is the calendar day in the centre's own time zone.
//
// Everything is a sum of Counts, so queues add up to the centre, minutes to hours, and the board, the metrics and the
// reports agree to the unit. The package is pure: no clock, no goroutine; a Fold is for one goroutine, and what its
// methods return is the caller's own.
package report

import (
	"maps"
	"time"

	"hotline/fact"
)

// How long the series are kept.
const (
	keepMinutes   = 2 * time.Hour
	intervalEvery = 15 * time.Minute
	keepIntervals = 3 * 24 * time.Hour // older ones are in the archive
)

// Fold is the state of all figures after some record. Its zero value is not usable: make it with New, and fill it with
// Apply or UnmarshalJSON.
type Fold struct {
	loc *time.Location
	s   state
}

// state is what a checkpoint holds.
type state struct {
	Version int               `json:"version"`
	Seq     uint64            `json:"seq"`
	Queues  map[string]*queue `json:"queues"`
	Agents  map[string]*agent `json:"agents"`
	Calls   CallTotals        `json:"calls"`
	Lines   map[string]*line  `json:"lines,omitempty"`
	// Open visits, by id, with the queue they wait in.
	Open map[string]string `json:"open"`
}

// queue is what the fold keeps of one.
type queue struct {
	Waiting   int    `json:"waiting"`
	Promised  int    `json:"promised,omitempty"` // call backs that have not ended
	Ever      Totals `json:"ever"`
	Today     Totals `json:"today"`
	Day       string `json:"day"` // Today's date
	Minutes   series `json:"minutes"`
	Intervals series `json:"intervals"`
}

// CallTotals count calls, whether or not they reached a queue.
type CallTotals struct {
	Arrived  uint64                 `json:"arrived"`
	Endings  map[fact.Ending]uint64 `json:"endings,omitempty"`
	Messages uint64                 `json:"messages"` // left, with something to hear
	Tickets  uint64                 `json:"tickets"`  // opened by calls and messages
}

// New makes an empty fold for a centre in this time zone.
func New(loc *time.Location) *Fold {
	if loc == nil {
		loc = time.UTC
	}
	return &Fold{loc: loc, s: emptyState()}
}

func emptyState() state {
	return state{Version: stateVersion, Queues: map[string]*queue{}, Agents: map[string]*agent{}, Open: map[string]string{},
		Lines: map[string]*line{}, Calls: CallTotals{Endings: map[fact.Ending]uint64{}}}
}

// Seq is the last record that was folded in.
func (f *Fold) Seq() uint64 { return f.s.Seq }

// Apply folds one record in. A record that was folded in before is passed over.
func (f *Fold) Apply(r fact.Record) {
	if r.Seq != 0 && r.Seq <= f.s.Seq {
		return
	}
	f.s.Seq = r.Seq
	for _, x := range r.Facts {
		f.queueFact(x, r.At)
		f.agentFact(x, r.At)
		f.callFact(x)
		f.lineFact(x, r.At)
	}
	// A talk whose wrap-up did not begin in the same step has none.
	for _, x := range r.Facts {
		if x, ok := x.(fact.TalkEnded); ok {
			if a := f.agent(x.Agent); a.State != WrapUp {
				f.finishHandling(a, r.At)
			}
		}
	}
}

// Settle puts right what waits and what is promised at this moment: behind lost records the ends of some never come, and the
// ends of others come though their beginnings did not. What was counted stays: nobody knows what else there was to count.
func (f *Fold) Settle(visits map[string]string, promised map[string]int) {
	for _, q := range f.s.Queues {
		q.Waiting, q.Promised = 0, 0
	}
	f.s.Open = maps.Clone(visits)
	for _, name := range visits {
		f.queue(name).Waiting++
	}
	for name, n := range promised {
		f.queue(name).Promised = n
	}
}

func (f *Fold) callFact(x fact.Fact) {
	switch x := x.(type) {
	case fact.CallArrived:
		f.s.Calls.Arrived++
	case fact.CallEnded:
		f.s.Calls.Endings[x.Ending]++
	case fact.MessageEnded:
		if !x.Empty && x.Failed == "" {
			f.s.Calls.Messages++
		}
	case fact.NetMessage:
		if !x.Known {
			f.s.Calls.Arrived++
			f.s.Calls.Endings[fact.EndMessage]++
		}
		if !x.Empty {
			f.s.Calls.Messages++
		}
	case fact.TicketOpened:
		f.s.Calls.Tickets++
	}
}

func (f *Fold) queueFact(x fact.Fact, at time.Time) {
	switch x := x.(type) {
	case fact.VisitBegan:
		if x.Callback != "" {
			return // the caller's visit is counted: it ended as a call back
		}
		f.s.Open[x.Visit] = x.Queue
		f.queue(x.Queue).Waiting++
		f.count(x.Queue, at, Counts{Arrivals: 1})
	case fact.VisitEnded:
		if x.Callback != "" {
			return
		}
		if q, ok := f.s.Open[x.Visit]; ok {
			f.s.Queues[q].Waiting--
			delete(f.s.Open, x.Visit)
		}
		f.count(x.Queue, at, ofVisit(x))
		f.queue(x.Queue).observe(func(t *Totals) { t.Wait.observe(string(x.Outcome), waitBounds, x.Waited) })
		if x.Expected > 0 && x.Outcome == fact.Answered {
			f.queue(x.Queue).observe(func(t *Totals) { t.Off.observe("", offBounds, (x.Waited - x.Expected).Abs()) })
		}
	case fact.Offered:
		f.count(x.Queue, at, Counts{Offers: 1})
	case fact.OfferEnded:
		f.count(x.Queue, at, ofOffer(x.Result))
	case fact.TalkEnded:
		a := f.agent(x.Agent)
		f.finishHandling(a, at)
		a.Handling = &handling{Call: x.Call, Queue: x.Queue, Talk: x.Talked, Hold: x.Held}
	case fact.WrapUpEnded:
		a := f.agent(x.Agent)
		if a.Handling == nil {
			a.Handling = &handling{Call: x.Call, Queue: x.Queue}
		}
		a.Handling.WrapUp = x.Lasted
		f.finishHandling(a, at)
	case fact.CallbackRequested, fact.CallbackRefused, fact.CallbackEnded:
		queue, c, open := ofCallback(x)
		f.queue(queue).Promised += open
		f.count(queue, at, Counts{Callbacks: c})
	}
}

// finishHandling counts a talk with its hold and wrap-up, for the queue and for the agent.
func (f *Fold) finishHandling(a *agent, at time.Time) {
	h := a.Handling
	if h == nil {
		return
	}
	a.Handling = nil
	c := Counts{Handled: 1, Talk: h.Talk, Hold: h.Hold, WrapUp: h.WrapUp}
	f.count(h.Queue, at, c)
	f.queue(h.Queue).observe(func(t *Totals) { t.Handle.observe("", handleBounds, c.Handling()) })
	a.add(f.day(at), func(s *AgentCounts) {
		s.Handled++
		s.Talk += h.Talk
		s.Hold += h.Hold
		s.WrapUp += h.WrapUp
	})
}

// count adds to everything that is kept of a queue.
func (f *Fold) count(name string, at time.Time, c Counts) {
	q := f.queue(name)
	if day := f.day(at); q.Day != day {
		q.Day, q.Today = day, Totals{}
	}
	q.Ever.Add(c)
	q.Today.Add(c)
	q.Minutes.add(at, f.loc, time.Minute, keepMinutes, c)
	q.Intervals.add(at, f.loc, intervalEvery, keepIntervals, c)
}

func (q *queue) observe(see func(*Totals)) {
	see(&q.Ever)
	see(&q.Today)
}

func (f *Fold) queue(name string) *queue {
	q := f.s.Queues[name]
	if q == nil {
		q = &queue{}
		f.s.Queues[name] = q
	}
	return q
}

func (f *Fold) day(at time.Time) string { return at.In(f.loc).Format(time.DateOnly) }

// midnight is when the day of this moment began.
func (f *Fold) midnight(at time.Time) time.Time {
	y, m, d := at.In(f.loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, f.loc)
}
