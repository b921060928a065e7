package sim

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Charts are SVG that needs nothing else: small panels, a row for each queue and each group, over one axis of time. A line is
// the mean of the runs, the band around it the 95 % confidence interval.

// panel is one small chart.
type panel struct {
	title   string
	lines   []line
	percent bool
	target  float64 // a dashed line; NaN: none
	steps   bool    // each value holds for its interval
}

// line is one figure through the day; NaN leaves a gap.
type line struct {
	name, colour string
	values       []Figure
}

// Sizes in pixels.
const (
	panelWidth, panelHeight = 400, 170
	left, right             = 46, 24
	top, bottom             = 30, 24
	headHeight              = 54
)

const (
	petrol = "#0b6b80"
	amber  = "#b06d00"
	grey   = "#66747c"
	red    = "#b0251b"
)

// mostRows of queues, and of groups, have panels of their own; beyond that only all queues together are drawn.
const mostRows = 24

// WriteSVG draws the figures by interval: service level, mean wait and waiting callers of each queue, occupancy and agents at
// work of each group.
func (r *Result) WriteSVG(w io.Writer) error {
	s := r.Scenario
	var rows [][]panel
	queues := append(r.Queues[:len(r.Queues):len(r.Queues)], r.Total)
	if len(r.Queues) == 1 {
		queues = r.Queues
	} else if len(r.Queues) > mostRows {
		queues = []Row{r.Total}
	}
	for i, q := range queues {
		target := math.NaN()
		if i < len(r.Queues) && len(queues) >= len(r.Queues) {
			target = s.Queues[q.Name].WithDefaults().ServiceLevel.Target
		}
		rows = append(rows, []panel{
			{title: q.Name + ": service level, " + string(q.Formula), percent: true, target: target, lines: []line{q.line(ServiceLevel)}},
			{title: q.Name + ": mean wait, s", target: math.NaN(), lines: []line{q.line(MeanWait)}},
			{title: q.Name + ": callers waiting", target: math.NaN(), lines: []line{q.line(QueueLength)}},
		})
	}
	if len(r.Groups) <= mostRows {
		for _, g := range r.Groups {
			rows = append(rows, []panel{
				{title: g.Name + ": occupancy", percent: true, target: math.NaN(), lines: []line{g.line(Occupancy)}},
				{title: g.Name + ": agents at work", target: math.NaN(), steps: true, lines: []line{g.line(AtWork)}},
			})
		}
	}
	runs := "one run"
	if s.Replications > 1 {
		runs = fmt.Sprintf("%d runs, mean and 95 %% confidence interval", s.Replications)
	}
	return s.draw(w, s.Name, runs, rows)
}

func (r *Row) line(m Metric) line {
	l := line{name: "", colour: petrol}
	for i := range r.Intervals {
		l.values = append(l.values, r.Intervals[i][m])
	}
	return l
}

// WriteSVG draws the plan: agents by Erlang C, by Erlang A and by simulation, and the service level that the last reaches.
func (p *StaffPlan) WriteSVG(w io.Writer) error {
	agents := []line{{name: "Erlang C", colour: grey}, {name: "Erlang A", colour: amber}, {name: "simulation", colour: petrol}}
	level := line{colour: petrol}
	exact := func(n int) Figure {
		if n < 0 {
			return Figure{Mean: math.NaN(), Half: math.NaN()}
		}
		return Figure{Mean: float64(n), Half: math.NaN()}
	}
	for _, r := range p.Rows {
		for i, n := range []int{r.ErlangC, r.ErlangA, r.Agents} {
			agents[i].values = append(agents[i].values, exact(n))
		}
		level.values = append(level.values, r.ServiceLevel)
	}
	return p.scenario.draw(w, p.scenario.Name, fmt.Sprintf("agents of %s for %.4g %% in time", p.Group, 100*p.Target), [][]panel{{
		{title: "agents", target: math.NaN(), steps: true, lines: agents},
		{title: "service level of the simulation", percent: true, target: p.Target, lines: []line{level}},
	}})
}

// picture is an SVG being written.
type picture struct {
	*bufio.Writer
	scenario *Scenario
}

