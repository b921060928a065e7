package report

import (
	"time"

	"hotline/fact"
)

// Counts is what can be added up: of a queue, of a centre, of any stretch of time.
type Counts struct {
	Arrivals uint64 `json:"arrivals,omitempty"` // visits that began

	// Visits that ended, by their one outcome.
	Answered   uint64 `json:"answered,omitempty"`
	Abandoned  uint64 `json:"abandoned,omitempty"`
	Callback   uint64 `json:"callback,omitempty"`
	Message    uint64 `json:"message,omitempty"`
	Overflowed uint64 `json:"overflowed,omitempty"`
	Failed     uint64 `json:"failed,omitempty"`

	// Within: not longer than the threshold that was in force when the wait ended.
	AnsweredWithin  uint64        `json:"answered_within,omitempty"`
	AbandonedWithin uint64        `json:"abandoned_within,omitempty"`
	AnsweredWait    time.Duration `json:"answered_wait,omitempty"`  // all answered visits' waits together
	AbandonedWait   time.Duration `json:"abandoned_wait,omitempty"` // all abandoned visits' waits together
	LongestWait     time.Duration `json:"longest_wait,omitempty"`   // of a visit that ended; not a sum

	// Answered visits whose caller was told on entry how long it would take: what they were told, how long they waited,
	// and how far the two were apart, whichever was longer.
	Told       uint64        `json:"told,omitempty"`
	ToldWait   time.Duration `json:"told_wait,omitempty"`
	ToldWaited time.Duration `json:"told_waited,omitempty"`
	ToldOff    time.Duration `json:"told_off,omitempty"`

	// Handling that was finished: talk, hold and wrap-up.
	Handled uint64        `json:"handled,omitempty"`
	Talk    time.Duration `json:"talk,omitempty"`
	Hold    time.Duration `json:"hold,omitempty"`
	WrapUp  time.Duration `json:"wrap_up,omitempty"`

	// Offers laid on desks, and those that went wrong.
	Offers    uint64 `json:"offers,omitempty"`
	Accepted  uint64 `json:"accepted,omitempty"`
	Missed    uint64 `json:"missed,omitempty"`
	Rejected  uint64 `json:"rejected,omitempty"`
	Withdrawn uint64 `json:"withdrawn,omitempty"`
	Lost      uint64 `json:"lost,omitempty"`
	Broken    uint64 `json:"broken,omitempty"`    // accepted, but not joined: fact.OfferFailed
	Unreached uint64 `json:"unreached,omitempty"` // accepted, but the customer of a call back was not reached

	Callbacks CallbackCounts `json:"callbacks,omitzero"`
}

// Offered is how many visits ended: the sum of the outcomes. A caller who waits still is not in it.
func (c Counts) Offered() uint64 {
	return c.Answered + c.Abandoned + c.Callback + c.Message + c.Overflowed + c.Failed
}

// Outcome is one of the six counts that add up to Offered.
func (c Counts) Outcome(o fact.Outcome) uint64 {
	if n := c.outcome(o); n != nil {
		return *n
	}
	return 0
}

func (c *Counts) outcome(o fact.Outcome) *uint64 {
	switch o {
	case fact.Answered:
		return &c.Answered
	case fact.Abandoned:
		return &c.Abandoned
	case fact.Callback:
		return &c.Callback
	case fact.Message:
		return &c.Message
	case fact.Overflowed:
		return &c.Overflowed
	case fact.Failed:
		return &c.Failed
	}
	return nil
}

// Handling is talk, hold and wrap-up together.
func (c Counts) Handling() time.Duration { return c.Talk + c.Hold + c.WrapUp }

// Add adds d to c; of LongestWait the longer one stays.
func (c *Counts) Add(d Counts) {
	c.Arrivals += d.Arrivals
	c.Answered += d.Answered
	c.Abandoned += d.Abandoned
	c.Callback += d.Callback
	c.Message += d.Message
	c.Overflowed += d.Overflowed
	c.Failed += d.Failed
	c.AnsweredWithin += d.AnsweredWithin
	c.AbandonedWithin += d.AbandonedWithin
	c.AnsweredWait += d.AnsweredWait
	c.AbandonedWait += d.AbandonedWait
	c.LongestWait = max(c.LongestWait, d.LongestWait)
	c.Told += d.Told
	c.ToldWait += d.ToldWait
	c.ToldWaited += d.ToldWaited
	c.ToldOff += d.ToldOff
	c.Handled += d.Handled
	c.Talk += d.Talk
	c.Hold += d.Hold
	c.WrapUp += d.WrapUp
	c.Offers += d.Offers
	c.Accepted += d.Accepted
	c.Missed += d.Missed
	c.Rejected += d.Rejected
	c.Withdrawn += d.Withdrawn
	c.Lost += d.Lost
	c.Broken += d.Broken
	c.Unreached += d.Unreached
	c.Callbacks.add(d.Callbacks)
}

