package floor

import (
	"fmt"
	"slices"
	"time"

	"hotline/acd"
	"hotline/fact"
)

// The ledger is what the model check judges by: it knows nothing of the floor, reads only the facts, and says what may
// follow what. What a promise to call back may do is in ledger_promise_test.go.

// ledger is the reference: it follows facts, and says when one cannot be true.
type ledger struct {
	calls  map[string]*callPage
	agents map[string]*agentPage
	offers map[string]string // offer → result
	visits map[string]fact.Outcome
	talked map[string]string // number → who talked with it last
	// several is how many offers of one call a queue may have on desks at once.
	several map[string]int
	queues  map[string][]string // of each agent, where a supervisor said so
	quota   map[string]int      // so many of a team may be away for a reason
	teams   map[string]string   // of the agents
	line    []InLine            // who waits to be let go
	on      map[string]bool     // announcements
	named   map[string]string   // number → the agent whom the caller's list names
	asked   map[string]string   // call → the agent a transfer asked for
	// promises are the call backs, by id; keeping is the promise that an attempt is to keep.
	promises map[string]*promisePage
	keeping  map[string]*promisePage
	rules    Callbacks
	at       time.Time
}

type promisePage struct {
	number       string
	asking, live string // the call that asked, and the attempt under way
	since        time.Time
	at, expires  time.Time
	tries        int
	dialled      bool // the attempt is
	result       fact.CallbackResult
}

type callPage struct {
	ended          bool
	number         string            // empty: withheld or unknown
	visit          string            // open visit
	offers         map[string]string // open ones: offer → agent
	accepted       string            // the one that was
	talk, talker   string
	held           bool
	message        string
	closing        bool
	entered        time.Time
	visits, talked int
	up, promised   bool
	announced      []string
}

type agentPage struct {
	in      string // signed-out, not-ready, ready, offered, talk, wrap-up
	call    string
	reason  string // of not-ready
	pending string // the reason for which the agent will be not ready after the call
}

// away is the reason that the agent takes a place for; empty: none.
func (a *agentPage) away() string {
	switch {
	case a.pending != "":
		return a.pending
	case a.in == "not-ready":
		return a.reason
	}
	return ""
}

func newLedger(cfg *Config) *ledger {
	several := map[string]int{}
	for _, q := range cfg.Queues {
		several[q.ID] = 1
		if q.Select == acd.RingSeveral {
			several[q.ID] = q.WithDefaults().Offer.Several
		}
	}
	quota := map[string]int{}
	for _, r := range cfg.NotReady {
		quota[r.Name] = r.AtOnce
	}
	named := map[string]string{}
	for number, i := range cfg.Callers.Numbers {
		named[number] = cfg.Callers.Lists[i].Agent
	}
	return &ledger{on: map[string]bool{}, rules: cfg.Callbacks, promises: map[string]*promisePage{}, keeping: map[string]*promisePage{}, named: named, quota: quota, teams: cfg.Teams, several: several, queues: map[string][]string{}, asked: map[string]string{}, calls: map[string]*callPage{}, agents: map[string]*agentPage{}, offers: map[string]string{}, visits: map[string]fact.Outcome{}, talked: map[string]string{}}
}

func (l *ledger) agent(id string) *agentPage {
	a := l.agents[id]
	if a == nil {
		a = &agentPage{in: "signed-out"}
		l.agents[id] = a
	}
	return a
}

// read takes one record. An error says which fact cannot be.
func (l *ledger) read(r fact.Record) (err error) {
	if r.At.Before(l.at) {
		return fmt.Errorf("time went backwards: %s after %s", r.At, l.at)
	}
	l.at = r.At
	for i, f := range r.Facts {
		if err := l.fact(f, r.At); err != nil {
			return fmt.Errorf("fact %d, %s %+v: %w", i, f.Kind(), f, err)
		}
	}
	return nil
}

