package acd

import (
	"fmt"
	"math"
	"time"
)

// Caller is one wait in one queue.
type Caller struct {
	ID      CallerID
	Queue   QueueID
	Entered time.Time // a caller who comes back or overflows brings the original moment along

	Priority int            // points on top of the queue's, -1000 to 1000
	Grow     float64        // points per minute of felt wait on top of the queue's, 0 to 1000
	Needs    map[string]int // what this caller needs beyond the queue's needs; never relaxed

	// Prefer names the agent who knows the case. Until PreferUntil nobody else is offered this caller, and the
	// agent is so whatever their levels; afterwards the preference is forgotten. It is ignored when that
	// agent is no member of the queue.
	Prefer      AgentID
	PreferUntil time.Time

	Boosts []Boost // what Priority is made of, as far as a rule gave it: for the reason

	Exclude []Exclusion // agents who must not be offered this caller
}

// Exclusion keeps one agent from being offered one caller: who transferred the call, or missed it just now.
type Exclusion struct {
	Agent AgentID
	Until time.Time // zero = as long as the caller waits
}

func (x Exclusion) active(now time.Time) bool { return x.Until.IsZero() || now.Before(x.Until) }

// Match is a decision: offer Caller to Agent.
type Match struct {
	Caller CallerID
	Agent  AgentID
	Queue  QueueID
	Reason Reason
}

// urgency is how a caller stands against the others. Callers of one pace keep their order for ever, so that
// they can stand in a tree.
type urgency struct {
	entered  int64   // unix ns
	id       string  // last tie
	points0  float64 // points without growth
	grow     float64 // points per minute of felt wait
	factor   float64 // felt wait per wait, agents' weights aside
	overdue  bool
	ordering key // its place among callers of the same pace
}

// pace is what makes the order of two callers of one queue change with time: nothing, if they share it.
type pace struct {
	grow    float64
	overdue bool
}

// factor is how much longer than it is a wait in this queue feels.
func (q *Queue) factor() float64 {
	if q.Urgency == ByServiceLevel {
		return q.Weight * float64(20*time.Second) / float64(q.ServiceLevel.Within)
	}
	return q.Weight
}

func newUrgency(q *Queue, c *Caller, overdue bool) urgency {
	u := urgency{
		entered: c.Entered.UnixNano(), id: c.ID, overdue: overdue,
		points0: float64(q.Priority.Start + c.Priority), grow: q.Priority.Grow + c.Grow, factor: q.factor(),
	}
	u.ordering = key{b: u.entered, id: u.id}
	switch {
	case overdue:
	case u.grow == 0:
		u.ordering.a = -int64(u.points0)
	default: // as if it had entered so much earlier
		u.ordering.a = u.entered - int64(math.Round(u.points0/(u.grow*u.factor)*float64(time.Minute)))
	}
	return u
}

func (u *urgency) pace() pace {
	if u.overdue {
		return pace{overdue: true}
	}
	return pace{grow: u.grow}
}

// points the caller has at now: priority and what it has grown to.
func (u *urgency) points(now int64) float64 {
	if u.grow == 0 {
		return u.points0
	}
	return u.grow * (u.factor * float64(now-u.ordering.a) / float64(time.Minute))
}

// before reports whether u goes before v, whom the same agent could take: with weights wu and wv, and
// orders ou and ov, for their queues. Without an agent (places in a queue) these are 1.
func (u *urgency) before(v *urgency, now int64, ou, ov int, wu, wv float64) bool {
	if u.overdue != v.overdue {
		return u.overdue
	}
	if !u.overdue {
		if ou != ov {
			return ou < ov
		}
		pu, pv := weigh(u.points(now), wu), weigh(v.points(now), wv)
		if pu != pv {
			return pu > pv
		}
		fu, fv := wu*u.factor*float64(now-u.entered), wv*v.factor*float64(now-v.entered)
		if fu != fv {
			return fu > fv
		}
	}
	if u.entered != v.entered {
		return u.entered < v.entered
	}
	return u.id < v.id
}

// weigh makes more points of points by an agent's weight; the less there are below zero, the more that is.
func weigh(points, weight float64) float64 {
	if points < 0 {
		return points / weight
	}
	return points * weight
}

func (c *Caller) check() error {
	if c.ID == "" {
		return fmt.Errorf("caller without an id in queue %s", c.Queue)
	}
	if c.Priority < -MaxPriority || c.Priority > MaxPriority {
		return fmt.Errorf("caller %s: priority %d is outside -%d to %d", c.ID, c.Priority, MaxPriority, MaxPriority)
	}
	if !validGrow(c.Grow) {
		return fmt.Errorf("caller %s: priority grows by %v per minute; use 0 or between 0.01 and %d", c.ID, c.Grow, MaxPriority)
	}
	return nil
}
