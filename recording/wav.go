package recording

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Format of PCM: 16-bit little-endian samples, interleaved.
type Format struct {
	Rate     int // samples per second and channel
	Channels int
}

func (f Format) bytesPerSecond() int { return f.Rate * f.Channels * 2 }

// errSound: what came is no sound that we can read.
var errSound = errors.New("not a WAV file with 16-bit PCM in one channel")

// wavReader reads the mono samples of a WAV file as Asterisk writes it.
type wavReader struct {
	r    *bufio.Reader
	rate int
	left int64 // bytes of samples still to come; -1: to the end of the file
}

// newWAVReader reads up to the samples. A recorder that was killed leaves a header without a length: then the samples
// go on to the end of the file.
func newWAVReader(r io.Reader) (*wavReader, error) {
	w := &wavReader{r: bufio.NewReaderSize(transfer{r}, 16<<10)}
	var head [12]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return nil, noSound(err)
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, errSound
	}
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(w.r, chunk[:]); err != nil {
			return nil, noSound(err)
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if err := w.format(size); err != nil {
				return nil, err
			}
		case "data":
			if w.rate == 0 {
				return nil, errSound
			}
			w.left = size
			if size == 0 || size >= 1<<32-64 {
				w.left = -1
			}
			return w, nil
		default:
			if _, err := io.CopyN(io.Discard, w.r, size+size&1); err != nil {
				return nil, noSound(err)
			}
		}
	}
}

func (w *wavReader) format(size int64) error {
	if size < 16 || size > 1024 {
		return errSound
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return noSound(err)
	}
	le := binary.LittleEndian
	if le.Uint16(b) != 1 || le.Uint16(b[2:]) != 1 || le.Uint16(b[14:]) != 16 {
		return fmt.Errorf("%w: format %d, %d channels, %d bits", errSound, le.Uint16(b), le.Uint16(b[2:]), le.Uint16(b[14:]))
	}
	w.rate = int(le.Uint32(b[4:]))
	if w.rate < 8000 || w.rate > 48000 {
		return fmt.Errorf("%w: %d samples per second", errSound, w.rate)
	}
	return nil
}

// transfer keeps a connection that broke (io.ErrUnexpectedEOF from net/http) apart from the end of the file: what is
// stored of half a transfer would be half a recording, and its source deleted.
type transfer struct{ r io.Reader }

func (t transfer) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = &transferError{err}
	}
	return n, err
}

// transferError hides its cause from errors.Is, for the same reason.
type transferError struct{ cause error }

func (e *transferError) Error() string { return "the transfer broke off: " + e.cause.Error() }

// noSound keeps a failed transfer apart from a file that ends too early.
func noSound(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends in its header", errSound)
	}
	return err
}

// read fills s with samples as far as there are any; io.EOF when there are none left.
func (w *wavReader) read(s []int16) (int, error) {
	b := make([]byte, 2*len(s))
	if w.left >= 0 && int64(len(b)) > w.left {
		b = b[:w.left&^1]
	}
	n, err := io.ReadFull(w.r, b)
	if w.left >= 0 {
		w.left -= int64(n)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	for i := range n / 2 {
		s[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	if n/2 == 0 && err == nil {
		err = io.EOF
	}
	return n / 2, err
}

const wavHead = 44

// putWAVHead makes the header of a WAV file with so many bytes of samples.
func putWAVHead(f Format, size int64) []byte {
	b := make([]byte, wavHead)
	le := binary.LittleEndian
	copy(b, "RIFF")
	le.PutUint32(b[4:], uint32(min(size+wavHead-8, 1<<32-1)))
	copy(b[8:], "WAVEfmt ")
	le.PutUint32(b[16:], 16)
	le.PutUint16(b[20:], 1)
	le.PutUint16(b[22:], uint16(f.Channels))
	le.PutUint32(b[24:], uint32(f.Rate))
	le.PutUint32(b[28:], uint32(f.bytesPerSecond()))
	le.PutUint16(b[32:], uint16(f.Channels*2))
	le.PutUint16(b[34:], 16)
	copy(b[36:], "data")
	le.PutUint32(b[40:], uint32(min(size, 1<<32-1)))
	return b
}
