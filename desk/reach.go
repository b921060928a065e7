package desk

import (
	"context"
	"errors"
	"slices"

	"hotline/fact"
	"hotline/people"
	"hotline/ticket/history"
)

// reach is whose calls somebody may look at. A call's record says who called, when and why: it is for those who work with it.
//
//	an agent       the calls that they were on or were offered; those of their queues, as these are now; all of the caller who
//	               is with them now; those of a ticket that is theirs
//	a supervisor   the calls of their queues; of all, where the configuration names none
//	an admin       all
type reach struct {
	all    bool
	queues []string
	agent  string // the seat
	owner  string // as whom tickets are theirs
	number string // of the caller who is with them now
}

// reach gives what a user may look at just now.
func (d *Desk) reach(ctx context.Context, u people.User) (reach, error) {
	h := d.House()
	if u.Role.May(people.Supervisor) {
		queues, only := h.Supervised[u.Login]
		return reach{all: u.Role.May(people.Admin) || !only, queues: queues}, nil
	}
	r := reach{agent: u.Agent, owner: owner(u)}
	if u.Agent == "" {
		return r, nil
	}
	for _, a := range h.Agents {
		if a.Agent == u.Agent {
			r.queues = a.Queues
		}
	}
	ok := d.hub.ask(ctx, func() {
		view := d.hub.agents[u.Agent]
		if view.Changed != nil && view.Changed.Queues != nil {
			r.queues = queuesOf(view.Changed.Queues)
		}
		switch {
		case view.Call != nil:
			r.number = known(view.Call.Caller)
		case view.Offer != nil:
			r.number = known(view.Offer.Caller)
		}
	})
	if !ok {
		return r, errDown
	}
	return r, nil
}

func queuesOf(memberships []fact.Membership) []string {
	names := make([]string, len(memberships))
	for i, m := range memberships {
		names[i] = m.Queue
	}
	return names
}

// known is a caller's number, where callers may be told apart by it.
func known(p fact.Party) string {
	if p.Withheld {
		return ""
	}
	return p.Number
}

// covers reports whether a call's record may be opened. ownerOf is asked last: it looks into the archive.
func (r reach) covers(c history.CallDetail, ownerOf func(ticket string) (string, error)) (bool, error) {
	if r.all || r.number != "" && r.number == known(c.Caller) {
		return true, nil
	}
	for _, v := range c.Visits {
		if slices.Contains(r.queues, v.Queue) {
			return true, nil
		}
		if r.agent != "" && slices.ContainsFunc(v.Offers, func(o history.Offer) bool { return o.Agent == r.agent }) {
			return true, nil
		}
	}
	if r.agent != "" && slices.ContainsFunc(c.Talks, func(t history.Talk) bool { return t.Agent == r.agent }) {
		return true, nil
	}
	if r.owner == "" {
		return false, nil
	}
	for _, t := range c.Tickets {
		if who, err := ownerOf(t); err != nil || who == r.owner {
			return err == nil, err
		}
	}
	return false, nil
}

// narrow leaves of a list the calls that one looks for in it: agents their own, supervisors those of their queues.
func (r reach) narrow(q *history.CallQuery) {
	switch {
	case r.all:
	case r.owner != "":
		q.Agent = r.owner
	default:
		q.Among = r.queues
	}
}

// openCall finds a call whose record this user may open; a refusal is audited.
func (d *Desk) openCall(r *asked, id string) (history.CallDetail, error) {
	c, err := d.Store.Call(r.Context(), id)
	if err != nil {
		return c, err
	}
	mine, err := d.reach(r.Context(), r.user)
	if err != nil {
		return c, err
	}
	may, err := mine.covers(c, func(ticket string) (string, error) {
		f, err := d.Store.Ticket(r.Context(), ticket)
		return f.Ticket.Owner, err
	})
	if err == nil && !may {
		err = errors.Join(refuse(Forbidden, "This call is none of yours: agents may open their own calls, those of their queues, of the caller who "+
			"is with them, and of their tickets; supervisors those of their queues."),
			d.audit(r.Context(), r, people.AccessRefused, id, "call"))
	}
	return c, err
}