// ofVisit is the count of one ended visit. An outcome that this version does not know counts as failed, so that the sum
// stays true.
func ofVisit(x fact.VisitEnded) Counts {
	c := Counts{LongestWait: x.Waited}
	within := uint64(0)
	if x.Waited <= x.Threshold {
		within = 1
	}
	n := c.outcome(x.Outcome)
	if n == nil {
		n = &c.Failed
	}
	*n = 1
	switch x.Outcome {
	case fact.Answered:
		c.AnsweredWithin, c.AnsweredWait = within, x.Waited
		if x.Expected > 0 {
			c.Told, c.ToldWait, c.ToldWaited, c.ToldOff = 1, x.Expected, x.Waited, (x.Waited - x.Expected).Abs()
		}
	case fact.Abandoned:
		c.AbandonedWithin, c.AbandonedWait = within, x.Waited
	}
	return c
}

func ofOffer(r fact.OfferResult) Counts {
	switch r {
	case fact.OfferAccepted:
		return Counts{Accepted: 1}
	case fact.OfferMissed:
		return Counts{Missed: 1}
	case fact.OfferRejected:
		return Counts{Rejected: 1}
	case fact.OfferWithdrawn:
		return Counts{Withdrawn: 1}
	case fact.OfferLost:
		return Counts{Lost: 1}
	case fact.OfferFailed:
		return Counts{Broken: 1}
	case fact.OfferUnreached:
		return Counts{Unreached: 1}
	}
	return Counts{}
}

// Totals are counts with the distributions behind them.
type Totals struct {
	Counts
	Wait   Histograms `json:"wait,omitempty"`   // by outcome
	Handle Histograms `json:"handle,omitempty"` // one, under ""
	Off    Histograms `json:"off,omitempty"`    // one, under "": how far answered waits were from what was told on entry
}

// Histograms are distributions of durations, by a label.
type Histograms map[string]*Histogram

// Histogram counts durations by upper bound, as Prometheus does: but each bucket for itself, not cumulated.
type Histogram struct {
	Buckets []uint64      `json:"buckets"` // one per bound, and one for what is longer
	Sum     time.Duration `json:"sum"`
}

// Upper bounds of the buckets.
var (
	waitBounds   = seconds(1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800)
	offBounds    = seconds(5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
	handleBounds = seconds(10, 30, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600)
)

// WaitBounds are the upper bounds, included, of a wait histogram's buckets.
func WaitBounds() []time.Duration { return append([]time.Duration(nil), waitBounds...) }

// OffBounds are the upper bounds, included, of a histogram of how far a wait was from what was told.
func OffBounds() []time.Duration { return append([]time.Duration(nil), offBounds...) }

// HandleBounds are the upper bounds, included, of a handle-time histogram's buckets.
func HandleBounds() []time.Duration { return append([]time.Duration(nil), handleBounds...) }

func seconds(n ...int) []time.Duration {
	d := make([]time.Duration, len(n))
	for i, s := range n {
		d[i] = time.Duration(s) * time.Second
	}
	return d
}

func (h *Histograms) observe(label string, bounds []time.Duration, d time.Duration) {
	if *h == nil {
		*h = Histograms{}
	}
	x := (*h)[label]
	if x == nil {
		x = &Histogram{Buckets: make([]uint64, len(bounds)+1)}
		(*h)[label] = x
	}
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	x.Buckets[i]++
	x.Sum += d
}

// Count is how many durations were seen.
func (h *Histogram) Count() uint64 {
	var n uint64
	if h != nil {
		for _, b := range h.Buckets {
			n += b
		}
	}
	return n
}

// clone makes the histograms independent of the fold.
func (h Histograms) clone() Histograms {
	c := Histograms{}
	for label, x := range h {
		c[label] = &Histogram{Buckets: append([]uint64(nil), x.Buckets...), Sum: x.Sum}
	}
	return c
}

func (t Totals) clone() Totals {
	t.Wait, t.Handle, t.Off = t.Wait.clone(), t.Handle.clone(), t.Off.clone()
	return t
}
