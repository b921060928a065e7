package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/journal"
)

// aDayInTheJournal: twelve callers of the consult queue on 20 November from ten o'clock in Beijing on, every third of whom
// gives up.
func aDayInTheJournal(t *testing.T) (state string) {
	t.Helper()
	state = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(state, "journal"), 0o700))
	j, _, err := journal.Open(filepath.Join(state, "journal"), journal.Options{})
	require.NoError(t, err)
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.FixedZone("Beijing", 8*3600))
	seq := uint64(0)
	write := func(after time.Duration, facts ...fact.Fact) {
		at, seq = at.Add(after), seq+1
		require.NoError(t, j.Append(t.Context(), fact.Record{Seq: seq, At: at, Facts: facts}))
	}
	write(0, fact.AgentSignedIn{Agent: "lina"}, fact.AgentReady{Agent: "lina"})
	write(time.Hour, fact.DeskUp{Agent: "lina"})
	for i := range 12 {
		c, v := fmt.Sprint("c", i), fmt.Sprint("v", i)
		write(30*time.Second, fact.VisitBegan{Call: c, Visit: v, Queue: "consult", From: "flow"})
		if i%3 == 2 {
			write(40*time.Second, fact.VisitEnded{Call: c, Visit: v, Queue: "consult", Outcome: fact.Abandoned, Waited: 40 * time.Second})
			continue
		}
		write(10*time.Second, fact.VisitEnded{Call: c, Visit: v, Queue: "consult", Outcome: fact.Answered, Waited: 10 * time.Second, Agent: "lina"})
		write(2*time.Minute, fact.TalkEnded{Call: c, Visit: v, Talk: c, Queue: "consult", Agent: "lina", Talked: 110 * time.Second, Held: 10 * time.Second})
		write(30*time.Second, fact.WrapUpEnded{Agent: "lina", Call: c, Queue: "consult", Lasted: 30 * time.Second})
	}
	write(time.Minute, fact.AgentNotReady{Agent: "lina"})
	require.NoError(t, j.Close())
	return state
}

func TestADayOfTheJournalBecomesAScenarioThatRuns(t *testing.T) {
	t.Parallel()
	o := ScenarioOptions{Journal: aDayInTheJournal(t), Date: "2026-11-20"}
	dir := t.TempDir()
	o.Calls = filepath.Join(dir, "day.csv")
	var out, said strings.Builder
	require.NoError(t, Scenario(t.Context(), "../../configs/hotline.yaml", o, &out, &said))
	require.Contains(t, said.String(), "12 calls on 1 days, from 2026-11-20")
	require.Contains(t, said.String(), "too few callers gave up")
	require.Contains(t, said.String(), "there were few calls")
	text := out.String()
	for _, words := range []string{"start: 10h\n", "length: 30m\n", "arrivals: {csv: day.csv}", "talk: {exponential: 2m}",
		"wrap_up: {exponential: 30s}", "needs: {consult: 3}", "- name: lina\n", "roster: [1]"} {
		require.Contains(t, text, words)
	}
	csv, err := os.ReadFile(o.Calls)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(csv)), "\n")
	require.Len(t, lines, 13)
	require.Equal(t, "30.000,consult,120.000,30.000,", lines[1])
	require.Equal(t, "410.000,consult,,,40.000", lines[3])

	file := filepath.Join(dir, "day.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out.Reset()
	require.NoError(t, Simulate(t.Context(), file, SimulateOptions{Replications: 2}, &out))
	require.Contains(t, out.String(), "12.0 ±0.0", "each of the twelve calls came")

	o.Calls = ""
	out.Reset()
	require.NoError(t, Scenario(t.Context(), "../../configs/hotline.yaml", o, &out, &said))
	require.Contains(t, out.String(), "arrivals: {interval: 30m, counts: [12]}")
}

func TestWhatCannotBecomeAScenarioIsSaid(t *testing.T) {
	t.Parallel()
	state := aDayInTheJournal(t)
	make := func(o ScenarioOptions) error {
		return Scenario(t.Context(), "../../configs/hotline.yaml", o, &strings.Builder{}, &strings.Builder{})
	}
	for words, o := range map[string]ScenarioOptions{
		"write it as 2026-11-20":         {Date: "20.11.2026"},
		"name it by --date":              {Weeks: 4, Calls: "x.csv", Journal: state},
		"--calls needs a journal":        {Date: "2026-11-20", Calls: "x.csv"},
		"names no archive":               {Weeks: 4},
		"0 weeks":                        {},
		`the day "monday"`:               {Weeks: 4, Day: "monday"},
		"holds no journal":               {Weeks: 4, Journal: t.TempDir()},
		"a number from 1 to 520":         {Weeks: 1000},
		"cannot be read: write it as 20": {Date: "2026-02-30"},
	} {
		require.ErrorContains(t, make(o), words)
	}
	lock, err := journal.TryLock(filepath.Join(state, "journal"))
	require.NoError(t, err)
	require.ErrorContains(t, make(ScenarioOptions{Weeks: 4, Journal: state}), "ask its archive")
	require.NoError(t, lock.Release())
	gone, stop := context.WithCancel(t.Context())
	stop()
	require.ErrorIs(t, Scenario(gone, "../../configs/hotline.yaml", ScenarioOptions{Weeks: 4, Journal: state}, &strings.Builder{}, &strings.Builder{}), context.Canceled)
}
