package floor

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// The model check: the floor under random inputs in any order, likely ones and absurd ones, with the process killed at
// any step. It is judged by a ledger that knows nothing of the floor: it reads only the facts, and says what may follow
// what.

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

// promise follows the call backs.
func (l *ledger) promise(f fact.Fact, at time.Time) error {
	switch f := f.(type) {
	case fact.CallAnswered:
		if b := l.keeping[f.Call]; b != nil && !b.dialled {
			return fmt.Errorf("answered before it was dialled")
		}
		l.calls[f.Call].up = true
	case fact.CallbackRequested:
		today := 0
		for _, b := range l.promises {
			if b.number == f.Number && b.result == "" {
				return fmt.Errorf("the number has one already")
			}
			if b.number == f.Number && b.at.Format(time.DateOnly) == at.Format(time.DateOnly) {
				today++
			}
		}
		if _, twice := l.promises[f.Callback]; twice || today >= l.rules.PerDay || l.calls[f.Call].visit != f.Visit {
			return fmt.Errorf("promised twice, too often (%d) or without a wait", today)
		}
		l.calls[f.Call].promised = true
		l.promises[f.Callback] = &promisePage{number: f.Number, asking: f.Call, since: f.Since, at: at, expires: f.Expires}
	case fact.CallbackRefused:
		if f.Why == fact.RefusedOpen {
			if b := l.promises[f.Callback]; b == nil || b.result != "" {
				return fmt.Errorf("no such promise is open")
			}
			l.calls[f.Call].promised = true
		}
	case fact.CallbackTried:
		b := l.promises[f.Callback]
		switch {
		case b == nil || b.result != "" || b.live != "":
			return fmt.Errorf("the promise is kept, gone, or being tried already: %+v", b)
		case !l.calls[b.asking].ended:
			return fmt.Errorf("the customer is on the line still")
		case !at.Before(b.expires):
			return fmt.Errorf("expired")
		}
		b.live, b.dialled, l.keeping[f.Call] = f.Call, false, b
	case fact.CallbackDialled:
		b := l.keeping[f.Call]
		if b == nil || b.result != "" || b.live != f.Call || b.dialled {
			return fmt.Errorf("not to be dialled: %+v", b)
		}
		b.dialled = true
	case fact.CallbackPostponed:
		b := l.promises[f.Callback]
		if b == nil || b.result != "" || b.live != f.Call || f.Dialled != (b.live != "" && b.dialled) || f.Next.Before(at) || f.Next.After(latest(at, b.expires)) {
			return fmt.Errorf("cannot be put off: %+v", b)
		}
		if f.Dialled {
			b.tries++
		}
		b.live, b.dialled = "", false
	case fact.CallbackEnded:
		b := l.promises[f.Callback]
		if b == nil || b.result != "" {
			return fmt.Errorf("no such promise is open")
		}
		talks := b.live != "" && l.calls[b.live].talk != ""
		switch f.Result {
		case fact.CallbackReached:
			b.tries++
			if !talks {
				return fmt.Errorf("nobody talks")
			}
		case fact.CallbackExpired:
			if at.Before(b.expires) {
				return fmt.Errorf("it is good until %s", b.expires)
			}
		case fact.CallbackUnreached:
			if b.tries == 0 || b.tries > l.rules.Times+1 {
				return fmt.Errorf("after %d tries", b.tries)
			}
		}
		if (f.Result == fact.CallbackReached) != talks || f.Waited != at.Sub(b.at) || f.Tries != b.tries {
			return fmt.Errorf("ended otherwise: %+v", b)
		}
		b.result = f.Result
	}
	return nil
}

