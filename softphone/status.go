package softphone

import (
	"net/netip"
	"sync"
	"time"
)

// Media is how far the connection to a phone's browser has come.
type Media int

const (
	NoBrowser   Media = iota + 1 // nobody is attached
	Connecting                   // answered; ICE and DTLS are under way
	Connected                    // packets can flow
	Interrupted                  // nothing came for seconds; it may come back by itself
)

func (m Media) String() string {
	switch m {
	case NoBrowser:
		return "no browser"
	case Connecting:
		return "connecting"
	case Connected:
		return "connected"
	case Interrupted:
		return "interrupted"
	default:
		return "unknown"
	}
}

// State is the part of a Status whose changes are told.
type State struct {
	Session string // of the browser attached now; "" without one
	Media   Media
	// Alive: RTP came from the browser within Limits.Silence. An offer should
	// go only to an agent whose phone is alive.
	Alive bool
	// Link is the leg's address; the zero AddrPort while there is none.
	Link netip.AddrPort
}

// Status is a phone as it is now.
type Status struct {
	Key string
	State
	Heard time.Time     // when the last packet came from the browser
	Level int           // of the microphone, dBov: 0 full scale, -90 silence; over the last quarter second
	Up    Quality       // browser to us, as we measure it
	Down  Quality       // us to browser, as the browser reports it (every few seconds)
	RTT   time.Duration // us and back; 0 until the browser reported
}

// Quality of one direction.
type Quality struct {
	Packets uint64        // since attach
	Lost    uint64        // since attach
	Loss    float64       // share lost in the last report interval, 0 to 1
	Jitter  time.Duration // RFC 3550 §6.4.1
}

// notifier tells Changed about phones whose state changed, and Pressed about
// keys. Tellers only mark a key; the one goroutine looks the status up when it
// gets there, so what it tells is never older than the mark, memory is bounded
// by the number of phones, and nobody waits for Changed. Presses wait in a
// queue of their own, which has a limit.
type notifier struct {
	look        func(key string) Status
	tell        func(Status)
	tellPressed func(Press)

	mu      sync.Mutex
	queue   []string
	queued  map[string]bool
	presses []Press
	wake    chan struct{}

	told map[string]State // the goroutine's own
}

func newNotifier(look func(string) Status, changed func(Status), pressed func(Press)) *notifier {
	return &notifier{
		look: look, tell: changed, tellPressed: pressed,
		queued: map[string]bool{}, wake: make(chan struct{}, 1),
		told: map[string]State{},
	}
}

// mark says that this phone may have changed.
func (n *notifier) mark(key string) {
	n.mu.Lock()
	if !n.queued[key] {
		n.queued[key] = true
		n.queue = append(n.queue, key)
	}
	n.mu.Unlock()
	n.rouse()
}

// press queues a key; false says that the queue is full.
func (n *notifier) press(p Press) bool {
	n.mu.Lock()
	room := len(n.presses) < pressesWaiting
	if room {
		n.presses = append(n.presses, p)
	}
	n.mu.Unlock()
	n.rouse()
	return room
}

func (n *notifier) rouse() {
	select {
	case n.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (n *notifier) take() ([]string, []Press) {
	n.mu.Lock()
	defer n.mu.Unlock()
	keys, presses := n.queue, n.presses
	n.queue, n.presses = nil, nil
	clear(n.queued)
	return keys, presses
}

// run tells until stop is closed; what was marked before that is still told.
func (n *notifier) run(stop <-chan struct{}) {
	for {
		n.tellAll()
		select {
		case <-n.wake:
		case <-stop:
			n.tellAll()
			return
		}
	}
}

func (n *notifier) tellAll() {
	keys, presses := n.take()
	for _, key := range keys {
		n.tellIfChanged(key)
	}
	for _, p := range presses {
		n.tellPressed(p)
	}
}

func (n *notifier) tellIfChanged(key string) {
	status := n.look(key)
	gone := status.State == State{Media: NoBrowser}
	before, known := n.told[key]
	if status.State == before || (gone && !known) {
		return
	}
	if gone {
		delete(n.told, key)
	} else {
		n.told[key] = status.State
	}
	if n.tell != nil {
		n.tell(status)
	}
}
