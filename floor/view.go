package floor

import (
	"time"

	"hotline/fact"
)

// The views are what others may see of the floor: plain values, copied out in the step that changed them. The desk
// sends them to browsers as they are; their JSON keys are part of the websocket's contract.

// AgentView is one agent as the agent's own desk, and in short a supervisor's board, sees it.
type AgentView struct {
	Agent string `json:"agent"`
	// State is the word of acd.State: signed-out, not-ready, ready, offered, talking, held, wrap-up.
	State  string    `json:"state"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"` // of not-ready
	// Pending is the reason that takes effect after wrap-up, when not ready was pressed in a call.
	Pending string `json:"pending,omitempty"`
	// Line is the agent's place in the line for not ready, when as many are away as may be.
	Line   *LineView   `json:"line,omitempty"`
	Desk   bool        `json:"desk"`  // the websocket is open
	Media  bool        `json:"media"` // audio flows: from the browser, or from the desk phone that is in use
	Leg    bool        `json:"leg"`   // Asterisk's leg is up: with desk and media, offers can come
	Offer  *OfferView  `json:"offer,omitempty"`
	Call   *CallView   `json:"call,omitempty"` // the call talked on, and during wrap-up the one just ended
	WrapUp *WrapUpView `json:"wrap_up,omitempty"`
	// Phone is the agent's desk phone; absent: none is configured.
	Phone *PhoneView `json:"phone,omitempty"`
	// Changed is what a supervisor changed; absent: all is as configured.
	Changed *AgentChanged `json:"changed,omitempty"`
}

// PhoneView is an agent's desk phone. In use and without a leg it is being rung, unless it rests.
type PhoneView struct {
	Phone string `json:"phone"` // the endpoint: PJSIP/1001
	InUse bool   `json:"in_use"`
	// Why it has no leg: busy, declined, no-answer, unreachable, hung-up, failed; empty: nothing is wrong yet.
	Why string `json:"why,omitempty"`
	// Resting: it was rung in vain so often, or was hung up; it is rung again when the agent asks for it.
	Resting bool `json:"resting"`
}

// AgentChanged is what goes before the configuration of an agent. A list that is null is as configured.
type AgentChanged struct {
	Queues []fact.Membership `json:"queues"`
	Skills map[string]int    `json:"skills"`
}

// OfferView is a call laid on a desk.
type OfferView struct {
	Offer   string          `json:"offer"`
	Call    string          `json:"call"`
	Queue   string          `json:"queue"`
	Caller  fact.Party      `json:"caller"`
	Lang    string          `json:"lang"`
	Path    []fact.PathStep `json:"path"`
	Why     string          `json:"why"`               // why this agent
	Because *fact.Why       `json:"because,omitempty"` // part by part
	Via     string          `json:"via,omitempty"`     // sip, browser, callback
	Entered time.Time       `json:"entered"`           // into the queue: the wait counts from here
	Until   time.Time       `json:"until"`
	Auto    bool            `json:"auto,omitempty"` // connects by itself after a zip tone
	// Asked: it is a call back, asked for at that time; the customer is dialled when the offer is accepted, or waits already.
	Asked time.Time `json:"asked,omitzero"`
	// Answered: the customer of a call back is on the line already.
	Answered bool `json:"answered,omitempty"`
}

// CallView is a call with an agent.
type CallView struct {
	Call    string          `json:"call"`
	Queue   string          `json:"queue"`
	Line    string          `json:"line"`
	Via     string          `json:"via"`
	Caller  fact.Party      `json:"caller"`
	Lang    string          `json:"lang"`
	Path    []fact.PathStep `json:"path"`
	Ticket  string          `json:"ticket"`
	Arrived time.Time       `json:"arrived"`
	Entered time.Time       `json:"entered"` // into the queue
	// Connected is zero while the legs are being joined.
	Connected time.Time `json:"connected,omitzero"`
	HeldSince time.Time `json:"held_since,omitzero"`
	Ended     time.Time `json:"ended,omitzero"` // set during wrap-up
	Recording bool      `json:"recording"`
	// From names the agent who transferred the call here.
	From string `json:"from,omitempty"`
	// Asked: it is a call back, asked for at that time. Dialling: the customer's phone rings.
	Asked    time.Time `json:"asked,omitzero"`
	Dialling bool      `json:"dialling,omitempty"`
}

// WrapUpView is the time to finish the record.
type WrapUpView struct {
	Call       string    `json:"call"`
	Ticket     string    `json:"ticket,omitempty"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until"`
	Extensions int       `json:"extensions"` // how often it may still be extended
}

// QueueView is one queue at a moment. The figures of the day come from report, not from here.
type QueueView struct {
	Queue   string `json:"queue"`
	Waiting int    `json:"waiting"`
	Offered int    `json:"offering"` // of those, being offered right now
	// Callbacks wait here for an agent beside the callers who do.
	Callbacks int `json:"callbacks,omitempty"`
	// Longest is when the longest waiting caller entered; zero when nobody waits.
	Longest time.Time `json:"longest,omitzero"`
	Talking int       `json:"talking"`
	// Hopeless says why nobody in the configuration could ever take those who wait; empty: somebody could.
	Hopeless string `json:"hopeless,omitempty"`
	// HopelessIn is that in other languages than English, by language.
	HopelessIn map[string]string `json:"hopeless_in,omitempty"`
	// Agents counts this queue's agents by state.
	Agents map[string]int `json:"agents"`
}

// CallLine is one live call for the supervisor's list.
type CallLine struct {
	Call    string     `json:"call"`
	Phase   string     `json:"phase"`
	Since   time.Time  `json:"since"`
	Line    string     `json:"line"`
	Via     string     `json:"via"` // sip, browser, callback
	Caller  fact.Party `json:"caller"`
	Queue   string     `json:"queue,omitempty"`
	Agent   string     `json:"agent,omitempty"`
	Arrived time.Time  `json:"arrived"`
}

// CallbackView is one call back that is promised and not made yet.
type CallbackView struct {
	Callback string     `json:"callback"`
	Queue    string     `json:"queue"`
	Caller   fact.Party `json:"caller"` // Number is the one to be called
	Lang     string     `json:"lang"`
	Asked    time.Time  `json:"asked"`
	Since    time.Time  `json:"since"` // the place in the queue counts from here
	Expires  time.Time  `json:"expires"`
	Tries    int        `json:"tries"` // in vain so far
	// Next is when it is tried again; absent: it waits for an agent, or is being made.
	Next time.Time         `json:"next,omitzero"`
	Last fact.CallbackMiss `json:"last,omitempty"` // what the last attempt came to
	// Call and Agent of the attempt under way.
	Call   string `json:"call,omitempty"`
	Agent  string `json:"agent,omitempty"`
	State  string `json:"state"` // asking (the caller is on the line still), later, waiting, dialling
	Ticket string `json:"ticket,omitempty"`
}
