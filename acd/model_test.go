package acd

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"math/big"
	"slices"
	"time"
)

// model is the engine in its plainest form: it compares every pair, keeps nothing sorted and no books. The engine
// must answer as it does.
type model struct {
	queues  map[QueueID]*Queue
	agents  []*modelAgent // in the order of the configuration
	byAgent map[AgentID]*modelAgent
	callers map[CallerID]*modelCaller
}

type modelAgent struct {
	Agent
	index int
	duty  duty
	why   string
	since time.Time
	stats Stats
}

type modelCaller struct {
	Caller
	offers []AgentID // in flight
	taken  bool
}

func newModel(queues []Queue, agents []Agent) *model {
	e := &model{callers: map[CallerID]*modelCaller{}}
	e.configure(queues, agents)
	return e
}

func (e *model) configure(queues []Queue, agents []Agent) {
	e.queues, e.byAgent, e.agents = map[QueueID]*Queue{}, map[AgentID]*modelAgent{}, nil
	for _, q := range queues {
		q = q.WithDefaults()
		e.queues[q.ID] = &q
	}
	for i, a := range agents {
		s := &modelAgent{Agent: a, index: i}
		e.agents = append(e.agents, s)
		e.byAgent[a.ID] = s
	}
}

// Reconfigure replaces queues and agents without losing a place or an agent's idle time. Callers whose queue
// is gone are taken out and returned in order of their ids, for the floor to send elsewhere.
func (e *model) Reconfigure(queues []Queue, agents []Agent) (lost []CallerID) {
	old := e.byAgent
	e.configure(queues, agents)
	for id, s := range e.byAgent {
		if o := old[id]; o != nil {
			s.duty, s.since, s.stats, s.why = o.duty, o.since, o.stats, o.why
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
func (e *model) Enter(c Caller) error {
	if err := c.check(); err != nil {
		return err
	}
	if e.queues[c.Queue] == nil {
		return fmt.Errorf("caller %s: there is no queue %q", c.ID, c.Queue)
	}
	if s := e.callers[c.ID]; s != nil {
		return fmt.Errorf("caller %s: waits in queue %s already", c.ID, s.Queue)
	}
	e.callers[c.ID] = &modelCaller{Caller: c}
	return nil
}

// Leave takes a caller out: answered, abandoned, sent elsewhere. An unknown caller is no error.
func (e *model) Leave(id CallerID) { delete(e.callers, id) }

// Change replaces what a waiting caller's place depends on (priority, growth, needs, preference, exclusions, the
// moment of entry) without ending offers in flight. The queue stays.
func (e *model) Change(id CallerID, change func(*Caller)) error {
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
func (e *model) Available(id AgentID, since time.Time, stats Stats) {
	if s := e.byAgent[id]; s != nil {
		s.duty, s.since, s.stats, s.why = idle, since, stats, ""
	}
}

// Unavailable says that an agent cannot take an offer, and why in a word or two ("break", "wrap-up", "in a
// call"); an empty why keeps the agent out of the reasons.
func (e *model) Unavailable(id AgentID, why string) {
	if s := e.byAgent[id]; s != nil {
		s.duty, s.why = away, why
	}
}

// Take says that the caller is being offered to the agent: the caller keeps the place but is not matched again
// until Release (with ring-several: until enough offers are in flight), and the agent is unavailable.
func (e *model) Take(caller CallerID, agent AgentID) {
	e.Unavailable(agent, "")
	if c := e.callers[caller]; c != nil && !slices.Contains(c.offers, agent) {
		c.offers = append(c.offers, agent)
	}
}

// Release ends every offer of the caller: matched again, with the same place.
func (e *model) Release(caller CallerID) {
	if c := e.callers[caller]; c != nil {
		c.offers, c.taken = nil, false
	}
}

// Accept says that an agent took the offer.
func (e *model) Accept(caller CallerID) {
	if c := e.callers[caller]; c != nil {
		c.taken = true
	}
}

// ReleaseFrom ends one offer of several: missed, or withdrawn from that agent.
func (e *model) ReleaseFrom(caller CallerID, agent AgentID) {
	if c := e.callers[caller]; c != nil {
		c.offers = slices.DeleteFunc(c.offers, func(a AgentID) bool { return a == agent })
		c.taken = c.taken && len(c.offers) > 0
	}
}

func (e *model) Wrapping(id AgentID, since time.Time, stats Stats) {
	if s := e.byAgent[id]; s != nil {
		s.duty, s.since, s.stats, s.why = wrapping, since, stats, "wrap-up"
	}
}

// standing is how a caller stands against the others, in exact numbers.
type standing struct {
	again        bool
	overdue      bool
	order        int
	points, felt *big.Rat
	entered      time.Time
	id           CallerID
}

func (e *model) standing(c *modelCaller, now time.Time, m Membership) standing {
	q := e.queues[c.Queue]
	num := func(f float64) *big.Rat { return new(big.Rat).SetFloat64(f) }
	mul := func(x, y *big.Rat) *big.Rat { return new(big.Rat).Mul(x, y) }
	felt := mul(big.NewRat(int64(now.Sub(c.Entered)), int64(time.Minute)), num(q.Weight))
	if q.Urgency == ByServiceLevel {
		felt = mul(felt, big.NewRat(int64(20*time.Second), int64(q.ServiceLevel.Within)))
	}
	points := big.NewRat(int64(q.Priority.Start+c.Priority), 1)
	points.Add(points, mul(num(q.Priority.Grow+c.Grow), felt))
	weight := num(m.weight())
	if points.Sign() >= 0 {
		points = mul(points, weight)
	} else {
		points.Quo(points, weight)
	}
	return standing{
		overdue: now.Sub(c.Entered) >= q.Overdue, order: m.order(),
		points: points, felt: mul(felt, weight), entered: c.Entered, id: c.ID,
	}
}

func (s standing) before(o standing) bool {
	if s.again != o.again {
		return o.again
	}
	if s.overdue != o.overdue {
		return s.overdue
	}
	if !s.overdue {
		if s.order != o.order {
			return s.order < o.order
		}
		if c := s.points.Cmp(o.points); c != 0 {
			return c > 0
		}
		if c := s.felt.Cmp(o.felt); c != 0 {
			return c > 0
		}
	}
	if !s.entered.Equal(o.entered) {
		return s.entered.Before(o.entered)
	}
	return s.id < o.id
}

func (e *model) Match(now time.Time) (Match, bool) {
	var best *modelCaller
	var bestAt standing
	for _, c := range e.callers {
		for _, a := range e.agents {
			m, ok := e.possible(c, a, now)
			if !ok {
				continue
			}
			s := e.standing(c, now, m)
			s.again = len(c.offers) > 0
			if best == nil || s.before(bestAt) {
				best, bestAt = c, s
			}
		}
	}
	if best == nil {
		return Match{}, false
	}
	a, of := e.choose(best, now)
	p := e.preferred(best, now)
	return Match{Caller: best.ID, Agent: a.ID, Queue: best.Queue, Reason: Reason{
		Agent: a.ID, Of: of, Preferred: p == a, Overdue: bestAt.overdue,
		Step: e.queues[best.Queue].step(now.Sub(best.Entered)),
	}}, true
}

// possible: caller and agent may be matched now.
func (e *model) possible(c *modelCaller, a *modelAgent, now time.Time) (Membership, bool) {
	m, ok := e.suits(c, a, now)
	if !ok || !e.open(c) {
		return m, false
	}
	switch a.duty {
	case idle:
		return m, true
	case wrapping:
		return m, e.queues[c.Queue].Offer.DuringWrapUp && e.preferred(c, now) == a
	}
	return m, false
}

// choose returns the agent for a caller, and how many could take the call.
func (e *model) choose(c *modelCaller, now time.Time) (best *modelAgent, of int) {
	q := e.queues[c.Queue]
	needs, _ := q.needsAfter(q.step(now.Sub(c.Entered)))
	for skill, level := range c.Needs {
		needs[skill] = max(needs[skill], level)
	}
	type rank struct {
		order, score int
		key          key
	}
	var least rank
	for _, a := range e.agents {
		m, ok := e.possible(c, a, now)
		if !ok {
			continue
		}
		of++
		r := rank{order: m.order(), key: modelKey(q.Select, a)}
		if q.Select == SkillWeighted {
			for skill := range needs {
				r.score -= a.Skills[skill]
			}
		}
		if best == nil || cmp.Or(cmp.Compare(r.order, least.order), cmp.Compare(r.score, least.score), r.key.compare(&least.key)) < 0 {
			best, least = a, r
		}
	}
	return best, of
}

// key orders available agents by the strategy.
func modelKey(s Strategy, a *modelAgent) key {
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
func (e *model) open(c *modelCaller) bool {
	q := e.queues[c.Queue]
	if c.taken {
		return false
	}
	if q.Select == RingSeveral {
		return len(c.offers) < q.Offer.Several
	}
	return len(c.offers) == 0
}

func (e *model) preferred(c *modelCaller, now time.Time) *modelAgent {
	if c.Prefer == "" || !now.Before(c.PreferUntil) {
		return nil
	}
	a := e.byAgent[c.Prefer]
	if a == nil || c.kept(a, now) {
		return nil
	}
	if _, ok := a.membership(c.Queue); !ok {
		return nil
	}
	return a
}

// kept: the agent must not be offered the caller.
func (c *modelCaller) kept(a *modelAgent, now time.Time) bool {
	return slices.ContainsFunc(c.Exclude, func(x Exclusion) bool { return x.Agent == a.ID && x.active(now) })
}

func (e *model) suits(c *modelCaller, a *modelAgent, now time.Time) (Membership, bool) {
	m, ok := a.membership(c.Queue)
	if !ok {
		return m, false
	}
	if c.kept(a, now) {
		return m, false
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
func (e *model) Wake(now time.Time) (time.Time, bool) {
	var next time.Time
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, c := range e.callers {
		consider(c.Entered.Add(e.queues[c.Queue].Overdue))
		for _, step := range e.queues[c.Queue].Relax {
			consider(c.Entered.Add(step.After))
		}
		if !c.kept(&modelAgent{Agent: Agent{ID: c.Prefer}}, now) {
			consider(c.PreferUntil)
		}
		for _, x := range c.Exclude {
			consider(x.Until)
		}
	}
	return next, !next.IsZero()
}

// Place returns the caller's place in the queue, 1 for the next, and how many wait there. Callers being
// offered keep their place. It is 0 for an unknown caller.
func (e *model) Place(id CallerID, now time.Time) (place, of int) {
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
func (e *model) Len(queue QueueID) int {
	n := 0
	for _, c := range e.callers {
		if c.Queue == queue {
			n++
		}
	}
	return n
}

// Longest returns when the caller who has waited longest in the queue entered.
func (e *model) Longest(queue QueueID) (entered time.Time, ok bool) {
	for _, c := range e.callers {
		if c.Queue == queue && (!ok || c.Entered.Before(entered)) {
			entered, ok = c.Entered, true
		}
	}
	return entered, ok
}

// Waiting yields the callers of a queue in the order of their places.
func (e *model) Waiting(queue QueueID, now time.Time) iter.Seq[CallerID] {
	var all []standing
	for _, c := range e.callers {
		if c.Queue == queue {
			all = append(all, e.standing(c, now, Membership{}))
		}
	}
	slices.SortFunc(all, func(u, v standing) int {
		if u.before(v) {
			return -1
		}
		return 1
	})
	return func(yield func(CallerID) bool) {
		for i := range all {
			if !yield(all[i].id) {
				return
			}
		}
	}
}
