package desk

import (
	"sync"
	"time"
)

// listsTopic is the topic "lists": counts that come from the archive, asked for outside of the hub's goroutine, one
// question at a time and at most once a second. Each message is whole. It is the hub's, but for the channels.
type listsTopic struct {
	changed chan struct{}
	counted chan counted
	running sync.WaitGroup

	version  int
	want     bool // something changed since the last count
	busy     bool
	at       time.Time // of the last question
	seq      uint64
	messages int
	promised int            // call backs
	open     map[string]int // by owner
}

// counted is the archive's answer.
type counted struct {
	messages int
	promised int
	open     map[string]int
	version  int
	err      error
}

func (h *hub) listsChanged() {
	select {
	case h.lists.changed <- struct{}{}:
	default: // one is waiting already, and covers this one
	}
}

func (h *hub) showLists(c *conn) {
	c.topics[TopicLists] = true
	if _, known := h.lists.open[owner(c.user)]; known {
		h.tellList(c)
		return
	}
	h.lists.want = true
	h.countLists()
}

// countLists asks the archive, if there is a reason and no question is under way. An answer that fails is asked again
// with the next heartbeat.
func (h *hub) countLists() {
	l := h.listeners(TopicLists)
	if !h.lists.want || h.lists.busy || len(l) == 0 {
		return
	}
	h.lists.want, h.lists.busy, h.lists.at = false, true, h.Now()
	owners, version := make([]string, len(l)), h.lists.version
	for i, c := range l {
		owners[i] = owner(c.user)
	}
	h.lists.running.Go(func() {
		ctx, cancel := h.context(patience)
		defer cancel()
		c := counted{version: version, promised: len(h.Centre.Callbacks())}
		c.messages, c.open, c.err = h.Store.Lists(ctx, owners)
		if c.open == nil {
			c.open = map[string]int{}
		}
		for _, o := range owners {
			c.open[o] += 0 // known, even when there are none
		}
		select {
		case h.lists.counted <- c:
		case <-h.quit:
		}
	})
}

func (h *hub) tellLists(c counted) {
	h.lists.busy = false
	if c.err != nil {
		h.Log.Warn("worklists not counted; trying again", "err", c.err)
		h.lists.want = true
		return
	}
	h.lists.messages, h.lists.promised, h.lists.open = c.messages, c.promised, c.open
	h.lists.seq++
	for _, l := range h.listeners(TopicLists) {
		if _, known := c.open[owner(l.user)]; known {
			h.tellList(l)
		} else {
			h.lists.want = true // came in meanwhile
		}
	}
}

func (h *hub) tellList(c *conn) {
	c.send(pack(h.Log, Envelope{Topic: TopicLists, Epoch: h.epoch, Seq: h.lists.seq, Type: "snapshot"},
		Lists{Messages: h.lists.messages, Callbacks: h.lists.promised, Open: h.lists.open[owner(c.user)], Version: h.lists.version}))
}
