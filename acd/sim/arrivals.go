package sim

import (
	"math/rand/v2"
	"time"

	"hotline/acd/said"
)

// Arrivals says when calls of a type come in. One way is given: calls and per, interval and counts, at, or csv.
type Arrivals struct {
	Calls    float64         `yaml:"calls"` // at random, so many
	Per      time.Duration   `yaml:"per"`   // in so long
	Interval time.Duration   `yaml:"interval"`
	Counts   []float64       `yaml:"counts"`   // at random, so many expected in each interval from the start on
	Busyness float64         `yaml:"busyness"` // standard deviation of a day's (or interval's) busyness about 1
	Each     string          `yaml:"each"`     // busyness is drawn anew each day (the default) or interval
	At       []time.Duration `yaml:"at"`       // exactly then
	CSV      string          `yaml:"csv"`      // real calls: see ReadCalls

	calls []Call // of At or CSV
}

func (a *Arrivals) check() error {
	n := 0
	for _, given := range []bool{a.Calls != 0, a.Counts != nil, a.At != nil, a.CSV != ""} {
		if given {
			n++
		}
	}
	switch {
	case n > 1:
		return said.Errorf("arrivals: give one of calls and per, interval and counts, at, and csv")
	case n == 0:
		return said.Errorf("arrivals: none are given; there are calls and per, interval and counts, at, and csv")
	case a.Calls != 0 && (!(a.Calls > 0 && a.Calls <= 1e9) || a.Per <= 0):
		return said.Errorf("arrivals: %v calls per %s: both must be above 0, such as {calls: 120, per: 1h}", a.Calls, a.Per)
	case a.Counts != nil && a.Interval < time.Second:
		return said.Errorf("arrivals: an interval of %s; give one of at least a second, such as 30m", a.Interval)
	case !(a.Busyness >= 0 && a.Busyness <= 10):
		return said.Errorf("arrivals: busyness %v is outside 0 to 10; 0.1 is usual", a.Busyness)
	case a.Each != "" && a.Each != "day" && a.Each != "interval":
		return said.Errorf("arrivals: each %q; there are day and interval", a.Each)
	}
	for i, c := range a.Counts {
		if !(c >= 0 && c <= 1e9) {
			return said.Errorf("arrivals: count %d is %v; give a number from 0 up", i+1, c)
		}
	}
	for _, t := range a.At {
		if t < 0 {
			return said.Errorf("arrivals: at %s is before the start", t)
		}
	}
	return nil
}

// expected returns the calls expected in a span of the run, busyness aside.
func (a *Arrivals) expected(from, to time.Duration) float64 {
	switch {
	case a.Calls > 0:
		return a.Calls * float64(to-from) / float64(a.Per)
	case a.Counts != nil:
		sum := 0.0
		for i, count := range a.Counts {
			start := time.Duration(i) * a.Interval
			if inside := min(to, start+a.Interval) - max(from, start); inside > 0 {
				sum += count * float64(inside) / float64(a.Interval)
			}
		}
		return sum
	}
	n := 0
	for _, c := range a.calls {
		if c.At >= from && c.At < to {
			n++
		}
	}
	return float64(n)
}

// stream yields the arrivals of one run in order.
type stream struct {
	*Arrivals
	rng   *rand.Rand
	at    int64     // of the arrival before
	busy  float64   // of the day
	parts []float64 // of each interval
	next  int       // in calls
}

func (a *Arrivals) start(rng *rand.Rand) *stream {
	s := &stream{Arrivals: a, rng: rng, busy: 1}
	if a.Each == "interval" {
		for range a.Counts {
			s.parts = append(s.parts, unitGamma(rng, a.Busyness))
		}
	} else {
		s.busy = unitGamma(rng, a.Busyness)
	}
	return s
}

// pull returns the next arrival: its moment, and the call if it is a real one.
func (s *stream) pull() (at int64, real *Call, ok bool) {
	switch {
	case s.calls != nil:
		if s.next == len(s.calls) {
			return 0, nil, false
		}
		c := &s.calls[s.next]
		s.next++
		return int64(c.At), c, true
	case s.Calls > 0:
		s.at += int64(s.rng.ExpFloat64() * float64(s.Per) / (s.Calls * s.busy))
		return s.at, nil, true
	}
	// Through intervals of different rates: the same exponential amount of expected calls lies between two.
	amount := s.rng.ExpFloat64()
	for i := int(s.at / int64(s.Interval)); i < len(s.Counts); i++ {
		rate := s.Counts[i] * s.busy / float64(s.Interval)
		if s.parts != nil {
			rate *= s.parts[i]
		}
		end := int64(i+1) * int64(s.Interval)
		if left := float64(end-s.at) * rate; amount >= left {
			amount -= left
			s.at = end
			continue
		}
		s.at += int64(amount / rate)
		return s.at, nil, true
	}
	return 0, nil, false
}
