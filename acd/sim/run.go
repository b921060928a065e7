package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/acd"
)

// Decision is one offer of a run.
type Decision struct {
	At time.Duration
	acd.Match
}

// run is one replication in progress.
type run struct {
	scenario *Scenario
	engine   *acd.Engine
	events   events
	now      int64 // ns since the start
	kinds    []*kind
	queues   []*queueRun
	byQueue  map[acd.QueueID]*queueRun
	agents   []agentRun
	byAgent  map[acd.AgentID]int32
	calls    []callRun
	byCall   map[acd.CallerID]int32
	free     []int32
	count    uint64
	groups   []*groupTally
	decided  func(Decision)
}

// epoch is the moment of the engine's clock at which a run begins.
var epoch = time.Unix(0, 0).UTC()

type kind struct {
	CallType
	queue           *queueRun
	stream          *stream
	talk, wrap, giv *rand.Rand
	next            *Call
}

type queueRun struct {
	acd.Queue
	tally   *queueTally
	members int // at work
}

type callRun struct {
	id       acd.CallerID
	serial   uint32
	kind     *kind
	queue    *queueRun
	arrived  int64 // in this queue
	patience int64 // the moment at which it ends; 0 = never
	talk     int64
	wrap     int64
	offers   []offering
	expected int64 // the wait told at entry; -1 = none
	hops     int
}

// offering is a call on one agent's desk, until the moment at which that agent says hello.
type offering struct {
	agent int32
	until int64
}

// rng returns the random numbers of one purpose in one replication: the same whatever else changes, so that two
// scenarios are compared under the same luck.
func (s *Scenario) rng(replication int, purpose string) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, c := range []byte(purpose) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(s.Seed*0x9e3779b97f4a7c15+uint64(replication), h))
}

func newRun(s *Scenario, replication int, decided func(Decision)) *run {
	r := &run{
		scenario: s, byQueue: map[acd.QueueID]*queueRun{}, byAgent: map[acd.AgentID]int32{},
		byCall: map[acd.CallerID]int32{}, decided: decided,
	}
	intervals := s.Intervals()
	queues := s.queues()
	for _, q := range queues {
		qr := &queueRun{Queue: q, tally: newQueueTally(&q, s, intervals)}
		r.queues = append(r.queues, qr)
		r.byQueue[q.ID] = qr
	}
	var agents []acd.Agent
	for i := range s.Agents {
		g := &s.Agents[i]
		tally := newGroupTally(s, intervals)
		r.groups = append(r.groups, tally)
		var queues []*queueRun
		for _, m := range g.Queues {
			queues = append(queues, r.byQueue[m.Queue])
		}
		rng := s.rng(replication, "answer "+g.Name)
		for n := range g.size() {
			id := g.Name
			if g.size() > 1 {
				id = fmt.Sprint(g.Name, "-", n+1)
			}
			r.byAgent[id] = int32(len(r.agents))
			agents = append(agents, acd.Agent{ID: id, Skills: g.Skills, Queues: g.Queues})
			r.agents = append(r.agents, agentRun{
				id: id, group: g, tally: tally, queues: queues, rng: rng, shifts: g.shifts(n, s.Interval),
			})
		}
	}
	r.engine = acd.New(queues, agents)
	r.engine.Terse(decided == nil)
	for i := range r.agents {
		r.planShift(int32(i))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Calls)) {
		t := s.Calls[name]
		k := &kind{
			CallType: t, queue: r.byQueue[t.Queue],
			talk: s.rng(replication, "talk "+name), wrap: s.rng(replication, "wrap "+name), giv: s.rng(replication, "patience "+name),
		}
		k.stream = k.Arrivals.start(s.rng(replication, "arrivals "+name))
		r.kinds = append(r.kinds, k)
		r.planArrival(int32(len(r.kinds) - 1))
	}
	return r
}

func (r *run) time(at int64) time.Time { return time.Unix(0, at).UTC() }

func (r *run) planArrival(n int32) {
	k := r.kinds[n]
	at, real, ok := k.stream.pull()
	if ok && at < int64(r.scenario.Length) {
		k.next = real
		r.events.plan(at, arrives, n, 0)
	}
}

