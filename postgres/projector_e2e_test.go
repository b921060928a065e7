//go:build e2e

package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/internal/sandbox"
	"hotline/report"
	"hotline/ticket/history"
)

// aBusyDay writes n calls of which each ends in some way.
func aBusyDay(d *diary, from, n int) {
	outcomes := []fact.Outcome{fact.Answered, fact.Answered, fact.Abandoned, fact.Message, fact.Overflowed, fact.Failed, fact.Callback}
	rnd := rand.New(rand.NewPCG(1, uint64(from)))
	for i := from; i < from+n; i++ {
		c, q := fmt.Sprintf("c%d", i), []string{"consult", "complaint"}[rnd.IntN(2)]
		v := c + "-v1"
		d.after(time.Duration(rnd.IntN(2000))*time.Millisecond, fact.CallArrived{Call: c, Caller: mrZhao}, fact.VisitBegan{Call: c, Visit: v, Queue: q, From: "flow"})
		waited := time.Duration(rnd.IntN(40000)) * time.Millisecond
		if rnd.IntN(20) == 0 {
			waited = 20*time.Second + time.Duration(rnd.IntN(2)) // on the edge
		}
		told := time.Duration(rnd.IntN(3)) * 15 * time.Second
		d.after(waited, fact.VisitEnded{Call: c, Visit: v, Queue: q, Outcome: outcomes[rnd.IntN(len(outcomes))], Waited: waited, Threshold: 20 * time.Second, Expected: told},
			fact.CallEnded{Call: c, Ending: fact.EndAbandoned})
	}
}

// calledBack is a promise with one attempt, and its result.
func calledBack(d *diary, call, queue string, result fact.CallbackResult) {
	b, a := "cb-"+call, "cb-"+call+"-a1"
	d.after(0, fact.CallbackRequested{Callback: b, Call: call, Queue: queue, Number: mrZhao.Number, Since: d.at, Expires: d.at.Add(time.Hour)})
	d.after(time.Second, fact.CallArrived{Call: a, Caller: mrZhao, Via: fact.ViaCallback}, fact.CallbackTried{Callback: b, Call: a},
		fact.VisitBegan{Call: a, Visit: a + "-v1", Queue: queue, From: "callback", Callback: b})
	outcome, ending := fact.Failed, fact.EndUnreached
	if result == fact.CallbackReached {
		outcome, ending = fact.Answered, fact.EndAgent
	}
	d.after(time.Second, fact.VisitEnded{Call: a, Visit: a + "-v1", Queue: queue, Outcome: outcome, Waited: time.Second, Callback: b},
		fact.CallbackEnded{Callback: b, Call: a, Queue: queue, Result: result, Waited: 2 * time.Second, Tries: 1}, fact.CallEnded{Call: a, Ending: ending})
}

func TestSQLAndLiveFoldAgreeToTheUnit(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	aBusyDay(d, 0, 800)
	for i := range 50 {
		calledBack(d, fmt.Sprintf("c%d", i), []string{"consult", "complaint"}[i%2], fact.CallbackResults[i%len(fact.CallbackResults)])
	}
	settled(t, follow(t, s, d))
	fold := report.New(time.UTC)
	r := d.From(1)
	defer r.Close()
	last, _ := d.Last()
	for range last {
		e, err := r.Next(t.Context())
		require.NoError(t, err)
		fold.Apply(e.Record)
	}
	figures, err := s.Figures(t.Context(), time.Time{}, d.at.Add(time.Second))
	require.NoError(t, err)
	require.Len(t, figures, 2)
	for _, q := range figures {
		live := liveFigures(fold, q.Queue)
		require.Greater(t, q.Told, 20)
		within := float64(q.Told) * 1e-6 // the tables count begun microseconds
		require.InDelta(t, live.ToldWait, q.ToldWait, within)
		require.InDelta(t, live.ToldWaited, q.ToldWaited, within)
		require.InDelta(t, live.ToldOff, q.ToldOff, within)
		q.ToldWait, q.ToldWaited, q.ToldOff = live.ToldWait, live.ToldWaited, live.ToldOff
		require.Equal(t, live, q)
		require.Equal(t, q.Offered, q.Answered+q.Abandoned+q.Callbacks+q.Messages+q.Overflowed+q.Failed)
	}
}

func liveFigures(f *report.Fold, name string) history.QueueFigures {
	c := f.Queue(name, time.Now()).Ever
	return history.QueueFigures{Queue: name, Offered: int(c.OfferedVisits), Answered: int(c.Answered), AnsweredWithin: int(c.AnsweredWithin),
		Abandoned: int(c.Abandoned), AbandonedIn: int(c.AbandonedWithin), Callbacks: int(c.Callback), Messages: int(c.Message),
		Overflowed: int(c.Overflowed), Failed: int(c.Failed),
		Told: int(c.Told), ToldWait: c.ToldWait.Seconds(), ToldWaited: c.ToldWaited.Seconds(), ToldOff: c.ToldOff.Seconds(),
		Promised: int(c.Callbacks.Promised), Reached: int(c.Callbacks.Reached), Unreached: int(c.Callbacks.Unreached),
		Expired: int(c.Callbacks.Expired), Cancelled: int(c.Callbacks.Cancelled)}
}