// agrees compares the ledger's pages with the floor.
func (l *ledger) agrees(f *Floor) error {
	for _, id := range f.Calls() {
		c, p := f.Call(id), l.calls[id]
		if p == nil || p.ended {
			return fmt.Errorf("call %s is on the floor but not in the ledger", id)
		}
		if got := c.Talk != nil; got != (p.talk != "") {
			return fmt.Errorf("call %s: talk %v, ledger %+v", id, got, p)
		}
	}
	live := 0
	for _, p := range l.calls {
		if !p.ended {
			live++
		}
	}
	if live != len(f.Calls()) {
		return fmt.Errorf("%d calls in the ledger, %d on the floor", live, len(f.Calls()))
	}
	for i, w := range l.line {
		if len(f.s.Line) <= i || f.s.Line[i].Agent != w.Agent || f.s.Line[i].Reason != w.Reason {
			return fmt.Errorf("in line are %+v, in the ledger %+v", f.s.Line, l.line)
		}
		if l.free(w.Agent, w.Reason) {
			return fmt.Errorf("%s is in line for %s while a place is free", w.Agent, w.Reason)
		}
	}
	open := 0
	for id, b := range l.promises {
		if b.result == "" {
			open++
			if x := f.s.Callbacks[id]; x == nil || x.Live != b.live || x.Tries != b.tries {
				return fmt.Errorf("call back %s is %+v, in the ledger %+v", id, x, b)
			}
		}
	}
	if open != len(f.s.Callbacks) {
		return fmt.Errorf("%d call backs in the ledger, %d on the floor", open, len(f.s.Callbacks))
	}
	on := map[string]string{}
	for _, id := range f.Agents() {
		a, p := f.Agent(id), l.agent(id)
		word := map[acd.State]string{
			acd.SignedOut: "signed-out", acd.NotReady: "not-ready", acd.Ready: "ready", acd.Offered: "offered",
			acd.Talking: "talk", acd.Held: "talk", acd.WrapUp: "wrap-up",
		}[a.State]
		if got := a.Pending; got != p.pending {
			return fmt.Errorf("agent %s will be away for %q, in the ledger for %q", id, got, p.pending)
		}
		if word != p.in {
			return fmt.Errorf("agent %s is %s, in the ledger %s", id, a.State, p.in)
		}
		switch a.State {
		case acd.Offered, acd.Talking, acd.Held:
			c := f.Call(a.Call)
			if c == nil || !slices.Contains(c.Agents(), id) {
				return fmt.Errorf("agent %s is %s on call %q, which does not know it", id, a.State, a.Call)
			}
			if other, taken := on[a.Call]; taken && c.Phase != call.Waiting {
				return fmt.Errorf("agents %s and %s are both on call %s", id, other, a.Call)
			}
			on[a.Call] = id
		case acd.WrapUp:
			if a.WrapUp == nil || a.WrapUp.Until.IsZero() {
				return fmt.Errorf("agent %s has no way out of wrap-up", id)
			}
		}
	}
	return nil
}

// stuck says which call or agent has neither a deadline nor anything outside to wait for.
func stuck(f *Floor) error {
	for _, id := range f.Calls() {
		c := f.Call(id)
		due := !f.callDue(c).IsZero()
		switch c.Phase {
		case call.Menu, call.Joining, call.Message, call.Closing:
			if !due && (c.Turn.Exit == nil || len(c.Saying) == 0) {
				return fmt.Errorf("call %s stays in %s for ever: %+v", id, c.Phase, c.Turn)
			}
		case call.Waiting:
			if (len(c.Visit.Offers) > 0 || c.Visit.Asking != nil || c.Away()) && !due {
				return fmt.Errorf("call %s: an offer, a question or a ringing that never ends", id)
			}
		}
	}
	for id, b := range f.s.Callbacks {
		if c := f.s.Calls[b.Live]; f.callbackDue(b).IsZero() && (c == nil || c.Virtual()) {
			return fmt.Errorf("call back %s is forgotten", id)
		}
	}
	return nil
}

// idle finds a ready, reachable agent beside a waiting caller whom the agent suits right now.
func idle(f *Floor) error {
	var held []*call.Call
	defer func() {
		for _, c := range held {
			f.enter(c)
		}
	}()
	for {
		m, ok := f.engine.Match(f.At())
		if !ok {
			return nil
		}
		c := f.s.Calls[m.Caller]
		if !c.Virtual() || f.firstOf(c.Visit.Queue) != FirstCustomer || f.mayDial(c) {
			return fmt.Errorf("%s waits while %s is free", m.Caller, m.Agent)
		}
		f.engine.Leave(c.ID) // the agent is spoken for by a customer who is being dialled
		held = append(held, c)
	}
}

