package floor

import (
	"time"

	"hotline/fact"
)

// Input is anything that reaches the floor from outside: Asterisk, a desk, a timer, the result of an effect.
type Input interface{ input() }

// Arrived: a channel entered the application and is no call yet.
type Arrived struct {
	Channel, Node, Line, Trunk, Via string
	Caller                          fact.Party
	Up                              bool // it is answered already: a caller-page leg
}

// Answered: the caller's channel is up.
type Answered struct{ Call string }

// Key: the caller pressed a key.
type Key struct{ Call, Digit string }

// Spoken: a prompt was heard to its end, or failed.
type Spoken struct {
	Call   string
	Prompt int
	Failed string
}

// Gone: the caller's channel does not exist any more.
type Gone struct {
	Call     string
	Cause    int
	Inferred bool
}

// Regained: the caller's channel is there after a gap in which keys and ends of prompts may have been lost.
type Regained struct{ Call string }

// Recorded: the recorder of a message stopped.
type Recorded struct {
	Call, Message string
	Duration      time.Duration
	Empty         bool
	Failed        string
}

// LookedUp: a lookup's answer. Failed: the source could not be asked.
type LookedUp struct {
	Call   string
	Found  bool
	Vars   map[string]string
	Failed bool
}

// Joined: the agent's leg is in the bridge with the caller.
type Joined struct{ Call, Offer string }

// JoinFailed: it could not be put there.
type JoinFailed struct{ Call, Offer, Why string }

// Stored and Lost end what fact.RecordingEnded and MessageEnded began.
type Stored struct{ Fact fact.RecordingStored }

// Lost: see Stored.
type Lost struct{ Call, Recording, Why string }

// CannotServe: a call's lane gave up; the call cannot go on.
type CannotServe struct{ Call, Why string }

// LegUp: the agent's leg is in the application. Phone is the endpoint of the desk phone that answered; empty: it is the
// browser's, and Addr is where Asterisk takes its RTP.
type LegUp struct{ Agent, Node, Leg, Addr, Phone string }

// LegDown: it is gone. HungUp: the other end ended it in order.
type LegDown struct {
	Agent, Leg string
	HungUp     bool
}

// Desk: the agent's websocket opened or closed.
type Desk struct {
	Agent string
	Up    bool
}

// Media: the agent's audio flows, or no more.
type Media struct {
	Agent string
	Up    bool
}

// Link: a node's events arrive in order again, or no more.
type Link struct {
	Node, Version, Why string
	Up                 bool
}

// Started: the application began to run.
type Started struct{ Version string }

// Tick: some deadline has passed.
type Tick struct{}

// HangUp: the caller page's visitor pressed End, or its page is gone.
type HangUp struct{ Call string }

// Command is what an agent or a supervisor asks for.
type Command struct {
	Agent   string // on whom it acts
	By      string // the supervisor, when not the agent
	Do      string
	Offer   string
	Call    string
	Reason  string
	ToAgent string
	ToQueue string
	// Callback of cancel-callback, which needs no agent.
	Callback string

	// Of set-queues and set-skills.
	Queues []fact.Membership
	Skills map[string]int
	Reset  bool // to what the configuration says
}

// Illegal refuses a command; Error is for people.
type Illegal struct{ Code, Text, Place string }

func (e *Illegal) Error() string { return e.Text }

func (Arrived) input()     {}
func (Answered) input()    {}
func (Key) input()         {}
func (Spoken) input()      {}
func (Gone) input()        {}
func (Regained) input()    {}
func (Recorded) input()    {}
func (LookedUp) input()    {}
func (Joined) input()      {}
func (JoinFailed) input()  {}
func (Stored) input()      {}
func (Lost) input()        {}
func (CannotServe) input() {}
func (LegUp) input()       {}
func (LegDown) input()     {}
func (Desk) input()        {}
func (Media) input()       {}
func (Link) input()        {}
func (Started) input()     {}
func (Tick) input()        {}
func (HangUp) input()      {}
func (Command) input()     {}
