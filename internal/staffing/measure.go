package staffing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"hotline/acd"
	"hotline/acd/sim"
	"hotline/desk"
	"hotline/ticket/history"
)

// Source is where this centre's own scenario comes from.
type Source struct {
	// House gives the configuration as it is now.
	House func() House
	// Traffic gives what came in within a stretch of time; *postgres.Store.Traffic.
	Traffic func(ctx context.Context, from, to time.Time) (history.Traffic, error)
	Now     func() time.Time
}

// House is the part of the configuration that a scenario needs.
type House struct {
	Name   string
	Zone   *time.Location
	Queues []acd.Queue
	Agents []acd.Agent
}

// What is assumed where the archive knows nothing.
const (
	assumedTalk     = 3 * time.Minute
	assumedPatience = 3 * time.Minute
	assumedCalls    = 6.0 // an hour
	fewCalls        = 50  // below this what is measured may be chance
	fewGone         = 5   // below this patience is not measured
	fewTalks        = 10  // below this their spread is not
	littleWork      = 1.0 // hours of all agents together below which they are not counted by the half hour
)

// Centre measures the last weeks, on that day of the week or, nil, on all days.
func (r *Room) Centre(ctx context.Context, weeks int, day *time.Weekday) (desk.CentreScenario, error) {
	h := r.House()
	now := r.Now().In(h.Zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, h.Zone)
	from := today.AddDate(0, 0, -7*weeks)
	t, err := r.Traffic(ctx, from, now)
	var away interface{ Code() string }
	var notes []desk.StaffingNote
	if errors.As(err, &away) && away.Code() == string(desk.Unavailable) {
		notes, err = append(notes, desk.ArchiveAway), nil
	}
	if err != nil {
		return desk.CentreScenario{}, err
	}
	s, m := Measure(h, t, day)
	var text strings.Builder
	if err := s.WriteYAML(&text); err != nil {
		return desk.CentreScenario{}, err
	}
	return desk.CentreScenario{Text: text.String(), Days: m.Days, Calls: m.Calls, Notes: append(notes, m.Notes...)}, nil
}

// Measured is what a scenario rests on.
type Measured struct {
	Days, Calls int
	Notes       []desk.StaffingNote
}

func (m *Measured) note(n desk.StaffingNote) {
	if !slices.Contains(m.Notes, n) {
		m.Notes = append(m.Notes, n)
	}
}

// Measure makes a scenario of a house and its traffic: calls and people by the half hour as they were on average on the
// days of that weekday that had calls, times as they were on all days.
func Measure(h House, t history.Traffic, day *time.Weekday) (*sim.Scenario, Measured) {
	var m Measured
	days := daysWithCalls(h, t, day)
	if len(days) == 0 && day != nil {
		if days = daysWithCalls(h, t, nil); len(days) > 0 {
			m.note(desk.OtherDays)
		}
	}
	m.Days = len(days)
	first, last := span(h, t, days)
	s := &sim.Scenario{
		Name: h.Name, Interval: history.SlotLength, Replications: 20, Seed: 1,
		Start: time.Duration(first) * history.SlotLength, Length: time.Duration(last-first) * history.SlotLength,
		Queues: map[string]acd.Queue{}, Calls: map[string]sim.CallType{},
	}
	for _, q := range h.Queues {
		s.Queues[q.ID] = acd.Queue{Needs: q.Needs, Reach: q.Reach, Relax: q.Relax, Select: q.Select, Priority: q.Priority, Weight: q.Weight,
			Urgency: q.Urgency, Overdue: q.Overdue, ServiceLevel: q.ServiceLevel, Limits: q.Limits}
		s.Calls[q.ID] = m.calls(h, t, q.ID, days, first, last)
	}
	switch {
	case len(days) == 0:
		m.note(desk.NoCalls)
	case m.Calls < fewCalls:
		m.note(desk.FewCalls)
	}
	s.Agents = m.groups(h, t, days, first, last)
	if len(s.Agents) == 0 {
		m.note(desk.NoWorkYet)
	}
	return s, m
}

// place is the day and the half hour of it that a slot belongs to, by the clock on the house's wall.
func place(h House, slot time.Time) (day string, half int) {
	at := slot.In(h.Zone)
	return at.Format(time.DateOnly), (at.Hour()*60 + at.Minute()) / int(history.SlotLength/time.Minute)
}

// daysWithCalls are numbered in their order.
func daysWithCalls(h House, t history.Traffic, on *time.Weekday) map[string]int {
	seen := map[string]bool{}
	for _, a := range t.Arrivals {
		if on == nil || a.Slot.In(h.Zone).Weekday() == *on {
			day, _ := place(h, a.Slot)
			seen[day] = true
		}
	}
	days := map[string]int{}
	for i, day := range slices.Sorted(maps.Keys(seen)) {
		days[day] = i
	}
	return days
}

