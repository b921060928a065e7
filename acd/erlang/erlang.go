// Package erlang holds the formulas of waiting: what a load of calls does to a number of agents.
//
//	         lost                    wait for ever              wait until patience ends
//	B: ──▶ n agents            C: ──▶ ∞ queue ──▶ n       A: ──▶ queue ──▶ n agents
//	       (or lines)                  agents                       └──▶ abandoned
//
// All assume calls that arrive at random at a steady rate (Poisson), handle times that are exponential, agents who
// are all alike, and first come first served. A also assumes exponential patience. Where that is not so (several
// skills, a morning peak, other patience) the simulator in acd/sim answers, and these formulas check it.
//
// With the load a = calls per time × mean handle time (in erlangs), n agents, ρ = a/n:
//
//	B(a, n) = (aⁿ/n!) / Σ_{k=0..n} aᵏ/k!       computed as 1/B(a,k) = 1 + k/a · 1/B(a,k-1), stable for any load
//	C(a, n) = B / (1 - ρ(1-B))                  for n > a, else 1
//	service level within T = 1 - C·e^{-(n-a)T/handle},   mean wait = C·handle/(n-a)
//
// Erlang A (Palm; Garnett, Mandelbaum and Reiman) with service rate μ, patience 1/θ, x = nμ/θ, y = λ/θ:
//
//	A(x, y)  = 1 + Σ_{j≥1} yʲ / ((x+1)…(x+j))
//	P(wait)  = A·B / (1 + (A-1)·B)
//	P(abandon | wait) = 1/(ρA) + 1 - 1/ρ,   mean wait of all calls = P(abandon)/θ,   occupancy = ρ(1 - P(abandon))
//
// and with z = y·e^{-θT}, g = e^{y-z-nμT} the calls answered within T are
//
//	1 - P(wait) + P(wait) · (g - 1 + A(x,y) - g·A(x,z)) / (ρ·A(x,y))
//
// Limits: up to MaxAgents agents, MaxLoad erlangs and, for A, MaxLoad calls within one patience; results are good
// to about ten digits. Anything else is an error in words, never a NaN.
package erlang

import (
	"math"
	"time"

	"hotline/acd/said"
)

// Limits of the arguments.
const (
	MaxAgents = 10_000_000
	MaxLoad   = 10_000_000
)

// Load is calls per time and what each costs.
type Load struct {
	Calls  float64       // so many calls
	Per    time.Duration // in so long
	Handle time.Duration // mean time an agent is busy with one: talk, hold and wrap-up
}

// Erlangs returns the load: how many agents it would keep busy all the time.
func (l Load) Erlangs() (float64, error) {
	switch {
	case !(l.Calls >= 0) || math.IsInf(l.Calls, 0):
		return 0, said.Errorf("%v calls: give a number from 0 up", l.Calls)
	case l.Per <= 0:
		return 0, said.Errorf("calls per %s: the time must be longer than 0", l.Per)
	case l.Handle <= 0:
		return 0, said.Errorf("handle time %s: it must be longer than 0", l.Handle)
	}
	a := l.Calls * float64(l.Handle) / float64(l.Per)
	return a, checkLoad(a)
}

func checkLoad(a float64) error {
	if !(a >= 0 && a <= MaxLoad) {
		return said.Errorf("a load of %v erlangs is outside 0 to %d", a, MaxLoad)
	}
	return nil
}

func checkAgents(n int) error {
	if n < 0 || n > MaxAgents {
		return said.Errorf("%d agents is outside 0 to %d", n, MaxAgents)
	}
	return nil
}

// B returns the share of calls that find all n lines busy and are lost.
func B(a float64, n int) (float64, error) {
	if err := checkLoad(a); err != nil {
		return 0, err
	}
	if err := checkAgents(n); err != nil {
		return 0, err
	}
	return b(a, n), nil
}

func b(a float64, n int) float64 {
	if a == 0 {
		if n == 0 {
			return 1
		}
		return 0
	}
	inv := 1.0
	for k := 1; k <= n; k++ {
		inv = 1 + float64(k)/a*inv
		if math.IsInf(inv, 1) {
			return 0
		}
	}
	return 1 / inv
}

// C returns the share of calls that wait when nobody gives up; 1 when the agents are no match for the load.
func C(a float64, n int) (float64, error) {
	lost, err := B(a, n)
	if err != nil {
		return 0, err
	}
	return c(lost, a, n), nil
}

func c(lost, a float64, n int) float64 {
	if float64(n) <= a {
		return 1
	}
	return lost / (1 - a/float64(n)*(1-lost))
}

