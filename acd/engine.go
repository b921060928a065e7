package acd

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"time"
)

// Engine holds who waits and who is available. It is not safe for concurrent use: one loop owns it.
type Engine struct {
	queues  map[QueueID]*Queue
	agents  []*agentState // in the order of the configuration
	byAgent map[AgentID]*agentState
	callers map[CallerID]*callerState
	flows   map[QueueID]*Flow
}

type agentState struct {
	Agent
	index     int
	available bool
	why       string // when not available
	since     time.Time
	stats     Stats
}

type callerState struct {
	Caller
	offers []AgentID // in flight
}

// New returns an engine for queues and agents, nobody waiting and nobody available. The configuration is
// taken as valid (see Check); the slices are not kept.
func New(queues []Queue, agents []Agent) *Engine {
	e := &Engine{callers: map[CallerID]*callerState{}, flows: map[QueueID]*Flow{}}
	e.configure(queues, agents)
	return e
}

func (e *Engine) configure(queues []Queue, agents []Agent) {
	e.queues, e.byAgent, e.agents = map[QueueID]*Queue{}, map[AgentID]*agentState{}, nil
	for _, q := range queues {
		q = q.WithDefaults()
		e.queues[q.ID] = &q
	}
	for i, a := range agents {
		s := &agentState{Agent: a, index: i}
		e.agents = append(e.agents, s)
		e.byAgent[a.ID] = s
	}
}

// Reconfigure replaces queues and agents without losing a place or an agent's idle time. Callers whose queue
// is gone are taken out and returned in order of their ids, for the floor to send elsewhere.
func (e *Engine) Reconfigure(queues []Queue, agents []Agent) (lost []CallerID) {
	old := e.byAgent
	e.configure(queues, agents)
	for id, s := range e.byAgent {
		if o := old[id]; o != nil {
			s.available, s.since, s.stats, s.why = o.available, o.since, o.stats, o.why
		}
	}
	for id, c := range e.callers {
		if e.queues[c.Queue] == nil {
			lost = append(lost, id)
			delete(e.callers, id)
		}
	}
	slices.Sort(lost)
	return lost
}

// Enter puts a caller into a queue. It refuses a caller who waits already, and a queue that is not there.
func (e *Engine) Enter(c Caller) error {
	if err := c.check(); err != nil {
		return err
	}
	if e.queues[c.Queue] == nil {
		return fmt.Errorf("caller %s: there is no queue %q", c.ID, c.Queue)
	}
	if s := e.callers[c.ID]; s != nil {
		return fmt.Errorf("caller %s: waits in queue %s already", c.ID, s.Queue)
	}
	e.callers[c.ID] = &callerState{Caller: c}
	return nil
}

// Leave takes a caller out: answered, abandoned, sent elsewhere. An unknown caller is no error.
func (e *Engine) Leave(id CallerID) { delete(e.callers, id) }

// Change replaces what a waiting caller's place depends on (priority, growth, needs, preference, exclusions, the
// moment of entry) without ending offers in flight. The queue stays.
func (e *Engine) Change(id CallerID, change func(*Caller)) error {
	s := e.callers[id]
	if s == nil {
		return fmt.Errorf("caller %s: does not wait", id)
	}
	c := s.Caller
	change(&c)
	c.ID, c.Queue = s.ID, s.Queue
	if err := c.check(); err != nil {
		return err
	}
	s.Caller = c
	return nil
}

// Available says that an agent is ready and can take an offer, idle since then.
func (e *Engine) Available(id AgentID, since time.Time, stats Stats) {
	if s := e.byAgent[id]; s != nil {
		s.available, s.since, s.stats, s.why = true, since, stats, ""
	}
}

// Unavailable says that an agent cannot take an offer, and why in a word or two ("break", "wrap-up", "in a
// call"); an empty why keeps the agent out of the reasons.
func (e *Engine) Unavailable(id AgentID, why string) {
	if s := e.byAgent[id]; s != nil {
		s.available, s.why = false, why
	}
}