// simulate runs to the end: when no calls come in any more, all are served or have left, and nothing more can happen.
func (r *run) simulate() {
	for {
		wake, ok := r.engine.Wake(r.time(r.now))
		more := len(r.events.heap) > 0
		if !ok && !more {
			break
		}
		if ok && (!more || wake.UnixNano() < r.events.heap[0].at) {
			r.now = wake.UnixNano()
		} else {
			ev := r.events.next()
			r.now = ev.at
			r.happen(ev)
		}
		r.match()
	}
	for id := range r.byCall { // nobody will ever come for them
		c := &r.calls[r.byCall[id]]
		c.queue.tally.abandoned(c.arrived, r.now)
	}
	end := max(r.now, int64(r.scenario.Length)) // who has nothing to do is there all the same
	for i := range r.agents {
		r.agents[i].sendHome(end)
	}
}

func (r *run) happen(ev event) {
	switch ev.kind {
	case arrives:
		r.arrive(ev.n)
		return
	case talked:
		a := &r.agents[ev.n]
		if a.wrap > 0 {
			r.events.plan(r.now+a.wrap, wrappedUp, ev.n, 0)
			return
		}
		r.ready(ev.n)
		return
	case wrappedUp:
		r.ready(ev.n)
		return
	case comes:
		r.come(ev.n)
		return
	case goes:
		r.goHome(ev.n)
		return
	}
	c := &r.calls[ev.n]
	if c.serial != ev.serial || c.id == "" {
		return // that call is gone
	}
	switch ev.kind {
	case givesUp:
		r.withdraw(c)
		c.queue.tally.abandoned(c.arrived, r.now)
		r.leave(ev.n, true)
	case tooLong:
		r.limit(ev.n)
	case accepts:
		r.connect(ev.n, c.firstToAccept(r.now))
	}
}

func (r *run) arrive(n int32) {
	k := r.kinds[n]
	real := k.next
	r.planArrival(n)
	var slot int32
	if l := len(r.free); l > 0 {
		slot, r.free = r.free[l-1], r.free[:l-1]
	} else {
		slot = int32(len(r.calls))
		r.calls = append(r.calls, callRun{})
	}
	r.count++
	id := number(r.count)
	c := &r.calls[slot]
	*c = callRun{id: id, serial: c.serial, kind: k, offers: c.offers[:0]}
	patience := int64(0)
	if k.Patience.given() {
		patience = max(k.Patience.draw(k.giv, r.now), 1)
	}
	c.talk, c.wrap = k.Talk.draw(k.talk, r.now), k.WrapUp.draw(k.wrap, r.now)
	if real != nil {
		override(&c.talk, real.Talk)
		override(&c.wrap, real.WrapUp)
		override(&patience, real.Patience)
	}
	if patience > 0 {
		c.patience = r.now + patience
	}
	r.byCall[id] = slot
	r.enter(slot, k.queue)
	if r.calls[slot].id != id {
		return
	}
	r.match()
	if c := &r.calls[slot]; c.id == id && c.patience > 0 {
		r.events.plan(c.patience, givesUp, slot, c.serial)
	}
}

// number writes n so that the order of the words is that of the numbers.
func number(n uint64) string {
	var buf [20]byte
	text := strconv.AppendUint(append(buf[:0], "000000000"...), n, 10)
	return string(text[max(0, min(9, len(text)-10)):])
}

func override(to *int64, real time.Duration) {
	if real >= 0 {
		*to = int64(real)
	}
}

// enter puts a call into a queue, or sends it where the queue's limits say.
func (r *run) enter(slot int32, q *queueRun) {
	c := &r.calls[slot]
	c.queue, c.arrived, c.expected = q, r.now, -1
	q.tally.arrival(r.now)
	if to, _, ok := q.Limits.SendOn(acd.Situation{Entering: true, Waiting: r.engine.Len(q.ID), Agents: q.members}); ok {
		r.overflow(slot, to)
		return
	}
	if d, ok := r.engine.ExpectNext(q.ID); ok {
		c.expected = int64(d)
	}
	err := r.engine.Enter(acd.Caller{
		ID: c.id, Queue: q.ID, Entered: r.time(r.now), Priority: c.kind.Priority, Grow: c.kind.Grow, Needs: c.kind.Needs,
	})
	if err != nil {
		panic(err) // the scenario was checked
	}
	r.planLimit(slot)
}

// planLimit plans the next moment at which the queue's limits look at a waiting call.
func (r *run) planLimit(slot int32) {
	c := &r.calls[slot]
	if wait, ok := c.queue.Limits.Next(time.Duration(r.now - c.arrived)); ok {
		r.events.plan(c.arrived+int64(wait), tooLong, slot, c.serial)
	}
}

