package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/report"
)

func TestAServiceLevelBelowItsTargetIsAnAlarmUntilItIsMet(t *testing.T) {
	t.Parallel()
	cfg := sample(t)
	f := report.New(cfg.Zone)
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, cfg.Zone)
	var a alarms
	answered := func(n int, waited time.Duration) {
		for range n {
			now = now.Add(time.Second)
			f.Apply(fact.Record{Seq: f.Seq() + 1, At: now, Facts: []fact.Fact{
				fact.VisitEnded{Queue: "consult", Outcome: fact.Answered, Waited: waited, Threshold: 20 * time.Second},
			}})
		}
		a.levels(f, cfg, now)
	}
	answered(19, time.Minute)
	require.Empty(t, a.list(), "too few have called to say")
	answered(1, time.Minute)
	require.Len(t, a.list(), 1)
	require.Equal(t, "queue consult: 0.0 % in time over the last 30m0s (SL3), the target is 85 %", a.list()[0].Text)
	answered(20, time.Second)
	require.InDelta(t, 0.5, a.list()[0].Level, 1e-9)
	require.Equal(t, "consult", a.list()[0].Queue)
	answered(120, time.Second)
	require.Empty(t, a.list(), "140 of 160 in time")

	answered(40, time.Minute)
	require.Len(t, a.list(), 1)
	now = now.Add(time.Hour)
	answered(0, 0)
	require.Empty(t, a.list(), "what was an hour ago is over")
}
