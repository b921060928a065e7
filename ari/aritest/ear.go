package aritest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/ari"
)

// Ear is a Sink that remembers what it heard. The zero Ear is ready.
type Ear struct {
	mu      sync.Mutex
	heard   []ari.Message
	changed chan struct{}
}

// Hear is the Sink.
func (e *Ear) Hear(m ari.Message) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, m)
	if e.changed != nil {
		close(e.changed)
		e.changed = nil
	}
}

// Heard is all that was heard.
func (e *Ear) Heard() []ari.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]ari.Message(nil), e.heard...)
}

// Mark is a place in what was heard: the end of it now.
func (e *Ear) Mark() int { return len(e.Heard()) }

// Await gives the first message from mark on that fits, and its place. It fails the test after a minute,
// saying what was awaited and what was heard instead.
func (e *Ear) Await(t testing.TB, mark int, what string, fits func(ari.Message) bool) (ari.Message, int) {
	t.Helper()
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	for {
		e.mu.Lock()
		heard := e.heard
		if e.changed == nil {
			e.changed = make(chan struct{})
		}
		changed := e.changed
		e.mu.Unlock()
		for i := mark; i < len(heard); i++ {
			if fits(heard[i]) {
				return heard[i], i
			}
		}
		select {
		case <-changed:
		case <-late.C:
			t.Fatalf("waited in vain for %s; heard %s", what, tell(heard[min(mark, len(heard)):]))
		}
	}
}

// AwaitEvent is Await for an event of one type that fits; a nil fits takes any.
func AwaitEvent[E ari.EventBody](t testing.TB, e *Ear, mark int, what string, fits func(E) bool) (event E, at int) {
	t.Helper()
	_, at = e.Await(t, mark, what, func(m ari.Message) bool {
		heard, ok := m.(ari.Event)
		if !ok {
			return false
		}
		event, ok = heard.Event.(E)
		return ok && (fits == nil || fits(event))
	})
	return event, at
}

// AwaitUp waits for the link to come up.
func (e *Ear) AwaitUp(t testing.TB, mark int) (up ari.Up, at int) {
	t.Helper()
	_, at = e.Await(t, mark, "Up", func(m ari.Message) (ok bool) {
		up, ok = m.(ari.Up)
		return ok
	})
	return up, at
}

// AwaitDown waits for the link to go down.
func (e *Ear) AwaitDown(t testing.TB, mark int) (down ari.Down, at int) {
	t.Helper()
	_, at = e.Await(t, mark, "Down", func(m ari.Message) (ok bool) {
		down, ok = m.(ari.Down)
		return ok
	})
	return down, at
}

// tell makes messages readable.
func tell(messages []ari.Message) string {
	var b strings.Builder
	for _, m := range messages {
		switch m := m.(type) {
		case ari.Up:
			b.WriteString("\n  Up")
		case ari.Down:
			fmt.Fprintf(&b, "\n  Down %s %v", m.Reason, m.Err)
		case ari.Event:
			fmt.Fprintf(&b, "\n  %s", m.Event.GetType())
			for _, k := range m.Event.Keys() {
				fmt.Fprintf(&b, " %s=%s", k.Kind, k.ID)
			}
		}
	}
	if b.Len() == 0 {
		return "nothing"
	}
	return b.String()
}
