package fact

// Membership makes an agent take a queue's calls.
type Membership struct {
	Queue  string  `json:"queue"`
	Order  int     `json:"order,omitempty"`  // of preference: 1 is served first, and is the default
	Weight float64 `json:"weight,omitempty"` // felt wait counts so much for this agent; default 1
}

// AgentQueuesSet: a supervisor moved the agent between queues. It holds, over restarts and reloads, until it is Reset to
// what the configuration says.
type AgentQueuesSet struct {
	Agent  string       `json:"agent"`
	Queues []Membership `json:"queues"`
	Reset  bool         `json:"reset,omitempty"`
	By     string       `json:"by"`
}

// AgentSkillsSet: a supervisor changed the agent's skills. It holds like AgentQueuesSet.
type AgentSkillsSet struct {
	Agent  string         `json:"agent"`
	Skills map[string]int `json:"skills"`
	Reset  bool           `json:"reset,omitempty"`
	By     string         `json:"by"`
}

func init() {
	register[AgentQueuesSet]()
	register[AgentSkillsSet]()
}

// Kind is the fact's name in the journal.
func (AgentQueuesSet) Kind() string { return "agent.queues-set" }

// Kind is the fact's name in the journal.
func (AgentSkillsSet) Kind() string { return "agent.skills-set" }
