package softphone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// buffer is a packet on its way from the RTP socket to a session.
type buffer struct {
	n    int
	data [maxPacket]byte
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func getBuffer() *buffer { return buffers.Get().(*buffer) }

// fromAsterisk reads the RTP socket and hands each packet to the session of
// the phone that the sender's address names. It waits for nobody.
func (x *Exchange) fromAsterisk() {
	b := getBuffer()
	for {
		n, from, err := x.rtp.ReadFromUDPAddrPort(b.data[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // ICMP errors and the like belong to one packet
			x.counts.drop(dropReceive)
			continue
		}
		p := (*x.routes.Load())[unmapped(from)]
		if p == nil {
			x.counts.drop(dropStranger)
			continue
		}
		p.stir()
		s := p.session.Load()
		if s == nil {
			x.counts.drop(dropAbsent)
			continue
		}
		b.n = n
		b = s.enqueue(b)
	}
}

// enqueue gives b to the session's way down and returns a free buffer. When
// the queue is full the oldest packet makes room: what is late is worth least.
func (s *session) enqueue(b *buffer) *buffer {
	select {
	case s.queue <- b:
		return getBuffer()
	default:
	}
	s.x.counts.drop(dropStalled)
	var free *buffer
	select {
	case free = <-s.queue:
	default: // the session took one meanwhile
		free = getBuffer()
	}
	s.queue <- b // there is room: nobody else fills this queue
	return free
}

// toBrowser relays one packet of the leg.
func (s *session) toBrowser(now time.Time, b *buffer) {
	var k packet
	if !k.parse(b.data[:b.n]) {
		s.x.counts.drop(dropMalformed)
		return
	}
	if k.format != s.x.codec.payload {
		s.down.numbers.skip(k.source, k.seq)
		s.x.counts.drop(dropFormat)
		if l := s.phone.link.Load(); l != nil && k.format < 96 && k.format != 13 && l.warned.CompareAndSwap(false, true) {
			s.log.Warn("the leg speaks another format than the browsers: create it with the exchange's",
				"remote", l.remote, "payload_type", k.format, "format", s.x.cfg.Format)
		}
		return
	}
	if s.write(now, &k) {
		s.x.counts.toBrowser.Add(1)
	} else {
		s.x.counts.drop(dropSend)
	}
}

// listenUDP opens a socket with buffers for a burst of all phones.
func listenUDP(ctx context.Context, setting, address string) (*net.UDPConn, error) {
	var config net.ListenConfig
	conn, err := config.ListenPacket(ctx, "udp", address)
	if err != nil {
		return nil, fmt.Errorf("softphone.%s: %s cannot be opened (is another server running? else set a free port): %w", setting, address, err)
	}
	udp := conn.(*net.UDPConn)
	// The kernel caps these at rmem_max and wmem_max without an error.
	if err := errors.Join(udp.SetReadBuffer(socketBuffer), udp.SetWriteBuffer(socketBuffer)); err != nil {
		return nil, errors.Join(fmt.Errorf("softphone: set the buffers of %s %s: %w", setting, address, err), udp.Close())
	}
	return udp, nil
}

const socketBuffer = 4 << 20
