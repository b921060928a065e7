package softphone

import "time"

// Sequences (16 bits) and timestamps (32 bits) wrap around: differences are
// cast to int16 and int32, so that the nearer way round counts.

const (
	slotMillis  = 20  // G.711 is sent in packets of 20 ms
	slotSamples = 160 // of 8 kHz
	farSlots    = 50  // 1 s: beyond it a stream is renumbered, not followed
	window      = 100 // packets over which drift is judged: 2 s
	slack       = 2   // slots that a stream may run beside the clock
)

// outward numbers what a phone sends to Asterisk.
//
// The sequence of every phone is the clock: unix milliseconds / 20, mod 65536.
// An Asterisk that transcodes falls silent when the sequence of what a caller
// hears steps back, which is what happens when a call moves from one agent to
// another; with every phone on one clock it steps forward or hardly at all,
// and a restarted server goes on where the old one stopped. So the source's
// own steps are kept (a lost packet stays visible as a gap) but the whole is
// held beside the clock: a browser whose sound card runs slow skips a number
// now and then, one that runs fast loses a packet, a quiet one if there is one.
//
// It never repeats a number and never goes back; late packets are dropped.
// At most one packet per 20 ms gets through in the long run, whatever a
// browser sends.
type outward struct {
	anchored bool
	sent     int64  // last number given, not yet cut to 16 bits
	seq      uint16 // the source's sequence at that number
	shift    uint32 // source's timestamp + shift = ours
	stamp    uint32 // last timestamp given
	seen     int    // packets in this window
	behind   int64  // least distance behind the clock in this window
	surplus  bool   // ahead of the clock: give up a packet
}

// verdict on one packet of the source.
type verdict int

const (
	relayed   verdict = iota + 1
	restarted         // relayed, and the first of a renumbered stream
	late              // its turn is over: repeated or overtaken
	spared            // given up to stay beside the clock
	flooded           // the browser sends faster than sound
)

// source says that a new sender begins: its numbers have nothing to do with
// those of the one before.
func (o *outward) source() { o.anchored = false }

// next gives a packet of the source its number and timestamp. quiet marks
// audio that nobody would miss.
func (o *outward) next(now time.Time, seq uint16, stamp uint32, quiet bool) (uint16, uint32, verdict) {
	clock := now.UnixMilli() / slotMillis
	step := int64(int16(seq - o.seq))
	n := o.sent + step
	if !o.anchored || clock-n > farSlots || n-clock > farSlots {
		return o.anchor(clock, seq, stamp)
	}
	if step <= 0 {
		return 0, 0, late
	}
	if o.surplus && (quiet || n-clock > farSlots/2) {
		o.surplus = false
		o.seq = seq
		if ahead := int32(stamp + o.shift - stampOf(n)); ahead >= 0 {
			o.shift -= slotSamples
		}
		o.sent = n - 1
		return 0, 0, spared
	}
	if gap := o.drift(clock - n); gap > 0 {
		n += gap
		if lag := int64(int32(stampOf(n) - stamp - o.shift)); lag > 0 {
			o.shift += uint32(min(gap, lag/slotSamples) * slotSamples)
		}
	}
	o.sent, o.seq, o.stamp = n, seq, stamp+o.shift
	return uint16(n), o.stamp, relayed
}

// anchor starts numbering at the clock, or right after the last number if the
// source has run ahead of it.
func (o *outward) anchor(clock int64, seq uint16, stamp uint32) (uint16, uint32, verdict) {
	n := max(clock, o.sent+1)
	if n-clock > farSlots {
		return 0, 0, flooded
	}
	ours := stampOf(n)
	if o.sent != 0 && int32(ours-o.stamp) <= 0 {
		ours = o.stamp + slotSamples
	}
	*o = outward{anchored: true, sent: n, seq: seq, shift: ours - stamp, stamp: ours, behind: farSlots}
	return uint16(n), ours, restarted
}

// drift judges the least delayed packet of each window: jitter delays packets,
// only a wrong clock moves the best of a hundred. It returns how many numbers
// to skip.
func (o *outward) drift(behind int64) int64 {
	o.behind = min(o.behind, behind)
	if o.seen++; o.seen < window {
		return 0
	}
	best := o.behind
	o.seen, o.behind = 0, farSlots
	o.surplus = best < -slack
	if best > slack {
		return best
	}
	return 0
}

func stampOf(slot int64) uint32 { return uint32(slot * slotSamples) }

// inward numbers what a browser hears, so that it is one stream from attach to
// detach however often the leg, its source or its numbering changes.
// Reordered packets keep their places: the browser's jitter buffer sorts them.
type inward struct {
	anchored bool
	source   uint32
	seq      uint16 // the source's newest sequence
	stamp    uint32 // and its timestamp
	ours     uint16 // what the browser got for it
	shift    uint32
	heard    time.Time
}

// next gives a packet its number and timestamp; fresh marks the first after a
// change of source, which carries the RTP marker.
func (i *inward) next(now time.Time, source uint32, seq uint16, stamp uint32) (ours uint16, at uint32, fresh bool) {
	step := int16(seq - i.seq)
	if !i.anchored || source != i.source || step > window || step < -window || i.torn(now, stamp) {
		if i.anchored {
			// What the silence lasted, at least one packet.
			pause := max(now.Sub(i.heard).Milliseconds()/slotMillis, 1)
			at = i.stamp + i.shift + uint32(pause)*slotSamples
		} else {
			at = stampOf(now.UnixMilli() / slotMillis)
		}
		*i = inward{anchored: true, source: source, seq: seq, stamp: stamp, ours: i.ours + 1, shift: at - stamp, heard: now}
		return i.ours, at, true
	}
	if step <= 0 {
		return i.ours + uint16(step), stamp + i.shift, false
	}
	i.seq, i.stamp, i.heard = seq, stamp, now
	i.ours += uint16(step)
	return i.ours, stamp + i.shift, false
}

// skip passes over a packet that is not for the browser, so that it does not
// count as lost.
func (i *inward) skip(source uint32, seq uint16) {
	if step := int16(seq - i.seq); i.anchored && source == i.source && step > 0 && step <= window {
		i.seq = seq
		i.ours += uint16(step) - 1
	}
}

// torn says that the timestamp jumped by more than 5 s against the wall: the
// same source began to count anew.
func (i *inward) torn(now time.Time, stamp uint32) bool {
	const limit = 5 * 8000
	off := int64(int32(stamp-i.stamp)) - now.Sub(i.heard).Milliseconds()*8
	return off > limit || off < -limit
}
