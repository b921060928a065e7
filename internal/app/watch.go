package app

import (
	"fmt"

	"hotline/centre"
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
		a.raise(id, "nobody-suits", fmt.Sprintf("queue %s: %d wait, and no agent could ever take them: it %s", q.Queue, q.Waiting, q.Hopeless))
	}
}
