package journal

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type meters struct {
	records prometheus.Counter
	bytes   prometheus.Counter
	commits prometheus.Histogram
	errors  *prometheus.CounterVec
}

func newMeters(reg prometheus.Registerer) (*meters, error) {
	m := &meters{
		records: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hotline_journal_records_total", Help: "Records committed by this process."}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hotline_journal_written_bytes_total", Help: "Bytes committed by this process."}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hotline_journal_commit_seconds", Help: "Time of one commit: write, and fsync if so set.",
			Buckets: []float64{1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5}}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_journal_errors_total", Help: "Failed operations on the journal's files."}, []string{"op"}),
	}
	for _, op := range []string{"write", "sync", "roll", "checkpoint"} {
		m.errors.WithLabelValues(op)
	}
	if reg == nil {
		return m, nil
	}
	var err error
	for _, c := range m.all() {
		err = errors.Join(err, reg.Register(c))
	}
	return m, err
}

func (m *meters) all() []prometheus.Collector {
	return []prometheus.Collector{m.records, m.bytes, m.commits, m.errors}
}

func (m *meters) unregister(reg prometheus.Registerer) {
	if reg == nil {
		return
	}
	for _, c := range m.all() {
		reg.Unregister(c)
	}
}

func (m *meters) committed(records, bytes int, took time.Duration) {
	m.records.Add(float64(records))
	m.bytes.Add(float64(bytes))
	m.commits.Observe(took.Seconds())
}

func (m *meters) failed(op string) { m.errors.WithLabelValues(op).Inc() }
