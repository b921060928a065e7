package tone

// G.711 by the ITU's definition: ALaw for payload type 8, ULaw for 0.

// ALawEncode gives the A-law byte of a 16-bit sample.
func ALawEncode(sample int16) byte {
	sign := byte(0x80)
	value := int(sample)
	if value < 0 {
		sign, value = 0, -value-1
	}
	value >>= 3             // 13 bits, sign included
	exponent, shift := 0, 1 // the lowest two segments have steps of the same size
	for v := value >> 5; v > 0; v >>= 1 {
		exponent++
		shift = exponent
	}
	return (sign | byte(exponent<<4|value>>shift&0x0f)) ^ 0x55
}

// ALawDecode gives the sample of an A-law byte.
func ALawDecode(b byte) int16 {
	b ^= 0x55
	value := int(b&0x0f)<<4 + 8
	if exponent := int(b>>4) & 7; exponent > 0 {
		value = (value + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		value = -value
	}
	return int16(value)
}

// ULawEncode gives the µ-law byte of a 16-bit sample.
func ULawEncode(sample int16) byte {
	const bias, clip = 0x84, 32635
	sign := byte(0)
	value := int(sample)
	if value < 0 {
		sign, value = 0x80, -value
	}
	value = min(value, clip) + bias
	exponent := 0
	for v := value >> 8; v > 0; v >>= 1 {
		exponent++
	}
	return ^(sign | byte(exponent<<4) | byte(value>>(exponent+3)&0x0f))
}

// ULawDecode gives the sample of a µ-law byte.
func ULawDecode(b byte) int16 {
	b = ^b
	value := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		value = -value
	}
	return int16(value)
}