// limit asks the queue's limits about a waiting call. A call that is being offered is left to the agent.
func (r *run) limit(slot int32) {
	c := &r.calls[slot]
	if len(c.offers) > 0 {
		return
	}
	to, _, ok := c.queue.Limits.SendOn(acd.Situation{
		Wait: time.Duration(r.now - c.arrived), Waiting: r.engine.Len(c.queue.ID) - 1, Agents: c.queue.members,
	})
	if ok {
		r.overflow(slot, to)
		return
	}
	r.planLimit(slot)
}

// maxHops ends a call that queues send each other for ever.
const maxHops = 10

func (r *run) overflow(slot int32, dest string) {
	c := &r.calls[slot]
	c.queue.tally.overflowed(c.arrived, r.now)
	r.engine.Leave(c.id)
	to, ok := strings.CutPrefix(dest, "queue:")
	if c.hops++; !ok || c.hops > maxHops || r.byQueue[to] == nil {
		r.leave(slot, false)
		return
	}
	r.enter(slot, r.byQueue[to])
}

// leave frees a call's slot.
func (r *run) leave(slot int32, waited bool) {
	c := &r.calls[slot]
	if waited {
		r.engine.NoteLeft(c.queue.ID, r.time(r.now), time.Duration(r.now-c.arrived))
	}
	r.engine.Leave(c.id)
	delete(r.byCall, c.id)
	c.id = ""
	c.serial++
	r.free = append(r.free, slot)
}

// withdraw ends the offers of a call whose caller gave up, or whom somebody else has.
func (r *run) withdraw(c *callRun) {
	for _, o := range c.offers {
		r.ready(o.agent)
	}
	c.offers = c.offers[:0]
}

// firstToAccept is the agent who says hello now; of two at the same moment, who was offered the call first.
func (c *callRun) firstToAccept(now int64) int32 {
	i := slices.IndexFunc(c.offers, func(o offering) bool { return o.until == now })
	return c.offers[i].agent
}

func (r *run) match() {
	for {
		m, ok := r.engine.Match(r.time(r.now))
		if !ok {
			return
		}
		if r.decided != nil {
			r.decided(Decision{At: time.Duration(r.now), Match: m})
		}
		r.engine.Take(m.Caller, m.Agent)
		slot, n := r.byCall[m.Caller], r.byAgent[m.Agent]
		c, a := &r.calls[slot], &r.agents[n]
		a.busy, a.since, a.offered = true, r.now, r.time(r.now)
		wait := a.group.Answer.draw(a.rng, r.now)
		c.offers = append(c.offers, offering{n, r.now + wait})
		if wait > 0 {
			r.events.plan(r.now+wait, accepts, slot, c.serial)
			continue
		}
		r.connect(slot, n)
	}
}

// connect: caller and agent talk. Others who were offered the call were not as fast.
func (r *run) connect(slot, n int32) {
	c := &r.calls[slot]
	c.offers = slices.DeleteFunc(c.offers, func(o offering) bool { return o.agent == n })
	r.withdraw(c)
	a := &r.agents[n]
	a.talking, a.connected = true, r.now
	talk, wrap := c.talk, c.wrap
	if a.group.Speed != 0 {
		talk, wrap = int64(float64(talk)/a.group.Speed), int64(float64(wrap)/a.group.Speed)
	}
	a.wrap = wrap
	a.calls++
	c.queue.tally.answered(c.arrived, r.now, talk+wrap, c.expected)
	r.events.plan(r.now+talk, talked, n, 0)
	r.leave(slot, true)
}

// Run simulates the scenario's replications and returns the figures. progress, if not nil, is told after each.
func Run(s *Scenario, progress func(done, of int)) *Result { return runAll(s, false, progress) }

// runAll is Run; the intervals' figures can be those of the callers who came in them.
func runAll(s *Scenario, byArrival bool, progress func(done, of int)) *Result {
	sum := newSummary(s)
	for i := range s.Replications {
		r := newRun(s, i, nil)
		for _, q := range r.queues {
			q.tally.byArrival = byArrival
		}
		r.simulate()
		sum.add(r)
		if progress != nil {
			progress(i+1, s.Replications)
		}
	}
	return sum.result()
}

// Decisions runs the first replication and tells every offer with its reason, in order.
func Decisions(s *Scenario, tell func(Decision)) {
	newRun(s, 0, tell).simulate()
}
