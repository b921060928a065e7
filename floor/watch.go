package floor

import (
	"fmt"
	"slices"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// Trouble is something that should not be. By construction there is none on the floor; a watchdog looks all the same.
type Trouble struct {
	Kind TroubleKind
	ID   string // of the call, the agent, the channel or the bridge
	Text string // for the log, and for programs
	Particulars
	Mend Input // what puts it right; nil: nothing on the floor does
	// Mended: it is being put right; otherwise a person must look.
	Mended bool
}

// Particulars are what Text was made of, so that it can be said in another language. Each kind has its own of them.
type Particulars struct {
	State      string // the call's phase, or the agent's state
	Since, Due time.Time
	Agent      string
	Node       string        // the Asterisk
	Count      int           // records or recordings that wait, facts that were refused
	By         time.Duration // how late; of a clock: how far the house is ahead, below zero behind
	Why        string        // an error, in English
	Full       bool          // a disk is
}

// TroubleKind is a word of the closed list of what a watchdog finds; a metric's label.
type TroubleKind string

// The troubles that the floor alone shows, those that show only beside what Asterisk holds, and what falls behind.
const (
	CallOverdue      TroubleKind = "call-overdue"       // its deadline passed and nothing happened
	CallSilent       TroubleKind = "call-silent"        // in the IVR, where nothing is said, awaited or looked up
	CallAlone        TroubleKind = "call-without-agent" // in a talk whose agent is elsewhere
	AgentOverdue     TroubleKind = "agent-overdue"      // a wrap-up or a grace passed and nothing happened
	AgentWithoutCall TroubleKind = "agent-without-call" // offered or talking, and nobody is there

	ChannelGone     TroubleKind = "call-without-channel" // its end never reached us
	BridgeWithout   TroubleKind = "bridge-without-call"
	ChannelOrphaned TroubleKind = "channel-without-owner" // a leg, a snoop, a caller whose call has ended

	JournalLag   TroubleKind = "journal-lag"   // facts wait in memory
	ProjectorLag TroubleKind = "projector-lag" // the archive is behind
	Unapplied    TroubleKind = "unapplied"     // the archive refused facts
	RecordingLag TroubleKind = "recording-lag" // recordings wait in Asterisk
	ClockOff     TroubleKind = "clock-off"     // the machine's clock was set
)

// TroubleKinds lists them.
var TroubleKinds = []TroubleKind{
	CallOverdue, CallSilent, CallAlone, AgentOverdue, AgentWithoutCall, ChannelGone, BridgeWithout, ChannelOrphaned,
	JournalLag, ProjectorLag, Unapplied, RecordingLag, ClockOff,
}

// Late tells of trouble that is one only because too much time has passed.
func (k TroubleKind) Late() bool { return k == CallOverdue || k == CallSilent || k == AgentOverdue }

// overdue is how long after a deadline its work must be done.
const overdue = 15 * time.Second

// Inspect looks at every call and agent.
func (f *Floor) Inspect(now time.Time) (found []Trouble) {
	for _, id := range f.Calls() {
		found = append(found, f.inspectCall(f.s.Calls[id], now)...)
	}
	for _, id := range f.Agents() {
		found = append(found, f.inspectAgent(f.s.Agents[id], now)...)
	}
	return found
}

func (f *Floor) inspectCall(c *call.Call, now time.Time) (found []Trouble) {
	at, why := f.deadline(c)
	switch {
	case why != call.NoTimer && now.Sub(at) > overdue:
		found = append(found, Trouble{Kind: CallOverdue, ID: c.ID, Text: fmt.Sprintf("%s since %s; it should have gone on at %s", c.Phase, c.Since.Format(time.RFC3339), at.Format(time.RFC3339)),
			Particulars: Particulars{State: c.Phase.String(), Since: c.Since, Due: at}, Mend: Tick{}})
	case why == call.NoTimer && c.Phase == call.Menu && now.Sub(latest(c.SteppedAt, c.Since)) > overdue:
		found = append(found, Trouble{Kind: CallSilent, ID: c.ID, Text: "the caller hears nothing and nothing is awaited", Mend: CannotServe{Call: c.ID, Why: "nothing is said, awaited or looked up"}})
	}
	for _, id := range c.Agents() {
		if a := f.s.Agents[id]; a == nil || a.Call != c.ID {
			found = append(found, Trouble{Kind: CallAlone, ID: c.ID, Text: fmt.Sprintf("%s with agent %s, who is not on this call", c.Phase, id),
				Particulars: Particulars{State: c.Phase.String(), Agent: id}})
		}
	}
	return found
}

func (f *Floor) inspectAgent(a *Agent, now time.Time) (found []Trouble) {
	if c := f.s.Calls[a.Call]; (a.State == acd.Offered || a.State.InCall()) && (c == nil || !slices.Contains(c.Agents(), a.ID)) {
		return []Trouble{{Kind: AgentWithoutCall, ID: a.ID, Text: fmt.Sprintf("%s since %s, but not on call %q", a.State, a.Since.Format(time.RFC3339), a.Call),
			Particulars: Particulars{State: a.State.String(), Since: a.Since, Agent: a.ID}, Mend: Release{Agent: a.ID}}}
	}
	if at := f.agentDue(a); !at.IsZero() && now.Sub(at) > overdue {
		found = append(found, Trouble{Kind: AgentOverdue, ID: a.ID, Text: fmt.Sprintf("%s; something was due at %s", a.State, at.Format(time.RFC3339)),
			Particulars: Particulars{State: a.State.String(), Due: at, Agent: a.ID}, Mend: Tick{}})
	}
	return found
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Release: the watchdog found an agent held by nobody.
type Release struct{ Agent string }

func (Release) input() {}

// release gives an agent without a call back, if it is so still.
func (s *step) release(in Release) {
	a := s.s.Agents[in.Agent]
	if a == nil || a.State != acd.Offered && !a.State.InCall() {
		return
	}
	if c := s.s.Calls[a.Call]; c != nil && slices.Contains(c.Agents(), a.ID) {
		return
	}
	s.emit(fact.AgentReleased{Agent: a.ID, Call: a.Call})
	if a.Pending != "" { // no wrap-up will end any more, and the place is kept
		s.emit(fact.AgentNotReady{Agent: a.ID, Reason: a.Pending, By: a.PendingBy})
	}
}

// released writes it: no transition leads there, because nothing should.
func (a *Agent) released(at time.Time) {
	a.State, a.Since, a.IdleSince, a.Call, a.WrapUp = acd.Ready, at, at, "", nil
}
