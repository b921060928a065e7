package fact

import "time"

// Party is the other end of a call, as far as the network told us.
type Party struct {
	// Number is E.164 where it could be normalised, else as it was signalled; empty when withheld or unknown.
	Number string `json:"number,omitempty"`
	// Withheld callers never share history, tickets or call-backs with one another.
	Withheld bool   `json:"withheld,omitempty"`
	Name     string `json:"name,omitempty"`
	Region   string `json:"region,omitempty"`
}

// CallArrived opens a call: a channel entered the application. The call's id is the id of that first channel.
type CallArrived struct {
	Call    string `json:"call"`
	Channel string `json:"channel"`
	Node    string `json:"node"`            // the Asterisk it lives on
	Line    string `json:"line"`            // the number that was called, as named in the configuration
	Trunk   string `json:"trunk,omitempty"` // the endpoint it came in by
	Caller  Party  `json:"caller"`
	// Via is "sip" for a call from the network, "browser" for one from the caller page, "callback" for one that we make
	// because the caller asked for it.
	Via string `json:"via"`
}

// CallAnswered: the caller's channel is up; from here on the caller pays and hears us.
type CallAnswered struct {
	Call string `json:"call"`
}

// FlowStepped: the IVR took one step. Session and Turn replace what the call held before.
type FlowStepped struct {
	Call    string  `json:"call"`
	Session Session `json:"session"`
	Turn    Turn    `json:"turn"`
	// Input is what made it step: begin, key, silence, spoken, found, missing.
	Input string `json:"input"`
	// Announced are the announcements that the turn begins with.
	Announced []string `json:"announced,omitempty"`
	// Key is the digit that was pressed, "*" where the node is secret.
	Key string `json:"key,omitempty"`
}

// Session is where a caller stands in a flow. ivr reads and writes it; everyone else only keeps it.
type Session struct {
	Flow   string            `json:"flow"`
	Node   string            `json:"node"`
	Lang   string            `json:"lang"`
	Vars   map[string]string `json:"vars,omitempty"`
	Digits string            `json:"digits,omitempty"` // collected so far in this node
	Tries  int               `json:"tries,omitempty"`  // failed tries in this node
	// Hidden are secret digits (card numbers) by variable. They live in memory only: after a restart ivr asks again.
	Hidden map[string]string `json:"-"`
	// Path is every node that was entered, in order, with the key that led out of it.
	Path []PathStep `json:"path,omitempty"`
}

// PathStep is one node a caller went through.
type PathStep struct {
	Node string `json:"node"`
	Key  string `json:"key,omitempty"`
	// Label is what the choice means, in the centre's first language: for the screen pop.
	Label string `json:"label,omitempty"`
}

// Turn is what a caller gets until the next input: something is said, keys are awaited, a lookup runs, or the flow is
// left. Exactly one of Exit, Lookup or (Say and/or Wait) drives what comes next.
type Turn struct {
	Say []Phrase `json:"say,omitempty"`
	// Barge: a key stops what is being said.
	Barge bool `json:"barge,omitempty"`
	// Wait is the silence allowed after the prompt, or after the last key; 0: go on when all is said.
	Wait   time.Duration `json:"wait,omitempty"`
	Lookup *Lookup       `json:"lookup,omitempty"`
	Exit   *Exit         `json:"exit,omitempty"`
}

// Phrase is one thing to be heard: a text in a language, or a recorded file that replaces it.
type Phrase struct {
	Lang string `json:"lang,omitempty"`
	Text string `json:"text,omitempty"`
	File string `json:"file,omitempty"`
}

// Lookup asks the outside world something a caller waits for.
type Lookup struct {
	Kind string            `json:"kind"` // "ticket"
	Args map[string]string `json:"args,omitempty"`
}

// Exit leaves the flow. Exactly one field is set.
type Exit struct {
	Queue   *ToQueue   `json:"queue,omitempty"`
	Message *ToMessage `json:"message,omitempty"`
	Hangup  *ToHangup  `json:"hangup,omitempty"`
}

// ToQueue sends the caller to wait for an agent.
type ToQueue struct {
	Queue    string `json:"queue"`
	Priority int    `json:"priority,omitempty"`
}

// ToMessage lets the caller leave a message after the turn's Say and a beep.
type ToMessage struct {
	Limit    time.Duration `json:"limit"`
	Silence  time.Duration `json:"silence"`            // so much silence ends it
	Category string        `json:"category,omitempty"` // the ticket's
	Queue    string        `json:"queue,omitempty"`    // whose agents work it; empty: everyone's
}

