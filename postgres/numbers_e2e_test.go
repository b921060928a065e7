//go:build e2e

package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

func TestTheLastTicketOfADayIsTheOneWithTheHighestNumber(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	for _, id := range []string{"20261120-0077", "20261121-0002", "20261121-10000", "20261121-9999"} {
		d.after(0, fact.TicketOpened{Ticket: id, Call: id, Channel: "phone", Caller: mrZhao})
	}
	settled(t, follow(t, s, d))
	for day, want := range map[string]int{"20261120": 77, "20261121": 10000, "20261122": 0} {
		n, err := s.LastTicket(t.Context(), day)
		require.NoError(t, err)
		require.Equal(t, want, n, day)
	}
	empty, err := New(database(t, server), nil)
	require.NoError(t, err)
	defer empty.Close()
	n, err := empty.LastTicket(t.Context(), "20261121")
	require.NoError(t, err)
	require.Zero(t, n, "an archive that is not set up yet")
}
