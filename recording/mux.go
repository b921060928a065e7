package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// muxOpus joins two mono Opus files of one length into a file with two channels that are coded apart.
//
// Opus' own stereo is made for music: at a voice's bit rate it codes both channels as one and their difference, and one
// party is heard in the other's channel (measured at 24 kbit/s: two tones come back mixed half and half). Two streams in
// one file (RFC 7845, section 5.1.1.2: mapping family 1, two streams, none coupled) keep them apart, so that what is in
// the left channel is what the caller said.
func muxOpus(w io.Writer, left, right io.Reader) error {
	l, err := newOpusStream(left)
	if err != nil {
		return fmt.Errorf("left: %w", err)
	}
	r, err := newOpusStream(right)
	if err != nil {
		return fmt.Errorf("right: %w", err)
	}
	if l.channels() != 1 || r.channels() != 1 || l.preSkip() != r.preSkip() {
		return fmt.Errorf("the two sides were coded in different ways: %d and %d channels, %d and %d samples to skip",
			l.channels(), r.channels(), l.preSkip(), r.preSkip())
	}
	head := append([]byte(nil), l.head[:18]...)
	head[9] = 2
	head = append(head, 1, 2, 0, 0, 1) // family, streams, coupled, left is stream 0, right is stream 1
	out := &oggWriter{w: w, serial: binary.LittleEndian.Uint32([]byte("hotl"))}
	if err := out.header(head, oggFirst); err != nil {
		return err
	}
	if err := out.header(l.tags, 0); err != nil {
		return err
	}
	for {
		a, errA := l.packet()
		b, errB := r.packet()
		if errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF) {
			return out.close(max(l.granule, r.granule))
		}
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		n, err := packetSamples(a)
		if err != nil {
			return err
		}
		if m, err := packetSamples(b); err != nil || m != n {
			return errors.Join(fmt.Errorf("a packet of %d samples beside one of %d", n, m), err)
		}
		both, err := selfDelimited(a)
		if err != nil {
			return err
		}
		if err := out.packet(append(both, b...), n); err != nil {
			return err
		}
	}
}

// selfDelimited writes a packet so that another can follow it (RFC 6716, appendix B): with the length of its last frame.
func selfDelimited(b []byte) ([]byte, error) {
	if b[0]&3 != 0 {
		return nil, fmt.Errorf("a packet with several frames (code %d), where the encoder makes one of 20 ms", b[0]&3)
	}
	n := len(b) - 1
	out := make([]byte, 0, 2*len(b)+4)
	out = append(out, b[0])
	if n < 252 {
		out = append(out, byte(n))
	} else {
		first := 252 + n&3
		out = append(out, byte(first), byte((n-first)/4))
	}
	return append(out, b[1:]...), nil
}

// oggWriter makes pages of a second.
type oggWriter struct {
	w       io.Writer
	serial  uint32
	seq     uint32
	page    page
	waiting bool // page has packets
	samples uint64
}

func (o *oggWriter) flush(flags byte, granule uint64) error {
	o.page.flags, o.page.granule, o.page.serial, o.page.seq = flags, granule, o.serial, o.seq
	err := writePage(o.w, o.page)
	o.seq++
	o.page, o.waiting = page{}, false
	return err
}

func (o *oggWriter) header(packet []byte, flags byte) error {
	if !o.page.add(packet) {
		return fmt.Errorf("a header of %d bytes does not fit on a page", len(packet))
	}
	return o.flush(flags, 0)
}

// packet adds a packet; the page before it is written when it is full, so that the last page is known as the last.
func (o *oggWriter) packet(b []byte, samples uint64) error {
	if o.waiting && (o.page.count() >= 50 || len(o.page.lacing)+len(b)/255+1 > 255) {
		if err := o.flush(0, o.samples); err != nil {
			return err
		}
	}
	if !o.page.add(b) {
		return fmt.Errorf("a packet of %d bytes does not fit on a page", len(b))
	}
	o.waiting = true
	o.samples += samples
	return nil
}

// close writes the last page; its granule cuts off what the encoder added to fill the last frame.
func (o *oggWriter) close(granule uint64) error {
	return o.flush(oggLast, min(granule, o.samples))
}

// count is how many packets end on the page.
func (p *page) count() int {
	n := 0
	for _, l := range p.lacing {
		if l < 255 {
			n++
		}
	}
	return n
}
