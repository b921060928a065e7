// Package floor is the call-centre floor: every live call, every agent and every queue at one moment, and the rules by
// which they move. An offer, an accept, a hang-up touch a call and an agent at once; here that is one step.
//
//	Input ──▶ Step ──▶ Record of facts        Step decides; each fact it decides on is applied at once by apply,
//	              └──▶ apply(fact) ──▶ Floor   which is the only writer, alike live, at start, in a standby.
//
// The package is pure: no clock, no goroutine, no network. The loop in centre owns the one live Floor.
package floor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
	"hotline/ivr"
)

// Config is the part of the configuration that decisions need. It is replaced whole by a reload.
type Config struct {
	Hash   string
	Zone   *time.Location // of the centre: tickets are numbered by its days
	Lang   string         // the centre's first language
	Lines  map[string]Line
	Queues []acd.Queue
	Agents []acd.Agent
	Book   *ivr.Book
	// Phones are the endpoints of desk phones, by agent.
	Phones map[string]string
	// NotReady are the reasons an agent may give, Teams whose quotas an agent counts in: by agent, and without one the
	// team of those who have none.
	NotReady []Reason
	Teams    map[string]string
	Callers  Callers
	// Announcements are what supervisors may switch on, and what queues tell by name. Langs are the centre's languages.
	Announcements []Announcement
	Langs         []string
	// Phrases go before the house's own words: by the names of Phrases, then by language; under "" the same in all.
	Phrases map[string]ivr.Text
	Rules   Rules
	// Callbacks are the rules of calling back; the zero value: nobody is called back.
	Callbacks Callbacks
}

// Line is a number that can be called.
type Line struct {
	Flow string
	Lang string
}

// Rules are the house's times. Every one is a setting.
type Rules struct {
	DeskGrace  time.Duration // a desk may be away so long before its agent is signed out
	MediaGrace time.Duration // a talk waits so long for the agent's audio before the caller goes back to the queue
	Message    fact.ToMessage
	Bounds     call.Bounds
}

// DefaultRules is what a configuration that says nothing gets.
func DefaultRules() Rules {
	return Rules{
		DeskGrace:  30 * time.Second,
		MediaGrace: 30 * time.Second,
		Message:    fact.ToMessage{Limit: 2 * time.Minute, Silence: 5 * time.Second},
		Bounds:     call.DefaultBounds(),
	}
}

// Floor is everything that is happening now. It is not safe for concurrent use: one loop owns it.
type Floor struct {
	cfg    *Config
	queues map[string]*acd.Queue
	engine *acd.Engine
	due    dues

	s State

	// What the last step touched, for the views.
	touchedCalls, touchedAgents, touchedQueues map[string]bool
	touchedAnnouncements                       bool
	closed                                     []string // recordings whose files were closed
	callbacksTouched                           bool

	// Derived, so that no turn looks at everything.
	phases  map[call.Phase]int
	members map[string][]string // agents by queue
	queueOf map[string][]string // queues by agent
	busy    map[string]*Agent   // those with a call or an offer
	kept    map[string]string   // queues of the call backs that wait for an agent, by call

	queueList []acd.Queue // in the order of the configuration, with their defaults

	standing map[string]acd.State // of each agent, as it is counted in the next two
	signedIn map[string]int       // how many are signed in, by queue
	standAt  map[string]headcount // how many stand how, by queue
	left     []string             // queues whose last one has left in this step
	places   map[string]place     // of those who are away, or will be: by agent
	taken    map[place]int        // and how many have each
	hopeless map[string]error     // queues whose callers nobody could ever take, and why
	looked   map[string]time.Time // when the limits looked last at a waiting call

	working string // whose deadline or match is being decided on: a callKey or agentKey
}

