package softphone

import "math"

// floor is the level of digital silence, in dBov.
const floor = -90

// quietPower is the mean power (of 16-bit samples) under which a packet is
// background: about -50 dBov.
const quietPower = 10_000

// powers holds, for each G.711 byte, the square of the sample it stands for.
type powers [256]uint32

var powersOf = map[Format]*powers{ULaw: ulawPowers(), ALaw: alawPowers()}

// mean is the mean power of a packet's samples.
func (t *powers) mean(audio []byte) uint64 {
	if len(audio) == 0 {
		return 0
	}
	var sum uint64
	for _, b := range audio {
		sum += uint64(t[b])
	}
	return sum / uint64(len(audio))
}

// dBov is a mean power against full scale: 0 at most, floor in silence.
func dBov(power uint64) int {
	if power == 0 {
		return floor
	}
	return max(floor, int(math.Round(10*math.Log10(float64(power)/(1<<30)))))
}

// ulawPowers follows ITU-T G.711, table 2: inverted bits, bias 33 (here 132).
func ulawPowers() *powers {
	var t powers
	for i := range t {
		b := ^uint8(i)
		sample := (int32(b&0x0f)<<3+132)<<(b>>4&7) - 132
		t[i] = uint32(sample * sample)
	}
	return &t
}

// alawPowers follows ITU-T G.711, table 1: even bits inverted.
func alawPowers() *powers {
	var t powers
	for i := range t {
		b := uint8(i) ^ 0x55
		sample := int32(b&0x0f)<<4 + 8
		if exponent := b >> 4 & 7; exponent > 0 {
			sample = (sample + 256) << (exponent - 1)
		}
		t[i] = uint32(sample * sample)
	}
	return &t
}
