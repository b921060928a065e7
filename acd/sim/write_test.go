package sim

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
)

func TestAScenarioThatIsWrittenDownIsReadBackAsTheSame(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/city.yaml", "../../configs/scenarios/two-languages.yaml", "../../configs/scenarios/mm12.yaml"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := Load(strings.NewReader(string(text)), os.DirFS("testdata"))
		require.NoError(t, err)
		var out strings.Builder
		require.NoError(t, s.WriteYAML(&out))
		again, err := Load(strings.NewReader(out.String()), os.DirFS("testdata"))
		require.NoError(t, err, out.String())
		require.Equal(t, s, again, out.String())
		require.NotContains(t, out.String(), "m0s", "times are short")
		require.NotRegexp(t, `: 0[,}\n]`, out.String(), "zeros say nothing")
		require.Less(t, strings.Count(out.String(), "\n"), 60, out.String())
	}
}

func TestDefaultsAreNotWritten(t *testing.T) {
	t.Parallel()
	s := load(t, fine)
	s.Queues["q"] = acd.Queue{Needs: map[string]int{"tax": 1}, Weight: 2}.WithDefaults()
	s.Agents[0].Skills = map[string]int{"tax": 1}
	var out strings.Builder
	require.NoError(t, s.WriteYAML(&out))
	require.Contains(t, out.String(), "needs: {tax: 1}\n    weight: 2\n    service_level:")
	require.Contains(t, out.String(), "queues: [{queue: q}]")
}

func TestAZeroThatDropsANeedIsWritten(t *testing.T) {
	t.Parallel()
	s := load(t, strings.Replace(fine, "{q: {}}", "{q: {needs: {tax: 5}, relax: [{after: 1m30s, tax: 0, reach: -1}]}}", 1))
	var out strings.Builder
	require.NoError(t, s.WriteYAML(&out))
	require.Contains(t, out.String(), "relax: [{after: 1m30s, reach: -1, tax: 0}]")
}

func TestTwoAgentsFewerAndAFifthMoreCalls(t *testing.T) {
	t.Parallel()
	s := load(t, `
length: 90m
queues: {q: {}}
calls: {q: {arrivals: {interval: 30m, counts: [10, 20, 0]}}, other: {queue: q, arrivals: {calls: 1, per: 1m}}}
agents:
  - {name: a, roster: [1, 0, 5], queues: [{queue: q}]}
  - {name: b, count: 3, queues: [{queue: q}], shifts: [{from: 15m, to: 1h}]}
`)
	c := s.Clone()
	require.NoError(t, c.AddAgents("a", -2))
	require.NoError(t, c.AddAgents("b", 1))
	require.NoError(t, c.ScaleCalls(1.2))
	require.Equal(t, []int{0, 0, 3}, c.Agents[0].Roster)
	require.Equal(t, []float64{2, 4, 0}, c.Agents[1].AtWork(c))
	require.InDeltaSlice(t, []float64{48, 60, 36}, c.Expected("q"), 1e-9)
	require.Equal(t, []int{1, 0, 5}, s.Agents[0].Roster, "the scenario itself stays")
	require.InDeltaSlice(t, []float64{40, 50, 30}, s.Expected("q"), 1e-9)
	require.ErrorContains(t, c.AddAgents("z", 1), `no group of agents called "z"`)
	require.ErrorContains(t, c.ScaleCalls(0), "such as 1.2")
	real := load(t, strings.Replace(fine, "{calls: 1, per: 1m}", "{at: [1s]}", 1))
	require.ErrorContains(t, real.ScaleCalls(2), "cannot be multiplied")
	require.Equal(t, 1.0, real.Expected("q")[0])
	require.Equal(t, time.Hour, real.Length)
}
