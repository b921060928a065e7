package staffing

import (
	"cmp"
	"encoding/csv"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"hotline/fact"
	"hotline/ticket/history"
)

// Fold gathers Traffic from the journal's facts within a stretch of time, as the archive does in SQL, and the single calls.
type Fold struct {
	from, to time.Time
	arrivals map[slot]int
	handling map[string]*handled
	work     map[slot]float64
	ready    map[string]time.Time // agents at work, since
	calls    map[string]*RealCall // by visit
	talked   map[[2]string]string // the last visit of a call with an agent
	last     time.Time
}

type slot struct {
	name string // a queue or an agent
	at   time.Time
}

type handled struct {
	history.Handling
	sum, squares, wrapped float64
}

// RealCall is one visit to a queue, for a scenario that replays a day. Times that are not known are -1.
type RealCall struct {
	At                     time.Time
	Queue                  string
	Talk, WrapUp, Patience time.Duration
}

// NewFold gathers what began within [from, to).
func NewFold(from, to time.Time) *Fold {
	return &Fold{from: from, to: to, arrivals: map[slot]int{}, handling: map[string]*handled{}, work: map[slot]float64{},
		ready: map[string]time.Time{}, calls: map[string]*RealCall{}, talked: map[[2]string]string{}}
}

// Apply takes one record; they come in their order.
func (f *Fold) Apply(r fact.Record) {
	f.last = r.At
	for _, x := range r.Facts {
		f.apply(x, r.At)
	}
}

func (f *Fold) within(at time.Time) bool { return !at.Before(f.from) && at.Before(f.to) }

func (f *Fold) apply(x fact.Fact, at time.Time) {
	switch x := x.(type) {
	case fact.VisitBegan:
		if f.within(at) && x.From != "overflow" {
			f.arrivals[slot{x.Queue, at.UTC().Truncate(history.SlotLength)}]++
			f.calls[x.Visit] = &RealCall{At: at, Queue: x.Queue, Talk: -1, WrapUp: -1, Patience: -1}
		}
	case fact.VisitEnded:
		if !f.within(at.Add(-x.Waited)) {
			return
		}
		h := f.of(x.Queue)
		h.Waited += x.Waited.Seconds()
		if x.Outcome == fact.Abandoned {
			h.Abandoned++
			if c := f.calls[x.Visit]; c != nil {
				c.Patience = x.Waited
			}
		}
	case fact.TalkEnded:
		f.talkEnded(x, at)
	case fact.WrapUpEnded:
		visit := f.talked[[2]string{x.Call, x.Agent}]
		if f.within(at.Add(-x.Lasted)) && x.Queue != "" {
			f.of(x.Queue).wrapped += x.Lasted.Seconds()
		}
		if c := f.calls[visit]; c != nil {
			c.WrapUp = x.Lasted
		}
	case fact.AgentReady:
		if _, there := f.ready[x.Agent]; !there {
			f.ready[x.Agent] = at
		}
	case fact.AgentNotReady:
		f.left(x.Agent, at)
	case fact.AgentSignedOut:
		f.left(x.Agent, at)
	}
}

func (f *Fold) of(queue string) *handled {
	h := f.handling[queue]
	if h == nil {
		h = &handled{Handling: history.Handling{Queue: queue}}
		f.handling[queue] = h
	}
	return h
}

func (f *Fold) talkEnded(x fact.TalkEnded, at time.Time) {
	took := x.Talked + x.Held
	if c := f.calls[x.Visit]; c != nil {
		c.Talk = took
		f.talked[[2]string{x.Call, x.Agent}] = x.Visit
	}
	if f.within(at.Add(-took)) {
		h := f.of(x.Queue)
		h.Talks++
		h.sum += took.Seconds()
		h.squares += took.Seconds() * took.Seconds()
	}
}

// left counts the time of an agent who was ready or busy until now, slot by slot.
func (f *Fold) left(agent string, at time.Time) {
	since, there := f.ready[agent]
	if !there {
		return
	}
	delete(f.ready, agent)
	if since.Before(f.from) {
		since = f.from
	}
	if at.After(f.to) {
		at = f.to
	}
	for since.Before(at) {
		begins := since.UTC().Truncate(history.SlotLength)
		end := begins.Add(history.SlotLength)
		if end.After(at) {
			end = at
		}
		f.work[slot{agent, begins}] += end.Sub(since).Seconds()
		since = end
	}
}

// Traffic is what was gathered. Who is still at work counts up to the last record.
func (f *Fold) Traffic() history.Traffic {
	for _, agent := range slices.Sorted(maps.Keys(f.ready)) {
		f.left(agent, f.last)
		f.ready[agent] = f.last
	}
	t := history.Traffic{Arrivals: []history.Arrivals{}, Handling: []history.Handling{}, Work: []history.Work{}}
	order := func(a, b slot) int { return cmp.Or(cmp.Compare(a.name, b.name), a.at.Compare(b.at)) }
	for _, s := range slices.SortedFunc(maps.Keys(f.arrivals), order) {
		t.Arrivals = append(t.Arrivals, history.Arrivals{Queue: s.name, Slot: s.at, Calls: f.arrivals[s]})
	}
	for _, s := range slices.SortedFunc(maps.Keys(f.work), order) {
		t.Work = append(t.Work, history.Work{Agent: s.name, Slot: s.at, Seconds: f.work[s]})
	}
	for _, queue := range slices.Sorted(maps.Keys(f.handling)) {
		h := f.handling[queue]
		if n := float64(h.Talks); n > 0 {
			h.Talk = h.sum / n
			h.WrapUp = h.wrapped / n
			if n > 1 {
				h.TalkSD = math.Sqrt(math.Max(0, (h.squares-h.sum*h.sum/n)/(n-1)))
			}
		}
		t.Handling = append(t.Handling, h.Handling)
	}
	return t
}

// Calls are the single calls, in the order in which they came.
func (f *Fold) Calls() []RealCall {
	out := make([]RealCall, 0, len(f.calls))
	for _, c := range f.calls {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b RealCall) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Queue, b.Queue)) })
	return out
}

// WriteCalls writes calls as a scenario's arrivals read them (sim.ReadCalls), in seconds from start on; those before it
// are left out.
func WriteCalls(w io.Writer, calls []RealCall, start time.Time) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"at", "type", "talk", "wrap_up", "patience"}}
	for _, c := range calls {
		if at := c.At.Sub(start); at >= 0 {
			rows = append(rows, []string{known(at), c.Queue, known(c.Talk), known(c.WrapUp), known(c.Patience)})
		}
	}
	return out.WriteAll(rows)
}

func known(d time.Duration) string {
	if d < 0 {
		return ""
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
}
