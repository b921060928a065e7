package acd

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/acd/said"
)

// Ids are plain strings: the words of the configuration and of the journal.
type (
	QueueID  = string
	AgentID  = string
	CallerID = string
)

// Queue is the configuration of one queue. A zero number means the default (see WithDefaults).
type Queue struct {
	ID    QueueID           `yaml:"-" json:"id"` // the key in the configuration's map
	Title map[string]string `yaml:"title" json:"title,omitempty"`

	Needs map[string]int `yaml:"needs" json:"needs,omitempty"` // skill → least level, 1 to MaxLevel
	Reach int            `yaml:"reach" json:"reach,omitempty"` // only members of this order or lower; 0 = all
	Relax []RelaxStep    `yaml:"relax" json:"relax,omitempty"` // later steps build on earlier ones

	Select   Strategy      `yaml:"select" json:"select"`
	Priority Priority      `yaml:"priority" json:"priority"`
	Weight   float64       `yaml:"weight" json:"weight"`   // a minute here feels like this many; default 1
	Urgency  Urgency       `yaml:"urgency" json:"urgency"` // what "longest waiting" means between queues
	Overdue  time.Duration `yaml:"overdue" json:"overdue"` // after this wait nobody goes before; default 15m

	ServiceLevel ServiceLevel `yaml:"service_level" json:"service_level"`
	Wait         Wait         `yaml:"wait" json:"wait"`
	Limits       Limits       `yaml:"limits" json:"limits"`
	WrapUp       WrapUpRule   `yaml:"wrap_up" json:"wrap_up"`
	Offer        OfferRule    `yaml:"offer" json:"offer"`
	LastAgent    LastAgent    `yaml:"last_agent" json:"last_agent"`
	Recording    Recording    `yaml:"recording" json:"recording"`
	Callback     CallbackRule `yaml:"callback" json:"callback"`
}

// RelaxStep lowers what the queue needs once a caller has waited After. A skill that is not named keeps its
// level; level 0 drops it.
type RelaxStep struct {
	After time.Duration  `yaml:"after" json:"after"`
	Reach int            `yaml:"reach" json:"reach,omitempty"` // replaces the queue's; 0 keeps it, -1 lifts it
	Needs map[string]int `yaml:",inline" json:"needs,omitempty"`
}

// Priority is what every caller of a queue starts with and grows by.
type Priority struct {
	Start int     `yaml:"start" json:"start"` // points, -1000 to 1000
	Grow  float64 `yaml:"grow" json:"grow"`   // points per minute of felt wait, 0 to 1000
}

// Urgency says how waits in different queues compare.
type Urgency string

// The urgencies.
const (
	ByWait         Urgency = "wait"          // a second is a second (times the weight)
	ByServiceLevel Urgency = "service-level" // a second counts in units of the queue's own threshold
)

// Formula names one of the four service-level formulas in use (requirements N2).
type Formula string

// The formulas: within the threshold T,
const (
	SL1 Formula = "SL1" // answered≤T / answered
	SL2 Formula = "SL2" // (answered≤T + abandoned≤T) / (answered + abandoned)
	SL3 Formula = "SL3" // answered≤T / (answered + abandoned)
	SL4 Formula = "SL4" // answered≤T / (answered + abandoned>T)
)

// ServiceLevel is what the queue promises.
type ServiceLevel struct {
	Within  time.Duration `yaml:"within" json:"within"` // default 20s
	Target  float64       `yaml:"target" json:"target"` // 0 to 1, default 0.85
	Formula Formula       `yaml:"formula" json:"formula"`
}

// Wait is what a caller hears and may press while waiting.
type Wait struct {
	Music string            `yaml:"music" json:"music,omitempty"`
	Tell  []string          `yaml:"tell" json:"tell,omitempty"`   // place, expected-wait, or the name of an announcement
	Every time.Duration     `yaml:"every" json:"every,omitempty"` // default 45s
	Keys  map[string]string `yaml:"keys" json:"keys,omitempty"`   // one key → destination
}

// Limits say when a queue does not take or keep a caller, and where the caller goes then.
type Limits struct {
	Waiting  int               `yaml:"waiting" json:"waiting,omitempty"`   // callers waiting; 0 = no limit
	Wait     time.Duration     `yaml:"wait" json:"wait,omitempty"`         // longest wait; 0 = no limit
	When     map[string]string `yaml:"when" json:"when,omitempty"`         // full, nobody, wait, closing → destination
	Overflow []OverflowRule    `yaml:"overflow" json:"overflow,omitempty"` // the first that holds sends the caller on
}

// WrapUpRule is the time an agent has to finish the record.
type WrapUpRule struct {
	Limit  time.Duration `yaml:"limit" json:"limit"` // default 60s
	Extend int           `yaml:"extend" json:"extend,omitempty"`
	None   bool          `yaml:"none" json:"none,omitempty"` // straight back to ready
}

