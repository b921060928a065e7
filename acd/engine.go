package acd

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Engine holds who waits and who is available. It is not safe for concurrent use: one loop owns it. Times
// given to it must not go back.
//
// After Match has said "none", no caller who can be matched suits an agent who is available. So a later Match
// looks only at what is fresh: profiles and demands (see profile and demand) that gained somebody since.
type Engine struct {
	queues   map[QueueID]*queueState
	agents   []*agentState // in the order of the configuration
	byAgent  map[AgentID]*agentState
	profiles []*profile
	demands  []*demand // by id; nil where one was dropped
	callers  map[CallerID]*callerState
	timers   timers
	now      int64 // the latest moment the callers were settled for

	freeDemands   []int
	openDemands   bitset // demands with callers in their pools
	idleProfiles  bitset // profiles with agents available
	freshProfiles []*profile
	freshDemands  []*demand
	freshAgents   []*agentState // with callers kept for them

	terse bool
	spare []*callerState
}

// New returns an engine for queues and agents, nobody waiting and nobody available. The configuration is
// taken as valid (see Check); the slices are not kept.
func New(queues []Queue, agents []Agent) *Engine {
	e := &Engine{callers: map[CallerID]*callerState{}}
	e.configure(queues, agents)
	return e
}

func (e *Engine) configure(queues []Queue, agents []Agent) {
	old := e.queues
	e.queues, e.byAgent = make(map[QueueID]*queueState, len(queues)), make(map[AgentID]*agentState, len(agents))
	e.agents, e.profiles, e.demands, e.timers, e.freeDemands = nil, nil, nil, nil, nil
	e.openDemands, e.idleProfiles = nil, nil
	e.freshProfiles, e.freshDemands, e.freshAgents = nil, nil, nil
	for _, q := range queues {
		s := &queueState{Queue: q.WithDefaults(), extra: map[string]*demand{}}
		s.demands = make([]*demand, len(q.Relax)+1)
		if o := old[q.ID]; o != nil {
			s.flow = o.flow
		}
		e.queues[q.ID] = s
	}
	bySignature := map[string]*profile{}
	for i, a := range agents {
		s := &agentState{Agent: a, index: i}
		e.agents = append(e.agents, s)
		e.byAgent[a.ID] = s
		sig := a.signature()
		p := bySignature[sig]
		if p == nil {
			p = &profile{id: len(e.profiles), skills: a.Skills, members: a.Queues}
			bySignature[sig] = p
			e.profiles = append(e.profiles, p)
		}
		s.profile = p
		for _, m := range a.Queues {
			if q := e.queues[m.Queue]; q != nil {
				q.members = append(q.members, s)
				if o := q.Select.order(); p.trees[o] == nil {
					p.trees[o] = &tree[*agentState]{}
				}
			}
		}
	}
}

// Reconfigure replaces queues and agents without losing a place or an agent's idle time. Callers whose queue
// is gone are taken out and returned in the order of their ids, for the floor to send elsewhere.
func (e *Engine) Reconfigure(queues []Queue, agents []Agent) (lost []CallerID) {
	before, callers := e.agents, e.callers
	e.configure(queues, agents)
	e.callers = make(map[CallerID]*callerState, len(callers))
	for _, o := range before {
		if a := e.byAgent[o.ID]; a != nil {
			a.why = o.why
			e.setDuty(a, o.duty, o.since, o.stats)
		}
	}
	for _, id := range sortedKeys(callers) {
		c := callers[id]
		if e.queues[c.Queue] == nil {
			lost = append(lost, id)
			continue
		}
		e.place(c.Caller, c.offers, c.taken)
	}
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
	e.place(c, nil, false)
	return nil
}

func (e *Engine) place(c Caller, offers []AgentID, taken bool) {
	var s *callerState
	if n := len(e.spare); n > 0 {
		s, e.spare = e.spare[n-1], e.spare[:n-1]
	} else {
		s = &callerState{}
	}
	*s = callerState{Caller: c, queue: e.queues[c.Queue], offers: offers, taken: taken}
	e.callers[c.ID] = s
	s.queue.n++
	e.settle(s, max(e.now, c.Entered.UnixNano()))
}

// Leave takes a caller out: answered, abandoned, sent elsewhere. An unknown caller is no error.
func (e *Engine) Leave(id CallerID) {
	c := e.callers[id]
	if c == nil {
		return
	}
	delete(e.callers, id)
	e.unpool(c)
	c.queue.unline(c)
	c.queue.n--
	c.demand.callers--
	e.dropDemand(c.demand)
	e.timers.drop(c)
	*c = callerState{}
	if len(e.spare) < 1024 {
		e.spare = append(e.spare, c)
	}
}