func TestKilledPostgresLosesNothingAndCountsNothingTwice(t *testing.T) {
	t.Parallel()
	own, err := sandbox.StartPostgres(t.Context(), sandbox.PostgresConfig{Dir: t.TempDir(), Fast: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Stop()) })
	s, err := New(own.DSN(), nil)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	d := newDiary(t)
	p := follow(t, s, d)
	const rounds, calls = 4, 300
	for round := range rounds {
		aBusyDay(d, round*calls, calls)
		require.NoError(t, own.Kill(t.Context()))
		_, err := s.Call(t.Context(), "c0")
		require.ErrorContains(t, err, "cannot be reached")
		aBusyDay(d, (rounds+round)*calls, calls) // the floor goes on
		require.NoError(t, own.Restart(t.Context()))
	}
	settled(t, p)
	require.Equal(t, 2*rounds*calls, count(t, s, "calls"))
	require.Equal(t, 2*rounds*calls, count(t, s, "visits WHERE ended IS NOT NULL"))
	var waited, once int64
	require.NoError(t, s.pool.QueryRow(t.Context(), `SELECT (SELECT sum(waited_us) FROM calls)::bigint, (SELECT sum(waited_us) FROM visits)::bigint`).Scan(&waited, &once))
	require.Equal(t, once, waited, "each wait is added to its call once")
	st := p.Status()
	require.Zero(t, st.Unapplied)
	require.Equal(t, st.Head, st.Applied)
	require.Zero(t, st.Behind)
}

func TestProjectorGoesOnWhereTheLastOneStood(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	for round := range 3 {
		aBusyDay(d, 100*round, 100)
		p := NewProjector(s, d, nil, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); p.Run(ctx) }()
		settled(t, p)
		cancel()
		<-done
	}
	require.Equal(t, 300, count(t, s, "calls"))
}

func TestProjectorStopsWhenTheLogIsAnother(t *testing.T) {
	t.Parallel()
	s, first := archive(t), newDiary(t)
	aBusyDay(first, 0, 10)
	p := NewProjector(s, first, nil, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	settled(t, p)
	cancel()
	<-done

	other := newDiary(t)
	aBusyDay(other, 1000, 50)
	p = follow(t, s, other)
	require.Eventually(t, func() bool { return p.Status().Stopped != nil }, 30*time.Second, 10*time.Millisecond)
	require.ErrorContains(t, p.Status().Stopped, "stream")
	require.Equal(t, 10, count(t, s, "calls"), "nothing of the other log came in")
	require.ErrorContains(t, p.Settled(t.Context()), "stopped following")
}

func TestARefusedFactIsKeptAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	d.after(0, fact.CallArrived{Call: "1", Caller: fact.Party{Name: "null\x00byte"}})
	d.after(0, fact.VisitBegan{Call: "1", Visit: "v1", Queue: "consult"}, fact.CallArrived{Call: "1"}, fact.VisitBegan{Call: "1", Visit: "v2", Queue: "consult"})
	d.after(0, fact.VisitEnded{Call: "1", Visit: "v1", Queue: "consult", Outcome: "evaporated"})
	d.after(0, fact.CallEnded{Call: "1", Ending: fact.EndFailed})
	long := make([]byte, 8000) // that nothing makes shorter: more than an index takes
	for i, rnd := 0, rand.New(rand.NewPCG(1, 1)); i < len(long); i++ {
		long[i] = byte('!' + rnd.IntN(90))
	}
	d.after(0, fact.CallArrived{Call: "2", Caller: fact.Party{Number: string(long)}})
	p := follow(t, s, d)
	settled(t, p)
	require.Equal(t, 3, p.Status().Unapplied)
	kept, err := query(t.Context(), s.pool, func(k *string) []any { return []any{k} }, `SELECT kind FROM unapplied ORDER BY seq, n`)
	require.NoError(t, err)
	require.Equal(t, []string{"call.arrived", "visit.ended", "call.arrived"}, kept)
	require.Equal(t, 2, count(t, s, "visits"))
	c, err := s.Call(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, "nullbyte", c.Caller.Name)
	require.Equal(t, fact.EndFailed, c.Ending)
	require.Equal(t, "consult", c.Queue)
}

func TestTwoServersCannotWriteToOneArchive(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	aBusyDay(d, 0, 5)
	p := follow(t, s, d)
	settled(t, p)
	_, err := s.pool.Exec(t.Context(), `UPDATE followed SET seq = seq + 1`)
	require.NoError(t, err)
	aBusyDay(d, 5, 5)
	require.Eventually(t, func() bool { return p.Status().Stopped != nil }, 30*time.Second, 10*time.Millisecond)
	require.Equal(t, 5, count(t, s, "calls"))
}

func TestFreshArchiveIsAwayUntilItIsMigrated(t *testing.T) {
	t.Parallel()
	s, err := New(database(t, server), nil)
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Ticket(t.Context(), "20261121-0001")
	require.ErrorContains(t, err, "cannot be reached")
	settled(t, follow(t, s, newDiary(t))) // an empty log
	require.Eventually(t, func() bool {
		_, err := s.Ticket(t.Context(), "20261121-0001")
		var e *Error
		return asError(err, &e) && e.Code() == "not-found"
	}, 30*time.Second, 10*time.Millisecond)
}
