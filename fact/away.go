package fact

import "time"

// NetMessage: the dialplan's safety net took a message while nobody was connected; it was found afterwards, and is being
// fetched. Its time is Left, the record's is when it was found.
type NetMessage struct {
	Call    string `json:"call"`    // the id of the caller's channel
	Message string `json:"message"` // also the recording's id
	Node    string `json:"node"`
	Name    string `json:"name"` // of the recording in Asterisk
	Line    string `json:"line"`
	Caller  Party  `json:"caller"`
	// Known: the call itself had reached the application before, and stands in the log with its own ending.
	Known    bool          `json:"known,omitempty"`
	Left     time.Time     `json:"left"` // when the net began to record
	Duration time.Duration `json:"duration"`
	Empty    bool          `json:"empty,omitempty"` // nothing but silence: makes no ticket
}

// TicketDrafted: somebody edited a ticket while the archive was away; it is applied when the archive is back.
type TicketDrafted struct {
	Ticket string `json:"ticket"`
	By     string `json:"by"`
	// Version is the one that the form was filled from.
	Version int `json:"version"`
	// Fields are the new values, by the names of the ticket's fields.
	Fields map[string]string `json:"fields,omitempty"`
	Do     string            `json:"do,omitempty"` // close, reopen
}

// RecordingDeleted: the time to keep the recording is over; its file is being removed.
type RecordingDeleted struct {
	Call      string `json:"call"`
	Recording string `json:"recording"`
	Why       string `json:"why"`
}

// ConfigLoaded: another configuration is in force from here on, without a restart.
type ConfigLoaded struct {
	Config string `json:"config"` // its hash
}

// AgentReleased: the watchdog found the agent offered or talking without a call, and made the agent ready.
type AgentReleased struct {
	Agent string `json:"agent"`
	Call  string `json:"call,omitempty"` // which the agent was thought to be on
}

func init() {
	register[AgentReleased]()
	register[NetMessage]()
	register[TicketDrafted]()
	register[RecordingDeleted]()
	register[ConfigLoaded]()
}

// Kind is the fact's name in the journal.
func (AgentReleased) Kind() string { return "agent.released" }

// Kind is the fact's name in the journal.
func (NetMessage) Kind() string { return "message.by-net" }

// Kind is the fact's name in the journal.
func (TicketDrafted) Kind() string { return "ticket.drafted" }

// Kind is the fact's name in the journal.
func (RecordingDeleted) Kind() string { return "recording.deleted" }

// Kind is the fact's name in the journal.
func (ConfigLoaded) Kind() string { return "config.loaded" }