// Result is what callers and agents see.
type Result struct {
	Agents          int
	Load            float64       // erlangs
	Waits           float64       // share of calls that wait at all
	Within          time.Duration // the threshold asked about
	AnsweredWithin  float64       // share of all calls answered within it (formula SL3)
	AbandonedWithin float64       // share of all calls that give up within it
	Abandoned       float64       // share of all calls that give up
	MeanWait        time.Duration // of all calls, those who give up included
	Occupancy       float64       // busy share of the agents' time
	Endless         bool          // more load than agents and endless patience: the queue grows for ever
}

// Endless is the mean wait in a queue that grows for ever.
const Endless = time.Duration(math.MaxInt64)

// Wait returns what n agents make of a load when nobody gives up (Erlang C).
func Wait(l Load, n int, within time.Duration) (Result, error) {
	a, err := arguments(l, n, within)
	if err != nil {
		return Result{}, err
	}
	r := Result{Agents: n, Load: a, Within: within, Waits: c(b(a, n), a, n)}
	if float64(n) <= a {
		r.Endless, r.MeanWait, r.Occupancy = true, Endless, 1
		if a == 0 { // no agents, but no calls either
			r = Result{Within: within, AnsweredWithin: 1}
		}
		return r, nil
	}
	spare := float64(n) - a
	r.AnsweredWithin = 1 - r.Waits*math.Exp(-spare*float64(within)/float64(l.Handle))
	r.MeanWait = duration(r.Waits * float64(l.Handle) / spare)
	r.Occupancy = a / float64(n)
	return r, nil
}

// WaitImpatient returns what n agents make of a load when callers give up after an exponential patience with the
// given mean (Erlang A).
func WaitImpatient(l Load, n int, patience, within time.Duration) (Result, error) {
	a, err := arguments(l, n, within)
	if err != nil {
		return Result{}, err
	}
	if patience <= 0 {
		return Result{}, said.Errorf("patience %s: it must be longer than 0", patience)
	}
	y := l.Calls * float64(patience) / float64(l.Per)
	if y > MaxLoad {
		return Result{}, said.Errorf("%.0f calls within one patience of %s are more than %d: use Erlang C", y, patience, MaxLoad)
	}
	r := Result{Agents: n, Load: a, Within: within}
	t := float64(within) / float64(patience)
	switch {
	case a == 0:
		r.AnsweredWithin = 1
		return r, nil
	case n == 0: // everybody gives up
		r.Waits, r.Abandoned, r.MeanWait = 1, 1, patience
		r.AbandonedWithin = -math.Expm1(-t)
		return r, nil
	}
	rho := a / float64(n)
	x := float64(n) * float64(patience) / float64(l.Handle)
	if x > 100*MaxLoad {
		return Result{}, said.Errorf("patience %s is too long for a handle time of %s: use Erlang C", patience, l.Handle)
	}
	lost := b(a, n)
	logA := logSeries(x, y)
	// P(wait) = 1 / (1 + (1-B)/(A·B)), which cannot overflow.
	if lost > 0 {
		r.Waits = 1 / (1 + (1-lost)/lost*math.Exp(-logA))
	}
	r.Abandoned = clamp(r.Waits * (math.Exp(-logA)/rho + 1 - 1/rho))
	r.MeanWait = duration(r.Abandoned * float64(patience))
	r.Occupancy = rho * (1 - r.Abandoned)

	z := y * math.Exp(-t)
	logG := y - z - x*t
	later := math.Exp(logG + logSeries(x, z) - logA) // P(would wait longer than T | waits)
	answered := clamp((math.Exp(logG-logA) - math.Exp(-logA) + 1 - later) / rho)
	r.AnsweredWithin = clamp(1 - r.Waits + r.Waits*answered)
	r.AbandonedWithin = clamp(r.Waits * (1 - math.Exp(-t)*later - answered))
	return r, nil
}

func arguments(l Load, n int, within time.Duration) (float64, error) {
	a, err := l.Erlangs()
	if err != nil {
		return 0, err
	}
	if within < 0 {
		return 0, said.Errorf("within %s: the time must not be negative", within)
	}
	return a, checkAgents(n)
}

// logSeries returns the logarithm of A(x, y), whose terms rise to e^(y-x) before they fall.
func logSeries(x, y float64) float64 {
	const big = 1e200
	sum, term, scaled := 1.0, 1.0, 0
	for j := 1.0; ; j++ {
		term *= y / (x + j)
		sum += term
		if term < 1e-17*sum && x+j > y {
			return math.Log(sum) + float64(scaled)*math.Log(big)
		}
		if sum > big {
			sum, term = sum/big, term/big
			scaled++
		}
	}
}

func clamp(p float64) float64 { return min(max(p, 0), 1) }

func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return Endless
	}
	return time.Duration(math.Round(ns))
}
