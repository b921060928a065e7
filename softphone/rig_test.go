package softphone

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen; none waits for
// what must not.
const patience = 30 * time.Second

// newExchange starts an Exchange on free ports of 127.0.0.1.
func newExchange(t testing.TB, change ...func(*Config)) *Exchange {
	t.Helper()
	cfg := Config{
		Listen: "127.0.0.1:0", RTP: "127.0.0.1:0", Loopback: true,
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	x, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, x.Start(context.Background()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, x.Stop(ctx))
	})
	return x
}

// leg is Asterisk's side: a UDP socket like that of an externalMedia channel.
type leg struct {
	t    testing.TB
	conn *net.UDPConn
	to   netip.AddrPort
}

func newLeg(t testing.TB, x *Exchange) *leg {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &leg{t: t, conn: conn, to: x.Addr()}
}

func (l *leg) addr() netip.AddrPort { return l.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (l *leg) send(p rtp.Packet) {
	l.t.Helper()
	p.Version = 2
	b, err := p.Marshal()
	require.NoError(l.t, err)
	_, err = l.conn.WriteToUDPAddrPort(b, l.to)
	require.NoError(l.t, err)
}

// hear returns the next packet and who sent it.
func (l *leg) hear() (rtp.Packet, netip.AddrPort) {
	l.t.Helper()
	require.NoError(l.t, l.conn.SetReadDeadline(time.Now().Add(patience)))
	b := make([]byte, maxPacket)
	n, from, err := l.conn.ReadFromUDPAddrPort(b)
	require.NoError(l.t, err, "nothing came from the phone")
	var p rtp.Packet
	require.NoError(l.t, p.Unmarshal(b[:n]))
	return p, from
}

// hearUntil skips to the first packet that fits.
func (l *leg) hearUntil(fits func(rtp.Packet) bool) rtp.Packet {
	l.t.Helper()
	for {
		if p, _ := l.hear(); fits(p) {
			return p
		}
	}
}

// browser is a page: a pion client with a microphone and a keypad.
type browser struct {
	t         testing.TB
	pc        *webrtc.PeerConnection
	format    Format
	mic       outlet
	heard     chan *rtp.Packet
	connected chan struct{}
	session   string
	seq       uint16
	stamp     uint32
}

const keysOfBrowser = 126 // as Chromium numbers telephone-event/8000

type browserOptions struct {
	format Format
	tcp    bool
	media  *webrtc.MediaEngine
}

func newBrowser(t testing.TB, o browserOptions) *browser {
	t.Helper()
	if o.format == "" {
		o.format = ULaw
	}
	var settings webrtc.SettingEngine
	settings.LoggerFactory = pionLog{slog.New(slog.DiscardHandler)}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if o.tcp {
		settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}
	media := o.media
	capability := webrtc.RTPCodecCapability{MimeType: mimeAudio(o.format), ClockRate: 8000}
	if media == nil {
		media = &webrtc.MediaEngine{}
		require.NoError(t, media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: capability, PayloadType: webrtc.PayloadType(o.format.codec().payload)}, webrtc.RTPCodecTypeAudio))
		require.NoError(t, media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mimeKeys, ClockRate: 8000}, PayloadType: keysOfBrowser}, webrtc.RTPCodecTypeAudio))
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{})).NewPeerConnection(webrtc.Configuration{})
	require.NoError(t, err)
	b := &browser{t: t, pc: pc, format: o.format, heard: make(chan *rtp.Packet, 1024), connected: make(chan struct{}), seq: 60000, stamp: 1 << 31}
	b.mic.mime = mimeAudio(o.format)
	_, err = pc.AddTrack(&b.mic)
	require.NoError(t, err)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			b.heard <- p
		}
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(b.connected)
		}
	})
	t.Cleanup(b.close)
	return b
}

func (b *browser) close() { _ = b.pc.GracefulClose() }

// offer is what the page sends.
func (b *browser) offer() string {
	b.t.Helper()
	offer, err := b.pc.CreateOffer(nil)
	require.NoError(b.t, err)
	gathered := webrtc.GatheringCompletePromise(b.pc)
	require.NoError(b.t, b.pc.SetLocalDescription(offer))
	<-gathered
	return b.pc.LocalDescription().SDP
}

// attach makes the browser the phone's and waits until packets can flow.
func (b *browser) attach(x *Exchange, key string) {
	b.t.Helper()
	answer, session, err := x.Attach(context.Background(), key, b.offer())
	require.NoError(b.t, err)
	b.session = session
	require.NoError(b.t, b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	select {
	case <-b.connected:
	case <-time.After(patience):
		require.FailNow(b.t, "the browser did not connect")
	}
}

// speak sends one packet of audio.
func (b *browser) speak(audio []byte) {
	b.stamp += slotSamples
	b.send(b.format.codec().payload, audio)
}

// key sends one packet of a telephone-event.
func (b *browser) key(event ...byte) {
	b.send(keysOfBrowser, event)
}

// send fails quietly on a connection that is not up yet or was hung up, as a
// page's does: tests judge by what arrives.
func (b *browser) send(payload uint8, audio []byte) {
	b.seq++
	if to := b.mic.bound.Load(); to != nil {
		_, _ = to.to.WriteRTP(&rtp.Header{Version: 2, PayloadType: payload, SSRC: to.source, SequenceNumber: b.seq, Timestamp: b.stamp}, audio)
	}
}

// keepSpeaking sends the same packet at the pace of sound until the test ends
// or stop is called. Connections come up at their own pace: a test listens
// until it hears.
func (b *browser) keepSpeaking(audio []byte) (stop func()) {
	return keep(b.t, func() { b.speak(audio) })
}

// keep does something at the pace of sound until the test ends or stop is called.
func keep(t testing.TB, do func()) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(slotMillis * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				do()
			case <-ctx.Done():
				return
			}
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// hear returns the next packet that the page gets.
func (b *browser) hear() *rtp.Packet {
	b.t.Helper()
	select {
	case p := <-b.heard:
		return p
	case <-time.After(patience):
		require.FailNow(b.t, "the browser hears nothing")
		return nil
	}
}

// keepSending sends packets from the leg at the pace of sound until stopped.
func (l *leg) keepSending(p rtp.Packet) (stop func()) {
	return keep(l.t, func() {
		l.send(p)
		p.SequenceNumber++
		p.Timestamp += slotSamples
	})
}

func tone(value byte) []byte {
	audio := make([]byte, slotSamples)
	for i := range audio {
		audio[i] = value
	}
	return audio
}
