package centre

import (
	"slices"
	"time"

	"hotline/fact"
	"hotline/floor"
)

// Update is one turn of the loop, as those see it who only look: what happened, and the views of what changed.
type Update struct {
	Seq     uint64
	At      time.Time
	Records []fact.Record
	Agents  []floor.AgentView
	Queues  []floor.QueueView
	Phases  map[string]int // live calls by phase
	// Announcements are all of them when one was switched; else nil.
	Announcements []floor.AnnouncementView
}

// Watch calls fn after every turn that changed something, in order, from the loop itself: fn must not block, and must not
// ask the centre anything. It first returns the views of everything, after which fn misses nothing and is told nothing
// twice. The first call of fn may come before Watch has returned.
func (c *Centre) Watch(fn func(Update)) (now Update, cancel func()) {
	w := &watcher{fn}
	ok := c.ask(func() {
		now = c.shot()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.watchers = append(slices.Clone(c.watchers), w)
	})
	if !ok {
		return now, func() {}
	}
	return now, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.watchers = slices.DeleteFunc(slices.Clone(c.watchers), func(x *watcher) bool { return x == w })
	}
}

// watcher is somebody who looks.
type watcher struct{ tell func(Update) }

// Shot is the views of everything at one moment.
func (c *Centre) Shot() (u Update) {
	c.ask(func() { u = c.shot() })
	return u
}

func (c *Centre) shot() Update {
	agents, queues := c.floor.AllViews()
	return Update{Seq: c.floor.Seq(), At: c.floor.At(), Agents: agents, Queues: queues, Phases: c.floor.Phases(), Announcements: c.floor.Announcements()}
}

// Callbacks lists the call backs that are promised and not made yet.
func (c *Centre) Callbacks() (list []floor.CallbackView) {
	c.ask(func() { list = c.floor.Callbacks() })
	return list
}
