package people_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"hotline/people"
	"hotline/people/peopletest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cheap is a cost for tests only.
var cheap = people.Cost{Memory: 64, Time: 1, Threads: 1}

const password = "correct horse"

type away struct{ error }

func (away) Code() string { return "unavailable" }

type house struct {
	*people.Door
	store *peopletest.Store
	mu    sync.Mutex
	at    time.Time
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{store: peopletest.NewStore(), at: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	cfg := people.DefaultConfig()
	cfg.Cost = cheap
	var err error
	h.Door, err = people.NewDoor(h.store, cfg, slog.New(slog.DiscardHandler), h.now)
	require.NoError(t, err)
	require.NoError(t, h.Add(t.Context(), people.User{Login: "Li.Na", Name: "李娜", Role: people.Agent, Agent: "li"}, password, "setup"))
	return h
}

func code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

func TestAPersonComesInAndLeaves(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	token, u, err := h.SignIn(ctx, " LI.na ", password, "127.0.0.1", "Chromium")
	require.NoError(t, err)
	require.Equal(t, "li.na", u.Login)
	require.GreaterOrEqual(t, len(token), 43, "256 bits")
	who, err := h.Who(ctx, token)
	require.NoError(t, err)
	require.Equal(t, people.Agent, who.Role)
	require.Empty(t, who.Hash, "nobody needs the hash")
	require.NoError(t, h.SignOut(ctx, token, "127.0.0.1"))
	_, err = h.Who(ctx, token)
	require.ErrorIs(t, err, people.ErrNotSignedIn)
	_, err = h.Who(ctx, "")
	require.ErrorIs(t, err, people.ErrNotSignedIn)
	var acts []people.Act
	for _, e := range h.store.Entries() {
		acts = append(acts, e.Act)
	}
	require.Equal(t, []people.Act{people.UserChanged, people.SignedIn, people.SignedOut}, acts)
}

func TestSessionsEndByThemselves(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token, _, err := h.SignIn(t.Context(), "li.na", password, "a", "")
	require.NoError(t, err)
	h.pass(people.DefaultConfig().Session - time.Nanosecond)
	_, err = h.Who(t.Context(), token)
	require.NoError(t, err)
	h.pass(time.Nanosecond)
	_, err = h.Who(t.Context(), token)
	require.ErrorIs(t, err, people.ErrNotSignedIn)
}

func TestWrongPasswordAndWrongLoginSoundAlike(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var said []string
	for _, c := range [][2]string{{"li.na", "wrong"}, {"nobody", password}, {"li.na' OR 1=1", password}, {"", ""}, {"li.na", strings.Repeat("x", 1<<20)}} {
		_, _, err := h.SignIn(t.Context(), c[0], c[1], "a", "")
		require.ErrorIs(t, err, people.ErrWrong)
		said = append(said, err.Error())
	}
	for _, s := range said {
		require.Equal(t, said[0], s)
	}
}

func TestGuessingIsStoppedWithoutLockingTheOwnerOut(t *testing.T) {
	t.Parallel()
	h, ctx, limits := newHouse(t), t.Context(), people.DefaultLimits()
	var all sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	for range 40 { // at once: the attempt is counted before the password is looked at
		all.Go(func() {
			_, _, err := h.SignIn(ctx, "li.na", "guess", "6.6.6.6", "")
			mu.Lock()
			defer mu.Unlock()
			codes[code(err)]++
		})
	}
	all.Wait()
	require.Equal(t, map[string]int{"unauthorized": limits.Account, "too-many": 40 - limits.Account}, codes)
	_, _, err := h.SignIn(ctx, "li.na", password, "6.6.6.6", "")
	require.Equal(t, "too-many", code(err), "even the right one must wait")
	var fault *people.Fault
	require.ErrorAs(t, err, &fault)
	require.Equal(t, 600, fault.RetryAfter())
	_, _, err = h.SignIn(ctx, "li.na", password, "10.0.0.1", "")
	require.NoError(t, err, "the owner's own desk is another address")
	h.pass(limits.Window)
	_, _, err = h.SignIn(ctx, "li.na", password, "6.6.6.6", "")
	require.NoError(t, err)
}

func TestOneAddressCannotTryEveryAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	last := ""
	for i := range people.DefaultLimits().Address + 1 {
		_, _, err := h.SignIn(t.Context(), fmt.Sprintf("user%d", i), "12345678", "6.6.6.6", "")
		last = code(err)
	}
	require.Equal(t, "too-many", last)
}

