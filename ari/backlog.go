package ari

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// backlog holds messages between the reader, which must not wait, and the Sink, which may.
type backlog struct {
	limit int
	sink  func(Message)
	gauge prometheus.Gauge

	mu      sync.Mutex
	waiting []Message
	more    chan struct{} // holds one: something was added since deliver looked
	room    chan struct{} // closed and renewed when waiting is down to half of the limit
}

func newBacklog(limit int, sink func(Message), gauge prometheus.Gauge) *backlog {
	return &backlog{limit: limit, sink: sink, gauge: gauge, more: make(chan struct{}, 1), room: make(chan struct{})}
}

// put adds an event; false: the limit is reached, and it was not added.
func (b *backlog) put(m Message) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= b.limit {
		return false
	}
	b.add(m)
	return true
}

// must adds a message beyond the limit: an Up, a Down, and what was held before an Up (which has the same limit).
func (b *backlog) must(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(m)
}

func (b *backlog) add(m Message) {
	b.waiting = append(b.waiting, m)
	b.gauge.Set(float64(len(b.waiting)))
	select {
	case b.more <- struct{}{}:
	default: // deliver is awake, or will be
	}
}

// deliver calls the Sink until the context ends.
func (b *backlog) deliver(ctx context.Context) {
	for ctx.Err() == nil {
		if m := b.take(); m != nil {
			b.sink(m)
			continue
		}
		select {
		case <-b.more:
		case <-ctx.Done():
		}
	}
}

// take gives the oldest message, or nil.
func (b *backlog) take() Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		return nil
	}
	m := b.waiting[0]
	b.waiting[0] = nil
	b.waiting = b.waiting[1:]
	b.gauge.Set(float64(len(b.waiting)))
	if len(b.waiting) == b.limit/2 {
		close(b.room)
		b.room = make(chan struct{})
	}
	return m
}

// waitHalfEmpty waits until at most half of the limit is taken; false: the context ended first.
func (b *backlog) waitHalfEmpty(ctx context.Context) bool {
	for {
		b.mu.Lock()
		enough, room := len(b.waiting) <= b.limit/2, b.room
		b.mu.Unlock()
		if enough {
			return true
		}
		select {
		case <-room:
		case <-ctx.Done():
			return false
		}
	}
}
