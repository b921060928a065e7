// Package history holds what people look up afterwards: calls with their time line, messages, recordings. They are the
// archive's answers, made by package postgres from facts and shown by package desk; plain values without rules.
//
//	call ─┬─ visits (one queue each, one outcome each) ── offers (to one agent each)
//	      ├─ talks (one agent each, with holds)
//	      ├─ tickets
//	      └─ recordings (of the talks, or of a message)
//
// All lengths of time are in seconds.
package history

import (
	"time"

	"hotline/fact"
	"hotline/ticket"
)

// Call is one line in a list of calls.
type Call struct {
	Call     string      `json:"call"`
	Line     string      `json:"line"`
	Via      string      `json:"via"` // sip, browser, callback
	Caller   fact.Party  `json:"caller"`
	Lang     string      `json:"lang,omitempty"`
	Arrived  time.Time   `json:"arrived"`
	Answered time.Time   `json:"answered,omitzero"`
	Ended    time.Time   `json:"ended,omitzero"`   // zero: it is still going on
	Ending   fact.Ending `json:"ending,omitempty"` // with Ended
	// Queue and Agent are the last ones; Waited and Talked are over all visits and talks.
	Queue   string   `json:"queue,omitempty"`
	Agent   string   `json:"agent,omitempty"`
	Waited  float64  `json:"waited"`
	Talked  float64  `json:"talked"`
	Tickets []string `json:"tickets"`
	// Recorded: a recording can be played.
	Recorded bool `json:"recorded"`
}

// CallDetail is a call with all that happened in it.
type CallDetail struct {
	Call
	Path       []fact.PathStep `json:"path"`
	Visits     []Visit         `json:"visits"`
	Talks      []Talk          `json:"talks"`
	Messages   []Message       `json:"messages"`
	Recordings []Recording     `json:"recordings"`
	// Marks are the single moments, in order.
	Marks []Mark `json:"marks"`
}

// Visit is one wait in one queue.
type Visit struct {
	Visit   string       `json:"visit"`
	Queue   string       `json:"queue"`
	From    string       `json:"from"` // flow, transfer, overflow
	Began   time.Time    `json:"began"`
	Ended   time.Time    `json:"ended,omitzero"`
	Outcome fact.Outcome `json:"outcome,omitempty"`
	Waited  float64      `json:"waited"`
	Agent   string       `json:"agent,omitempty"`
	Offers  []Offer      `json:"offers"`
}

// Offer is one try to hand the call to an agent.
type Offer struct {
	Offer  string `json:"offer"`
	Agent  string `json:"agent"`
	Reason string `json:"reason"`
	// Because is the reason part by part, for a page to say it in its language; absent: words only.
	Because *fact.Why        `json:"because,omitempty"`
	Made    time.Time        `json:"made"`
	Ended   time.Time        `json:"ended,omitzero"`
	Result  fact.OfferResult `json:"result,omitempty"`
}

// Talk is one agent on the call.
type Talk struct {
	Talk   string       `json:"talk"`
	Visit  string       `json:"visit"`
	Queue  string       `json:"queue"`
	Agent  string       `json:"agent"`
	Began  time.Time    `json:"began"`
	Ended  time.Time    `json:"ended,omitzero"`
	How    fact.TalkEnd `json:"how,omitempty"`
	Talked float64      `json:"talked"`
	Held   float64      `json:"held"`
	Holds  []Span       `json:"holds"`
}

// Span is from one moment to another; To is zero while it lasts.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Mark is one moment of the time line. Kind is the fact's, so that a page can choose its sign.
type Mark struct {
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Agent string    `json:"agent,omitempty"`
	Queue string    `json:"queue,omitempty"`
	Text  string    `json:"text,omitempty"` // a key, a result, a reason
}

// Message is a message a caller left, as a line of the worklist.
type Message struct {
	Message   string     `json:"message"` // its recording has the same id
	Call      string     `json:"call"`
	Ticket    string     `json:"ticket,omitempty"`
	Queue     string     `json:"queue,omitempty"`
	Category  string     `json:"category,omitempty"`
	Caller    fact.Party `json:"caller"`
	Left      time.Time  `json:"left"`
	Duration  float64    `json:"duration"`
	Recording Stored     `json:"recording"`
	Done      time.Time  `json:"done,omitzero"`
	DoneBy    string     `json:"done_by,omitempty"`
}

// Stored is how far a recording has come.
type Stored string

// The closed list of Stored.
const (
	Running  Stored = "running"  // Asterisk is writing it
	Fetching Stored = "fetching" // on its way to our store
	Ready    Stored = "ready"    // can be played
	Lost     Stored = "lost"     // cannot be had
)

// AllStored lists them.
var AllStored = []Stored{Running, Fetching, Ready, Lost}

// Recording is one recording of a call or of a message.
type Recording struct {
	Recording string    `json:"recording"`
	Call      string    `json:"call"`
	Kind      string    `json:"kind"` // talk, message
	Began     time.Time `json:"began"`
	State     Stored    `json:"state"`
	Duration  float64   `json:"duration"`
	Bytes     int64     `json:"bytes"`
	Channels  int       `json:"channels"`
	Why       string    `json:"why,omitempty"` // it was lost
	// Agents are those whose words are in it.
	Agents []string `json:"agents"`
	File   string   `json:"-"` // relative to the store
}

// OfNumber is what we know of one number: the latest calls and tickets, newest first, and how many there are in all.
type OfNumber struct {
	Number       string          `json:"number"`
	Calls        []Call          `json:"calls"`
	Tickets      []ticket.Ticket `json:"tickets"`
	CallsTotal   int             `json:"calls_total"`
	TicketsTotal int             `json:"tickets_total"`
}
