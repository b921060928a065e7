package report

import (
	"sort"
	"time"

	"hotline/fact"
)

// QueueFigures is what is shown of a queue, or of several together.
type QueueFigures struct {
	Queue   string `json:"queue"`
	Waiting int    `json:"waiting"` // now
	// Promised are the call backs that have not ended, now.
	Promised int     `json:"promised"`
	Today    Summary `json:"today"`
	Ever     Summary `json:"ever"`
}

// Summary is counts with the figures made of them.
type Summary struct {
	Totals
	OfferedVisits uint64             `json:"offered"`
	AnswerRate    Figure             `json:"answer_rate"` // answered / offered
	ServiceLevels map[Formula]Figure `json:"service_levels"`
	ASA           Figure             `json:"asa"` // seconds
	AHT           Figure             `json:"aht"` // seconds
	// ExpectedOff is how far answered waits were from what was told on entry, in seconds; ExpectedLate by how much they
	// were longer, on the whole: below zero callers were told too much.
	ExpectedOff  Figure `json:"expected_off"`
	ExpectedLate Figure `json:"expected_late"`
	CallbackWait Figure `json:"callback_wait"` // seconds from the promise to the talk, of those reached
}

// Summarise makes the figures of some counts.
func Summarise(t Totals) Summary {
	s := Summary{
		Totals:        t,
		OfferedVisits: t.Offered(),
		AnswerRate:    figure(share(float64(t.Answered), float64(t.Offered()))),
		ASA:           meanSeconds(t.AnsweredWait, t.Answered),
		AHT:           meanSeconds(t.Handling(), t.Handled),
		ExpectedOff:   meanSeconds(t.ToldOff, t.Told),
		ExpectedLate:  meanSeconds(t.ToldWaited-t.ToldWait, t.Told),
		CallbackWait:  meanSeconds(t.Callbacks.Wait, t.Callbacks.Reached),
		ServiceLevels: map[Formula]Figure{},
	}
	for _, f := range Formulas {
		s.ServiceLevels[f] = figure(ServiceLevel(f, t.Counts))
	}
	return s
}

// Queue gives a queue's figures at a moment not before the last record. A queue of which nothing is known yet has all
// zeros.
func (f *Fold) Queue(name string, now time.Time) QueueFigures {
	q := f.s.Queues[name]
	if q == nil {
		q = &queue{}
	}
	today := Totals{}
	if q.Day == f.day(now) {
		today = q.Today
	}
	return QueueFigures{Queue: name, Waiting: q.Waiting, Promised: q.Promised, Today: Summarise(today.clone()), Ever: Summarise(q.Ever.clone())}
}

// Centre gives the figures of all queues together.
func (f *Fold) Centre(now time.Time) QueueFigures {
	all := QueueFigures{}
	var today, ever Totals
	for _, name := range f.Queues() {
		q := f.s.Queues[name]
		all.Waiting += q.Waiting
		all.Promised += q.Promised
		ever.merge(q.Ever)
		if q.Day == f.day(now) {
			today.merge(q.Today)
		}
	}
	all.Today, all.Ever = Summarise(today), Summarise(ever)
	return all
}

// Queues lists the queues of which something is known, sorted.
func (f *Fold) Queues() []string {
	names := make([]string, 0, len(f.s.Queues))
	for name := range f.s.Queues {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Calls counts the calls of all time.
func (f *Fold) Calls() CallTotals {
	c := f.s.Calls
	c.Endings = make(map[fact.Ending]uint64, len(f.s.Calls.Endings))
	for e, n := range f.s.Calls.Endings {
		c.Endings[e] = n
	}
	return c
}

func (t *Totals) merge(u Totals) {
	t.Add(u.Counts)
	t.Wait.merge(u.Wait)
	t.Handle.merge(u.Handle)
	t.Off.merge(u.Off)
}

func (h *Histograms) merge(o Histograms) {
	if *h == nil {
		*h = Histograms{}
	}
	for label, x := range o {
		y := (*h)[label]
		if y == nil {
			y = &Histogram{Buckets: make([]uint64, len(x.Buckets))}
			(*h)[label] = y
		}
		for i, n := range x.Buckets {
			y.Buckets[i] += n
		}
		y.Sum += x.Sum
	}
}
