package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/fact"
	"hotline/ticket"
)

// KeptField marks, in a ticket's change, a value that was typed while the archive was away and that somebody else's newer
// one stands against: "kept.happened". It is shown on the time line and put nowhere else; a person decides.
const KeptField = "kept."

// draft applies an edit that was typed while the archive was away. What it cannot change any more is kept on the ticket's
// time line; only an edit that makes no sense at all is an error, of the kind that refused tells.
func (s *Store) draft(ctx context.Context, tx pgx.Tx, f fact.TicketDrafted, at time.Time) error {
	found, err := query(ctx, tx, scanTicket, ticketSelect+` WHERE ticket = $1 FOR UPDATE`, f.Ticket)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &senseless{fmt.Errorf("there is no ticket %s", f.Ticket)}
	}
	now := found[0]
	since, err := changesBy(ctx, tx, f.Ticket, f.Version, f.By)
	if err != nil {
		return err
	}
	next, change, kept, err := applyDraft(now, f, since, at)
	if err != nil {
		return &senseless{err}
	}
	if len(kept) > 0 {
		if change == nil {
			change = &ticket.Change{Version: now.Version + 1, At: at, By: f.By}
			next.Version, next.Edited, next.EditedBy = change.Version, at, f.By
		}
		change.Fields = append(change.Fields, kept...)
	}
	if change == nil {
		return nil
	}
	return putChange(ctx, tx, next, *change, true)
}

// senseless is a draft that no archive could take.
type senseless struct{ error }

func (e *senseless) Unwrap() error { return e.error }

// applyDraft is ticket.Apply without a person who could be asked: fields in conflict, and a step that is not possible any
// more, are left out and given back.
func applyDraft(now ticket.Ticket, f fact.TicketDrafted, since []ticket.Change, at time.Time) (ticket.Ticket, *ticket.Change, []ticket.Field, error) {
	fields, do := maps.Clone(f.Fields), f.Do
	var kept []ticket.Field
	for {
		e, err := editOf(f.Version, fields, do)
		if err != nil {
			return now, nil, nil, err
		}
		next, change, err := ticket.Apply(now, e, since, f.By, at)
		var clash *ticket.Conflict
		var illegal *ticket.Illegal
		switch {
		case errors.As(err, &clash):
			for _, name := range clash.Fields {
				kept = append(kept, ticket.Field{Field: KeptField + name, To: fields[name]})
				delete(fields, name)
			}
		case errors.As(err, &illegal):
			do = "" // it is closed, or open, already
		default:
			return next, change, kept, err
		}
	}
}

// editOf is the edit as the browser sent it.
func editOf(version int, fields map[string]string, do string) (e ticket.Edit, err error) {
	b, err := json.Marshal(fields)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, err
	}
	e.Version, e.Do = version, ticket.Op(do)
	return e, nil
}

// changesBy gives the changes after a version that an edit by this person may be in conflict with: all but the person's
// own that were delayed, whose version nobody could tell the form.
func changesBy(ctx context.Context, q querier, id string, version int, by string) ([]ticket.Change, error) {
	return query(ctx, q, scanChange, `SELECT version, at, by, fields FROM ticket_changes
		WHERE ticket = $1 AND version > $2 AND NOT (delayed AND by = $3) ORDER BY version`, id, version, by)
}

// putChange writes a ticket's next version.
func putChange(ctx context.Context, tx pgx.Tx, t ticket.Ticket, c ticket.Change, delayed bool) error {
	_, err := tx.Exec(ctx, `UPDATE tickets SET version = $2, state = $3, owner = $4, name = $5, number = $6, address = $7, region = $8,
		category = $9, grade = $10, happened = $11, asked = $12, edited = $13, edited_by = $14, closed = $15, closed_by = $16 WHERE ticket = $1`,
		t.ID, t.Version, t.State, t.Owner, t.Name, t.Number, t.Address, t.Region, t.Category, t.Grade, t.Happened, t.Asked,
		t.Edited, t.EditedBy, orNull(t.Closed), t.ClosedBy)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO ticket_changes (ticket, version, at, by, fields, delayed) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.ID, c.Version, c.At, c.By, c.Fields, delayed)
	return err
}