// Change replaces what a waiting caller's place depends on (priority, growth, needs, preference, exclusions, the
// moment of entry) without ending offers in flight. Id and queue stay.
func (e *Engine) Change(id CallerID, change func(*Caller)) error {
	s := e.callers[id]
	if s == nil {
		return fmt.Errorf("caller %s: does not wait", id)
	}
	c := s.Caller
	c.Exclude = slices.Clone(c.Exclude)
	change(&c)
	c.ID, c.Queue = s.ID, s.Queue
	if err := c.check(); err != nil {
		return err
	}
	offers, taken := s.offers, s.taken
	e.Leave(id)
	e.place(c, offers, taken)
	return nil
}

// settle puts a caller where they belong at a moment, and sets the timer for the next change.
func (e *Engine) settle(c *callerState, now int64) {
	e.unpool(c)
	q, at, due := c.queue, time.Unix(0, now), int64(never)
	soon := func(t time.Time) {
		if ns := t.UnixNano(); ns > now {
			due = min(due, ns)
		}
	}
	wait := time.Duration(now - c.Entered.UnixNano())
	step := q.step(wait)
	if step < len(q.Relax) {
		soon(c.Entered.Add(q.Relax[step].After))
	}
	overdue := wait >= q.Overdue
	if !overdue {
		soon(c.Entered.Add(q.Overdue))
	}
	var not []Exclusion
	for _, x := range c.Exclude {
		if x.active(at) {
			not = append(not, Exclusion{Agent: x.Agent})
			if !x.Until.IsZero() {
				soon(x.Until)
			}
		}
	}
	var only *agentState
	if c.Prefer != "" && at.Before(c.PreferUntil) && !excluded(not, c.Prefer) {
		if a := e.byAgent[c.Prefer]; a != nil {
			if _, ok := a.membership(q.ID); ok {
				only = a
			}
		}
		soon(c.PreferUntil)
	}
	if c.line == nil || c.urg.overdue != overdue {
		q.unline(c)
		c.urg = newUrgency(&q.Queue, &c.Caller, overdue)
		q.enline(c)
	}
	if c.demand == nil || c.demand.step != step {
		old := c.demand
		c.demand = e.demandOf(q, step, c.Needs)
		c.demand.callers++
		if old != nil {
			old.callers--
			e.dropDemand(old)
		}
	}
	e.timers.set(c, due)
	if c.open() {
		e.enpool(c, only, not)
	}
}

// step returns how many relax steps have passed after a wait.
func (q *Queue) step(wait time.Duration) int {
	n := 0
	for n < len(q.Relax) && wait >= q.Relax[n].After {
		n++
	}
	return n
}

// open: the caller may be offered to one more agent.
func (c *callerState) open() bool {
	if c.taken {
		return false
	}
	if c.queue.Select == RingSeveral {
		return len(c.offers) < c.queue.Offer.Several
	}
	return len(c.offers) == 0
}

// advance settles the callers for whom time alone has changed something.
func (e *Engine) advance(now time.Time) int64 {
	e.now = max(e.now, now.UnixNano())
	for len(e.timers) > 0 && e.timers[0].due <= e.now {
		e.settle(e.timers[0].caller, e.now)
	}
	return e.now
}

// Available says that an agent is ready and can take an offer, idle since then.
func (e *Engine) Available(id AgentID, since time.Time, stats Stats) {
	if a := e.byAgent[id]; a != nil {
		a.why = ""
		e.setDuty(a, idle, since, stats)
	}
}

// Wrapping says that an agent is in wrap-up: only callers who prefer this agent are matched, in queues whose
// Offer.DuringWrapUp is set.
func (e *Engine) Wrapping(id AgentID, since time.Time, stats Stats) {
	if a := e.byAgent[id]; a != nil {
		a.why = "wrap-up"
		e.setDuty(a, wrapping, since, stats)
	}
}

// Unavailable says that an agent cannot take an offer, and why in a word or two ("break", "training"): it is shown
// to who asks why this agent was passed over. An empty why is for what goes without saying, such as a call.
func (e *Engine) Unavailable(id AgentID, why string) {
	if a := e.byAgent[id]; a != nil {
		a.why = why
		e.setDuty(a, away, a.since, a.stats)
	}
}

func (e *Engine) setDuty(a *agentState, d duty, since time.Time, stats Stats) {
	p := a.profile
	if a.duty == idle {
		p.remove(a)
	}
	a.duty, a.since, a.stats = d, since, stats
	if d == idle {
		p.add(a)
		if !p.fresh {
			p.fresh = true
			e.freshProfiles = append(e.freshProfiles, p)
		}
	}
	if p.idle > 0 {
		e.idleProfiles.add(p.id)
	} else {
		e.idleProfiles.remove(p.id)
	}
	e.freshenAgent(a)
}

