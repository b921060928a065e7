package postgres

import (
	"context"
	"time"

	"hotline/ticket/history"
)

// Traffic gathers what came in and who was there within [from, to). Slots are half hours of UTC; in the few zones that
// are a quarter of an hour off they begin at a quarter.
func (s *Store) Traffic(ctx context.Context, from, to time.Time) (t history.Traffic, err error) {
	if t.Arrivals, err = query(ctx, s.pool, func(a *history.Arrivals) []any { return []any{&a.Queue, &a.Slot, &a.Calls} },
		`SELECT queue, date_bin('30 minutes', began, 'epoch') AS slot, count(*)
		FROM visits WHERE (ended IS NULL OR ended >= $1) AND began >= $1 AND began < $2 AND came_from <> 'overflow'
		GROUP BY queue, slot ORDER BY queue, slot`, from, to); err != nil {
		return t, err
	}
	if t.Handling, err = query(ctx, s.pool, func(h *history.Handling) []any {
		return []any{&h.Queue, &h.Talks, &h.Talk, &h.TalkSD, &h.WrapUp, &h.Abandoned, &h.Waited}
	}, `WITH talk AS (
			SELECT queue, count(*)::bigint AS n, avg(talked_us + held_us) / 1e6 AS mean,
				coalesce(stddev_samp(talked_us + held_us), 0) / 1e6 AS sd
			FROM talks WHERE began >= $1 AND began < $2 AND ended IS NOT NULL GROUP BY queue
		), wrap AS (
			SELECT talk.queue, sum(extract(epoch FROM p.ended - p.began)) AS total
			FROM agent_periods p, LATERAL (SELECT queue FROM talks WHERE call = p.call AND agent = p.agent ORDER BY began DESC LIMIT 1) talk
			WHERE p.state = 'wrap-up' AND p.ended IS NOT NULL AND p.began >= $1 AND p.began < $2 GROUP BY talk.queue
		), visit AS (
			SELECT queue, count(*) FILTER (WHERE outcome = 'abandoned') AS gone, sum(waited_us) / 1e6 AS waited
			FROM visits WHERE ended >= $1 AND began >= $1 AND began < $2 GROUP BY queue
		)
		SELECT visit.queue, coalesce(n, 0), coalesce(mean, 0)::float8, coalesce(sd, 0)::float8,
			coalesce(wrap.total / nullif(n, 0), 0)::float8, gone, coalesce(waited, 0)::float8
		FROM visit LEFT JOIN talk ON talk.queue = visit.queue LEFT JOIN wrap ON wrap.queue = visit.queue
		ORDER BY visit.queue`, from, to); err != nil {
		return t, err
	}
	t.Work, err = query(ctx, s.pool, func(w *history.Work) []any { return []any{&w.Agent, &w.Slot, &w.Seconds} },
		`SELECT agent, slot, sum(extract(epoch FROM least(coalesce(ended, $2), $2, slot + interval '30 minutes') - greatest(began, $1, slot)))::float8
		FROM agent_periods, LATERAL generate_series(date_bin('30 minutes', greatest(began, $1), 'epoch'),
			least(coalesce(ended, $2), $2) - interval '1 microsecond', interval '30 minutes') AS slot
		WHERE state <> 'not-ready' AND began < $2 AND (ended IS NULL OR ended > $1)
		GROUP BY agent, slot ORDER BY agent, slot`, from, to)
	return t, err
}
