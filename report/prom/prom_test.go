package prom

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/report"
)

func snapshot(t *testing.T) Snapshot {
	t.Helper()
	f := report.New(time.UTC)
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	apply := func(facts ...fact.Fact) {
		f.Apply(fact.Record{Seq: f.Seq() + 1, At: at, Facts: facts})
	}
	for range 3 {
		apply(fact.CallArrived{}, fact.VisitBegan{Visit: "v", Queue: "consult"})
		apply(fact.VisitEnded{Visit: "v", Queue: "consult", Outcome: fact.Answered, Waited: 12 * time.Second, Threshold: 20 * time.Second})
		apply(fact.TalkEnded{Queue: "consult", Agent: "li", Talked: time.Minute}, fact.CallEnded{Ending: fact.EndCaller})
	}
	apply(fact.VisitEnded{Visit: "w", Queue: "consult", Outcome: fact.Abandoned, Waited: time.Hour, Threshold: 20 * time.Second})
	q := f.Queue("consult", at)
	return Snapshot{
		Queues: []Queue{
			{Name: "consult", Ever: q.Ever.Totals, Waiting: 2, LongestWait: 1500 * time.Millisecond, AgentStates: map[string]int{"ready": 1}},
			{Name: "english", Ever: f.Queue("english", at).Ever.Totals},
		},
		Lines: []Line{{Name: "12345", Arrived: 70, Surge: report.Surge{Standing: true, Arrived: 60, Usual: 12.5, Known: true}}, {Name: "12346"}},
		Calls: f.Calls(), AgentStates: map[string]int{"ready": 1, "talking": 0}, CallPhases: map[string]int{"ivr": 4},
		JournalPosition: 17, ProjectorPosition: 15,
	}
}

func collector(t *testing.T) *Collector {
	s := snapshot(t)
	return NewCollector(func() Snapshot { return s })
}

func TestMetricsFollowTheConventions(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(collector(t))
	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestMetricsAreTheFoldToTheUnit(t *testing.T) {
	c := collector(t)
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP hotline_queue_offered_total Queue visits that ended: the sum of all outcomes.
# TYPE hotline_queue_offered_total counter
hotline_queue_offered_total{queue="consult"} 4
hotline_queue_offered_total{queue="english"} 0
# HELP hotline_queue_answered_within_threshold_total Queue visits answered within the threshold that was in force.
# TYPE hotline_queue_answered_within_threshold_total counter
hotline_queue_answered_within_threshold_total{queue="consult"} 3
hotline_queue_answered_within_threshold_total{queue="english"} 0
# HELP hotline_queue_waiting Visits that wait now.
# TYPE hotline_queue_waiting gauge
hotline_queue_waiting{queue="consult"} 2
hotline_queue_waiting{queue="english"} 0
# HELP hotline_projector_lag_records Durable records that PostgreSQL does not have yet.
# TYPE hotline_projector_lag_records gauge
hotline_projector_lag_records 2
# HELP hotline_queue_longest_wait_seconds How long the longest waiting visit has waited.
# TYPE hotline_queue_longest_wait_seconds gauge
hotline_queue_longest_wait_seconds{queue="consult"} 1.5
hotline_queue_longest_wait_seconds{queue="english"} 0
`), "hotline_queue_offered_total", "hotline_queue_answered_within_threshold_total", "hotline_queue_waiting",
		"hotline_projector_lag_records", "hotline_queue_longest_wait_seconds"))
	require.Equal(t, 12, testutil.CollectAndCount(c, "hotline_queue_visits_total"), "every outcome has its series from the start")
	require.Equal(t, len(fact.Endings), testutil.CollectAndCount(c, "hotline_calls_ended_total"))
}

func TestASurgeStandsBesideWhatIsUsual(t *testing.T) {
	require.NoError(t, testutil.CollectAndCompare(collector(t), strings.NewReader(`
# HELP hotline_line_arrivals_total Calls that came in on the line.
# TYPE hotline_line_arrivals_total counter
hotline_line_arrivals_total{line="12345"} 70
hotline_line_arrivals_total{line="12346"} 0
# HELP hotline_line_recent_arrivals Calls that came in on the line lately: over as long as alarms.surge looks.
# TYPE hotline_line_recent_arrivals gauge
hotline_line_recent_arrivals{line="12345"} 60
hotline_line_recent_arrivals{line="12346"} 0
# HELP hotline_line_surge 1 while many more call on the line than usual.
# TYPE hotline_line_surge gauge
hotline_line_surge{line="12345"} 1
hotline_line_surge{line="12346"} 0
# HELP hotline_line_usual_arrivals Calls that usually come in over as long at this hour; absent while that is not known.
# TYPE hotline_line_usual_arrivals gauge
hotline_line_usual_arrivals{line="12345"} 12.5
`), "hotline_line_arrivals_total", "hotline_line_recent_arrivals", "hotline_line_surge", "hotline_line_usual_arrivals"))
}

func TestHistogramsCumulate(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(collector(t))
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != "hotline_queue_wait_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			h := m.GetHistogram()
			switch {
			case labels["queue"] == "consult" && labels["outcome"] == "answered":
				require.EqualValues(t, 3, h.GetSampleCount())
				require.InDelta(t, 36, h.GetSampleSum(), 1e-9)
				for _, b := range h.GetBucket() {
					want := 0
					if b.GetUpperBound() >= 15 {
						want = 3
					}
					require.EqualValues(t, want, b.GetCumulativeCount(), b.GetUpperBound())
				}
			case labels["queue"] == "consult" && labels["outcome"] == "abandoned":
				require.EqualValues(t, 1, h.GetSampleCount(), "longer than the last bound")
			default:
				require.Zero(t, h.GetSampleCount())
			}
		}
		return
	}
	t.Fatal("no wait histogram")
}
