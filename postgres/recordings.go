package postgres

import (
	"context"
	"time"

	"hotline/ticket/history"
)

// A message is in the worklist when it has ended, holds something, and nobody has worked it.
const undone = `ended IS NOT NULL AND NOT empty AND failed = '' AND done IS NULL`

const messageSelect = `SELECT m.message, m.call, m.ticket, m.queue, m.category, c.number, c.withheld, c.name, c.region,
	coalesce(m.ended, m.began), m.duration_us, coalesce(r.state, 'lost'), m.done, m.done_by
	FROM messages m JOIN calls c USING (call) LEFT JOIN recordings r ON r.recording = m.message`

func scanMessage(m *history.Message) []any {
	return []any{&m.Message, &m.Call, &m.Ticket, &m.Queue, &m.Category, &m.Caller.Number, &m.Caller.Withheld, &m.Caller.Name, &m.Caller.Region,
		moment{&m.Left}, seconds{&m.Duration}, &m.Recording, moment{&m.Done}, &m.DoneBy}
}

// Messages lists the messages to be worked, oldest first, or those that were, latest first.
func (s *Store) Messages(ctx context.Context, done bool, limit int) ([]history.Message, error) {
	if done {
		return query(ctx, s.pool, scanMessage, messageSelect+` WHERE m.done IS NOT NULL ORDER BY m.done DESC LIMIT $1`, limit)
	}
	return query(ctx, s.pool, scanMessage, messageSelect+`
		WHERE m.ended IS NOT NULL AND NOT m.empty AND m.failed = '' AND m.done IS NULL ORDER BY m.ended LIMIT $1`, limit)
}

// MarkMessage marks a message as worked, or takes the mark back. The first mark stands.
func (s *Store) MarkMessage(ctx context.Context, id string, done bool, by string, at time.Time) error {
	sql, args := `UPDATE messages SET done = coalesce(done, $2), done_by = CASE WHEN done IS NULL THEN $3 ELSE done_by END WHERE message = $1`,
		[]any{id, at, by}
	if !done {
		sql, args = `UPDATE messages SET done = NULL, done_by = '' WHERE message = $1`, []any{id}
	}
	tag, err := s.pool.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return notFound("message")
	}
	return told(err)
}

const recordingSelect = `SELECT r.recording, r.call, r.kind, r.began, r.state, r.duration_us, r.bytes, r.channels, r.why,
	ARRAY(SELECT DISTINCT t.agent FROM talks t WHERE t.call = r.call AND r.kind = 'talk' ORDER BY t.agent), r.file FROM recordings r`

func scanRecording(r *history.Recording) []any {
	return []any{&r.Recording, &r.Call, &r.Kind, moment{&r.Began}, &r.State, seconds{&r.Duration}, &r.Bytes, &r.Channels, &r.Why, &r.Agents, &r.File}
}

// Recording is one recording.
func (s *Store) Recording(ctx context.Context, id string) (history.Recording, error) {
	found, err := query(ctx, s.pool, scanRecording, recordingSelect+` WHERE r.recording = $1`, id)
	if err == nil && len(found) == 0 {
		err = notFound("recording")
	}
	if err != nil {
		return history.Recording{}, err
	}
	return found[0], nil
}

// QueueOf is the queue that a call waited in last; empty: none, or there is no such call.
func (s *Store) QueueOf(ctx context.Context, call string) (string, error) {
	found, err := query(ctx, s.pool, func(q *string) []any { return []any{q} }, `SELECT queue FROM calls WHERE call = $1`, call)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