// ToHangup ends the call after the turn's Say. With Refuse set the call was never answered and is refused with that
// cause: busy, congestion, unallocated.
type ToHangup struct {
	Refuse string `json:"refuse,omitempty"`
}

// Outcome is how a queue visit ended: each visit has exactly one.
type Outcome string

// The closed list of outcomes (requirements N3).
const (
	Answered   Outcome = "answered"
	Abandoned  Outcome = "abandoned"
	Callback   Outcome = "callback"
	Message    Outcome = "message"
	Overflowed Outcome = "overflowed"
	Failed     Outcome = "failed"
)

// Outcomes lists them in the order in which reports show them.
var Outcomes = []Outcome{Answered, Abandoned, Callback, Message, Overflowed, Failed}

// VisitBegan: the caller entered a queue; the visit's clock starts.
type VisitBegan struct {
	Call     string `json:"call"`
	Visit    string `json:"visit"`
	Queue    string `json:"queue"`
	Priority int    `json:"priority,omitempty"`
	// From tells what sent the caller here: flow, transfer, overflow, lost, callback.
	From string `json:"from"`
	// Agent is the one agent asked for by a transfer; empty: whoever suits.
	Agent string `json:"agent,omitempty"`
	// Prefer is the agent who knows the case, or whom the caller's list names: the caller is kept for them for a while.
	Prefer string `json:"prefer,omitempty"`
	// Boosts are in Priority: who the caller is gave them.
	Boosts []Boost `json:"boosts,omitempty"`
	// Since is the moment the place counts from, when it is earlier than this fact: the caller comes back, or the queue
	// was taken away.
	Since time.Time `json:"since,omitzero"`
	// Callback names the promise that this visit is to keep. The caller has visited the queue before, so it counts in no
	// figure of queue visits.
	Callback string `json:"callback,omitempty"`
}

// VisitEnded closes a visit with its one outcome. Waited is entry to end on the monotonic clock of the floor.
type VisitEnded struct {
	Call    string        `json:"call"`
	Visit   string        `json:"visit"`
	Queue   string        `json:"queue"`
	Outcome Outcome       `json:"outcome"`
	Waited  time.Duration `json:"waited"`
	Agent   string        `json:"agent,omitempty"` // who answered
	// Threshold is the queue's service-level time when the wait ended, so that a figure stays true when it is changed.
	Threshold time.Duration `json:"threshold"`
	Inferred  bool          `json:"inferred,omitempty"` // the end fell in a gap of the link
	// Expected is the wait that the caller was told on entry; zero: none.
	Expected time.Duration `json:"expected,omitempty"`
	// Why is what sent the caller on: closing, full, nobody, wait, rule 2 (of overflow), key 1, queue gone.
	Why      string `json:"why,omitempty"`
	Callback string `json:"callback,omitempty"` // as in VisitBegan
}

// PromptEnded: what was being said on the call's Nth prompt was heard to its end, or could not be played (Failed says
// why); the silence that a turn allows counts from here.
type PromptEnded struct {
	Call   string `json:"call"`
	Prompt int    `json:"prompt"`
	Failed string `json:"failed,omitempty"`
}

// WaitTold: a waiting caller is being told something: the place, the expected wait, that all are busy.
type WaitTold struct {
	Call  string   `json:"call"`
	Visit string   `json:"visit"`
	Say   []Phrase `json:"say"`
	// Expected is the wait that was told, as it was told: in whole minutes. Zero: none was.
	Expected time.Duration `json:"expected,omitempty"`
	// Announced are the announcements among it that a supervisor has switched on.
	Announced []string `json:"announced,omitempty"`
}

// Offered: the call was laid on one agent's desk, and the agent on the call.
type Offered struct {
	Call   string    `json:"call"`
	Visit  string    `json:"visit"`
	Offer  string    `json:"offer"`
	Queue  string    `json:"queue"`
	Agent  string    `json:"agent"`
	Reason string    `json:"reason"`        // why this agent, in words
	Why    *Why      `json:"why,omitempty"` // and part by part
	Until  time.Time `json:"until"`         // then it is missed
	Auto   bool      `json:"auto,omitempty"`
}

// OfferResult is how an offer ended.
type OfferResult string

// The closed list of an offer's results.
const (
	OfferAccepted  OfferResult = "accepted"
	OfferMissed    OfferResult = "missed"    // the agent did not pick up: counted against the agent
	OfferRejected  OfferResult = "rejected"  // the agent declined: counted like a miss
	OfferWithdrawn OfferResult = "withdrawn" // the caller went away or elsewhere
	OfferLost      OfferResult = "lost"      // the agent's desk or media went away
	OfferFailed    OfferResult = "failed"    // accepted, but the legs could not be joined
	OfferUnreached OfferResult = "unreached" // accepted, but the customer of a call back was not reached
)

