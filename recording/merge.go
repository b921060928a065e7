package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// merged reads one or two mono files as interleaved PCM, and looks at every sample on the way.
type merged struct {
	sides   []*wavReader // a nil side is silent
	format  Format
	block   [][]int16 // 20 ms per side
	out     []byte    // of the block, not yet read
	buf     []byte
	samples int64 // per channel
	peaks   []peaks
	loud    loudness
}

// newMerged joins the sides; a nil one is silent, but not all may be.
func newMerged(sides []*wavReader) (*merged, error) {
	m := &merged{sides: sides, format: Format{Channels: len(sides)}}
	for _, s := range sides {
		switch {
		case s == nil:
		case m.format.Rate == 0:
			m.format.Rate = s.rate
		case m.format.Rate != s.rate:
			return nil, fmt.Errorf("%w: one side has %d samples per second, the other %d", errSound, m.format.Rate, s.rate)
		}
	}
	if m.format.Rate == 0 {
		return nil, errSound
	}
	for range sides {
		m.block = append(m.block, make([]int16, m.format.Rate/50))
	}
	m.peaks = make([]peaks, len(sides))
	for i := range m.peaks {
		m.peaks[i].every = m.format.Rate / 100
	}
	m.loud.every = m.format.Rate / 100
	return m, nil
}

// Read implements io.Reader. The shorter side is filled up with silence.
func (m *merged) Read(p []byte) (int, error) {
	if len(m.out) == 0 {
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.out)
	m.out = m.out[n:]
	return n, nil
}

func (m *merged) next() error {
	longest := 0
	for i, s := range m.sides {
		n := 0
		for s != nil && n < len(m.block[i]) {
			k, err := s.read(m.block[i][n:])
			n += k
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		clear(m.block[i][n:])
		longest = max(longest, n)
	}
	if longest == 0 {
		return io.EOF
	}
	m.buf = m.buf[:0]
	for k := range longest {
		loudest := int16(0)
		for i := range m.sides {
			v := m.block[i][k]
			m.buf = binary.LittleEndian.AppendUint16(m.buf, uint16(v))
			m.peaks[i].add(v)
			if abs(v) > abs(loudest) {
				loudest = v
			}
		}
		m.loud.add(loudest)
	}
	m.samples += int64(longest)
	m.out = m.buf
	return nil
}

func (m *merged) duration() time.Duration {
	return time.Duration(m.samples) * time.Second / time.Duration(m.format.Rate)
}

func abs(v int16) int {
	if v < 0 {
		return -int(v)
	}
	return int(v)
}

// mostPeaks bounds the peaks of one channel, whatever the length: neighbours are joined when there are more.
const mostPeaks = 2048

// peaks keeps the loudest sample of each of many equal stretches.
type peaks struct {
	every int // samples in a stretch
	all   []uint16
	now   int
	seen  int
}

func (p *peaks) add(v int16) {
	p.now = max(p.now, abs(v))
	p.seen++
	if p.seen < p.every {
		return
	}
	p.all = append(p.all, uint16(p.now))
	p.now, p.seen = 0, 0
	if len(p.all) < mostPeaks {
		return
	}
	for i := range len(p.all) / 2 {
		p.all[i] = max(p.all[2*i], p.all[2*i+1])
	}
	p.all, p.every = p.all[:len(p.all)/2], 2*p.every
}

// bytes gives the peaks with 8 bits each.
func (p *peaks) bytes() []byte {
	all := p.all
	if p.seen > 0 {
		all = append(all[:len(all):len(all)], uint16(p.now))
	}
	b := make([]byte, len(all))
	for i, v := range all {
		b[i] = byte(min(int(v)>>7, 255))
		if v > 0 && b[i] == 0 {
			b[i] = 1 // something, not nothing
		}
	}
	return b
}

// loudness tells speech from silence: it adds up the 10 ms windows whose RMS is above −50 dBFS.
type loudness struct {
	every int
	sum   float64
	seen  int
	loud  time.Duration
}

// What counts as a message: so much sound above this level, all together. A key's tone or a click is less.
const (
	silenceLevel = -50 // dBFS, RMS of 10 ms
	leastSound   = 300 * time.Millisecond
)

var silencePower = math.Pow(10, silenceLevel/10.) * 32768 * 32768

func (l *loudness) add(v int16) {
	l.sum += float64(v) * float64(v)
	l.seen++
	if l.seen < l.every {
		return
	}
	if l.sum/float64(l.seen) > silencePower {
		l.loud += 10 * time.Millisecond
	}
	l.sum, l.seen = 0, 0
}

func (l *loudness) empty() bool { return l.loud <= leastSound }
