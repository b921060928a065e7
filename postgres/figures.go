package postgres

import (
	"context"
	"strconv"
	"time"

	"hotline/ticket/history"
)

// Figures counts the visits that ended within [from, to) by queue: the same unit as the live fold, counted a second way.
func (s *Store) Figures(ctx context.Context, from, to time.Time) ([]history.QueueFigures, error) {
	return query(ctx, s.pool, func(q *history.QueueFigures) []any {
		return []any{&q.Queue, &q.Offered, &q.Answered, &q.AnsweredWithin, &q.Abandoned, &q.AbandonedIn, &q.Callbacks, &q.Messages, &q.Overflowed, &q.Failed}
	}, `SELECT queue, count(*),
			count(*) FILTER (WHERE outcome = 'answered'),
			count(*) FILTER (WHERE outcome = 'answered' AND waited_us <= threshold_us),
			count(*) FILTER (WHERE outcome = 'abandoned'),
			count(*) FILTER (WHERE outcome = 'abandoned' AND waited_us <= threshold_us),
			count(*) FILTER (WHERE outcome = 'callback'),
			count(*) FILTER (WHERE outcome = 'message'),
			count(*) FILTER (WHERE outcome = 'overflowed'),
			count(*) FILTER (WHERE outcome = 'failed')
		FROM visits WHERE ended >= $1 AND ended < $2 GROUP BY queue ORDER BY queue`, from, to)
}

func numbered(n int) string { return "$" + strconv.Itoa(n) }
