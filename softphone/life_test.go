package softphone

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// heard collects what Changed and Pressed tell.
type heard struct {
	statuses chan Status
	presses  chan Press
}

func listening(c *Config) *heard {
	h := &heard{statuses: make(chan Status, 1000), presses: make(chan Press, 1000)}
	c.Changed = func(s Status) { h.statuses <- s }
	c.Pressed = func(p Press) { h.presses <- p }
	return h
}

// until reads statuses up to the first that fits and returns all of them.
func (h *heard) until(t *testing.T, fits func(Status) bool) []Status {
	t.Helper()
	var all []Status
	for {
		select {
		case s := <-h.statuses:
			if all = append(all, s); fits(s) {
				return all
			}
		case <-time.After(patience):
			require.FailNow(t, "the status never came", "%+v", all)
		}
	}
}

func TestAPhonesLifeIsToldInOrder(t *testing.T) {
	t.Parallel()
	var h *heard
	x := newExchange(t, func(c *Config) {
		h = listening(c)
		c.Limits.Silence = 300 * time.Millisecond
	})
	l := newLeg(t, x)
	require.NoError(t, x.Link("agent:li", l.addr()))
	linked := h.until(t, func(s Status) bool { return s.Link == l.addr() })
	require.Equal(t, NoBrowser, linked[len(linked)-1].Media)

	b := newBrowser(t, browserOptions{})
	b.attach(x, "agent:li")
	stop := b.keepSpeaking(tone(0x10))
	told := h.until(t, func(s Status) bool { return s.Media == Connected && s.Alive })
	for i, s := range told {
		require.Equal(t, "agent:li", s.Key)
		require.Equal(t, l.addr(), s.Link)
		if i > 0 {
			require.GreaterOrEqual(t, s.Media, told[i-1].Media, "it never goes back on the way up")
		}
	}
	require.Equal(t, b.session, told[len(told)-1].Session)

	stop() // a page that hangs
	quiet := h.until(t, func(s Status) bool { return !s.Alive })
	require.Equal(t, Connected, quiet[len(quiet)-1].Media)
	stop = b.keepSpeaking(tone(0x10))
	h.until(t, func(s Status) bool { return s.Alive })
	stop()
	b.close() // the tab is closed
	h.until(t, func(s Status) bool { return s.Media == NoBrowser && s.Session == "" && s.Link == l.addr() })
	x.Unlink("agent:li")
	h.until(t, func(s Status) bool { return !s.Link.IsValid() })
	require.Empty(t, x.Statuses())
}

func TestASlowListenerHoldsNoAudioUp(t *testing.T) {
	t.Parallel()
	stuck := make(chan struct{})
	x := newExchange(t, func(c *Config) { c.Changed = func(Status) { <-stuck } })
	t.Cleanup(func() { close(stuck) }) // before Stop, which waits for Changed
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")
	b.keepSpeaking(tone(1))
	l.hear()
	require.True(t, x.Status("agent:li").Alive)
}

func TestKeysAreToldWhenSomebodyListens(t *testing.T) {
	t.Parallel()
	var h *heard
	x := newExchange(t, func(c *Config) { h = listening(c) })
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("visitor:1", l.addr()))
	b.attach(x, "visitor:1")
	stop := b.keepSpeaking(tone(1))
	l.hear()
	stop()
	for _, event := range []byte{1, 2, 0, 11} {
		b.stamp += 10 * slotSamples
		b.key(event, 10, 0, 160)
		for range 3 {
			b.key(event, 0x8a, 2, 128)
		}
	}
	var keys strings.Builder
	for range 4 {
		select {
		case p := <-h.presses:
			require.Equal(t, Press{Phone: "visitor:1", Session: b.session, Digit: p.Digit, Held: 80 * time.Millisecond}, p)
			keys.WriteRune(p.Digit)
		case <-time.After(patience):
			require.FailNow(t, "a key is missing", keys.String())
		}
	}
	require.Equal(t, "120#", keys.String())
}

