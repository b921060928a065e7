package acd

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// WhyWaiting says why a caller is still waiting: the other half of Reason.
type WhyWaiting struct {
	Offered  []AgentID `json:"offered,omitempty"`  // being offered to
	KeptFor  AgentID   `json:"kept_for,omitempty"` // waits for the agent who knows the case
	Until    time.Time `json:"until,omitzero"`     // when time alone changes something: a relax step, the end of a preference
	Needs    string    `json:"needs,omitempty"`    // what the caller needs now, in words
	Ahead    int       `json:"ahead"`              // callers of this queue before this one
	Suited   int       `json:"suited"`             // agents in the configuration who could take the caller now
	Not      []Passed  `json:"not,omitempty"`      // some of them, and why they cannot
	Hopeless bool      `json:"hopeless,omitempty"` // nobody could even after the last relax step: raise an alarm, send the caller on
}

// WhyWaiting returns why a caller is still waiting. It is not ok for a caller who does not wait.
func (e *Engine) WhyWaiting(id CallerID, now time.Time) (WhyWaiting, bool) {
	e.advance(now)
	c := e.callers[id]
	if c == nil {
		return WhyWaiting{}, false
	}
	place, _ := e.Place(id, now)
	h := WhyWaiting{Offered: slices.Clone(c.offers), Needs: c.demand.needsText(), Ahead: place - 1}
	if c.timer > 0 {
		h.Until = time.Unix(0, e.timers[c.timer-1].due).In(now.Location())
	}
	var not []Exclusion
	if c.pool != nil {
		not = c.pool.not
		if c.pool.only != nil {
			h.KeptFor = c.pool.only.ID
		}
	}
	last := e.demandOf(c.queue, len(c.queue.Relax), c.Needs)
	h.Hopeless = true
	for _, a := range c.queue.members {
		kept := excluded(not, a.ID)
		if c.demand.suits.has(a.profile.id) && !kept {
			h.Suited++
		}
		if last.suits.has(a.profile.id) && !kept {
			h.Hopeless = false
		}
	}
	e.dropDemand(last)
	h.Hopeless = h.Hopeless && h.KeptFor == "" && len(h.Offered) == 0
	h.Not = e.passed(c.demand, not)
	return h, true
}

func (d *demand) needsText() string {
	needs := make(map[string]int, len(d.needs))
	for _, n := range d.needs {
		needs[n.Skill] = n.Needs
	}
	return needsText(needs)
}

// String is it in one line: "3 ahead, needs complaint 5, 2 agents could take it; not wang: break".
func (h WhyWaiting) String() string { return h.Text(func(a AgentID) string { return a }) }

// Text is String with the agents' names.
func (h WhyWaiting) Text(name func(AgentID) string) string {
	var text string
	switch {
	case len(h.Offered) > 0:
		names := make([]string, len(h.Offered))
		for i, a := range h.Offered {
			names[i] = name(a)
		}
		return "offered to " + strings.Join(names, ", ")
	case h.KeptFor != "":
		return fmt.Sprintf("kept for %s until %s", name(h.KeptFor), h.Until.Format(time.TimeOnly))
	case h.Hopeless:
		return fmt.Sprintf("needs %s, which no agent will ever meet", h.Needs)
	case h.Suited == 0:
		text = fmt.Sprintf("%d ahead, needs %s, which no agent meets before %s", h.Ahead, h.Needs, h.Until.Format(time.TimeOnly))
	default:
		text = fmt.Sprintf("%d ahead, needs %s, %d agents could take it", h.Ahead, h.Needs, h.Suited)
	}
	for _, p := range h.Not {
		text += "; not " + name(p.Agent) + ": " + p.Why
	}
	return text
}
