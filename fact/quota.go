package fact

// AgentInLine: so many of the agent's team are away for this reason that the agent waits for a place, in the state at hand.
// The place comes as AgentNotReady, or as AgentPending to who is in a call; an empty reason leaves the line.
type AgentInLine struct {
	Agent  string `json:"agent"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"` // a supervisor, when not the agent
}

func init() { register[AgentInLine]() }

// Kind is the fact's name in the journal.
func (AgentInLine) Kind() string { return "agent.in-line" }
