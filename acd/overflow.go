package acd

import (
	"fmt"
	"time"

	"hotline/acd/said"
)

// OverflowRule sends a caller on when everything it names holds. A rule without Wait is looked at when a caller
// enters; one with Wait when the caller has waited so long.
type OverflowRule struct {
	Wait        time.Duration `yaml:"wait" json:"wait,omitempty"`                 // this caller has waited so long
	Waiting     int           `yaml:"waiting" json:"waiting,omitempty"`           // so many others wait, or more
	AgentsBelow int           `yaml:"agents_below" json:"agents_below,omitempty"` // fewer of the queue's agents are at work
	During      string        `yaml:"during" json:"during,omitempty"`             // in these opening hours
	To          string        `yaml:"to" json:"to"`
}

// Situation is what a queue's limits look at for one caller.
type Situation struct {
	Entering bool              // the caller is about to enter, or has just done so
	Wait     time.Duration     // the caller has waited
	Waiting  int               // others wait in the queue, those being offered included
	Agents   int               // of the queue are signed in
	Closing  bool              // the line has closed
	During   func(string) bool // reports whether it is in the opening hours of that name; nil: no rule with hours holds
}

// SendOn returns where the queue's limits send a caller, and which limit it was: closing, full, nobody, wait, or
// "rule 2". Not ok: the caller stays. Full and too long a wait without a destination end the call; nobody and
// closing without one let callers wait. Which limit wins when several hold is the order of this comment.
func (l *Limits) SendOn(s Situation) (to, why string, ok bool) {
	when := func(event string) (string, string, bool) {
		if to = l.When[event]; to == "" {
			to = ToEnd
		}
		return to, event, true
	}
	switch {
	case s.Closing && l.When[WhenClosing] != "":
		return when(WhenClosing)
	case s.Entering && l.Waiting > 0 && s.Waiting >= l.Waiting:
		return when(WhenFull)
	case s.Agents == 0 && l.When[WhenNobody] != "":
		return when(WhenNobody)
	case l.Wait > 0 && s.Wait >= l.Wait:
		return when(WhenWait)
	}
	for i, r := range l.Overflow {
		if r.holds(s) {
			return r.To, fmt.Sprint("rule ", i+1), true
		}
	}
	return "", "", false
}

func (r *OverflowRule) holds(s Situation) bool {
	if r.Wait == 0 && !s.Entering || s.Wait < r.Wait || s.Waiting < r.Waiting {
		return false
	}
	if r.AgentsBelow > 0 && s.Agents >= r.AgentsBelow {
		return false
	}
	return r.During == "" || s.During != nil && s.During(r.During)
}

// Next returns the wait, longer than the one given, at which SendOn must be asked again.
func (l *Limits) Next(wait time.Duration) (next time.Duration, ok bool) {
	consider := func(d time.Duration) {
		if d > wait && (!ok || d < next) {
			next, ok = d, true
		}
	}
	consider(l.Wait)
	for _, r := range l.Overflow {
		consider(r.Wait)
	}
	return next, ok
}

func (r *OverflowRule) check(queue QueueID) error {
	switch {
	case r.Wait < 0 || r.Wait > 24*time.Hour:
		return said.Errorf("wait %s is outside 0s to 24h", r.Wait)
	case r.Waiting < 0 || r.AgentsBelow < 0:
		return said.Errorf("waiting %d and agents_below %d must not be negative", r.Waiting, r.AgentsBelow)
	case r.Wait == 0 && r.Waiting == 0 && r.AgentsBelow == 0 && r.During == "":
		return said.Errorf("names no condition, so every caller would leave at once")
	case r.To == "queue:"+queue:
		return said.Errorf("sends the caller to the queue itself")
	}
	return checkDestination(r.To)
}
