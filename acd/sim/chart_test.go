package sim

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wellFormed reads all of an SVG.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, text)
	}
	require.NotContains(t, text, "NaN")
	require.NotContains(t, text, "Inf")
}

func TestChartsShowEachQueueAndGroupThroughTheDay(t *testing.T) {
	t.Parallel()
	s := city(t)
	s.Name, s.Replications = "投诉 & <consult>", 3
	var out strings.Builder
	require.NoError(t, Run(s, nil).WriteSVG(&out))
	wellFormed(t, out.String())
	for _, words := range []string{"投诉 &amp; &lt;consult&gt;", "complaint: service level, SL3", "all: mean wait, s", "juniors: occupancy", "08:00", "100 %", "95 %"} {
		require.Contains(t, out.String(), words)
	}
	require.Equal(t, 3*3+2*2, strings.Count(out.String(), `fill-opacity=".16"`), "a band for each line")

	p, err := StaffDay(s, "juniors", 0.6, nil)
	require.NoError(t, err)
	out.Reset()
	require.NoError(t, p.WriteSVG(&out))
	wellFormed(t, out.String())
	require.Contains(t, out.String(), "agents of juniors for 60 % in time")
}

func TestAChartOfOneRunOfOneIntervalOrOfNoCallsIsDrawnToo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Replace(fine, "length: 1h", "length: 20m\nreplications: 1", 1),
		strings.Replace(fine, "{calls: 1, per: 1m}", "{interval: 30m, counts: [0, 0]}", 1),
		"length: 1h\nqueues: {q: {}}\ncalls: {q: {arrivals: {at: [50m]}}}\n",
	} {
		var out strings.Builder
		require.NoError(t, Run(load(t, text), nil).WriteSVG(&out))
		wellFormed(t, out.String())
	}
}
