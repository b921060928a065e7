package floor

import (
	"maps"
	"slices"
	"time"

	"hotline/acd"
	"hotline/acd/said"
	"hotline/call"
	"hotline/fact"
)

// Views are the views of everything that changed since the last call of Views, and of the calls that ended.
type Views struct {
	Calls  []string // ids of the calls that were touched, ended ones too
	Agents []AgentView
	Queues []QueueView
	// Announcements are all of them when one was switched; else nil.
	Announcements []AnnouncementView
	// Closed are recordings whose files Asterisk has closed; after a restore, all that are not stored yet.
	Closed []Pending
}

// Changed gives the views of what changed since it was last called.
func (f *Floor) Changed() Views {
	v := Views{Calls: slices.Sorted(maps.Keys(f.touchedCalls))}
	for id := range f.touchedCalls {
		if c := f.s.Calls[id]; c != nil {
			for _, a := range c.Agents() {
				f.touchedAgents[a] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.touchedAgents)) {
		v.Agents = append(v.Agents, f.AgentView(id))
		for _, q := range f.queueOf[id] {
			f.touchedQueues[q] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.touchedQueues)) {
		if f.queues[id] != nil {
			v.Queues = append(v.Queues, f.QueueView(id))
		}
	}
	if f.touchedAnnouncements {
		v.Announcements, f.touchedAnnouncements = f.Announcements(), false
	}
	for _, id := range f.closed {
		if p := f.s.Pending[id]; p != nil {
			v.Closed = append(v.Closed, *p)
		}
	}
	f.closed = nil
	clear(f.touchedCalls)
	clear(f.touchedAgents)
	clear(f.touchedQueues)
	return v
}

// TouchAll makes Changed tell of everything: after a restore nobody knows what changed.
func (f *Floor) TouchAll() {
	for id := range f.s.Calls {
		f.touchedCalls[id] = true
	}
	for id := range f.s.Agents {
		f.touchedAgents[id] = true
	}
	for id := range f.queues {
		f.touchedQueues[id] = true
	}
	f.touchedAnnouncements = true
	f.closed = nil
	for _, p := range f.Pending() {
		f.closed = append(f.closed, p.Recording)
	}
}

// AllViews gives the views of every agent and queue.
func (f *Floor) AllViews() (agents []AgentView, queues []QueueView) {
	for _, id := range f.Agents() {
		agents = append(agents, f.AgentView(id))
	}
	for _, q := range f.cfg.Queues {
		queues = append(queues, f.QueueView(q.ID))
	}
	return agents, queues
}

// AgentView is one agent as others may see it.
func (f *Floor) AgentView(id string) AgentView {
	a := f.s.Agents[id]
	v := AgentView{
		Agent: a.ID, State: a.State.String(), Since: a.Since, Reason: a.Reason, Pending: a.Pending,
		Line: f.lineView(id), Desk: a.Desk, Media: f.hears(a), Leg: a.Leg != "", Phone: f.phoneView(a),
	}
	if a.Moved || a.Trained {
		v.Changed = &AgentChanged{}
		if a.Moved {
			v.Changed.Queues = append([]fact.Membership{}, a.Queues...)
		}
		if a.Trained {
			v.Changed.Skills = map[string]int{}
			maps.Copy(v.Changed.Skills, a.Skills)
		}
	}
	c := f.s.Calls[a.Call]
	switch {
	case a.State == acd.WrapUp && a.WrapUp != nil:
		w := a.WrapUp
		left := 0
		if q := f.queues[w.Queue]; q != nil {
			left = max(0, q.WrapUp.Extend-w.Extended)
		}
		last := w.Last
		v.Call = &last
		v.WrapUp = &WrapUpView{Call: w.Call, Ticket: w.Ticket, Since: w.Since, Until: w.Until, Extensions: left}
	case c == nil || !slices.Contains(c.Agents(), id):
	case c.Phase == call.Waiting:
		o := c.Visit.OfferTo(id)
		v.Offer = &OfferView{
			Offer: o.ID, Call: c.ID, Queue: c.Visit.Queue, Caller: c.Caller, Lang: c.Session.Lang, Path: c.Session.Path,
			Why: o.Reason, Because: o.Why, Via: c.Via, Entered: c.Visit.Entered, Until: o.Until, Auto: o.Auto,
			Asked: c.Asked, Answered: c.Callback != "" && c.Up,
		}
	default:
		v.Call = f.callView(c)
	}
	return v
}

func (f *Floor) callView(c *call.Call) *CallView {
	v := &CallView{
		Call: c.ID, Line: c.Line, Via: c.Via, Caller: c.Caller, Lang: c.Session.Lang, Path: c.Session.Path,
		Ticket: c.Ticket, Arrived: c.Arrived, Connected: c.Connected, Recording: c.Recording != nil, From: c.From,
		Asked: c.Asked, Dialling: c.Ringing(),
	}
	if c.Visit != nil {
		v.Queue, v.Entered = c.Visit.Queue, c.Visit.Entered
	}
	if c.Talk != nil {
		v.HeldSince = c.Talk.HeldSince
	}
	return v
}

// QueueView is one queue at this moment.
func (f *Floor) QueueView(id string) QueueView {
	v := QueueView{Queue: id, Agents: map[string]int{}, Waiting: f.waiting(id), Callbacks: f.keptIn(id)}
	if at, ok := f.longest(id); ok {
		v.Longest = at
		if why := f.hopeless[id]; why != nil {
			v.Hopeless, v.HopelessIn = why.Error(), said.InEach(why)
		}
	}
	for st, n := range f.standAt[id] {
		if n > 0 && present(acd.State(st)) {
			v.Agents[acd.State(st).String()] = n
		}
	}
	var offered map[string]bool // a call may be offered to several
	for _, a := range f.busy {  // a call may be with an agent of another queue
		switch c := f.s.Calls[a.Call]; {
		case c == nil || c.Visit == nil || c.Visit.Queue != id:
		case a.State == acd.Offered:
			if offered == nil {
				offered = map[string]bool{}
			}
			offered[c.ID] = true
		default:
			v.Talking++
		}
	}
	v.Offered = len(offered)
	return v
}

// Lines lists the live calls for the supervisor.
func (f *Floor) Lines() []CallLine {
	out := make([]CallLine, 0, len(f.s.Calls))
	for _, id := range f.Calls() {
		c := f.s.Calls[id]
		if c.Virtual() {
			continue // on the list of call backs
		}
		l := CallLine{
			Via: c.Via, Call: c.ID, Phase: c.Phase.String(), Since: c.Since, Line: c.Line, Caller: c.Caller, Agent: c.Agent(), Arrived: c.Arrived,
		}
		if c.Visit != nil && !time.Time.IsZero(c.Visit.Entered) && c.Phase != call.Menu && c.Phase != call.Message {
			l.Queue = c.Visit.Queue
		}
		out = append(out, l)
	}
	return out
}

// Phases counts the live calls by phase.
func (f *Floor) Phases() map[string]int {
	n := make(map[string]int, len(f.phases))
	for p, count := range f.phases {
		if p == call.Waiting {
			count -= f.virtual()
		}
		if count > 0 {
			n[p.String()] = count
		}
	}
	return n
}
