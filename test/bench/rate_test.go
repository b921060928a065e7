//go:build e2e

package bench

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// perCall is what a call costs: from its INVITE until nothing of it is left and the archive has it.
type perCall struct {
	bill
	requests, events float64 // of ARI
}

// costOfACall measures one round of one side.
func (h *rig) costOfACall(s side, rate float64, lasting, talk time.Duration) perCall {
	h.t.Helper()
	home := s.staff(talk, nil)
	defer home()
	h.settle()
	n := int(rate * lasting.Seconds())
	first, before := h.metrics(), h.bill()
	count := h.load(sip.Load{To: s.line, Rate: rate, Calls: n, Patience: 20 * time.Second})
	h.settle()
	cost := h.bill().since(before).over(n)
	require.Equal(h.t, n, count.Served, "%s at %v calls/s: %+v", s.name, rate, count)
	last := h.metrics()
	grown := func(family string) float64 { return (last.Sum(family) - first.Sum(family)) / float64(n) }
	return perCall{cost, grown("hotline_ari_requests_total"), grown("hotline_ari_events_total")}
}

// compareCosts tells both sides' costs in rounds that alternate.
func (h *rig) compareCosts(a, b side, rates []float64, rounds int, lasting, talk time.Duration) string {
	h.t.Helper()
	var w strings.Builder
	fmt.Fprintf(&w, "| calls/s | app_queue: Asterisk | hotline: Asterisk + server | ratio of medians (of each pair of rounds) | PostgreSQL | ARI requests, events |\n|---|---|---|---|---|---|\n")
	for _, rate := range rates {
		var theirs, ours []perCall
		for range rounds {
			theirs = append(theirs, h.costOfACall(a, rate, lasting, talk))
			ours = append(ours, h.costOfACall(b, rate, lasting, talk))
		}
		ratios := make([]string, rounds)
		for i := range rounds {
			ratios[i] = fmt.Sprintf("%.2f", float64(ours[i].both())/float64(theirs[i].asterisk))
		}
		their := median(each(theirs, func(p perCall) time.Duration { return p.asterisk }))
		both := median(each(ours, perCall.total))
		last := ours[rounds-1]
		fmt.Fprintf(&w, "| %v | %s | %s + %s = %s | **%.2f** (%s) | %s | %.1f, %.1f |\n", rate, ms(their),
			ms(median(each(ours, func(p perCall) time.Duration { return p.asterisk }))), ms(median(each(ours, func(p perCall) time.Duration { return p.server }))), ms(both),
			float64(both)/float64(their), strings.Join(ratios, ", "), ms(median(each(ours, func(p perCall) time.Duration { return p.postgres }))), last.requests, last.events)
	}
	return w.String()
}

func (p perCall) total() time.Duration { return p.both() }

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }
