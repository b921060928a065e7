package acd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/acd/said"
)

// Agent is what the engine needs to know of an agent's configuration.
type Agent struct {
	ID     AgentID        `yaml:"-" json:"id"`
	Skills map[string]int `yaml:"skills" json:"skills,omitempty"` // skill → level, 1 to MaxLevel
	Queues []Membership   `yaml:"queues" json:"queues,omitempty"`
}

// Membership makes an agent take a queue's calls.
type Membership struct {
	Queue  QueueID `yaml:"queue" json:"queue"`
	Order  int     `yaml:"order" json:"order,omitempty"`   // 1 is served first, and is the default
	Weight float64 `yaml:"weight" json:"weight,omitempty"` // felt wait counts so much for this agent; default 1
}

func (m Membership) order() int { return max(m.Order, 1) }

func (m Membership) weight() float64 {
	if m.Weight == 0 {
		return 1
	}
	return m.Weight
}

// Stats is what the strategies know of an agent's day, taken when the agent becomes available.
type Stats struct {
	Calls     int           // calls taken today
	Busy      time.Duration // talk, hold and wrap-up today
	SignedIn  time.Duration // time at the desk today
	LastOffer time.Time     // when a call was last offered; zero = never
}

// occupancy is the busy share of the day in millionths.
func (s Stats) occupancy() int64 {
	if s.SignedIn <= 0 {
		return 0
	}
	return int64(float64(s.Busy) / float64(s.SignedIn) * 1e6)
}

// Validate returns everything that is wrong with the agent.
func (a Agent) Validate() []error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, said.Errorf("agent %s: %w", a.ID, said.Errorf(format, args...)))
	}
	if a.ID == "" {
		wrong("has no id")
	}
	for _, skill := range sortedKeys(a.Skills) {
		if level := a.Skills[skill]; level < 1 || level > MaxLevel {
			wrong("skill %s: level %d is outside 1 to %d", skill, level, MaxLevel)
		}
	}
	seen := map[QueueID]bool{}
	for _, m := range a.Queues {
		if seen[m.Queue] {
			wrong("is a member of queue %s twice", m.Queue)
		}
		seen[m.Queue] = true
		if m.Order < 0 || m.Order > 1000 {
			wrong("queue %s: order %d is outside 1 to 1000", m.Queue, m.Order)
		}
		if w := m.weight(); !(w >= 0.001 && w <= MaxWeight) {
			wrong("queue %s: weight %v is outside 0.001 to %d", m.Queue, w, MaxWeight)
		}
	}
	return errs
}

func (a *Agent) membership(q QueueID) (Membership, bool) { return membership(a.Queues, q) }

func membership(of []Membership, q QueueID) (Membership, bool) {
	for _, m := range of {
		if m.Queue == q {
			return m, true
		}
	}
	return Membership{}, false
}

func (a *Agent) has(needs map[string]int) bool {
	for skill, level := range needs {
		if a.Skills[skill] < level {
			return false
		}
	}
	return true
}

// Strategy names the rule by which a queue chooses among agents who could take a call.
type Strategy string

// The strategies. Agents of a lower order for the queue always come first, and equal agents go by longest
// idle, then by their place in the configuration.
const (
	LongestIdle   Strategy = "longest-idle"   // idle for longest
	RoundRobin    Strategy = "round-robin"    // in turn: whose last offer is longest ago
	FewestCalls   Strategy = "fewest-calls"   // fewest calls taken today
	LeastOccupied Strategy = "least-occupied" // smallest busy share of the day, as it was on becoming available
	SkillWeighted Strategy = "skill-weighted" // most skilled in what the caller needs: sum of levels
	RingSeveral   Strategy = "ring-several"   // the longest idle, several at once; the first to accept wins
	Linear        Strategy = "linear"         // in the order of the configuration
)

// Strategies lists them all.
var Strategies = []Strategy{LongestIdle, RoundRobin, FewestCalls, LeastOccupied, SkillWeighted, RingSeveral, Linear}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func join[S ~string](words []S) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// needsText writes needs in words: "complaint 5, english 1".
func needsText(needs map[string]int) string {
	parts := make([]string, 0, len(needs))
	for _, skill := range sortedKeys(needs) {
		parts = append(parts, fmt.Sprintf("%s %d", skill, needs[skill]))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
