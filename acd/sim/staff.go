package sim

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"hotline/acd"
	"hotline/acd/erlang"
	"hotline/acd/said"
)

// StaffPlan says how many agents of a group each interval needs.
type StaffPlan struct {
	Group  string
	Target float64
	Rows   []StaffRow

	scenario *Scenario
}

// StaffRow is one interval of a plan.
type StaffRow struct {
	Begins       string  // time of day
	Calls        float64 // expected
	Erlangs      float64
	ErlangC      int // agents by Erlang C, each interval for itself
	ErlangA      int // by Erlang A; -1 when some callers never give up
	Agents       int // by simulation of the whole day
	ServiceLevel Figure
}

// StaffDay searches a small roster of one group with which every queue that the group serves first (order 1)
// reaches the target share for the callers of every interval, simulating the whole day: what is left over from one interval is in the
// next. Erlang C and A, which see each interval for itself and all callers as one queue, stand beside it. The other groups stay as
// they are. progress, if not nil, is told how many rounds are done, of at most so many.
func StaffDay(s *Scenario, group string, target float64, progress func(done, of int)) (*StaffPlan, error) {
	if !(target > 0 && target < 1) {
		return nil, said.Errorf("a target of %v: write 0.85 for 85 %%, less than 1", target)
	}
	at := slices.IndexFunc(s.Agents, func(g Group) bool { return g.Name == group })
	if at < 0 {
		return nil, said.Errorf("there is no group of agents called %q", group)
	}
	day := *s
	day.Agents = slices.Clone(s.Agents)
	g := &day.Agents[at]
	p, err := startPlan(&day, g, target)
	if err != nil {
		return nil, err
	}
	g.Count, g.Shifts, g.Roster = 0, nil, make([]int, len(p.Rows))
	needed := make([]int, len(p.Rows)) // fewer than this were too few
	for i, row := range p.Rows {
		if g.Roster[i] = row.ErlangC; row.ErlangA >= 0 {
			g.Roster[i] = row.ErlangA
		}
	}
	const rounds = 200
	for round := range rounds {
		result := runAll(&day, true, nil)
		if progress != nil {
			progress(round+1, rounds)
		}
		short, changed := false, false
		for i := range p.Rows {
			row := &p.Rows[i]
			row.Agents, row.ServiceLevel = g.Roster[i], result.worst(g, i)
			if row.ServiceLevel.Mean < target { // not so when nobody called
				short = true
				needed[i] = g.Roster[i] + 1
				g.Roster[i] += 1 + g.Roster[i]/50
				if row.ServiceLevel.Mean < target/2 { // far off: greater steps
					g.Roster[i] += g.Roster[i] / 4
				}
				if g.Roster[i] > 3*row.ErlangC+20 {
					return nil, said.Errorf("at %s %d agents of %s reach only %.3g %%: has the group the skills that its queues need?",
						row.Begins, row.Agents, group, 100*row.ServiceLevel.Mean)
				}
			}
		}
		if !short {
			for i := range p.Rows {
				if g.Roster[i] > needed[i] {
					g.Roster[i]--
					changed = true
				}
			}
			if !changed {
				return p, nil
			}
		}
	}
	return nil, said.Errorf("no roster found in %d rounds: is the target of %v within this group's reach?", rounds, target)
}

// worst returns the lowest service level of the queues that the group serves first, in an interval.
func (r *Result) worst(g *Group, interval int) Figure {
	worst := Figure{Mean: math.NaN(), Half: math.NaN()}
	for _, m := range g.Queues {
		if m.Order > 1 {
			continue
		}
		row, ok := r.Queue(m.Queue)
		if f := row.Intervals[interval][ServiceLevel]; ok && f.Runs > 0 && !(f.Mean >= worst.Mean) {
			worst = f
		}
	}
	return worst
}

// startPlan fills in what Erlang says.
func startPlan(s *Scenario, g *Group, target float64) (*StaffPlan, error) {
	within := time.Duration(0)
	for _, m := range g.Queues {
		if m.Order > 1 {
			continue
		}
		if q, ok := s.Queues[m.Queue]; ok {
			if w := q.WithDefaults().ServiceLevel.Within; within == 0 || w < within {
				within = w
			}
		}
	}
	speed := g.Speed
	if speed == 0 {
		speed = 1
	}
	p := &StaffPlan{Group: g.Name, Target: target, scenario: s}
	for i := range s.Intervals() {
		from := time.Duration(i) * s.Interval
		to := min(from+s.Interval, s.Length)
		row := StaffRow{Begins: s.clock(i), ErlangA: -1}
		handle, patience, patient := 0.0, 0.0, false
		for _, name := range slices.Sorted(maps.Keys(s.Calls)) {
			t := s.Calls[name]
			if !slices.ContainsFunc(g.Queues, func(m acd.Membership) bool { return m.Queue == t.Queue && m.Order <= 1 }) {
				continue
			}
			calls := t.Arrivals.expected(from, to)
			row.Calls += calls
			handle += calls * float64(t.Talk.mean(from)+t.WrapUp.mean(from)) / speed
			if mean := t.Patience.mean(from); mean > 0 {
				patience += calls * float64(mean)
			} else if calls > 0 {
				patient = true
			}
		}
		if row.Calls > 0 && handle > 0 {
			l := erlang.Load{Calls: row.Calls, Per: to - from, Handle: max(1, time.Duration(handle/row.Calls))}
			t := erlang.Target{Within: within, Share: target}
			c, err := erlang.Staff(l, 0, t)
			if err != nil {
				return nil, said.Errorf("interval at %s: %w", row.Begins, err)
			}
			row.Erlangs, row.ErlangC = c.Load, c.Agents
			if !patient {
				if a, err := erlang.Staff(l, time.Duration(patience/row.Calls), t); err == nil {
					row.ErlangA = a.Agents
				}
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// WriteTable writes the plan, an interval a line.
func (p *StaffPlan) WriteTable(w io.Writer) error {
	fmt.Fprintf(w, "agents of %s for %.4g %% in time, by interval\n\n", p.Group, 100*p.Target)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "from\tcalls\terlangs\tErlang C\tErlang A\tsimulation\tservice level\t")
	for _, r := range p.Rows {
		a := "–"
		if r.ErlangA >= 0 {
			a = fmt.Sprint(r.ErlangA)
		}
		fmt.Fprintf(t, "%s\t%.0f\t%.2f\t%d\t%s\t%d\t%s %%\t\n", r.Begins, r.Calls, r.Erlangs, r.ErlangC, a, r.Agents, r.ServiceLevel.text(100, 1))
	}
	return t.Flush()
}
