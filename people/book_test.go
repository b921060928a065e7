package people_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/people"
	"hotline/people/peopletest"
)

// reopened is the door of the next server on the same book.
func (h *house) reopened(t *testing.T, path string) *house {
	t.Helper()
	cfg := people.DefaultConfig()
	cfg.Cost, cfg.Book = cheap, path
	next := &house{store: h.store, at: h.now()}
	var err error
	next.Door, err = people.NewDoor(h.store, cfg, slog.New(slog.DiscardHandler), next.now)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, next.Close()) })
	return next
}

func newHouseWithABook(t *testing.T) (h *house, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "signed-in")
	return newHouse(t).reopened(t, path), path
}

func (h *house) in(t *testing.T) (token string) {
	t.Helper()
	token, _, err := h.SignIn(t.Context(), "li.na", password, "a", "")
	require.NoError(t, err)
	return token
}

func TestAServerThatStartsKnowsItsPeopleWhileTheArchiveIsAway(t *testing.T) {
	t.Parallel()
	h, path := newHouseWithABook(t)
	token := h.in(t)
	h.store.Fail(away{errors.New("no PostgreSQL")})
	next := h.reopened(t, path) // the one before was killed: it closed nothing
	u, err := next.Who(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, people.User{Login: "li.na", Name: "李娜", Role: people.Agent, Agent: "li", Created: h.now()}, u)
	_, err = next.Who(t.Context(), "somebody else's")
	require.Equal(t, "unavailable", code(err), "unknown sessions are neither let in nor thrown out")
	next.pass(people.DefaultConfig().Session)
	_, err = next.Who(t.Context(), token)
	require.Error(t, err, "a session does not grow older than it may")
}

func TestASessionThatEndedWhileTheServerWasDownIsOver(t *testing.T) {
	t.Parallel()
	h, path := newHouseWithABook(t)
	token := h.in(t)
	require.NoError(t, h.store.EndSessionsOf(t.Context(), "li.na")) // by a program beside the server
	next := h.reopened(t, path)
	_, err := next.Who(t.Context(), token)
	require.ErrorIs(t, err, people.ErrNotSignedIn, "the archive is asked first")
	h.store.Fail(away{errors.New("no PostgreSQL")})
	_, err = next.reopened(t, path).Who(t.Context(), token)
	require.Equal(t, "unavailable", code(err), "and what it said is noted")
}

func TestSignedOutIsSignedOutForTheNextServerToo(t *testing.T) {
	t.Parallel()
	h, path := newHouseWithABook(t)
	known, unknown := h.in(t), h.in(t)
	require.NoError(t, os.Remove(path)) // the second is one that this server has not seen
	h = h.reopened(t, path)
	_, err := h.Who(t.Context(), known)
	require.NoError(t, err)
	h.store.Fail(away{errors.New("no PostgreSQL")})
	require.Error(t, h.SignOut(t.Context(), known, "a"))
	require.Error(t, h.SignOut(t.Context(), unknown, "a"))
	h.store.Fail(nil)
	next := h.reopened(t, path)
	for _, token := range []string{known, unknown} {
		_, err := next.Who(t.Context(), token)
		require.ErrorIs(t, err, people.ErrNotSignedIn, "the archive does not know it yet")
	}
}

func TestWhoseSessionsAreEndedIsOutForTheNextServerToo(t *testing.T) {
	t.Parallel()
	h, path := newHouseWithABook(t)
	token := h.in(t)
	require.NoError(t, h.Disable(t.Context(), "li.na", "root"))
	h.store.Fail(away{errors.New("no PostgreSQL")})
	_, err := h.reopened(t, path).Who(t.Context(), token)
	require.Equal(t, "unavailable", code(err))
}

// slow is a store that answers after some time.
type slow struct {
	people.Store
	after time.Duration
}

func (s slow) Session(ctx context.Context, k people.Key, now time.Time) (people.Session, people.User, error) {
	select {
	case <-time.After(s.after):
		return s.Store.Session(ctx, k, now)
	case <-ctx.Done():
		return people.Session{}, people.User{}, ctx.Err()
	}
}

func TestASlowArchivesAnswerCountsWhenItComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := peopletest.NewStore()
		cfg := people.DefaultConfig()
		cfg.Cost, cfg.Book = cheap, filepath.Join(t.TempDir(), "signed-in")
		first, err := people.NewDoor(store, cfg, nil, time.Now)
		require.NoError(t, err)
		require.NoError(t, first.Add(t.Context(), people.User{Login: "li", Role: people.Agent}, password, "setup"))
		token, _, err := first.SignIn(t.Context(), "li", password, "a", "")
		require.NoError(t, err)
		require.NoError(t, first.Close())
		require.NoError(t, store.EndSessionsOf(t.Context(), "li"))

		next, err := people.NewDoor(slow{store, 2 * time.Second}, cfg, nil, time.Now)
		require.NoError(t, err)
		began := time.Now()
		_, err = next.Who(t.Context(), token)
		require.NoError(t, err, "a caller may be waiting for this desk")
		require.Equal(t, 300*time.Millisecond, time.Since(began))
		time.Sleep(1700*time.Millisecond - time.Nanosecond)
		_, err = next.Who(t.Context(), token)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		_, err = next.Who(t.Context(), token)
		require.ErrorIs(t, err, people.ErrNotSignedIn)
		require.NoError(t, next.Close())
	})
}

func TestADamagedBookCostsItsLinesOnly(t *testing.T) {
	t.Parallel()
	h, path := newHouseWithABook(t)
	token, torn := h.in(t), h.in(t)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), token, "who reads the book cannot come in with it")
	require.NoError(t, os.WriteFile(path, append([]byte("\x00\n{\"session\":\"zz\"}\n"), text[:len(text)-20]...), 0o600))
	h.store.Fail(away{errors.New("no PostgreSQL")})
	next := h.reopened(t, path)
	_, err = next.Who(t.Context(), token)
	require.NoError(t, err)
	_, err = next.Who(t.Context(), torn)
	require.Equal(t, "unavailable", code(err))
}

func TestABookIsForItsOwnerAndStaysShort(t *testing.T) {
	t.Parallel()
	h, path := newHouseWithABook(t)
	for range 4 { // shifts
		for range 500 {
			require.NoError(t, h.SignOut(t.Context(), h.in(t), "a"))
		}
		h.pass(people.DefaultConfig().Session)
	}
	stays := h.in(t)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Less(t, bytes.Count(text, []byte("\n")), 1500, "what is over is not kept for ever")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	require.NoError(t, err)
	require.Equal(t, []string{path}, left, "nothing lies about")
	h.store.Fail(away{errors.New("no PostgreSQL")})
	_, err = h.reopened(t, path).Who(t.Context(), stays)
	require.NoError(t, err)
}

func TestABookThatCannotBeWrittenKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t).reopened(t, filepath.Join(t.TempDir(), "no such folder", "signed-in"))
	_, err := h.Who(t.Context(), h.in(t))
	require.NoError(t, err)
}