// State is what a checkpoint keeps: all that Apply has ever written.
type State struct {
	Seq    uint64
	At     time.Time
	Calls  map[string]*call.Call
	Agents map[string]*Agent
	// Pending are recordings that Asterisk still holds: until they are stored or lost, nothing forgets them.
	Pending map[string]*Pending
	// Ended and Net are the ids of the calls that ended last, and of the channels whose message the safety net took, so
	// that such a message is taken in once, and beside the call it belongs to.
	Ended, Net []string
	Nodes      map[string]bool // links that are up

	TicketDay   string // the day that TicketCount counts in
	TicketCount int
	TicketsLost int `json:",omitempty"` // numbers of the next day that lost records may have given
	// Flows remember each queue's recent waits, for the expected wait.
	Flows map[string]acd.Flow
	// Last is who talked last, by the caller's number.
	Last map[string]LastTalk
	// Called are the last calls of each number, in seconds of Unix time, oldest first.
	Called map[string][]int64 `json:",omitempty"`
	// On are the announcements that are switched on. Off is when a supervisor last switched one off.
	On  map[string]Switched  `json:",omitempty"`
	Off map[string]time.Time `json:",omitempty"`
	// Line are those who wait for a place to be not ready, first come first.
	Line []InLine `json:",omitempty"`
	// Callbacks are the promises that are not kept yet, by id; CallbacksOf counts the requests of a day by number.
	Callbacks   map[string]*Callback
	CallbackDay string
	CallbacksOf map[string]int
}

// Pending is one recording on its way from Asterisk into the store.
type Pending struct {
	Call, Recording, Node string
	Left, Right           string // names in Asterisk; Right is empty for a message
	Ended                 bool   // Asterisk closed the files
}

// Agent is one agent on the floor.
type Agent struct {
	ID     string
	State  acd.State
	Since  time.Time
	Reason string // of not ready
	// Pending is the not-ready reason that takes effect after wrap-up.
	Pending   string
	PendingBy string // the supervisor who said so

	// Moved and Trained: a supervisor's Queues and Skills go before the configuration's.
	Moved, Trained bool
	Queues         []fact.Membership
	Skills         map[string]int

	Desk, Media bool
	DeskLost    time.Time // when it went
	MediaLost   time.Time

	Node, Leg, Addr string // the leg in Asterisk
	Phone           string // the endpoint of the desk phone at its other end; empty: it is the browser
	LegSince        time.Time
	LegLost         time.Time // when it went, until there is another
	phoneState

	Call   string // offered, joining, talking, or in wrap-up
	WrapUp *WrapUp

	IdleSince  time.Time
	SignedIn   time.Time
	MissedRow  int // offers missed one after the other
	CallsToday int
	Busy       time.Duration
	LastOffer  time.Time
	Day        string
}

// WrapUp is the time an agent has to finish the record.
type WrapUp struct {
	Call, Queue, Ticket string
	Since, Until        time.Time
	Extended            int
	Last                CallView // what the desk goes on showing
}

// Reachable tells whether an offer could be seen and taken: desk and voice are alive.
func (a *Agent) Reachable() bool { return a.Desk && a.Voice() }

// New is an empty floor under cfg.
func New(cfg *Config) *Floor {
	f := &Floor{s: State{
		Calls: map[string]*call.Call{}, Agents: map[string]*Agent{}, Pending: map[string]*Pending{},
		Nodes: map[string]bool{}, Flows: map[string]acd.Flow{},
	}}
	f.setup(cfg)
	return f
}

