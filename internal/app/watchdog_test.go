package app

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/floor"
)

func TestTroubleIsCountedOnceAndOnTheBoardWhileItStands(t *testing.T) {
	a := &App{}
	w := &watchdog{app: a, known: map[string]bool{}, count: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "found"}, []string{"kind"})}
	lag := floor.Trouble{Kind: floor.ProjectorLag, Text: "70 s"}
	lost := floor.Trouble{Kind: floor.CallSilent, ID: "c1", Text: "nothing", Mended: true}
	counted := func(k floor.TroubleKind) float64 { return testutil.ToFloat64(w.count.WithLabelValues(string(k))) }

	w.report([]floor.Trouble{lag, lost})
	lag.Text = "80 s"
	w.report([]floor.Trouble{lag})
	require.InDelta(t, 1, counted(floor.ProjectorLag), 0)
	require.InDelta(t, 1, counted(floor.CallSilent), 0)
	alarms := a.alarms.list()
	require.Len(t, alarms, 1)
	require.Equal(t, "projector-lag: 80 s", alarms[0].Text)
	require.Equal(t, desk.Watchdog, alarms[0].Kind)

	w.report(nil)
	require.Empty(t, a.alarms.list())
	w.report([]floor.Trouble{lag})
	require.InDelta(t, 2, counted(floor.ProjectorLag), 0, "it came again")
}

func TestAClockThatWasSetIsTrouble(t *testing.T) {
	_, is := offClock(20 * time.Second)
	require.False(t, is, "what NTP does")
	ahead, is := offClock(time.Hour)
	require.True(t, is)
	require.Contains(t, ahead.Text, "1h0m0s ahead of")
	behind, is := offClock(-time.Hour)
	require.True(t, is)
	require.Contains(t, behind.Text, "1h0m0s behind")
	require.InDelta(t, -3600, troubled("", behind).By, 0)
}

func TestAnAlarmOfTheWatchdogCarriesWhatItsWordsAreMadeOf(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	a := troubled("x", floor.Trouble{Kind: floor.AgentOverdue, ID: "li", Text: "wrap-up; something was due", Mended: true,
		Particulars: floor.Particulars{State: "wrap-up", Due: due, Agent: "li"}})
	require.Equal(t, desk.Alarm{ID: "x", Kind: desk.Watchdog, Text: "agent-overdue li: wrap-up; something was due (being put right)",
		Trouble: floor.AgentOverdue, About: "li", State: "wrap-up", Due: due, Agent: "li", Mended: true}, a)
}