// Take says that the caller is being offered to the agent: the caller keeps the place but is not matched again
// until Release (with ring-several: until enough offers are in flight), and the agent is unavailable.
func (e *Engine) Take(caller CallerID, agent AgentID) {
	e.Unavailable(agent, "offered a call")
	if c := e.callers[caller]; c != nil && !slices.Contains(c.offers, agent) {
		c.offers = append(c.offers, agent)
	}
}

// Release ends every offer of the caller: matched again, with the same place.
func (e *Engine) Release(caller CallerID) {
	if c := e.callers[caller]; c != nil {
		c.offers = nil
	}
}

// ReleaseFrom ends one offer of several: missed, or withdrawn from that agent.
func (e *Engine) ReleaseFrom(caller CallerID, agent AgentID) {
	if c := e.callers[caller]; c != nil {
		c.offers = slices.DeleteFunc(c.offers, func(a AgentID) bool { return a == agent })
	}
}

// Match returns the next pair to offer, if there is one. It changes nothing that can be seen: the caller of
// Match says what became of it with Take.
func (e *Engine) Match(now time.Time) (Match, bool) {
	var best *callerState
	var bestU urgency
	var bestOrder int
	var bestWeight float64
	for _, c := range e.callers {
		if !e.open(c) {
			continue
		}
		q := e.queues[c.Queue]
		u := newUrgency(q, &c.Caller, overdue(q, &c.Caller, now))
		for _, a := range e.agents {
			m, ok := e.suits(c, a, now)
			if !ok || !a.available {
				continue
			}
			if best == nil || u.before(&bestU, now.UnixNano(), m.order(), bestOrder, m.weight(), bestWeight) {
				best, bestU, bestOrder, bestWeight = c, u, m.order(), m.weight()
			}
		}
	}
	if best == nil {
		return Match{}, false
	}
	return e.choose(best, &bestU, now), true
}

func (e *Engine) choose(c *callerState, u *urgency, now time.Time) Match {
	q := e.queues[c.Queue]
	step := q.step(now.Sub(c.Entered))
	needs, _ := q.needsAfter(step)
	for skill, level := range c.Needs {
		needs[skill] = max(needs[skill], level)
	}
	var best *agentState
	var bestKey key
	bestOrder, bestScore := math.MaxInt, 0
	r := Reason{Strategy: q.Select, Step: step, Waited: now.Sub(c.Entered), Overdue: u.overdue}
	for _, a := range e.agents {
		m, ok := e.suits(c, a, now)
		if !ok {
			continue
		}
		if !a.available {
			if a.why != "" && len(r.Not) < maxPassed && a.has(needs) {
				r.Not = append(r.Not, Passed{Agent: a.ID, Why: a.why})
			}
			continue
		}
		r.Of++
		k, score := q.Select.key(a), 0
		if q.Select == SkillWeighted {
			for skill := range needs {
				score += a.Skills[skill]
			}
		}
		better := best == nil || m.order() < bestOrder
		if best != nil && m.order() == bestOrder {
			better = score > bestScore || score == bestScore && k.compare(bestKey) < 0
		}
		if better {
			best, bestKey, bestOrder, bestScore = a, k, m.order(), score
		}
	}
	r.Agent, r.Idle, r.Calls, r.Order = best.ID, now.Sub(best.since), best.stats.Calls, bestOrder
	r.Occupancy = float64(best.stats.occupancy()) / 1e6
	r.Points = u.points(now.UnixNano())
	r.Preferred = c.Prefer == best.ID && now.Before(c.PreferUntil)
	for _, skill := range sortedKeys(needs) {
		r.Skills = append(r.Skills, SkillReason{Skill: skill, Has: best.Skills[skill], Needs: needs[skill]})
	}
	return Match{Caller: c.ID, Agent: best.ID, Queue: q.ID, Reason: r}
}

// key orders available agents by the strategy.
func (s Strategy) key(a *agentState) key {
	idle := a.since.UnixNano()
	switch s {
	case RoundRobin:
		k := key{a: math.MinInt64, b: idle, n: a.index}
		if !a.stats.LastOffer.IsZero() {
			k.a = a.stats.LastOffer.UnixNano()
		}
		return k
	case FewestCalls:
		return key{a: int64(a.stats.Calls), b: idle, n: a.index}
	case LeastOccupied:
		return key{a: a.stats.occupancy(), b: idle, n: a.index}
	case Linear:
		return key{n: a.index}
	}
	return key{a: idle, n: a.index}
}