// OfferResults lists them.
var OfferResults = []OfferResult{OfferAccepted, OfferMissed, OfferRejected, OfferWithdrawn, OfferLost, OfferFailed, OfferUnreached}

// OfferEnded closes an offer. After anything but accepted the caller waits on in the same place.
type OfferEnded struct {
	Call   string      `json:"call"`
	Visit  string      `json:"visit"`
	Offer  string      `json:"offer"`
	Queue  string      `json:"queue"`
	Agent  string      `json:"agent"`
	Result OfferResult `json:"result"`
}

// TalkBegan: the agent's leg is in the bridge with the caller.
type TalkBegan struct {
	Call   string `json:"call"`
	Visit  string `json:"visit"`
	Talk   string `json:"talk"`
	Queue  string `json:"queue"`
	Agent  string `json:"agent"`
	Ticket string `json:"ticket"`
}

// TalkHeld: the caller hears music, the agent nothing.
type TalkHeld struct {
	Call  string `json:"call"`
	Talk  string `json:"talk"`
	Agent string `json:"agent"`
}

// TalkRetrieved ends a hold.
type TalkRetrieved struct {
	Call  string        `json:"call"`
	Talk  string        `json:"talk"`
	Agent string        `json:"agent"`
	Held  time.Duration `json:"held"`
}

// TalkEnd is how a talk ended.
type TalkEnd string

// The closed list of a talk's ends.
const (
	EndedByCaller   TalkEnd = "caller"      // the caller hung up
	EndedByAgent    TalkEnd = "agent"       // the agent pressed End
	EndedByTransfer TalkEnd = "transferred" // blind transfer; another visit begins
	EndedByLoss     TalkEnd = "lost"        // the agent's media was gone too long, or Asterisk lost the call
)

// TalkEnded: the agent is off the call. Talked counts from TalkBegan without Held.
type TalkEnded struct {
	Call   string        `json:"call"`
	Visit  string        `json:"visit"`
	Talk   string        `json:"talk"`
	Queue  string        `json:"queue"`
	Agent  string        `json:"agent"`
	How    TalkEnd       `json:"how"`
	Talked time.Duration `json:"talked"`
	Held   time.Duration `json:"held"`
}

// Transferred: the agent passed the call, and its ticket, to another agent or queue.
type Transferred struct {
	Call    string `json:"call"`
	Talk    string `json:"talk"`
	Agent   string `json:"agent"`
	ToAgent string `json:"to_agent,omitempty"`
	ToQueue string `json:"to_queue,omitempty"`
	Ticket  string `json:"ticket"`
}

// MessageBegan: the beep is over, the caller speaks to the recorder.
type MessageBegan struct {
	Call     string `json:"call"`
	Message  string `json:"message"` // also the recording's name in Asterisk
	Category string `json:"category,omitempty"`
	Queue    string `json:"queue,omitempty"`
}

// MessageEnded: the recorder stopped. An Empty message (nothing but silence) makes no ticket.
type MessageEnded struct {
	Call     string        `json:"call"`
	Message  string        `json:"message"`
	Duration time.Duration `json:"duration"`
	Empty    bool          `json:"empty,omitempty"`
	Failed   string        `json:"failed,omitempty"` // why there is no recording
}

// RecordingBegan: both directions of the caller's leg are being recorded by Asterisk under these names.
type RecordingBegan struct {
	Call      string `json:"call"`
	Recording string `json:"recording"`
	Node      string `json:"node"`
	Left      string `json:"left"`  // what the caller says
	Right     string `json:"right"` // what the caller hears
}

// RecordingEnded: Asterisk closed both files; they wait to be fetched.
type RecordingEnded struct {
	Call      string `json:"call"`
	Recording string `json:"recording"`
}

// RecordingStored: the recording (of a talk or a message) is in our own store.
type RecordingStored struct {
	Call      string        `json:"call"`
	Recording string        `json:"recording"` // equals Message for a message
	File      string        `json:"file"`      // relative to the store
	Bytes     int64         `json:"bytes"`
	Duration  time.Duration `json:"duration"`
	SHA256    string        `json:"sha256"`
	Channels  int           `json:"channels"`
}

// RecordingLost: the recording cannot be had; Why tells the administrator.
type RecordingLost struct {
	Call      string `json:"call"`
	Recording string `json:"recording"`
	Why       string `json:"why"`
}

// Ending is how a call ended: each call has exactly one.
type Ending string

