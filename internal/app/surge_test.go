package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/fact"
	"hotline/report"
)

func TestManyMoreCallsThanUsualAreAnAlarmOfTheirLine(t *testing.T) {
	t.Parallel()
	cfg := sample(t)
	cfg.Alarms.Surge.Usual = 30 // five in ten minutes
	cfg.Alarms.Surge.Announce = "busy"
	f := report.New(cfg.Zone)
	begin := time.Date(2026, 11, 23, 10, 0, 0, 0, cfg.Zone)
	now := begin
	var a alarms
	ring := func(n int, line string) {
		for range n {
			f.Apply(fact.Record{Seq: f.Seq() + 1, At: now, Facts: []fact.Fact{fact.CallArrived{Line: line, Via: "sip"}}})
		}
	}
	ring(19, "12345")
	_, standing := a.surges(f, cfg, now)
	require.False(t, standing)
	require.Empty(t, a.list(), "19 are not many anywhere")
	ring(1, "12345")
	since, standing := a.surges(f, cfg, now)
	require.True(t, standing)
	require.Equal(t, begin, since)
	require.Len(t, a.list(), 1)
	x := a.list()[0]
	require.Equal(t, "line 12345: 20 calls in the last 10m0s, usual are 5", x.Text)
	require.Equal(t, []any{desk.Surge, "12345", 20, 5.0, 600.0, "busy", begin}, []any{x.Kind, x.Line, x.Count, x.Usual, x.Over, x.Announcement, x.At})

	for range 17 { // nearly three hours: longer than the fold looks back
		now = now.Add(10 * time.Minute)
		ring(20, "12345")
		since, standing = a.surges(f, cfg, now)
		require.True(t, standing)
		require.Equal(t, begin, since)
	}
	ring(40, "12346")
	a.surges(f, cfg, now)
	require.Len(t, a.list(), 2)
	delete(cfg.Lines, "12346")
	a.surges(f, cfg, now)
	require.Len(t, a.list(), 1, "a reload took the line away")
	cfg.Alarms.Surge.Times = 0
	_, standing = a.surges(f, cfg, now)
	require.False(t, standing)
	require.Empty(t, a.list(), "and now the alarm")
	cfg.Alarms.Surge.Times = 3
	a.surges(f, cfg, now)
	require.Len(t, a.list(), 1)
	a.surges(f, cfg, now.Add(30*time.Minute))
	require.Empty(t, a.list(), "it is over")
}
