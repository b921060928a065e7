package softphone

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	// tick is how often a session looks at itself.
	tick = 250 * time.Millisecond
	// It reports (RTCP) after its first second, and then every five, as RFC 3550 (6.2) has it.
	firstReport, reportEvery = 4, 20
)

// session is one page's connection, from the answer to its end.
//
// Goroutines: listen (browser to leg), serve (leg to browser, reports), and a
// reader of RTCP each way; end closes all of them.
type session struct {
	x     *Exchange
	phone *phone
	id    string
	log   *slog.Logger
	offer offer
	pc    *webrtc.PeerConnection

	queue  chan *buffer  // packets of the leg
	look   chan struct{} // the tick: see Exchange.beat
	outlet outlet        // the track to the browser
	down   downlink      // serve's own, but for its report
	up     reception     // what came from the browser
	media  atomic.Int32  // a Media
	alive  atomic.Bool   // RTP within Limits.Silence
	heard  atomic.Int64  // nanoseconds since x.began of the newest RTP, 0 before the first
	done   chan struct{} // closed when the end begins

	mu    sync.Mutex // guards ended and the start of tasks
	ended bool
	tasks sync.WaitGroup
}

// answer makes a session for an offer. The caller makes it the phone's.
func (x *Exchange) answer(ctx context.Context, p *phone, o offer) (_ *session, _ string, err error) {
	x.mu.Lock()
	if !x.up {
		x.mu.Unlock()
		return nil, "", ErrStopped
	}
	x.sessions.Add(1)
	x.mu.Unlock()
	pc, err := x.gate.api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{x.gate.certificate}})
	if err != nil {
		x.sessions.Done()
		return nil, "", fmt.Errorf("make a PeerConnection: %w", err)
	}
	s := &session{
		x: x, phone: p, id: rand.Text(), offer: o, pc: pc,
		queue: make(chan *buffer, x.cfg.Limits.Queue),
		look:  make(chan struct{}, 1),
		done:  make(chan struct{}),
	}
	s.log = x.log.With("phone", p.key, "session", s.id)
	s.outlet.mime = mimeAudio(x.cfg.Format)
	s.media.Store(int32(Connecting))
	defer func() {
		if err != nil {
			s.end(endRefused)
		}
	}()
	sender, err := s.pc.AddTrack(&s.outlet)
	if err != nil {
		return nil, "", fmt.Errorf("add the track: %w", err)
	}
	s.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		s.task(func() { s.listen(track) })
		s.task(func() { s.readReports(receiver.ReadRTCP) })
	})
	// pion calls this from goroutines of their own, in no order: ask, don't believe.
	s.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { s.follow() })

	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.sdp(x.cfg.Format)}); err != nil {
		return nil, "", refuse("%w", err)
	}
	answer, err := s.pc.CreateAnswer(nil)
	if err != nil {
		return nil, "", fmt.Errorf("make an answer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(answer); err != nil {
		return nil, "", fmt.Errorf("take the answer: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return nil, "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	text := s.pc.LocalDescription().SDP
	if !strings.Contains(text, "a=candidate:") {
		return nil, "", errors.New("no address to offer to the browser: set listen to an address it can reach (loopback: true for 127.0.0.1)")
	}
	s.task(s.serve)
	s.task(func() { s.readReports(sender.ReadRTCP) })
	return s, text + "a=ptime:20\r\n", nil
}

// task runs f unless the session has ended.
func (s *session) task(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.tasks.Go(f)
	}
}

// follow brings media up to what the connection is now.
func (s *session) follow() {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	media, why := Connecting, endReason(0)
	switch state := s.pc.ConnectionState(); state {
	case webrtc.PeerConnectionStateConnected:
		media = Connected
	case webrtc.PeerConnectionStateDisconnected:
		media = Interrupted
	case webrtc.PeerConnectionStateFailed:
		why = endLost
	case webrtc.PeerConnectionStateClosed:
		why = endClosed
	case webrtc.PeerConnectionStateUnknown, webrtc.PeerConnectionStateNew, webrtc.PeerConnectionStateConnecting:
	}
	before := Media(s.media.Swap(int32(media)))
	s.mu.Unlock()
	if why != 0 {
		s.end(why)
		return
	}
	if media != before {
		s.log.Info("softphone media", "is", media, "was", before)
		s.changed()
	}
}

func (s *session) hasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// end hangs up, once, and returns at once; the Exchange waits for the rest.
func (s *session) end(why endReason) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.ended = true
	s.mu.Unlock()
	close(s.done)

	s.x.mu.Lock()
	s.phone.session.CompareAndSwap(s, nil)
	s.x.forget(s.phone)
	s.x.mu.Unlock()
	if why != endRefused {
		s.x.counts.end(why)
		s.log.Info("browser's session ended", "why", why, "packets", s.up.packets())
		s.changed()
	}
	go func() {
		defer s.x.sessions.Done()
		if err := s.pc.GracefulClose(); err != nil {
			s.log.Warn("a PeerConnection did not close cleanly", "error", err)
		}
		s.tasks.Wait()
	}()
}

