package ari

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the links do. One is shared by all nodes.
type Metrics struct {
	up        *prometheus.GaugeVec
	ups       *prometheus.CounterVec
	downs     *prometheus.CounterVec
	backlog   *prometheus.GaugeVec
	events    *prometheus.CounterVec
	unknown   *prometheus.CounterVec
	malformed *prometheus.CounterVec
	requests  *prometheus.CounterVec
	latency   *prometheus.HistogramVec
}

// NewMetrics makes the metrics and registers them; a nil Registerer keeps them private.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hotline_ari_link_up", Help: "1 while events of this Asterisk are received."}, []string{"node"}),
		ups: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_connects_total", Help: "Times the link came up; the first one is no reconnect."}, []string{"node"}),
		downs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_link_downs_total", Help: "Gaps in the events, by the reason that began them."}, []string{"node", "reason"}),
		backlog: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hotline_ari_backlog_messages", Help: "Messages that wait to be taken by the centre."}, []string{"node"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_events_total", Help: "Events received, by type; types this version does not know are Generic."}, []string{"node", "type"}),
		unknown: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_unknown_events_total", Help: "Events of a type that this version does not know."}, []string{"node"}),
		malformed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_malformed_events_total", Help: "Frames that could not be read as an event and were left out."}, []string{"node"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_requests_total", Help: "Requests to Asterisk, by operation and result."}, []string{"node", "op", "result"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hotline_ari_request_seconds", Help: "Time until Asterisk answered, by operation.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}, []string{"node", "op"}),
	}
	if reg != nil {
		reg.MustRegister(m.up, m.ups, m.downs, m.backlog, m.events, m.unknown, m.malformed, m.requests, m.latency)
	}
	return m
}

// begin makes a node's series that must exist before anything happens, so that a rate sees the first step.
func (m *Metrics) begin(node string) {
	m.up.WithLabelValues(node).Set(0)
	m.ups.WithLabelValues(node)
	m.backlog.WithLabelValues(node).Set(0)
	m.unknown.WithLabelValues(node)
	m.malformed.WithLabelValues(node)
	for _, r := range Reasons {
		m.downs.WithLabelValues(node, string(r))
	}
}

// resultOf is the label of a request's end.
func resultOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case IsNotFound(err):
		return "not_found"
	case IsConflict(err):
		return "conflict"
	case IsUnauthorized(err):
		return "unauthorized"
	case IsUnreachable(err):
		return "unreachable"
	case IsUnanswered(err):
		return "unanswered"
	case statusOf(err) >= 500:
		return "failed"
	default:
		return "refused"
	}
}
