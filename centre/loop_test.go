package centre

import (
	"fmt"
	"testing"

	"hotline/fact"
	"hotline/floor"
)

// Seen with 2,000 calls at once: the input behind each full turn was taken out of the inbox and forgotten.
func TestNoInputIsLostHoweverManyComeAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	release := make(chan struct{})
	r.c.send(item{do: func() { <-release }})
	const many = 3*mostAtOnce + 7
	for i := range many {
		r.c.Submit(floor.Arrived{Channel: fmt.Sprintf("c%dx", i), Node: "a", Line: "1", Via: "sip"})
	}
	close(release)
	arrived := func() (n int) {
		for _, f := range r.seen() {
			if _, ok := f.(fact.CallArrived); ok {
				n++
			}
		}
		return n
	}
	r.wait("all to arrive", func() bool { return arrived() == many })
}
