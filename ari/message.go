package ari

import "time"

// Message is what the Sink hears: Up, Event or Down.
type Message interface {
	// node is the Config.Node of the link the message came over.
	node() string
}

// Up says that the link stands. Events that follow were raised after the websocket was connected, which was
// before Snapshot was taken.
type Up struct {
	Node     string
	At       time.Time
	Snapshot Snapshot
}

// Event is one event of Asterisk. At is when we received it; Asterisk's own time is in the body's
// Timestamp, by Asterisk's clock and to the millisecond.
type Event struct {
	Node  string
	At    time.Time
	Event EventBody
}

// Down says that the link is gone, or could not come up at its first try. What Asterisk raises until the
// next Up is lost.
type Down struct {
	Node   string
	At     time.Time
	Reason Reason
	Err    error
}

func (m Up) node() string    { return m.Node }
func (m Event) node() string { return m.Node }
func (m Down) node() string  { return m.Node }

// Reason says why a link is down. It is used alike by log, metric and Down.
type Reason string

// The closed list of reasons.
const (
	ReasonReset        Reason = "reset"        // the connection was closed or broke
	ReasonStalled      Reason = "stalled"      // Asterisk cut us (1011): it could not write to us for 100 ms
	ReasonHalfOpen     Reason = "half-open"    // no answer to pings
	ReasonDeaf         Reason = "deaf"         // the websocket lives, but our heartbeat does not come back over it
	ReasonReplaced     Reason = "replaced"     // another program took the application; the link stays down until Retake
	ReasonRefused      Reason = "refused"      // nothing answers at the URL, or what answers is no ARI
	ReasonUnauthorized Reason = "unauthorized" // user or password is wrong, or the user is read-only
	ReasonTooOld       Reason = "too-old"      // Asterisk is older than MinimumVersion
	ReasonSnapshot     Reason = "snapshot"     // the websocket stood, but the snapshot could not be taken
	ReasonOverflow     Reason = "overflow"     // the Sink was too slow: cut by ourselves, resynced after it caught up
)

// Reasons lists all reasons, for metrics and tests.
var Reasons = []Reason{
	ReasonReset, ReasonStalled, ReasonHalfOpen, ReasonDeaf, ReasonReplaced, ReasonRefused,
	ReasonUnauthorized, ReasonTooOld, ReasonSnapshot, ReasonOverflow,
}
