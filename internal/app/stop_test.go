package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/softphone"
)

func TestAPartThatHangsDoesNotKeepTheServerFromStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		order := make(chan string, 3)
		a := &App{}
		part := func(name string, do func(context.Context) error) {
			a.onStop(name, func(ctx context.Context) error { order <- name; return do(ctx) })
		}
		part("journal", func(context.Context) error { return nil })
		part("centre", func(context.Context) error { <-hang; return nil })
		part("desk", func(context.Context) error { return errors.New("a page would not go") })
		began := time.Now()
		err := a.Stop()
		require.Equal(t, stopTime, time.Since(began))
		require.ErrorContains(t, err, "stop centre: it did not stop within 5s")
		require.ErrorContains(t, err, "stop desk: a page would not go")
		require.Equal(t, []string{"desk", "centre", "journal"}, []string{<-order, <-order, <-order})
		require.NoError(t, a.Stop(), "twice")
		close(hang)
	})
}

func TestAnOfferThatIsNoneIsTheBrowsersFault(t *testing.T) {
	x, err := softphone.New(softphone.Config{Listen: "127.0.0.1:0", RTP: "127.0.0.1:0", Loopback: true})
	require.NoError(t, err)
	require.NoError(t, x.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, x.Stop(context.Background())) })
	_, _, err = deskPhone{x}.Attach(t.Context(), "lina", "v=nonsense")
	var told interface{ Code() string }
	require.ErrorAs(t, err, &told)
	require.Equal(t, string(desk.BadRequest), told.Code())
}