// span is the half hours of a day in which calls came, from the first up to but without the last; 9 to 17 when none did.
func span(h House, t history.Traffic, days map[string]int) (first, last int) {
	first, last = 48, 0
	for _, a := range t.Arrivals {
		if day, half := place(h, a.Slot); has(days, day) {
			first, last = min(first, half), max(last, half+1)
		}
	}
	if last == 0 {
		return 18, 34
	}
	return first, last
}

func has(days map[string]int, day string) bool { _, ok := days[day]; return ok }

// calls measures one queue.
func (m *Measured) calls(h House, t history.Traffic, queue string, days map[string]int, first, last int) sim.CallType {
	counts, totals := make([]float64, last-first), make([]float64, len(days))
	for _, a := range t.Arrivals {
		day, half := place(h, a.Slot)
		n, ok := days[day]
		if a.Queue != queue || !ok {
			continue
		}
		m.Calls += a.Calls
		totals[n] += float64(a.Calls)
		counts[half-first] += float64(a.Calls) / float64(len(days))
	}
	for i := range counts {
		counts[i] = math.Round(counts[i]*10) / 10
	}
	k := sim.CallType{Arrivals: sim.Arrivals{Interval: history.SlotLength, Counts: counts, Busyness: busyness(totals)}}
	if len(days) == 0 {
		k.Arrivals = sim.Arrivals{Calls: assumedCalls, Per: time.Hour}
	}
	var x history.Handling
	if i := slices.IndexFunc(t.Handling, func(x history.Handling) bool { return x.Queue == queue }); i >= 0 {
		x = t.Handling[i]
	}
	switch mean, sd := whole(x.Talk), whole(x.TalkSD); {
	case x.Talks == 0 || mean == 0:
		k.Talk.Exponential = assumedTalk
		m.note(desk.NoTalks)
	case x.Talks < fewTalks || sd == 0:
		k.Talk.Exponential = mean
	default:
		k.Talk.Lognormal = &sim.Shape{Mean: mean, SD: sd}
	}
	k.WrapUp.Exponential = whole(x.WrapUp)
	k.Patience.Exponential = assumedPatience
	if x.Abandoned >= fewGone {
		// The best guess of an exponential patience of which mostly only "longer than this" is known: all waiting, for each
		// who gave up.
		k.Patience.Exponential = min(max(whole(x.Waited/float64(x.Abandoned)), time.Second), 24*time.Hour)
	} else {
		m.note(desk.NoPatience)
	}
	return k
}

// whole is seconds without their fractions; short times keep tenths.
func whole(s float64) time.Duration {
	if s < 10 {
		return time.Duration(math.Round(10*s)) * time.Second / 10
	}
	return time.Duration(math.Round(s)) * time.Second
}

// busyness is how much more the days differ than chance alone would have them.
func busyness(totals []float64) float64 {
	n := float64(len(totals))
	if n < 3 {
		return 0
	}
	mean, m2 := 0.0, 0.0
	for _, x := range totals {
		mean += x / n
	}
	for _, x := range totals {
		m2 += (x - mean) * (x - mean)
	}
	if mean == 0 {
		return 0
	}
	beyond := (m2/(n-1) - mean) / (mean * mean)
	return min(1, math.Round(100*math.Sqrt(max(0, beyond)))/100)
}

// groups are the agents who have the same skills and queues, there as they were on average.
func (m *Measured) groups(h House, t history.Traffic, days map[string]int, first, last int) []sim.Group {
	var groups []sim.Group
	members := map[string]int{} // agent → group
	alike := map[string]int{}
	var names [][]string
	for _, a := range h.Agents {
		if len(a.Queues) == 0 {
			continue
		}
		kind := fmt.Sprint(a.Skills, a.Queues) // maps are printed in the order of their keys
		i, ok := alike[kind]
		if !ok {
			i = len(groups)
			alike[kind] = i
			groups = append(groups, sim.Group{Skills: a.Skills, Queues: a.Queues})
			names = append(names, nil)
		}
		names[i] = append(names[i], a.ID)
		members[a.ID] = i
	}
	there := make([][]float64, len(groups))
	hours := 0.0
	for _, w := range t.Work {
		day, half := place(h, w.Slot)
		i, ok := members[w.Agent]
		if !ok || !has(days, day) {
			continue
		}
		hours += w.Seconds / 3600
		if half < first || half >= last {
			continue
		}
		if there[i] == nil {
			there[i] = make([]float64, last-first)
		}
		there[i][half-first] += w.Seconds / history.SlotLength.Seconds() / float64(len(days))
	}
	measured := hours >= littleWork
	for i := range groups {
		g := &groups[i]
		g.Name = names[i][0]
		if more := len(names[i]) - 1; more > 0 {
			g.Name = fmt.Sprintf("%s +%d", g.Name, more)
		}
		if !measured {
			g.Count = len(names[i])
			continue
		}
		g.Roster = make([]int, last-first)
		for k, x := range there[i] {
			g.Roster[k] = min(int(math.Round(x)), len(names[i]))
		}
	}
	if !measured && len(groups) > 0 {
		m.note(desk.NoRoster)
	}
	slices.SortStableFunc(groups, func(a, b sim.Group) int { return cmp.Compare(b.Size(), a.Size()) })
	return groups
}
