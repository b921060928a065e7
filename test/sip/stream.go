package sip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"

	"hotline/test/tone"
)

// Codec is what a party offers. Exactly one is offered, beside telephone-event.
type Codec struct {
	name     string
	payload  uint8
	clock    string
	encode   func(int16) byte
	decodeTo func(byte) int16
}

// The codecs of the telephone network, and one that hotline's trunks refuse.
var (
	PCMA = Codec{name: "PCMA", payload: 8, clock: "8000", encode: tone.ALawEncode, decodeTo: tone.ALawDecode}
	PCMU = Codec{name: "PCMU", payload: 0, clock: "8000", encode: tone.ULawEncode, decodeTo: tone.ULawDecode}
	Opus = Codec{name: "opus", payload: 96, clock: "48000/2"}
)

func (c Codec) payloads() string { return fmt.Sprintf("%d 101", c.payload) }
func (c Codec) rtpmap() string   { return fmt.Sprintf("%d %s/%s", c.payload, c.name, c.clock) }

const (
	rate           = 8000
	frame          = 20 * time.Millisecond
	frameSamples   = rate / 50
	telephoneEvent = 101
	keyLength      = 120 * time.Millisecond
	keyPause       = 100 * time.Millisecond
	keys           = "0123456789*#ABCD" // RFC 4733, section 3.2
)

// heard is one packet of audio as it arrived.
type heard struct {
	at      time.Time
	samples []int16
}

// stream is the mouth and the ear of a party: RTP on a socket of its own.
type stream struct {
	conn  *net.UDPConn
	codec Codec
	first uint16 // sequence number of each talk's first packet; 0: any
	done  chan struct{}
	wg    sync.WaitGroup

	mu      sync.Mutex
	hz      float64
	mute    bool // send nothing at all: a dead line
	deaf    bool // keep nothing
	pressed []byte
	heard   []heard
	talking chan struct{} // closed by hush; nil while silent
}

func newStream(codec Codec, hz float64, deaf bool) (*stream, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback})
	if err != nil {
		return nil, fmt.Errorf("a port for a caller's RTP: %w", err)
	}
	s := &stream{conn: conn, codec: codec, hz: hz, deaf: deaf, done: make(chan struct{})}
	s.wg.Go(s.listen)
	return s, nil
}

func (s *stream) port() int { return s.conn.LocalAddr().(*net.UDPAddr).Port }

// talk begins to send to a port of 127.0.0.1, and hush ends it.
func (s *stream) talk(port int) {
	s.hush()
	s.mu.Lock()
	defer s.mu.Unlock()
	talking := make(chan struct{})
	s.talking = talking
	s.wg.Go(func() { s.speak(&net.UDPAddr{IP: loopback, Port: port}, talking) })
}

func (s *stream) hush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.talking != nil {
		close(s.talking)
		s.talking = nil
	}
}

// close ends the sound and waits for both goroutines. What was heard stays.
func (s *stream) close() {
	select {
	case <-s.done:
	default:
		s.hush()
		close(s.done)
		// listen ends by the closed socket; the error could only say it is closed.
		_ = s.conn.Close()
	}
	s.wg.Wait()
}

// speak sends a packet each 20 ms by the clock: a late wake-up is made up for,
// so that on average the speed is right. Audio gives way to a key's event.
func (s *stream) speak(to *net.UDPAddr, talking <-chan struct{}) {
	packet := rtp.Packet{Header: rtp.Header{Version: 2, SSRC: rand.Uint32(), SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), Marker: true}}
	if s.first != 0 {
		packet.SequenceNumber = s.first - 1 // send counts up first
	}
	first := packet.Timestamp
	began := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var press *keyPress
	for n := 1; ; n++ {
		select {
		case <-talking:
			return
		case <-timer.C:
		}
		hz, mute, key := s.next(press == nil)
		if key != 0 {
			press = &keyPress{event: byte(strings.IndexByte(keys, key)), began: packet.Timestamp}
		}
		switch {
		case press != nil:
			if press.send(s.conn, to, &packet.Header) {
				press = nil
			}
		case !mute:
			packet.PayloadType = s.codec.payload
			packet.Payload = make([]byte, frameSamples)
			for i := range packet.Payload {
				packet.Payload[i] = s.codec.encode(tone.At(rate, hz, int(packet.Timestamp-first)+i))
			}
			send(s.conn, to, &packet)
			packet.Marker = false
		}
		packet.Timestamp += frameSamples
		timer.Reset(time.Until(began.Add(time.Duration(n) * frame)))
	}
}

// next gives what to send now, and the next key if one may start.
func (s *stream) next(free bool) (hz float64, mute bool, key byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if free && len(s.pressed) > 0 {
		key, s.pressed = s.pressed[0], s.pressed[1:]
	}
	return s.hz, s.mute, key
}