func TestAnAccountCannotBeTriedFromEverywhere(t *testing.T) {
	t.Parallel()
	h, ctx, limits := newHouse(t), t.Context(), people.DefaultLimits()
	_, _, err := h.SignIn(ctx, "li.na", password, "10.0.0.1", "")
	require.NoError(t, err)
	for i := range limits.Anywhere {
		_, _, err := h.SignIn(ctx, "li.na", "12345678", fmt.Sprintf("6.6.6.%d", i), "")
		require.Equal(t, "unauthorized", code(err))
	}
	_, _, err = h.SignIn(ctx, "li.na", password, "7.7.7.7", "")
	require.Equal(t, "too-many", code(err))
	_, _, err = h.SignIn(ctx, "li.na", password, "10.0.0.1", "")
	require.NoError(t, err, "the owner is not locked out by strangers")
	_, _, err = h.SignIn(ctx, "wang", "12345678", "7.7.7.7", "")
	require.Equal(t, "unauthorized", code(err), "other accounts are tried as ever")
	h.pass(limits.Window)
	_, _, err = h.SignIn(ctx, "li.na", password, "7.7.7.7", "")
	require.NoError(t, err)
}

func TestNamesThatAreRefusedDoNotPushAnAddressOutOfMemory(t *testing.T) {
	t.Parallel()
	h, ctx, limits := newHouse(t), t.Context(), people.DefaultLimits()
	try := func(login string) string {
		_, _, err := h.SignIn(ctx, login, "12345678", "6.6.6.6", "")
		return code(err)
	}
	for i := range limits.Address {
		require.Equal(t, "unauthorized", try(fmt.Sprintf("user%d", i)))
	}
	for i := range 25_000 {
		require.Equal(t, "too-many", try(fmt.Sprintf("other%d", i)))
	}
	require.Equal(t, "too-many", try("li.na"))
}

func TestAShiftGoesOnWhileTheArchiveIsAway(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	token, _, err := h.SignIn(ctx, "li.na", password, "a", "")
	require.NoError(t, err)
	h.store.Fail(away{errors.New("no PostgreSQL")})
	h.pass(time.Hour)
	u, err := h.Who(ctx, token)
	require.NoError(t, err)
	require.Equal(t, "li", u.Agent)
	_, err = h.Who(ctx, "somebody else's")
	require.Equal(t, "unavailable", code(err), "unknown sessions are neither let in nor thrown out")
	_, _, err = h.SignIn(ctx, "li.na", password, "a", "")
	require.Equal(t, "unavailable", code(err))

	require.Error(t, h.SignOut(ctx, token, "a"))
	_, err = h.Who(ctx, token)
	require.ErrorIs(t, err, people.ErrNotSignedIn)
	h.store.Fail(nil)
	_, err = h.Who(ctx, token)
	require.ErrorIs(t, err, people.ErrNotSignedIn, "signed out is signed out, when the archive is back too")
}

// hanging is a store that answers nothing until it is given up.
type hanging struct{ people.Store }

func (hanging) Session(ctx context.Context, _ people.Key, _ time.Time) (people.Session, people.User, error) {
	<-ctx.Done()
	return people.Session{}, people.User{}, ctx.Err()
}

func TestAStoreThatHangsHoldsAShiftUpOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := peopletest.NewStore()
		cfg := people.DefaultConfig()
		cfg.Cost = cheap
		d, err := people.NewDoor(hanging{store}, cfg, nil, time.Now)
		require.NoError(t, err)
		require.NoError(t, d.Add(t.Context(), people.User{Login: "li", Role: people.Agent}, password, "setup"))
		token, _, err := d.SignIn(t.Context(), "li", password, "a", "")
		require.NoError(t, err)
		time.Sleep(time.Minute)
		for _, wait := range []time.Duration{300 * time.Millisecond, 0, 0} {
			asked := time.Now()
			_, err = d.Who(t.Context(), token)
			require.NoError(t, err)
			require.Equal(t, wait, time.Since(asked))
		}
		require.NoError(t, d.Close())
	})
}

