package centre

import (
	"context"
	"sync"
)

// gate keeps the requests about one agent's leg in order across the lanes of several calls. The lane of the call that the
// agent is on adds the leg to its bridge, which takes it out of any other; so an older call's lane that adds it late
// would steal it. Therefore the loop says whose the leg is before it tells any lane, and a lane asks at the gate, one
// at a time, right before it sends.
//
// Taking a leg out needs no gate: it names the bridge, and Asterisk refuses when the leg is in another. A late add that
// was not answered in time, and that Asterisk carried out all the same, is told by ChannelEnteredBridge: see legEntered.
type gate struct {
	turn chan struct{} // holds one token while nobody is in

	mu    sync.Mutex
	owner string // the call
}

func newGate() *gate {
	g := &gate{turn: make(chan struct{}, 1)}
	g.turn <- struct{}{}
	return g
}

func (g *gate) give(call string) {
	g.mu.Lock()
	g.owner = call
	g.mu.Unlock()
}

// enter waits for the turn and tells whether the leg is still the call's. If it is, leave must be called.
func (g *gate) enter(ctx context.Context, call string) bool {
	select {
	case <-g.turn:
	case <-ctx.Done():
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.owner == call {
		return true
	}
	g.turn <- struct{}{}
	return false
}

func (g *gate) leave() { g.turn <- struct{}{} }
