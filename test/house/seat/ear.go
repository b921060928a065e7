//go:build e2e

package seat

import (
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"hotline/test/tone"
)

// Ear keeps when an agent heard something, from one phone to the next.
type Ear struct {
	mu    sync.Mutex
	heard []time.Time // moments of audible packets
}

// Since is the first audible packet after a moment.
func (e *Ear) Since(t time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, at := range e.heard {
		if at.After(t) {
			return at, true
		}
	}
	return time.Time{}, false
}

// listen notes what is loud enough to be a voice.
func (e *Ear) listen(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		for _, b := range packet.Payload {
			if s := tone.ULawDecode(b); s > 1000 {
				e.hear(time.Now())
				break
			}
		}
	}
}

// hear notes a moment, and forgets what was more than half a minute ago when a minute has come together.
func (e *Ear) hear(at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.heard) > 50*60 {
		e.heard = append(e.heard[:0], e.heard[len(e.heard)-50*30:]...)
	}
	e.heard = append(e.heard, at)
}
