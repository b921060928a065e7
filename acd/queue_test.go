package acd

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const sketch = `
complaint:
  title: {zh: 投诉, en: Complaints}
  needs: {complaint: 5}
  relax: [{after: 30s, complaint: 3}, {after: 60s, complaint: 1, reach: -1}]
  reach: 1
  select: longest-idle
  service_level: {within: 20s, target: 0.85, formula: SL3}
  wait: {music: calm, tell: [place, expected-wait], every: 45s, keys: {1: callback, 2: message}}
  limits: {waiting: 50, wait: 10m, when: {full: message, nobody: message, closing: message}}
  wrap_up: {limit: 60s, extend: 2}
  recording: {keep: 180d}
`

func TestQueueIsReadAsTheConfigurationWritesIt(t *testing.T) {
	t.Parallel()
	d := yaml.NewDecoder(strings.NewReader(sketch))
	d.KnownFields(true)
	var queues map[string]Queue
	if err := d.Decode(&queues); err != nil {
		t.Fatal(err)
	}
	q := queues["complaint"]
	q.ID = "complaint"
	if errs := q.Validate(); len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	if q.Relax[1].After != time.Minute || q.Relax[1].Needs["complaint"] != 1 || q.Wait.Keys["1"] != ToCallback {
		t.Errorf("read %+v", q)
	}
	if needs, reach := q.needsAfter(1); needs["complaint"] != 3 || reach != 1 {
		t.Errorf("step 1 needs %v, reach %d", needs, reach)
	}
	if _, reach := q.needsAfter(2); reach != 0 {
		t.Errorf("step 2 reaches %d", reach)
	}
	if q.Needs["complaint"] != 5 {
		t.Error("relaxing changed the queue")
	}
}

func TestEachMistakeInAQueueHasItsWords(t *testing.T) {
	t.Parallel()
	relax := func(steps ...RelaxStep) Queue { return Queue{Needs: map[string]int{"tax": 5}, Relax: steps} }
	for words, q := range map[string]Queue{
		"needs tax: level 0":                   {Needs: map[string]int{"tax": 0}},
		"reach: -1 is negative":                {Reach: -1},
		"after 10s is not later than 30s":      relax(RelaxStep{After: 30 * time.Second}, RelaxStep{After: 10 * time.Second}),
		"after 0s is not later":                relax(RelaxStep{}),
		"french is not among":                  relax(RelaxStep{After: 1, Needs: map[string]int{"french": 1}}),
		"level 101":                            relax(RelaxStep{After: 1, Needs: map[string]int{"tax": 101}}),
		"use -1 to reach":                      relax(RelaxStep{After: 1, Reach: -2}),
		`"fastest" is no strategy`:             {Select: "fastest"},
		"urgency":                              {Urgency: "panic"},
		"priority start: 2000":                 {Priority: Priority{Start: 2000}},
		"priority grow: -1":                    {Priority: Priority{Grow: -1}},
		"weight: -1":                           {Weight: -1},
		"overdue: 1ms":                         {Overdue: time.Millisecond},
		"service_level within: -1s":            {ServiceLevel: ServiceLevel{Within: -time.Second}},
		"write 0.85 for 85 %":                  {ServiceLevel: ServiceLevel{Target: 85}},
		"SL1, SL2, SL3 and SL4":                {ServiceLevel: ServiceLevel{Formula: "SL9"}},
		"wait every: 1s":                       {Wait: Wait{Every: time.Second}},
		`"12" is no key`:                       {Wait: Wait{Keys: map[string]string{"12": ToMessage}}},
		"nowhere is no destination":            {Wait: Wait{Keys: map[string]string{"1": "nowhere"}}},
		"limits waiting: -5":                   {Limits: Limits{Waiting: -5}},
		"limits wait: -1s":                     {Limits: Limits{Wait: -time.Second}},
		`limits when: "rain"`:                  {Limits: Limits{When: map[string]string{"rain": ToMessage}}},
		"limits when full: x is no":            {Limits: Limits{When: map[string]string{WhenFull: "x"}}},
		"sends the caller to the queue itself": {Limits: Limits{When: map[string]string{WhenFull: "queue:q"}}},
		"rule 1: wait -1s":                     {Limits: Limits{Overflow: []OverflowRule{{Wait: -1 * time.Second, To: ToEnd}}}},
		"rule 1: waiting -1":                   {Limits: Limits{Overflow: []OverflowRule{{Waiting: -1, To: ToEnd}}}},
		"rule 1: names no condition":           {Limits: Limits{Overflow: []OverflowRule{{To: ToEnd}}}},
		"rule 1: sends the caller to the qu":   {Limits: Limits{Overflow: []OverflowRule{{Wait: 1, To: "queue:q"}}}},
		"rule 1: off is no destination":        {Limits: Limits{Overflow: []OverflowRule{{Wait: 1, To: "off"}}}},
		"wrap_up limit: 2h":                    {WrapUp: WrapUpRule{Limit: 2 * time.Hour}},
		"wrap_up extend: -1":                   {WrapUp: WrapUpRule{Extend: -1}},
		"offer ring: 1ms":                      {Offer: OfferRule{Ring: time.Millisecond}},
		"offer avoid_after_miss: -1s":          {Offer: OfferRule{AvoidAfterMiss: -time.Second}},
		"offer several: -1":                    {Offer: OfferRule{Several: -1}},
		"offer missed_limit: -1":               {Offer: OfferRule{MissedLimit: -1}},
		"last_agent wait: 2h":                  {LastAgent: LastAgent{Wait: 2 * time.Hour}},
	} {
		q.ID = "q"
		errs := q.Validate()
		if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), "queue q: ") || !strings.Contains(errs[0].Error(), words) {
			t.Errorf("want one error on %q, got %v", words, errs)
		}
	}
	if errs := (Queue{ID: "q"}).Validate(); len(errs) > 0 {
		t.Errorf("a queue of defaults: %v", errs)
	}
	if errs := (Queue{}).Validate(); len(errs) != 1 {
		t.Errorf("a queue without an id: %v", errs)
	}
}