// The closed list of endings.
const (
	EndRefused     Ending = "refused"      // never answered: closed line, full, unknown number
	EndIVRHangup   Ending = "ivr-hangup"   // the caller left while in the IVR
	EndIVRComplete Ending = "ivr-complete" // the flow said goodbye
	EndAbandoned   Ending = "abandoned"    // the caller left while waiting
	EndCaller      Ending = "caller"       // the caller hung up on an agent
	EndAgent       Ending = "agent"        // the agent ended it
	EndMessage     Ending = "message"      // a message was left
	EndCallback    Ending = "callback"     // the caller was promised a call back
	EndUnreached   Ending = "unreached"    // an attempt at a call back that reached nobody
	EndFailed      Ending = "failed"       // we or Asterisk lost it
)

// Endings lists them in the order in which reports show them.
var Endings = []Ending{EndRefused, EndIVRHangup, EndIVRComplete, EndAbandoned, EndCaller, EndAgent, EndMessage, EndCallback, EndUnreached, EndFailed}

// CallClosing: we decided to end the call; the channel is being hung up with Cause (a word of ToHangup.Refuse, or
// "normal").
type CallClosing struct {
	Call   string `json:"call"`
	Ending Ending `json:"ending"`
	Cause  string `json:"cause"`
}

// CallEnded: the caller's channel is gone. Nothing more happens to the call but the storing of its recordings.
type CallEnded struct {
	Call     string `json:"call"`
	Ending   Ending `json:"ending"`
	Cause    int    `json:"cause,omitempty"` // Q.850, as Asterisk gave it
	Inferred bool   `json:"inferred,omitempty"`
}

// CallQuarantined: a decision about this call failed; it was taken out of the loop's hands and hung up.
type CallQuarantined struct {
	Call string `json:"call"`
	Why  string `json:"why"`
}

// TicketOpened: the ticket that pops with a call, or that a message became, exists from here on. Its id is its
// number, `20261121-0042` in the centre's own time zone.
type TicketOpened struct {
	Ticket   string `json:"ticket"`
	Call     string `json:"call"`
	Queue    string `json:"queue,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Channel  string `json:"channel"` // phone, message, browser
	Caller   Party  `json:"caller"`
	Lang     string `json:"lang,omitempty"`
	Category string `json:"category,omitempty"`
	Message  string `json:"message,omitempty"`
}

func init() {
	register[CallArrived]()
	register[CallAnswered]()
	register[FlowStepped]()
	register[VisitBegan]()
	register[VisitEnded]()
	register[PromptEnded]()
	register[WaitTold]()
	register[Offered]()
	register[OfferEnded]()
	register[TalkBegan]()
	register[TalkHeld]()
	register[TalkRetrieved]()
	register[TalkEnded]()
	register[Transferred]()
	register[MessageBegan]()
	register[MessageEnded]()
	register[RecordingBegan]()
	register[RecordingEnded]()
	register[RecordingStored]()
	register[RecordingLost]()
	register[CallClosing]()
	register[CallEnded]()
	register[CallQuarantined]()
	register[TicketOpened]()
}

// The kinds, in the order of a call's life.

func (CallArrived) Kind() string     { return "call.arrived" }
func (CallAnswered) Kind() string    { return "call.answered" }
func (FlowStepped) Kind() string     { return "flow.stepped" }
func (VisitBegan) Kind() string      { return "visit.began" }
func (VisitEnded) Kind() string      { return "visit.ended" }
func (PromptEnded) Kind() string     { return "prompt.ended" }
func (WaitTold) Kind() string        { return "wait.told" }
func (Offered) Kind() string         { return "offer.made" }
func (OfferEnded) Kind() string      { return "offer.ended" }
func (TalkBegan) Kind() string       { return "talk.began" }
func (TalkHeld) Kind() string        { return "talk.held" }
func (TalkRetrieved) Kind() string   { return "talk.retrieved" }
func (TalkEnded) Kind() string       { return "talk.ended" }
func (Transferred) Kind() string     { return "talk.transferred" }
func (MessageBegan) Kind() string    { return "message.began" }
func (MessageEnded) Kind() string    { return "message.ended" }
func (RecordingBegan) Kind() string  { return "recording.began" }
func (RecordingEnded) Kind() string  { return "recording.ended" }
func (RecordingStored) Kind() string { return "recording.stored" }
func (RecordingLost) Kind() string   { return "recording.lost" }
func (CallClosing) Kind() string     { return "call.closing" }
func (CallEnded) Kind() string       { return "call.ended" }
func (CallQuarantined) Kind() string { return "call.quarantined" }
func (TicketOpened) Kind() string    { return "ticket.opened" }
