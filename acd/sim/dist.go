package sim

import (
	"math"
	"math/rand/v2"
	"time"

	"hotline/acd/said"
)

// Dist is how long something takes. One of its fields is given; none means no time at all (or, for patience, for
// ever).
type Dist struct {
	Constant    time.Duration   `yaml:"constant"`
	Exponential time.Duration   `yaml:"exponential"` // the mean
	Lognormal   *Shape          `yaml:"lognormal"`
	Gamma       *Shape          `yaml:"gamma"`
	Empirical   []time.Duration `yaml:"empirical"` // one of these, each as likely
	Periods     []Period        `yaml:"periods"`   // other ones at other times of the day
}

// Shape is a mean and a standard deviation (not of the logarithm).
type Shape struct {
	Mean time.Duration `yaml:"mean"`
	SD   time.Duration `yaml:"sd"`
}

// Period is a Dist in force until a moment of the run; the last one's until may be left out.
type Period struct {
	Until time.Duration `yaml:"until"`
	Dist  `yaml:",inline"`
}

const longest = 100 * 24 * time.Hour

func (d *Dist) given() bool {
	return d.Constant != 0 || d.Exponential != 0 || d.Lognormal != nil || d.Gamma != nil || d.Empirical != nil || d.Periods != nil
}

func (d *Dist) check() error {
	n := 0
	for _, given := range []bool{
		d.Constant != 0, d.Exponential != 0, d.Lognormal != nil, d.Gamma != nil, d.Empirical != nil, d.Periods != nil,
	} {
		if given {
			n++
		}
	}
	if n > 1 {
		return said.Errorf("give one of constant, exponential, lognormal, gamma, empirical and periods")
	}
	for _, t := range append([]time.Duration{d.Constant, d.Exponential}, d.Empirical...) {
		if t < 0 || t > longest {
			return said.Errorf("%s is outside 0 to %s", t, longest)
		}
	}
	if d.Empirical != nil && len(d.Empirical) == 0 {
		return said.Errorf("empirical: give at least one time")
	}
	for name, s := range map[string]*Shape{"lognormal": d.Lognormal, "gamma": d.Gamma} {
		if s != nil && (s.Mean <= 0 || s.Mean > longest || s.SD <= 0 || s.SD > longest) {
			return said.Errorf("%s: mean and sd must be longer than 0 and at most %s", name, longest)
		}
	}
	last := time.Duration(0)
	for i := range d.Periods {
		p := &d.Periods[i]
		if p.Periods != nil {
			return said.Errorf("periods inside periods")
		}
		if err := p.check(); err != nil {
			return said.Errorf("period %d: %w", i+1, err)
		}
		if p.Until <= last && (p.Until != 0 || i != len(d.Periods)-1) {
			return said.Errorf("period %d: until %s is not later than %s before it", i+1, p.Until, last)
		}
		last = p.Until
	}
	return nil
}

// mean at a moment of the run.
func (d *Dist) mean(at time.Duration) time.Duration {
	switch {
	case d.Constant != 0:
		return d.Constant
	case d.Exponential != 0:
		return d.Exponential
	case d.Lognormal != nil:
		return d.Lognormal.Mean
	case d.Gamma != nil:
		return d.Gamma.Mean
	case d.Empirical != nil:
		var sum time.Duration
		for _, t := range d.Empirical {
			sum += t / time.Duration(len(d.Empirical))
		}
		return sum
	case d.Periods != nil:
		return d.period(int64(at)).mean(at)
	}
	return 0
}

func (d *Dist) period(at int64) *Dist {
	for i := range d.Periods[:len(d.Periods)-1] {
		if at < int64(d.Periods[i].Until) {
			return &d.Periods[i].Dist
		}
	}
	return &d.Periods[len(d.Periods)-1].Dist
}

// draw returns a time in ns, at least 0.
func (d *Dist) draw(r *rand.Rand, at int64) int64 {
	var ns float64
	switch {
	case d.Constant != 0:
		return int64(d.Constant)
	case d.Exponential != 0:
		ns = r.ExpFloat64() * float64(d.Exponential)
	case d.Lognormal != nil:
		cv := float64(d.Lognormal.SD) / float64(d.Lognormal.Mean)
		variance := math.Log1p(cv * cv)
		ns = float64(d.Lognormal.Mean) * math.Exp(math.Sqrt(variance)*r.NormFloat64()-variance/2)
	case d.Gamma != nil:
		cv := float64(d.Gamma.SD) / float64(d.Gamma.Mean)
		ns = float64(d.Gamma.Mean) * unitGamma(r, cv)
	case d.Empirical != nil:
		return int64(d.Empirical[r.IntN(len(d.Empirical))])
	case d.Periods != nil:
		return d.period(at).draw(r, at)
	}
	return int64(min(ns, float64(longest)))
}

// unitGamma draws from the gamma distribution with mean 1 and the given standard deviation (Marsaglia and Tsang,
// "A simple method for generating gamma variables", 2000).
func unitGamma(r *rand.Rand, sd float64) float64 {
	if sd == 0 {
		return 1
	}
	k := 1 / (sd * sd)
	boost, shape := 1.0, k
	if k < 1 {
		boost, shape = math.Pow(1-r.Float64(), 1/k), k+1
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v * boost / k
		}
	}
}
