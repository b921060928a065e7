package centre

import (
	"context"
	"sync"
)

// waits are the channels we made and whose own StasisStart is awaited: before it they can be neither bridged nor
// recorded.
type waits struct {
	mu sync.Mutex
	on map[string]chan struct{}
}

// expect must be called before the channel is made.
func (w *waits) expect(channel string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on == nil {
		w.on = map[string]chan struct{}{}
	}
	ch := make(chan struct{})
	w.on[channel] = ch
	return ch
}

// started tells that the channel is in the application.
func (w *waits) started(channel string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch := w.on[channel]; ch != nil {
		close(ch)
		delete(w.on, channel)
	}
}

func (w *waits) forget(channel string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.on, channel)
}

// await blocks until the channel started or ctx ends.
func (w *waits) await(ctx context.Context, started <-chan struct{}) error {
	select {
	case <-started:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
