package recording

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/fact"
)

type meters struct {
	waiting prometheus.GaugeFunc
	files   prometheus.Counter
	bytes   prometheus.Counter
	seconds prometheus.Counter
	lost    prometheus.Counter
	retries prometheus.Counter
}

func newMeters(reg prometheus.Registerer, waiting func() int) (*meters, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_recordings_" + name, Help: help})
	}
	m := &meters{
		waiting: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hotline_recordings_waiting", Help: "Recordings that are still in Asterisk."},
			func() float64 { return float64(waiting()) }),
		files:   counter("stored_total", "Recordings stored by this process."),
		bytes:   counter("stored_bytes_total", "Bytes of the recordings stored by this process."),
		seconds: counter("stored_seconds_total", "Length of the recordings stored by this process."),
		lost:    counter("lost_total", "Recordings of which nothing was to be had."),
		retries: counter("retries_total", "Tries to take a recording over that failed and were put off."),
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
	return []prometheus.Collector{m.waiting, m.files, m.bytes, m.seconds, m.lost, m.retries}
}

func (m *meters) unregister(reg prometheus.Registerer) {
	if reg == nil {
		return
	}
	for _, c := range m.all() {
		reg.Unregister(c)
	}
}

func (m *meters) stored(s *fact.RecordingStored) {
	m.files.Inc()
	m.bytes.Add(float64(s.Bytes))
	m.seconds.Add(s.Duration.Seconds())
}
