package report

import (
	"slices"
	"sort"
	"time"

	"hotline/fact"
)

// A surge is many more calls on a line than are usual at that hour of that weekday. Usual is what the same hour brought in
// the weeks before, the one in the middle of them: one surge, or one holiday, does not change it. A line that is younger
// than a week has the hours of the days before. Calls are counted as they come in, whatever becomes of them: in an outage
// most callers hear the announcement and hang up.

const (
	usualWeeks = 5
	keepHours  = (usualWeeks*7 + 1) * 24 * time.Hour
)

// line is what the fold keeps of a number that is called.
type line struct {
	Arrived uint64 `json:"arrived"`
	First   int64  `json:"first"` // when the first call came, Unix seconds: hours before are not known
	Minutes tally  `json:"minutes"`
	Hours   tally  `json:"hours"`
}

// tally is arrivals by stretches of equal length, [start, calls], oldest first; without those that had none.
type tally [][2]int64

func (t *tally) add(start, oldest int64) {
	b := *t
	if len(b) == 0 || b[len(b)-1][0] < start {
		drop := sort.Search(len(b), func(i int) bool { return b[i][0] >= oldest })
		b = append(b[:copy(b, b[drop:])], [2]int64{start})
	}
	b[len(b)-1][1]++
	*t = b
}

func (t tally) in(start int64) int64 {
	i := sort.Search(len(t), func(i int) bool { return t[i][0] >= start })
	if i < len(t) && t[i][0] == start {
		return t[i][1]
	}
	return 0
}

// lineFact counts who calls. An attempt at a call back is a call of ours.
func (f *Fold) lineFact(x fact.Fact, at time.Time) {
	c, ok := x.(fact.CallArrived)
	if !ok || c.Via == "callback" {
		return
	}
	l := f.s.Lines[c.Line]
	if l == nil {
		l = &line{First: at.Unix()}
		f.s.Lines[c.Line] = l
	}
	l.Arrived++
	l.Minutes.add(startOf(at, f.loc, time.Minute), at.Add(-keepMinutes).Unix())
	l.Hours.add(startOf(at, f.loc, time.Hour), at.Add(-keepHours).Unix())
}

// LineArrivals counts the calls that ever came in on a line.
func (f *Fold) LineArrivals(name string) uint64 {
	if l := f.s.Lines[name]; l != nil {
		return l.Arrived
	}
	return 0
}

// SurgeRule says when it is one: at least so many calls over the last so long, and more than so many times the usual.
type SurgeRule struct {
	Over  time.Duration // whole minutes, an hour at most
	Times float64
	Least int
	// Usual are the calls of an hour while the line is so young that nothing is usual; 0: then nothing is a surge.
	Usual float64
}

// Surge is how many call now, beside how many do usually.
type Surge struct {
	// Standing: it is one, or was within the last Over: calls that come in waves are one surge. Since is its first minute,
	// within the two hours that are looked at.
	Standing bool
	Since    time.Time
	Arrived  int     // over the last Over
	Usual    float64 // over as long at this hour
	Known    bool    // whether anything is usual
}

// Surge looks at a line at a moment not before the last record.
func (f *Fold) Surge(name string, r SurgeRule, now time.Time) (s Surge) {
	l := f.s.Lines[name]
	if l == nil {
		l = &line{First: now.Unix()}
	}
	span := int(r.Over / time.Minute)
	if span < 1 || r.Over > time.Hour {
		return Surge{}
	}
	last := startOf(now, f.loc, time.Minute)
	kept := int64(keepMinutes/time.Minute) - 1 // the oldest one is cut
	var begun int64                            // of the oldest minute that belongs to the surge
	for end := last; end >= last-(kept-int64(span))*60; end -= 60 {
		w := l.window(f.loc, end, span, r.Usual)
		if end == last {
			s.Arrived, s.Usual, s.Known = w.Arrived, w.Usual, w.Known
		}
		near := last
		if begun != 0 {
			near = begun
		}
		if near-end >= int64(span)*60 {
			break
		}
		if w.Known && w.Arrived >= r.Least && float64(w.Arrived) > r.Times*w.Usual {
			begun = end
		}
	}
	if begun != 0 {
		s.Standing, s.Since = true, time.Unix(begun, 0).In(f.loc)
	}
	return s
}

// window counts the span of minutes of which the last begins at end.
func (l *line) window(loc *time.Location, end int64, span int, young float64) (s Surge) {
	s.Known = true
	usual := map[int64]float64{} // by hour: a window has two at most
	for at := end - int64(span-1)*60; at <= end; at += 60 {
		s.Arrived += int(l.Minutes.in(at))
		hour := startOf(time.Unix(at, 0), loc, time.Hour)
		n, seen := usual[hour]
		if !seen {
			var known bool
			if n, known = l.usual(time.Unix(hour, 0).In(loc)); !known {
				n = young
			}
			usual[hour] = n
			s.Known = s.Known && (known || young > 0)
		}
		s.Usual += n / 60
	}
	return s
}

// usual is how many calls this hour brings: in the middle of the same hour of earlier weeks, or of the days before.
func (l *line) usual(hour time.Time) (calls float64, known bool) {
	had := l.before(hour, 7, usualWeeks)
	if len(had) == 0 {
		had = l.before(hour, 1, 6)
	}
	if len(had) == 0 {
		return 0, false
	}
	slices.Sort(had)
	n := len(had)
	return float64(had[(n-1)/2]+had[n/2]) / 2, true
}

// before counts the same hour so many days earlier, and as many days earlier again, as far back as the line is known.
func (l *line) before(hour time.Time, days, times int) (had []int64) {
	for i := 1; i <= times; i++ {
		at := hour.AddDate(0, 0, -days*i).Unix()
		if at < l.First {
			break
		}
		had = append(had, l.Hours.in(at))
	}
	return had
}
