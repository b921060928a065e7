package call

import "fmt"

// Phase is where a call stands.
type Phase uint8

// The phases, in the order of a call's life.
const (
	Unknown Phase = iota
	// Menu: the caller is in the IVR, or still unanswered on the way into it.
	Menu
	// Waiting: in a queue; perhaps being offered to an agent.
	Waiting
	// Joining: an agent accepted and the legs are being put into one bridge.
	Joining
	// Talking: caller and agent are in one bridge.
	Talking
	// Held: the caller hears music, the agent nothing.
	Held
	// Message: the caller speaks to the recorder.
	Message
	// Closing: we are hanging up.
	Closing
	// Ended: the caller's channel is gone. Final.
	Ended
)

var phaseNames = [...]string{"unknown", "menu", "waiting", "joining", "talking", "held", "message", "closing", "ended"}

func (p Phase) String() string {
	if int(p) < len(phaseNames) {
		return phaseNames[p]
	}
	return fmt.Sprintf("phase %d", p)
}

// MarshalText writes the phase's word.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads it.
func (p *Phase) UnmarshalText(b []byte) error {
	for i, n := range phaseNames {
		if n == string(b) {
			*p = Phase(i)
			return nil
		}
	}
	return fmt.Errorf("no such phase: %q", b)
}

// Op is what moves a call from one phase to another.
type Op uint8

// The operations.
const (
	OpArrive Op = iota + 1
	OpStep      // the IVR took a step
	OpEnqueue
	OpAccept // an agent took the offer
	OpJoin   // the legs are in one bridge
	OpUnjoin // they could not be joined, or the agent was lost: back to the queue
	OpHold
	OpRetrieve
	OpRecord // the recorder starts
	OpClose
	OpEnd // the channel is gone
)

var opNames = [...]string{"?", "arrive", "step", "enqueue", "accept", "join", "unjoin", "hold", "retrieve", "record", "close", "end"}

func (o Op) String() string { return opNames[o] }

// IllegalError names a transition that does not exist.
type IllegalError struct {
	From Phase
	Op   Op
}

func (e IllegalError) Error() string {
	return fmt.Sprintf("illegal for a call: %s -%s->", e.From, e.Op)
}

type edge struct {
	from Phase
	op   Op
}

// next is the whole machine; what is not here is illegal.
var next = map[edge]Phase{
	{Unknown, OpArrive}:  Menu,    // a channel entered the application
	{Menu, OpStep}:       Menu,    // round and round the menus
	{Menu, OpEnqueue}:    Waiting, // the flow's exit
	{Menu, OpRecord}:     Message, // after hours
	{Menu, OpClose}:      Closing, // goodbye, or refused
	{Menu, OpEnd}:        Ended,   // hung up in the IVR
	{Waiting, OpAccept}:  Joining,
	{Waiting, OpStep}:    Menu,    // overflow to a flow, or words before the recorder
	{Waiting, OpEnqueue}: Waiting, // overflow to another queue
	{Waiting, OpClose}:   Closing,
	{Waiting, OpEnd}:     Ended, // abandoned
	{Joining, OpJoin}:    Talking,
	{Joining, OpUnjoin}:  Waiting, // same visit, same place; a caller who goes now goes from there
	{Talking, OpHold}:    Held,
	{Talking, OpEnqueue}: Waiting, // transferred, or the agent was lost
	{Talking, OpClose}:   Closing,
	{Talking, OpEnd}:     Ended,
	{Held, OpRetrieve}:   Talking,
	{Held, OpEnqueue}:    Waiting,
	{Held, OpClose}:      Closing,
	{Held, OpEnd}:        Ended,
	{Message, OpStep}:    Menu, // words after the recorder
	{Message, OpClose}:   Closing,
	{Message, OpEnd}:     Ended,
	{Closing, OpEnd}:     Ended,
}

// Next gives the phase after op, or an IllegalError.
func Next(p Phase, op Op) (Phase, error) {
	if to, ok := next[edge{p, op}]; ok {
		return to, nil
	}
	return p, IllegalError{p, op}
}
