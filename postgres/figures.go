package postgres

import (
	"context"
	"strconv"
	"time"

	"hotline/ticket/history"
)

// Figures counts the visits that ended within [from, to) by queue, and the call backs that were promised and ended: the same
// units as the live fold, counted a second way.
func (s *Store) Figures(ctx context.Context, from, to time.Time) ([]history.QueueFigures, error) {
	return query(ctx, s.pool, func(q *history.QueueFigures) []any {
		return []any{&q.Queue, &q.Offered, &q.Answered, &q.AnsweredWithin, &q.Abandoned, &q.AbandonedIn, &q.Callbacks, &q.Messages, &q.Overflowed, &q.Failed,
			&q.Told, &q.ToldWait, &q.ToldWaited, &q.ToldOff, &q.Promised, &q.Reached, &q.Unreached, &q.Expired, &q.Cancelled}
	}, `WITH v AS (SELECT queue, count(*) AS offered,
			count(*) FILTER (WHERE outcome = 'answered') AS answered,
			count(*) FILTER (WHERE outcome = 'answered' AND waited_us <= threshold_us) AS answered_within,
			count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
			count(*) FILTER (WHERE outcome = 'abandoned' AND waited_us <= threshold_us) AS abandoned_within,
			count(*) FILTER (WHERE outcome = 'callback') AS callback,
			count(*) FILTER (WHERE outcome = 'message') AS message,
			count(*) FILTER (WHERE outcome = 'overflowed') AS overflowed,
			count(*) FILTER (WHERE outcome = 'failed') AS failed,
			count(*) FILTER (WHERE outcome = 'answered' AND expected_us > 0) AS told,
			sum(expected_us) FILTER (WHERE outcome = 'answered' AND expected_us > 0) / 1e6::float8 AS told_wait,
			sum(waited_us) FILTER (WHERE outcome = 'answered' AND expected_us > 0) / 1e6::float8 AS told_waited,
			sum(abs(waited_us - expected_us)) FILTER (WHERE outcome = 'answered' AND expected_us > 0) / 1e6::float8 AS told_off
		FROM visits WHERE ended >= $1 AND ended < $2 AND callback = '' GROUP BY queue),
	b AS (SELECT queue, count(*) FILTER (WHERE asked >= $1 AND asked < $2) AS promised,
			count(*) FILTER (WHERE ended >= $1 AND ended < $2 AND result = 'reached') AS reached,
			count(*) FILTER (WHERE ended >= $1 AND ended < $2 AND result = 'unreached') AS unreached,
			count(*) FILTER (WHERE ended >= $1 AND ended < $2 AND result = 'expired') AS expired,
			count(*) FILTER (WHERE ended >= $1 AND ended < $2 AND result = 'cancelled') AS cancelled
		FROM callbacks WHERE asked >= $1 AND asked < $2 OR ended >= $1 AND ended < $2 GROUP BY queue)
	SELECT queue, coalesce(offered, 0), coalesce(answered, 0), coalesce(answered_within, 0), coalesce(abandoned, 0),
		coalesce(abandoned_within, 0), coalesce(callback, 0), coalesce(message, 0), coalesce(overflowed, 0), coalesce(failed, 0),
		coalesce(told, 0), coalesce(told_wait, 0), coalesce(told_waited, 0), coalesce(told_off, 0), coalesce(promised, 0), coalesce(reached, 0), coalesce(unreached, 0), coalesce(expired, 0), coalesce(cancelled, 0)
	FROM v FULL JOIN b USING (queue) ORDER BY queue`, from, to)
}

func numbered(n int) string { return "$" + strconv.Itoa(n) }
