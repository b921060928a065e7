package sim

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"hotline/acd"
	"hotline/acd/said"
)

// Scenario is a call centre and a day of it. See the package's comment for the format.
type Scenario struct {
	Name         string               `yaml:"name"`
	Start        time.Duration        `yaml:"start"`        // the time of day at which it begins, for the tables and for clocks in files
	Length       time.Duration        `yaml:"length"`       // calls come in for so long; then those still there are served
	WarmUp       time.Duration        `yaml:"warm_up"`      // left out of the figures
	Interval     time.Duration        `yaml:"interval"`     // of the table by time; default 30m
	Replications int                  `yaml:"replications"` // runs with other luck; default 10
	Seed         uint64               `yaml:"seed"`
	Queues       map[string]acd.Queue `yaml:"queues"`
	Calls        map[string]CallType  `yaml:"calls"`
	Agents       []Group              `yaml:"agents"`

	leftOut []error // rows of files that no kind of call has
}

// CallType is one kind of call.
type CallType struct {
	Queue    string         `yaml:"queue"` // default: of the same name
	Arrivals Arrivals       `yaml:"arrivals"`
	Talk     Dist           `yaml:"talk"`
	WrapUp   Dist           `yaml:"wrap_up"`
	Patience Dist           `yaml:"patience"` // none: nobody gives up
	Needs    map[string]int `yaml:"needs"`
	Priority int            `yaml:"priority"`
	Grow     float64        `yaml:"grow"`
}

// Group is agents who are alike.
type Group struct {
	Name   string           `yaml:"name"`
	Count  int              `yaml:"count"`
	Skills map[string]int   `yaml:"skills"`
	Queues []acd.Membership `yaml:"queues"`
	Shifts []Shift          `yaml:"shifts"` // when they are at work; none: always
	Roster []int            `yaml:"roster"` // instead of count and shifts: how many in each interval from the start on
	Answer Dist             `yaml:"answer"` // from the offer to the agent's "hello"; none: at once
	Speed  float64          `yaml:"speed"`  // talks and wraps up so much faster than usual; default 1
}

// Shift is a span of the run. A call in progress is ended first.
type Shift struct {
	From time.Duration `yaml:"from"`
	To   time.Duration `yaml:"to"` // 0 = to the very end
}

// Limits that keep a typing mistake from filling the machine.
const (
	maxAgents       = 1_000_000
	maxReplications = 10_000
	maxIntervals    = 100_000
	maxCalls        = 100_000_000 // in all runs
)

// Load reads a scenario. Files it names (csv) are opened in files, which may be nil when there are none.
func Load(r io.Reader, files fs.FS) (*Scenario, error) {
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	s := &Scenario{}
	if err := d.Decode(s); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, said.Errorf("the scenario is empty")
		}
		return nil, inWords(err)
	}
	if err := s.readFiles(files); err != nil {
		return nil, err
	}
	return s, s.Check()
}

// SetCalls makes a call type's arrivals the given real calls, such as those of a journal.
func (s *Scenario) SetCalls(kind string, calls []Call) error {
	t, ok := s.Calls[kind]
	if !ok {
		return said.Errorf("there is no call type %q", kind)
	}
	calls = slices.Clone(calls)
	slices.SortStableFunc(calls, earlier)
	t.Arrivals = Arrivals{CSV: "given", calls: calls}
	s.Calls[kind] = t
	return nil
}

