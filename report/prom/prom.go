// Package prom shows the figures of report to Prometheus.
//
// Its metrics are constant metrics made anew at each scrape from one Snapshot, which the centre takes between two
// steps: counters come from the checkpointed fold, so they neither restart at zero nor differ from the board by a unit,
// and the gauges beside them are of the same moment.
package prom

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/fact"
	"hotline/report"
)

// Snapshot is everything at one moment.
type Snapshot struct {
	Queues []Queue
	Calls  report.CallTotals
	Lines  []Line
	// AgentStates counts the agents by state, and CallPhases the live calls by phase. Name every state and phase, also
	// those with nobody in them, so that a series does not end when it falls to zero.
	AgentStates map[string]int
	CallPhases  map[string]int
	// JournalPosition is the last durable record, ProjectorPosition the last one that PostgreSQL has.
	JournalPosition   uint64
	ProjectorPosition uint64
}

// Queue is one queue at that moment. A configured queue belongs in, also before its first visit.
type Queue struct {
	Name        string
	Ever        report.Totals // of report.QueueFigures.Ever
	Waiting     int
	Promised    int            // call backs that are not made yet
	LongestWait time.Duration  // of those who wait now
	AgentStates map[string]int // of the agents who serve it, as above
}

// Line is a number that can be called, at that moment. A configured one belongs in, also before its first call.
type Line struct {
	Name    string
	Arrived uint64
	Surge   report.Surge
}

// Collector implements prometheus.Collector. Register it once.
type Collector struct {
	take func() Snapshot
}

var _ prometheus.Collector = (*Collector)(nil)

// NewCollector makes a collector; take is called at each scrape, from the scrape's goroutine, and must not wait long.
func NewCollector(take func() Snapshot) *Collector { return &Collector{take: take} }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("hotline_"+name, help, labels, nil)
}

var (
	arrivals        = desc("queue_arrivals_total", "Queue visits that began.", "queue")
	visits          = desc("queue_visits_total", "Queue visits that ended, by their one outcome.", "queue", "outcome")
	offered         = desc("queue_offered_total", "Queue visits that ended: the sum of all outcomes.", "queue")
	answered        = desc("queue_answered_total", "Queue visits that an agent answered.", "queue")
	answeredWithin  = desc("queue_answered_within_threshold_total", "Queue visits answered within the threshold that was in force.", "queue")
	abandoned       = desc("queue_abandoned_total", "Queue visits whose caller hung up.", "queue")
	abandonedWithin = desc("queue_abandoned_within_threshold_total", "Queue visits abandoned within the threshold that was in force.", "queue")
	wait            = desc("queue_wait_seconds", "Wait of queue visits from entry to end, by outcome.", "queue", "outcome")
	toldOff         = desc("queue_expected_wait_error_seconds", "How far the waits of answered visits were from what was told on entry.", "queue")
	toldWait        = desc("queue_expected_wait_told_seconds_total", "What callers were told on entry of their wait, of visits that were answered.", "queue")
	toldWaited      = desc("queue_expected_wait_waited_seconds_total", "How long those callers then waited.", "queue")
	handle          = desc("queue_handle_seconds", "Talk, hold and wrap-up of one talk together.", "queue")
	offers          = desc("queue_offers_total", "Offers to agents that ended, by result.", "queue", "result")
	waiting         = desc("queue_waiting", "Visits that wait now.", "queue")
	promised        = desc("callbacks_promised_total", "Call backs that callers were promised.", "queue")
	callbacksEnded  = desc("callbacks_ended_total", "Call backs that ended, by their one result.", "queue", "result")
	callbackWait    = desc("callbacks_reached_wait_seconds_total", "From the promise to the talk, of all customers who were reached.", "queue")
	callbacksOpen   = desc("callbacks_open", "Call backs that are promised and not made yet.", "queue")
	longestWait     = desc("queue_longest_wait_seconds", "How long the longest waiting visit has waited.", "queue")
	queueAgents     = desc("queue_agents", "Agents who serve the queue, by state.", "queue", "state")
	agents          = desc("agents", "Agents by state.", "state")
	calls           = desc("calls", "Live calls by phase.", "phase")
	callsArrived    = desc("calls_arrived_total", "Calls that entered the application, and attempts at call backs.")
	callsEnded      = desc("calls_ended_total", "Calls that ended, by their one ending.", "ending")
	lineArrivals    = desc("line_arrivals_total", "Calls that came in on the line.", "line")
	lineRecent      = desc("line_recent_arrivals", "Calls that came in on the line lately: over as long as alarms.surge looks.", "line")
	lineUsual       = desc("line_usual_arrivals", "Calls that usually come in over as long at this hour; absent while that is not known.", "line")
	lineSurge       = desc("line_surge", "1 while many more call on the line than usual.", "line")
	messages        = desc("messages_total", "Messages left by callers, with something to hear.")
	tickets         = desc("tickets_opened_total", "Tickets opened by calls and messages.")
	position        = desc("journal_position", "Sequence of the last durable record of the journal.")
	projected       = desc("projector_position", "Sequence of the last record that PostgreSQL has.")
	lag             = desc("projector_lag_records", "Durable records that PostgreSQL does not have yet.")
)

