package fact

// Why is why an agent was offered a call, part by part, so that everybody is told in their own language. Times are seconds.
type Why struct {
	// Asked: a transfer asked for this agent. The rest says why the routing chose them.
	Asked     bool      `json:"asked,omitempty"`
	Preferred bool      `json:"preferred,omitempty"` // knows the case, or the caller's list names the agent
	Skills    []HadNeed `json:"skills,omitempty"`
	Step      int       `json:"step,omitempty"`    // so many relax steps had passed
	Order     int       `json:"order,omitempty"`   // the agent's order for the queue, when not the first
	Overdue   bool      `json:"overdue,omitempty"` // the caller went before all others
	Strategy  string    `json:"strategy,omitempty"`
	Of        int       `json:"of,omitempty"` // so many agents could have taken the call
	Idle      float64   `json:"idle,omitempty"`
	Calls     int       `json:"calls,omitempty"`     // the agent's today
	Occupancy float64   `json:"occupancy,omitempty"` // the agent's busy share today, 0..1
	Waited    float64   `json:"waited,omitempty"`    // by the caller
	Boosts    []Boost   `json:"boosts,omitempty"`
	Not       []Passed  `json:"not,omitempty"`
}

// HadNeed compares one level.
type HadNeed struct {
	Skill string `json:"skill"`
	Has   int    `json:"has"`
	Needs int    `json:"needs"`
}

// Boost is a part of a caller's priority that has a reason of its own: the list the caller is on, or so many calls lately.
type Boost struct {
	List   string `json:"list,omitempty"`
	Calls  int    `json:"calls,omitempty"`
	Points int    `json:"points"`
}

// Passed is an agent who was passed over. Why is a state, a reason for not ready, or a word of ours.
type Passed struct {
	Agent string `json:"agent"`
	Why   string `json:"why"`
}
