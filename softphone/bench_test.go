package softphone

import (
	"encoding/binary"
	"net"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

// The relay's cost is CPU per packet of this process minus that of the peers,
// which the bare loop has as well: compare cpu-ns/packet of
//
//	go test -bench Relay -run '^$' ./softphone
//
// LegToBrowser: leg → RTP socket → queue → SRTP → ICE socket → (the browser:
// receive, decrypt). BrowserToLeg the other way round. BareUDP: one goroutine
// that receives and sends, the least that any relay costs.

const inFlight = 16 // fewer than a session's queue

func BenchmarkRelayLegToBrowser(b *testing.B) {
	x := newExchange(b)
	l, page := newLeg(b, x), newBrowser(b, browserOptions{})
	require.NoError(b, x.Link("agent:li", l.addr()))
	page.attach(x, "agent:li")
	wire, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 9}, Payload: tone(1)}).Marshal()
	require.NoError(b, err)
	var seq uint16
	send := func() {
		seq++
		binary.BigEndian.PutUint16(wire[2:], seq)
		binary.BigEndian.PutUint32(wire[4:], uint32(seq)*slotSamples)
		_, err := l.conn.WriteToUDPAddrPort(wire, l.to)
		require.NoError(b, err)
	}
	for len(page.heard) == 0 { // until the way is open
		send()
		time.Sleep(slotMillis * time.Millisecond)
	}
	for len(page.heard) > 0 {
		<-page.heard
	}
	pump(b, send, func() { page.hear() })
}

func BenchmarkRelayBrowserToLeg(b *testing.B) {
	x := newExchange(b)
	// A clock of 20 ms a packet, or the benchmark would be held to the pace of sound.
	var ticks atomic.Int64
	x.clock = func() time.Time { return x.began.Add(time.Duration(ticks.Add(1)) * slotMillis * time.Millisecond) }
	l, page := newLeg(b, x), newBrowser(b, browserOptions{})
	require.NoError(b, x.Link("agent:li", l.addr()))
	page.attach(x, "agent:li")
	audio, heard := tone(1), make([]byte, maxPacket)
	stop := page.keepSpeaking(audio) // until the way is open
	l.hear()
	stop()
	for l.conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)) == nil {
		if _, err := l.conn.Read(heard); err != nil {
			break
		}
	}
	require.NoError(b, l.conn.SetReadDeadline(time.Time{}))
	pump(b, func() { page.speak(audio) }, func() {
		_, _, err := l.conn.ReadFromUDPAddrPort(heard)
		require.NoError(b, err)
	})
}

func BenchmarkRelayBareUDP(b *testing.B) {
	relay, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(b, err)
	peer, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(b, err)
	to, back := relay.LocalAddr().(*net.UDPAddr).AddrPort(), peer.LocalAddr().(*net.UDPAddr).AddrPort()
	done := make(chan struct{})
	go func() {
		defer close(done)
		data := make([]byte, maxPacket)
		for {
			n, _, err := relay.ReadFromUDPAddrPort(data)
			if err != nil {
				return
			}
			if _, err := relay.WriteToUDPAddrPort(data[:n], back); err != nil {
				return
			}
		}
	}()
	wire, heard := make([]byte, rtpHeader+slotSamples), make([]byte, maxPacket)
	pump(b, func() {
		_, err := peer.WriteToUDPAddrPort(wire, to)
		require.NoError(b, err)
	}, func() {
		_, _, err := peer.ReadFromUDPAddrPort(heard)
		require.NoError(b, err)
	})
	require.NoError(b, relay.Close())
	require.NoError(b, peer.Close())
	<-done
}

// pump keeps some packets on their way, and reports CPU beside time.
func pump(b *testing.B, send, receive func()) {
	b.Helper()
	b.ReportAllocs()
	before := cpu(b)
	b.ResetTimer()
	for i := range b.N {
		send()
		if i >= inFlight {
			receive()
		}
	}
	for range min(inFlight, b.N) {
		receive()
	}
	b.StopTimer()
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/packet")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// What our own code costs a packet, without sockets and ciphers.
func BenchmarkOwnWorkToLeg(b *testing.B) {
	x := newExchange(b)
	var o outward
	var k packet
	wire := (&packet{source: 1, payload: tone(0x45)}).appendTo(nil)
	out := make([]byte, 0, maxPacket)
	now := noon
	b.ReportAllocs()
	for i := range b.N {
		binary.BigEndian.PutUint16(wire[2:], uint16(i))
		binary.BigEndian.PutUint32(wire[4:], uint32(i)*slotSamples)
		now = now.Add(slotMillis * time.Millisecond)
		if !k.parse(wire) {
			b.Fatal("not parsed")
		}
		power := x.powers.mean(k.payload)
		k.seq, k.stamp, _ = o.next(now, k.seq, k.stamp, power < quietPower)
		out = k.appendTo(out[:0])
	}
	runtime.KeepAlive(out)
}
