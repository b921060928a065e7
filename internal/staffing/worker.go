package staffing

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/metrics"
	"time"

	"hotline/acd/said"
	"hotline/acd/sim"
	"hotline/desk"
)

// Work is the process of one trial: it reads an order, does it, and says line by line how far it is, then what came out.
// When its input ends, whoever asked is gone, and it ends too.
func Work(in io.Reader, out io.Writer) error {
	var o desk.TrialOrder
	orders := json.NewDecoder(in)
	if err := orders.Decode(&o); err != nil {
		return fmt.Errorf("no order came: %w", err)
	}
	lines := json.NewEncoder(out)
	go func() {
		_, _ = io.Copy(io.Discard, in) // however it ends
		os.Exit(1)
	}()
	go boundMemory(mostMemory, func() {
		_ = lines.Encode(failed(said.Errorf("this needs more than %d MiB of memory: fewer intervals, groups or waiting callers need less", mostMemory>>20)))
		os.Exit(1)
	})
	end, err := do(o, func(done, of int) {
		if lines.Encode(report{Done: done, Of: of}) != nil {
			os.Exit(1) // nobody listens
		}
	})
	if err != nil {
		end = failed(err)
	}
	return lines.Encode(end)
}

// boundMemory watches this process and says when it has taken more than most.
func boundMemory(most uint64, over func()) {
	total := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	for range time.Tick(100 * time.Millisecond) {
		if metrics.Read(total); total[0].Value.Uint64() > most {
			over()
			return
		}
	}
}

// question is an order that was understood.
type question struct {
	as, would *sim.Scenario // would: nil when nothing is to be different
	staff     string
	target    float64
}

// prepare reads an order, and says what is wrong with it.
func prepare(o desk.TrialOrder) (q question, err error) {
	if q.as, err = load(o.Text); err != nil {
		return q, err
	}
	if o.Runs != 0 {
		q.as.Replications = o.Runs
		if err := q.as.Check(); err != nil {
			return q, wrong("runs", err)
		}
	}
	if o.Calls == 0 {
		o.Calls = 1
	}
	different := o.Calls != 1
	would := q.as.Clone()
	if err := would.ScaleCalls(o.Calls); err != nil {
		return q, wrong("calls", err)
	}
	for group, n := range o.Agents {
		different = different || n != 0
		if err := would.AddAgents(group, n); err != nil {
			return q, wrong("agents", err)
		}
	}
	if err := would.Check(); err != nil {
		return q, wrong("calls", err)
	}
	if o.Staff != "" {
		return q.search(would, o)
	}
	calls := q.as.ExpectedCalls()
	if different {
		q.would = would
		calls += would.ExpectedCalls()
	}
	return q, bounded(would, calls)
}

// search asks for a roster, of the scenario as it would be.
func (q question) search(would *sim.Scenario, o desk.TrialOrder) (question, error) {
	q.as, q.staff, q.target = would, o.Staff, o.Target
	if q.target == 0 {
		q.target = strictest(would)
	}
	if !(q.target > 0 && q.target < 1) {
		return q, wrong("target", said.Errorf("a target of %v: write 0.85 for 85 %%, less than 1", q.target))
	}
	for i := range would.Agents {
		if would.Agents[i].Name == o.Staff {
			return q, bounded(would, would.ExpectedCalls())
		}
	}
	return q, wrong("staff", said.Errorf("there is no group of agents called %q", o.Staff))
}

func strictest(s *sim.Scenario) float64 {
	target := 0.0
	for _, x := range s.Queues {
		target = max(target, x.WithDefaults().ServiceLevel.Target)
	}
	return target
}