func (e *Engine) freshenAgent(a *agentState) {
	if a.duty != away && len(a.wanted) > 0 && !a.fresh {
		a.fresh = true
		e.freshAgents = append(e.freshAgents, a)
	}
}

// Take says that the caller is being offered to the agent: the caller keeps the place but is not matched again
// until Release (with ring-several: until enough offers are in flight), and the agent is unavailable.
func (e *Engine) Take(caller CallerID, agent AgentID) {
	e.Unavailable(agent, "")
	if c := e.callers[caller]; c != nil && !slices.Contains(c.offers, agent) {
		c.offers = append(c.offers, agent)
		e.settle(c, e.now)
	}
}

// Accept says that an agent took the offer, and the two are being connected: the caller keeps the place, and nobody else
// is looked for until Release or ReleaseFrom.
func (e *Engine) Accept(caller CallerID) {
	if c := e.callers[caller]; c != nil && !c.taken {
		c.taken = true
		e.settle(c, e.now)
	}
}

// Release ends every offer of the caller: matched again, with the same place.
func (e *Engine) Release(caller CallerID) {
	if c := e.callers[caller]; c != nil && len(c.offers) > 0 {
		c.offers, c.taken = nil, false
		e.settle(c, e.now)
	}
}

// ReleaseFrom ends one offer of several: missed, or withdrawn from that agent.
func (e *Engine) ReleaseFrom(caller CallerID, agent AgentID) {
	if c := e.callers[caller]; c != nil && slices.Contains(c.offers, agent) {
		c.offers = slices.DeleteFunc(c.offers, func(a AgentID) bool { return a == agent })
		c.taken = c.taken && len(c.offers) > 0
		e.settle(c, e.now)
	}
}

// Wake returns the next moment after now at which time alone may change what Match answers: a relax step, the
// end of a preference or of an exclusion, a caller becoming overdue.
func (e *Engine) Wake(now time.Time) (time.Time, bool) {
	e.advance(now)
	if len(e.timers) == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, e.timers[0].due).In(now.Location()), true
}

// Place returns the caller's place in the queue, 1 for the next, and how many wait there. Callers being
// offered keep their place. It is 0 for an unknown caller.
func (e *Engine) Place(id CallerID, now time.Time) (place, of int) {
	at := e.advance(now)
	c := e.callers[id]
	if c == nil {
		return 0, 0
	}
	ahead := 0
	for _, l := range c.queue.lines {
		if l == c.line {
			ahead += l.tree.rank(c.urg.ordering)
			continue
		}
		ahead += l.tree.countWhile(func(o *callerState) bool { return o.urg.before(&c.urg, at, 1, 1, 1, 1) })
	}
	return ahead + 1, c.queue.n
}

// Len returns how many callers wait in a queue, those being offered included.
func (e *Engine) Len(queue QueueID) int {
	if q := e.queues[queue]; q != nil {
		return q.n
	}
	return 0
}

// Longest returns when the caller who has waited longest in the queue entered.
func (e *Engine) Longest(queue QueueID) (entered time.Time, ok bool) {
	q := e.queues[queue]
	if q == nil || q.n == 0 {
		return time.Time{}, false
	}
	least := int64(never)
	for _, l := range q.lines {
		if l.tree.len() > 0 {
			least = min(least, l.tree.leastB())
		}
	}
	return time.Unix(0, least).UTC(), true
}

// Waiting yields the callers of a queue in the order of their places. The engine must not be changed meanwhile.
func (e *Engine) Waiting(queue QueueID, now time.Time) iter.Seq[CallerID] {
	at := e.advance(now)
	return func(yield func(CallerID) bool) {
		q := e.queues[queue]
		if q == nil {
			return
		}
		var heads []*callerState
		var more []func() (*callerState, bool)
		for _, l := range q.lines {
			next, stop := iter.Pull(l.tree.all())
			defer stop()
			if c, ok := next(); ok {
				heads, more = append(heads, c), append(more, next)
			}
		}
		for len(heads) > 0 {
			i := 0
			for j := range heads {
				if heads[j].urg.before(&heads[i].urg, at, 1, 1, 1, 1) {
					i = j
				}
			}
			if !yield(heads[i].ID) {
				return
			}
			if c, ok := more[i](); ok {
				heads[i] = c
			} else {
				heads, more = slices.Delete(heads, i, i+1), slices.Delete(more, i, i+1)
			}
		}
	}
}
