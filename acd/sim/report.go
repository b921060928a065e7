package sim

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
)

// WriteTable writes the figures of the whole run: a line a queue, then a line a group.
func (r *Result) WriteTable(w io.Writer) error {
	s := r.Scenario
	if s.Name != "" {
		fmt.Fprintln(w, s.Name)
	}
	fmt.Fprintf(w, "%d runs of %s", s.Replications, s.Length)
	if s.WarmUp > 0 {
		fmt.Fprintf(w, ", the first %s left out", s.WarmUp)
	}
	fmt.Fprint(w, "; mean ± half the 95 % confidence interval\n")
	hopeless := s.Hopeless()
	for _, kind := range slices.Sorted(maps.Keys(hopeless)) {
		fmt.Fprintln(w, "mind:", hopeless[kind])
	}
	for _, slip := range s.Slips() {
		fmt.Fprintln(w, "mind:", slip)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "queue\toffered\tanswered\tabandoned\tsent on\tservice level\t\twait at all\tASA s\tmean wait s\twaiting\twait told off by s\t")
	rows := r.Queues
	if len(rows) > 1 {
		rows = append(rows[:len(rows):len(rows)], r.Total)
	}
	for _, row := range rows {
		f := &row.Whole
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", row.Name, f[Offered].text(1, 1), f[Answered].text(1, 1),
			f[AbandonRate].text(100, 2)+" %", f[Overflowed].text(1, 1), f[ServiceLevel].text(100, 2)+" %", row.Formula,
			f[WaitRate].text(100, 2)+" %", f[ASA].text(1, 2), f[MeanWait].text(1, 2), f[QueueLength].text(1, 2), f[ExpectError].text(1, 1))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "agents\tat work\toccupancy\t")
	for _, row := range r.Groups {
		fmt.Fprintf(t, "%s\t%s\t%s\t\n", row.Name, row.Whole[AtWork].text(1, 2), row.Whole[Occupancy].text(100, 2)+" %")
	}
	return t.Flush()
}

func (f Figure) text(factor float64, digits int) string {
	switch {
	case math.IsNaN(f.Mean):
		return "–"
	case math.IsNaN(f.Half):
		return strconv.FormatFloat(f.Mean*factor, 'f', digits, 64)
	}
	return fmt.Sprintf("%.*f ±%.*f", digits, f.Mean*factor, digits, f.Half*factor)
}

// WriteCSV writes every figure: a row per queue or group and span, each metric with its half interval beside it.
// The span is whole or the time of day at which an interval begins; cells without a value are empty.
func (r *Result) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"kind", "name", "span"}
	for m := range metrics {
		head = append(head, m.String(), m.String()+"_half")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	write := func(kind string, row Row, from, to Metric) error {
		for span := -1; span < len(row.Intervals); span++ {
			f, name := &row.Whole, "whole"
			if span >= 0 {
				f, name = &row.Intervals[span], r.Scenario.clock(span)
			}
			line := []string{kind, row.Name, name}
			for m := range metrics {
				if m < from || m >= to {
					line = append(line, "", "")
					continue
				}
				line = append(line, cell(f[m].Mean), cell(f[m].Half))
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
		return nil
	}
	for _, row := range append(r.Queues[:len(r.Queues):len(r.Queues)], r.Total) {
		if err := write("queue", row, 0, queueMetrics); err != nil {
			return err
		}
	}
	for _, row := range r.Groups {
		if err := write("agents", row, AtWork, metrics); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteCSV writes the plan: a row per interval. A cell without a value is empty.
func (p *StaffPlan) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"from", "calls", "erlangs", "erlang_c", "erlang_a", "simulation", "service_level", "service_level_half"}}
	for _, r := range p.Rows {
		a := ""
		if r.ErlangA >= 0 {
			a = strconv.Itoa(r.ErlangA)
		}
		rows = append(rows, []string{
			r.Begins, cell(r.Calls), cell(r.Erlangs), strconv.Itoa(r.ErlangC), a, strconv.Itoa(r.Agents),
			cell(r.ServiceLevel.Mean), cell(r.ServiceLevel.Half),
		})
	}
	return out.WriteAll(rows)
}

func cell(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 8, 64)
}
