package centre

import (
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
}

// Watch calls fn after every turn that changed something, in order, from the loop itself: fn must not block. It first
// returns the views of everything, after which fn misses nothing.
func (c *Centre) Watch(fn func(Update)) (now Update, cancel func()) {
	var id int
	ok := c.ask(func() {
		agents, queues := c.floor.AllViews()
		now = Update{Seq: c.floor.Seq(), At: c.floor.At(), Agents: agents, Queues: queues, Phases: c.floor.Phases()}
		c.mu.Lock()
		id = c.nextW
		c.nextW++
		c.watchers[id] = fn
		c.mu.Unlock()
	})
	if !ok {
		return now, func() {}
	}
	return now, func() {
		c.mu.Lock()
		delete(c.watchers, id)
		c.mu.Unlock()
	}
}

// Shot is the views of everything at one moment.
func (c *Centre) Shot() (u Update) {
	c.ask(func() {
		agents, queues := c.floor.AllViews()
		u = Update{Seq: c.floor.Seq(), At: c.floor.At(), Agents: agents, Queues: queues, Phases: c.floor.Phases()}
	})
	return u
}
