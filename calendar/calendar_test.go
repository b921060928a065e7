package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var shanghai = zone("Asia/Shanghai")

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// office is open from 8:30 to 12 and from 13 to 17:30 on weekdays, with the holidays of the mainland.
func office() *Hours {
	h := &Hours{Zone: shanghai, Days: Sets["china"]}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = []Span{{8*60 + 30, 12 * 60}, {13 * 60, 17*60 + 30}}
	}
	return h
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func TestOfficeIsOpenToTheMinute(t *testing.T) {
	t.Parallel()
	for moment, open := range map[string]bool{
		"2026-11-23 08:29": false, // a Monday
		"2026-11-23 08:30": true,
		"2026-11-23 11:59": true,
		"2026-11-23 12:00": false,
		"2026-11-23 13:00": true,
		"2026-11-23 17:29": true,
		"2026-11-23 17:30": false,
		"2026-11-22 10:00": false, // a Sunday
		"2026-10-01 10:00": false, // a holiday
		"2026-10-10 10:00": true,  // a Saturday that is worked
	} {
		if office().Open(at(moment)) != open {
			t.Errorf("%s: open is %v", moment, !open)
		}
	}
	if office().Open(at("2026-11-23 08:30").Add(-time.Nanosecond)) {
		t.Error("open a nanosecond too early")
	}
	if !office().Open(at("2026-11-23 09:00").In(time.UTC)) {
		t.Error("the moment's own zone counted")
	}
}

func TestClosedTellsWhichHoliday(t *testing.T) {
	t.Parallel()
	s := office().At(at("2026-10-01 10:00"))
	if s.Open || s.Holiday["zh"] != "国庆节" || s.Holiday["en"] != "National Day" {
		t.Fatalf("%+v", s)
	}
	if s = office().At(at("2026-10-10 10:00")); !s.Open || !s.MakeUp || s.Holiday != nil {
		t.Fatalf("%+v", s)
	}
}

func TestOpensAgainAfterTheHolidays(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"2026-09-30 18:00": "2026-10-08 08:30", // seven days off
		"2026-10-09 18:00": "2026-10-10 08:30", // the Saturday after them is worked
		"2026-11-23 12:30": "2026-11-23 13:00",
		"2026-11-23 10:00": "2026-11-23 10:00",
	} {
		got, ok := office().Opens(at(from))
		if !ok || !got.Equal(at(want)) {
			t.Errorf("from %s: %s, %v", from, got, ok)
		}
	}
}

func TestHoursThatNeverChangeHaveNoNextChange(t *testing.T) {
	t.Parallel()
	if at, ok := Always().Next(time.Now()); ok {
		t.Error("always open changes at", at)
	}
	never := &Hours{Zone: shanghai}
	if at, ok := never.Opens(time.Now()); ok {
		t.Error("never open opens at", at)
	}
	if _, ok := never.Add(time.Now(), time.Hour); ok {
		t.Error("working time passes while never open")
	}
	if _, ok := never.AddDays(time.Now(), 5); ok {
		t.Error("working days pass while never open")
	}
	if !Always().Open(time.Now()) {
		t.Error("always open is closed")
	}
}

func TestDeadlinesCountWorkingDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		days int
		want string
	}{
		{"2026-11-20 16:00", 1, "2026-11-23 17:30"}, // Friday → Monday
		{"2026-11-20 16:00", 5, "2026-11-27 17:30"},
		{"2026-09-29 10:00", 2, "2026-10-08 17:30"}, // over the National Day week
		{"2026-09-29 10:00", 4, "2026-10-10 17:30"}, // the Saturday counts
		{"2026-11-21 10:00", 0, "2026-11-23 17:30"}, // today is no working day
		{"2026-11-23 10:00", 0, "2026-11-23 17:30"},
		{"2026-11-23 23:00", 15, "2026-12-14 17:30"},
	} {
		got, ok := office().AddDays(at(c.from), c.days)
		if !ok || !got.Equal(at(c.want)) {
			t.Errorf("%s and %d days: %s", c.from, c.days, got)
		}
	}
}

func TestDeadlinesCountWorkingHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"2026-11-23 10:00", time.Hour, "2026-11-23 11:00"},
		{"2026-11-23 11:30", time.Hour, "2026-11-23 13:30"},      // over lunch
		{"2026-11-20 17:00", time.Hour, "2026-11-23 09:00"},      // over the weekend
		{"2026-11-23 08:30", 8 * time.Hour, "2026-11-23 17:30"},  // a whole day ends with it
		{"2026-11-23 10:00", 24 * time.Hour, "2026-11-26 10:00"}, // three days of eight
		{"2026-09-30 17:00", time.Hour, "2026-10-08 09:00"},
		{"2026-11-23 03:00", 0, "2026-11-23 03:00"},
	} {
		got, ok := office().Add(at(c.from), c.d)
		if !ok || !got.Equal(at(c.want)) {
			t.Errorf("%s and %s: %s", c.from, c.d, got)
		}
	}
}

func TestSpecialDayMayHaveItsOwnHours(t *testing.T) {
	t.Parallel()
	h := office()
	h.Days = map[Date]Day{{2026, time.December, 24}: {Spans: []Span{{9 * 60, 12 * 60}}}}
	if !h.Open(at("2026-12-24 09:00")) || h.Open(at("2026-12-24 08:45")) || h.Open(at("2026-12-24 13:30")) {
		t.Fatal("not its own hours")
	}
}