// setup builds what is derived: from the configuration, and from the state that is there.
func (f *Floor) setup(cfg *Config) {
	f.cfg = cfg
	f.queues = map[string]*acd.Queue{}
	queues := make([]acd.Queue, len(cfg.Queues))
	for i, q := range cfg.Queues {
		q = q.WithDefaults()
		queues[i] = q
		f.queues[q.ID] = &q
	}
	for _, a := range cfg.Agents {
		if f.s.Agents[a.ID] == nil {
			f.s.Agents[a.ID] = &Agent{ID: a.ID, State: acd.SignedOut}
		}
	}
	f.queueList = queues
	f.standing, f.looked = map[string]acd.State{}, map[string]time.Time{}
	f.places, f.taken = map[string]place{}, map[place]int{}
	f.engine = acd.New(queues, f.arrange())
	for id, flow := range f.s.Flows {
		f.engine.SetFlow(id, flow)
	}
	f.phases, f.busy, f.kept = map[call.Phase]int{}, map[string]*Agent{}, map[string]string{}
	for _, c := range f.s.Calls {
		f.phases[c.Phase]++
		f.noteKept(c)
		if (c.Phase == call.Waiting || c.Phase == call.Joining) && !c.Away() {
			f.enter(c)
			for _, o := range c.Visit.Offers {
				f.engine.Take(c.ID, o.Agent)
			}
			if c.Visit.Accepted() != nil {
				f.engine.Accept(c.ID)
			}
		}
		f.due.put(callKey(c.ID), f.callDue(c))
	}
	for _, a := range f.s.Agents {
		f.settleAgent(a)
	}
	for id, b := range f.s.Callbacks {
		f.due.put(callbackKey(id), f.callbackDue(b))
	}
	f.touchedCalls, f.touchedAgents, f.touchedQueues = map[string]bool{}, map[string]bool{}, map[string]bool{}
	f.TouchAll()
}

// Reconfigure puts another configuration in force: places, wrap-ups and counts stay. Callers of a queue that is gone
// fall to the first queue that is left.
func (f *Floor) Reconfigure(cfg *Config) { f.due = dues{}; f.setup(cfg) }

// Seq is the number of the last record that was applied.
func (f *Floor) Seq() uint64 { return f.s.Seq }

// At is the time of the last record.
func (f *Floor) At() time.Time { return f.s.At }

// Call gives a live call, or nil. The caller must not change it.
func (f *Floor) Call(id string) *call.Call { return f.s.Calls[id] }

// Agent gives an agent of the configuration, or nil. The caller must not change it.
func (f *Floor) Agent(id string) *Agent { return f.s.Agents[id] }

// Calls gives the ids of all live calls, in order.
func (f *Floor) Calls() []string { return slices.Sorted(maps.Keys(f.s.Calls)) }

// Agents gives the ids of all agents, in order.
func (f *Floor) Agents() []string { return slices.Sorted(maps.Keys(f.s.Agents)) }

// Pending gives the recordings that are still Asterisk's and whose files are closed.
func (f *Floor) Pending() []Pending {
	var out []Pending
	for _, id := range slices.Sorted(maps.Keys(f.s.Pending)) {
		if p := f.s.Pending[id]; p.Ended {
			out = append(out, *p)
		}
	}
	return out
}

// Culprit names the call that a panic in the last Step was about, and else the deadline that it was about; both may be
// empty. It is asked of the floor that is thrown away.
func (f *Floor) Culprit(in Input) (call, due string) {
	var agent string
	switch {
	case strings.HasPrefix(f.working, callKey("")):
		return strings.TrimPrefix(f.working, callKey("")), f.working
	case f.working != "":
		agent = strings.TrimPrefix(f.working, agentKey(""))
	case CallOf(in) != "":
		return CallOf(in), ""
	default:
		agent = agentOfInput(in)
	}
	if a := f.s.Agents[agent]; a != nil && (a.State.InCall() || a.State == acd.Offered) {
		call = a.Call
	}
	return call, f.working
}

// Defuse forgets a deadline whose work cannot be done: it would come again at once. The next fact about its call or agent
// sets another.
func (f *Floor) Defuse(due string) { f.due.put(due, time.Time{}) }

// Queue gives a queue's rules, or nil.
func (f *Floor) Queue(id string) *acd.Queue { return f.queues[id] }