func TestWhoIsAnsweredFromMemoryForSomeSeconds(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	token, _, err := h.SignIn(ctx, "li.na", password, "a", "")
	require.NoError(t, err)
	before := h.store.Asked()
	for range 100 {
		_, err = h.Who(ctx, token)
		require.NoError(t, err)
	}
	require.Equal(t, before, h.store.Asked())
	h.pass(10 * time.Second)
	_, err = h.Who(ctx, token)
	require.NoError(t, err)
	require.Equal(t, before+1, h.store.Asked())
}

func TestADisabledUserIsOutAtOnce(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	token, _, err := h.SignIn(ctx, "li.na", password, "a", "")
	require.NoError(t, err)
	require.NoError(t, h.Disable(ctx, "li.na", "root"))
	_, err = h.Who(ctx, token)
	require.ErrorIs(t, err, people.ErrNotSignedIn)
	_, _, err = h.SignIn(ctx, "li.na", password, "a", "")
	require.ErrorIs(t, err, people.ErrWrong)
}

func TestANewPasswordOrRoleEndsSessions(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	for _, change := range []func() error{
		func() error { return h.SetPassword(ctx, "li.na", "another one", "root") },
		func() error {
			return h.Add(ctx, people.User{Login: "li.na", Role: people.Supervisor}, "", "root")
		},
	} {
		require.NoError(t, h.Add(ctx, people.User{Login: "li.na", Role: people.Agent}, password, "root"))
		token, _, err := h.SignIn(ctx, "li.na", password, "a", "")
		require.NoError(t, err)
		require.NoError(t, change())
		_, err = h.Who(ctx, token)
		require.ErrorIs(t, err, people.ErrNotSignedIn)
	}
	require.Equal(t, "bad-request", code(h.SetPassword(ctx, "li.na", "short", "root")))
	require.Equal(t, "bad-request", code(h.Add(ctx, people.User{Login: "x", Role: "king"}, password, "root")))
	require.Equal(t, "bad-request", code(h.Add(ctx, people.User{Login: "no spaces", Role: people.Agent}, password, "root")))
}

func TestHashesAreRenewedAtTheHousesCost(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	u, err := h.store.User(ctx, "li.na")
	require.NoError(t, err)
	u.Hash, err = people.HashPassword(password, people.Cost{Memory: 32, Time: 1, Threads: 1})
	require.NoError(t, err)
	require.NoError(t, h.store.PutUser(ctx, u))
	_, _, err = h.SignIn(ctx, "li.na", password, "a", "")
	require.NoError(t, err)
	u, err = h.store.User(ctx, "li.na")
	require.NoError(t, err)
	require.Contains(t, u.Hash, "m=64,t=1,p=1")
}

func TestPasswordsAreHashedWithSaltAndTheirParameters(t *testing.T) {
	t.Parallel()
	a, err := people.HashPassword(password, cheap)
	require.NoError(t, err)
	b, err := people.HashPassword(password, cheap)
	require.NoError(t, err)
	require.NotEqual(t, a, b)
	require.True(t, strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$"))
	ok, cost, err := people.CheckPassword(a, password)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, cheap, cost)
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", strings.Replace(a, "m=64", "m=99999999", 1),
		strings.Replace(a, "t=1", "t=0", 1), strings.Replace(a, "v=19", "v=16", 1), a + "x", strings.Replace(a, "p=1", "p=999", 1)} {
		ok, _, err := people.CheckPassword(bad, password)
		require.Error(t, err, bad)
		require.False(t, ok)
	}
}

var dear = regexp.MustCompile(`m=\d{5,}|t=\d{2,}`)

func FuzzStoredHash(f *testing.F) {
	good, err := people.HashPassword(password, cheap)
	require.NoError(f, err)
	f.Add(good)
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, hash string) {
		if dear.MatchString(hash) {
			return // not a test of this machine's patience
		}
		ok, _, err := people.CheckPassword(hash, password)
		if ok && err != nil {
			t.Fatal("both right and unreadable")
		}
	})
}

func TestRolesContainEachOther(t *testing.T) {
	t.Parallel()
	for i, r := range people.Roles {
		for j, need := range people.Roles {
			require.Equal(t, i >= j, r.May(need))
		}
		require.False(t, people.Role("").May(r))
		require.False(t, r.May(""))
	}
}

func TestTheStoreInMemoryIsAStore(t *testing.T) {
	t.Parallel()
	peopletest.Exercise(t, peopletest.NewStore())
}