func TestStatutoryHolidaysAreComplete(t *testing.T) {
	t.Parallel()
	off, work := map[int]int{}, map[int]int{}
	for date, day := range Sets["china"] {
		weekend := date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
		if day.Work {
			work[date.Year]++
			if !weekend {
				t.Errorf("%s is a make-up day and no weekend", date)
			}
			continue
		}
		off[date.Year]++
		if day.Name["zh"] == "" || day.Name["en"] == "" {
			t.Errorf("%s has no name", date)
		}
	}
	// 2026 by the notice: 33 days off, 6 weekends worked.
	if off[2026] != 33 || work[2026] != 6 {
		t.Errorf("2026: %d days off, %d worked", off[2026], work[2026])
	}
	// 2027 by the regulation: 13 days, and the 5 of them that fall on weekends made up.
	if off[2027] != 19 || work[2027] != 0 {
		t.Errorf("2027: %d days off, %d worked", off[2027], work[2027])
	}
}

func TestWeeksAreRead(t *testing.T) {
	t.Parallel()
	for text, n := range map[string]int{"mon": 1, "mon-fri": 5, "sat,sun": 2, "daily": 7, "fri-mon": 4, "mon, wed-thu": 3} {
		if days, err := ParseWeekdays(text); err != nil || len(days) != n {
			t.Errorf("%s: %v, %v", text, days, err)
		}
	}
	for _, text := range []string{"", "monday", "mon-", "mon-xyz"} {
		if days, err := ParseWeekdays(text); err == nil {
			t.Errorf("%q: %v", text, days)
		}
	}
	for text, n := range map[string]int{"08:30-17:30": 1, "13:00-17:30, 8:30-12:00": 2, "closed": 0, "all day": 1, "00:00-24:00": 1} {
		if spans, err := ParseSpans(text); err != nil || len(spans) != n {
			t.Errorf("%s: %v, %v", text, spans, err)
		}
	}
	for _, text := range []string{"8", "08:30", "25:00-26:00", "17:30-08:30", "08:30-08:30", "08:00-12:00,11:00-13:00", "08:6-09:00", "-1:00-2:00", "08:30-24:01"} {
		if spans, err := ParseSpans(text); err == nil {
			t.Errorf("%q: %v", text, spans)
		}
	}
	for _, text := range []string{"2026-02-30", "2026", "01-01-2026", ""} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("%q: %v", text, d)
		}
	}
}

// randomHours are any week in one of several zones, some with a daylight-saving change, and any special days.
func randomHours(t *rapid.T) *Hours {
	spans := rapid.Custom(func(t *rapid.T) []Span {
		edges := rapid.SliceOfNDistinct(rapid.IntRange(0, int(Midnight)), 0, 6, rapid.ID).Draw(t, "edges")
		edges = edges[:len(edges)/2*2]
		sortInts(edges)
		var s []Span
		for i := 0; i+1 < len(edges); i += 2 {
			s = append(s, Span{Clock(edges[i]), Clock(edges[i+1])})
		}
		return s
	})
	h := &Hours{Zone: zone(rapid.SampledFrom([]string{"Asia/Shanghai", "America/New_York", "Asia/Kolkata"}).Draw(t, "zone")), Days: map[Date]Day{}}
	for d := range h.Week {
		h.Week[d] = spans.Draw(t, "spans")
	}
	for range rapid.IntRange(0, 10).Draw(t, "special days") {
		d := Date{2026, time.October, 20}.Plus(rapid.IntRange(0, 30).Draw(t, "day"))
		h.Days[d] = Day{Work: rapid.Bool().Draw(t, "work"), Spans: spans.Draw(t, "spans")}
	}
	return h
}

func sortInts(s []int) {
	for i := range s {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

// moment is any second around a daylight-saving change.
func moment(t *rapid.T, name string) time.Time {
	return time.Date(2026, time.October, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 30*86400).Draw(t, name)) * time.Second)
}

func TestWorkingTimeAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := randomHours(t)
		a, b, c := moment(t, "a"), moment(t, "b"), moment(t, "c")
		if h.Between(a, b)+h.Between(b, c) != h.Between(a, c) {
			t.Fatalf("%s + %s is not %s", h.Between(a, b), h.Between(b, c), h.Between(a, c))
		}
		d := time.Duration(rapid.IntRange(0, 40*3600).Draw(t, "d")) * time.Second
		if end, ok := h.Add(a, d); ok {
			if got := h.Between(a, end); got != d {
				t.Fatalf("%s added, %s passed until %s", d, got, end)
			}
			if d > 0 && h.Between(a, end.Add(-time.Second)) >= d {
				t.Fatalf("%s is later than need be", end)
			}
		}
	})
}

func TestNextChangeIsTheFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, a := randomHours(t), moment(t, "a")
		next, ok := h.Next(a)
		if !ok {
			return
		}
		if !next.After(a) || h.Open(next) == h.Open(a) {
			t.Fatalf("%s is no change after %s", next, a)
		}
		for m := a; m.Before(next) && m.Before(a.Add(72*time.Hour)); m = m.Add(time.Minute) {
			if h.Open(m) != h.Open(a) {
				t.Fatalf("%s comes before %s", m, next)
			}
		}
	})
}

func TestOpenTimeIsWorkingTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, a := randomHours(t), moment(t, "a").Truncate(time.Minute)
		b := a.Add(time.Minute)
		want := time.Duration(0)
		if h.Open(a) {
			want = time.Minute
		}
		if got := h.Between(a, b); got != want {
			t.Fatalf("open is %v, and %s of the minute from %s is working time", h.Open(a), got, a.In(h.Zone))
		}
	})
}
