package app

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"hotline/floor"
)

func TestTroubleIsCountedOnceAndOnTheBoardWhileItStands(t *testing.T) {
	a := &App{}
	w := &watchdog{app: a, known: map[string]bool{}, count: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "found"}, []string{"kind"})}
	lag := floor.Trouble{Kind: projectorLag, Text: "70 s"}
	lost := floor.Trouble{Kind: floor.CallSilent, ID: "c1", Text: "nothing", Mended: true}
	counted := func(k floor.TroubleKind) float64 { return testutil.ToFloat64(w.count.WithLabelValues(string(k))) }

	w.report([]floor.Trouble{lag, lost})
	lag.Text = "80 s"
	w.report([]floor.Trouble{lag})
	require.InDelta(t, 1, counted(projectorLag), 0)
	require.InDelta(t, 1, counted(floor.CallSilent), 0)
	alarms := a.alarms.list()
	require.Len(t, alarms, 1)
	require.Equal(t, "projector-lag: 80 s", alarms[0].Text)
	require.Equal(t, "watchdog", alarms[0].Kind)

	w.report(nil)
	require.Empty(t, a.alarms.list())
	w.report([]floor.Trouble{lag})
	require.InDelta(t, 2, counted(projectorLag), 0, "it came again")
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
}
