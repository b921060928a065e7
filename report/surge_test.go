package report

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

var tenMinutes = SurgeRule{Over: 10 * time.Minute, Times: 3, Least: 20}

// ring lets so many call, each so long after the one before.
func (d *day) ring(n int, every time.Duration) {
	for range n {
		d.after(every, fact.CallArrived{Line: "12345", Via: "sip"})
	}
}

func (d *day) surge() Surge { return d.Surge("12345", tenMinutes, d.at) }

// until moves the clock on.
func (d *day) until(at time.Time) { d.at = at }

// weeks is a line that had so many calls each Saturday between nine and ten, one a minute: then it is Saturday, nine
// o'clock, again.
func weeks(t *testing.T, calls ...int) *day {
	d := newDay(t)
	nine := d.at
	d.until(nine.Add(-time.Hour))
	d.ring(1, 0) // the line is known from here on
	for i, n := range calls {
		d.until(nine.AddDate(0, 0, 7*i))
		if n > 0 {
			d.ring(n, time.Hour/time.Duration(n+1))
		}
	}
	d.until(nine.AddDate(0, 0, 7*len(calls)))
	return d
}

func TestMoreThanSoManyTimesTheUsualIsASurge(t *testing.T) {
	d := weeks(t, 60, 60, 60) // ten in ten minutes
	d.until(d.at.Add(20 * time.Minute))
	d.ring(30, time.Second)
	s := d.surge()
	require.Equal(t, 30, s.Arrived)
	require.True(t, s.Known)
	require.InDelta(t, 10, s.Usual, 1e-9)
	require.False(t, s.Standing, "three times the usual is not more than three times")
	d.ring(1, time.Second)
	require.True(t, d.surge().Standing)
	require.Equal(t, d.at.Truncate(time.Minute), d.surge().Since)
}

func TestASurgeIsOverWhenItHasBeenOverForAsLongAsIsLookedAt(t *testing.T) {
	d := weeks(t, 60, 60, 60)
	d.until(d.at.Add(20 * time.Minute))
	d.ring(31, 0) // 09:20
	began := d.at
	for _, edge := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true},
		{9*time.Minute + 59*time.Second, true},  // 31 within the last ten minutes still
		{18*time.Minute + 59*time.Second, true}, // the last minute that had them as its last is nine minutes old
		{19 * time.Minute, false},
	} {
		require.Equal(t, edge.want, d.Surge("12345", tenMinutes, began.Add(edge.after)).Standing, edge.after)
	}
	d.until(began.Add(15 * time.Minute))
	d.ring(31, 0)
	require.Equal(t, began, d.surge().Since, "a second wave is the same surge")
	d.until(began.Add(40 * time.Minute))
	require.False(t, d.surge().Standing)
	d.ring(31, 0)
	require.Equal(t, d.at, d.surge().Since, "another one")
}

func TestOneSurgeDoesNotMakeTheNextOneUsual(t *testing.T) {
	d := weeks(t, 60, 60, 900, 60)
	d.ring(1, 15*time.Minute)
	require.InDelta(t, 10, d.surge().Usual, 1e-9)
	d = weeks(t, 60, 60, 0, 60) // nor does a holiday
	d.ring(1, 15*time.Minute)
	require.InDelta(t, 10, d.surge().Usual, 1e-9)
	d = weeks(t, 0, 0, 0, 0, 0, 60, 120) // the last five weeks: 0 0 0 60 120
	d.ring(1, 15*time.Minute)
	require.Zero(t, d.surge().Usual)
	require.True(t, d.surge().Known)
	d = weeks(t, 30, 60)
	d.ring(1, 15*time.Minute)
	require.InDelta(t, 7.5, d.surge().Usual, 1e-9, "between the two in the middle")
}

func TestAWindowOverTheHourHasAPartOfEach(t *testing.T) {
	d := weeks(t, 60)
	d.until(d.at.Add(2*time.Minute + 30*time.Second)) // 08:53 to 09:02: seven minutes of an hour that had one, three of one of 60
	require.InDelta(t, 3+7./60, d.surge().Usual, 1e-9)
}

func TestAYoungLineHasTheHoursOfTheDaysBefore(t *testing.T) {
	d := newDay(t)
	nine := d.at
	d.until(nine.Add(-time.Hour))
	d.ring(1, 0)
	d.until(nine)
	d.ring(60, 30*time.Second)
	s := d.surge()
	require.False(t, s.Known, "the first day nothing is usual")
	require.False(t, s.Standing)
	young := tenMinutes
	young.Usual = 18
	s = d.Surge("12345", young, d.at)
	require.True(t, s.Standing, "20 in ten minutes, where the house says 18 in an hour")
	require.InDelta(t, 3, s.Usual, 1e-9)

	d.until(nine.AddDate(0, 0, 1).Add(15 * time.Minute))
	require.InDelta(t, 10, d.surge().Usual, 1e-9, "on Sunday as on Saturday")
	require.Equal(t, Surge{}, d.Surge("99", tenMinutes, d.at), "nobody ever called there")
	require.Equal(t, Surge{}, d.Surge("12345", SurgeRule{Over: 2 * time.Hour, Times: 1}, d.at))
}

func TestCallBacksAndOtherLinesMakeNoSurge(t *testing.T) {
	d := weeks(t, 0)
	for range 100 {
		d.after(time.Second, fact.CallArrived{Line: "12345", Via: "callback"}, fact.CallArrived{Line: "12346", Via: "sip"})
	}
	require.Zero(t, d.surge().Arrived)
	require.EqualValues(t, 100, d.LineArrivals("12346"))
	require.EqualValues(t, 1, d.LineArrivals("12345"))
	d.ring(20, time.Second)
	require.True(t, d.surge().Standing, "where nobody calls usually, twenty are many")
}

func TestASurgeSurvivesACheckpoint(t *testing.T) {
	d := weeks(t, 60, 45, 60)
	d.ring(40, 5*time.Second)
	b, err := json.Marshal(d.Fold)
	require.NoError(t, err)
	again := New(d.loc)
	require.NoError(t, json.Unmarshal(b, again))
	require.True(t, d.surge().Standing)
	require.Equal(t, d.surge(), again.Surge("12345", tenMinutes, d.at))
	require.EqualValues(t, d.LineArrivals("12345"), again.LineArrivals("12345"))

	old := New(d.loc)
	require.NoError(t, json.Unmarshal([]byte(`{"version":2,"seq":1,"calls":{"arrived":3}}`), old))
	old.Apply(fact.Record{Seq: 2, At: d.at, Facts: []fact.Fact{fact.CallArrived{Line: "12345"}}})
	require.EqualValues(t, 1, old.LineArrivals("12345"), "a checkpoint from before lines were counted")
}

func TestWhatIsUsualIsForgottenAfterFiveWeeks(t *testing.T) {
	d := newDay(t)
	for range 24 * 7 * 12 {
		d.ring(1, time.Hour)
	}
	require.LessOrEqual(t, len(d.s.Lines["12345"].Hours), 36*24+1)
	require.LessOrEqual(t, len(d.s.Lines["12345"].Minutes), 3)
	require.EqualValues(t, 24*7*12, d.LineArrivals("12345"))
}
