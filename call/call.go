// Package call is the machine of one call, from the moment a channel enters the application until it is gone. It is
// pure: facts go in, state and the media that state wants come out.
//
//	           ┌──────────────── transfer, agent lost ───────────────┐
//	           ▼                                                     │
//	Menu ──▶ Waiting ──accept──▶ Joining ──joined──▶ Talking ◀─▶ Held┤
//	 │  ▲       │                                       │            │
//	 ▼  │       ▼                                       ▼            ▼
//	Message ────────────────▶ Closing ──────────────▶ Ended ◀────────┘
//
// A call makes queue visits; a visit gets offers, one at a time or several; the one that is accepted becomes a talk. What Asterisk
// should hold for a call is a function of its state: Wanted.
package call

import (
	"fmt"
	"slices"
	"time"

	"hotline/fact"
)

// Call is the state of one call. Only Apply writes it.
type Call struct {
	ID      string
	Channel string // the caller's, in Asterisk
	Node    string
	Line    string
	Trunk   string
	Via     string
	Caller  fact.Party

	Phase   Phase
	Since   time.Time // when the phase began
	Arrived time.Time
	Up      bool // answered

	// The IVR.
	Session   fact.Session
	Turn      fact.Turn
	SteppedAt time.Time // last step, key or end of a prompt: the silence counts from here

	// What is being said: prompts are numbered, Saying is empty when all was heard.
	Prompt int
	Saying []fact.Phrase
	// Announced are the announcements that this caller has heard: each is said once.
	Announced []string

	// Waiting and talking.
	Visit  *Visit
	Visits int
	Offers int
	Talks  int
	Talk   *Talk
	// Connected is when the last talk began; zero: nobody has talked since the last visit began.
	Connected time.Time
	Ticket    string
	From      string // the agent who transferred it here
	// Places are the moments from which the caller's places count, by the queues waited in since somebody talked.
	Places map[string]time.Time

	Message   *Recorder
	Messages  int
	Recording *fact.RecordingBegan

	// Callback is the promise that this call is to keep, asked for at Asked; empty: the caller called us. Dialled tells
	// that there may be a channel.
	Callback string
	Asked    time.Time
	Dialled  *fact.CallbackDialled
	DialAt   time.Time
	// Promised is the call back that the caller has been promised on this call.
	Promised string

	Closing *fact.CallClosing
}

// Visit is one stay in a queue.
type Visit struct {
	ID       string
	Queue    string
	Priority int
	Entered  time.Time
	Since    time.Time // the place counts from here: Entered, or earlier
	Agent    string    // asked for by a transfer, until offered once
	Prefer   string    // the agent who knows the case
	Boosts   []fact.Boost
	ToldAt   time.Time
	Expected time.Duration // the wait that the caller was told on entry; zero: none
	Offers   []*Offer      // in force: on desks, or accepted and being joined
	// Missed are the agents who let this visit's offers go by.
	Missed []string
	Ended  bool
	// Asking is the dialog about a call back; nil: there is none.
	Asking *fact.CallbackAsked
	// Callback is the promise that this visit is to keep.
	Callback string
}

// Offer is the call laid on one desk.
type Offer struct {
	ID       string
	Agent    string
	Reason   string
	Why      *fact.Why
	At       time.Time
	Until    time.Time
	Auto     bool
	Accepted bool
}

// Accepted is the offer that an agent took; nil: none yet.
func (v *Visit) Accepted() *Offer {
	return v.find(func(o *Offer) bool { return o.Accepted })
}

// OfferTo is the offer that an agent has, or nil.
func (v *Visit) OfferTo(agent string) *Offer {
	return v.find(func(o *Offer) bool { return o.Agent == agent })
}

func (v *Visit) find(is func(*Offer) bool) *Offer {
	if i := slices.IndexFunc(v.Offers, is); i >= 0 {
		return v.Offers[i]
	}
	return nil
}

// Talk is caller and agent together.
type Talk struct {
	ID        string
	Agent     string
	Queue     string
	Began     time.Time
	HeldSince time.Time
	Held      time.Duration // of the holds that are over
}

// Recorder is a message being left.
type Recorder struct {
	ID       string
	Began    time.Time
	Limit    time.Duration
	Silence  time.Duration
	Category string
	Queue    string
}

