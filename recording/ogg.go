package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errOgg: not an Ogg stream (RFC 3533), or a torn one.
var errOgg = errors.New("not a whole Ogg stream")

// page is one Ogg page.
type page struct {
	flags   byte
	granule uint64
	serial  uint32
	seq     uint32
	lacing  []byte
	body    []byte
}

const (
	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
	noGranule    = ^uint64(0)
)

var oggTable = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}()

func oggSum(sum uint32, b []byte) uint32 {
	for _, c := range b {
		sum = sum<<8 ^ oggTable[byte(sum>>24)^c]
	}
	return sum
}

// readPage reads one page and checks its sum; io.EOF at the end of the file.
func readPage(r io.Reader) (page, error) {
	var head [27]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return page{}, io.EOF
		}
		return page{}, torn(err)
	}
	if string(head[:4]) != "OggS" || head[4] != 0 {
		return page{}, errOgg
	}
	p := page{flags: head[5], lacing: make([]byte, head[26])}
	p.granule = binary.LittleEndian.Uint64(head[6:])
	p.serial = binary.LittleEndian.Uint32(head[14:])
	p.seq = binary.LittleEndian.Uint32(head[18:])
	if _, err := io.ReadFull(r, p.lacing); err != nil {
		return page{}, torn(err)
	}
	size := 0
	for _, n := range p.lacing {
		size += int(n)
	}
	p.body = make([]byte, size)
	if _, err := io.ReadFull(r, p.body); err != nil {
		return page{}, torn(err)
	}
	want := binary.LittleEndian.Uint32(head[22:])
	clear(head[22:26])
	if oggSum(oggSum(oggSum(0, head[:]), p.lacing), p.body) != want {
		return page{}, fmt.Errorf("%w: page %d has a wrong sum", errOgg, p.seq)
	}
	return p, nil
}

func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends within a page", errOgg)
	}
	return err
}

// writePage writes one page with its sum.
func writePage(w io.Writer, p page) error {
	b := make([]byte, 27, 27+len(p.lacing)+len(p.body))
	copy(b, "OggS")
	b[5] = p.flags
	binary.LittleEndian.PutUint64(b[6:], p.granule)
	binary.LittleEndian.PutUint32(b[14:], p.serial)
	binary.LittleEndian.PutUint32(b[18:], p.seq)
	b[26] = byte(len(p.lacing))
	b = append(append(b, p.lacing...), p.body...)
	binary.LittleEndian.PutUint32(b[22:], oggSum(0, b))
	_, err := w.Write(b)
	return err
}

// add puts a packet on the page, if it has room for it.
func (p *page) add(packet []byte) bool {
	if len(p.lacing)+len(packet)/255+1 > 255 {
		return false
	}
	n := len(packet)
	for ; n >= 255; n -= 255 {
		p.lacing = append(p.lacing, 255)
	}
	p.lacing = append(p.lacing, byte(n))
	p.body = append(p.body, packet...)
	return true
}

// opusStream reads the packets of an Ogg Opus file (RFC 7845).
type opusStream struct {
	r       io.Reader
	head    []byte // the OpusHead packet
	tags    []byte
	part    []byte // of a packet that goes on on the next page
	packets [][]byte
	granule uint64 // of the page that was read last
	last    bool
}

func newOpusStream(r io.Reader) (*opusStream, error) {
	s := &opusStream{r: r}
	var err error
	if s.head, err = s.packet(); err == nil {
		s.tags, err = s.packet()
	}
	if errors.Is(err, io.EOF) {
		err = errOgg
	}
	if err != nil {
		return nil, err
	}
	if len(s.head) < 19 || string(s.head[:8]) != "OpusHead" || len(s.tags) < 8 || string(s.tags[:8]) != "OpusTags" {
		return nil, fmt.Errorf("%w: no Opus in it", errOgg)
	}
	return s, nil
}

func (s *opusStream) channels() int   { return int(s.head[9]) }
func (s *opusStream) preSkip() uint64 { return uint64(binary.LittleEndian.Uint16(s.head[10:])) }

// packet gives the next packet, io.EOF behind the last one. The stream must end as one that was finished does.
func (s *opusStream) packet() ([]byte, error) {
	for len(s.packets) == 0 {
		p, err := readPage(s.r)
		if errors.Is(err, io.EOF) && !s.last {
			return nil, fmt.Errorf("%w: its last page is missing", errOgg)
		}
		if err != nil {
			return nil, err
		}
		s.split(p)
	}
	b := s.packets[0]
	s.packets = s.packets[1:]
	return b, nil
}

func (s *opusStream) split(p page) {
	body := p.body
	for _, n := range p.lacing {
		s.part = append(s.part, body[:n]...)
		body = body[n:]
		if n < 255 {
			s.packets = append(s.packets, s.part)
			s.part = nil
		}
	}
	if p.granule != noGranule {
		s.granule = p.granule
	}
	s.last = s.last || p.flags&oggLast != 0
}

// packetSamples is how long an Opus packet sounds, in samples at 48 kHz (RFC 6716, section 3.1).
func packetSamples(b []byte) (uint64, error) {
	if len(b) == 0 {
		return 0, fmt.Errorf("%w: an empty packet", errOgg)
	}
	config := b[0] >> 3
	var frame uint64
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = []uint64{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		frame = []uint64{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = 120 << (config & 3)
	}
	switch b[0] & 3 {
	case 0:
		return frame, nil
	case 1, 2:
		return 2 * frame, nil
	}
	if len(b) < 2 {
		return 0, fmt.Errorf("%w: a packet without its count", errOgg)
	}
	return uint64(b[1]&63) * frame, nil
}
