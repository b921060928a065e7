package softphone

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const sampleRate = 8000

// reception measures what comes from the browser, as RFC 3550 appendix A.3 and
// A.8 say. The listener writes it, reports and Status read it.
type reception struct {
	mu sync.Mutex
	stream
}

// stream is what is known of one source.
type stream struct {
	source   uint32
	base     int64 // first extended sequence number
	highest  int64
	received uint64
	transit  int64 // arrival - timestamp of the packet before, in samples
	jitter   float64

	expectedBefore, receivedBefore int64 // at the last report
	fraction                       uint8 // lost since, of 256

	senderReport uint32 // middle 32 bits of the browser's last report's time
	reportedAt   time.Time

	power, samples uint64 // since the last measure; samples counts packets
	level          int
}

func (r *reception) take(now time.Time, k *packet, power uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.received == 0 || r.source != k.source {
		r.stream = stream{source: k.source, base: int64(k.seq), highest: int64(k.seq), level: floor}
	}
	step := int64(int16(k.seq - uint16(r.highest)))
	if step > 0 {
		r.highest += step
	}
	transit := now.UnixMicro()/125 - int64(k.stamp) // 125 µs per sample
	if r.received > 0 {
		d := int64(int32(transit - r.transit))
		r.jitter += (float64(max(d, -d)) - r.jitter) / 16
	}
	r.transit = transit
	r.received++
	r.power += power
	r.samples++
}

// measure closes a quarter second of the level meter.
func (r *reception) measure() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.level = floor
	if r.samples > 0 {
		r.level = dBov(r.power / r.samples)
	}
	r.power, r.samples = 0, 0
}

func (r *reception) packets() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.received
}

// lost since attach. The caller holds mu.
func (r *reception) lost() uint64 {
	if r.received == 0 {
		return 0
	}
	return uint64(max(0, r.highest-r.base+1-int64(r.received)))
}

// block is our report on the browser's stream; ok is false before its first packet.
func (r *reception) block(now time.Time) (_ rtcp.ReceptionReport, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.received == 0 {
		return rtcp.ReceptionReport{}, false
	}
	expected, received := r.highest-r.base+1, int64(r.received)
	newly, lost := expected-r.expectedBefore, expected-r.expectedBefore-(received-r.receivedBefore)
	r.expectedBefore, r.receivedBefore = expected, received
	r.fraction = 0
	if newly > 0 && lost > 0 {
		r.fraction = uint8(min(lost*256/newly, 255))
	}
	report := rtcp.ReceptionReport{
		SSRC: r.source, FractionLost: r.fraction, TotalLost: uint32(min(r.lost(), 1<<23-1)),
		LastSequenceNumber: uint32(r.highest), Jitter: uint32(r.jitter), LastSenderReport: r.senderReport,
	}
	if r.senderReport != 0 {
		report.Delay = uint32(now.Sub(r.reportedAt).Seconds() * 65536)
	}
	return report, true
}

func (r *reception) describe(status *Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	status.Level = floor
	if r.received > 0 {
		status.Level = r.level
	}
	status.Up = Quality{Packets: r.received, Lost: r.lost(), Loss: float64(r.fraction) / 256, Jitter: samples(r.jitter)}
}

// downlink is the stream to the browser. numbers and header are the server
// goroutine's own.
type downlink struct {
	numbers inward
	header  rtp.Header

	mu      sync.Mutex
	packets uint32
	octets  uint32
	heard   Quality // by the browser's reports
	rtt     time.Duration
}

func (d *downlink) sent(octets int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.packets++
	d.octets += uint32(octets)
}

func (d *downlink) describe(status *Status) {
	d.mu.Lock()
	defer d.mu.Unlock()
	status.Down = d.heard
	status.Down.Packets = uint64(d.packets)
	status.RTT = d.rtt
}

// report sends a sender report, or a receiver report while nothing was sent.
// A failed write means a closing connection, whose state is followed elsewhere.
func (s *session) report(now time.Time) {
	o := s.outlet.bound.Load()
	if o == nil {
		return
	}
	var blocks []rtcp.ReceptionReport
	if block, ok := s.up.block(now); ok {
		blocks = append(blocks, block)
	}
	s.down.mu.Lock()
	packets, octets := s.down.packets, s.down.octets
	s.down.mu.Unlock()
	var first rtcp.Packet = &rtcp.ReceiverReport{SSRC: o.source, Reports: blocks}
	if packets > 0 {
		n := &s.down.numbers
		first = &rtcp.SenderReport{
			SSRC: o.source, NTPTime: ntp(now),
			RTPTime:     n.stamp + n.shift + uint32(now.Sub(n.heard).Milliseconds()*sampleRate/1000),
			PacketCount: packets, OctetCount: octets, Reports: blocks,
		}
	}
	if err := s.pc.WriteRTCP([]rtcp.Packet{first, rtcp.NewCNAMESourceDescription(o.source, "softphone")}); err != nil {
		s.log.Debug("an RTCP report was not sent", "error", err)
	}
}

// readReports takes what the browser reports until the session closes.
func (s *session) readReports(read func() ([]rtcp.Packet, interceptor.Attributes, error)) {
	for {
		packets, _, err := read()
		if err != nil {
			return // closing, or not RTCP from an authenticated peer, which is closing too
		}
		now := s.x.clock()
		for _, packet := range packets {
			switch r := packet.(type) {
			case *rtcp.SenderReport:
				s.up.mu.Lock()
				s.up.senderReport, s.up.reportedAt = uint32(r.NTPTime>>16), now
				s.up.mu.Unlock()
				s.takeBlocks(now, r.Reports)
			case *rtcp.ReceiverReport:
				s.takeBlocks(now, r.Reports)
			}
		}
	}
}

// takeBlocks reads what the browser heard of our stream.
func (s *session) takeBlocks(now time.Time, blocks []rtcp.ReceptionReport) {
	o := s.outlet.bound.Load()
	if o == nil {
		return
	}
	for _, b := range blocks {
		if b.SSRC != o.source {
			continue
		}
		s.down.mu.Lock()
		s.down.heard = Quality{Lost: uint64(b.TotalLost), Loss: float64(b.FractionLost) / 256, Jitter: samples(float64(b.Jitter))}
		if b.LastSenderReport != 0 {
			// RFC 3550 §6.4.1, in units of 1/65536 s; a browser's clock may make it slightly negative.
			trip := int32(uint32(ntp(now)>>16) - b.LastSenderReport - b.Delay)
			s.down.rtt = time.Duration(max(trip, 0)) * time.Second / 65536
		}
		s.down.mu.Unlock()
	}
}

func samples(n float64) time.Duration {
	return time.Duration(n * float64(time.Second) / sampleRate)
}

// ntp is a time as RTCP writes it: seconds since 1900 and their fraction.
func ntp(t time.Time) uint64 {
	const since1900 = 2_208_988_800
	seconds := uint64(t.Unix() + since1900)
	return seconds<<32 | uint64(t.Nanosecond())<<32/1e9
}
