package report

import (
	"sort"
	"time"
)

// series is counts by stretches of equal length, oldest first; stretches in which nothing happened are left out.
type series []bucket

type bucket struct {
	Start int64 // Unix seconds
	Counts
}

// startOf is when the stretch that holds at begins. Stretches are cut on the clock of the centre's time zone, so that
// half hours begin at :00 and :30 also where the zone is not a whole hour off.
func startOf(at time.Time, loc *time.Location, length time.Duration) int64 {
	_, offset := at.In(loc).Zone()
	n := int64(length / time.Second)
	local := at.Unix() + int64(offset)
	return at.Unix() - ((local%n)+n)%n
}

func (s *series) add(at time.Time, loc *time.Location, length, keep time.Duration, c Counts) {
	start := startOf(at, loc, length)
	b := *s
	if len(b) == 0 || b[len(b)-1].Start < start {
		oldest := at.Add(-keep).Unix()
		drop := sort.Search(len(b), func(i int) bool { return b[i].Start > oldest })
		b = append(b[:copy(b, b[drop:])], bucket{Start: start})
	}
	b[len(b)-1].Add(c)
	*s = b
}

// Minute is one point of the live chart.
type Minute struct {
	Start time.Time `json:"start"`
	Counts
	Waiting int `json:"waiting"` // at the minute's end; of the running minute: now
}

// Minutes gives the last n minutes, the running one last, of a queue, or of all with an empty name. At most 120 are
// kept.
func (f *Fold) Minutes(name string, n int, now time.Time) []Minute {
	n = min(n, int(keepMinutes/time.Minute))
	if n <= 0 {
		return nil
	}
	last := startOf(now, f.loc, time.Minute)
	first := last - int64(n-1)*60
	out := make([]Minute, n)
	for i := range out {
		out[i].Start = time.Unix(first+int64(i)*60, 0).In(f.loc)
	}
	waiting := 0
	for _, q := range f.chosen(name) {
		waiting += q.Waiting
		for _, b := range q.Minutes {
			if b.Start >= first && b.Start <= last {
				out[(b.Start-first)/60].Add(b.Counts)
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		out[i].Waiting = waiting
		waiting -= int(out[i].Arrivals) - int(out[i].Offered())
	}
	return out
}

// Interval is a row of a report.
type Interval struct {
	Start  time.Time     `json:"start"`
	Length time.Duration `json:"length"`
	Counts
}

// Intervals gives the intervals that begin in [from, to) of a queue, or of all with an empty name; none is left out.
// The length must be 15, 30 or 60 minutes, or any other multiple of 15 minutes that divides a day. The fold keeps three
// days, and lists no interval before to by more than that; the archive knows the rest.
func (f *Fold) Intervals(name string, length time.Duration, from, to time.Time) []Interval {
	if length < intervalEvery || length%intervalEvery != 0 || (24*time.Hour)%length != 0 {
		return nil
	}
	sum := map[int64]*Counts{}
	for _, q := range f.chosen(name) {
		for _, b := range q.Intervals {
			start := startOf(time.Unix(b.Start, 0), f.loc, length)
			if sum[start] == nil {
				sum[start] = &Counts{}
			}
			sum[start].Add(b.Counts)
		}
	}
	if kept := to.Add(-keepIntervals); from.Before(kept) {
		from = kept
	}
	var out []Interval
	for at := time.Unix(startOf(from, f.loc, length), 0); at.Before(to); at = at.Add(intervalEvery) {
		start := startOf(at, f.loc, length)
		if start < from.Unix() || len(out) > 0 && out[len(out)-1].Start.Unix() == start {
			continue
		}
		row := Interval{Start: time.Unix(start, 0).In(f.loc), Length: length}
		if c := sum[start]; c != nil {
			row.Counts = *c
		}
		out = append(out, row)
	}
	return out
}

func (f *Fold) chosen(name string) []*queue {
	var all []*queue
	if name != "" {
		if q := f.s.Queues[name]; q != nil {
			all = append(all, q)
		}
		return all
	}
	for _, n := range f.Queues() {
		all = append(all, f.s.Queues[n])
	}
	return all
}
