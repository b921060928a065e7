package app

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/internal/config"
	"hotline/people"
	"hotline/people/peopletest"
)

func TestAnAccountFromItsFirstDayToItsLast(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load("../../configs/hotline.yaml")
	require.NoError(t, err)
	store, ctx := peopletest.NewStore(), t.Context()
	door, err := people.NewDoor(store, people.DefaultConfig(), nil, time.Now)
	require.NoError(t, err)
	put := func(who Account) (string, error) {
		var said bytes.Buffer
		err := putAccount(ctx, cfg, store, door, who, &said)
		return said.String(), err
	}
	comesIn := func(password string) error {
		_, _, err := door.SignIn(ctx, "lina", password, "127.0.0.1", "")
		return err
	}

	said, err := put(Account{Login: "Lina"})
	require.NoError(t, err)
	require.Contains(t, said, "lina's password is ")
	u, err := store.User(ctx, "lina")
	require.NoError(t, err)
	require.Equal(t, people.Agent, u.Role)
	require.Equal(t, "lina", u.Agent, "the seat of the configuration")

	_, err = put(Account{Login: "lina", Password: "first password"})
	require.NoError(t, err)
	require.NoError(t, comesIn("first password"))

	_, err = put(Account{Login: "lina", Role: "supervisor", Password: "second password"})
	require.NoError(t, err)
	u, err = store.User(ctx, "lina")
	require.NoError(t, err)
	require.Equal(t, people.Supervisor, u.Role, "a role that is said is not passed over")

	_, err = put(Account{Login: "lina", Disable: true})
	require.NoError(t, err)
	require.ErrorIs(t, comesIn("second password"), people.ErrWrong)
	_, err = put(Account{Login: "lina", Password: "third password"})
	require.NoError(t, err)
	require.NoError(t, comesIn("third password"), "a new password lets them in again")

	_, err = put(Account{Login: "nobody", Disable: true})
	require.ErrorContains(t, err, "there is no account nobody")
	_, err = put(Account{Login: "guest"})
	require.ErrorContains(t, err, "--role")
}

func TestAnArchiveThatIsNotNamedIsNotLookedFor(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	require.ErrorContains(t, PutUser(t.Context(), "../../configs/hotline.yaml", Account{Login: "lina"}, &said), "names no archive")
	require.ErrorContains(t, ReportDay(t.Context(), "../../configs/hotline.yaml", "", &said), "names no archive")
}
