package floor

import (
	"fmt"
	"maps"
	"slices"

	"hotline/acd"
	"hotline/fact"
)

// What a supervisor changes at once: an agent's queues, with their order of preference, and skills. Both go before the
// configuration until they are reset; calls, offers and places stay as they are.

// setQueues moves the agent between queues.
func (s *step) setQueues(a *Agent, in Command) error {
	if in.By == "" {
		return supervisorsOnly(in.Do)
	}
	if in.Reset {
		if a.Moved {
			s.emit(fact.AgentQueuesSet{Agent: a.ID, Reset: true, By: in.By})
		}
		return nil
	}
	for _, m := range in.Queues {
		if s.queues[m.Queue] == nil {
			return &Illegal{Code: "not-found", Text: fmt.Sprintf("there is no queue %q", m.Queue), Place: "queues"}
		}
	}
	if errs := (acd.Agent{ID: a.ID, Queues: memberships(in.Queues)}).Validate(); len(errs) > 0 {
		return &Illegal{Code: "bad-request", Text: errs[0].Error(), Place: "queues"}
	}
	s.emit(fact.AgentQueuesSet{Agent: a.ID, Queues: slices.Clone(in.Queues), By: in.By})
	return nil
}

// setSkills changes what the agent is taken to be good at.
func (s *step) setSkills(a *Agent, in Command) error {
	if in.By == "" {
		return supervisorsOnly(in.Do)
	}
	if in.Reset {
		if a.Trained {
			s.emit(fact.AgentSkillsSet{Agent: a.ID, Reset: true, By: in.By})
		}
		return nil
	}
	if errs := (acd.Agent{ID: a.ID, Skills: in.Skills}).Validate(); len(errs) > 0 {
		return &Illegal{Code: "bad-request", Text: errs[0].Error(), Place: "skills"}
	}
	s.emit(fact.AgentSkillsSet{Agent: a.ID, Skills: maps.Clone(in.Skills), By: in.By})
	return nil
}

func supervisorsOnly(do string) error {
	return &Illegal{Code: "forbidden", Text: fmt.Sprintf("%s is for supervisors", do), Place: "do"}
}

func memberships(from []fact.Membership) (to []acd.Membership) {
	for _, m := range from {
		to = append(to, acd.Membership(m))
	}
	return to
}

// overruled writes it into the agent; it tells whether it was such a fact.
func (a *Agent) overruled(x fact.Fact) bool {
	switch x := x.(type) {
	case fact.AgentQueuesSet:
		a.Queues, a.Moved = x.Queues, !x.Reset
	case fact.AgentSkillsSet:
		a.Skills, a.Trained = x.Skills, !x.Reset
	default:
		return false
	}
	return true
}

// arrange works out who takes the calls of which queues: the configuration, and what supervisors changed. The engine is
// told by whoever calls it.
func (f *Floor) arrange() []acd.Agent {
	agents := slices.Clone(f.cfg.Agents)
	f.members, f.queueOf, f.signedIn, f.standAt = map[string][]string{}, map[string][]string{}, map[string]int{}, map[string]headcount{}
	for i := range agents {
		a := &agents[i]
		if own := f.s.Agents[a.ID]; own.Moved {
			a.Queues = slices.DeleteFunc(memberships(own.Queues), func(m acd.Membership) bool { return f.queues[m.Queue] == nil })
		}
		if own := f.s.Agents[a.ID]; own.Trained {
			a.Skills = own.Skills
		}
		for _, m := range a.Queues {
			f.members[m.Queue] = append(f.members[m.Queue], a.ID)
			f.queueOf[a.ID] = append(f.queueOf[a.ID], m.Queue)
			n, stands := f.standAt[m.Queue], f.standing[a.ID]
			n[stands]++
			f.standAt[m.Queue] = n
			if present(stands) {
				f.signedIn[m.Queue]++
			}
		}
	}
	f.findHopeless(agents)
	return agents
}

// rearrange follows a change by a supervisor.
func (f *Floor) rearrange() {
	before := f.signedIn
	agents := f.arrange()
	f.engine.Reconfigure(f.queueList, agents)
	for _, q := range f.queueList {
		f.touchedQueues[q.ID] = true
		if before[q.ID] > 0 && f.signedIn[q.ID] == 0 {
			f.left = append(f.left, q.ID)
		}
	}
}