// dice choose what happens: rapid's, which shrink a failure to its core, or a plain seeded source, which is fast.
type dice interface{ roll(n int, what string) int }

type rapidDice struct{ t *rapid.T }

func (d rapidDice) roll(n int, what string) int { return rapid.IntRange(0, n-1).Draw(d.t, what) }

type seededDice struct{ r *rand.Rand }

func (d seededDice) roll(n int, _ string) int { return d.r.IntN(n) }

func pick(d dice, from []string, what string) string { return from[d.roll(len(from), what)] }

var (
	callIDs  = []string{"c1", "c2", "c3", "c4"}
	agentIDs = []string{"li", "wang", "zhao", "sun"}
	keys     = []string{"1", "2", "3", "4", "9", "9", "*", "#"}
	commands = []string{"ready", "ready", "not-ready", "sign-out", "accept", "accept", "reject", "hold", "retrieve", "end", "transfer", "wrap-up-done", "wrap-up-more", "set-queues", "set-queues", "set-skills",
		"use-phone", "use-browser", "ring-phone"}
)

// anInput draws one: as often as not what would come next in a good world, else anything.
func anInput(d dice, f *Floor, n int) Input {
	if d.roll(2, "good world") == 0 {
		if in := likely(d, f); in != nil {
			return in
		}
	}
	return anything(d, f, n)
}

// likely is what would come next for some agent or some call.
func likely(d dice, f *Floor) Input {
	a := f.Agent(pick(d, agentIDs, "agent"))
	switch {
	case !a.Desk:
		return Desk{Agent: a.ID, Up: true}
	case !a.Media:
		return Media{Agent: a.ID, Up: true}
	case a.Leg == "" && f.PhoneOf(a.ID) != "":
		return LegUp{Agent: a.ID, Node: "a", Leg: "leg-" + a.ID, Phone: f.PhoneOf(a.ID)}
	case a.Leg == "":
		return LegUp{Agent: a.ID, Node: "a", Leg: "leg-" + a.ID, Addr: "127.0.0.1:1"}
	case a.State == acd.NotReady:
		return Command{Agent: a.ID, Do: "ready"}
	case a.State == acd.Offered && d.roll(2, "accept") == 0:
		return Command{Agent: a.ID, Do: "accept"}
	}
	ids := f.Calls()
	if len(ids) == 0 {
		return nil
	}
	c := f.Call(pick(d, ids, "call"))
	switch {
	case c.Virtual():
		return nil
	case c.Ringing() && c.Live() && c.Phase != call.Closing:
		if d.roll(2, "picks up") == 0 {
			return Answered{Call: c.ID}
		}
		return Gone{Call: c.ID, Cause: 17}
	case c.Phase == call.Waiting && c.Visit.Asking != nil:
		return Key{Call: c.ID, Digit: pick(d, []string{"1", "1", "2", "#", "*"}, "answer")}
	}
	switch c.Phase {
	case call.Waiting:
		return Key{Call: c.ID, Digit: "9"}
	case call.Menu:
		if len(c.Saying) > 0 {
			return Spoken{Call: c.ID, Prompt: c.Prompt}
		}
		return Key{Call: c.ID, Digit: pick(d, []string{"1", "2"}, "key")}
	case call.Joining:
		return Joined{Call: c.ID, Offer: c.Visit.Accepted().ID}
	case call.Talking, call.Held:
		do := pick(d, []string{"hold", "retrieve", "transfer", "end", ""}, "do")
		if do == "" {
			return Gone{Call: c.ID}
		}
		return Command{Agent: c.Talk.Agent, Do: do, ToAgent: map[string]string{"transfer": pick(d, agentIDs, "to")}[do]}
	case call.Message:
		return Recorded{Call: c.ID, Message: c.Message.ID, Duration: 5 * time.Second}
	case call.Closing:
		return Gone{Call: c.ID}
	}
	return nil
}

