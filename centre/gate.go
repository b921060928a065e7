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
// It knows, too, where the leg is, and which caller was let into its home last: two callers must never meet there.
//
// Two requests at the same time that add one channel are also more than Asterisk bears: 22.10.1 ended, with every call, after
// some 1500 rounds of such pairs, half of them with a removal beside it. So they pass here one at a time.
//
// Taking a leg out needs no gate: it names the bridge, and Asterisk refuses when the leg is in another. A late add that
// was not answered in time, and that Asterisk carried out all the same, is told by ChannelEnteredBridge: see legEntered.
type gate struct {
	turn chan struct{} // holds one token while nobody is in

	mu     sync.Mutex
	owner  string // the call
	leg    string // the leg that was put into a bridge last
	bridge string // and where it is, as far as we know
	guest  string // the call that may be in the leg's home; empty: none is
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

// alone waits for the turn whoever owns the leg. If it is nil, leave must be called.
func (g *gate) alone(ctx context.Context) error {
	select {
	case <-g.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() { g.turn <- struct{}{} }

// put notes where the leg is; empty: in no bridge.
func (g *gate) put(leg, bridge string) {
	g.mu.Lock()
	g.leg, g.bridge = leg, bridge
	g.mu.Unlock()
}

// holds tells whether the leg is known to be in that bridge.
func (g *gate) holds(leg, bridge string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.leg == leg && g.bridge == bridge
}

// inside is the call that may be in the leg's home; empty: nobody is.
func (g *gate) inside() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.guest
}

// admit notes that the call is let into the leg's home; empty: nobody is there.
func (g *gate) admit(call string) {
	g.mu.Lock()
	g.guest = call
	g.mu.Unlock()
}

// left notes that the call is not in the leg's home any more.
func (g *gate) left(call string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.guest == call {
		g.guest = ""
	}
}
