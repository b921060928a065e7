package peopletest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/people"
)

// Exercise holds a store to what people.Store promises. The store is empty and is not used by others.
func Exercise(t *testing.T, s people.Store) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

	_, err := s.User(ctx, "li")
	require.ErrorIs(t, err, people.ErrNotFound)
	li := people.User{Login: "li", Name: "李娜", Role: people.Agent, Agent: "li", Hash: "h", Created: now}
	require.NoError(t, s.PutUser(ctx, li))
	later := li
	later.Name, later.Role, later.Agent, later.Hash, later.Disabled, later.Created = "Li Na", people.Supervisor, "", "h2", true, now.Add(time.Hour)
	require.NoError(t, s.PutUser(ctx, later))
	later.Created = now // stays
	found, err := s.User(ctx, "li")
	require.NoError(t, err)
	require.Equal(t, later, found)
	wang := people.User{Login: "wang", Role: people.Admin, Created: now}
	require.NoError(t, s.PutUser(ctx, wang))
	users, err := s.Users(ctx)
	require.NoError(t, err)
	require.Equal(t, []people.User{later, wang}, users)

	first := people.Session{Key: people.KeyOf("1"), Login: "li", Created: now, Expires: now.Add(time.Hour), Addr: "127.0.0.1", Browser: "x"}
	second := first
	second.Key = people.KeyOf("2")
	other := first
	other.Key, other.Login = people.KeyOf("3"), "wang"
	for _, x := range []people.Session{first, second, other} {
		require.NoError(t, s.AddSession(ctx, x))
	}
	session, u, err := s.Session(ctx, first.Key, now.Add(time.Hour-time.Microsecond))
	require.NoError(t, err)
	require.Equal(t, first, session)
	require.Equal(t, later, u)
	_, _, err = s.Session(ctx, first.Key, now.Add(time.Hour))
	require.ErrorIs(t, err, people.ErrNotFound, "it has expired")
	require.NoError(t, s.EndSession(ctx, first.Key))
	_, _, err = s.Session(ctx, first.Key, now)
	require.ErrorIs(t, err, people.ErrNotFound)
	require.NoError(t, s.EndSession(ctx, first.Key), "ending twice is no error")
	require.NoError(t, s.EndSessionsOf(ctx, "li"))
	_, _, err = s.Session(ctx, second.Key, now)
	require.ErrorIs(t, err, people.ErrNotFound)
	_, _, err = s.Session(ctx, other.Key, now)
	require.NoError(t, err)

	for i, act := range people.Acts {
		require.NoError(t, s.Audit(ctx, people.Entry{At: now.Add(time.Duration(i) * time.Minute), Login: "wang", Act: act, About: "rec-1"}))
	}
	require.NoError(t, s.Audit(ctx, people.Entry{At: now.Add(time.Hour), Login: "root", Addr: "127.0.0.1", Act: people.SessionsEnded, About: "wang"}))
	all := len(people.Acts) + 1
	trail := func(q people.Trail) []people.Entry {
		q.Limit = max(q.Limit, 1)
		lines, err := s.Trail(ctx, q)
		require.NoError(t, err)
		return lines
	}
	lines := trail(people.Trail{Login: "wang", Limit: 100})
	require.Len(t, lines, all, "what wang did, and what was done to wang")
	latest := lines[0]
	require.Positive(t, latest.ID)
	latest.ID = 0
	require.Equal(t, people.Entry{At: now.Add(time.Hour), Login: "root", Addr: "127.0.0.1", Act: people.SessionsEnded, About: "wang"}, latest)
	require.Len(t, trail(people.Trail{Login: "root", Limit: 100}), 1)
	require.Empty(t, trail(people.Trail{Login: "li", Limit: 100}))
	require.Len(t, trail(people.Trail{From: now.Add(time.Minute), To: now.Add(3 * time.Minute), Limit: 100}), 2, "a stretch has its first moment and not its last")
	require.Equal(t, lines[2:], trail(people.Trail{Before: lines[1].ID, Limit: 100}), "the next page")
	require.Len(t, trail(people.Trail{Limit: 3}), 3)

	accounts, err := s.Accounts(ctx, now)
	require.NoError(t, err)
	require.Equal(t, []people.Account{{User: later}, {User: wang, LastIn: now, Sessions: 1}}, accounts)
	accounts, err = s.Accounts(ctx, now.Add(time.Hour))
	require.NoError(t, err)
	require.Zero(t, accounts[1].Sessions, "it has expired")
}