// rules are those of a queue; of one that a reload took away, those of the queue where its callers now wait: the first.
func (f *Floor) rules(id string) *acd.Queue {
	if q := f.queues[id]; q != nil {
		return q
	}
	return f.queues[f.cfg.Queues[0].ID]
}

// Wants is what Asterisk should hold for a live call.
func (f *Floor) Wants(id string) call.Wanted {
	c := f.s.Calls[id]
	if c == nil {
		return call.Wanted{}
	}
	w := c.Wants(f.seatOf(c))
	// Nothing stands ready for a recording that is not going to be: two snoops are half of what a call costs Asterisk.
	w.Armed = w.Armed && (c.Recording != nil || f.records(c.Visit))
	return w
}

// records tells whether talks out of the visit's queue are.
func (f *Floor) records(v *call.Visit) bool {
	if v == nil {
		return false
	}
	q := f.queues[v.Queue]
	return q != nil && !q.Recording.Off
}

// WantsLeg tells whether the agent should have a leg in Asterisk: from sign-in to sign-out, but for a desk phone that rests.
func (f *Floor) WantsLeg(agent string) bool {
	a := f.s.Agents[agent]
	return a != nil && signedIn(a) && !(a.Resting && f.PhoneOf(agent) != "")
}

// enter puts a waiting call into the engine.
func (f *Floor) enter(c *call.Call) {
	w := f.waiter(c)
	if err := f.engine.Enter(w); err != nil {
		panic(fmt.Errorf("call %s cannot enter queue %s: %w", c.ID, w.Queue, err))
	}
}

// waiter is a waiting call as the engine sees it.
func (f *Floor) waiter(c *call.Call) acd.Caller {
	v := c.Visit
	queue := v.Queue
	if f.queues[queue] == nil && len(f.cfg.Queues) > 0 {
		queue = f.cfg.Queues[0].ID
	}
	w := acd.Caller{ID: c.ID, Queue: queue, Entered: v.Since, Priority: v.Priority}
	for _, b := range v.Boosts {
		w.Boosts = append(w.Boosts, acd.Boost(b))
	}
	if q := f.queues[queue]; q != nil {
		if q.Offer.AvoidAfterMiss > 0 {
			for _, a := range v.Missed {
				w.Exclude = append(w.Exclude, acd.Exclusion{Agent: a, Until: f.s.At.Add(q.Offer.AvoidAfterMiss)})
			}
		}
		if v.Prefer != "" && !slices.Contains(v.Missed, v.Prefer) {
			w.Prefer, w.PreferUntil = v.Prefer, v.Entered.Add(q.LastAgent.Wait)
		}
	}
	return w
}

func (f *Floor) stats(a *Agent) acd.Stats {
	return acd.Stats{Calls: a.CallsToday, Busy: a.Busy, SignedIn: f.s.At.Sub(a.SignedIn), LastOffer: a.LastOffer}
}

// settleAgent tells the engine whether the agent can be offered a call.
func (f *Floor) settleAgent(a *Agent) {
	switch {
	case a.State == acd.Ready && a.Reachable():
		f.engine.Available(a.ID, a.IdleSince, f.stats(a))
	case a.State == acd.WrapUp && a.Reachable() && a.Pending == "":
		f.engine.Wrapping(a.ID, a.Since, f.stats(a))
	case a.State == acd.Ready:
		f.engine.Unavailable(a.ID, "phone not connected")
	case a.State == acd.NotReady:
		f.engine.Unavailable(a.ID, a.Reason)
	case a.State == acd.SignedOut, a.State == acd.Unknown:
		f.engine.Unavailable(a.ID, "")
	default:
		f.engine.Unavailable(a.ID, a.State.String())
	}
	f.countAgent(a)
	if a.State.InCall() || a.State == acd.Offered {
		f.busy[a.ID] = a
	} else {
		delete(f.busy, a.ID)
	}
	f.settlePlace(a)
	f.due.put(agentKey(a.ID), f.agentDue(a))
}
