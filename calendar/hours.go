package calendar

import "time"

// horizon bounds every search for a change: hours that stay the same for so many days never change.
const horizon = 800

// Day says what is special about one date.
type Day struct {
	// Name is the holiday's name by language; empty for a make-up working day without a name.
	Name map[string]string
	// Work marks a make-up working day: it has the hours of an ordinary working day although it is a weekend.
	Work bool
	// Spans replace the hours of the day; with Work unset and no Spans the day is closed.
	Spans []Span
}

// Hours tell when something is open. The zero Week is never open. Hours are values to read only: build them once.
type Hours struct {
	Zone *time.Location
	Week Week
	// Days are the dates that differ from the week: holidays, make-up days, days with hours of their own.
	Days map[Date]Day
}

// State is what Hours say about one moment.
type State struct {
	Open bool
	// Holiday is the name of the special day, by language; nil on an ordinary day.
	Holiday map[string]string
	// MakeUp: a weekend that is a working day.
	MakeUp bool
}

// Always is open round the clock, in every zone.
func Always() *Hours {
	h := &Hours{Zone: time.UTC}
	for d := range h.Week {
		h.Week[d] = AllDay
	}
	return h
}

// Open tells whether it is open at that moment.
func (h *Hours) Open(at time.Time) bool { return h.At(at).Open }

// At tells the state at that moment and, on a special day, why.
func (h *Hours) At(at time.Time) State {
	date := DateOf(at.In(h.Zone))
	day := h.Days[date]
	s := State{Holiday: day.Name, MakeUp: day.Work}
	for _, span := range h.spans(date) {
		// Moments are compared, not clocks: the hour that a daylight-saving change repeats is in a span once.
		if !at.Before(date.At(span.From, h.Zone)) && at.Before(date.At(span.To, h.Zone)) {
			s.Open = true
		}
	}
	return s
}

// spans are the opening hours of one date.
func (h *Hours) spans(d Date) []Span {
	day, special := h.Days[d]
	switch {
	case special && day.Spans != nil:
		return day.Spans
	case special && day.Work:
		return h.ordinary()
	case special:
		return nil
	}
	return h.Week[d.Weekday()]
}

// ordinary are the hours of a working day: Monday's, or of the first day after it that has any. The notices about
// make-up days do not say which weekday a Saturday stands for.
func (h *Hours) ordinary() []Span {
	for i := range 7 {
		if s := h.Week[(int(time.Monday)+i)%7]; len(s) > 0 {
			return s
		}
	}
	return nil
}

// Next is the first moment after at when Open changes; ok is false when it stays as it is.
func (h *Hours) Next(at time.Time) (t time.Time, ok bool) {
	now := h.Open(at)
	for t := range h.edges(at) {
		if h.Open(t) != now {
			return t, true
		}
	}
	return time.Time{}, false
}

// Opens is the next moment, not before at, when it is open; ok is false when it never opens again.
func (h *Hours) Opens(at time.Time) (t time.Time, ok bool) {
	if h.Open(at) {
		return at, true
	}
	return h.Next(at)
}

// edges yields every begin and end of a span after at, in order.
func (h *Hours) edges(at time.Time) func(yield func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		last := at
		for date, i := DateOf(at.In(h.Zone)), 0; i < horizon; date, i = date.Plus(1), i+1 {
			for _, span := range h.spans(date) {
				for _, c := range []Clock{span.From, span.To} {
					t := date.At(c, h.Zone)
					if !t.After(last) {
						continue
					}
					last = t
					if !yield(t) {
						return
					}
				}
			}
		}
	}
}

// Working tells whether the date has any working time.
func (h *Hours) Working(d Date) bool { return len(h.spans(d)) > 0 }

// Add is the moment at which d of working time has passed since at. When d is 0 or less it is at itself; ok is false
// when there is not so much working time ahead.
func (h *Hours) Add(at time.Time, d time.Duration) (t time.Time, ok bool) {
	if d <= 0 {
		return at, true
	}
	for from, to := range h.stretches(at) {
		if have := to.Sub(from); have < d {
			d -= have
			continue
		}
		return from.Add(d), true
	}
	return time.Time{}, false
}

// AddDays is the end of the n-th working day after at's own day: a deadline "within 5 working days" counts from the
// next day on. With n = 0 it is the end of at's day, or of the next working day when at's is none.
func (h *Hours) AddDays(at time.Time, n int) (t time.Time, ok bool) {
	date := DateOf(at.In(h.Zone))
	if n == 0 && !h.Working(date) {
		n = 1
	}
	for left := n; left > 0; {
		date = date.Plus(1)
		if h.Working(date) {
			left--
		} else if date.Year > at.Year()+20 {
			return time.Time{}, false
		}
	}
	spans := h.spans(date)
	if len(spans) == 0 {
		return time.Time{}, false
	}
	return date.At(spans[len(spans)-1].To, h.Zone), true
}

// Between is the working time that passes from a to b; negative when b is before a.
func (h *Hours) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -h.Between(b, a)
	}
	var sum time.Duration
	for date, last := DateOf(a.In(h.Zone)), DateOf(b.In(h.Zone)); ; date = date.Plus(1) {
		for _, span := range h.spans(date) {
			from, to := date.At(span.From, h.Zone), date.At(span.To, h.Zone)
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			if d := to.Sub(from); d > 0 {
				sum += d
			}
		}
		if date == last {
			return sum
		}
	}
}

// stretches yields each span of working time from at on, cut at at.
func (h *Hours) stretches(at time.Time) func(yield func(from, to time.Time) bool) {
	return func(yield func(from, to time.Time) bool) {
		idle := 0
		for date := DateOf(at.In(h.Zone)); idle < horizon; date = date.Plus(1) {
			idle++
			for _, span := range h.spans(date) {
				from, to := date.At(span.From, h.Zone), date.At(span.To, h.Zone)
				if from.Before(at) {
					from = at
				}
				if !from.Before(to) {
					continue
				}
				idle = 0
				if !yield(from, to) {
					return
				}
			}
		}
	}
}
