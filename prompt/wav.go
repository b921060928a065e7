package prompt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Rate is the telephone's: samples a second.
const Rate = 8000

// wavHeader is the length of the header that encodeWAV writes.
const wavHeader = 44

// longest bounds one sound.
const longest = 10 * time.Minute

// pcm is sound: samples from -1 to 1.
type pcm struct {
	rate    int
	samples []float64
}

func (p pcm) length() time.Duration {
	return time.Duration(len(p.samples)) * time.Second / time.Duration(p.rate)
}

// lengthOf is the length of a file of ours with so many bytes.
func lengthOf(bytes int64) time.Duration {
	return time.Duration(bytes-wavHeader) * time.Second / (2 * Rate)
}

var errNoWAV = errors.New("this is no .wav file")

// decodeWAV reads 16-bit PCM; of several channels it takes the mean. A length that the writer did not know (a pipe)
// means: to the end.
func decodeWAV(b []byte) (pcm, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return pcm{}, errNoWAV
	}
	var channels, rate int
	for rest := b[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:8]))
		body := rest[8:]
		if size > int64(len(body)) {
			size = int64(len(body))
		}
		switch id {
		case "fmt ":
			if size < 16 {
				return pcm{}, errNoWAV
			}
			format, bits := binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[14:])
			const plain, extensible = 1, 0xFFFE
			if (format != plain && format != extensible) || bits != 16 {
				return pcm{}, fmt.Errorf("this .wav has %d bits in format %d, not 16 in format 1", bits, format)
			}
			channels, rate = int(binary.LittleEndian.Uint16(body[2:])), int(binary.LittleEndian.Uint32(body[4:]))
			if channels < 1 || channels > 8 || rate < 4000 || rate > 192000 {
				return pcm{}, fmt.Errorf("this .wav has %d channels at %d Hz", channels, rate)
			}
		case "data":
			if rate == 0 {
				return pcm{}, errNoWAV
			}
			return mixed(body[:size], channels, rate)
		}
		if size++; size&^1 >= int64(len(body)) { // chunks are padded to even lengths
			break
		}
		rest = body[size&^1:]
	}
	return pcm{}, errNoWAV
}

func mixed(data []byte, channels, rate int) (pcm, error) {
	n := len(data) / 2 / channels
	if time.Duration(n)*time.Second/time.Duration(rate) > longest {
		return pcm{}, fmt.Errorf("longer than %s", longest)
	}
	p := pcm{rate: rate, samples: make([]float64, n)}
	for i := range p.samples {
		sum := 0
		for c := range channels {
			sum += int(int16(binary.LittleEndian.Uint16(data[2*(i*channels+c):])))
		}
		p.samples[i] = float64(sum) / float64(channels) / 32768
	}
	return p, nil
}

// encodeWAV writes 16-bit PCM, mono.
func (p pcm) encodeWAV() []byte {
	size := 2 * len(p.samples)
	b := make([]byte, 0, wavHeader+size)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(wavHeader-8+size))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*p.rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	for _, x := range p.samples {
		v := int16(math.Round(max(-1, min(1, x)) * 32767))
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}
