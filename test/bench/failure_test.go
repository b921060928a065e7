//go:build e2e

package bench

import (
	"fmt"
	"strings"
	"time"

	"hotline/test/sip"
)

// patience is how long a caller waits for an agent when there are agents enough: who has not been served then has been
// failed.
const patience = 5 * time.Second

// untilFailure raises the rate until a call fails, and gives the last rate at which none did.
func (h *rig) untilFailure(s side, from, step, most float64, lasting, talk time.Duration) (best float64, first sip.LoadCount) {
	h.t.Helper()
	home := s.staff(talk, nil)
	defer home()
	for rate := from; rate <= most; rate += step {
		n := int(rate * lasting.Seconds())
		c := h.load(sip.Load{To: s.line, Rate: rate, Calls: n, Patience: patience + talk})
		h.hangUp()
		h.settle()
		if c.Served < n {
			return best, c
		}
		best = rate
	}
	return best, first
}

// compareFailure tells how many calls a second each side takes on this machine, which carries callers and agents, too.
func (h *rig) compareFailure(a, b side, rounds int, from, step, most float64, lasting, talk time.Duration) string {
	h.t.Helper()
	var w strings.Builder
	fmt.Fprintf(&w, "| | calls/s without a failure (each round) | the first failure |\n|---|---|---|\n")
	best := map[string][]float64{}
	last := map[string]string{}
	for range rounds {
		for _, s := range []side{a, b} {
			rate, c := h.untilFailure(s, from, step, most, lasting, talk)
			best[s.name] = append(best[s.name], rate)
			last[s.name] = "none up to the most that was tried"
			if c != (sip.LoadCount{}) {
				last[s.name] = fmt.Sprintf("%d not served in %s, %d refused (%d), %d without an answer", c.Left, patience, c.Refused, c.Status, c.Failed)
			}
		}
	}
	for _, s := range []side{a, b} {
		fmt.Fprintf(&w, "| %s | **%v** %v | %s |\n", s.name, median(best[s.name]), best[s.name], last[s.name])
	}
	return w.String()
}
