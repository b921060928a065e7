//go:build e2e

package postgres

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/journal"
)

// torn is a log of which some records cannot be read any more. Each place of damage is told on its own.
type torn struct {
	*diary
	lost [][2]uint64 // from, to
}

func (l torn) From(seq uint64) journal.Reader {
	return &tornReader{l: l, next: seq, Reader: l.diary.From(seq)}
}

type tornReader struct {
	journal.Reader
	l    torn
	next uint64
}

func (r *tornReader) Next(ctx context.Context) (journal.Entry, error) {
	for _, d := range r.l.lost {
		if r.next < d[0] || r.next > d[1] {
			continue
		}
		r.next = d[1] + 1
		if err := r.Reader.Close(); err != nil {
			return journal.Entry{}, err
		}
		r.Reader = r.l.diary.From(r.next)
		return journal.Entry{}, &journal.DamageError{From: d[0], To: d[1]}
	}
	e, err := r.Reader.Next(ctx)
	if err == nil {
		r.next = e.Record.Seq + 1
	}
	return e, err
}

func (r *tornReader) NextBatch(ctx context.Context, _ int) ([]journal.Entry, error) {
	e, err := r.Next(ctx)
	return []journal.Entry{e}, err
}

func TestRecordsThatTheLogLostAreNotedAndTheRestComesIn(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	aBusyDay(d, 0, 10) // two records each
	p := follow(t, s, torn{d, [][2]uint64{{5, 8}}})
	settled(t, p)
	require.Equal(t, 8, count(t, s, "calls"))
	kept, err := query(t.Context(), s.pool, func(k *string) []any { return []any{k} }, `SELECT kind || ' ' || seq || ' ' || error FROM unapplied`)
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Contains(t, kept[0], "log.damaged 5")
	require.Contains(t, kept[0], "records 5 to 8")
	require.Nil(t, p.Status().Stopped)
}

func TestDamageBesideDamageAndWhatMakesNoSenseBehindItKeepNobodyOut(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	aBusyDay(d, 0, 4)                                                                          // eight records
	d.after(0, fact.TicketDrafted{Ticket: "20261121-0001", By: "li", Version: 1, Do: "close"}) // opened in what is lost
	aBusyDay(d, 4, 2)
	p := follow(t, s, torn{d, [][2]uint64{{5, 6}, {7, 8}}}) // as where one segment ends and the next begins
	settled(t, p)
	require.Equal(t, 4, count(t, s, "calls"))
	kept, err := query(t.Context(), s.pool, func(k *string) []any { return []any{k} }, `SELECT kind || ' ' || seq FROM unapplied ORDER BY seq`)
	require.NoError(t, err)
	require.Equal(t, []string{"log.damaged 5", "log.damaged 7", "ticket.drafted 9"}, kept)
	require.Nil(t, p.Status().Stopped)
}
