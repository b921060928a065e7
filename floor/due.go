package floor

import (
	"container/heap"
	"time"

	"hotline/acd"
	"hotline/call"
)

// dues keeps the next deadline of each call and agent: a heap with lazy deletion.
type dues struct {
	at   map[string]time.Time
	heap dueHeap
}

type due struct {
	at  time.Time
	key string
}

func callKey(id string) string  { return "c" + id }
func agentKey(id string) string { return "a" + id }

// put sets the key's deadline; a zero time takes it away.
func (d *dues) put(key string, at time.Time) {
	if d.at == nil {
		d.at = map[string]time.Time{}
	}
	if at.IsZero() {
		delete(d.at, key)
		return
	}
	if was, ok := d.at[key]; ok && was.Equal(at) {
		return
	}
	d.at[key] = at
	heap.Push(&d.heap, due{at, key})
}

// next is the earliest deadline.
func (d *dues) next() (time.Time, bool) {
	for len(d.heap) > 0 {
		top := d.heap[0]
		if at, ok := d.at[top.key]; ok && at.Equal(top.at) {
			return top.at, true
		}
		heap.Pop(&d.heap)
	}
	return time.Time{}, false
}

// pop takes the earliest deadline that is not after now.
func (d *dues) pop(now time.Time) (string, bool) {
	at, ok := d.next()
	if !ok || at.After(now) {
		return "", false
	}
	key := heap.Pop(&d.heap).(due).key
	delete(d.at, key)
	return key, true
}

type dueHeap []due

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].key < h[j].key
	}
	return h[i].at.Before(h[j].at)
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(due)) }
func (h *dueHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// deadline is the call's next deadline, under the rules of the queue it waits in.
func (f *Floor) deadline(c *call.Call) (time.Time, call.Timer) {
	var every time.Duration
	var look time.Time
	if c.Phase == call.Waiting {
		if q := f.queues[c.Visit.Queue]; q != nil && len(q.Wait.Tell) > 0 && (c.Callback == "" || c.Up) {
			every = q.Wait.Every
		}
		look = f.nextLook(c)
	}
	return c.Deadline(f.cfg.Rules.Bounds, every, look)
}

func (f *Floor) callDue(c *call.Call) time.Time {
	at, why := f.deadline(c)
	if why == call.NoTimer {
		return time.Time{}
	}
	return at
}

func (f *Floor) agentDue(a *Agent) time.Time {
	var at time.Time
	soonest := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if a.WrapUp != nil && a.State == acd.WrapUp {
		soonest(a.WrapUp.Until)
	}
	if !a.Desk && !a.DeskLost.IsZero() && !a.State.InCall() && a.State != acd.Offered && a.State != acd.SignedOut {
		soonest(a.DeskLost.Add(f.cfg.Rules.DeskGrace))
	}
	if lost := a.voiceLost(); !lost.IsZero() && a.State.InCall() {
		soonest(lost.Add(f.cfg.Rules.MediaGrace))
	}
	return at
}

// NextDue is the next moment at which time alone changes the floor; the loop then gives a Tick.
func (f *Floor) NextDue() (time.Time, bool) {
	at, ok := f.due.next()
	if wake, has := f.engine.Wake(f.s.At); has && (!ok || wake.Before(at)) {
		at, ok = wake, true
	}
	return at, ok
}
