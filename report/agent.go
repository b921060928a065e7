package report

import (
	"maps"
	"sort"
	"time"

	"hotline/fact"
)

// State is what an agent's time is counted under.
type State string

// The states.
const (
	SignedOut State = "signed-out"
	NotReady  State = "not-ready"
	Ready     State = "ready"
	Offered   State = "offered"
	Talking   State = "talking"
	Held      State = "held"
	WrapUp    State = "wrap-up"
)

// AgentCounts is what can be added up of an agent.
type AgentCounts struct {
	Answered  uint64 `json:"answered,omitempty"`  // visits that this agent answered
	Offers    uint64 `json:"offers,omitempty"`    // laid on the desk
	Missed    uint64 `json:"missed,omitempty"`    // not picked up
	Rejected  uint64 `json:"rejected,omitempty"`  // declined
	Withdrawn uint64 `json:"withdrawn,omitempty"` // the caller went away: no fault of the agent
	Lost      uint64 `json:"lost,omitempty"`      // the desk or its audio went away
	Broken    uint64 `json:"broken,omitempty"`    // accepted, but not joined
	Unreached uint64 `json:"unreached,omitempty"` // accepted, but the customer of a call back was not reached

	// Handling that was finished, counted whole when its wrap-up ended.
	Handled uint64        `json:"handled,omitempty"`
	Talk    time.Duration `json:"talk,omitempty"`
	Hold    time.Duration `json:"hold,omitempty"`
	WrapUp  time.Duration `json:"wrap_up,omitempty"`

	// In is time spent in each state but signed out, cut at midnight.
	In map[State]time.Duration `json:"in,omitempty"`
	// NotReady divides In[NotReady] by reason.
	NotReady map[string]time.Duration `json:"not_ready,omitempty"`
}

// SignedIn is the time from signing in to signing out.
func (c AgentCounts) SignedIn() time.Duration {
	var d time.Duration
	for _, t := range c.In {
		d += t
	}
	return d
}

// AHT is the average handle time in seconds: (talk + hold + wrap-up) / handled.
func (c AgentCounts) AHT() Figure { return meanSeconds(c.Talk+c.Hold+c.WrapUp, c.Handled) }

// Occupancy is the busy share of the time in which calls could come, from 0 to 1.
func (c AgentCounts) Occupancy() Figure {
	busy := c.In[Talking] + c.In[Held] + c.In[WrapUp]
	return figure(share(busy.Seconds(), (busy + c.In[Ready] + c.In[Offered]).Seconds()))
}

func (c AgentCounts) clone() AgentCounts {
	c.In, c.NotReady = maps.Clone(c.In), maps.Clone(c.NotReady)
	return c
}

func (c *AgentCounts) spend(s State, reason string, d time.Duration) {
	if s == SignedOut || s == "" || d <= 0 {
		return
	}
	if c.In == nil {
		c.In = map[State]time.Duration{}
	}
	c.In[s] += d
	if s == NotReady {
		if c.NotReady == nil {
			c.NotReady = map[string]time.Duration{}
		}
		c.NotReady[reason] += d
	}
}

// AgentFigures is what is shown of an agent.
type AgentFigures struct {
	Agent  string       `json:"agent"`
	State  State        `json:"state"`
	Reason string       `json:"reason,omitempty"`
	Since  time.Time    `json:"since"`
	Today  AgentSummary `json:"today"`
	Ever   AgentSummary `json:"ever"`
}

// AgentSummary is counts with the figures made of them.
type AgentSummary struct {
	AgentCounts
	SignedInTime    time.Duration `json:"signed_in"`
	AverageHandling Figure        `json:"aht"` // seconds
	OccupancyShare  Figure        `json:"occupancy"`
}

func summariseAgent(c AgentCounts) AgentSummary {
	return AgentSummary{AgentCounts: c, SignedInTime: c.SignedIn(), AverageHandling: c.AHT(), OccupancyShare: c.Occupancy()}
}

// agent is what the fold keeps of one.
type agent struct {
	State    State       `json:"state"`
	Reason   string      `json:"reason,omitempty"`
	Since    time.Time   `json:"since"`
	Ever     AgentCounts `json:"ever"`
	Today    AgentCounts `json:"today"`
	Day      string      `json:"day"` // Today's date
	Handling *handling   `json:"handling,omitempty"`
}

// handling is a talk that ended, until its wrap-up has.
type handling struct {
	Call   string        `json:"call"`
	Queue  string        `json:"queue"`
	Talk   time.Duration `json:"talk"`
	Hold   time.Duration `json:"hold"`
	WrapUp time.Duration `json:"wrap_up"`
}

