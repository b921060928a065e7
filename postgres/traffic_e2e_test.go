//go:build e2e

package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/internal/staffing"
	"hotline/ticket/history"
)

func TestTheSimulatorIsToldWhatCameInAndWhoWasThere(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	began := d.at
	aTransferredCall(d)
	d.after(time.Second, fact.VisitBegan{Call: "9.9", Visit: "v9", Queue: "complaint", From: "flow"})
	d.after(40*time.Second, fact.VisitEnded{Call: "9.9", Visit: "v9", Queue: "complaint", Outcome: fact.Overflowed, Waited: 40 * time.Second},
		fact.VisitBegan{Call: "9.9", Visit: "v10", Queue: "consult", From: "overflow"})
	d.after(5*time.Second, fact.VisitEnded{Call: "9.9", Visit: "v10", Queue: "consult", Outcome: fact.Abandoned, Waited: 5 * time.Second})
	settled(t, follow(t, s, d))
	x, err := s.Traffic(t.Context(), began.Add(-time.Hour), d.at.Add(time.Minute))
	require.NoError(t, err)

	calls := 0
	for _, a := range x.Arrivals {
		require.Equal(t, "complaint", a.Queue, "who was sent on by a queue did not come in there")
		require.Zero(t, a.Slot.Minute()%30)
		require.WithinRange(t, began, a.Slot.Add(-time.Minute), a.Slot.Add(history.SlotLength))
		calls += a.Calls
	}
	require.Equal(t, 3, calls)

	require.Len(t, x.Handling, 2)
	h := x.Handling[0]
	require.Equal(t, []any{"complaint", 2, 0}, []any{h.Queue, h.Talks, h.Abandoned})
	require.InDelta(t, 52.5, h.Talk, 1e-6, "75 s with its hold, and 30 s")
	require.InDelta(t, 31.82, h.TalkSD, 0.01)
	require.InDelta(t, 26.5, h.WrapUp, 0.01, "53 s for two talks; the other one's is not over")
	require.InDelta(t, 55.02, h.Waited, 1e-6)
	require.Equal(t, history.Handling{Queue: "consult", Abandoned: 1, Waited: 5}, x.Handling[1])

	li := 0.0
	for _, w := range x.Work {
		require.LessOrEqual(t, w.Seconds, history.SlotLength.Seconds())
		if w.Agent == "li" {
			li += w.Seconds
		}
	}
	require.InDelta(t, 144.021, li, 1e-6, "ready and busy, without the break")

	none, err := s.Traffic(t.Context(), began.AddDate(-1, 0, 0), began.AddDate(0, 0, -300))
	require.NoError(t, err)
	require.Empty(t, none.Arrivals)
	require.Empty(t, none.Handling)
	require.Empty(t, none.Work)
}

func TestTheJournalTellsTheSimulatorTheSameAsTheArchive(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	from := d.at.Add(-time.Hour)
	aTransferredCall(d)
	d.after(time.Minute, fact.WrapUpEnded{Agent: "wang", Call: "1.1", Queue: "complaint", How: "done", Lasted: 81 * time.Second},
		fact.AgentReady{Agent: "wang"})
	aBusyDay(d, 100, 300)
	settled(t, follow(t, s, d))
	to := d.at.Add(time.Second)
	x, err := s.Traffic(t.Context(), from, to)
	require.NoError(t, err)

	fold := staffing.NewFold(from, to)
	last, _ := d.Last()
	r := d.From(1)
	for range last {
		e, err := r.Next(t.Context())
		require.NoError(t, err)
		fold.Apply(e.Record)
	}
	require.NoError(t, r.Close())
	y := fold.Traffic()
	require.Greater(t, len(x.Arrivals), 1)
	require.Equal(t, x.Arrivals, y.Arrivals)
	require.Len(t, y.Handling, len(x.Handling))
	for i, a := range x.Handling {
		b := y.Handling[i]
		require.Equal(t, []any{a.Queue, a.Talks, a.Abandoned}, []any{b.Queue, b.Talks, b.Abandoned})
		require.InDeltaSlice(t, []float64{a.Talk, a.TalkSD, a.Waited}, []float64{b.Talk, b.TalkSD, b.Waited}, 1e-3, a.Queue)
	}
}
