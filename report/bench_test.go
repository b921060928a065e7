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

// BenchmarkSurge looks at a line that has been called each minute of five weeks, calmly and in a surge of an hour.
func BenchmarkSurge(b *testing.B) {
	d := newDay(b)
	for range 36 * 24 * 60 {
		d.after(time.Minute, fact.CallArrived{Line: "12345", Via: "sip"})
	}
	look := func(b *testing.B) {
		for b.Loop() {
			d.surge()
		}
	}
	b.Run("calm", look)
	for range 60 {
		d.after(time.Minute, fact.CallArrived{Line: "12345"}, fact.CallArrived{Line: "12345"}, fact.CallArrived{Line: "12345"}, fact.CallArrived{Line: "12345"})
	}
	b.Run("an hour of surge", look)
}
