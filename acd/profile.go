package acd

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// agentState is what the engine knows of an agent.
type agentState struct {
	Agent
	index   int // in the configuration
	profile *profile
	duty    duty
	why     string // when not available
	since   time.Time
	stats   Stats
	wanted  []*pool // callers kept for this agent
	fresh   bool    // in Engine.freshAgents
}

// duty is what an agent may be offered.
type duty uint8

const (
	away     duty = iota // nothing
	wrapping             // only callers who prefer this agent, in queues that allow it
	idle                 // everything that suits
)

// profile is what agents with the same skills and memberships share. Its available agents stand in one tree
// per order of choice that its queues use.
type profile struct {
	id      int
	skills  map[string]int
	members []Membership
	suits   bitset // the demands its agents meet
	idle    int    // agents available
	trees   [orders]*tree[*agentState]
	fresh   bool // in Engine.freshProfiles
}

// order is the order in which available agents of a profile stand for one strategy.
type order uint8

const (
	byIdle order = iota
	byTurn
	byCalls
	byOccupancy
	byList
	orders
)

// order of the strategy inside a profile; skill-weighted compares profiles first.
func (s Strategy) order() order {
	switch s {
	case RoundRobin:
		return byTurn
	case FewestCalls:
		return byCalls
	case LeastOccupied:
		return byOccupancy
	case Linear:
		return byList
	}
	return byIdle
}

func (o order) key(a *agentState) key {
	k := key{b: a.since.UnixNano(), n: a.index}
	switch o {
	case byTurn:
		k.a = math.MinInt64
		if !a.stats.LastOffer.IsZero() {
			k.a = a.stats.LastOffer.UnixNano()
		}
	case byCalls:
		k.a = int64(a.stats.Calls)
	case byOccupancy:
		k.a = a.stats.occupancy()
	case byList:
		k.b = 0
	}
	return k
}

func (p *profile) add(a *agentState) {
	p.idle++
	for o, t := range p.trees {
		if t != nil {
			t.insert(order(o).key(a), a)
		}
	}
}

func (p *profile) remove(a *agentState) {
	p.idle--
	for o, t := range p.trees {
		if t != nil {
			t.remove(order(o).key(a))
		}
	}
}

// first returns the first available agent in an order whom none of the exclusions names.
func (p *profile) first(o order, not []Exclusion) *agentState {
	if p.idle == 0 {
		return nil
	}
	if len(not) == 0 {
		return p.trees[o].first()
	}
	for a := range p.trees[o].all() {
		if !excluded(not, a.ID) {
			return a
		}
	}
	return nil
}

func excluded(not []Exclusion, a AgentID) bool {
	return slices.ContainsFunc(not, func(x Exclusion) bool { return x.Agent == a })
}

func (p *profile) membership(q QueueID) (Membership, bool) { return membership(p.members, q) }

// signature is equal for agents who may share a profile.
func (a *Agent) signature() string {
	var b strings.Builder
	for _, skill := range sortedKeys(a.Skills) {
		fmt.Fprintf(&b, "%q %d,", skill, a.Skills[skill])
	}
	for _, m := range a.Queues {
		fmt.Fprintf(&b, ";%q %d %v", m.Queue, m.order(), m.weight())
	}
	return b.String()
}