// NextVisit, NextOffer, NextTalk and NextMessage name what comes next on this call; ids follow from the call's own and
// so need no source of chance.
func (c *Call) NextVisit() string   { return fmt.Sprintf("%s-v%d", c.ID, c.Visits+1) }
func (c *Call) NextOffer() string   { return fmt.Sprintf("%s-o%d", c.ID, c.Offers+1) }
func (c *Call) NextTalk() string    { return fmt.Sprintf("%s-t%d", c.ID, c.Talks+1) }
func (c *Call) NextMessage() string { return fmt.Sprintf("%s-m%d", c.ID, c.Messages+1) }

// LastMessage names the message that was left last; empty: none.
func (c *Call) LastMessage() string {
	if c.Messages == 0 {
		return ""
	}
	return fmt.Sprintf("%s-m%d", c.ID, c.Messages)
}

// PlayID names the playback of the current prompt in Asterisk.
func (c *Call) PlayID() string { return c.playID(c.Prompt) }

func (c *Call) playID(prompt int) string { return fmt.Sprintf("%s-p%d", c.ID, prompt) }

// Bridge names the call's own bridge, in which it talks.
func (c *Call) Bridge() string { return c.ID + "-b" }

// Home names the bridge in which an agent's leg lives.
func Home(leg string) string { return leg + "-home" }

// Agents are the agents at work on the call: the one who talks or joins, or all who are being offered it.
func (c *Call) Agents() []string {
	if c.Talk != nil {
		return []string{c.Talk.Agent}
	}
	if c.Visit == nil {
		return nil
	}
	agents := make([]string, len(c.Visit.Offers))
	for i, o := range c.Visit.Offers {
		agents[i] = o.Agent
	}
	return agents
}

// Agent is the first of Agents, which is the only one unless the call is being offered to several. Empty: none.
func (c *Call) Agent() string {
	if a := c.Agents(); len(a) > 0 {
		return a[0]
	}
	return ""
}

// Live tells whether the caller's channel still exists.
func (c *Call) Live() bool { return c.Phase != Ended && c.Phase != Unknown }

// Virtual tells of a call back that is not dialled yet: it waits, and Asterisk knows nothing of it.
func (c *Call) Virtual() bool { return c.Callback != "" && c.Dialled == nil }

// Ringing tells of a call back that is being dialled.
func (c *Call) Ringing() bool { return c.Dialled != nil && !c.Up }

// Away tells of a waiting call that no agent can be offered now: its customer is being called first.
func (c *Call) Away() bool { return c.Phase == Waiting && c.Ringing() }

