package sim

import (
	"math"
	"strings"
	"testing"
	"time"

	"hotline/acd/erlang"
)

func load(t testing.TB, yaml string) *Scenario {
	t.Helper()
	s, err := Load(strings.NewReader(yaml), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// covers fails unless the interval covers the true value and is narrow enough to mean something.
func covers(t *testing.T, what string, f Figure, want, width float64) {
	t.Helper()
	if !f.Covers(want) {
		t.Errorf("%s: %.5f ± %.5f does not cover %.5f", what, f.Mean, f.Half, want)
	}
	if !(f.Half <= width*want) {
		t.Errorf("%s: %.5f ± %.5f is too wide an interval", what, f.Mean, f.Half)
	}
}

const mm12 = `
length: 40h
warm_up: 2h
replications: 20
seed: 1
queues: {q: {service_level: {within: 20s}}}
calls: {q: {arrivals: {calls: 4.2, per: 1m}, talk: {exponential: 2m}}}
agents: [{name: a, count: 12, queues: [{queue: q}]}]
`

func TestTwelveAgentsWithoutAbandonmentFollowErlangC(t *testing.T) {
	t.Parallel()
	r := Run(load(t, mm12), nil)
	q, _ := r.Queue("q")
	covers(t, "service level", q.Whole[ServiceLevel], 0.8991, 0.01)
	covers(t, "mean wait, min", scaled(q.Whole[ASA], 1.0/60), 0.1022, 0.1)
	covers(t, "occupancy", r.Groups[0].Whole[Occupancy], 0.700, 0.01)
	want, err := erlang.Wait(erlang.Load{Calls: 4.2, Per: time.Minute, Handle: 2 * time.Minute}, 12, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	covers(t, "P(wait)", q.Whole[WaitRate], want.Waits, 0.05)
}

func scaled(f Figure, by float64) Figure {
	return Figure{Mean: f.Mean * by, Half: f.Half * by, Runs: f.Runs}
}

func TestFiftyAgentsWithImpatientCallersFollowErlangA(t *testing.T) {
	t.Parallel()
	r := Run(load(t, `
length: 12h
warm_up: 1h
replications: 16
seed: 2
queues: {q: {service_level: {within: 20s, formula: SL2}}}
calls: {q: {arrivals: {calls: 48, per: 1m}, talk: {exponential: 50s}, wrap_up: {constant: 0s}, patience: {exponential: 2m}}}
agents: [{name: a, count: 50, speed: 0.8333333333333334, queues: [{queue: q}]}]
`), nil) // an agent at 5/6 of the usual speed makes 50 s a minute
	q, _ := r.Queue("q")
	covers(t, "P(wait)", q.Whole[WaitRate], 0.4678, 0.03)
	covers(t, "P(abandon)", q.Whole[AbandonRate], 0.0309, 0.05)
	covers(t, "E[W]", q.Whole[MeanWait], 3.709, 0.05)
	covers(t, "occupancy", r.Groups[0].Whole[Occupancy], 0.930, 0.01)
	want, err := erlang.WaitImpatient(erlang.Load{Calls: 48, Per: time.Minute, Handle: time.Minute}, 50, 2*time.Minute, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	covers(t, "answered within 20 s", q.Whole[SLWithin], want.AnsweredWithin, 0.01)
	covers(t, "answered or given up within 20 s", q.Whole[ServiceLevel], want.AnsweredWithin+want.AbandonedWithin, 0.01)
}

// twoSkills is a centre of two queues: specialists take only a, generalists b before a, and a's callers go to
// a specialist first. Rates are per minute.
type twoSkills struct {
	lambdaA, lambdaB, muA, muB, theta float64
	specialists, generalists          int
}

// state of the chain: busy specialists, generalists on a and on b, waiting callers of a and b.
type state struct{ s, ga, gb, qa, qb int }

// solve finds the stationary probabilities by following the chain until nothing moves, queues cut off at most.
func (c twoSkills) solve(most int) map[state]float64 {
	next := func(x state) map[state]float64 {
		to := map[state]float64{}
		if x.s < c.specialists { // a caller of a arrives
			to[state{x.s + 1, x.ga, x.gb, x.qa, x.qb}] += c.lambdaA
		} else if x.ga+x.gb < c.generalists {
			to[state{x.s, x.ga + 1, x.gb, x.qa, x.qb}] += c.lambdaA
		} else if x.qa < most {
			to[state{x.s, x.ga, x.gb, x.qa + 1, x.qb}] += c.lambdaA
		}
		if x.ga+x.gb < c.generalists { // one of b
			to[state{x.s, x.ga, x.gb + 1, x.qa, x.qb}] += c.lambdaB
		} else if x.qb < most {
			to[state{x.s, x.ga, x.gb, x.qa, x.qb + 1}] += c.lambdaB
		}
		if x.s > 0 { // a specialist ends
			y := state{x.s - 1, x.ga, x.gb, x.qa, x.qb}
			if x.qa > 0 {
				y = state{x.s, x.ga, x.gb, x.qa - 1, x.qb}
			}
			to[y] += float64(x.s) * c.muA
		}
		free := func(ga, gb int, rate float64) { // a generalist ends: b before a
			y := state{x.s, ga, gb, x.qa, x.qb}
			switch {
			case x.qb > 0:
				y.gb, y.qb = y.gb+1, y.qb-1
			case x.qa > 0:
				y.ga, y.qa = y.ga+1, y.qa-1
			}
			to[y] += rate
		}
		if x.ga > 0 {
			free(x.ga-1, x.gb, float64(x.ga)*c.muA)
		}
		if x.gb > 0 {
			free(x.ga, x.gb-1, float64(x.gb)*c.muB)
		}
		if x.qa > 0 { // patience ends
			to[state{x.s, x.ga, x.gb, x.qa - 1, x.qb}] += float64(x.qa) * c.theta
		}
		if x.qb > 0 {
			to[state{x.s, x.ga, x.gb, x.qa, x.qb - 1}] += float64(x.qb) * c.theta
		}
		return to
	}
	index, states := map[state]int{{}: 0}, []state{{}}
	type arrow struct {
		from int
		rate float64
	}
	var into [][]arrow
	var out []float64
	into = append(into, nil)
	for i := 0; i < len(states); i++ {
		sum := 0.0
		for y, rate := range next(states[i]) {
			j, ok := index[y]
			if !ok {
				j = len(states)
				index[y], states, into = j, append(states, y), append(into, nil)
			}
			into[j] = append(into[j], arrow{i, rate})
			sum += rate
		}
		out = append(out, sum)
	}
	p := make([]float64, len(states))
	for i := range p {
		p[i] = 1 / float64(len(p))
	}
	for moved := 1.0; moved > 1e-13; { // Gauss and Seidel
		moved = 0
		total := 0.0
		for i := range p {
			in := 0.0
			for _, a := range into[i] {
				in += p[a.from] * a.rate
			}
			moved = math.Max(moved, math.Abs(in/out[i]-p[i]))
			p[i] = in / out[i]
			total += p[i]
		}
		for i := range p {
			p[i] /= total
		}
	}
	result := map[state]float64{}
	for i, x := range states {
		result[x] = p[i]
	}
	return result
}

func TestTwoQueuesAndTwoSkillsFollowTheMarkovChain(t *testing.T) {
	t.Parallel()
	c := twoSkills{lambdaA: 2, lambdaB: 1, muA: 0.5, muB: 0.8, theta: 0.4, specialists: 3, generalists: 3}
	var waitA, waitB, goneA, goneB, busyS, busyG, mass float64
	for x, p := range c.solve(25) {
		mass += p
		full := x.ga+x.gb == c.generalists
		if full {
			waitB += p
			if x.s == c.specialists {
				waitA += p
			}
		}
		goneA += p * float64(x.qa) * c.theta / c.lambdaA
		goneB += p * float64(x.qb) * c.theta / c.lambdaB
		busyS += p * float64(x.s) / float64(c.specialists)
		busyG += p * float64(x.ga+x.gb) / float64(c.generalists)
	}
	if math.Abs(mass-1) > 1e-9 {
		t.Fatalf("the chain's probabilities add up to %v", mass)
	}
	r := Run(load(t, `
length: 100h
warm_up: 1h
replications: 16
seed: 3
queues: {a: {needs: {a: 1}, overdue: 24h}, b: {needs: {b: 1}, overdue: 24h}}
calls:
  a: {arrivals: {calls: 2, per: 1m}, talk: {exponential: 2m}, patience: {exponential: 150s}}
  b: {arrivals: {calls: 1, per: 1m}, talk: {exponential: 75s}, patience: {exponential: 150s}}
agents:
  - {name: specialists, count: 3, skills: {a: 5}, queues: [{queue: a}, {queue: b}]}
  - {name: generalists, count: 3, skills: {a: 5, b: 5}, queues: [{queue: b, order: 1}, {queue: a, order: 2}]}
`), nil)
	a, _ := r.Queue("a")
	b, _ := r.Queue("b")
	covers(t, "a: P(wait)", a.Whole[WaitRate], waitA, 0.03)
	covers(t, "b: P(wait)", b.Whole[WaitRate], waitB, 0.03)
	covers(t, "a: P(abandon)", a.Whole[AbandonRate], goneA, 0.03)
	covers(t, "b: P(abandon)", b.Whole[AbandonRate], goneB, 0.03)
	covers(t, "a: mean wait, min", scaled(a.Whole[MeanWait], 1.0/60), goneA/c.theta, 0.03)
	covers(t, "b: mean wait, min", scaled(b.Whole[MeanWait], 1.0/60), goneB/c.theta, 0.03)
	covers(t, "specialists' occupancy", r.Groups[0].Whole[Occupancy], busyS, 0.01)
	covers(t, "generalists' occupancy", r.Groups[1].Whole[Occupancy], busyG, 0.01)
}