func TestBrowserWithoutUDPComesByTCP(t *testing.T) {
	t.Parallel()
	// UDP and TCP share a number; the kernel chose it for UDP only, so another
	// program may have it in TCP: the next one is as good.
	var x *Exchange
	for {
		probe, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		address := probe.Addr().String()
		require.NoError(t, probe.Close())
		x, err = New(Config{Listen: address, TCP: true, RTP: "127.0.0.1:0", Loopback: true})
		require.NoError(t, err)
		if x.Start(context.Background()) == nil {
			break
		}
	}
	t.Cleanup(func() { require.NoError(t, x.Stop(context.Background())) })
	l, b := newLeg(t, x), newBrowser(t, browserOptions{tcp: true})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")
	b.keepSpeaking(tone(3))
	p, _ := l.hear()
	require.Equal(t, tone(3), p.Payload)
	l.keepSending(rtp.Packet{Payload: tone(4)})
	require.Equal(t, tone(4), b.hear().Payload)
}

func TestOfferThatHidesItsSourceIsHeardToo(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	var lines []string
	for line := range strings.Lines(b.offer()) {
		if !strings.HasPrefix(line, "a=ssrc") {
			lines = append(lines, line)
		}
	}
	answer, _, err := x.Attach(t.Context(), "agent:li", strings.Join(lines, ""))
	require.NoError(t, err)
	require.NoError(t, b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	b.keepSpeaking(tone(5))
	p, _ := l.hear()
	require.Equal(t, tone(5), p.Payload)
}

func TestARefusedOfferLeavesTheSessionAlone(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")
	_, _, err := x.Attach(t.Context(), "agent:li", "nonsense")
	require.ErrorIs(t, err, ErrOffer)
	require.Equal(t, b.session, x.Status("agent:li").Session)
	b.keepSpeaking(tone(1))
	l.hear()
}

func TestAStalledBrowserLosesItsOldestPackets(t *testing.T) {
	t.Parallel()
	x, err := New(Config{Listen: "127.0.0.1:0", RTP: "127.0.0.1:0"})
	require.NoError(t, err)
	s := &session{x: x, queue: make(chan *buffer, 3)}
	for i := range 10 {
		b := getBuffer()
		b.n = i
		s.enqueue(b)
	}
	for want := 7; want < 10; want++ {
		require.Equal(t, want, (<-s.queue).n)
	}
	require.EqualValues(t, 7, x.counts.drops[dropStalled].Load())
}

func TestStopEndsSessionsAndMayBeRepeated(t *testing.T) {
	t.Parallel()
	var h *heard
	x := newExchange(t, func(c *Config) { h = listening(c) })
	b := newBrowser(t, browserOptions{})
	b.attach(x, "agent:li")
	require.NoError(t, x.Stop(t.Context()))
	require.NoError(t, x.Stop(t.Context()))
	last := h.until(t, func(s Status) bool { return s.Media == NoBrowser })
	require.Empty(t, last[len(last)-1].Session)
	_, _, err := x.Attach(t.Context(), "agent:li", chromium)
	require.ErrorIs(t, err, ErrStopped)
	require.ErrorIs(t, x.Link("agent:li", x.Addr()), ErrStopped)
	require.ErrorContains(t, x.Start(t.Context()), "only once")
}

func TestABusyPortIsNamedWithTheSetting(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	other, err := New(Config{Listen: "127.0.0.1:0", RTP: x.Addr().String()})
	require.NoError(t, err)
	err = other.Start(t.Context())
	require.ErrorContains(t, err, "softphone.rtp: "+x.Addr().String())
	require.NoError(t, other.Stop(t.Context()))
	listen, err := New(Config{Listen: x.Addr().String(), RTP: "127.0.0.1:0"})
	require.NoError(t, err)
	require.ErrorContains(t, listen.Start(t.Context()), "softphone.listen: "+x.Addr().String())
}

func TestWrongSettingsAreAllNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Listen: "0.0.0.0:0", RTP: "0.0.0.0:4000", PublicIPs: []string{"example.com"}, Format: "opus",
		TURN: TURN{URLs: []string{"http://x"}}, Limits: Limits{Phones: -1},
	})
	for _, part := range []string{"needs a port", "Asterisk can't send to", "no IP address", `"ulaw" or "alaw"`, "turn:", "negative"} {
		require.ErrorContains(t, err, part)
	}
}

