//go:build e2e

package postgres

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/journal"
)

// torn is a log of which some records cannot be read any more.
type torn struct {
	*diary
	from, to uint64
}

func (l torn) From(seq uint64) journal.Reader {
	return &tornReader{l: l, next: seq, Reader: l.diary.From(seq)}
}

type tornReader struct {
	journal.Reader
	l    torn
	next uint64
	told bool
}

func (r *tornReader) Next(ctx context.Context) (journal.Entry, error) {
	if r.next >= r.l.from && r.next <= r.l.to {
		if !r.told {
			r.told = true
			return journal.Entry{}, &journal.DamageError{From: r.l.from, To: r.l.to}
		}
		r.next, r.told = r.l.to+1, false
		if err := r.Reader.Close(); err != nil {
			return journal.Entry{}, err
		}
		r.Reader = r.l.diary.From(r.next)
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
	p := follow(t, s, torn{d, 5, 8})
	settled(t, p)
	require.Equal(t, 8, count(t, s, "calls"))
	kept, err := query(t.Context(), s.pool, func(k *string) []any { return []any{k} }, `SELECT kind || ' ' || seq || ' ' || error FROM unapplied`)
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Contains(t, kept[0], "log.damaged 5")
	require.Contains(t, kept[0], "records 5 to 8")
	require.Nil(t, p.Status().Stopped)
}
