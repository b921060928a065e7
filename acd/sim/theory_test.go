package sim

import (
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
