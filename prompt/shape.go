package prompt

import (
	"errors"
	"math"
)

// recipe names what forTelephone does: a change of it makes every sound anew.
const recipe = "2"

const (
	// target is the level of the speech itself (pauses left out): -20 dB below full scale, as telephone networks like it.
	target = 0.1
	// knee is where peaks begin to be rounded off, and ceiling what they never reach.
	knee, ceiling = 0.5, 0.9
	// faintest is the level below which there is nothing to make louder.
	faintest = 0.0005
	// passband and stopband of the telephone, Hz.
	passband, stopband = 3400.0, 4000.0
	// tail is how much silence may stand at the end, seconds.
	tail = 0.15
)

var errSilent = errors.New("the sound is silent")

// forTelephone makes any sound one that a telephone can carry: 8 kHz, its band, speech at -20 dB, nothing clipped.
func (p pcm) forTelephone() (pcm, error) {
	p.withoutDC()
	out := p.resampled(Rate)
	level := out.speechLevel()
	if level < faintest {
		return pcm{}, errSilent
	}
	gain := target / level
	for i, x := range out.samples {
		out.samples[i] = soften(x * gain)
	}
	out.trimTail()
	return out, nil
}

// soften rounds peaks off above the knee, so that nothing is ever clipped.
func soften(x float64) float64 {
	if a := math.Abs(x); a > knee {
		return math.Copysign(knee+(ceiling-knee)*math.Tanh((a-knee)/(ceiling-knee)), x)
	}
	return x
}

// speechLevel is the RMS of the 20 ms frames that are not pauses: within 30 dB of the loudest one.
func (p pcm) speechLevel() float64 {
	frame := max(1, p.rate/50)
	var powers []float64
	loudest := 0.0
	for i := 0; i < len(p.samples); i += frame {
		part := p.samples[i:min(i+frame, len(p.samples))]
		sum := 0.0
		for _, x := range part {
			sum += x * x
		}
		power := sum / float64(len(part))
		powers = append(powers, power)
		loudest = max(loudest, power)
	}
	sum, n := 0.0, 0
	for _, power := range powers {
		if power > loudest/1000 {
			sum += power
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(sum / float64(n))
}

// withoutDC takes out what lies below about 60 Hz: offsets, hum, rumble.
func (p pcm) withoutDC() {
	keep := 1 - 2*math.Pi*60/float64(p.rate)
	if len(p.samples) == 0 {
		return
	}
	lastIn, lastOut := p.samples[0], 0.0 // an offset must not begin with a thump
	for i, x := range p.samples {
		lastOut = keep*lastOut + x - lastIn
		lastIn = x
		p.samples[i] = lastOut
	}
}

// trimTail cuts the silence at the end, which engines add and callers wait for.
func (p *pcm) trimTail() {
	const quiet = 0.003
	last := len(p.samples) - 1
	for last >= 0 && math.Abs(p.samples[last]) < quiet {
		last--
	}
	end := last + 1 + int(tail*float64(p.rate))
	if end < len(p.samples) {
		p.samples = p.samples[:end]
	}
}

// resampled changes the rate by a polyphase low-pass: one windowed sinc, of which each output sample uses the phase
// that falls on it. At 8 kHz it passes what a telephone carries and stops the rest before it could fold back.
func (p pcm) resampled(rate int) pcm {
	if p.rate == rate {
		return p
	}
	g := gcd(p.rate, rate)
	up, down := rate/g, p.rate/g
	cut := (passband + stopband) / 2 * min(1, float64(min(rate, p.rate))/Rate)
	width := (stopband - passband) * min(1, float64(min(rate, p.rate))/Rate)
	// Kaiser's estimate for 60 dB: half the filter's length, in samples of the input.
	const attenuation, beta = 60.0, 5.65
	half := int(math.Ceil((attenuation - 8) / (2.285 * 2 * math.Pi * width / float64(p.rate)) / 2))
	taps := phases(up, half, 2*cut/float64(p.rate), beta)

	out := pcm{rate: rate, samples: make([]float64, (len(p.samples)*up+down-1)/down)}
	for n := range out.samples {
		at := n * down
		centre, phase := at/up, at%up
		sum := 0.0
		for k, h := range taps[phase] {
			if i := centre + k - half + 1; i >= 0 && i < len(p.samples) {
				sum += h * p.samples[i]
			}
		}
		out.samples[n] = sum
	}
	return out
}

// phases are the taps for each position between two input samples, each summing to 1.
func phases(up, half int, cutoff, beta float64) [][]float64 {
	all := make([][]float64, up)
	for phase := range all {
		taps := make([]float64, 2*half)
		sum := 0.0
		for k := range taps {
			x := float64(k-half+1) - float64(phase)/float64(up)
			taps[k] = sinc(cutoff*x) * kaiser(x/float64(half), beta)
			sum += taps[k]
		}
		for k := range taps {
			taps[k] /= sum
		}
		all[phase] = taps
	}
	return all
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func kaiser(x, beta float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel(beta*math.Sqrt(1-x*x)) / bessel(beta)
}

// bessel is the modified Bessel function of order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
