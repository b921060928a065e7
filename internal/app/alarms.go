package app

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hotline/desk"
)

// alarms are what the board says is wrong, by id, until it is right again. Its zero value is ready.
type alarms struct {
	mu  sync.Mutex
	now map[string]desk.Alarm
	seq atomic.Uint64 // what the views of queues were true at
}

// refused says that a configuration was.
func (a *alarms) refused(err error) {
	a.put(desk.Alarm{ID: "config", Kind: desk.ConfigRefused, Text: "the new configuration was refused: " + err.Error(), Why: err.Error()})
}

// put says something, or says it in other words; the time is that of the first word.
func (a *alarms) put(x desk.Alarm) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.now == nil {
		a.now = map[string]desk.Alarm{}
	}
	if x.At.IsZero() {
		x.At = time.Now()
	}
	if old, ok := a.now[x.ID]; ok {
		x.At = old.At
	}
	a.now[x.ID] = x
}

func (a *alarms) clear(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.now, id)
}

// list gives them, oldest first.
func (a *alarms) list() []desk.Alarm {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]desk.Alarm, 0, len(a.now))
	for _, x := range a.now {
		all = append(all, x)
	}
	slices.SortFunc(all, func(x, y desk.Alarm) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	return all
}