// add counts something today and ever.
func (a *agent) add(day string, change func(*AgentCounts)) {
	a.turn(day)
	change(&a.Ever)
	change(&a.Today)
}

func (a *agent) turn(day string) {
	if a.Day != day {
		a.Day, a.Today = day, AgentCounts{}
	}
}

// spendUntil counts the time since the last change, of which only the part after midnight is today's.
func (f *Fold) spendUntil(a *agent, at time.Time) {
	a.turn(f.day(at))
	if at.After(a.Since) {
		a.Ever.spend(a.State, a.Reason, at.Sub(a.Since))
		from := a.Since
		if m := f.midnight(at); from.Before(m) {
			from = m
		}
		a.Today.spend(a.State, a.Reason, at.Sub(from))
		a.Since = at
	}
}

func (f *Fold) move(name string, to State, reason string, at time.Time) {
	a := f.agent(name)
	if a.State != SignedOut && a.State != "" {
		f.spendUntil(a, at)
	}
	a.State, a.Reason, a.Since = to, reason, at
}

func (f *Fold) agent(name string) *agent {
	a := f.s.Agents[name]
	if a == nil {
		a = &agent{State: SignedOut}
		f.s.Agents[name] = a
	}
	return a
}

func (f *Fold) agentFact(x fact.Fact, at time.Time) {
	switch x := x.(type) {
	case fact.AgentSignedIn:
		f.move(x.Agent, NotReady, "signed-in", at)
	case fact.AgentSignedOut:
		f.move(x.Agent, SignedOut, "", at)
	case fact.AgentReady:
		f.move(x.Agent, Ready, "", at)
	case fact.AgentReleased:
		f.move(x.Agent, Ready, "", at)
	case fact.AgentNotReady:
		f.move(x.Agent, NotReady, x.Reason, at)
	case fact.Offered:
		f.move(x.Agent, Offered, "", at)
		f.agent(x.Agent).add(f.day(at), func(c *AgentCounts) { c.Offers++ })
	case fact.OfferEnded:
		if x.Result != fact.OfferAccepted { // accepted: offered until the talk begins
			f.move(x.Agent, Ready, "", at)
		}
		f.agent(x.Agent).add(f.day(at), func(c *AgentCounts) { c.offerEnded(x.Result) })
	case fact.VisitEnded:
		if x.Outcome == fact.Answered && x.Agent != "" {
			f.agent(x.Agent).add(f.day(at), func(c *AgentCounts) { c.Answered++ })
		}
	case fact.TalkBegan:
		f.move(x.Agent, Talking, "", at)
	case fact.TalkHeld:
		f.move(x.Agent, Held, "", at)
	case fact.TalkRetrieved:
		f.move(x.Agent, Talking, "", at)
	case fact.TalkEnded:
		f.move(x.Agent, Ready, "", at) // unless the wrap-up begins with it, or not ready does
	case fact.WrapUpBegan:
		f.move(x.Agent, WrapUp, "", at)
	case fact.WrapUpEnded:
		f.move(x.Agent, Ready, "", at) // what else was decided follows in the same record
	}
}

func (c *AgentCounts) offerEnded(r fact.OfferResult) {
	switch r {
	case fact.OfferMissed:
		c.Missed++
	case fact.OfferRejected:
		c.Rejected++
	case fact.OfferWithdrawn:
		c.Withdrawn++
	case fact.OfferLost:
		c.Lost++
	case fact.OfferFailed:
		c.Broken++
	case fact.OfferUnreached:
		c.Unreached++
	case fact.OfferAccepted: // counted as answered when the visit ends so
	}
}

// Agent gives an agent's figures at a moment not before the last record: the running state's time is in them.
func (f *Fold) Agent(name string, now time.Time) AgentFigures {
	a := agent{State: SignedOut}
	if known := f.s.Agents[name]; known != nil {
		a = *known
		a.Ever, a.Today = a.Ever.clone(), a.Today.clone()
	}
	out := AgentFigures{Agent: name, State: a.State, Reason: a.Reason, Since: a.Since}
	f.spendUntil(&a, now)
	out.Today, out.Ever = summariseAgent(a.Today), summariseAgent(a.Ever)
	return out
}

// Agents lists the agents of whom something is known, sorted.
func (f *Fold) Agents() []string {
	names := make([]string, 0, len(f.s.Agents))
	for name := range f.s.Agents {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
