package desk

import (
	"time"

	"hotline/fact"
	"hotline/floor"
	"hotline/people"
	"hotline/ticket"
	"hotline/ticket/history"
)

// The bodies of HTTP requests and answers; openapi.yaml says where each belongs. Lists are never null.

// SignIn is the body of POST /api/session.
type SignIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// Profile answers POST /api/session and GET /api/me: who is signed in, and all a page needs to draw its menus.
type Profile struct {
	Login string `json:"login"`
	Name  string `json:"name"`
	// Names are the name by language, where the configuration has it.
	Names map[string]string `json:"names,omitempty"`
	Role  people.Role       `json:"role"`
	// Agent is the seat on the floor; empty: this user has no phone.
	Agent      string            `json:"agent,omitempty"`
	Centre     CentreInfo        `json:"centre"`
	Queues     []QueueInfo       `json:"queues"`
	NotReady   []NotReadyInfo    `json:"not_ready"`
	Agents     []Colleague       `json:"agents"` // for transfers, and names on the board
	Categories []ticket.Category `json:"categories"`
	Grades     []ticket.Grade    `json:"grades"`
	Skills     []string          `json:"skills"` // what an agent can be good at
	Lists      []CallerListInfo  `json:"lists"`
}

// CallerListInfo is a list of callers, by the name that a decision's reason has.
type CallerListInfo struct {
	List  string            `json:"list"`
	Title map[string]string `json:"title"`
}

// CentreInfo is what anybody may know: GET /api/centre, for the caller page and the sign-in page.
type CentreInfo struct {
	Name      map[string]string `json:"name"`      // by language
	Languages []string          `json:"languages"` // the first is the centre's own
	Timezone  string            `json:"timezone"`
	Line      string            `json:"line"`            // the number a visitor's browser calls
	Hours     map[string]string `json:"hours,omitempty"` // in words, by language
	// CallerPage: visitors may call from their browser.
	CallerPage bool `json:"caller_page"`
}

// QueueInfo is a queue as configured.
type QueueInfo struct {
	Queue     string            `json:"queue"`
	Title     map[string]string `json:"title"`
	Threshold float64           `json:"threshold"` // seconds
	Target    float64           `json:"target"`    // 0..1
	Formula   string            `json:"formula"`   // SL1..SL4
}

// NotReadyInfo is a reason an agent may give.
type NotReadyInfo struct {
	Reason string            `json:"reason"`
	Title  map[string]string `json:"title,omitempty"`
	Limit  float64           `json:"limit,omitempty"`   // seconds; absent: none
	AtOnce int               `json:"at_once,omitempty"` // so many of a team at the same time; absent: any
}

// Colleague is an agent as others know them.
type Colleague struct {
	Agent  string            `json:"agent"`
	Name   string            `json:"name"`   // in the centre's first language
	Names  map[string]string `json:"names"`  // by language
	Queues []string          `json:"queues"` // those whose calls the agent may be offered, as configured

	// As configured, for the board.
	Memberships []fact.Membership `json:"-"`
	Skills      map[string]int    `json:"-"`
}

// TicketDetail answers GET and PATCH /api/tickets/{id}.
type TicketDetail struct {
	ticket.Ticket
	Calls      []history.Call      `json:"calls"`
	Recordings []history.Recording `json:"recordings"`
	Timeline   []ticket.Change     `json:"timeline"`
}

// TicketDelayed answers PATCH /api/tickets/{id} with 202, to a page that said Prefer: respond-async: the archive is away,
// and the edit is kept in the journal until it is back. Version is the one it was typed upon; edits that follow go on
// from it.
type TicketDelayed struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Delayed bool   `json:"delayed"` // always true
}

// TicketConflict answers PATCH /api/tickets/{id} with 409: what stands, to compare with what was typed.
type TicketConflict struct {
	Error
	Fields  []string      `json:"fields"`
	Current ticket.Ticket `json:"current"`
}

// TicketList answers GET /api/tickets, newest first. Next goes into ?before= for the next page; empty: no more.
type TicketList struct {
	Tickets []ticket.Ticket `json:"tickets"`
	Next    string          `json:"next,omitempty"`
}

// CallList answers GET /api/calls, newest first. Next as in TicketList.
type CallList struct {
	Calls []history.Call `json:"calls"`
	Next  string         `json:"next,omitempty"`
}

