package floor

import (
	"slices"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// Quarantine takes a call out of the floor after a decision about it failed. It makes its facts with as little of the
// machinery as it can: whoever was at work on the call is free again, the visit and the call have their one end. The
// channel is hung up by the lane, which sees the call gone from the floor.
func (f *Floor) Quarantine(now time.Time, id, why string) fact.Record {
	if now.Before(f.s.At) {
		now = f.s.At
	}
	c := f.s.Calls[id]
	if c == nil {
		return fact.Record{}
	}
	s := &step{Floor: f, now: now}
	s.emit(fact.CallQuarantined{Call: id, Why: why})
	if c.Visit != nil {
		for _, o := range slices.Clone(c.Visit.Offers) {
			if a := f.s.Agents[o.Agent]; a != nil && a.Call == id && a.State == acd.Offered {
				s.endOffer(c, o, fact.OfferWithdrawn)
			}
		}
	}
	if a := f.s.Agents[c.Agent()]; a != nil && a.Call == id && c.Talk != nil {
		s.endTalk(c, fact.EndedByLoss)
	}
	if v := c.Visit; v != nil && !v.Ended && (c.Phase == call.Waiting || c.Phase == call.Joining) {
		s.endVisit(c, fact.Failed, "")
	}
	if c.Phase != call.Closing {
		s.emit(fact.CallClosing{Call: id, Ending: fact.EndFailed, Cause: "failure"})
	}
	f.s.Seq++
	return fact.Record{Seq: f.s.Seq, At: now, Facts: s.facts}
}