func (l *ledger) fact(f fact.Fact, at time.Time) error {
	if id := callOf(f); id != "" {
		c := l.calls[id]
		if _, arrives := f.(fact.CallArrived); arrives != (c == nil) {
			return fmt.Errorf("a call arrives once, and before all else")
		}
		if c != nil && c.ended {
			return fmt.Errorf("the call has ended")
		}
	}
	if err := l.promise(f, at); err != nil {
		return err
	}
	switch f := f.(type) {
	case fact.CallArrived:
		l.calls[f.Call] = &callPage{offers: map[string]string{}}
		if !f.Caller.Withheld {
			l.calls[f.Call].number = f.Caller.Number
		}
	case fact.AnnouncementSwitched:
		if on, was := f.On, l.on[f.Announcement]; on == was {
			return fmt.Errorf("switched to what it is")
		}
		l.on[f.Announcement] = f.On
	case fact.FlowStepped:
		return l.announced(f.Call, f.Announced)
	case fact.WaitTold:
		return l.announced(f.Call, f.Announced)
	case fact.VisitBegan:
		c := l.calls[f.Call]
		if _, known := l.visits[f.Visit]; known || c.visit != "" || c.talk != "" || c.closing {
			return fmt.Errorf("another visit, or a talk, is open: %+v", c)
		}
		if f.Prefer != "" && (c.number == "" || l.talked[c.number] != f.Prefer && l.named[c.number] != f.Prefer || l.agent(f.Prefer).in == "signed-out") {
			return fmt.Errorf("%s does not know the caller %q, or is not there", f.Prefer, c.number)
		}
		if len(f.Boosts) > 0 && c.number == "" {
			return fmt.Errorf("who has no number goes before others: %+v", f.Boosts)
		}
		if f.Since.After(at) {
			return fmt.Errorf("a place from the future")
		}
		if b := l.keeping[f.Call]; b != nil && f.Callback != "" && !f.Since.Equal(b.since) {
			return fmt.Errorf("the place was %s", b.since)
		}
		l.visits[f.Visit], c.visit, c.entered, l.asked[f.Call] = "", f.Visit, at, f.Agent
		c.visits++
	case fact.Offered:
		c, a := l.calls[f.Call], l.agent(f.Agent)
		if c.visit != f.Visit || c.accepted != "" || a.in != "ready" || len(c.offers) >= l.several[f.Queue] {
			return fmt.Errorf("offered while the call is %+v and the agent %+v", c, a)
		}
		if q, moved := l.queues[f.Agent]; moved && !slices.Contains(q, f.Queue) && l.asked[f.Call] != f.Agent {
			return fmt.Errorf("%s takes the calls of %v only", f.Agent, q)
		}
		if _, again := l.offers[f.Offer]; again {
			return fmt.Errorf("an offer of that id was made before")
		}
		c.offers[f.Offer], l.offers[f.Offer] = f.Agent, ""
		a.in, a.call = "offered", f.Call
	case fact.OfferEnded:
		c, a := l.calls[f.Call], l.agent(f.Agent)
		if c.offers[f.Offer] != f.Agent || a.in != "offered" || a.call != f.Call {
			return fmt.Errorf("there is no such offer: call %+v, agent %+v", c, a)
		}
		switch f.Result {
		case fact.OfferAccepted:
			if c.accepted != "" {
				return fmt.Errorf("accepted twice")
			}
			c.accepted = f.Offer
			return nil
		case fact.OfferMissed, fact.OfferRejected:
			if c.accepted != "" {
				return fmt.Errorf("missed after one was accepted")
			}
		}
		if c.accepted == f.Offer {
			c.accepted = ""
		}
		delete(c.offers, f.Offer)
		a.in, a.call = "ready", ""
	case fact.TalkBegan:
		c, a := l.calls[f.Call], l.agent(f.Agent)
		if c.accepted == "" || c.offers[c.accepted] != f.Agent || len(c.offers) != 1 || c.talk != "" || a.in != "offered" || f.Ticket == "" {
			return fmt.Errorf("talks while the call is %+v and the agent %+v", c, a)
		}
		if l.keeping[f.Call] != nil && !c.up {
			return fmt.Errorf("talks with a customer who has not answered")
		}
		clear(c.offers)
		c.accepted, c.talk, c.talker, c.held = "", f.Talk, f.Agent, false
		c.talked++
		a.in = "talk"
	case fact.VisitEnded:
		c := l.calls[f.Call]
		if c.visit != f.Visit || l.visits[f.Visit] != "" || len(c.offers) > 0 {
			return fmt.Errorf("this visit cannot end now: %+v", c)
		}
		if (f.Outcome == fact.Answered) != (c.talk != "") {
			return fmt.Errorf("outcome %s with talk %q", f.Outcome, c.talk)
		}
		if (f.Outcome == fact.Callback) != c.promised {
			return fmt.Errorf("outcome %s, promised %v", f.Outcome, c.promised)
		}
		if f.Waited != at.Sub(c.entered) {
			return fmt.Errorf("waited %s, not %s", at.Sub(c.entered), f.Waited)
		}
		l.visits[f.Visit], c.visit = f.Outcome, ""
	case fact.TalkHeld:
		c := l.calls[f.Call]
		if c.talk != f.Talk || c.held {
			return fmt.Errorf("held while %+v", c)
		}
		c.held = true
	case fact.TalkRetrieved:
		c := l.calls[f.Call]
		if c.talk != f.Talk || !c.held {
			return fmt.Errorf("retrieved while %+v", c)
		}
		c.held = false
	case fact.TalkEnded:
		c, a := l.calls[f.Call], l.agent(f.Agent)
		if c.talk != f.Talk || c.talker != f.Agent || a.in != "talk" || f.Talked < 0 || f.Held < 0 {
			return fmt.Errorf("no such talk: %+v", c)
		}
		c.talk, c.talker, a.in = "", "", "wrap-up?"
		if c.number != "" {
			l.talked[c.number] = f.Agent
		}
	case fact.WrapUpBegan:
		a := l.agent(f.Agent)
		if a.in != "wrap-up?" {
			return fmt.Errorf("wraps up while %s", a.in)
		}
		a.in, a.call = "wrap-up", ""
	case fact.WrapUpEnded:
		a := l.agent(f.Agent)
		if a.in != "wrap-up" || f.Lasted < 0 {
			return fmt.Errorf("ends a wrap-up while %s", a.in)
		}
		a.in = "ready"
		if f.How == "signed-out" { // "interrupted" is followed by an offer
			a.in = "leaving"
		}
	case fact.AgentSignedIn:
		a := l.agent(f.Agent)
		if a.in != "signed-out" {
			return fmt.Errorf("signs in while %s", a.in)
		}
		a.in, a.reason = "not-ready", "signed-in"
	case fact.AgentSignedOut:
		a := l.agent(f.Agent)
		if a.in != "not-ready" && a.in != "ready" && a.in != "leaving" {
			return fmt.Errorf("signs out while %s", a.in)
		}
		a.in, a.pending = "signed-out", ""
		l.leave(f.Agent)
	case fact.AgentReady:
		a := l.agent(f.Agent)
		if a.in != "not-ready" {
			return fmt.Errorf("ready while %s", a.in)
		}
		a.in = "ready"
		l.leave(f.Agent)
	case fact.AgentNotReady:
		a := l.agent(f.Agent)
		if a.in != "ready" && a.in != "not-ready" && a.in != "leaving" {
			return fmt.Errorf("not ready while %s", a.in)
		}
		if err := l.goAway(f.Agent, f.Reason, f.By); err != nil {
			return err
		}
		a.in, a.reason, a.pending = "not-ready", f.Reason, ""
	case fact.AgentPending:
		a := l.agent(f.Agent)
		if a.in == "signed-out" || f.Reason != "" && (a.in == "ready" || a.in == "not-ready") {
			return fmt.Errorf("wants to be away later while %s", a.in)
		}
		if f.Reason != "" {
			if err := l.goAway(f.Agent, f.Reason, f.By); err != nil {
				return err
			}
		}
		l.leave(f.Agent)
		a.pending = f.Reason
	case fact.AgentInLine:
		l.leave(f.Agent)
		if f.Reason == "" {
			break
		}
		if a := l.agent(f.Agent); a.in == "signed-out" || a.pending != "" || l.free(f.Agent, f.Reason) {
			return fmt.Errorf("stands in line while %+v, in front of an empty place", a)
		}
		l.line = append(l.line, InLine{Agent: f.Agent, Reason: f.Reason})
	case fact.AgentQueuesSet:
		delete(l.queues, f.Agent)
		if !f.Reset {
			l.queues[f.Agent] = []string{}
			for _, m := range f.Queues {
				l.queues[f.Agent] = append(l.queues[f.Agent], m.Queue)
			}
		}
	case fact.MessageBegan:
		c := l.calls[f.Call]
		if c.message != "" || c.visit != "" || c.talk != "" {
			return fmt.Errorf("records a message while %+v", c)
		}
		c.message = f.Message
	case fact.MessageEnded:
		c := l.calls[f.Call]
		if c.message != f.Message {
			return fmt.Errorf("no such message: %+v", c)
		}
		c.message = ""
	case fact.CallClosing:
		l.calls[f.Call].closing = true
	case fact.CallEnded:
		c := l.calls[f.Call]
		if c.visit != "" || len(c.offers) > 0 || c.talk != "" || c.message != "" {
			return fmt.Errorf("something of the call is open: %+v", c)
		}
		c.ended = true
	}
	return nil
}