func TestPublicAddressStandsInTheAnswer(t *testing.T) {
	t.Parallel()
	x := newExchange(t, func(c *Config) { c.PublicIPs = []string{"192.0.2.1"} })
	answer, id, err := x.Attach(t.Context(), "agent:li", chromium)
	require.NoError(t, err)
	require.Contains(t, answer, " 192.0.2.1 ")
	require.NotContains(t, answer, " 127.0.0.1 ")
	x.Detach("agent:li", id)
}

func TestEveryInterfaceIsOfferedWhenNoneIsNamed(t *testing.T) {
	t.Parallel()
	probe, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(probe.LocalAddr().String())
	require.NoError(t, err)
	require.NoError(t, probe.Close())
	x := newExchange(t, func(c *Config) { c.Listen = "0.0.0.0:" + port })
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")
	b.keepSpeaking(tone(1))
	l.hear()
}

func TestRelaysGetPasswordsThatExpire(t *testing.T) {
	t.Parallel()
	turn := TURN{URLs: []string{"turn:relay.example:3478"}, Secret: "north", Lifetime: time.Hour}
	servers := turn.servers("agent:li", time.Unix(1_800_000_000, 0))
	require.Equal(t, "1800003600:agent:li", servers[0].Username)
	require.Equal(t, "EC6UTntv04EwE+iNy4AB7qiLKAM=", servers[0].Credential)
	require.Empty(t, TURN{}.servers("agent:li", time.Now()))
}

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	x := newExchange(t, func(c *Config) { c.Registerer = registry })
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")
	b.keepSpeaking(tone(1))
	l.hear()
	_, _, err := x.Attach(t.Context(), "agent:li", "")
	require.ErrorIs(t, err, ErrOffer)

	value := func(name, label string) float64 {
		families, err := registry.Gather()
		require.NoError(t, err)
		for _, f := range families {
			for _, m := range f.Metric {
				if f.GetName() == name && (label == "" || m.Label[0].GetValue() == label) {
					return m.GetGauge().GetValue() + m.GetCounter().GetValue()
				}
			}
		}
		require.FailNow(t, "no metric", name)
		return 0
	}
	require.EqualValues(t, 1, value("hotline_softphone_phones", "connected"))
	require.EqualValues(t, 1, value("hotline_softphone_phones_alive", ""))
	require.EqualValues(t, 1, value("hotline_softphone_phones_linked", ""))
	require.EqualValues(t, 1, value("hotline_softphone_attaches_total", "attached"))
	require.EqualValues(t, 1, value("hotline_softphone_attaches_total", "refused"))
	require.Positive(t, value("hotline_softphone_packets_total", "asterisk"))
	x.Detach("agent:li", b.session)
	require.EqualValues(t, 1, value("hotline_softphone_sessions_ended_total", "detached"))
}

func TestTheServerAndTheBrowserReportToEachOther(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")
	b.keepSpeaking(tone(0x10))
	l.keepSending(rtp.Packet{Payload: tone(4)})
	b.hear()
	require.Eventually(t, func() bool {
		s := x.Status("agent:li")
		return s.Up.Packets > 20 && s.Level > -20 && s.Down.Packets > 20
	}, patience, 10*time.Millisecond)

	var ours *rtcp.SenderReport
	for ours == nil || len(ours.Reports) == 0 { // the first ones may be of a time when nothing had come yet
		packets, _, err := b.pc.GetReceivers()[0].ReadRTCP()
		require.NoError(t, err)
		ours, _ = packets[0].(*rtcp.SenderReport)
	}
	require.Len(t, ours.Reports, 1)
	require.Equal(t, b.mic.bound.Load().source, ours.Reports[0].SSRC)
	require.Zero(t, ours.Reports[0].TotalLost)

	require.NoError(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
		SSRC: ours.SSRC, FractionLost: 64, TotalLost: 5, Jitter: 80, LastSenderReport: uint32(ours.NTPTime >> 16),
	}}}}))
	require.Eventually(t, func() bool {
		s := x.Status("agent:li")
		return s.Down.Loss == 0.25 && s.Down.Lost == 5 && s.Down.Jitter == 10*time.Millisecond && s.RTT > 0
	}, patience, 10*time.Millisecond)
}

