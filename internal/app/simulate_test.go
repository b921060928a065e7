package app

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd/sim"
)

func TestEveryScenarioInTheDocsRuns(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/simulator.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(doc), -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		_, err := sim.Load(strings.NewReader(b[1]), nil)
		require.NoError(t, err)
	}
}

func TestTheDocsShowWhatTheFormulasAndTheSimulatorSay(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/simulator.md")
	require.NoError(t, err)
	for _, run := range []func(w *strings.Builder) error{
		func(w *strings.Builder) error {
			return Simulate(t.Context(), "../../configs/scenarios/two-languages.yaml", SimulateOptions{}, w)
		},
		func(w *strings.Builder) error {
			return Simulate(t.Context(), "../../configs/scenarios/mm12.yaml", SimulateOptions{}, w)
		},
		func(w *strings.Builder) error {
			return Erlang(Promise{Calls: 200, Per: time.Hour, Handle: 180 * time.Second, Within: 20 * time.Second, Agents: 14}, w)
		},
		func(w *strings.Builder) error {
			return Erlang(Promise{Calls: 48, Per: time.Minute, Handle: time.Minute, Patience: 2 * time.Minute, Within: 20 * time.Second, Agents: 50}, w)
		},
		func(w *strings.Builder) error { return ErlangB(20, 25, 0.01, w) },
		func(w *strings.Builder) error { return ErlangB(10, 0, 0.01, w) },
		func(w *strings.Builder) error {
			return ErlangStaff(Promise{
				Calls: 360, Per: 30 * time.Minute, Handle: 240 * time.Second, Patience: 2 * time.Minute, Within: 15 * time.Second,
				Share: 0.85, Shrinkage: 0.3, Neighbours: 3,
			}, w)
		},
	} {
		var out strings.Builder
		require.NoError(t, run(&out))
		require.Contains(t, string(doc), strings.TrimSpace(out.String()))
	}
}

func TestStaffStandsBesideBothFormulas(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "plan.csv")
	var out strings.Builder
	rounds := 0
	err := Simulate(t.Context(), "../../acd/sim/testdata/city.yaml", SimulateOptions{
		CSV: file, Staff: "juniors", Progress: func(_ string, done, _ int) { rounds = done },
	}, &out)
	require.NoError(t, err)
	require.Contains(t, out.String(), "agents of juniors for 85 % in time")
	require.Positive(t, rounds)
	f, err := os.Open(file)
	require.NoError(t, err)
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Len(t, rows, 9, "a head and eight half hours")
	require.Equal(t, []string{"from", "calls", "erlangs", "erlang_c", "erlang_a", "simulation"}, rows[0][:6])
	for _, r := range rows[1:] {
		require.NotContains(t, r[:7], "")
	}
}

func TestChartsAreWrittenAsSVGAndAsAPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, begins := range map[string]string{"day.svg": "<svg ", "day.html": "<!doctype html>"} {
		file := filepath.Join(dir, name)
		require.NoError(t, Simulate(t.Context(), "../../acd/sim/testdata/city.yaml", SimulateOptions{Chart: file, Replications: 2}, &strings.Builder{}))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, begins, string(text[:len(begins)]))
		require.Contains(t, string(text), "juniors: occupancy")
		require.Equal(t, name == "day.html", strings.Contains(string(text), "wait told off by s"), "a page has the table, too")
	}
}

func TestAnotherSeedIsOtherLuckAndTheSameIsTheSame(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		var out strings.Builder
		o := SimulateOptions{Seed: &seed, Replications: 3}
		require.NoError(t, Simulate(t.Context(), "../../acd/sim/testdata/city.yaml", o, &out))
		return out.String()
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
	require.Contains(t, run(1), "3 runs of")
}

func TestAbsurdQuestionsGetWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(text string) string {
		name := filepath.Join(dir, "scenario.yaml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	city := "../../acd/sim/testdata/city.yaml"
	sim := func(file string, o SimulateOptions) error { return Simulate(t.Context(), file, o, &strings.Builder{}) }
	for words, err := range map[string]error{
		"the scenario is empty":       sim(write(""), SimulateOptions{}),
		"scenario.yaml":               sim(write("lenth: 3h"), SimulateOptions{}),
		"outside 1 to":                sim(city, SimulateOptions{Replications: -1}),
		`no group of agents called`:   sim(city, SimulateOptions{Staff: "nobody"}),
		"write 0.85 for 85 %":         sim(city, SimulateOptions{Staff: "juniors", Target: 85}),
		"a target of --staff":         sim(city, SimulateOptions{Target: 0.8}),
		"no such file":                sim(city, SimulateOptions{Replications: 1, CSV: filepath.Join(dir, "no", "where.csv")}),
		"ends in .svg or .html":       sim(city, SimulateOptions{Replications: 10_000, Chart: "day.png"}),
		"calls per 0s":                Erlang(Promise{Calls: 1, Handle: 1, Agents: 1}, &strings.Builder{}),
		"a lost share of 2":           ErlangB(10, 0, 2, &strings.Builder{}),
		"target that promises":        ErlangStaff(Promise{Calls: 1, Per: 1, Handle: 1}, &strings.Builder{}),
		"less than 1":                 ErlangStaff(Promise{Calls: 1, Per: 1, Handle: 1, Share: 0.8, Shrinkage: 1}, &strings.Builder{}),
		"needs the callers' patience": ErlangStaff(Promise{Calls: 1, Per: 1, Handle: 1, Abandoned: 0.1}, &strings.Builder{}),
	} {
		require.ErrorContains(t, err, words)
	}
	var out strings.Builder
	require.NoError(t, Erlang(Promise{Calls: 300, Per: time.Minute, Handle: time.Minute, Agents: 3}, &out))
	require.Contains(t, out.String(), "grows for ever")
}

func TestSimulationStopsWhenInterrupted(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	err := Simulate(ctx, "../../acd/sim/testdata/city.yaml", SimulateOptions{
		Replications: 10_000, Progress: func(string, int, int) { stop() },
	}, &strings.Builder{})
	require.ErrorIs(t, err, context.Canceled)
}
