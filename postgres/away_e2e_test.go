//go:build e2e

package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/people"
	"hotline/ticket/history"
)

func TestAMessageOfTheSafetyNetStandsAtTheTimeItWasLeftBesideItsCall(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	left := d.at.Add(-3 * time.Hour)
	net := func(call string, known bool) fact.NetMessage {
		return fact.NetMessage{Call: call, Message: call + "-n1", Node: "a", Name: "net_x", Line: "12345", Caller: mrZhao, Known: known, Left: left, Duration: 5 * time.Second}
	}
	d.after(0, fact.CallArrived{Call: "1", Channel: "1", Node: "a", Line: "12345", Via: "sip", Caller: mrZhao})
	d.after(time.Second, fact.CallEnded{Call: "1", Ending: fact.EndAbandoned, Inferred: true})
	d.after(time.Second, net("1", true), fact.TicketOpened{Ticket: "20261121-0001", Call: "1", Channel: "message", Caller: mrZhao, Message: "1-n1"})
	d.after(time.Second, net("2", false), fact.TicketOpened{Ticket: "20261121-0002", Call: "2", Channel: "message", Caller: mrZhao, Message: "2-n1"})
	d.after(time.Second, fact.RecordingStored{Call: "2", Recording: "2-n1", File: "2026/11/21/2-n1.opus", Bytes: 1, Duration: 5 * time.Second, SHA256: "x", Channels: 1})
	p := follow(t, s, d)
	settled(t, p)
	require.Zero(t, p.Status().Unapplied)

	known, err := s.Call(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, string(fact.EndAbandoned), string(known.Ending), "its own ending stays")
	taken, err := s.Call(t.Context(), "2")
	require.NoError(t, err)
	require.Equal(t, string(fact.EndMessage), string(taken.Ending))
	require.Equal(t, "net", taken.Via)
	require.True(t, left.Equal(taken.Arrived))
	messages, err := s.Messages(t.Context(), false, 10)
	require.NoError(t, err)
	require.Len(t, messages, 2)
	for _, m := range messages {
		require.NotEmpty(t, m.Ticket)
		require.True(t, left.Add(5*time.Second).Equal(m.Left), "%s", m.Left)
		require.InDelta(t, 5, m.Duration, 0)
	}

	// When the time to keep it is over it is not shown as one that could be played.
	d.after(time.Hour, fact.RecordingDeleted{Call: "2", Recording: "2-n1", Why: "deleted: it was kept for 180 days, as configured"})
	settled(t, p)
	r, err := s.Recording(t.Context(), "2-n1")
	require.NoError(t, err)
	require.Equal(t, history.Lost, r.State)
	require.Contains(t, r.Why, "180 days")
}

func TestSessionsThatHaveExpiredAreForgotten(t *testing.T) {
	t.Parallel()
	s := archive(t)
	now := time.Now()
	require.NoError(t, s.PutUser(t.Context(), people.User{Login: "li", Name: "Li", Role: people.Agent, Created: now}))
	for i, until := range []time.Duration{-time.Hour, time.Hour} {
		require.NoError(t, s.AddSession(t.Context(), people.Session{Key: people.Key{byte(i)}, Login: "li", Created: now.Add(-2 * time.Hour), Expires: now.Add(until)}))
	}
	require.NoError(t, s.ForgetSessions(t.Context(), now))
	var left int
	require.NoError(t, s.pool.QueryRow(t.Context(), `SELECT count(*) FROM sessions`).Scan(&left))
	require.Equal(t, 1, left)
}
