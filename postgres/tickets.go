package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hotline/ticket"
	"hotline/ticket/history"
)

const ticketSelect = `SELECT ticket, version, state, opened, channel, queue, lang, owner, call, message, name, number, withheld, address,
	region, category, grade, happened, asked, edited, edited_by, closed, closed_by FROM tickets`

func scanTicket(t *ticket.Ticket) []any {
	return []any{&t.ID, &t.Version, &t.State, moment{&t.Opened}, &t.Channel, &t.Queue, &t.Lang, &t.Owner, &t.Call, &t.Message, &t.Name,
		&t.Number, &t.Withheld, &t.Address, &t.Region, &t.Category, &t.Grade, &t.Happened, &t.Asked, moment{&t.Edited}, &t.EditedBy,
		moment{&t.Closed}, &t.ClosedBy}
}

func scanChange(c *ticket.Change) []any { return []any{&c.Version, moment{&c.At}, &c.By, &c.Fields} }

// LastTicket is the last number of a day's tickets: 42 of 20261121-0042; 0: there is none, or no archive yet.
func (s *Store) LastTicket(ctx context.Context, day string) (int, error) {
	found, err := query(ctx, s.pool, func(n *int) []any { return []any{n} },
		`SELECT coalesce(max(substr(ticket, 10)::int), 0) FROM tickets WHERE ticket ~ ('^' || $1 || '-[0-9]{1,9}$')`, day)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // no such table
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// Ticket is a ticket with its changes, calls and recordings.
func (s *Store) Ticket(ctx context.Context, id string) (f history.TicketFile, err error) {
	found, err := query(ctx, s.pool, scanTicket, ticketSelect+` WHERE ticket = $1`, id)
	if err != nil {
		return f, err
	}
	if len(found) == 0 {
		return f, notFound("ticket")
	}
	f.Ticket = found[0]
	if f.Changes, err = query(ctx, s.pool, scanChange, `SELECT version, at, by, fields FROM ticket_changes WHERE ticket = $1 ORDER BY version`, id); err != nil {
		return f, err
	}
	if f.Calls, err = query(ctx, s.pool, scanCall, `SELECT `+callColumns+` FROM calls c JOIN ticket_calls l USING (call)
		WHERE l.ticket = $1 ORDER BY c.arrived DESC`, id); err != nil {
		return f, err
	}
	f.Recordings, err = query(ctx, s.pool, scanRecording, recordingSelect+` JOIN ticket_calls l USING (call)
		WHERE l.ticket = $1 ORDER BY r.began, r.recording`, id)
	return f, err
}

// EditTicket applies an edit in one transaction. A conflict is decided by the fields, not by the version alone.
func (s *Store) EditTicket(ctx context.Context, id string, e ticket.Edit, by string, at time.Time) (t ticket.Ticket, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		found, err := query(ctx, tx, scanTicket, ticketSelect+` WHERE ticket = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return notFound("ticket")
		}
		since, err := changesBy(ctx, tx, id, e.Version, by)
		if err != nil {
			return err
		}
		var change *ticket.Change
		if t, change, err = ticket.Apply(found[0], e, since, by, at.UTC().Truncate(time.Microsecond)); err != nil || change == nil {
			return err
		}
		return putChange(ctx, tx, t, *change, false)
	})
	return t, told(err)
}

// Tickets lists tickets, newest first.
func (s *Store) Tickets(ctx context.Context, q history.TicketQuery) (list []ticket.Ticket, next string, err error) {
	var w where
	if q.Owner != "" {
		w.and("owner = ?", q.Owner)
	}
	if q.State != "" {
		w.and("state = ?", q.State)
	}
	if q.Number != "" {
		w.and("number = ? AND NOT withheld", q.Number)
	}
	if q.Before != "" {
		w.and("ticket < ?", q.Before)
	}
	w.args = append(w.args, q.Limit+1)
	list, err = query(ctx, s.pool, scanTicket, ticketSelect+w.sql()+` ORDER BY ticket DESC LIMIT `+numbered(len(w.args)), w.args...)
	if len(list) > q.Limit {
		list = list[:q.Limit]
		next = list[len(list)-1].ID
	}
	return list, next, err
}

// Lists counts the messages to be worked, and the open tickets of each of these owners.
func (s *Store) Lists(ctx context.Context, owners []string) (messages int, open map[string]int, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM messages WHERE `+undone).Scan(&messages); err != nil {
		return 0, nil, told(err)
	}
	type count struct {
		owner string
		n     int
	}
	counts, err := query(ctx, s.pool, func(c *count) []any { return []any{&c.owner, &c.n} },
		`SELECT owner, count(*) FROM tickets WHERE state = 'open' AND owner = ANY ($1) GROUP BY owner`, owners)
	open = map[string]int{}
	for _, c := range counts {
		open[c.owner] = c.n
	}
	return messages, open, err
}