func (s *Scenario) draw(w io.Writer, title, under string, rows [][]panel) error {
	columns := 1
	for _, r := range rows {
		columns = max(columns, len(r))
	}
	p := picture{bufio.NewWriter(w), s}
	width, height := columns*panelWidth, headHeight+len(rows)*panelHeight
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="11" fill="%s">`+"\n",
		width, height, width, height, grey)
	fmt.Fprintf(p, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	p.text(14, 24, "font-size=\"16\" font-weight=\"600\" fill=\"#182227\"", title)
	p.text(14, 42, "", under)
	for y, row := range rows {
		for x, one := range row {
			fmt.Fprintf(p, `<g transform="translate(%d %d)">`+"\n", x*panelWidth, headHeight+y*panelHeight)
			p.panel(one)
			fmt.Fprintln(p, `</g>`)
		}
	}
	fmt.Fprintln(p, `</svg>`)
	return p.Flush()
}

func (p picture) text(x, y float64, more, text string) {
	fmt.Fprintf(p, `<text x="%.1f" y="%.1f" %s>%s</text>`+"\n", x, y, more, html.EscapeString(text))
}

// step returns a round distance between marks, about four of them up to most.
func step(most float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(most/4)))
	for _, f := range []float64{1, 2, 5, 10} {
		if unit*f >= most/4 {
			return unit * f
		}
	}
	return unit * 10
}

func (p picture) panel(c panel) {
	n, most := 1, 0.0
	for _, l := range c.lines {
		n = max(n, len(l.values))
		for _, f := range l.values {
			if m := f.high(); m > most { // not so when it is NaN
				most = m
			}
		}
	}
	if c.percent {
		most = 1
	}
	if most == 0 {
		most = 1
	}
	distance := step(most)
	if c.percent {
		distance = 0.25
	} else {
		most = distance * math.Ceil(most/distance-1e-9)
	}
	spaces := float64(n)
	if !c.steps {
		spaces = math.Max(1, float64(n-1))
	}
	const wide, high = panelWidth - left - right, panelHeight - top - bottom
	x := func(i float64) float64 { return left + wide*i/spaces }
	y := func(v float64) float64 { return top + high*(1-math.Max(0, math.Min(v, most))/most) }
	p.text(14, 18, `font-weight="600" fill="#4d5b63"`, c.title)
	at := float64(panelWidth - right)
	for i := len(c.lines) - 1; i >= 0; i-- {
		if l := c.lines[i]; l.name != "" {
			p.text(at, 18, `text-anchor="end" fill="`+l.colour+`"`, l.name)
			at -= 8*float64(len(l.name)) + 8
		}
	}
	for v := 0.0; v <= most*1.0001; v += distance {
		fmt.Fprintf(p, `<path d="M%d %.1fH%d" stroke="#dde2e5"/>`+"\n", left, y(v), panelWidth-right)
		mark := fmt.Sprintf("%.4g", v)
		if c.percent {
			mark = fmt.Sprintf("%.0f %%", 100*v)
		}
		p.text(left-6, y(v)+4, `text-anchor="end"`, mark)
	}
	every := max(1, (n+5)/6)
	for i := 0; i < n; i += every {
		p.text(x(float64(i)), panelHeight-8, `text-anchor="middle"`, p.scenario.clock(i))
	}
	if !math.IsNaN(c.target) {
		fmt.Fprintf(p, `<path d="M%d %.1fH%d" stroke="%s" stroke-dasharray="6 5"/>`+"\n", left, y(c.target), panelWidth-right, red)
	}
	for _, l := range c.lines {
		p.line(l, c.steps, x, y)
	}
}

func (f Figure) low() float64  { return f.Mean - f.half() }
func (f Figure) high() float64 { return f.Mean + f.half() }
func (f Figure) half() float64 {
	if math.IsNaN(f.Half) {
		return 0
	}
	return f.Half
}

// line draws each unbroken run of values: its band, then its mean.
func (p picture) line(l line, steps bool, x, y func(float64) float64) {
	for from := 0; from < len(l.values); {
		to := from
		for to < len(l.values) && !math.IsNaN(l.values[to].Mean) {
			to++
		}
		if to == from {
			from++
			continue
		}
		way := func(value func(Figure) float64) []string {
			var points []string
			for i := from; i < to; i++ {
				v := y(value(l.values[i]))
				points = append(points, fmt.Sprintf("%.1f %.1f", x(float64(i)), v))
				if steps {
					points = append(points, fmt.Sprintf("%.1f %.1f", x(float64(i+1)), v))
				}
			}
			return points
		}
		mean := way(func(f Figure) float64 { return f.Mean })
		if len(mean) == 1 {
			at := strings.Fields(mean[0])
			fmt.Fprintf(p, `<circle cx="%s" cy="%s" r="3" fill="%s"/>`+"\n", at[0], at[1], l.colour)
			from = to
			continue
		}
		band := way(Figure.high)
		low := way(Figure.low)
		for i := len(low) - 1; i >= 0; i-- {
			band = append(band, low[i])
		}
		fmt.Fprintf(p, `<path d="M%sZ" fill="%s" fill-opacity=".16"/>`+"\n", strings.Join(band, "L"), l.colour)
		fmt.Fprintf(p, `<path d="M%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(mean, "L"), l.colour)
		from = to
	}
}