// MessageList answers GET /api/messages, oldest undone first.
type MessageList struct {
	Messages []history.Message `json:"messages"`
}

// Peaks answers GET /api/recordings/{id}/peaks: per channel (0 the caller, 1 what the caller heard) the loudest sample,
// 0..1, of each of as many equal stretches as there are values.
type Peaks struct {
	Duration float64     `json:"duration"` // seconds
	Channels [][]float32 `json:"channels"`
}

// PhoneOffer is the body of POST /api/phone: the browser's offer, all candidates gathered.
type PhoneOffer struct {
	SDP string `json:"sdp"`
}

// PhoneAnswer answers it. The session goes into DELETE /api/phone/{session}.
type PhoneAnswer struct {
	SDP     string `json:"sdp"`
	Session string `json:"session"`
}

// VisitorOffer is the body of POST /api/visitor: a visitor's browser calls the centre.
type VisitorOffer struct {
	SDP  string `json:"sdp"`
	Lang string `json:"lang,omitempty"`
}

// VisitorAnswer answers it. The token is the visitor's key to this one call.
type VisitorAnswer struct {
	SDP   string `json:"sdp"`
	Token string `json:"token"`
}

// Visitor is the state of a visitor's call: GET /api/visitor/{token}. With ?after=N it waits for a Seq above N, at most
// 25 s.
type Visitor struct {
	Seq   uint64       `json:"seq"`
	Phase VisitorPhase `json:"phase"`
	Since time.Time    `json:"since"`
	// Reason is why it ended: the call's ending.
	Reason string `json:"reason,omitempty"`
}

// VisitorPhase is how far a visitor's call has come.
type VisitorPhase string

// The closed list of a visitor's phases.
const (
	VisitorConnecting VisitorPhase = "connecting"
	VisitorListening  VisitorPhase = "listening" // to the menu
	VisitorWaiting    VisitorPhase = "waiting"   // in a queue
	VisitorTalking    VisitorPhase = "talking"
	VisitorHeld       VisitorPhase = "held"
	VisitorRecording  VisitorPhase = "recording" // a message
	VisitorEnded      VisitorPhase = "ended"
)

// VisitorPhases lists them.
var VisitorPhases = []VisitorPhase{VisitorConnecting, VisitorListening, VisitorWaiting, VisitorTalking, VisitorHeld,
	VisitorRecording, VisitorEnded}

// Readiness answers GET /readyz: 200 when every part is ready, else 503.
type Readiness struct {
	Ready bool   `json:"ready"`
	Parts []Part `json:"parts"`
}

// Part is one part of the server. Reason says what is missing, and what would mend it.
type Part struct {
	Name   string `json:"name"`
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`
}

// LiveCalls answers GET /api/live: the calls that are going on.
type LiveCalls struct {
	Calls []floor.CallLine `json:"calls"`
}

// AccountList answers GET /api/accounts.
type AccountList struct {
	Accounts []Account `json:"accounts"`
}

// Account is somebody who can sign in, or could.
type Account struct {
	Login string            `json:"login"`
	Name  string            `json:"name"`
	Names map[string]string `json:"names,omitempty"` // by language, where the configuration has it
	Role  people.Role       `json:"role"`
	Agent string            `json:"agent,omitempty"` // the seat on the floor
	// Queues are an agent's, or those that a supervisor is confined to; absent: none, or all.
	Queues   []string       `json:"queues,omitempty"`
	Skills   map[string]int `json:"skills,omitempty"`
	Disabled bool           `json:"disabled,omitempty"` // comes in no more
	Created  time.Time      `json:"created"`
	LastIn   time.Time      `json:"last_in,omitzero"` // absent: not since the audit began
	Sessions int            `json:"sessions"`         // browsers in which they are signed in
}

// NewPassword answers POST /api/accounts/{login}/password. It is told this once.
type NewPassword struct {
	Password string `json:"password"`
}

// AuditTrail answers GET /api/audit, latest first. Next goes into ?before= for the next page; empty: no more.
type AuditTrail struct {
	Entries []people.Entry `json:"entries"`
	Next    string         `json:"next,omitempty"`
}

// CallbackList answers GET /api/callbacks: those whose turn is next come first.
type CallbackList struct {
	Callbacks []floor.CallbackView `json:"callbacks"`
}