// Check fills in defaults and returns everything that is wrong, in words.
func (s *Scenario) Check() error {
	if s.Interval == 0 {
		s.Interval = 30 * time.Minute
	}
	if s.Replications == 0 {
		s.Replications = 10
	}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, said.Errorf(format, args...)) }
	if s.Length <= 0 || s.Length > longest {
		wrong("length: %s is outside 0 to %s; such as 10h", s.Length, longest)
	}
	if s.WarmUp < 0 || s.WarmUp >= s.Length {
		wrong("warm_up: %s must be shorter than the length, %s", s.WarmUp, s.Length)
	}
	if s.Start < 0 || s.Start >= 24*time.Hour {
		wrong("start: %s is no time of day; such as 8h30m", s.Start)
	}
	if s.Interval < time.Second || s.Length/s.Interval > maxIntervals {
		wrong("interval: %s is too short for a length of %s", s.Interval, s.Length)
	}
	if s.Replications < 1 || s.Replications > maxReplications {
		wrong("replications: %d is outside 1 to %d", s.Replications, maxReplications)
	}
	if len(s.Calls) == 0 {
		wrong("calls: none are given")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Calls)) {
		t := s.Calls[name]
		if t.Queue == "" {
			t.Queue = name
		}
		if t.Arrivals.At != nil && t.Arrivals.calls == nil {
			t.Arrivals.calls = []Call{}
			for _, at := range slices.Sorted(slices.Values(t.Arrivals.At)) {
				t.Arrivals.calls = append(t.Arrivals.calls, Call{At: at, Talk: -1, WrapUp: -1, Patience: -1})
			}
		}
		s.Calls[name] = t
		if _, ok := s.Queues[t.Queue]; !ok {
			wrong("calls %s: there is no queue %q", name, t.Queue)
		}
		for what, err := range map[string]error{
			"": t.Arrivals.check(), "talk: ": t.Talk.check(), "wrap_up: ": t.WrapUp.check(), "patience: ": t.Patience.check(),
		} {
			if err != nil {
				wrong("calls %s: %s%w", name, what, err)
			}
		}
		if t.Arrivals.CSV != "" && t.Arrivals.calls == nil {
			wrong("calls %s: %s has not been read", name, t.Arrivals.CSV)
		}
	}
	if len(errs) == 0 {
		calls := 0.0
		for _, t := range s.Calls {
			calls += t.Arrivals.expected(0, s.Length) * float64(s.Replications)
		}
		if calls > maxCalls {
			wrong("arrivals: %.3g calls in %d runs are more than %d", calls, s.Replications, maxCalls)
		}
	}
	names, total := map[string]bool{}, 0
	for i := range s.Agents {
		g := &s.Agents[i]
		if g.Name == "" {
			g.Name = fmt.Sprint("group ", i+1)
		}
		if names[g.Name] {
			wrong("agents %s: is there twice", g.Name)
		}
		names[g.Name] = true
		total += g.size()
		for _, err := range g.check() {
			wrong("agents %s: %w", g.Name, err)
		}
	}
	if total > maxAgents {
		wrong("agents: %d are more than %d", total, maxAgents)
	}
	if len(errs) == 0 { // an engine's own checks, but for queues that are meant to have nobody
		for _, q := range s.queues() {
			errs = append(errs, q.Validate()...)
		}
		for _, g := range s.Agents {
			for _, m := range g.Queues {
				if _, ok := s.Queues[m.Queue]; !ok {
					wrong("agents %s: there is no queue %q", g.Name, m.Queue)
				}
			}
			errs = append(errs, acd.Agent{ID: g.Name, Skills: g.Skills, Queues: g.Queues}.Validate()...)
		}
	}
	return errors.Join(errs...)
}

func (g *Group) check() []error {
	var errs []error
	if g.Count < 0 || g.Roster != nil && (g.Count != 0 || g.Shifts != nil) {
		errs = append(errs, said.Errorf("count %d: give a count from 0 up and shifts, or a roster", g.Count))
	}
	for _, n := range g.Roster {
		if n < 0 || n > maxAgents {
			errs = append(errs, said.Errorf("roster: %d is outside 0 to %d", n, maxAgents))
		}
	}
	last := time.Duration(0)
	for i, sh := range g.Shifts {
		if sh.From < last || sh.To != 0 && sh.To <= sh.From || sh.To == 0 && i < len(g.Shifts)-1 {
			errs = append(errs, said.Errorf("shift %d: %s to %s is not a span after the one before", i+1, sh.From, sh.To))
		}
		last = sh.To
	}
	if err := g.Answer.check(); err != nil {
		errs = append(errs, said.Errorf("answer: %w", err))
	}
	if g.Speed != 0 && !(g.Speed >= 0.01 && g.Speed <= 100) {
		errs = append(errs, said.Errorf("speed %v is outside 0.01 to 100", g.Speed))
	}
	return errs
}

func (g *Group) size() int {
	if g.Roster != nil {
		return slices.Max(append([]int{0}, g.Roster...))
	}
	return g.Count
}

// shifts of the group's i-th agent.
func (g *Group) shifts(i int, interval time.Duration) []Shift {
	if g.Roster == nil {
		if g.Shifts == nil {
			return []Shift{{}}
		}
		return g.Shifts
	}
	var out []Shift
	for k, n := range g.Roster {
		if i >= n {
			continue
		}
		from, to := time.Duration(k)*interval, time.Duration(k+1)*interval
		if l := len(out); l > 0 && out[l-1].To == from {
			out[l-1].To = to
		} else {
			out = append(out, Shift{From: from, To: to})
		}
	}
	return out
}

// queues in the order of their ids.
func (s *Scenario) queues() []acd.Queue {
	var out []acd.Queue
	for _, id := range slices.Sorted(maps.Keys(s.Queues)) {
		q := s.Queues[id]
		q.ID = id
		out = append(out, q.WithDefaults())
	}
	return out
}
