// Package tone makes tones and tells which tones a piece of sound holds. Tests
// give every party of a call a pitch of its own; who hears whom, and on which
// side of a recording, is then a question of frequencies.
//
//	samples ── Level(440) ──▶ how loud 440 Hz is, in dB below the loudest sine
//	        └─ Spans(440, 1000) ──▶ 0.0-2.1 s 440 Hz · 2.1-3.0 s none · 3.0 s … 1000 Hz
//
// It listens by Goertzel's algorithm, one frequency at a time: see
// https://en.wikipedia.org/wiki/Goertzel_algorithm.
package tone

import (
	"math"
	"time"
)

// Audible is the level above which a tone counts as heard. The tones made here
// are at -9 dB; what leaks from another frequency stays below -40 dB.
const Audible = -30.0

// Loudness of the tones made here: a share of full scale, -9 dB.
const amplitude = 0.355

// Silence is the level of nothing at all.
const Silence = -120.0

// Sound is one channel of samples.
type Sound struct {
	Rate    int // samples per second
	Samples []int16
}

// Sine makes a tone. It starts and ends at zero crossings of no particular kind.
func Sine(rate int, hz float64, length time.Duration) Sound {
	samples := make([]int16, int(length.Seconds()*float64(rate)))
	for i := range samples {
		samples[i] = At(rate, hz, i)
	}
	return Sound{Rate: rate, Samples: samples}
}

// At is sample i of an endless tone; hz 0 is silence.
func At(rate int, hz float64, i int) int16 {
	return int16(amplitude * math.MaxInt16 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
}

// Duration is how long the sound is.
func (s Sound) Duration() time.Duration {
	return time.Duration(len(s.Samples)) * time.Second / time.Duration(s.Rate)
}

// Between cuts a piece out; ends beyond the sound are its ends.
func (s Sound) Between(from, to time.Duration) Sound {
	at := func(d time.Duration) int {
		return min(max(int(d.Seconds()*float64(s.Rate)), 0), len(s.Samples))
	}
	first, last := at(from), at(to)
	return Sound{Rate: s.Rate, Samples: s.Samples[first:max(first, last)]}
}

// Level is how loud one frequency is over the whole sound, in dB relative to a
// sine at full scale. Silence is -120 and less is not told apart.
func (s Sound) Level(hz float64) float64 {
	n := len(s.Samples)
	if n == 0 {
		return Silence
	}
	// A Hann window keeps a loud tone out of its neighbours' figures.
	coefficient := 2 * math.Cos(2*math.Pi*hz/float64(s.Rate))
	var s1, s2 float64
	for i, sample := range s.Samples {
		window := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
		s0 := window*float64(sample) + coefficient*s1 - s2
		s2, s1 = s1, s0
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	// The window halves the amplitude, and a sine's energy is in two bins.
	share := math.Sqrt(math.Max(power, 0)) / float64(n) * 4 / math.MaxInt16
	return math.Max(20*math.Log10(share+1e-12), Silence)
}

// Levels is Level for several frequencies.
func (s Sound) Levels(frequencies ...float64) map[float64]float64 {
	levels := make(map[float64]float64, len(frequencies))
	for _, hz := range frequencies {
		levels[hz] = s.Level(hz)
	}
	return levels
}

// Has tells whether a tone is audible over the whole sound. In a sound of which
// the tone fills one part in ten, its level is 20 dB lower: cut first.
func (s Sound) Has(hz float64) bool { return s.Level(hz) > Audible }

// Loudness is the root mean square of all samples in dB relative to a sine at
// full scale, whatever the pitch: what tells music from silence.
func (s Sound) Loudness() float64 {
	if len(s.Samples) == 0 {
		return Silence
	}
	var sum float64
	for _, sample := range s.Samples {
		sum += float64(sample) * float64(sample)
	}
	share := math.Sqrt(2*sum/float64(len(s.Samples))) / math.MaxInt16
	return math.Max(20*math.Log10(share+1e-12), Silence)
}

// Span is a stretch of sound in which one of the asked tones was the loudest
// audible one, or none was (Hz 0).
type Span struct {
	From, To time.Duration
	Hz       float64
}

// window is the length of sound judged at once: 100 ms part tones that are 40 Hz
// from each other.
const window = 100 * time.Millisecond

// Spans walks through the sound and says which of the tones was to be heard when.
func (s Sound) Spans(frequencies ...float64) []Span {
	var spans []Span
	for from := time.Duration(0); from+window <= s.Duration(); from += window {
		loudest, best := 0.0, Audible
		piece := s.Between(from, from+window)
		for _, hz := range frequencies {
			if level := piece.Level(hz); level > best {
				loudest, best = hz, level
			}
		}
		if last := len(spans) - 1; last >= 0 && spans[last].Hz == loudest {
			spans[last].To = from + window
			continue
		}
		spans = append(spans, Span{From: from, To: from + window, Hz: loudest})
	}
	return spans
}

// Order lists the tones of Spans in the order heard, without silences, dropping
// stretches shorter than shortest: "440 then 1000 then 1500".
func (s Sound) Order(shortest time.Duration, frequencies ...float64) []float64 {
	var order []float64
	for _, span := range s.Spans(frequencies...) {
		if span.Hz == 0 || span.To-span.From < shortest {
			continue
		}
		if len(order) == 0 || order[len(order)-1] != span.Hz {
			order = append(order, span.Hz)
		}
	}
	return order
}
