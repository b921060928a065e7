package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/ticket"
	"hotline/ticket/history"
)

// typing: changes by one person that follow each other within this are one line of a ticket's time line.
const typing = 10 * time.Minute

// historyShown is how many calls and tickets of a number a desk gets.
const historyShown = 20

func (d *Desk) ticket(w http.ResponseWriter, r *asked) error {
	id := r.PathValue("id")
	file, err := d.ticketFile(r.Context(), id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, detail(file))
	return nil
}

func (d *Desk) ticketFile(ctx context.Context, id string) (file history.TicketFile, err error) {
	err = d.withTicket(ctx, id, func() error {
		file, err = d.Store.Ticket(ctx, id)
		return err
	})
	return file, err
}

// withTicket does something with a ticket's row. A ticket exists from the step of the loop in which caller and agent
// were joined; its row follows as soon as the projector gets there, and is waited for.
func (d *Desk) withTicket(ctx context.Context, id string, do func() error) error {
	if !ticket.ValidID(id) {
		return refuse(NotFound, "A ticket's number looks like 20261121-0042.")
	}
	err := do()
	if !is(err, NotFound) {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, d.cfg.Settle)
	defer cancel()
	if err := d.Store.Settled(wait); err != nil {
		return &refusal{code: Unavailable, after: 2, cause: err,
			public: "The archive is behind or away; this ticket cannot be reached yet. What you typed is kept on this page: try again."}
	}
	return do()
}

// is reports whether err says this code of itself.
func is(err error, code Code) bool {
	var c coded
	return errors.As(err, &c) && c.Code() == string(code)
}

func detail(f history.TicketFile) TicketDetail {
	return TicketDetail{Ticket: f.Ticket, Calls: list(f.Calls), Recordings: list(f.Recordings),
		Timeline: ticket.Timeline(f.Changes, typing)}
}

func (d *Desk) editTicket(w http.ResponseWriter, r *asked) error {
	var edit ticket.Edit
	if err := read(r, &edit); err != nil {
		return err
	}
	id := r.PathValue("id")
	late, err := d.editOrDraft(r, id, edit)
	if err == nil && late {
		delayed(w, id, edit)
		return nil
	}
	var clash *ticket.Conflict
	if errors.As(err, &clash) {
		wire, after := tell(err)
		failWith(w, r.Request, d.Log, err, wire, after, TicketConflict{Error: wire, Fields: clash.Fields, Current: clash.Current})
		return nil
	}
	if err != nil {
		return err
	}
	d.ListsChanged()
	file, err := d.Store.Ticket(r.Context(), id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, detail(file))
	return nil
}

func (d *Desk) tickets(w http.ResponseWriter, r *asked) error {
	n, err := limit(r, 50, 200)
	if err != nil {
		return err
	}
	number, err := phoneNumber(r)
	if err != nil {
		return err
	}
	before := r.URL.Query().Get("before")
	if before != "" && !ticket.ValidID(before) {
		return wrong("before", "What the page before gave as next.")
	}
	q := history.TicketQuery{Number: number, Before: before, Limit: n}
	switch r.URL.Query().Get("list") {
	case "", "all":
	case "open":
		q.State = ticket.Open
	case "mine":
		q.State, q.Owner = ticket.Open, owner(r.user)
	default:
		return wrong("list", "One of mine, open, all.")
	}
	found, next, err := d.Store.Tickets(r.Context(), q)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, TicketList{Tickets: list(found), Next: next})
	return nil
}

// calls: agents see those they were on; supervisors those of their queues.
func (d *Desk) calls(w http.ResponseWriter, r *asked) error {
	q, err := callQuery(r)
	if err != nil {
		return err
	}
	mine, err := d.reach(r.Context(), r.user)
	if err != nil {
		return err
	}
	mine.narrow(&q)
	found, next, err := d.Store.Calls(r.Context(), q)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, CallList{Calls: list(found), Next: next})
	return nil
}

func callQuery(r *asked) (q history.CallQuery, err error) {
	if q.Limit, err = limit(r, 50, 500); err != nil {
		return q, err
	}
	if q.Number, err = phoneNumber(r); err != nil {
		return q, err
	}
	if q.From, err = when(r, "from"); err != nil {
		return q, err
	}
	if q.To, err = when(r, "to"); err != nil {
		return q, err
	}
	for key, into := range map[string]*string{"agent": &q.Agent, "queue": &q.Queue, "outcome": &q.Outcome, "before": &q.Before} {
		if *into, err = word(key, r.URL.Query().Get(key)); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (d *Desk) call(w http.ResponseWriter, r *asked) error {
	id, err := word("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	found, err := d.openCall(r, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, found)
	return nil
}

// history is what is known of a number. Its tickets are the house's; its calls are for those who have the caller with them, and
// else as in the list of calls.
func (d *Desk) history(w http.ResponseWriter, r *asked) error {
	number, err := phoneNumber(r)
	if err != nil {
		return err
	}
	if number == "" {
		return wrong("number", "Whose history? A withheld caller has none.")
	}
	found, err := d.Store.OfNumber(r.Context(), number, historyShown)
	if err != nil {
		return err
	}
	mine, err := d.reach(r.Context(), r.user)
	if err != nil {
		return err
	}
	if !mine.all && mine.number != number {
		q := history.CallQuery{Number: number, Limit: historyShown}
		mine.narrow(&q)
		if found.Calls, _, err = d.Store.Calls(r.Context(), q); err != nil {
			return err
		}
		found.CallsTotal = len(found.Calls)
	}
	found.Calls, found.Tickets = list(found.Calls), list(found.Tickets)
	answer(w, http.StatusOK, found)
	return nil
}

func (d *Desk) messages(w http.ResponseWriter, r *asked) error {
	n, err := limit(r, 100, 500)
	if err != nil {
		return err
	}
	done := false
	switch r.URL.Query().Get("done") {
	case "", "false":
	case "true":
		done = true
	default:
		return wrong("done", "true or false.")
	}
	found, err := d.Store.Messages(r.Context(), done, n)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, MessageList{Messages: list(found)})
	return nil
}

func (d *Desk) messageDone(w http.ResponseWriter, r *asked) error { return d.markMessage(w, r, true) }
func (d *Desk) messageUndone(w http.ResponseWriter, r *asked) error {
	return d.markMessage(w, r, false)
}

func (d *Desk) markMessage(w http.ResponseWriter, r *asked, done bool) error {
	id, err := word("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := d.Store.MarkMessage(r.Context(), id, done, r.user.Login, d.Now()); err != nil {
		return err
	}
	d.ListsChanged()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
