package acd

import (
	"math"
	"time"
)

// candidate is the best caller found so far, as the agents see them who could take the call.
type candidate struct {
	caller *callerState
	pool   *pool
	order  int
	weight float64
}

func (b *candidate) consider(c *callerState, p *pool, m Membership, now int64) {
	if b.caller != nil && p.again != b.pool.again {
		if p.again {
			return
		}
		*b = candidate{}
	}
	if b.caller == nil || c.urg.before(&b.caller.urg, now, m.order(), b.order, m.weight(), b.weight) {
		*b = candidate{caller: c, pool: p, order: m.order(), weight: m.weight()}
	}
}

// Match returns the next pair to offer, if there is one. It changes nothing that can be seen: its caller says
// what became of the pair with Take.
func (e *Engine) Match(now time.Time) (Match, bool) {
	at := e.advance(now)
	var best candidate
	for _, p := range e.freshProfiles {
		if p.idle == 0 {
			continue
		}
		for id := range p.suits.common(e.openDemands) {
			e.compare(p, e.demands[id], at, &best)
		}
	}
	for _, d := range e.freshDemands {
		if d.open == 0 {
			continue
		}
		for id := range d.suits.common(e.idleProfiles) {
			if p := e.profiles[id]; !p.fresh {
				e.compare(p, d, at, &best)
			}
		}
	}
	for _, a := range e.freshAgents {
		for _, p := range a.wanted {
			if a.takesPreferred(p.demand.queue) {
				m, _ := a.membership(p.demand.queue.ID)
				best.consider(p.tree.first(), p, m, at)
			}
		}
	}
	if best.caller == nil {
		e.settled()
		return Match{}, false
	}
	if a := best.pool.only; a != nil {
		return e.decide(&best, a, 1, now), true
	}
	agent, of := e.choose(&best)
	return e.decide(&best, agent, of, now), true
}

// settled: no caller who can be matched suits an available agent, so nothing is fresh any more.
func (e *Engine) settled() {
	for _, p := range e.freshProfiles {
		p.fresh = false
	}
	for _, d := range e.freshDemands {
		d.fresh = false
	}
	for _, a := range e.freshAgents {
		a.fresh = false
	}
	clear(e.freshProfiles)
	clear(e.freshDemands)
	clear(e.freshAgents)
	e.freshProfiles, e.freshDemands, e.freshAgents = e.freshProfiles[:0], e.freshDemands[:0], e.freshAgents[:0]
}

// compare holds the heads of a demand's pools against the best so far, as agents of the profile see them.
func (e *Engine) compare(p *profile, d *demand, now int64, best *candidate) {
	for _, pool := range d.pools {
		if pool.tree.len() == 0 || len(pool.not) > 0 && p.first(d.queue.Select.order(), pool.not) == nil {
			continue
		}
		best.consider(pool.tree.first(), pool, d.members[p.id], now)
	}
}

// takesPreferred: the agent may be offered a caller of the queue who prefers this agent.
func (a *agentState) takesPreferred(q *queueState) bool {
	return a.duty == idle || a.duty == wrapping && q.Offer.DuringWrapUp
}

// choose returns the agent for the best caller by the queue's strategy, and how many could take the call.
func (e *Engine) choose(best *candidate) (agent *agentState, of int) {
	d := best.caller.demand
	by, weighted := d.queue.Select.order(), d.queue.Select == SkillWeighted
	order, score := math.MaxInt, 0
	var least key
	for id := range d.suits.common(e.idleProfiles) {
		p := e.profiles[id]
		a := p.first(by, best.pool.not)
		of += p.idle
		if a == nil {
			continue
		}
		o, s := d.members[id].order(), 0
		if weighted {
			s = d.scores[id]
		}
		if o > order || o == order && s < score {
			continue
		}
		k := by.key(a)
		if o < order || s > score || k.compare(&least) < 0 {
			agent, order, score, least = a, o, s, k
		}
	}
	for _, x := range best.pool.not {
		if a := e.byAgent[x.Agent]; a != nil && a.duty == idle && d.suits.has(a.profile.id) {
			of--
		}
	}
	return agent, of
}

// decide writes the decision down.
func (e *Engine) decide(best *candidate, a *agentState, of int, now time.Time) Match {
	c, q := best.caller, best.caller.queue
	m, _ := a.membership(q.ID)
	r := Reason{
		Agent: a.ID, Strategy: q.Select, Idle: now.Sub(a.since), Calls: a.stats.Calls,
		Occupancy: float64(a.stats.occupancy()) / 1e6, Of: of, Order: m.order(), Step: c.demand.step,
		Waited: now.Sub(c.Entered), Points: c.urg.points(now.UnixNano()), Overdue: c.urg.overdue,
		Preferred: best.pool.only != nil, Boosts: c.Boosts,
	}
	if !e.terse {
		for _, n := range c.demand.needs {
			n.Has = a.Skills[n.Skill]
			r.Skills = append(r.Skills, n)
		}
		if !r.Preferred {
			r.Not = e.passed(c.demand, best.pool.not)
		}
	}
	return Match{Caller: c.ID, Agent: a.ID, Queue: q.ID, Reason: r}
}

// Bounds of Reason.Not: it is there to answer "why not Wang", not to list the unit.
const (
	maxPassed = 3
	maxLooked = 64
)

// passed names some members who meet the demand but cannot take the call now.
func (e *Engine) passed(d *demand, not []Exclusion) []Passed {
	var out []Passed
	for _, a := range d.queue.members[:min(maxLooked, len(d.queue.members))] {
		if len(out) == maxPassed {
			break
		}
		why := a.why
		if excluded(not, a.ID) {
			why = "kept from this caller"
		}
		if why != "" && d.suits.has(a.profile.id) {
			out = append(out, Passed{Agent: a.ID, Why: why})
		}
	}
	return out
}

// Terse leaves lists out of the reasons: for the simulator, where nobody reads a million of them.
func (e *Engine) Terse(on bool) { e.terse = on }
