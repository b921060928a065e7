package fact

import "time"

// A caller may have a call back instead of waiting. The promise is a callback; it keeps the caller's place in the queue, and
// each attempt to keep it is a call of its own, Via "callback", which waits in that place without a channel until it is
// dialled.

// ViaCallback is CallArrived.Via of an attempt at a call back.
const ViaCallback = "callback"

// AskStep is what a waiting caller is being asked about a call back.
type AskStep string

// The steps of the dialog.
const (
	AskConfirm AskStep = "confirm" // is this the number?
	AskNumber  AskStep = "number"  // which number, then?
	AskOver    AskStep = "over"    // no call back: the caller goes on waiting
)

// CallbackAsked: the dialog with a waiting caller took a step. It replaces what the visit held of it before.
type CallbackAsked struct {
	Call   string   `json:"call"`
	Visit  string   `json:"visit"`
	Step   AskStep  `json:"step"`
	Number string   `json:"number,omitempty"` // that is to be confirmed
	Digits string   `json:"digits,omitempty"` // keyed so far
	Tries  int      `json:"tries,omitempty"`  // that came to nothing
	Say    []Phrase `json:"say,omitempty"`
	// Why is what led here: key 1, full, …; Limit: a limit of the queue, so that the caller cannot simply wait on.
	Why   string `json:"why"`
	Limit bool   `json:"limit,omitempty"`
}

// CallbackRequested: the caller confirmed a number and is promised a call there.
type CallbackRequested struct {
	Callback string     `json:"callback"`
	Call     string     `json:"call"`
	Visit    string     `json:"visit"`
	Queue    string     `json:"queue"`
	Number   string     `json:"number"` // E.164
	Caller   Party      `json:"caller"` // as they will be shown: Number is the one to be called
	Line     string     `json:"line"`
	Node     string     `json:"node"`
	Lang     string     `json:"lang,omitempty"`
	Path     []PathStep `json:"path,omitempty"`
	Priority int        `json:"priority,omitempty"`
	Boosts   []Boost    `json:"boosts,omitempty"` // what of the priority is the caller's own
	Since    time.Time  `json:"since"`            // the place counts from here
	Expires  time.Time  `json:"expires"`
	Ticket   string     `json:"ticket,omitempty"` // of the call that asked, when it had one
}

// CallbackRefusal is why a caller got no call back.
type CallbackRefusal string

// The closed list of refusals.
const (
	RefusedNumber    CallbackRefusal = "number"        // it cannot be read as a number
	RefusedForbidden CallbackRefusal = "not-permitted" // a number that is not called
	RefusedOpen      CallbackRefusal = "open"          // that number has a call back coming already
	RefusedPerDay    CallbackRefusal = "per-day"       // that number has had its call backs of the day
)

// CallbackRefusals lists them.
var CallbackRefusals = []CallbackRefusal{RefusedNumber, RefusedForbidden, RefusedOpen, RefusedPerDay}

// CallbackRefused: the caller asked for a call back that is not given. With Why "open" Callback names the one that the
// number has, which keeps its place.
type CallbackRefused struct {
	Call     string          `json:"call"`
	Visit    string          `json:"visit"`
	Queue    string          `json:"queue"`
	Why      CallbackRefusal `json:"why"`
	Callback string          `json:"callback,omitempty"`
}

// CallbackTried: an attempt began. Its call waits in the queue, in the caller's old place.
type CallbackTried struct {
	Callback string     `json:"callback"`
	Call     string     `json:"call"`
	Asked    time.Time  `json:"asked"`
	Lang     string     `json:"lang,omitempty"`
	Path     []PathStep `json:"path,omitempty"`
	Ticket   string     `json:"ticket,omitempty"`
}

// CallbackDialled: the number is being called, for at most Ring. With Agent an agent waits for the answer; without one
// the customer is asked to wait.
type CallbackDialled struct {
	Callback string        `json:"callback"`
	Call     string        `json:"call"`
	Queue    string        `json:"queue"`
	Endpoint string        `json:"endpoint"`
	CallerID string        `json:"caller_id,omitempty"`
	Ring     time.Duration `json:"ring"`
	Agent    string        `json:"agent,omitempty"`
}

// CallbackMiss is why an attempt came to nothing.
type CallbackMiss string

// The closed list of what attempts come to that reach nobody.
const (
	MissBusy     CallbackMiss = "busy"
	MissNoAnswer CallbackMiss = "no-answer"
	MissRefused  CallbackMiss = "refused"     // the network or the other end would not have it
	MissLeft     CallbackMiss = "left"        // the customer hung up before an agent was there
	MissFailed   CallbackMiss = "failed"      // we or Asterisk lost it
	MissClosed   CallbackMiss = "closed"      // it was not dialled: no call backs at this hour
	MissNotMade  CallbackMiss = "not-dialled" // it was not dialled: taken back, or there is no trunk now
)

// CallbackMisses lists them.
var CallbackMisses = []CallbackMiss{MissBusy, MissNoAnswer, MissRefused, MissLeft, MissFailed, MissClosed, MissNotMade}

// CallbackPostponed: an attempt is over, or could not begin, and the next one is due at Next. Dialled ones count as tries.
type CallbackPostponed struct {
	Callback string       `json:"callback"`
	Call     string       `json:"call,omitempty"`
	Queue    string       `json:"queue"`
	Dialled  bool         `json:"dialled,omitempty"`
	Why      CallbackMiss `json:"why"`
	Next     time.Time    `json:"next"`
}

// CallbackResult is how a callback ended: each has exactly one.
type CallbackResult string

// The closed list of results.
const (
	CallbackReached   CallbackResult = "reached"   // customer and agent talk
	CallbackUnreached CallbackResult = "unreached" // all tries were in vain
	CallbackExpired   CallbackResult = "expired"   // nobody had time for it while it was still worth something
	CallbackCancelled CallbackResult = "cancelled" // by somebody of the house
)

// CallbackResults lists them in the order in which reports show them.
var CallbackResults = []CallbackResult{CallbackReached, CallbackUnreached, CallbackExpired, CallbackCancelled}

// CallbackEnded closes a callback with its one result. Waited is from the confirmation until now.
type CallbackEnded struct {
	Callback string         `json:"callback"`
	Call     string         `json:"call,omitempty"` // the attempt that it ended with
	Queue    string         `json:"queue"`
	Result   CallbackResult `json:"result"`
	Waited   time.Duration  `json:"waited"`
	Tries    int            `json:"tries,omitempty"`
	Agent    string         `json:"agent,omitempty"` // who talks
	By       string         `json:"by,omitempty"`    // who cancelled it; called-again: the customer called and was served
}

func init() {
	register[CallbackAsked]()
	register[CallbackRequested]()
	register[CallbackRefused]()
	register[CallbackTried]()
	register[CallbackDialled]()
	register[CallbackPostponed]()
	register[CallbackEnded]()
}

// The kinds, in the order of a callback's life.

func (CallbackAsked) Kind() string     { return "callback.asked" }
func (CallbackRequested) Kind() string { return "callback.requested" }
func (CallbackRefused) Kind() string   { return "callback.refused" }
func (CallbackTried) Kind() string     { return "callback.tried" }
func (CallbackDialled) Kind() string   { return "callback.dialled" }
func (CallbackPostponed) Kind() string { return "callback.postponed" }
func (CallbackEnded) Kind() string     { return "callback.ended" }