// keyPress is one event of RFC 4733 on its way: a packet each 20 ms under one
// timestamp while the duration grows, the end three times, then a pause.
type keyPress struct {
	event byte
	began uint32
	age   time.Duration
}

// send sends what is due at this tick and tells whether the key is over.
func (k *keyPress) send(conn *net.UDPConn, to *net.UDPAddr, audio *rtp.Header) bool {
	k.age += frame
	if k.age > keyLength {
		return k.age >= keyLength+keyPause
	}
	last := k.age == keyLength
	end, times := byte(0), 1
	if last {
		end, times = 0x80, 3
	}
	duration := uint16(k.age.Milliseconds() * rate / 1000)
	for range times {
		p := rtp.Packet{Header: *audio, Payload: []byte{k.event, end | 10, byte(duration >> 8), byte(duration)}}
		p.PayloadType, p.Timestamp, p.Marker = telephoneEvent, k.began, k.age == frame
		send(conn, to, &p)
		audio.SequenceNumber = p.SequenceNumber
	}
	return false
}

// send numbers the packet and sends it. A refused packet is one nobody wanted:
// the far end may close before us.
func send(conn *net.UDPConn, to *net.UDPAddr, p *rtp.Packet) {
	p.SequenceNumber++
	raw, err := p.Marshal()
	if err != nil {
		panic(fmt.Sprintf("RTP packet of our own making: %v", err))
	}
	_, _ = conn.WriteToUDP(raw, to)
}

func (s *stream) listen() {
	buf := make([]byte, 1500)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			select {
			case <-s.done:
				return
			default:
				continue // an ICMP refusal of something we sent
			}
		}
		now := time.Now()
		var p rtp.Packet
		if p.Unmarshal(buf[:n]) != nil || p.PayloadType != s.codec.payload || s.codec.decodeTo == nil {
			continue
		}
		samples := make([]int16, len(p.Payload))
		for i, b := range p.Payload {
			samples[i] = s.codec.decodeTo(b)
		}
		s.mu.Lock()
		if !s.deaf {
			s.heard = append(s.heard, heard{at: now, samples: samples})
		}
		s.mu.Unlock()
	}
}

// between is what arrived from one moment to another, in its place: a gap is
// silence, and packets that follow each other closely are joined without a seam.
func (s *stream) between(from, to time.Time) tone.Sound {
	s.mu.Lock()
	packets := s.heard
	s.mu.Unlock()
	first, _ := slices.BinarySearchFunc(packets, from, func(h heard, t time.Time) int { return h.at.Compare(t) })
	sound := tone.Sound{Rate: rate, Samples: make([]int16, max(0, int(to.Sub(from).Seconds()*rate)))}
	next := 0
	for _, h := range packets[first:] {
		if h.at.After(to) {
			break
		}
		at := int(h.at.Sub(from).Seconds() * rate)
		if jitter := at - next; jitter > -3*frameSamples && jitter < 3*frameSamples {
			at = next
		}
		if at < len(sound.Samples) {
			copy(sound.Samples[at:], h.samples)
		}
		next = at + len(h.samples)
	}
	return sound
}

// earshot is the piece of sound that hearUntil judges, and blink its parts;
// who has not heard it after the patience never will.
const (
	earshot = 300 * time.Millisecond
	blink   = 100 * time.Millisecond

	patience = 3 * time.Minute
)

// all tells whether every part of the sound is so.
func all(sound tone.Sound, so func(tone.Sound) bool) bool {
	for from := time.Duration(0); from+blink <= sound.Duration(); from += blink {
		if !so(sound.Between(from, from+blink)) {
			return false
		}
	}
	return true
}

// hearUntil returns when all that was heard in the last 300 ms is so; that the
// call ended or the time ran out is the complaint: the context's, or patience.
func (s *stream) hearUntil(ctx context.Context, ended <-chan struct{}, complaint string, so func(tone.Sound) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		now := time.Now()
		last := s.between(now.Add(-earshot), now)
		if now.Sub(began) >= earshot && all(last, so) {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("%s: the call ended", complaint)
		case <-ctx.Done():
			return fmt.Errorf("%s; loudness at last %.0f dB: %w", complaint, last.Loudness(), context.Cause(ctx))
		case <-tick.C:
		}
	}
}

func (s *stream) press(digits string) error {
	for _, digit := range digits {
		if !strings.ContainsRune(keys, digit) {
			return fmt.Errorf("%q is no key of a telephone", digit)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pressed = append(s.pressed, digits...)
	return nil
}

// String is the codec's name in SDP.
func (c Codec) String() string { return c.name }