func (s *session) changed() { s.x.notifier.mark(s.phone.key) }

// listen carries the microphone: browser to leg.
func (s *session) listen(track *webrtc.TrackRemote) {
	var k packet
	var keys keypad
	data := make([]byte, maxPacket)
	for {
		n, _, err := track.Read(data)
		if errors.Is(err, webrtc.ErrCodecNotFound) {
			s.x.counts.drop(dropFormat)
			continue
		}
		if err != nil {
			return // the session is closing; its state says why
		}
		if !k.parse(data[:n]) {
			s.x.counts.drop(dropMalformed)
			continue
		}
		now := s.x.clock()
		s.heard.Store(int64(now.Sub(s.x.began)))
		if !s.alive.Swap(true) {
			s.changed()
		}
		switch k.format {
		case s.offer.audio:
			power := s.x.powers.mean(k.payload)
			s.up.take(now, &k, power)
			s.pressed(keys.sound(k.stamp))
			k.format = s.x.codec.payload
			s.phone.speak(s, now, &k, power < quietPower)
		case s.offer.keys:
			s.up.take(now, &k, 0)
			s.pressed(keys.take(k.stamp, k.payload))
			if s.x.cfg.Pressed == nil {
				k.format = keyEvent
				s.phone.speak(s, now, &k, false)
			}
		default:
			s.x.counts.drop(dropFormat)
		}
	}
}

// serve carries the loudspeaker, leg to browser, and looks after the session.
func (s *session) serve() {
	for ticks := 1; ; {
		select {
		case b := <-s.queue:
			s.toBrowser(s.x.clock(), b)
			buffers.Put(b)
		case <-s.look:
			now := s.x.clock()
			s.up.measure()
			if silence := now.Sub(s.x.began) - time.Duration(s.heard.Load()); silence > s.x.cfg.Limits.Silence && s.alive.CompareAndSwap(true, false) {
				s.log.Info("no RTP from the browser", "for", silence.Round(time.Millisecond))
				s.changed()
			}
			if ticks++; ticks%reportEvery == firstReport && Media(s.media.Load()) == Connected {
				s.report(now)
			}
		case <-s.done:
			return
		}
	}
}

func (s *session) describe(status *Status) {
	status.Session = s.id
	status.Media = Media(s.media.Load())
	status.Alive = s.alive.Load()
	if heard := s.heard.Load(); heard != 0 {
		status.Heard = s.x.began.Add(time.Duration(heard))
	}
	s.up.describe(status)
	s.down.describe(status)
}

// outlet is the track to the browser. It writes headers of its own instead of
// pion's, and without a copy.
type outlet struct {
	mime  string
	bound atomic.Pointer[boundOutlet]
}

type boundOutlet struct {
	to      webrtc.TrackLocalWriter
	source  uint32
	payload uint8
}

var _ webrtc.TrackLocal = (*outlet)(nil)

func (o *outlet) Bind(t webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, c := range t.CodecParameters() {
		if strings.EqualFold(c.MimeType, o.mime) {
			o.bound.Store(&boundOutlet{to: t.WriteStream(), source: uint32(t.SSRC()), payload: uint8(c.PayloadType)})
			return c, nil
		}
	}
	return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
}

func (o *outlet) Unbind(webrtc.TrackLocalContext) error {
	o.bound.Store(nil)
	return nil
}

func (*outlet) ID() string                { return "telephone" }
func (*outlet) RID() string               { return "" }
func (*outlet) StreamID() string          { return "phone" }
func (*outlet) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

// write sends one packet to the browser under the session's own numbers.
func (s *session) write(now time.Time, k *packet) bool {
	o := s.outlet.bound.Load()
	if o == nil || Media(s.media.Load()) == Connecting {
		return false
	}
	seq, stamp, fresh := s.down.numbers.next(now, k.source, k.seq, k.stamp)
	s.down.header = rtp.Header{
		Version: 2, Marker: fresh || k.marker, PayloadType: o.payload,
		SequenceNumber: seq, Timestamp: stamp, SSRC: o.source,
	}
	if _, err := o.to.WriteRTP(&s.down.header, k.payload); err != nil {
		return false
	}
	s.down.sent(len(k.payload))
	return true
}