// anything may come at any time.
func anything(d dice, f *Floor, n int) Input {
	callID := pick(d, callIDs, "call")
	for _, id := range f.Calls() { // the latest call of that name, if it lives
		if strings.HasPrefix(id, callID+"-") {
			callID = id
		}
	}
	if ids := f.Calls(); len(ids) > 0 && d.roll(3, "an attempt") == 0 {
		if id := pick(d, ids, "live"); strings.HasPrefix(id, "cb-") {
			callID = id
		}
	}
	agent := pick(d, agentIDs, "agent")
	c := f.Call(callID)
	kind := d.roll(25, "kind")
	if c == nil && kind < 10 {
		line := pick(d, []string{"1", "1", "1", "2", "3", "9"}, "line")
		caller := fact.Party{Number: pick(d, []string{"", "1", "2"}, "number"), Withheld: d.roll(5, "withheld") == 0}
		return Arrived{Channel: fmt.Sprintf("%s-%d", callID, n), Node: "a", Line: line, Via: "sip", Caller: caller}
	}
	offer := "none"
	if c != nil && c.Visit != nil && len(c.Visit.Offers) > 0 {
		offer = c.Visit.Offers[d.roll(len(c.Visit.Offers), "offer")].ID
	}
	if kind < 10 && f.Agent(agent).State == acd.SignedOut {
		return Desk{Agent: agent, Up: true}
	}
	switch kind {
	case 0:
		return Answered{Call: callID}
	case 1, 2:
		return Key{Call: callID, Digit: pick(d, keys, "key")}
	case 3, 4, 5:
		prompt := d.roll(4, "prompt")
		if c != nil && prompt > 0 {
			prompt = c.Prompt
		}
		return Spoken{Call: callID, Prompt: prompt}
	case 6:
		return Gone{Call: callID}
	case 7, 8:
		return Joined{Call: callID, Offer: offer}
	case 9:
		return JoinFailed{Call: callID, Offer: offer}
	case 10:
		return LookedUp{Call: callID, Found: d.roll(2, "found") == 1, Vars: map[string]string{"ticket.spoken": "done"}}
	case 11:
		msg := callID + "-m1"
		return Recorded{Call: callID, Message: msg, Duration: 5 * time.Second, Empty: d.roll(2, "empty") == 1}
	case 12:
		return CannotServe{Call: callID, Why: "test"}
	case 13:
		return Desk{Agent: agent, Up: d.roll(4, "up") > 0}
	case 14:
		return Media{Agent: agent, Up: d.roll(4, "up") > 0}
	case 15:
		return LegUp{Agent: agent, Node: "a", Leg: "leg-" + agent, Addr: "127.0.0.1:1"}
	case 16:
		return LegDown{Agent: agent, Leg: "leg-" + agent, HungUp: d.roll(2, "hung up") == 1}
	case 17:
		return HangUp{Call: callID}
	case 18:
		if d.roll(2, "announce") == 0 {
			return Announce{Name: pick(d, []string{"outage", "queue", "nothing"}, "announcement"), On: d.roll(2, "on") == 0, By: "boss"}
		}
		return Started{}
	case 19:
		return Unanswered{Agent: agent, Phone: pick(d, []string{"PJSIP/1001", "PJSIP/1002"}, "phone"), Why: "busy"}
	default:
		cmd := Command{Agent: agent, Do: pick(d, commands, "do"), Reason: pick(d, []string{"break", "break", "meal", ""}, "reason")}
		if cmd.Do == "transfer" {
			if d.roll(2, "to agent") == 1 {
				cmd.ToAgent = pick(d, agentIDs, "to")
			} else {
				cmd.ToQueue = pick(d, []string{"consult", "other", "nowhere"}, "to")
			}
		}
		if d.roll(3, "by a supervisor") == 0 || strings.HasPrefix(cmd.Do, "set-") {
			cmd.By, cmd.Reset = "boss", d.roll(4, "reset") == 0
			for _, q := range []string{"consult", "other"} {
				if d.roll(3, "member") > 0 {
					cmd.Queues = append(cmd.Queues, fact.Membership{Queue: q, Order: d.roll(3, "order")})
				}
			}
			cmd.Skills = map[string]int{"consult": 1 + d.roll(4, "level")}
		}
		return cmd
	}
}

