//go:build e2e

package postgres

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/people"
	"hotline/people/peopletest"
	"hotline/ticket"
)

func asError(err error, into **Error) bool { return errors.As(err, into) }

func typed(s string) *string { return &s }

func TestTwoWhoTypeIntoOneTicket(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	const id = "20261121-0001"
	d.after(0, fact.TicketOpened{Ticket: id, Call: "1", Channel: "phone", Caller: mrZhao, Agent: "li"})
	settled(t, follow(t, s, d))
	now := time.Now()

	// Different fields upon the same version: both stand.
	_, err := s.EditTicket(t.Context(), id, ticket.Edit{Version: 1, Happened: typed("噪音")}, "li", now)
	require.NoError(t, err)
	both, err := s.EditTicket(t.Context(), id, ticket.Edit{Version: 1, Address: typed("朝阳区")}, "wang", now)
	require.NoError(t, err)
	require.Equal(t, "噪音", both.Happened)
	require.Equal(t, 3, both.Version)

	// The same field: the second is told what stands.
	_, err = s.EditTicket(t.Context(), id, ticket.Edit{Version: 1, Happened: typed("noise")}, "wang", now)
	var clash *ticket.Conflict
	require.ErrorAs(t, err, &clash)
	require.Equal(t, both, clash.Current)

	closed, err := s.EditTicket(t.Context(), id, ticket.Edit{Version: 3, Do: ticket.Close}, "li", now)
	require.NoError(t, err)
	require.Equal(t, ticket.Closed, closed.State)
	f, err := s.Ticket(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, closed, f.Ticket)
	require.Len(t, f.Changes, 3)
	_, err = s.EditTicket(t.Context(), "20261121-9999", ticket.Edit{Version: 1}, "li", now)
	require.ErrorContains(t, err, "no ticket")
}

func TestManyAtOnceEachGetAVersion(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	const id, many = "20261121-0001", 20
	d.after(0, fact.TicketOpened{Ticket: id, Call: "1", Channel: "phone", Caller: mrZhao})
	settled(t, follow(t, s, d))
	var all sync.WaitGroup
	won := make(chan int, many)
	for i := range many {
		all.Go(func() {
			k, err := s.EditTicket(t.Context(), id, ticket.Edit{Version: 1, Happened: typed(fmt.Sprint(i))}, "li", time.Now())
			if err == nil {
				won <- k.Version
			}
		})
	}
	all.Wait()
	require.Len(t, won, 1, "one wins, the others are told")
	require.Equal(t, 2, <-won)
}

func TestTheArchiveIsAStoreOfPeople(t *testing.T) {
	t.Parallel()
	peopletest.Exercise(t, archive(t))
}

func TestNoSeatIsGivenTwiceAndTheAuditIsAClosedList(t *testing.T) {
	t.Parallel()
	s := archive(t)
	ctx, now := t.Context(), time.Now().UTC().Truncate(time.Microsecond)
	li := people.User{Login: "li", Role: people.Agent, Agent: "li", Created: now}
	require.NoError(t, s.PutUser(ctx, li))
	var taken *Error
	require.ErrorAs(t, s.PutUser(ctx, people.User{Login: "wang", Role: people.Agent, Agent: "li", Created: now}), &taken)
	require.Equal(t, "conflict", taken.Code())
	require.Error(t, s.PutUser(ctx, people.User{Login: "x", Role: "king", Created: now}))
	require.NoError(t, s.AddSession(ctx, people.Session{Key: people.KeyOf("1"), Login: "li", Created: now, Expires: now, Browser: "x\x00"}))
	require.NoError(t, s.Audit(ctx, people.Entry{At: now, Login: "li", Act: people.PlayedBack, About: "rec-1"}))
	require.Error(t, s.Audit(ctx, people.Entry{At: now, Act: "whatever"}))
	lines, err := s.Trail(ctx, people.Trail{Login: "rec-1", Limit: 100})
	require.NoError(t, err)
	require.Equal(t, []people.Entry{{ID: 1, At: now, Login: "li", Act: people.PlayedBack, About: "rec-1"}}, lines)
}
