package staffing

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"hotline/desk"
)

// TestMain lets this program be the process of a trial, as hotline is.
func TestMain(m *testing.M) {
	switch os.Getenv("STAFFING_TEST") {
	case "work":
		if err := Work(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "hang":
		_, _ = os.Stdin.Read(make([]byte, 1<<20))
		select {}
	case "crash":
		panic("no simulator")
	}
	goleak.VerifyTestMain(m)
}

func newRoom(t *testing.T, as string) *Room {
	t.Helper()
	r := New(Source{}, slog.New(slog.DiscardHandler))
	r.Command = func(ctx context.Context) *exec.Cmd {
		c := exec.CommandContext(ctx, os.Args[0])
		c.Env = append(os.Environ(), "STAFFING_TEST="+as)
		return c
	}
	t.Cleanup(r.Stop)
	return r
}

// until follows a trial until its phase is p.
func until(t *testing.T, r *Room, login string, x desk.Trial, p desk.TrialPhase) desk.Trial {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for x.Phase != p {
		require.False(t, x.Phase.Over(), "%+v", x)
		next, err := r.Trial(ctx, login, x.ID, x.Seq)
		require.NoError(t, err)
		require.NoError(t, ctx.Err(), "still %s", next.Phase)
		x = next
	}
	return x
}

func TestWhatIfTwoAgentsFewerIsAnsweredUnderTheSameLuck(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "work")
	o := desk.TrialOrder{Text: strings.Replace(small, "count: 10", "count: 3", 1), Agents: map[string]int{"a": -2}, Runs: 6}
	x, err := r.Begin("boss", o)
	require.NoError(t, err)
	end := until(t, r, "boss", x, desk.TrialDone)
	require.Equal(t, []int{12, 12}, []int{end.Done, end.Of})
	require.Greater(t, end.As.Total.Whole.ServiceLevel.Mean, end.If.Total.Whole.ServiceLevel.Mean+0.2)
	require.Equal(t, 3.0, end.As.Groups[0].Whole.AtWork.Mean)
	require.Equal(t, 1.0, end.If.Groups[0].Whole.AtWork.Mean)
	require.Len(t, end.As.Queues[0].Spans, 2)
	require.Positive(t, end.Took)
	require.NotNil(t, end.If.Queues[0].Spans[0].MeanWait.Half)

	same, err := r.Begin("boss", desk.TrialOrder{Text: o.Text, Runs: 6})
	require.NoError(t, err)
	again := until(t, r, "boss", same, desk.TrialDone)
	require.Equal(t, end.As, again.As)
	require.Nil(t, again.If)
}

func TestARosterIsSearched(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "work")
	x, err := r.Begin("boss", desk.TrialOrder{Text: small, Staff: "a", Runs: 4})
	require.NoError(t, err)
	p := until(t, r, "boss", x, desk.TrialDone).Plan
	require.Equal(t, 0.85, p.Target)
	require.Len(t, p.Rows, 2)
	require.Equal(t, "00:30", p.Rows[1].Begins)
	require.Greater(t, p.Rows[0].ErlangC, 2)
	require.NotNil(t, p.Rows[0].ErlangA)
	require.Positive(t, p.Rows[0].Agents)
	require.NotNil(t, p.Rows[0].ServiceLevel)
}

func TestEachPersonHasOneTrialAndAllOneCore(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "hang")
	first, err := r.Begin("boss", desk.TrialOrder{Text: small})
	require.NoError(t, err)
	first = until(t, r, "boss", first, desk.TrialRunning)
	_, err = r.Begin("boss", desk.TrialOrder{Text: small})
	requireCode(t, err, "illegal")
	second, err := r.Begin("root", desk.TrialOrder{Text: small})
	require.NoError(t, err)
	_, err = r.Trial(t.Context(), "boss", second.ID, 0)
	requireCode(t, err, "not-found", "another's trial cannot be seen")
	requireCode(t, r.Cancel("boss", second.ID), "not-found")

	require.NoError(t, r.Cancel("boss", first.ID))
	until(t, r, "boss", first, desk.TrialCancelled)
	second = until(t, r, "root", second, desk.TrialRunning)
	require.NoError(t, r.Cancel("root", second.ID))
	until(t, r, "root", second, desk.TrialCancelled)
	require.NoError(t, r.Cancel("root", second.ID), "twice does no harm")

	for i := range mostInLine {
		_, err := r.Begin(string(rune('a'+i)), desk.TrialOrder{Text: small})
		require.NoError(t, err)
	}
	_, err = r.Begin("late", desk.TrialOrder{Text: small})
	requireCode(t, err, "too-many")
	r.Stop()
	_, err = r.Begin("later", desk.TrialOrder{Text: small})
	requireCode(t, err, "unavailable")
}

// requireCode holds an error against desk's word for it. Each is said in Chinese, too.
func requireCode(t *testing.T, err error, code string, why ...any) {
	t.Helper()
	var r *refused
	require.ErrorAs(t, err, &r, why...)
	require.Equal(t, code, r.Code(), why...)
	require.NotEmpty(t, r.In()["zh"], why...)
}

func TestAProcessThatDiesIsATrialThatFailed(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "crash")
	x, err := r.Begin("boss", desk.TrialOrder{Text: small})
	require.NoError(t, err)
	require.Contains(t, until(t, r, "boss", x, desk.TrialFailed).Problem, "ended before its time")
	r.Command = func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, "/there/is/no/hotline") }
	x, err = r.Begin("boss", desk.TrialOrder{Text: small})
	require.NoError(t, err)
	require.Contains(t, until(t, r, "boss", x, desk.TrialFailed).Problem, "cannot be started")
}

func TestAProcessThatTakesTooMuchMemorySaysSo(t *testing.T) {
	t.Parallel()
	said := false
	boundMemory(1, func() { said = true })
	require.True(t, said)
}

func TestAProblemOfTheSimulatorIsTold(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "work")
	x, err := r.Begin("boss", desk.TrialOrder{Text: strings.Replace(small, "{q: {}}", "{q: {needs: {tax: 1}}}", 1), Staff: "a", Runs: 1})
	require.NoError(t, err)
	end := until(t, r, "boss", x, desk.TrialFailed)
	require.Contains(t, end.Problem, "has the group the skills that its queues need?")
	require.Contains(t, end.ProblemIn["zh"], "这个组有各队列所需的技能吗？", "from the other process, too")
}
