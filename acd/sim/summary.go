package sim

import (
	"maps"
	"math"
	"slices"
	"time"

	"hotline/acd"
)

// Figure is a mean over the replications, and half of its 95 % confidence interval: the true mean lies in
// Mean ± Half in 19 of 20 cases. Runs without a value (no call answered, say) do not count.
type Figure struct {
	Mean, Half float64 // NaN: no run has a value, or just one
	Runs       int
}

// Covers reports whether x lies in the interval.
func (f Figure) Covers(x float64) bool { return math.Abs(x-f.Mean) <= f.Half }

// series gathers a figure (Welford's algorithm).
type series struct {
	n        int
	mean, m2 float64
}

func (s *series) add(x float64) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return
	}
	s.n++
	d := x - s.mean
	s.mean += d / float64(s.n)
	s.m2 += d * (x - s.mean)
}

func (s *series) figure() Figure {
	if s.n == 0 {
		return Figure{Mean: math.NaN(), Half: math.NaN()}
	}
	if s.n == 1 {
		return Figure{Mean: s.mean, Half: math.NaN(), Runs: 1}
	}
	return Figure{Mean: s.mean, Half: student(s.n-1) * math.Sqrt(s.m2/float64(s.n-1)/float64(s.n)), Runs: s.n}
}

// student returns the 97.5 % point of Student's distribution (Abramowitz and Stegun 26.7.5 from 5 degrees on).
func student(degrees int) float64 {
	if small := []float64{12.706205, 4.302653, 3.182446, 2.776445}; degrees <= len(small) {
		return small[degrees-1]
	}
	const z = 1.959963985
	v := float64(degrees)
	z2 := z * z
	return z + z*(z2+1)/(4*v) + z*((5*z2+16)*z2+3)/(96*v*v) +
		z*(((3*z2+19)*z2+17)*z2-15)/(384*v*v*v) + z*((((79*z2+776)*z2+1482)*z2-1920)*z2-945)/(92160*v*v*v*v)
}

// Result is what a scenario came to.
type Result struct {
	Scenario *Scenario
	Queues   []Row // in the order of their ids
	Total    Row   // all queues together; its service level is SL3, each queue with its own threshold
	Groups   []Row // in the scenario's order
}

// Row is one queue's, or one group's, figures: of the whole and by interval.
type Row struct {
	Name      string
	Formula   acd.Formula // of a queue's service level
	Whole     Figures
	Intervals []Figures
}

// Figures are indexed by Metric.
type Figures [metrics]Figure

// Queue returns a queue's figures, and whether there is that queue.
func (r *Result) Queue(id acd.QueueID) (Row, bool) { return row(r.Queues, id) }

// Group returns a group's figures, and whether there is that group.
func (r *Result) Group(name string) (Row, bool) { return row(r.Groups, name) }

func row(rows []Row, name string) (Row, bool) {
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Name == name })
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// summary gathers the replications: by row, by span (0 = the whole), by metric.
type summary struct {
	scenario  *Scenario
	intervals int
	queues    [][][queueMetrics]series // the last is all of them
	groups    [][][metrics]series
}

func newSummary(s *Scenario) *summary {
	sum := &summary{scenario: s, intervals: s.Intervals()}
	for range len(s.Queues) + 1 {
		sum.queues = append(sum.queues, make([][queueMetrics]series, sum.intervals+1))
	}
	for range s.Agents {
		sum.groups = append(sum.groups, make([][metrics]series, sum.intervals+1))
	}
	return sum
}

func (s *summary) add(r *run) {
	for span := range s.intervals + 1 {
		var all count
		for i, q := range r.queues {
			c := &q.tally.total
			if span > 0 {
				c = &q.tally.parts[span-1]
			}
			all.add(c)
			s.queue(i, span, c, q.ServiceLevel.Formula)
		}
		s.queue(len(r.queues), span, &all, acd.SL3)
		for i, g := range r.groups {
			for m := AtWork; m < metrics; m++ {
				s.groups[i][span][m].add(g.metric(m, span))
			}
		}
	}
}

func (s *summary) queue(i, span int, c *count, f acd.Formula) {
	for m := range queueMetrics {
		s.queues[i][span][m].add(c.metric(m, f))
	}
}

func (s *summary) result() *Result {
	r := &Result{Scenario: s.scenario}
	figures := func(name string, f acd.Formula, at func(span int, m Metric) *series, from, to Metric) Row {
		row := Row{Name: name, Formula: f}
		for span := range s.intervals + 1 {
			var fs Figures
			for m := from; m < to; m++ {
				fs[m] = at(span, m).figure()
			}
			if span == 0 {
				row.Whole = fs
			} else {
				row.Intervals = append(row.Intervals, fs)
			}
		}
		return row
	}
	for i, id := range append(slices.Sorted(maps.Keys(s.scenario.Queues)), "all") {
		f := acd.SL3
		if i < len(s.scenario.Queues) {
			f = s.scenario.Queues[id].WithDefaults().ServiceLevel.Formula
		}
		row := figures(id, f, func(span int, m Metric) *series { return &s.queues[i][span][m] }, 0, queueMetrics)
		if i < len(s.scenario.Queues) {
			r.Queues = append(r.Queues, row)
		} else {
			r.Total = row
		}
	}
	for i, g := range s.scenario.Agents {
		r.Groups = append(r.Groups, figures(g.Name, "", func(span int, m Metric) *series { return &s.groups[i][span][m] }, AtWork, metrics))
	}
	return r
}

// clock returns the time of day of an interval's beginning.
func (s *Scenario) clock(interval int) string {
	return epoch.Add(s.Start + time.Duration(interval)*s.Interval).Format("15:04")
}
