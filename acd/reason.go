package acd

import (
	"fmt"
	"strings"
	"time"
)

// Reason says why an agent was offered a caller. It is kept with the call and shown.
type Reason struct {
	Agent     AgentID       `json:"agent"`
	Skills    []SkillReason `json:"skills,omitempty"` // what was needed, and what the agent has
	Strategy  Strategy      `json:"strategy"`
	Idle      time.Duration `json:"idle"`
	Calls     int           `json:"calls"`               // the agent's calls today
	Occupancy float64       `json:"occupancy"`           // the agent's busy share today
	Of        int           `json:"of"`                  // so many agents could have taken the call
	Order     int           `json:"order,omitempty"`     // the agent's order for the queue, when not the first
	Step      int           `json:"step,omitempty"`      // so many relax steps had passed
	Waited    time.Duration `json:"waited"`              // by the caller
	Points    float64       `json:"points,omitempty"`    // the caller's priority at that moment
	Overdue   bool          `json:"overdue,omitempty"`   // the caller went before all others
	Preferred bool          `json:"preferred,omitempty"` // the agent knows the case
	Boosts    []Boost       `json:"boosts,omitempty"`    // what the caller's priority is made of
	Not       []Passed      `json:"not,omitempty"`       // agents who had the levels but could not take it (some)
}

// SkillReason compares one level.
type SkillReason struct {
	Skill string `json:"skill"`
	Has   int    `json:"has"`
	Needs int    `json:"needs"`
}

// Passed is an agent who was passed over, and why.
type Passed struct {
	Agent AgentID `json:"agent"`
	Why   string  `json:"why"`
}

// String is the reason in one line: "li: complaint 8 ≥ 5, idle 3m12s, longest of 4; not wang: break".
func (r Reason) String() string {
	return r.Text(func(a AgentID) string { return a })
}

// Text is String with the agents' names.
func (r Reason) Text(name func(AgentID) string) string {
	var parts []string
	say := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if r.Preferred {
		say("knows the case")
	}
	for _, s := range r.Skills {
		if s.Has < s.Needs {
			continue // only a preferred agent may lack a level
		}
		say("%s %d ≥ %d", s.Skill, s.Has, s.Needs)
	}
	if r.Step > 0 {
		say("relaxed %d×", r.Step)
	}
	if r.Order > 1 {
		say("order %d", r.Order)
	}
	if r.Overdue {
		say("caller overdue after %s", round(r.Waited))
	}
	for _, b := range r.Boosts {
		say("%s", b)
	}
	switch {
	case r.Preferred:
	case r.Of == 1:
		say("idle %s, the only one", round(r.Idle))
	default:
		switch r.Strategy {
		case RoundRobin:
			say("next in turn of %d", r.Of)
		case FewestCalls:
			say("%d calls, fewest of %d", r.Calls, r.Of)
		case LeastOccupied:
			say("busy %.0f %%, least of %d", 100*r.Occupancy, r.Of)
		case SkillWeighted:
			say("most skilled of %d", r.Of)
		case Linear:
			say("first in order of %d", r.Of)
		default:
			say("idle %s, longest of %d", round(r.Idle), r.Of)
		}
	}
	text := name(r.Agent) + ": " + strings.Join(parts, ", ")
	for _, p := range r.Not {
		text += "; not " + name(p.Agent) + ": " + p.Why
	}
	return text
}

func round(d time.Duration) time.Duration { return d.Round(time.Second) }
