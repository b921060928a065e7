package acd

import (
	"math"
	"time"
)

// Flow is what is known of a queue's recent pace: from it a caller is told an expected wait. It is plain data,
// so that a checkpoint can keep it (see Engine.Flow and Engine.SetFlow).
//
// The estimate is the caller's place divided by the rate at which callers lately left the queue while somebody
// waited. It needs no assumption on how many agents serve the queue or share it with others, and it follows
// a change within minutes.
type Flow struct {
	At   time.Time     `json:"at"`   // up to here
	Left float64       `json:"left"` // callers who waited and left, recent ones counting most
	Busy time.Duration `json:"busy"` // the time in which somebody waited, counted alike
}

const (
	flowMemory = 10 * time.Minute // what happened so long ago counts for 1/e
	minLeft    = 2                // below this the pace is not believed
)

// Note counts one caller who left at now after a wait. While that caller waited the queue was not empty.
func (f *Flow) Note(now time.Time, wait time.Duration) {
	if wait <= 0 {
		return // taken at once: says nothing about the pace of waiting
	}
	since := wait
	if !f.At.IsZero() && now.After(f.At) {
		since = min(wait, now.Sub(f.At))
		keep := math.Exp(-float64(now.Sub(f.At)) / float64(flowMemory))
		f.Left *= keep
		f.Busy = time.Duration(float64(f.Busy) * keep)
	} else if !f.At.IsZero() {
		since = 0
	}
	f.At = now
	f.Left++
	f.Busy += since
}

// expect returns the wait of the caller at a place.
func (f Flow) expect(place int) (time.Duration, bool) {
	if f.Left < minLeft || f.Busy <= 0 {
		return 0, false
	}
	return time.Duration(float64(place) * float64(f.Busy) / f.Left), true
}

// NoteLeft counts a caller who left a queue at now, answered or abandoned, after a wait.
func (e *Engine) NoteLeft(queue QueueID, now time.Time, wait time.Duration) {
	if q := e.queues[queue]; q != nil {
		q.flow.Note(now, wait)
	}
}

// Flow returns a queue's recent pace, for a checkpoint.
func (e *Engine) Flow(queue QueueID) Flow {
	if q := e.queues[queue]; q != nil {
		return q.flow
	}
	return Flow{}
}

// SetFlow restores a queue's recent pace from a checkpoint.
func (e *Engine) SetFlow(queue QueueID, f Flow) {
	if q := e.queues[queue]; q != nil {
		q.flow = f
	}
}

// Expect returns how long a waiting caller will probably go on waiting. It is not ok when too few callers
// have left the queue lately to say.
func (e *Engine) Expect(caller CallerID, now time.Time) (time.Duration, bool) {
	c := e.callers[caller]
	if c == nil {
		return 0, false
	}
	place, _ := e.Place(caller, now)
	return c.queue.flow.expect(place)
}

// ExpectNext returns how long a caller who entered the queue now would probably wait.
func (e *Engine) ExpectNext(queue QueueID) (time.Duration, bool) {
	q := e.queues[queue]
	if q == nil {
		return 0, false
	}
	return q.flow.expect(q.n + 1)
}
