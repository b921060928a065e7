// Package calendar knows when a centre is open: hours by weekday, holidays, make-up working days, and how long a
// stretch of working time is.
//
//	week (mon-fri 08:30-17:30) ─┐
//	holidays (china, own days) ─┼─▶ Hours ─▶ At · Open · Next · Opens          "are we open, and why not?"
//	time zone ──────────────────┘        └─▶ Add · AddDays · Between           deadlines in working time
//
// Everything is computed in the wall clock of the Hours' zone, so a day with a daylight-saving change is simply
// 23 or 25 hours long. The package is pure: the time is always an argument.
package calendar

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Clock is a time of day in minutes after midnight; 24:00 is the end of the day.
type Clock int

// Midnight is the end of a day, written 24:00.
const Midnight Clock = 24 * 60

// ParseClock reads 8:30, 08:30 or 24:00.
func ParseClock(s string) (Clock, error) {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(m) != 2 || hours < 0 || minutes < 0 || minutes > 59 ||
		hours*60+minutes > int(Midnight) {
		return 0, fmt.Errorf("%q is no time of day: write it as 08:30, or 24:00 for the end of the day", s)
	}
	return Clock(hours*60 + minutes), nil
}

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Span is a stretch of one day: from From until, but not including, To.
type Span struct{ From, To Clock }

func (s Span) String() string { return s.From.String() + "-" + s.To.String() }

// AllDay is open round the clock.
var AllDay = []Span{{0, Midnight}}

// ParseSpans reads "08:30-12:00, 13:00-17:30", "closed" or "all day". The spans come back in order.
func ParseSpans(s string) ([]Span, error) {
	switch strings.TrimSpace(s) {
	case "closed", "":
		return nil, nil
	case "all day":
		return AllDay, nil
	}
	var spans []Span
	for part := range strings.SplitSeq(s, ",") {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, fmt.Errorf("%q is no span of time: write it as 08:30-17:30, closed or all day", strings.TrimSpace(part))
		}
		f, err := ParseClock(from)
		if err != nil {
			return nil, err
		}
		t, err := ParseClock(to)
		if err != nil {
			return nil, err
		}
		if t <= f {
			return nil, fmt.Errorf("%q ends before it begins: hours past midnight are two spans, %s-24:00 and 00:00-%s on the next day",
				strings.TrimSpace(part), f, t)
		}
		spans = append(spans, Span{f, t})
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].From < spans[j].From })
	for i := 1; i < len(spans); i++ {
		if spans[i].From < spans[i-1].To {
			return nil, fmt.Errorf("%s and %s overlap", spans[i-1], spans[i])
		}
	}
	return spans, nil
}

// Week holds the spans of each weekday, in order; index it by time.Weekday.
type Week [7][]Span

// weekdays in the order a week is written, Monday first.
var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// ParseWeekdays reads "mon", "mon-fri", "sat,sun" or "daily".
func ParseWeekdays(s string) ([]time.Weekday, error) {
	if s == "daily" {
		s = "mon-sun"
	}
	var days []time.Weekday
	for part := range strings.SplitSeq(s, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		f, t := dayIndex(from), dayIndex(to)
		if f < 0 || t < 0 {
			return nil, fmt.Errorf("%q names no weekday: use mon tue wed thu fri sat sun, a range such as mon-fri, or daily",
				strings.TrimSpace(part))
		}
		for i := f; ; i = (i + 1) % 7 {
			days = append(days, time.Weekday((i+1)%7))
			if i == t {
				break
			}
		}
	}
	return days, nil
}

func dayIndex(s string) int {
	for i, d := range weekdays {
		if s == d {
			return i
		}
	}
	return -1
}

// Date is a day of the calendar, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day on which the wall clock of at's location stands.
func DateOf(at time.Time) Date {
	y, m, d := at.Date()
	return Date{y, m, d}
}

// ParseDate reads 2026-10-01; a day that does not exist is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date: write it as 2026-10-01", s)
	}
	return DateOf(t), nil
}

func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Weekday of the date.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
}

// Plus is the date n days later.
func (d Date) Plus(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC))
}

// At is the moment at which the wall clock of zone shows c on this date.
func (d Date) At(c Clock, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, int(c)/60, int(c)%60, 0, 0, zone)
}
