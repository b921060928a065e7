package floor

import (
	"cmp"
	"slices"
	"time"

	"hotline/call"
)

// What is seen of call backs. They stand in their queues with the callers, but those have called and been counted before:
// who counts callers does not count them.

// noteKept keeps the queues in which call backs wait for an agent.
func (f *Floor) noteKept(c *call.Call) {
	if (c.Phase == call.Waiting || c.Phase == call.Joining) && c.Visit.Callback != "" && !c.Away() {
		f.kept[c.ID] = c.Visit.Queue
	} else {
		delete(f.kept, c.ID)
	}
}

// virtual counts those that have no channel.
func (f *Floor) virtual() (n int) {
	for id := range f.kept {
		if f.s.Calls[id].Virtual() {
			n++
		}
	}
	return n
}

// keptIn counts them in a queue.
func (f *Floor) keptIn(queue string) (n int) {
	for _, q := range f.kept {
		if q == queue {
			n++
		}
	}
	return n
}

// waiting counts the callers in a queue.
func (f *Floor) waiting(queue string) int { return f.engine.Len(queue) - f.keptIn(queue) }

// longest is when the caller entered who has waited longest on the line.
func (f *Floor) longest(queue string) (at time.Time, ok bool) {
	if f.keptIn(queue) == 0 {
		return f.engine.Longest(queue)
	}
	for _, c := range f.s.Calls {
		if (c.Phase == call.Waiting || c.Phase == call.Joining) && c.Visit.Queue == queue && c.Visit.Callback == "" {
			if !ok || c.Visit.Since.Before(at) {
				at, ok = c.Visit.Since, true
			}
		}
	}
	return at, ok
}

// Callbacks lists the promises that are not kept yet: first those whose turn is next.
func (f *Floor) Callbacks() []CallbackView {
	list := make([]CallbackView, 0, len(f.s.Callbacks))
	for _, b := range f.s.Callbacks {
		v := CallbackView{
			Callback: b.Callback, Queue: b.Queue, Caller: b.Caller, Lang: b.Lang, Asked: b.At, Since: b.Since, Expires: b.Expires,
			Tries: b.Tries, Last: b.Last, Ticket: b.Ticket, State: "later", Next: b.Next,
		}
		switch c := f.s.Calls[b.Live]; {
		case c != nil:
			v.Call, v.Agent, v.State, v.Next = c.ID, c.Agent(), "waiting", time.Time{}
			if !c.Virtual() {
				v.State = "dialling"
			}
		case f.s.Calls[b.Call] != nil:
			v.State, v.Next = "asking", time.Time{}
		}
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b CallbackView) int {
		return cmp.Or(a.Next.Compare(b.Next), a.Since.Compare(b.Since), cmp.Compare(a.Callback, b.Callback))
	})
	return list
}
