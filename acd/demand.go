package acd

import (
	"fmt"
	"slices"
	"strings"
)

// demand is what a group of callers needs of an agent: a queue at one of its relax steps, and what the callers
// need beyond it.
type demand struct {
	id      int
	queue   *queueState
	step    int
	needs   []SkillReason // sorted by skill; Has is unused
	reach   int
	name    string       // among the queue's demands with extra needs
	callers int          // who have it, those being offered included
	suits   bitset       // the profiles that meet it
	members []Membership // of profiles that meet it, by the profile's id
	scores  []int        // sum of the levels needed, by the profile's id
	pools   []*pool
	open    int  // callers in the pools
	fresh   bool // in Engine.freshDemands
}

// pool holds callers who can be matched now, in an order that time does not change: they share demand, pace,
// whether they are being offered already, and the agents they must not be offered to. Callers kept for one agent stand in that agent's pools.
type pool struct {
	demand *demand
	only   *agentState
	pace   pace
	again  bool // offers are in flight already: ring-several
	not    []Exclusion
	tree   tree[*callerState]
}

// line holds all callers of a queue that share a pace, those being offered included: places are counted here.
type line struct {
	pace pace
	tree tree[*callerState]
}

type queueState struct {
	Queue
	members []*agentState // in the order of the configuration
	lines   []*line
	demands []*demand          // by relax step
	extra   map[string]*demand // with needs beyond the queue's
	n       int                // callers
	flow    Flow
}

// callerState is one waiting caller.
type callerState struct {
	Caller
	queue  *queueState
	demand *demand
	line   *line
	pool   *pool // nil while no further offer may be made
	urg    urgency
	offers []AgentID // in flight
	taken  bool      // one of them was accepted
	timer  int       // place in the timers, from 1
}

// meets reports whether a profile meets the demand, and as which member.
func (d *demand) meets(p *profile) (Membership, bool) {
	m, ok := p.membership(d.queue.ID)
	if !ok || d.reach > 0 && m.order() > d.reach {
		return m, false
	}
	for _, n := range d.needs {
		if p.skills[n.Skill] < n.Needs {
			return m, false
		}
	}
	return m, true
}

func (d *demand) score(p *profile) int {
	sum := 0
	for _, n := range d.needs {
		sum += p.skills[n.Skill]
	}
	return sum
}

// demandOf returns the demand of a queue's relax step with extra needs, made on first use.
func (e *Engine) demandOf(q *queueState, step int, extra map[string]int) *demand {
	name := ""
	if len(extra) > 0 {
		var b strings.Builder
		fmt.Fprintf(&b, "%d", step)
		for _, skill := range sortedKeys(extra) {
			fmt.Fprintf(&b, ",%q %d", skill, extra[skill])
		}
		name = b.String()
		if d := q.extra[name]; d != nil {
			return d
		}
	} else if d := q.demands[step]; d != nil {
		return d
	}
	needs, reach := q.needsAfter(step)
	for skill, level := range extra {
		needs[skill] = max(needs[skill], level)
	}
	d := &demand{queue: q, step: step, reach: reach, name: name}
	for _, skill := range sortedKeys(needs) {
		d.needs = append(d.needs, SkillReason{Skill: skill, Needs: needs[skill]})
	}
	if n := len(e.freeDemands); n > 0 {
		d.id, e.freeDemands = e.freeDemands[n-1], e.freeDemands[:n-1]
		e.demands[d.id] = d
	} else {
		d.id = len(e.demands)
		e.demands = append(e.demands, d)
	}
	d.members, d.scores = make([]Membership, len(e.profiles)), make([]int, len(e.profiles))
	for _, p := range e.profiles {
		if m, ok := d.meets(p); ok {
			d.suits.add(p.id)
			p.suits.add(d.id)
			d.members[p.id], d.scores[p.id] = m, d.score(p)
		}
	}
	if name != "" {
		q.extra[name] = d
	} else {
		q.demands[step] = d
	}
	return d
}

// dropDemand forgets a demand with extra needs that no caller has any more.
func (e *Engine) dropDemand(d *demand) {
	if d == nil || d.callers > 0 || d.name == "" {
		return
	}
	for _, p := range e.profiles {
		p.suits.remove(d.id)
	}
	delete(d.queue.extra, d.name)
	e.demands[d.id] = nil
	e.freeDemands = append(e.freeDemands, d.id)
}

// enpool makes a caller one who can be matched: with only that agent, if it is not nil, and with none of not.
func (e *Engine) enpool(c *callerState, only *agentState, not []Exclusion) {
	pools := &c.demand.pools
	if only != nil {
		pools = &only.wanted
	}
	again := len(c.offers) > 0
	i := slices.IndexFunc(*pools, func(p *pool) bool {
		return p.demand == c.demand && p.pace == c.urg.pace() && p.again == again && slices.Equal(p.not, not)
	})
	if i < 0 {
		i = len(*pools)
		*pools = append(*pools, &pool{demand: c.demand, only: only, pace: c.urg.pace(), again: again, not: not})
	}
	c.pool = (*pools)[i]
	c.pool.tree.insert(c.urg.ordering, c)
	if only != nil {
		e.freshenAgent(only)
		return
	}
	c.demand.open++
	e.openDemands.add(c.demand.id)
	if !c.demand.fresh {
		c.demand.fresh = true
		e.freshDemands = append(e.freshDemands, c.demand)
	}
}

// unpool takes a caller out of what can be matched.
func (e *Engine) unpool(c *callerState) {
	p := c.pool
	if p == nil {
		return
	}
	c.pool = nil
	p.tree.remove(c.urg.ordering)
	empty := p.tree.len() == 0
	isP := func(o *pool) bool { return o == p }
	if p.only != nil {
		if empty {
			p.only.wanted = slices.DeleteFunc(p.only.wanted, isP)
		}
		return
	}
	if empty && (len(p.not) > 0 || len(p.demand.pools) > 8) {
		p.demand.pools = slices.DeleteFunc(p.demand.pools, isP)
	}
	if p.demand.open--; p.demand.open == 0 {
		e.openDemands.remove(p.demand.id)
	}
}

// enline gives a caller a place.
func (q *queueState) enline(c *callerState) {
	i := slices.IndexFunc(q.lines, func(l *line) bool { return l.pace == c.urg.pace() })
	if i < 0 {
		i = len(q.lines)
		q.lines = append(q.lines, &line{pace: c.urg.pace()})
	}
	c.line = q.lines[i]
	c.line.tree.insert(c.urg.ordering, c)
}

func (q *queueState) unline(c *callerState) {
	l := c.line
	if l == nil {
		return
	}
	c.line = nil
	l.tree.remove(c.urg.ordering)
	if l.tree.len() == 0 && len(q.lines) > 8 {
		q.lines = slices.DeleteFunc(q.lines, func(o *line) bool { return o == l })
	}
}