// OfferRule is how a call is offered to an agent.
type OfferRule struct {
	Ring           time.Duration `yaml:"ring" json:"ring"` // until the offer counts as missed; default 20s
	Auto           bool          `yaml:"auto" json:"auto,omitempty"`
	Several        int           `yaml:"several" json:"several,omitempty"`     // offers at once with ring-several; default 3
	MissedLimit    int           `yaml:"missed_limit" json:"missed_limit"`     // so many in a row → not ready; default 2
	DuringWrapUp   bool          `yaml:"during_wrap_up" json:"during_wrap_up"` // a preferred caller may interrupt wrap-up
	AvoidAfterMiss time.Duration `yaml:"avoid_after_miss" json:"avoid_after_miss,omitempty"`
}

// LastAgent keeps a caller who calls again for the agent who knows the case.
type LastAgent struct {
	Within time.Duration `yaml:"within" json:"within,omitempty"` // the earlier call was so long ago at most; 0 = off
	Wait   time.Duration `yaml:"wait" json:"wait,omitempty"`     // wait so long for that agent; default 30s
}

// Recording is how long this queue's recordings are kept. It is text because a day is no time.Duration.
type Recording struct {
	Keep string `yaml:"keep" json:"keep,omitempty"` // such as 180d
	Off  bool   `yaml:"off" json:"off,omitempty"`
}

// CallbackRule is where a queue's call backs differ from the house's.
type CallbackRule struct {
	First string `yaml:"first" json:"first,omitempty"` // agent, customer
	Off   bool   `yaml:"off" json:"off,omitempty"`     // who asks for one leaves a message
}

// Bounds of the configuration.
const (
	MaxLevel    = 100
	MaxPriority = 1000
	MaxWeight   = 1000
)

// Places a caller can be sent to from a queue. Another queue is written queue:ID.
const (
	ToMessage  = "message"
	ToCallback = "callback"
	ToEnd      = "end"
)

// The events of Limits.When.
const (
	WhenFull    = "full"
	WhenNobody  = "nobody"
	WhenWait    = "wait"
	WhenClosing = "closing"
)

// WithDefaults returns the queue with every zero that means "default" filled in.
func (q Queue) WithDefaults() Queue {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if q.Select == "" {
		q.Select = LongestIdle
	}
	if q.Urgency == "" {
		q.Urgency = ByWait
	}
	if q.Weight == 0 {
		q.Weight = 1
	}
	def(&q.Overdue, 15*time.Minute)
	def(&q.ServiceLevel.Within, 20*time.Second)
	if q.ServiceLevel.Target == 0 {
		q.ServiceLevel.Target = 0.85
	}
	if q.ServiceLevel.Formula == "" {
		q.ServiceLevel.Formula = SL3
	}
	def(&q.Wait.Every, 45*time.Second)
	def(&q.Offer.Ring, 20*time.Second)
	if q.Offer.Several == 0 {
		q.Offer.Several = 3
	}
	if q.Offer.MissedLimit == 0 {
		q.Offer.MissedLimit = 2
	}
	def(&q.LastAgent.Wait, 30*time.Second)
	if q.WrapUp.None {
		q.WrapUp.Limit = 0
	} else {
		def(&q.WrapUp.Limit, time.Minute)
	}
	return q
}

