package journal

import (
	"testing"

	"hotline/fact"
)

func BenchmarkAppend(b *testing.B) {
	for _, sync := range []Fsync{FsyncNever, FsyncAlways} {
		for _, size := range []struct {
			name string
			n    int
		}{{"one", 1}, {"batch16", 16}} {
			b.Run(string(sync)+"/"+size.name, func(b *testing.B) {
				j, _, err := Open(b.TempDir(), Options{Fsync: sync})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { _ = j.Close() })
				b.ReportAllocs()
				seq := uint64(0)
				for b.Loop() {
					rs := make([]fact.Record, size.n)
					for i := range rs {
						seq++
						rs[i] = record(seq)
					}
					if err := j.AppendBatch(b.Context(), rs); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(seq), "µs/record")
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	j, _, err := Open(b.TempDir(), Options{Fsync: FsyncNever})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = j.Close() })
	const n = 10_000
	if err := j.AppendBatch(b.Context(), records(1, n)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	r := j.From(1)
	read := 0
	for b.Loop() {
		if read%n == 0 {
			r = j.From(1)
		}
		if _, err := r.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
		read++
	}
}
