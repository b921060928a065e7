package fact

import "time"

// AgentSignedIn: a desk of this agent is open. The agent starts not ready.
type AgentSignedIn struct {
	Agent string `json:"agent"`
}

// AgentSignedOut: the agent left: by own wish, or because the desk stayed away (Why: "desk lost").
type AgentSignedOut struct {
	Agent string `json:"agent"`
	Why   string `json:"why,omitempty"`
	By    string `json:"by,omitempty"` // the supervisor, when it was none of these
}

// AgentReady: the agent may be offered calls, and is idle from here on.
type AgentReady struct {
	Agent string `json:"agent"`
	By    string `json:"by,omitempty"` // a supervisor, when not the agent
}

// AgentNotReady: no offers until ready again. By is empty when the agent pressed it, a supervisor's login, or "rule"
// (missed offers).
type AgentNotReady struct {
	Agent  string `json:"agent"`
	Reason string `json:"reason"`
	By     string `json:"by,omitempty"`
}

// AgentPending: not ready was pressed in a call and takes effect after wrap-up; an empty reason takes it back.
type AgentPending struct {
	Agent  string `json:"agent"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"` // a supervisor, when not the agent
}

// WrapUpBegan: time to finish the record, until Until.
type WrapUpBegan struct {
	Agent  string    `json:"agent"`
	Call   string    `json:"call"`
	Queue  string    `json:"queue"`
	Ticket string    `json:"ticket,omitempty"`
	Until  time.Time `json:"until"`
}

// WrapUpExtended: the agent asked for more time, within the queue's rule.
type WrapUpExtended struct {
	Agent string    `json:"agent"`
	Until time.Time `json:"until"`
}

// WrapUpEnded: done pressed, or the limit reached (How: "done", "limit", "signed-out", or "interrupted" by a caller whose
// case the agent knows). Lasted is its length.
type WrapUpEnded struct {
	Agent  string        `json:"agent"`
	Call   string        `json:"call"`
	Queue  string        `json:"queue"`
	How    string        `json:"how"`
	Lasted time.Duration `json:"lasted"`
}

// DeskUp and DeskLost: whether the agent's websocket is open.
type DeskUp struct {
	Agent string `json:"agent"`
}

// DeskLost: see DeskUp.
type DeskLost struct {
	Agent string `json:"agent"`
}

// MediaUp and MediaLost: whether the browser's audio flows (peer connection up and RTP seen).
type MediaUp struct {
	Agent string `json:"agent"`
}

// MediaLost: see MediaUp.
type MediaLost struct {
	Agent string `json:"agent"`
}

// LegMade: the agent's own leg in Asterisk is up and nailed: an externalMedia channel, or the call to a desk phone that was
// answered.
type LegMade struct {
	Agent string `json:"agent"`
	Node  string `json:"node"`
	Leg   string `json:"leg"`            // channel id
	Addr  string `json:"addr,omitempty"` // where Asterisk takes its RTP
	// Phone is the endpoint of the desk phone at the other end; empty: it is the browser.
	Phone string `json:"phone,omitempty"`
}

// LegGone: the leg's channel is gone; another will be made while the agent is signed in.
type LegGone struct {
	Agent string `json:"agent"`
	Leg   string `json:"leg"`
}

// ServerStarted marks a start of the application; Version and Config tell what ran.
type ServerStarted struct {
	Version string `json:"version"`
	Config  string `json:"config"` // hash of the configuration in force
}

// LinkUp: events of this Asterisk arrive in order again, after the snapshot was settled.
type LinkUp struct {
	Node    string `json:"node"`
	Version string `json:"version"`
}

// LinkDown: a gap begins.
type LinkDown struct {
	Node string `json:"node"`
	Why  string `json:"why"`
}

func init() {
	register[AgentSignedIn]()
	register[AgentSignedOut]()
	register[AgentReady]()
	register[AgentNotReady]()
	register[AgentPending]()
	register[WrapUpBegan]()
	register[WrapUpExtended]()
	register[WrapUpEnded]()
	register[DeskUp]()
	register[DeskLost]()
	register[MediaUp]()
	register[MediaLost]()
	register[LegMade]()
	register[LegGone]()
	register[ServerStarted]()
	register[LinkUp]()
	register[LinkDown]()
}

// The kinds.

func (AgentSignedIn) Kind() string  { return "agent.signed-in" }
func (AgentSignedOut) Kind() string { return "agent.signed-out" }
func (AgentReady) Kind() string     { return "agent.ready" }
func (AgentNotReady) Kind() string  { return "agent.not-ready" }
func (AgentPending) Kind() string   { return "agent.pending" }
func (WrapUpBegan) Kind() string    { return "wrap-up.began" }
func (WrapUpExtended) Kind() string { return "wrap-up.extended" }
func (WrapUpEnded) Kind() string    { return "wrap-up.ended" }
func (DeskUp) Kind() string         { return "desk.up" }
func (DeskLost) Kind() string       { return "desk.lost" }
func (MediaUp) Kind() string        { return "media.up" }
func (MediaLost) Kind() string      { return "media.lost" }
func (LegMade) Kind() string        { return "leg.made" }
func (LegGone) Kind() string        { return "leg.gone" }
func (ServerStarted) Kind() string  { return "server.started" }
func (LinkUp) Kind() string         { return "link.up" }
func (LinkDown) Kind() string       { return "link.down" }
