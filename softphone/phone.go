package softphone

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// phone is one person's telephone for a shift.
type phone struct {
	x       *Exchange
	key     string
	source  uint32        // SSRC of everything it sends to Asterisk
	turn    chan struct{} // held while an offer is answered
	holders int           // calls that use it just now; guarded by x.mu

	session atomic.Pointer[session] // the browser, or nil
	link    atomic.Pointer[link]    // the leg, or nil
	rests   atomic.Bool             // nobody is at the leg's other end, as far as we were told
	noise   atomic.Int64            // nanoseconds since x.began of the newest packet of the leg while it rests

	mu      sync.Mutex // guards what follows: the way out
	out     outward
	speaker *session // whose numbers out follows
	wire    []byte   // the packet being sent
}

// link is a leg of Asterisk.
type link struct {
	remote netip.AddrPort
	warned atomic.Bool // about a wrong format, once per leg
}

// setLink changes the leg; its numbering starts at the clock again.
func (p *phone) setLink(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.link.Store(l)
	p.out.source()
}

// echo is how long a phone that rests sends after its leg was heard: somebody is there, whatever we were told.
const echo = time.Second

// sleeps tells whether what the browser sends can stay here. A browser never stops sending, also when its microphone is
// closed, and each packet would wake Asterisk fifty times a second for an agent who waits.
func (p *phone) sleeps(now time.Time) bool {
	return p.rests.Load() && now.Sub(p.x.began)-time.Duration(p.noise.Load()) > echo
}

// stir notes that the leg is heard.
func (p *phone) stir() {
	if p.rests.Load() {
		p.noise.Store(int64(p.x.clock().Sub(p.x.began)))
	}
}

// speak sends one packet of the browser to the leg. quiet is audio that
// nobody would miss.
func (p *phone) speak(s *session, now time.Time, k *packet, quiet bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.link.Load()
	if l == nil || p.session.Load() != s {
		p.x.counts.drop(dropUnlinked)
		return
	}
	if p.sleeps(now) {
		p.speaker = nil // the numbering starts at the clock again
		return
	}
	if p.speaker != s {
		p.speaker = s
		p.out.source()
	}
	seq, stamp, v := p.out.next(now, k.seq, k.stamp, quiet)
	switch v {
	case late:
		p.x.counts.drop(dropLate)
		return
	case spared:
		p.x.counts.drop(dropSpared)
		return
	case flooded:
		p.x.counts.drop(dropFlood)
		return
	case restarted:
		k.marker = k.marker || k.format != keyEvent
	case relayed:
	}
	k.seq, k.stamp, k.source = seq, stamp, p.source
	p.wire = k.appendTo(p.wire[:0])
	if _, err := p.x.rtp.WriteToUDPAddrPort(p.wire, l.remote); err != nil {
		p.x.counts.drop(dropSend)
		return
	}
	p.x.counts.toAsterisk.Add(1)
}

func (p *phone) status() Status {
	status := Status{Key: p.key, State: State{Media: NoBrowser}, Level: floor}
	if l := p.link.Load(); l != nil {
		status.Link = l.remote
	}
	if s := p.session.Load(); s != nil {
		s.describe(&status)
	}
	return status
}
