package report

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"hotline/fact"
)

// A centre of 50 queues after three busy days.
func busy(b *testing.B) *day {
	d := newDay(b)
	for i := range 50 * 3 * 96 {
		q := fmt.Sprint("queue", i%50)
		d.after(6*time.Second, fact.VisitBegan{Visit: "v", Queue: q},
			fact.VisitEnded{Visit: "v", Queue: q, Outcome: fact.Answered, Waited: time.Second, Threshold: limit})
	}
	return d
}

func BenchmarkApply(b *testing.B) {
	d := busy(b)
	b.ReportAllocs()
	for b.Loop() {
		d.after(0, fact.VisitBegan{Visit: "v", Queue: "queue7"},
			fact.VisitEnded{Visit: "v", Queue: "queue7", Outcome: fact.Answered, Waited: time.Second, Threshold: limit})
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	d := busy(b)
	for b.Loop() {
		state, err := json.Marshal(d.Fold)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(state))/1e3, "kB")
	}
}
