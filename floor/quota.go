package floor

import (
	"slices"
	"time"

	"hotline/acd"
	"hotline/fact"
)

// At most so many of a team are away for a reason at once; a further one stands in line and goes on working.
//
//	not ready ── a place is free ──▶ not ready (in a call: pending, and the place is kept)
//	    └────── none is ──▶ in line ── a place is freed, first come first ──▶ the same
//
// A place belongs to who is not ready for the reason, and to who will be after the wrap-up: else, where everybody is always
// in a call, nobody would ever have a turn. A supervisor's word takes a place that is not there; it counts all the same.

// Reason is why an agent may be not ready.
type Reason struct {
	Name   string
	AtOnce int // so many of a team at the same time; 0: any
}

// Unsaid is the reason of who gives none.
const Unsaid = "other"

// InLine is an agent who waits for a place.
type InLine struct {
	Agent, Reason string
	Since         time.Time
}

// place is what a quota counts: a reason, within a team.
type place struct{ reason, team string }

// placeOf is the place that the agent has; the zero one: none.
func (f *Floor) placeOf(a *Agent) place {
	switch {
	case a.Pending != "":
		return place{a.Pending, f.cfg.Teams[a.ID]}
	case a.State == acd.NotReady:
		return place{a.Reason, f.cfg.Teams[a.ID]}
	}
	return place{}
}

// settlePlace follows what the agent has, so that no decision counts everybody.
func (f *Floor) settlePlace(a *Agent) {
	now := f.placeOf(a)
	if was := f.places[a.ID]; was != now {
		f.taken[was]--
		f.taken[now]++
		f.places[a.ID] = now
	}
}

// mayGo tells whether the agent has a place for the reason, or one is free.
func (f *Floor) mayGo(a *Agent, reason string) bool {
	i := slices.IndexFunc(f.cfg.NotReady, func(r Reason) bool { return r.Name == reason })
	if i < 0 || f.cfg.NotReady[i].AtOnce == 0 {
		return true
	}
	p := place{reason, f.cfg.Teams[a.ID]}
	return f.places[a.ID] == p || f.taken[p] < f.cfg.NotReady[i].AtOnce
}

func (f *Floor) inLine(agent string) int {
	return slices.IndexFunc(f.s.Line, func(w InLine) bool { return w.Agent == agent })
}

// applyLine writes into the line what a fact about an agent says of it.
func (f *Floor) applyLine(x fact.Fact, at time.Time) {
	switch x := x.(type) {
	case fact.AgentInLine:
		f.leaveLine(x.Agent)
		if x.Reason != "" {
			f.s.Line = append(f.s.Line, InLine{Agent: x.Agent, Reason: x.Reason, Since: at})
			f.touchLine()
		}
	case fact.AgentReady:
		f.leaveLine(x.Agent)
	case fact.AgentNotReady:
		f.leaveLine(x.Agent)
	case fact.AgentPending:
		f.leaveLine(x.Agent)
	case fact.AgentSignedOut:
		f.leaveLine(x.Agent)
	}
}

func (f *Floor) leaveLine(agent string) {
	if i := f.inLine(agent); i >= 0 {
		f.s.Line = slices.Delete(f.s.Line, i, i+1)
		f.touchLine()
	}
}

// touchLine tells those in line: their places are others now.
func (f *Floor) touchLine() {
	for _, w := range f.s.Line {
		f.touchedAgents[w.Agent] = true
	}
}

// away makes the agent not ready at once or after the call, as by says; who asks for it themselves needs a place.
func (s *step) away(a *Agent, reason, by string) {
	busy := a.State != acd.Ready && a.State != acd.NotReady
	if by == "" && !s.mayGo(a, reason) {
		if i := s.inLine(a.ID); i >= 0 && s.s.Line[i].Reason == reason {
			return
		}
		if a.Pending != "" {
			s.emit(fact.AgentPending{Agent: a.ID}) // one wish at a time
		}
		s.emit(fact.AgentInLine{Agent: a.ID, Reason: reason})
		return
	}
	if busy {
		s.emit(fact.AgentPending{Agent: a.ID, Reason: reason, By: by})
	} else {
		s.emit(fact.AgentNotReady{Agent: a.ID, Reason: reason, By: by})
	}
}

// stay takes back that the agent wanted to go.
func (s *step) stay(a *Agent, by string) {
	if a.Pending != "" {
		s.emit(fact.AgentPending{Agent: a.ID, By: by})
	}
	if s.inLine(a.ID) >= 0 {
		s.emit(fact.AgentInLine{Agent: a.ID, By: by})
	}
}

// letGo gives the places that are free to those in line, first come first.
func (s *step) letGo() {
	for _, w := range slices.Clone(s.s.Line) {
		s.working = agentKey(w.Agent)
		if a := s.s.Agents[w.Agent]; s.mayGo(a, w.Reason) {
			s.away(a, w.Reason, "")
		}
	}
}

// LineView is an agent's place in the line for not ready.
type LineView struct {
	Reason string    `json:"reason"`
	Place  int       `json:"place"` // 1 is next
	Since  time.Time `json:"since"`
}

// lineView is where the agent stands in line; nil: nowhere.
func (f *Floor) lineView(agent string) *LineView {
	i := f.inLine(agent)
	if i < 0 {
		return nil
	}
	own, team := f.s.Line[i], f.cfg.Teams[agent]
	v := &LineView{Reason: own.Reason, Place: 1, Since: own.Since}
	for _, w := range f.s.Line[:i] {
		if w.Reason == own.Reason && f.cfg.Teams[w.Agent] == team {
			v.Place++
		}
	}
	return v
}
