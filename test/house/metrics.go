//go:build e2e

package house

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Metrics is one page of /metrics.
type Metrics string

// Metrics asks the server for its page.
func (h *House) Metrics() (Metrics, error) {
	body, status, err := Get(h.URL + "/metrics")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("/metrics: %d: %s", status, body)
	}
	return Metrics(body), err
}

// Family gives the series of a name, by their labels as Prometheus writes them; "" is one without labels.
func (m Metrics) Family(name string) map[string]float64 {
	series := map[string]float64{}
	for _, s := range regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(name)+`(?:\{(.*)\})? (\S+)$`).FindAllStringSubmatch(string(m), -1) {
		v, err := strconv.ParseFloat(s[2], 64)
		if err != nil {
			panic(fmt.Sprintf("%s is no page of metrics: %v", s[0], err)) // it would not be read by Prometheus either
		}
		series[s[1]] = v
	}
	return series
}

// Value is one series, written with its labels as Prometheus writes it; a missing one is 0.
func (m Metrics) Value(series string) float64 {
	name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
	return m.Family(name)[labels]
}

// Sum adds the series of a name.
func (m Metrics) Sum(name string) (sum float64) {
	for _, v := range m.Family(name) {
		sum += v
	}
	return sum
}

// Archived tells by an error that calls are live, or that the archive has not yet all that the journal has.
func (h *House) Archived() error {
	m, err := h.Metrics()
	if err != nil {
		return err
	}
	at, applied := m.Family("hotline_journal_position"), m.Family("hotline_projector_position")
	if live := m.Sum("hotline_calls"); live > 0 || len(at) == 0 || !maps.Equal(at, applied) {
		return fmt.Errorf("%v calls are live, journal at %v, archive at %v", live, at, applied)
	}
	return nil
}
