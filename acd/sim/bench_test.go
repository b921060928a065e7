package sim

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// BenchmarkMillionCalls is a day of 1,000,000 calls, 5,000 agents and 50 queues whose needs relax: one run.
func BenchmarkMillionCalls(b *testing.B) {
	var y strings.Builder
	fmt.Fprintf(&y, "length: 10h\nreplications: 1\nqueues:\n")
	for q := range 50 {
		fmt.Fprintf(&y, "  q%d: {needs: {s%d: 5}, relax: [{after: 20s, s%d: 3}, {after: 40s, s%d: 1}]}\n", q, q, q, q)
	}
	fmt.Fprintln(&y, "calls:")
	for q := range 50 { // 20,000 each
		fmt.Fprintf(&y, "  q%d: {arrivals: {calls: 2000, per: 1h}, talk: {lognormal: {mean: 2m, sd: 90s}}, wrap_up: {exponential: 1m}, patience: {exponential: 3m}}\n", q)
	}
	fmt.Fprintln(&y, "agents:")
	for g := range 250 { // 20 each, five queues at different levels
		fmt.Fprintf(&y, "  - {name: g%d, count: 20, skills: {", g)
		for k := range 5 {
			fmt.Fprintf(&y, "s%d: %d, ", (g*7+k*11)%50, 1+(g+k*3)%9)
		}
		fmt.Fprint(&y, "}, queues: [")
		for k := range 5 {
			fmt.Fprintf(&y, "{queue: q%d, order: %d}, ", (g*7+k*11)%50, 1+k/3)
		}
		fmt.Fprintln(&y, "]}")
	}
	s := load(b, y.String())
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		r := Run(s, nil)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		calls := r.Total.Whole[Offered].Mean
		b.ReportMetric(calls, "calls")
		b.ReportMetric(float64(took.Nanoseconds())/calls, "ns/call")
		b.ReportMetric(100*r.Total.Whole[ServiceLevel].Mean, "SL%")
		b.ReportMetric(100*r.Total.Whole[WaitRate].Mean, "waited%")
		b.ReportMetric(float64(after.HeapSys)/1e6, "heapMB")
	}
}
