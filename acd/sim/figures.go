package sim

import (
	"math"

	"hotline/acd"
)

// Metric is one figure of a queue or a group of agents.
type Metric int

// The metrics of a queue, then of a group. Waits of callers who overflowed are theirs too: each visit counts in the
// queue it was to, in the interval in which its wait ended.
const (
	Arrived      Metric = iota // calls that came in
	Offered                    // visits that ended: answered + abandoned + overflowed
	Answered                   // calls
	Abandoned                  // calls
	Overflowed                 // calls sent elsewhere by a limit
	ServiceLevel               // by the queue's formula
	SLWithin                   // share of all visits answered within the threshold
	AnswerRate                 // answered / offered
	AbandonRate                // abandoned / offered
	WaitRate                   // share that had to wait at all
	ASA                        // mean wait of the answered, s
	MeanWait                   // mean wait of all, s
	LongestWait                // s
	HandleTime                 // mean, s
	QueueLength                // mean number waiting
	ExpectError                // mean distance of the wait told at entry from the wait, s
	queueMetrics
)

// The metrics of a group of agents.
const (
	AtWork    Metric = iota + queueMetrics // mean number at work
	Occupancy                              // busy share of their time
	metrics
)

// metricNames are the headings of the CSV.
var metricNames = [metrics]string{
	"arrived", "offered", "answered", "abandoned", "overflowed", "service_level", "answered_within_of_all", "answer_rate",
	"abandon_rate", "wait_rate", "asa_s", "mean_wait_s", "longest_wait_s", "handle_s", "queue_length", "expect_error_s",
	"at_work", "occupancy",
}

func (m Metric) String() string { return metricNames[m] }

// count is what happened in one span of one run.
type count struct {
	arrived, answered, answeredWithin, abandoned, abandonedWithin, overflowed, waited float64
	waitAnswered, waitAll, longest, handle                                            float64 // s
	told, toldError                                                                   float64
	span                                                                              float64 // s
}

func (c *count) metric(m Metric, f acd.Formula) float64 {
	offered := c.answered + c.abandoned + c.overflowed
	switch m {
	case Arrived:
		return c.arrived
	case Offered:
		return offered
	case Answered:
		return c.answered
	case Abandoned:
		return c.abandoned
	case Overflowed:
		return c.overflowed
	case ServiceLevel:
		switch f {
		case acd.SL1:
			return c.answeredWithin / c.answered
		case acd.SL2:
			return (c.answeredWithin + c.abandonedWithin) / (c.answered + c.abandoned)
		case acd.SL4:
			return c.answeredWithin / (c.answered + c.abandoned - c.abandonedWithin)
		}
		return c.answeredWithin / (c.answered + c.abandoned)
	case SLWithin:
		return c.answeredWithin / offered
	case AnswerRate:
		return c.answered / offered
	case AbandonRate:
		return c.abandoned / offered
	case WaitRate:
		return c.waited / offered
	case ASA:
		return c.waitAnswered / c.answered
	case MeanWait:
		return c.waitAll / offered
	case LongestWait:
		return c.longest
	case HandleTime:
		return c.handle / c.answered
	case QueueLength:
		return c.waitAll / c.span
	case ExpectError:
		return c.toldError / c.told
	}
	return math.NaN()
}

func (c *count) add(o *count) {
	c.arrived += o.arrived
	c.answered += o.answered
	c.answeredWithin += o.answeredWithin
	c.abandoned += o.abandoned
	c.abandonedWithin += o.abandonedWithin
	c.overflowed += o.overflowed
	c.waited += o.waited
	c.waitAnswered += o.waitAnswered
	c.waitAll += o.waitAll
	c.longest = max(c.longest, o.longest)
	c.handle += o.handle
	c.told += o.told
	c.toldError += o.toldError
	c.span = max(c.span, o.span)
}

// queueTally counts one queue in one run.
type queueTally struct {
	within    int64
	warm, end int64 // the span of the total
	interval  int64
	byArrival bool  // a visit counts in the interval in which it began, not in which its wait ended
	total     count // of callers who came after the warm-up
	parts     []count
}

func newQueueTally(q *acd.Queue, s *Scenario, intervals int) *queueTally {
	t := &queueTally{
		within: int64(q.ServiceLevel.Within), warm: int64(s.WarmUp), end: int64(s.Length), interval: int64(s.Interval),
		parts: make([]count, intervals),
	}
	t.total.span = float64(t.end-t.warm) / 1e9
	for i := range t.parts {
		t.parts[i].span = float64(min(int64(i+1)*t.interval, t.end)-int64(i)*t.interval) / 1e9
	}
	return t
}

// at calls f with the counts that a visit from arrived to now belongs to.
func (t *queueTally) at(arrived, now int64, f func(*count)) {
	if arrived >= t.warm {
		f(&t.total)
	}
	if t.byArrival {
		now = arrived
	}
	f(&t.parts[min(int(now/t.interval), len(t.parts)-1)])
}

func (t *queueTally) arrival(now int64) { t.at(now, now, func(c *count) { c.arrived++ }) }

func (c *count) wait(ns int64) {
	s := float64(ns) / 1e9
	c.waitAll += s
	c.longest = max(c.longest, s)
	if ns > 0 {
		c.waited++
	}
}

func (t *queueTally) answered(arrived, now, handle, expected int64) {
	t.at(arrived, now, func(c *count) {
		wait := now - arrived
		c.wait(wait)
		c.answered++
		if wait <= t.within {
			c.answeredWithin++
		}
		c.waitAnswered += float64(wait) / 1e9
		c.handle += float64(handle) / 1e9
		if expected >= 0 && wait > 0 {
			c.told++
			c.toldError += math.Abs(float64(wait-expected)) / 1e9
		}
	})
}

func (t *queueTally) abandoned(arrived, now int64) {
	t.at(arrived, now, func(c *count) {
		c.wait(now - arrived)
		c.abandoned++
		if now-arrived <= t.within {
			c.abandonedWithin++
		}
	})
}

func (t *queueTally) overflowed(arrived, now int64) {
	t.at(arrived, now, func(c *count) {
		c.wait(now - arrived)
		c.overflowed++
	})
}

// groupTally counts one group's time in one run, in ns: the total first, then the intervals.
type groupTally struct {
	warm, end, interval int64
	busyNs, staffedNs   []int64
}

func newGroupTally(s *Scenario, intervals int) *groupTally {
	return &groupTally{
		warm: int64(s.WarmUp), end: int64(s.Length), interval: int64(s.Interval),
		busyNs: make([]int64, intervals+1), staffedNs: make([]int64, intervals+1),
	}
}

func (t *groupTally) busy(from, to int64)    { t.span(t.busyNs, from, to) }
func (t *groupTally) staffed(from, to int64) { t.span(t.staffedNs, from, to) }

func (t *groupTally) span(into []int64, from, to int64) {
	into[0] += max(0, min(to, t.end)-max(from, t.warm))
	for i := from / t.interval; i < int64(len(into)-1) && i*t.interval < to; i++ {
		into[i+1] += max(0, min(to, t.end, (i+1)*t.interval)-max(from, i*t.interval))
	}
}

func (t *groupTally) metric(m Metric, i int) float64 {
	span := t.end - t.warm
	if i > 0 {
		span = min(int64(i)*t.interval, t.end) - int64(i-1)*t.interval
	}
	if m == AtWork {
		return float64(t.staffedNs[i]) / float64(span)
	}
	return float64(t.busyNs[i]) / float64(t.staffedNs[i])
}
