package sim

import (
	"math"
	"slices"
	"strings"
	"testing"

	"hotline/acd"
)

func TestServiceLevelsAreThoseOfTheirFormulas(t *testing.T) {
	t.Parallel()
	c := count{answered: 80, answeredWithin: 70, abandoned: 20, abandonedWithin: 5, span: 1}
	for formula, want := range map[acd.Formula]float64{acd.SL1: 0.875, acd.SL2: 0.75, acd.SL3: 0.70, acd.SL4: 0.7368} {
		if got := c.metric(ServiceLevel, formula); math.Abs(got-want) > 5e-5 {
			t.Errorf("%s: %v, want %v", formula, got, want)
		}
	}
	if got := c.metric(AnswerRate, acd.SL1); got != 0.8 {
		t.Errorf("answer rate %v", got)
	}
}

// TestServiceLevelUrgencyHelpsTheTightPromiseAndStarvesNobody: two queues share busy agents, one promises ten seconds,
// the other a minute.
func TestServiceLevelUrgencyHelpsTheTightPromiseAndStarvesNobody(t *testing.T) {
	t.Parallel()
	run := func(urgency string) (tight, loose Row) {
		r := Run(load(t, strings.ReplaceAll(`
length: 8h
replications: 6
seed: 5
queues:
  tight: {urgency: U, service_level: {within: 10s}}
  loose: {urgency: U, service_level: {within: 1m}}
calls:
  tight: {arrivals: {calls: 2.8, per: 1m}, talk: {exponential: 2m}}
  loose: {arrivals: {calls: 2.8, per: 1m}, talk: {exponential: 2m}}
agents: [{name: a, count: 12, queues: [{queue: tight}, {queue: loose}]}]
`, "U", urgency)), nil)
		tight, _ = r.Queue("tight")
		loose, _ = r.Queue("loose")
		return tight, loose
	}
	tight, loose := run("service-level")
	plainTight, plainLoose := run("wait")
	if got, was := tight.Whole[ASA].Mean, plainTight.Whole[ASA].Mean; got > 0.6*was {
		t.Errorf("the tight queue waits %.1f s, was %.1f s", got, was)
	}
	if got, was := loose.Whole[LongestWait].Mean, plainLoose.Whole[LongestWait].Mean; got > 2*was {
		t.Errorf("the loose queue's longest wait is %.0f s, was %.0f s", got, was)
	}
}

func TestOfSeveralPhonesThatRingTheFirstToAcceptHasTheCallAndTheOthersWaitOn(t *testing.T) {
	t.Parallel()
	s, err := Load(strings.NewReader(`
length: 1m
queues: {q: {select: ring-several, offer: {several: 2}}}
calls:
  q: {arrivals: {at: [5s, 10s, 15s]}, talk: {constant: 2s}}
agents:
  - {name: slow, count: 1, queues: [{queue: q}], answer: {constant: 900ms}}
  - {name: quick, count: 1, queues: [{queue: q}], answer: {constant: 300ms}}
  - {name: third, count: 1, queues: [{queue: q}], answer: {constant: 600ms}}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	var offered []string
	Decisions(s, func(d Decision) { offered = append(offered, d.Agent) })
	// Who was not as fast has waited since the beginning, as before: only a talk begins the wait anew.
	want := []string{"slow", "quick", "slow", "third", "slow", "quick"}
	if !slices.Equal(offered, want) {
		t.Errorf("offered to %v, want %v", offered, want)
	}
}
