//go:build e2e

package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/ticket"
)

func TestWhatWasTypedWhileTheArchiveWasAwayIsAppliedOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	const id = "20261121-0001"
	draft := func(by, field, value string) fact.TicketDrafted {
		return fact.TicketDrafted{Ticket: id, By: by, Version: 1, Fields: map[string]string{field: value}}
	}
	// While it is away a ticket pops and two people type; the form's version stays 1.
	d.after(0, fact.TicketOpened{Ticket: id, Call: "1", Channel: "phone", Caller: mrZhao, Agent: "li"})
	d.after(time.Second, draft("li", "happened", "路"))
	d.after(time.Second, draft("li", "happened", "路灯"))
	d.after(time.Second, draft("wang", "happened", "street light"))
	d.after(time.Second, draft("wang", "address", "朝阳区"))
	d.after(time.Second, fact.TicketDrafted{Ticket: "20261121-9999", By: "li", Version: 1, Fields: map[string]string{"asked": "x"}})
	d.after(time.Second, fact.TicketDrafted{Ticket: id, By: "li", Version: 1, Do: "close"})
	d.after(time.Second, fact.TicketDrafted{Ticket: id, By: "wang", Version: 1, Do: "close"})
	p := follow(t, s, d)
	settled(t, p)
	require.Equal(t, 1, p.Status().Unapplied, "the one for a ticket that nobody opened")

	f, err := s.Ticket(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "路灯", f.Ticket.Happened)
	require.Equal(t, "朝阳区", f.Ticket.Address)
	require.Equal(t, ticket.Closed, f.Ticket.State)
	require.Equal(t, 6, f.Ticket.Version)
	require.Equal(t, []ticket.Field{{Field: "kept.happened", To: "street light"}}, f.Changes[2].Fields, "nothing typed is lost")
	require.Equal(t, d.at.Add(-6*time.Second), f.Changes[0].At, "when it was typed")

	// The form goes on from its version 1, without meeting its own delayed words.
	_, err = s.EditTicket(t.Context(), id, ticket.Edit{Version: 1, Happened: typed("路灯坏了")}, "li", time.Now())
	require.NoError(t, err)
	var clash *ticket.Conflict
	_, err = s.EditTicket(t.Context(), id, ticket.Edit{Version: 1, Happened: typed("dark")}, "wang", time.Now())
	require.ErrorAs(t, err, &clash)
}
