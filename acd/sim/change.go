package sim

import (
	"maps"
	"math"
	"slices"
	"time"

	"hotline/acd"
	"hotline/acd/said"
)

// Clone returns a scenario that can be changed without changing this one.
func (s *Scenario) Clone() *Scenario {
	c := *s
	c.Queues, c.Calls, c.Agents = maps.Clone(s.Queues), maps.Clone(s.Calls), slices.Clone(s.Agents)
	for i := range c.Agents {
		c.Agents[i].Roster = slices.Clone(c.Agents[i].Roster)
	}
	return &c
}

// AddAgents makes a group larger, or with a negative number smaller, at every hour at which somebody of it is there.
func (s *Scenario) AddAgents(group string, n int) error {
	i := slices.IndexFunc(s.Agents, func(g Group) bool { return g.Name == group })
	if i < 0 {
		return said.Errorf("there is no group of agents called %q", group)
	}
	if n < -maxAgents || n > maxAgents {
		return said.Errorf("%+d agents of %s: a change is at most %d", n, group, maxAgents)
	}
	g := &s.Agents[i]
	if g.Roster == nil {
		g.Count = max(0, g.Count+n)
	}
	for k, there := range g.Roster {
		if there > 0 {
			g.Roster[k] = max(0, there+n)
		}
	}
	return nil
}

// ScaleCalls makes so many times as many calls come in. Real calls cannot be multiplied.
func (s *Scenario) ScaleCalls(by float64) error {
	if !(by > 0 && by <= 100) {
		return said.Errorf("%v times the calls: write a factor above 0 and up to 100, such as 1.2", by)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Calls)) {
		t := s.Calls[name]
		if t.Arrivals.calls != nil && by != 1 {
			return said.Errorf("calls %s: these are single real calls, which cannot be multiplied by %v; give counts instead", name, by)
		}
		t.Arrivals.Calls *= by
		t.Arrivals.Counts = slices.Clone(t.Arrivals.Counts)
		for i := range t.Arrivals.Counts {
			t.Arrivals.Counts[i] *= by
		}
		s.Calls[name] = t
	}
	return nil
}

// Expected returns how many calls are expected to come to a queue first, in each interval.
func (s *Scenario) Expected(queue string) []float64 {
	out := make([]float64, s.Intervals())
	for _, t := range s.Calls {
		if t.Queue != queue {
			continue
		}
		for i := range out {
			from := time.Duration(i) * s.Interval
			out[i] += t.Arrivals.expected(from, min(from+s.Interval, s.Length))
		}
	}
	return out
}

// ExpectedCalls is how many calls all runs together are expected to have.
func (s *Scenario) ExpectedCalls() float64 {
	sum := 0.0
	for _, t := range s.Calls {
		sum += t.Arrivals.expected(0, s.Length) * float64(s.Replications)
	}
	return sum
}

// Intervals is how many the length has.
func (s *Scenario) Intervals() int { return int((s.Length + s.Interval - 1) / s.Interval) }

// Clock returns the time of day at which an interval begins.
func (s *Scenario) Clock(interval int) string { return s.clock(interval) }

// AtWork returns how many of a group are to be there in each interval, on average.
func (g *Group) AtWork(s *Scenario) []float64 {
	out := make([]float64, s.Intervals())
	for i := range out {
		from := time.Duration(i) * s.Interval
		to := min(from+s.Interval, s.Length)
		switch {
		case g.Roster != nil && i < len(g.Roster):
			out[i] = float64(g.Roster[i])
		case g.Roster == nil && g.Shifts == nil:
			out[i] = float64(g.Count)
		}
		for _, sh := range g.Shifts {
			end := sh.To
			if end == 0 {
				end = s.Length
			}
			if there := min(end, to) - max(sh.From, from); there > 0 {
				out[i] += float64(g.Count) * float64(there) / float64(to-from)
			}
		}
		out[i] = math.Round(out[i]*100) / 100
	}
	return out
}

// Hopeless returns, for each kind of call, why nobody could ever take it, however long it waits: a queue without
// agents, a skill that none of them has. Such a scenario may be run all the same.
func (s *Scenario) Hopeless() map[string]error {
	var agents []acd.Agent
	for i := range s.Agents {
		if g := &s.Agents[i]; g.size() > 0 {
			agents = append(agents, acd.Agent{ID: g.Name, Skills: g.Skills, Queues: g.Queues})
		}
	}
	errs := map[string]error{}
	for name, t := range s.Calls {
		q := s.Queues[t.Queue]
		q.ID = t.Queue
		q.Needs, q.Relax = maps.Clone(q.Needs), slices.Clone(q.Relax)
		for skill, level := range t.Needs { // they are never relaxed
			if q.Needs == nil {
				q.Needs = map[string]int{}
			}
			q.Needs[skill] = max(q.Needs[skill], level)
			for i, step := range q.Relax {
				if lower, ok := step.Needs[skill]; ok && lower < level {
					q.Relax[i].Needs = maps.Clone(step.Needs)
					q.Relax[i].Needs[skill] = level
				}
			}
		}
		if err := q.Unreachable(agents); err != nil {
			errs[name] = said.Errorf("calls %s: nobody will ever take them: %w", name, err)
		}
	}
	return errs
}

// Slips returns what is legal and yet seldom meant: real calls that are left out, calls of which none come, counts that
// lie beyond the length, a roster that ends before the calls do.
func (s *Scenario) Slips() []error {
	out := slices.Clone(s.leftOut)
	for _, name := range slices.Sorted(maps.Keys(s.Calls)) {
		a := s.Calls[name].Arrivals
		late := 0
		for _, c := range a.calls {
			if c.At >= s.Length {
				late++
			}
		}
		if late > 0 {
			out = append(out, said.Errorf("calls %s: those after the length, %s, are left out: %d of %d", name, short(s.Length.String()), late, len(a.calls)))
		}
		if span := time.Duration(len(a.Counts)) * a.Interval; span > s.Length {
			out = append(out, said.Errorf("calls %s: %d counts of %s go on beyond the length, %s", name, len(a.Counts), short(a.Interval.String()), short(s.Length.String())))
		} else if a.expected(0, s.Length) == 0 {
			out = append(out, said.Errorf("calls %s: none come in", name))
		}
	}
	for i := range s.Agents {
		g := &s.Agents[i]
		if n := len(g.Roster); g.Roster != nil && n < s.Intervals() {
			out = append(out, said.Errorf("agents %s: the roster ends at %s, before the calls do", g.Name, s.clock(n)))
		}
	}
	return out
}

// Size is how many people a group has.
func (g *Group) Size() int { return g.size() }