func TestLossAndJitterAreMeasuredAsTheStandardSays(t *testing.T) {
	t.Parallel()
	var r reception
	_, ok := r.block(noon)
	require.False(t, ok)
	take := func(i int, late time.Duration) {
		k := packet{source: 9, seq: uint16(65530 + i), stamp: uint32(i * slotSamples)}
		r.take(noon.Add(time.Duration(i)*slotMillis*time.Millisecond+late), &k, 100)
	}
	for i := range 100 {
		if i%4 != 3 {
			take(i, 0)
		}
	}
	block, ok := r.block(noon)
	require.True(t, ok)
	require.EqualValues(t, 9, block.SSRC)
	require.EqualValues(t, 24, block.TotalLost, "the last one may still come")
	require.EqualValues(t, 24*256/99, block.FractionLost)
	require.EqualValues(t, 65530+98, block.LastSequenceNumber)
	require.Zero(t, block.Jitter)

	for i := 100; i < 200; i++ { // every other one 10 ms late
		take(i, time.Duration(i%2)*10*time.Millisecond)
	}
	block, _ = r.block(noon)
	require.EqualValues(t, 25, block.TotalLost)
	require.EqualValues(t, 256/101, block.FractionLost)
	require.InDelta(t, 80, block.Jitter, 4)
	k := packet{source: 10, seq: 1}
	r.take(noon, &k, 0)
	require.Zero(t, r.lost(), "a new source begins at nothing")
}

// A browser never stops sending; Asterisk is spared what nobody is there to hear.
func TestAPhoneThatRestsSendsItsLegNothingUntilSomebodyIsThere(t *testing.T) {
	t.Parallel()
	const key = "agent:li"
	x := newExchange(t)
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link(key, l.addr()))
	b.attach(x, key)
	b.keepSpeaking(tone(1))
	before, _ := l.hear()

	heard := func(more uint64) {
		t.Helper()
		from := x.Status(key).Up.Packets
		require.Eventually(t, func() bool { return x.Status(key).Up.Packets >= from+more }, patience, time.Millisecond)
	}
	rests := func() (sent uint64) {
		t.Helper()
		x.Rest(key, true)
		heard(2) // the one before was dealt with as one that rests
		sent = x.counts.toAsterisk.Load()
		heard(20)
		require.Equal(t, sent, x.counts.toAsterisk.Load())
		require.True(t, x.Status(key).Alive)
		return sent
	}
	sends := func(after uint64) {
		t.Helper()
		require.Eventually(t, func() bool { return x.counts.toAsterisk.Load() > after }, patience, time.Millisecond)
	}
	sent := rests()
	x.Rest(key, false)
	sends(sent)
	for n := uint64(1); n < sent; n++ {
		before, _ = l.hear()
	}
	after, _ := l.hear()
	slots := int64(int16(after.SequenceNumber - before.SequenceNumber))
	require.Greater(t, slots, int64(15), "its numbers went on with the clock")
	require.EqualValues(t, slots*slotSamples, int32(after.Timestamp-before.Timestamp))

	sent = rests()
	l.send(rtp.Packet{Payload: tone(2)}) // somebody is there, whatever we were told
	sends(sent)

	x.Rest("agent:nobody", true) // says nothing of anybody
	require.Equal(t, NoBrowser, x.Status("agent:nobody").Media)
}