// bounded refuses what would take too long before it begins.
func bounded(s *sim.Scenario, calls float64) error {
	agents := 0
	for i := range s.Agents {
		agents += s.Agents[i].Size()
	}
	cells := (len(s.Queues) + len(s.Agents) + 1) * s.Intervals()
	switch {
	case calls > MostCalls:
		return wrong("text", said.Errorf("%.0f calls in all runs: a trial on this page has at most %d; take fewer runs or a shorter day, or use hotline simulate", calls, MostCalls))
	case agents > MostAgents:
		return wrong("text", said.Errorf("%d agents: a trial on this page has at most %d; use hotline simulate", agents, MostAgents))
	case cells > mostCells:
		return wrong("text", said.Errorf("%d queues and groups in %d intervals are too many figures: take a longer interval", len(s.Queues)+len(s.Agents), s.Intervals()))
	}
	return nil
}

func do(o desk.TrialOrder, tell func(done, of int)) (report, error) {
	q, err := prepare(o)
	if err != nil {
		return report{}, err
	}
	if q.staff != "" {
		plan, err := sim.StaffDay(q.as, q.staff, q.target, tell)
		if err != nil {
			return report{}, err
		}
		return report{Plan: planOf(plan)}, nil
	}
	runs := q.as.Replications
	if q.would == nil {
		return report{As: tableOf(sim.Run(q.as, tell))}, nil
	}
	as := tableOf(sim.Run(q.as, func(done, _ int) { tell(done, 2*runs) }))
	would := tableOf(sim.Run(q.would, func(done, _ int) { tell(runs+done, 2*runs) }))
	return report{As: as, If: would}, nil
}

func tableOf(r *sim.Result) *desk.TrialTable {
	t := &desk.TrialTable{Queues: []desk.TrialRow{}, Groups: []desk.TrialRow{}, Total: rowOf(r.Total, queueSpan)}
	for _, row := range r.Queues {
		t.Queues = append(t.Queues, rowOf(row, queueSpan))
	}
	for _, row := range r.Groups {
		t.Groups = append(t.Groups, rowOf(row, groupSpan))
	}
	return t
}

func rowOf(r sim.Row, span func(*sim.Figures) desk.TrialSpan) desk.TrialRow {
	out := desk.TrialRow{Name: r.Name, Formula: string(r.Formula), Whole: span(&r.Whole), Spans: []desk.TrialSpan{}}
	for i := range r.Intervals {
		out.Spans = append(out.Spans, span(&r.Intervals[i]))
	}
	return out
}

func queueSpan(f *sim.Figures) desk.TrialSpan {
	return desk.TrialSpan{
		Offered: estimate(f[sim.Offered]), ServiceLevel: estimate(f[sim.ServiceLevel]), AbandonRate: estimate(f[sim.AbandonRate]),
		ASA: estimate(f[sim.ASA]), MeanWait: estimate(f[sim.MeanWait]), Waiting: estimate(f[sim.QueueLength]),
	}
}

func groupSpan(f *sim.Figures) desk.TrialSpan {
	return desk.TrialSpan{AtWork: estimate(f[sim.AtWork]), Occupancy: estimate(f[sim.Occupancy])}
}

// estimate is nil without a value, which JSON cannot write.
func estimate(f sim.Figure) *desk.Estimate {
	if math.IsNaN(f.Mean) || math.IsInf(f.Mean, 0) {
		return nil
	}
	e := &desk.Estimate{Mean: f.Mean}
	if !math.IsNaN(f.Half) && !math.IsInf(f.Half, 0) {
		e.Half = &f.Half
	}
	return e
}

func planOf(p *sim.StaffPlan) *desk.TrialPlan {
	out := &desk.TrialPlan{Group: p.Group, Target: p.Target, Rows: []desk.TrialPlanRow{}}
	for _, r := range p.Rows {
		row := desk.TrialPlanRow{Begins: r.Begins, Calls: r.Calls, Erlangs: r.Erlangs, ErlangC: r.ErlangC, Agents: r.Agents,
			ServiceLevel: estimate(r.ServiceLevel)}
		if r.ErlangA >= 0 {
			row.ErlangA = &r.ErlangA
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