// stepsInARun: 20,000 runs are more than a million steps.
const stepsInARun = 60

// rules is the house with every rule in use, and the same one after a reload that took a queue away.
func rules(t testing.TB) []*Config {
	full := house(t)
	full.NotReady = []Reason{{Name: "break", AtOnce: 1}, {Name: "meal", AtOnce: 2}}
	full.Teams = map[string]string{"li": "day", "wang": "day", "zhao": "day"}
	consult, other := &full.Queues[0], &full.Queues[1]
	consult.LastAgent = acd.LastAgent{Within: time.Hour, Wait: 20 * time.Second}
	consult.Offer.DuringWrapUp = true
	consult.Select, consult.Offer.Several = acd.RingSeveral, 2
	consult.Limits = acd.Limits{
		Waiting: 2, Wait: 2 * time.Minute, When: map[string]string{"full": "queue:other", "wait": "callback", "nobody": "message"},
		Overflow: []acd.OverflowRule{{Wait: 40 * time.Second, AgentsBelow: 2, To: "queue:other"}, {Waiting: 1, AgentsBelow: 1, To: "end"}},
	}
	consult.Wait.Keys = map[string]string{"2": "message", "3": "queue:other", "4": "end", "9": "callback"}
	other.Wait.Keys = map[string]string{"9": "callback"}
	other.Callback.First = FirstCustomer
	full.Callbacks = callingBack()
	full.Callbacks.PerDay, full.Callbacks.Expires = 3, 3*time.Minute
	full.Callbacks.Times, full.Callbacks.After = 1, []time.Duration{10 * time.Second}
	other.LastAgent = acd.LastAgent{Within: time.Minute}
	other.Limits = acd.Limits{Waiting: 1, Wait: time.Minute, When: map[string]string{"full": "queue:consult", "wait": "queue:consult"}}
	full.Callers = Callers{
		Lists:   []CallerList{{Name: "gold", Priority: 900, Queue: "other", Agent: "zhao"}},
		Numbers: map[string]int{"2": 0}, Repeat: Repeat{Calls: 2, Within: time.Minute, Priority: 200},
	}
	full.Announcements = []Announcement{
		{Name: "outage", Text: map[string]string{"en": "The power is out."}},
		{Name: "queue", Text: map[string]string{"en": "It takes long today."}, Queues: []string{"consult"}},
	}
	less := *full
	less.Hash, less.Queues = "less", full.Queues[:1]
	mute := *full // the trunk is gone
	mute.Hash, mute.Callbacks.Trunk = "mute", ""
	return []*Config{full, &less, &mute}
}

func TestAnyOrderOfAnything(t *testing.T) {
	cfgs := rules(t)
	rapid.Check(t, func(t *rapid.T) { aRun(t, cfgs, rapidDice{t}, 20) })
}

