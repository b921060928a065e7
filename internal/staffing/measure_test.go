package staffing

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/acd/sim"
	"hotline/desk"
	"hotline/ticket/history"
)

var beijing = time.FixedZone("Beijing", 8*3600)

func city() House {
	return House{
		Name: "City", Zone: beijing,
		Queues: []acd.Queue{{ID: "consult", Needs: map[string]int{"consult": 3}}, {ID: "english", Needs: map[string]int{"english": 1}}},
		Agents: []acd.Agent{
			{ID: "li", Skills: map[string]int{"consult": 5}, Queues: []acd.Membership{{Queue: "consult"}}},
			{ID: "wang", Skills: map[string]int{"consult": 5}, Queues: []acd.Membership{{Queue: "consult"}}},
			{ID: "smith", Skills: map[string]int{"consult": 5, "english": 9}, Queues: []acd.Membership{{Queue: "english"}, {Queue: "consult", Order: 2}}},
			{ID: "learner"},
		},
	}
}

// at is a moment of November 2026; the 2nd is a Monday.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, beijing).UTC()
}

func TestACentreIsMeasuredByTheDaysThatHadCalls(t *testing.T) {
	t.Parallel()
	monday := time.Monday
	s, m := Measure(city(), history.Traffic{
		Arrivals: []history.Arrivals{
			{Queue: "consult", Slot: at(2, 9, 0), Calls: 10}, {Queue: "consult", Slot: at(2, 10, 0), Calls: 7}, {Queue: "consult", Slot: at(9, 9, 0), Calls: 21},
			{Queue: "english", Slot: at(9, 9, 30), Calls: 1}, {Queue: "consult", Slot: at(3, 4, 0), Calls: 99},
		},
		Handling: []history.Handling{
			{Queue: "consult", Talks: 100, Talk: 181.4, TalkSD: 92, WrapUp: 31, Abandoned: 10, Waited: 900},
			{Queue: "english", Talks: 2, Talk: 60, Abandoned: 1, Waited: 5},
		},
		Work: []history.Work{
			{Agent: "li", Slot: at(2, 9, 0), Seconds: 1800}, {Agent: "li", Slot: at(9, 9, 0), Seconds: 1700},
			{Agent: "wang", Slot: at(2, 9, 0), Seconds: 1800}, {Agent: "wang", Slot: at(9, 9, 0), Seconds: 900},
			{Agent: "smith", Slot: at(3, 9, 0), Seconds: 1800}, {Agent: "stranger", Slot: at(2, 9, 0), Seconds: 1800},
		},
	}, &monday)
	require.Equal(t, Measured{Days: 2, Calls: 39, Notes: []desk.StaffingNote{desk.NoPatience, desk.FewCalls}}, m)
	require.NoError(t, s.Check())
	require.Equal(t, "09:00", s.Clock(0))
	require.Equal(t, 90*time.Minute, s.Length)
	require.Equal(t, []float64{15.5, 0, 3.5}, s.Calls["consult"].Arrivals.Counts)
	require.Equal(t, &sim.Shape{Mean: 181 * time.Second, SD: 92 * time.Second}, s.Calls["consult"].Talk.Lognormal)
	require.Equal(t, 90*time.Second, s.Calls["consult"].Patience.Exponential, "all waiting for each who gave up")
	require.Equal(t, 31*time.Second, s.Calls["consult"].WrapUp.Exponential)
	require.Equal(t, time.Minute, s.Calls["english"].Talk.Exponential)
	require.Equal(t, assumedPatience, s.Calls["english"].Patience.Exponential)
	require.Equal(t, "li +1", s.Agents[0].Name)
	require.Equal(t, []int{2, 0, 0}, s.Agents[0].Roster)
	require.Equal(t, "smith", s.Agents[1].Name)
	require.Equal(t, []int{0, 0, 0}, s.Agents[1].Roster)

	shift := history.Traffic{Arrivals: []history.Arrivals{{Queue: "consult", Slot: at(2, 9, 0), Calls: 60}},
		Work: []history.Work{{Agent: "li", Slot: at(2, 9, 0), Seconds: 600}}}
	s, m = Measure(city(), shift, nil)
	require.Equal(t, 2, s.Agents[0].Count, "ten minutes are no roster")
	require.Contains(t, m.Notes, desk.NoRoster)
	require.NotContains(t, m.Notes, desk.FewCalls)

	sunday := time.Sunday
	_, m = Measure(city(), history.Traffic{Arrivals: []history.Arrivals{{Queue: "consult", Slot: at(2, 9, 0), Calls: 10}}}, &sunday)
	require.Contains(t, m.Notes, desk.OtherDays)
}

func TestDaysThatDifferMoreThanChanceAreBusyness(t *testing.T) {
	t.Parallel()
	require.Zero(t, busyness([]float64{100, 200}), "two days say nothing")
	require.Zero(t, busyness([]float64{100, 100, 101}))
	require.Zero(t, busyness([]float64{0, 0, 0}))
	require.InDelta(t, 0.31, busyness([]float64{70, 100, 135}), 0.02)
}