// Validate returns everything that is wrong with the queue, each in words a supervisor understands. It is
// meant for the queue as written; defaults are filled in first.
func (q Queue) Validate() []error {
	q = q.WithDefaults()
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, said.Errorf("queue %s: %w", q.ID, said.Errorf(format, args...)))
	}
	level := func(where, skill string, level, least int) {
		if level < least || level > MaxLevel {
			wrong("%s %s: level %d is outside %d to %d", where, skill, level, least, MaxLevel)
		}
	}
	within := func(what string, d, least, most time.Duration) {
		if d < least || d > most {
			wrong("%s: %s is outside %s to %s", what, d, least, most)
		}
	}
	if q.ID == "" {
		wrong("has no id")
	}
	for _, skill := range sortedKeys(q.Needs) {
		level("needs", skill, q.Needs[skill], 1)
	}
	if q.Reach < 0 {
		wrong("reach: %d is negative; leave it out to reach every member", q.Reach)
	}
	last := time.Duration(0)
	for i, step := range q.Relax {
		where := fmt.Sprintf("relax, step %d:", i+1)
		if step.After <= last {
			wrong("%s after %s is not later than %s before it", where, step.After, last)
		}
		last = step.After
		if step.Reach < -1 {
			wrong("%s reach %d: use -1 to reach every member", where, step.Reach)
		}
		for _, skill := range sortedKeys(step.Needs) {
			level(where, skill, step.Needs[skill], 0)
			if _, ok := q.Needs[skill]; !ok {
				wrong("%s %s is not among the queue's needs, so there is nothing to relax", where, skill)
			}
		}
	}
	if !slices.Contains(Strategies, q.Select) {
		wrong("select: %q is no strategy; there are %s", q.Select, join(Strategies))
	}
	if q.Urgency != ByWait && q.Urgency != ByServiceLevel {
		wrong("urgency: %q; there are %s and %s", q.Urgency, ByWait, ByServiceLevel)
	}
	if p := q.Priority.Start; p < -MaxPriority || p > MaxPriority {
		wrong("priority start: %d is outside -%d to %d", p, MaxPriority, MaxPriority)
	}
	if g := q.Priority.Grow; !validGrow(g) {
		wrong("priority grow: %v per minute; use 0 or between 0.01 and %d", g, MaxPriority)
	}
	if !(q.Weight >= 0.001 && q.Weight <= MaxWeight) {
		wrong("weight: %v is outside 0.001 to %d", q.Weight, MaxWeight)
	}
	within("overdue", q.Overdue, time.Second, 24*time.Hour)
	within("service_level within", q.ServiceLevel.Within, time.Second, time.Hour)
	if t := q.ServiceLevel.Target; !(t > 0 && t <= 1) {
		wrong("service_level target: %v; write 0.85 for 85 %%", t)
	}
	if !slices.Contains([]Formula{SL1, SL2, SL3, SL4}, q.ServiceLevel.Formula) {
		wrong("service_level formula: %q; there are SL1, SL2, SL3 and SL4", q.ServiceLevel.Formula)
	}
	within("wait every", q.Wait.Every, 5*time.Second, time.Hour)
	for _, key := range sortedKeys(q.Wait.Keys) {
		if len(key) != 1 || !strings.Contains("0123456789*#", key) {
			wrong("wait keys: %q is no key of a telephone", key)
		}
		if err := checkDestination(q.Wait.Keys[key]); err != nil {
			wrong("wait keys %s: %w", key, err)
		}
	}
	if q.Limits.Waiting < 0 {
		wrong("limits waiting: %d is negative; leave it out for no limit", q.Limits.Waiting)
	}
	within("limits wait", q.Limits.Wait, 0, 24*time.Hour)
	for _, event := range sortedKeys(q.Limits.When) {
		if !slices.Contains([]string{WhenFull, WhenNobody, WhenWait, WhenClosing}, event) {
			wrong("limits when: %q; there are full, nobody, wait and closing", event)
		}
		dest := q.Limits.When[event]
		if err := checkDestination(dest); err != nil {
			wrong("limits when %s: %w", event, err)
		} else if dest == "queue:"+q.ID {
			wrong("limits when %s: sends the caller to the queue itself", event)
		}
	}
	for i := range q.Limits.Overflow {
		if err := q.Limits.Overflow[i].check(q.ID); err != nil {
			wrong("limits overflow, rule %d: %w", i+1, err)
		}
	}
	within("wrap_up limit", q.WrapUp.Limit, 0, time.Hour)
	if q.WrapUp.Extend < 0 || q.WrapUp.Extend > 100 {
		wrong("wrap_up extend: %d is outside 0 to 100", q.WrapUp.Extend)
	}
	within("offer ring", q.Offer.Ring, time.Second, 5*time.Minute)
	within("offer avoid_after_miss", q.Offer.AvoidAfterMiss, 0, time.Hour)
	if q.Offer.Several < 1 || q.Offer.Several > 100 {
		wrong("offer several: %d is outside 1 to 100", q.Offer.Several)
	}
	if q.Offer.MissedLimit < 1 || q.Offer.MissedLimit > 100 {
		wrong("offer missed_limit: %d is outside 1 to 100", q.Offer.MissedLimit)
	}
	within("last_agent wait", q.LastAgent.Wait, 0, time.Hour)
	if f := q.Callback.First; f != "" && f != "agent" && f != "customer" {
		wrong("callback first: %q; there are agent and customer", f)
	}
	return errs
}

// needsAfter returns what the queue needs, and its reach, at a relax step (0 = before the first).
func (q *Queue) needsAfter(step int) (map[string]int, int) {
	needs, reach := map[string]int{}, q.Reach
	put := func(m map[string]int) {
		for skill, level := range m {
			if level > 0 {
				needs[skill] = level
			} else {
				delete(needs, skill)
			}
		}
	}
	put(q.Needs)
	for _, s := range q.Relax[:step] {
		put(s.Needs)
		switch {
		case s.Reach > 0:
			reach = s.Reach
		case s.Reach < 0:
			reach = 0
		}
	}
	return needs, reach
}

func checkDestination(to string) error {
	switch {
	case to == ToMessage, to == ToCallback, to == ToEnd:
		return nil
	case strings.HasPrefix(to, "queue:") && len(to) > len("queue:"):
		return nil
	}
	return said.Errorf("%s is no destination; there are message, callback, end and queue:ID", to)
}

// validGrow: a growth so slow that it is never felt would need dates before the calendar.
func validGrow(g float64) bool { return g == 0 || g >= 0.01 && g <= MaxPriority }
