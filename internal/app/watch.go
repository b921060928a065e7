package app

import (
	"fmt"

	"hotline/centre"
	"hotline/desk"
)

// hopeless raises an alarm while callers wait in a queue whose needs nobody in the configuration could ever meet.
// It may be told of a moment that is over.
func (a *alarms) hopeless(u centre.Update) {
	if u.Seq < a.seq.Load() {
		return
	}
	a.seq.Store(u.Seq)
	for _, q := range u.Queues {
		id := "nobody-suits " + q.Queue
		if q.Hopeless == "" {
			a.clear(id)
			continue
		}
		a.put(desk.Alarm{
			ID: id, Kind: desk.NobodySuits, Queue: q.Queue, Count: q.Waiting, Why: q.Hopeless, WhyIn: q.HopelessIn,
			Text: fmt.Sprintf("queue %s: %d wait, and no agent could ever take them: %s", q.Queue, q.Waiting, q.Hopeless),
		})
	}
}