// TestAMillionStepsOfAnything is the same with many more runs. HOTLINE_MODEL_SEED repeats the runs of a failure.
func TestAMillionStepsOfAnything(t *testing.T) {
	cfgs := rules(t)
	runs, seed := 20000, rand.Uint64()
	if testing.Short() || underRace {
		runs = 1000
	}
	if n, err := strconv.Atoi(os.Getenv("HOTLINE_MODEL_RUNS")); err == nil {
		runs = n
	}
	if n, err := strconv.ParseUint(os.Getenv("HOTLINE_MODEL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("HOTLINE_MODEL_SEED=%d, %d runs of %d steps", seed, runs, stepsInARun)
	for i := range runs {
		aRun(t, cfgs, seededDice{rand.New(rand.NewPCG(seed, uint64(i)))}, 200)
	}
}

// judge is what both kinds of tests can fail by.
type judge interface {
	require.TestingT
	Fatalf(string, ...any)
}

// aRun is one life of a floor. One step in deaths is followed by a kill, as many by a checkpoint, and as many by a reload.
func aRun(t judge, cfgs []*Config, d dice, deaths int) {
	cfg := cfgs[0]
	f, l, now := New(cfg), newLedger(cfg), monday
	var log []fact.Record // since the checkpoint
	var checkpoint []byte
	for n := range stepsInARun {
		now = now.Add(time.Duration(d.roll(12000, "ms")) * time.Millisecond)
		in := anInput(d, f, n)
		if cfg.Hash != f.cfg.Hash {
			f.Reconfigure(cfg)
			in = Configured{}
		}
		if at, due := f.NextDue(); due && !at.After(now) && in != (Configured{}) {
			in = Tick{}
		}
		rec, _ := f.Step(now, in) // a refusal changes nothing, as the ledger sees
		f.Changed()
		if len(rec.Facts) > 0 {
			log = append(log, rec)
			if err := l.read(rec); err != nil {
				t.Fatalf("step %d, %T %+v: %v", n, in, in, err)
			}
		}
		for _, wrong := range []error{l.agrees(f), stuck(f), idle(f)} {
			if wrong != nil {
				t.Fatalf("step %d, %T %+v: %v", n, in, in, wrong)
			}
		}
		switch d.roll(deaths, "fate") {
		case 0: // killed, and restored from checkpoint and journal
			f = killed(t, f.cfg, f, checkpoint, log)
		case 1:
			var err error
			checkpoint, err = f.Save()
			require.NoError(t, err)
			log = nil
		case 2:
			cfg = cfgs[d.roll(len(cfgs), "configuration")]
		}
	}
	everythingEnds(t, f, l, now)
}

// killed is what a new process makes of the journal; it must be what the old one had.
func killed(t judge, cfg *Config, old *Floor, checkpoint []byte, log []fact.Record) *Floor {
	f, err := Restore(cfg, checkpoint)
	require.NoError(t, err)
	for _, r := range log {
		b, err := json.Marshal(r) // as the journal has it
		require.NoError(t, err)
		var again fact.Record
		require.NoError(t, json.Unmarshal(b, &again))
		require.NoError(t, f.Replay(again))
	}
	want, err := old.Save()
	require.NoError(t, err)
	got, err := f.Save()
	require.NoError(t, err)
	if string(want) != string(got) {
		t.Fatalf("the journal tells another story:\nwas %s\nis  %s", want, got)
	}
	return f
}

// everythingEnds hangs every caller up: nobody and nothing may be left.
func everythingEnds(t judge, f *Floor, l *ledger, now time.Time) {
	for _, id := range f.Calls() {
		rec, err := f.Step(now, Gone{Call: id})
		require.NoError(t, err)
		if err := l.read(rec); err != nil {
			t.Fatalf("at the end of call %s: %v", id, err)
		}
	}
	for _, b := range f.Callbacks() {
		rec, err := f.Step(now, Command{Do: "cancel-callback", Callback: b.Callback, By: "boss"})
		require.NoError(t, err)
		if err := l.read(rec); err != nil {
			t.Fatalf("at the end of call back %s: %v", b.Callback, err)
		}
	}
	for range 100 {
		at, due := f.NextDue()
		if !due {
			break
		}
		rec, err := f.Step(at, Tick{})
		require.NoError(t, err)
		if err := l.read(rec); err != nil {
			t.Fatalf("after the end: %v", err)
		}
	}
	for _, id := range f.Agents() {
		if s := f.Agent(id).State; s != acd.Ready && s != acd.NotReady && s != acd.SignedOut {
			t.Fatalf("agent %s is still %s", id, s)
		}
	}
	for v, o := range l.visits {
		if o == "" {
			t.Fatalf("visit %s has no outcome", v)
		}
	}
	for id, b := range l.promises {
		if b.result == "" {
			t.Fatalf("call back %s has no result", id)
		}
	}
}
