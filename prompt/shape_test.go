package prompt

import (
	"bytes"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sine is a second of a tone.
func sine(rate int, hz, level float64) pcm {
	p := pcm{rate: rate, samples: make([]float64, rate)}
	for i := range p.samples {
		p.samples[i] = level * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
	}
	return p
}

func rms(samples []float64) float64 {
	sum := 0.0
	for _, x := range samples {
		sum += x * x
	}
	return math.Sqrt(sum / float64(len(samples)))
}

func TestTelephoneBandIsKeptAndTheRestIsNotFoldedBack(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{16000, 22050, 44100, 48000} {
		for _, hz := range []float64{300, 1000, 2000, 3300} {
			out := sine(rate, hz, 0.5).resampled(Rate)
			if len(out.samples) != Rate {
				t.Fatalf("%d Hz: %d samples a second", rate, len(out.samples))
			}
			if db := 20 * math.Log10(rms(out.samples[500:7500])/(0.5/math.Sqrt2)); math.Abs(db) > 0.5 {
				t.Errorf("%d Hz: %g Hz comes out at %+.1f dB", rate, hz, db)
			}
		}
		for _, hz := range []float64{4100, 5000, 7000} {
			if hz > float64(rate)/2 {
				continue
			}
			out := sine(rate, hz, 0.5).resampled(Rate)
			if db := 20 * math.Log10(rms(out.samples[500:7500])/(0.5/math.Sqrt2)); db > -50 {
				t.Errorf("%d Hz: %g Hz is folded back at %.1f dB", rate, hz, db)
			}
		}
	}
}

func TestAnySoundComesOutAudibleAndUnclipped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]int{8000, 11025, 16000, 22050}).Draw(t, "rate")
		level := rapid.Float64Range(0.002, 1).Draw(t, "level")
		offset := rapid.Float64Range(-0.2, 0.2).Draw(t, "offset")
		p := sine(rate, rapid.Float64Range(200, 3000).Draw(t, "hz"), level)
		p.samples = p.samples[:rate/4]
		for i := range p.samples {
			p.samples[i] += offset
		}
		out, err := p.forTelephone()
		if err != nil {
			t.Fatal(err)
		}
		got := 20 * math.Log10(out.speechLevel())
		if got < -21.5 || got > -18.5 {
			t.Fatalf("at %.1f dB", got)
		}
		for _, x := range out.samples {
			if math.Abs(x) > ceiling {
				t.Fatalf("a peak of %.3f", x)
			}
		}
	})
}

func TestSilenceAtTheEndIsCut(t *testing.T) {
	t.Parallel()
	p := sine(Rate, 500, 0.3)
	p.samples = append(p.samples, make([]float64, 2*Rate)...)
	out, err := p.forTelephone()
	if err != nil {
		t.Fatal(err)
	}
	if l := out.length(); l < 1100*time.Millisecond || l > 1250*time.Millisecond {
		t.Fatal(l)
	}
}

func FuzzAnyBytesAreAWavOrAnError(f *testing.F) {
	good := sine(Rate, 500, 0.3).encodeWAV()
	f.Add(good)
	f.Add(good[:50])
	f.Add(bytes.Replace(good, []byte("data"), []byte("LIST"), 1))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodeWAV(b)
		if err == nil && (p.rate < 4000 || len(p.samples) > len(b)) {
			t.Fatalf("%d Hz, %d samples of %d bytes", p.rate, len(p.samples), len(b))
		}
	})
}
