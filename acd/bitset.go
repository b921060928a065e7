package acd

import (
	"iter"
	"math/bits"
)

// bitset is a set of small numbers.
type bitset []uint64

func (b *bitset) add(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bitset) remove(i int) {
	if i/64 < len(b) {
		b[i/64] &^= 1 << (i % 64)
	}
}

func (b bitset) has(i int) bool { return i/64 < len(b) && b[i/64]&(1<<(i%64)) != 0 }

// common yields what is in both sets, the least first.
func (b bitset) common(o bitset) iter.Seq[int] {
	return func(yield func(int) bool) {
		for w := range min(len(b), len(o)) {
			for word := b[w] & o[w]; word != 0; word &= word - 1 {
				if !yield(w*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