var all = []*prometheus.Desc{
	arrivals, visits, offered, answered, answeredWithin, abandoned, abandonedWithin, wait, toldOff, toldWait, toldWaited, handle, offers, waiting, longestWait,
	promised, callbacksEnded, callbackWait, callbacksOpen, queueAgents, agents, calls, callsArrived, callsEnded, lineArrivals, lineRecent, lineUsual, lineSurge, messages, tickets, position, projected, lag,
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range all {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	s := c.take()
	out := sender(ch)
	for _, q := range s.Queues {
		out.queue(q)
	}
	for state, n := range s.AgentStates {
		out.gauge(agents, float64(n), state)
	}
	for phase, n := range s.CallPhases {
		out.gauge(calls, float64(n), phase)
	}
	out.counter(callsArrived, s.Calls.Arrived)
	for _, e := range fact.Endings {
		out.counter(callsEnded, s.Calls.Endings[e], string(e))
	}
	for _, l := range s.Lines {
		out.line(l)
	}
	out.counter(messages, s.Calls.Messages)
	out.counter(tickets, s.Calls.Tickets)
	out.gauge(position, float64(s.JournalPosition))
	out.gauge(projected, float64(s.ProjectorPosition))
	behind := uint64(0)
	if s.JournalPosition > s.ProjectorPosition {
		behind = s.JournalPosition - s.ProjectorPosition
	}
	out.gauge(lag, float64(behind))
}

type sender chan<- prometheus.Metric

func (out sender) queue(q Queue) {
	t := q.Ever
	out.counter(arrivals, t.Arrivals, q.Name)
	for _, o := range fact.Outcomes {
		out.counter(visits, t.Outcome(o), q.Name, string(o))
		out.histogram(wait, t.Wait[string(o)], report.WaitBounds(), q.Name, string(o))
	}
	out.counter(offered, t.Offered(), q.Name)
	out.counter(answered, t.Answered, q.Name)
	out.counter(answeredWithin, t.AnsweredWithin, q.Name)
	out.counter(abandoned, t.Abandoned, q.Name)
	out.counter(abandonedWithin, t.AbandonedWithin, q.Name)
	out.histogram(toldOff, t.Off[""], report.OffBounds(), q.Name)
	out.seconds(toldWait, t.ToldWait, q.Name)
	out.seconds(toldWaited, t.ToldWaited, q.Name)
	out.histogram(handle, t.Handle[""], report.HandleBounds(), q.Name)
	for _, r := range []struct {
		result fact.OfferResult
		n      uint64
	}{
		{fact.OfferAccepted, t.Accepted}, {fact.OfferMissed, t.Missed}, {fact.OfferRejected, t.Rejected},
		{fact.OfferWithdrawn, t.Withdrawn}, {fact.OfferLost, t.Lost}, {fact.OfferFailed, t.Broken},
		{fact.OfferUnreached, t.Unreached},
	} {
		out.counter(offers, r.n, q.Name, string(r.result))
	}
	out.counter(promised, t.Callbacks.Promised, q.Name)
	for _, r := range fact.CallbackResults {
		out.counter(callbacksEnded, t.Callbacks.Result(r), q.Name, string(r))
	}
	out <- prometheus.MustNewConstMetric(callbackWait, prometheus.CounterValue, t.Callbacks.Wait.Seconds(), q.Name)
	out.gauge(callbacksOpen, float64(q.Promised), q.Name)
	out.gauge(waiting, float64(q.Waiting), q.Name)
	out.gauge(longestWait, q.LongestWait.Seconds(), q.Name)
	for state, n := range q.AgentStates {
		out.gauge(queueAgents, float64(n), q.Name, state)
	}
}

func (out sender) line(l Line) {
	out.counter(lineArrivals, l.Arrived, l.Name)
	out.gauge(lineRecent, float64(l.Surge.Arrived), l.Name)
	if l.Surge.Known {
		out.gauge(lineUsual, l.Surge.Usual, l.Name)
	}
	surge := 0.
	if l.Surge.Standing {
		surge = 1
	}
	out.gauge(lineSurge, surge, l.Name)
}

func (out sender) counter(d *prometheus.Desc, n uint64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (out sender) seconds(d *prometheus.Desc, sum time.Duration, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, sum.Seconds(), labels...)
}

func (out sender) gauge(d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (out sender) histogram(d *prometheus.Desc, h *report.Histogram, bounds []time.Duration, labels ...string) {
	buckets := make(map[float64]uint64, len(bounds))
	var below uint64
	var sum time.Duration
	for i, b := range bounds {
		if h != nil {
			below += h.Buckets[i]
		}
		buckets[b.Seconds()] = below
	}
	if h != nil {
		sum = h.Sum
	}
	out <- prometheus.MustNewConstHistogram(d, h.Count(), sum.Seconds(), buckets, labels...)
}