// open: the caller may be offered to one more agent.
func (e *Engine) open(c *callerState) bool {
	q := e.queues[c.Queue]
	if q.Select == RingSeveral {
		return len(c.offers) < q.Offer.Several
	}
	return len(c.offers) == 0
}

func overdue(q *Queue, c *Caller, now time.Time) bool { return now.Sub(c.Entered) >= q.Overdue }

// step returns how many relax steps have passed after a wait.
func (q *Queue) step(wait time.Duration) int {
	n := 0
	for n < len(q.Relax) && wait >= q.Relax[n].After {
		n++
	}
	return n
}

func (e *Engine) preferred(c *callerState, now time.Time) *agentState {
	if c.Prefer == "" || !now.Before(c.PreferUntil) {
		return nil
	}
	a := e.byAgent[c.Prefer]
	if a == nil {
		return nil
	}
	if _, ok := a.membership(c.Queue); !ok {
		return nil
	}
	return a
}

func (e *Engine) suits(c *callerState, a *agentState, now time.Time) (Membership, bool) {
	m, ok := a.membership(c.Queue)
	if !ok {
		return m, false
	}
	for _, x := range c.Exclude {
		if x.Agent == a.ID && x.active(now) {
			return m, false
		}
	}
	if p := e.preferred(c, now); p != nil {
		return m, p == a
	}
	q := e.queues[c.Queue]
	needs, reach := q.needsAfter(q.step(now.Sub(c.Entered)))
	return m, (reach == 0 || m.order() <= reach) && a.has(needs) && a.has(c.Needs)
}

// Wake returns the next moment after now at which time alone changes what Match answers: a relax step, the end
// of a preference or of an exclusion.
func (e *Engine) Wake(now time.Time) (time.Time, bool) {
	var next time.Time
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, c := range e.callers {
		for _, step := range e.queues[c.Queue].Relax {
			consider(c.Entered.Add(step.After))
		}
		consider(c.PreferUntil)
		for _, x := range c.Exclude {
			consider(x.Until)
		}
	}
	return next, !next.IsZero()
}

// Place returns the caller's place in the queue, 1 for the next, and how many wait there. Callers being
// offered keep their place. It is 0 for an unknown caller.
func (e *Engine) Place(id CallerID, now time.Time) (place, of int) {
	c := e.callers[id]
	if c == nil {
		return 0, 0
	}
	for other := range e.Waiting(c.Queue, now) {
		of++
		if other == id {
			place = of
		}
	}
	return place, of
}

// Len returns how many callers wait in a queue, those being offered included.
func (e *Engine) Len(queue QueueID) int {
	n := 0
	for _, c := range e.callers {
		if c.Queue == queue {
			n++
		}
	}
	return n
}

// Longest returns when the caller who has waited longest in the queue entered.
func (e *Engine) Longest(queue QueueID) (entered time.Time, ok bool) {
	for _, c := range e.callers {
		if c.Queue == queue && (!ok || c.Entered.Before(entered)) {
			entered, ok = c.Entered, true
		}
	}
	return entered, ok
}

// Waiting yields the callers of a queue in the order of their places. The engine must not be changed meanwhile.
func (e *Engine) Waiting(queue QueueID, now time.Time) iter.Seq[CallerID] {
	q := e.queues[queue]
	var us []urgency
	for _, c := range e.callers {
		if c.Queue == queue {
			us = append(us, newUrgency(q, &c.Caller, overdue(q, &c.Caller, now)))
		}
	}
	slices.SortFunc(us, func(u, v urgency) int {
		if u.before(&v, now.UnixNano(), 1, 1, 1, 1) {
			return -1
		}
		return 1
	})
	return func(yield func(CallerID) bool) {
		for i := range us {
			if !yield(us[i].id) {
				return
			}
		}
	}
}