func TestACentreThatHasNoCallsYetCanBeTriedAllTheSame(t *testing.T) {
	t.Parallel()
	r := New(Source{House: city, Now: func() time.Time { return at(20, 12, 0) },
		Traffic: func(_ context.Context, from, to time.Time) (history.Traffic, error) {
			require.Equal(t, at(6, 0, 0), from.UTC(), "from a midnight of the house")
			return history.Traffic{}, desk.Refuse(desk.Unavailable, "away", nil)
		}}, nil)
	c, err := r.Centre(t.Context(), 2, nil)
	require.NoError(t, err)
	require.Equal(t, []desk.StaffingNote{desk.ArchiveAway, desk.NoTalks, desk.NoPatience, desk.NoCalls, desk.NoRoster}, c.Notes)
	require.Contains(t, c.Text, "\nqueues:\n  consult:\n    needs: {consult: 3}\n")
	k, err := r.Check(c.Text)
	require.NoError(t, err)
	require.Equal(t, "09:00", k.Begins[0])
	require.Len(t, k.Begins, 16)
	require.InDelta(t, 3, k.Queues[0].Calls[0], 1e-9)

	nobody := city()
	nobody.Agents = nil
	_, m := Measure(nobody, history.Traffic{}, nil)
	require.Contains(t, m.Notes, desk.NoWorkYet)
}

func TestAQueueThatNobodyCanServeIsMarked(t *testing.T) {
	t.Parallel()
	r := New(Source{}, nil)
	k, err := r.Check(small)
	require.NoError(t, err)
	require.False(t, k.Queues[0].Hopeless)
	k, err = r.Check(strings.Replace(small, "{q: {}}", "{q: {needs: {tax: 1}}}", 1))
	require.NoError(t, err)
	require.True(t, k.Queues[0].Hopeless)
	require.Equal(t, []string{}, k.Slips)
	k, err = r.Check(strings.Replace(small, "count: 10", "roster: [10]", 1))
	require.NoError(t, err)
	require.Len(t, k.Slips, 1)
}

// FuzzOrder: whatever is ordered, it is a question within bounds or it has words and a place.
func FuzzOrder(f *testing.F) {
	f.Add(small, "a", -2, 1.2, 20, "", 0.0)
	f.Add(small, "a", -1<<62, -1.0, -5, "a", 85.0)
	f.Add(small, "b", 1<<40, 1e300, 1<<40, "b", 0.85)
	f.Add("", "", 0, 0.0, 0, "", 0.0)
	f.Add(strings.Replace(small, "count: 10", "roster: [1, 0, 100000000]", 1), "a", 1000000, 1.0, 1, "", 0.0)
	f.Fuzz(func(t *testing.T, text, group string, n int, calls float64, runs int, staff string, target float64) {
		q, err := prepare(desk.TrialOrder{Text: text, Agents: map[string]int{group: n}, Calls: calls, Runs: runs, Staff: staff, Target: target})
		if err != nil {
			var m *refused
			require.ErrorAs(t, err, &m)
			require.NotEmpty(t, m.Public())
			return
		}
		require.LessOrEqual(t, q.as.ExpectedCalls(), float64(MostCalls))
	})
}

func TestEverySampleScenarioIsOnThePageAndWithinItsBounds(t *testing.T) {
	t.Parallel()
	r := New(Source{}, nil)
	l := r.Scenarios()
	require.NotEmpty(t, l.Scenarios)
	for _, s := range l.Scenarios {
		k, err := r.Check(s.Text)
		require.NoError(t, err, s.ID)
		require.NotEqual(t, s.ID, s.Name, "it has a name")
		require.NotEmpty(t, k.Groups)
	}
}

func TestWhatIsWrongWithAnOrderIsSaidBeforeItRuns(t *testing.T) {
	t.Parallel()
	for words, o := range map[string]desk.TrialOrder{
		"text: the scenario is empty":                      {Text: " \n"},
		"text: line 1: there is no key":                    {Text: "longth: 1h"},
		"text: calls q: day.csv: no files":                 {Text: strings.Replace(small, "{calls: 1, per: 1m}", "{csv: day.csv}", 1)},
		"agents: there is no group of agents called \"b\"": {Text: small, Agents: map[string]int{"b": 1}},
		"calls: -1 times the calls":                        {Text: small, Calls: -1},
		"runs: replications: -3":                           {Text: small, Runs: -3},
		"staff: there is no group of agents called \"b\"":  {Text: small, Staff: "b"},
		"target: a target of 85":                           {Text: small, Staff: "a", Target: 85},
		"text: 6000000 calls in all runs":                  {Text: strings.Replace(small, "calls: 1,", "calls: 10000,", 1)},
		"text: 30000 agents":                               {Text: small, Agents: map[string]int{"a": 29990}},
		"queues and groups in 3600 intervals":              {Text: strings.Replace(small, "length: 1h", "length: 1h\ninterval: 1s", 1) + groups(100)},
	} {
		_, err := prepare(o)
		var m *refused
		require.ErrorAs(t, err, &m, words)
		require.Contains(t, m.place+": "+m.Public(), words)
	}
}

func groups(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  - {name: g%d, count: 1, queues: [{queue: q}]}\n", i)
	}
	return b.String()
}

const small = `
length: 1h
queues: {q: {}}
calls: {q: {arrivals: {calls: 1, per: 1m}, talk: {exponential: 2m}, patience: {exponential: 1m}}}
agents:
  - {name: a, count: 10, queues: [{queue: q}]}
`
