package ari_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
)

func TestMetricsTellWhatTheLinkDid(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	metrics := ari.NewMetrics(reg)
	srv := aritest.New(t)
	conn, ear := link(t, srv, func(c *ari.Config) { c.Metrics = metrics })
	_, other := link(t, aritest.New(t), func(c *ari.Config) { c.Node, c.Metrics = "b", metrics })
	_, at := ear.AwaitUp(t, 0)
	other.AwaitUp(t, 0)

	srv.EmitRaw([]byte(`{`))
	srv.EmitRaw([]byte(`{"type":"Odd"}`))
	srv.Call("c1", aritest.Caller{Number: "1"})
	aritest.AwaitEvent[*ari.StasisStart](t, ear, at, "the call", nil)
	require.NoError(t, conn.Answer(t.Context(), "c1"))
	require.True(t, ari.IsNotFound(conn.Answer(t.Context(), "nobody")))
	srv.Replace()
	_, at = ear.AwaitDown(t, at)
	srv.WaitFor("the link to be shown as down", func() bool { return gauge(t, reg, "hotline_ari_link_up", "a") == 0 })

	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP hotline_ari_connects_total Times the link came up; the first one is no reconnect.
# TYPE hotline_ari_connects_total counter
hotline_ari_connects_total{node="a"} 1
hotline_ari_connects_total{node="b"} 1
# HELP hotline_ari_events_total Events received, by type; types this version does not know are Generic.
# TYPE hotline_ari_events_total counter
hotline_ari_events_total{node="a",type="ApplicationReplaced"} 1
hotline_ari_events_total{node="a",type="ChannelStateChange"} 1
hotline_ari_events_total{node="a",type="Generic"} 1
hotline_ari_events_total{node="a",type="StasisStart"} 1
# HELP hotline_ari_link_up 1 while events of this Asterisk are received.
# TYPE hotline_ari_link_up gauge
hotline_ari_link_up{node="a"} 0
hotline_ari_link_up{node="b"} 1
# HELP hotline_ari_malformed_events_total Frames that could not be read as an event and were left out.
# TYPE hotline_ari_malformed_events_total counter
hotline_ari_malformed_events_total{node="a"} 1
hotline_ari_malformed_events_total{node="b"} 0
# HELP hotline_ari_unknown_events_total Events of a type that this version does not know.
# TYPE hotline_ari_unknown_events_total counter
hotline_ari_unknown_events_total{node="a"} 1
hotline_ari_unknown_events_total{node="b"} 0
`), "hotline_ari_connects_total", "hotline_ari_events_total", "hotline_ari_link_up",
		"hotline_ari_malformed_events_total", "hotline_ari_unknown_events_total"))
	require.Equal(t, 1.0, counter(t, reg, "hotline_ari_requests_total", map[string]string{"node": "a", "op": "channels.answer", "result": "ok"}))
	require.Equal(t, 1.0, counter(t, reg, "hotline_ari_requests_total", map[string]string{"node": "a", "op": "channels.answer", "result": "not_found"}))
	require.Equal(t, 1.0, counter(t, reg, "hotline_ari_link_downs_total", map[string]string{"node": "a", "reason": "replaced"}))

	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
	conn.Retake()
	ear.AwaitUp(t, at)
	require.Equal(t, 2.0, counter(t, reg, "hotline_ari_connects_total", map[string]string{"node": "a"}))
}

func gauge(t *testing.T, reg prometheus.Gatherer, name, node string) float64 {
	t.Helper()
	return counter(t, reg, name, map[string]string{"node": node})
}

// counter is the value of the series with just these labels.
func counter(t *testing.T, reg prometheus.Gatherer, name string, labels map[string]string) float64 {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			fits := len(m.GetLabel()) == len(labels)
			for _, l := range m.GetLabel() {
				fits = fits && labels[l.GetName()] == l.GetValue()
			}
			if fits {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return -1
}