// Apply writes what f says into the call. It panics on a transition that does not exist: a record that says so was
// not made by this machine.
func (c *Call) Apply(f fact.Fact, at time.Time) {
	switch f := f.(type) {
	case fact.CallArrived:
		c.move(OpArrive, at)
		c.ID, c.Channel, c.Node, c.Line, c.Trunk, c.Via = f.Call, f.Channel, f.Node, f.Line, f.Trunk, f.Via
		c.Caller, c.Arrived = f.Caller, at
	case fact.CallAnswered:
		c.Up = true
		if c.Callback != "" {
			c.SteppedAt = at
		}
	case fact.FlowStepped:
		c.move(OpStep, at)
		c.Session, c.Turn, c.SteppedAt = f.Session, f.Turn, at
		c.Announced = append(c.Announced, f.Announced...)
		c.say(f.Turn.Say)
	case fact.PromptEnded:
		if f.Prompt == c.Prompt {
			c.Saying, c.SteppedAt = nil, at
		}
	case fact.VisitBegan:
		c.move(OpEnqueue, at)
		c.Visits++
		c.Visit = &Visit{
			ID: f.Visit, Queue: f.Queue, Priority: f.Priority, Entered: at, Since: at, Agent: f.Agent, Prefer: f.Prefer, Boosts: f.Boosts, ToldAt: at,
			Callback: f.Callback,
		}
		if !f.Since.IsZero() {
			c.Visit.Since = f.Since
		}
		if c.Places == nil {
			c.Places = map[string]time.Time{}
		}
		c.Places[f.Queue] = c.Visit.Since
		c.Turn, c.Connected = fact.Turn{}, time.Time{}
		c.say(nil)
	case fact.WaitTold:
		c.Visit.ToldAt = at
		c.Announced = append(c.Announced, f.Announced...)
		if at.Equal(c.Visit.Entered) {
			c.Visit.Expected = f.Expected
		}
		c.say(f.Say)
	case fact.CallbackAsked:
		c.asked(f, at)
	case fact.CallbackRequested:
		c.Promised = f.Callback
	case fact.CallbackRefused:
		c.Promised = f.Callback
	case fact.CallbackTried:
		c.Callback, c.Asked, c.Ticket = f.Callback, f.Asked, f.Ticket
		c.Session.Lang, c.Session.Path = f.Lang, f.Path
	case fact.CallbackDialled:
		c.Dialled, c.DialAt = &f, at
	case fact.Offered:
		c.Offers++
		c.Visit.Agent = ""
		c.Visit.Offers = append(c.Visit.Offers, &Offer{ID: f.Offer, Agent: f.Agent, Reason: f.Reason, Why: f.Why, At: at, Until: f.Until, Auto: f.Auto})
	case fact.OfferEnded:
		c.offerEnded(f, at)
	case fact.TicketOpened:
		c.Ticket = f.Ticket
	case fact.VisitEnded:
		c.Visit.Ended = true
	case fact.TalkBegan:
		c.move(OpJoin, at)
		c.Talks++
		c.Connected, c.Places = at, nil
		c.Talk = &Talk{ID: f.Talk, Agent: f.Agent, Queue: f.Queue, Began: at}
		c.Visit.Offers = nil
	case fact.TalkHeld:
		c.move(OpHold, at)
		c.Talk.HeldSince = at
	case fact.TalkRetrieved:
		c.move(OpRetrieve, at)
		c.Talk.Held += f.Held
		c.Talk.HeldSince = time.Time{}
	case fact.Transferred:
		c.From = f.Agent
	case fact.TalkEnded:
		c.Talk = nil
	case fact.RecordingBegan:
		c.Recording = &f
	case fact.MessageBegan:
		var limit, silence time.Duration
		if x := c.Turn.Exit; x != nil && x.Message != nil {
			limit, silence = x.Message.Limit, x.Message.Silence
		}
		c.move(OpRecord, at)
		c.Messages++
		c.Message = &Recorder{ID: f.Message, Began: at, Limit: limit, Silence: silence, Category: f.Category, Queue: f.Queue}
		c.say(nil)
	case fact.MessageEnded:
		c.Message = nil
	case fact.CallClosing:
		c.move(OpClose, at)
		c.Closing = &f
		c.say(nil)
	case fact.CallEnded:
		c.move(OpEnd, at)
		c.say(nil)
	}
}

func (c *Call) offerEnded(f fact.OfferEnded, at time.Time) {
	o := c.Visit.OfferTo(f.Agent)
	if f.Result == fact.OfferAccepted {
		c.move(OpAccept, at)
		o.Accepted = true
		c.Visit.Asking = nil
		c.say(nil)
		return
	}
	if o.Accepted {
		c.move(OpUnjoin, at)
	}
	if f.Result != fact.OfferWithdrawn && f.Result != fact.OfferUnreached {
		c.Visit.Missed = append(c.Visit.Missed, f.Agent)
	}
	c.Visit.Offers = slices.DeleteFunc(c.Visit.Offers, func(x *Offer) bool { return x == o })
}

// asked follows the dialog about a call back. A key that says nothing new stops what is being said.
func (c *Call) asked(f fact.CallbackAsked, at time.Time) {
	c.Visit.Asking, c.SteppedAt, c.Visit.ToldAt = &f, at, at
	if f.Step == fact.AskOver {
		c.Visit.Asking = nil
	}
	c.say(f.Say)
}

// say begins the next numbered prompt, or silence.
func (c *Call) say(what []fact.Phrase) {
	if len(what) > 0 {
		c.Prompt++
	}
	c.Saying = what
}

func (c *Call) move(op Op, at time.Time) {
	to, err := Next(c.Phase, op)
	if err != nil {
		panic(fmt.Errorf("call %s: %w", c.ID, err))
	}
	if to != c.Phase {
		c.Phase, c.Since = to, at
	}
}