func TestCheckFindsWhatNobodyCanEverTake(t *testing.T) {
	t.Parallel()
	queues := []Queue{
		{ID: "tax", Needs: map[string]int{"tax": 5}, Relax: []RelaxStep{{After: time.Minute, Needs: map[string]int{"tax": 2}}}},
		{ID: "empty", Limits: Limits{When: map[string]string{WhenFull: "queue:gone"}, Overflow: []OverflowRule{{Wait: time.Minute, To: "queue:lost"}}}},
		{ID: "fine", Reach: 1},
		{ID: "fine"},
	}
	agents := []Agent{
		member("li", map[string]int{"tax": 1}, "tax", "fine"),
		member("wang", map[string]int{"tax": 0}, "away", "tax", "tax"),
		{ID: "wang", Queues: []Membership{{Queue: "fine", Order: -1, Weight: -2}}},
		{},
	}
	got := errors.Join(Check(queues, agents)...).Error()
	for _, words := range []string{
		"queue fine: is there twice",
		`queue empty: full sends callers to queue "gone", which is not there`,
		`queue empty: overflow rule 1 sends callers to queue "lost", which is not there`,
		`agent wang: is a member of queue "away", which is not there`,
		"agent wang: is a member of queue tax twice",
		"agent wang: is there twice",
		"agent wang: skill tax: level 0",
		"agent wang: queue fine: order -1",
		"agent wang: queue fine: weight -2",
		"agent : has no id",
		"queue empty: no agent is a member",
		"queue tax: needs tax 2 even after its last relax step, and none of its 2 members has that",
	} {
		if !strings.Contains(got, words) {
			t.Errorf("no word of %q in\n%s", words, got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != 12 {
		t.Errorf("%d errors in\n%s", n, got)
	}
}
