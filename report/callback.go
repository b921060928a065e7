package report

import (
	"time"

	"hotline/fact"
)

// CallbackCounts is what became of promises to call back. They are no queue visits: the visit of the caller who asked ended
// as a call back, and the attempts' own stays in the queue are left out of every figure of visits. The agents' talks on
// them are talks like all others.
type CallbackCounts struct {
	Promised  uint64        `json:"promised,omitempty"`
	Reached   uint64        `json:"reached,omitempty"`
	Unreached uint64        `json:"unreached,omitempty"`
	Expired   uint64        `json:"expired,omitempty"`
	Cancelled uint64        `json:"cancelled,omitempty"`
	Refused   uint64        `json:"refused,omitempty"` // asked for, but not promised
	Wait      time.Duration `json:"wait,omitempty"`    // of those who were reached, from the promise to the talk
}

// Result is one of the four counts of promises that ended.
func (c CallbackCounts) Result(r fact.CallbackResult) uint64 {
	switch r {
	case fact.CallbackReached:
		return c.Reached
	case fact.CallbackUnreached:
		return c.Unreached
	case fact.CallbackExpired:
		return c.Expired
	case fact.CallbackCancelled:
		return c.Cancelled
	}
	return 0
}

func (c *CallbackCounts) add(d CallbackCounts) {
	c.Promised += d.Promised
	c.Reached += d.Reached
	c.Unreached += d.Unreached
	c.Expired += d.Expired
	c.Cancelled += d.Cancelled
	c.Refused += d.Refused
	c.Wait += d.Wait
}

// callbackFact counts promises; it tells how many more are open.
func ofCallback(x fact.Fact) (queue string, c CallbackCounts, open int) {
	switch x := x.(type) {
	case fact.CallbackRequested:
		return x.Queue, CallbackCounts{Promised: 1}, 1
	case fact.CallbackRefused:
		return x.Queue, CallbackCounts{Refused: 1}, 0
	case fact.CallbackEnded:
		switch x.Result {
		case fact.CallbackReached:
			return x.Queue, CallbackCounts{Reached: 1, Wait: x.Waited}, -1
		case fact.CallbackUnreached:
			return x.Queue, CallbackCounts{Unreached: 1}, -1
		case fact.CallbackExpired:
			return x.Queue, CallbackCounts{Expired: 1}, -1
		}
		return x.Queue, CallbackCounts{Cancelled: 1}, -1
	}
	return "", c, 0
}
