package sim

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestDistributionsHaveTheirMeanAndSpread(t *testing.T) {
	t.Parallel()
	shape := &Shape{Mean: 3 * time.Minute, SD: 4 * time.Minute}
	narrow := &Shape{Mean: 3 * time.Minute, SD: time.Minute}
	for name, x := range map[string]struct {
		dist     Dist
		mean, sd float64 // s
	}{
		"constant":     {Dist{Constant: time.Minute}, 60, 0},
		"exponential":  {Dist{Exponential: time.Minute}, 60, 60},
		"lognormal":    {Dist{Lognormal: shape}, 180, 240},
		"gamma":        {Dist{Gamma: shape}, 180, 240},
		"narrow gamma": {Dist{Gamma: narrow}, 180, 60},
		"empirical":    {Dist{Empirical: []time.Duration{time.Minute, 3 * time.Minute}}, 120, 60},
		"first period": {Dist{Periods: []Period{{Until: time.Hour, Dist: Dist{Constant: time.Minute}}, {Dist: Dist{Constant: time.Hour}}}}, 60, 0},
		"none":         {Dist{}, 0, 0},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		var s series
		for range 100_000 {
			s.add(float64(x.dist.draw(r, int64(time.Minute))) / 1e9)
		}
		sd := math.Sqrt(s.m2 / float64(s.n))
		if math.Abs(s.mean-x.mean) > 0.02*x.mean || math.Abs(sd-x.sd) > 0.05*x.sd {
			t.Errorf("%s: mean %v, sd %v, want %v and %v", name, s.mean, sd, x.mean, x.sd)
		}
		if got := x.dist.mean(time.Minute).Seconds(); math.Abs(got-x.mean) > 1e-6 {
			t.Errorf("%s: says its mean is %v", name, got)
		}
	}
}

func TestArrivalsFollowTheirRatesAndBusyness(t *testing.T) {
	t.Parallel()
	counts := []float64{10, 0, 40}
	for _, each := range []string{"", "interval"} {
		a := Arrivals{Interval: time.Minute, Counts: counts, Busyness: 0.5, Each: each}
		var seen [3]series
		for i := range 10_000 {
			var n [3]float64
			for s := a.start(rand.New(rand.NewPCG(uint64(i), 1))); ; {
				at, _, ok := s.pull()
				if !ok {
					break
				}
				n[at/int64(time.Minute)]++
			}
			for k := range n {
				seen[k].add(n[k])
			}
		}
		for k, count := range counts {
			sd := math.Sqrt(seen[k].m2 / float64(seen[k].n))
			want := math.Sqrt(count + 0.25*count*count) // Poisson, and the busyness
			if math.Abs(seen[k].mean-count) > 0.03*count || math.Abs(sd-want) > 0.05*want {
				t.Errorf("each %q, interval %d: mean %v, sd %v, want %v and %v", each, k, seen[k].mean, sd, count, want)
			}
		}
		if got := a.expected(30*time.Second, 150*time.Second); got != 25 {
			t.Errorf("%v calls expected in the middle, want 25", got)
		}
	}
}

func TestStudentsPointsAreThoseOfTheTables(t *testing.T) {
	t.Parallel()
	for degrees, want := range map[int]float64{1: 12.706, 4: 2.776, 5: 2.571, 9: 2.262, 19: 2.093, 100: 1.984, 100000: 1.960} {
		if got := student(degrees); math.Abs(got-want) > 1e-3 {
			t.Errorf("%d degrees: %v, want %v", degrees, got, want)
		}
	}
	var s series
	if f := s.figure(); f.Runs != 0 || !math.IsNaN(f.Mean) || f.text(1, 1) != "–" {
		t.Errorf("nothing: %+v", f)
	}
	s.add(3)
	if f := s.figure(); f.Runs != 1 || f.Mean != 3 || f.text(1, 1) != "3.0" {
		t.Errorf("one run: %+v", f)
	}
}
