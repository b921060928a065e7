package ari_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
)

func TestEachWayToLoseTheLinkHasItsReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lose   func(*aritest.Server)
		reason ari.Reason
	}{
		"connection cut":            {(*aritest.Server).CutWebsocket, ari.ReasonReset},
		"closed in good order":      {func(s *aritest.Server) { s.CloseWebsocket(1000) }, ari.ReasonReset},
		"cut as a reader too slow":  {func(s *aritest.Server) { s.CloseWebsocket(1011) }, ari.ReasonStalled},
		"no answer to pings":        {(*aritest.Server).HalfOpen, ari.ReasonHalfOpen},
		"application deactivated":   {(*aritest.Server).Deafen, ari.ReasonDeaf},
		"Asterisk restarted":        {(*aritest.Server).Restart, ari.ReasonReset},
		"another has the app":       {(*aritest.Server).Replace, ari.ReasonReplaced},
		"requests are not answered": {func(s *aritest.Server) { s.HangHTTP(true) }, ari.ReasonDeaf},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := aritest.New(t)
			conn, ear := link(t, srv, func(cfg *ari.Config) {
				switch c.reason {
				case ari.ReasonDeaf:
					cfg.RequestTimeout = 500 * time.Millisecond
				case ari.ReasonHalfOpen: // else the missing heartbeat is found first
					cfg.Heartbeat, cfg.PingInterval, cfg.PongTimeout = time.Hour, 50*time.Millisecond, time.Second
				}
			})
			_, at := ear.AwaitUp(t, 0)
			srv.Call("c1", aritest.Caller{Number: "1"})
			aritest.AwaitEvent[*ari.StasisStart](t, ear, at, "the call", nil)

			c.lose(srv)
			down, at := ear.AwaitDown(t, at)
			require.Equal(t, c.reason, down.Reason, "%v", down.Err)
			require.Error(t, down.Err)
			srv.HangHTTP(false)
			if c.reason == ari.ReasonReplaced {
				conn.Retake()
			}
			up, at := ear.AwaitUp(t, at)
			require.Equal(t, srv.Has("c1"), len(up.Snapshot.Channels) == 1)
			srv.Call("c2", aritest.Caller{Number: "2"})
			aritest.AwaitEvent(t, ear, at, "a call after the gap", func(e *ari.StasisStart) bool { return e.Channel.ID == "c2" })
		})
	}
}

func TestReplacedLinkStaysDownUntilItIsToldToRetake(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	conn, ear := link(t, srv)
	_, at := ear.AwaitUp(t, 0)
	conn.Retake() // a wish from before does not count
	srv.Replace()
	down, at := ear.AwaitDown(t, at)
	require.Equal(t, ari.ReasonReplaced, down.Reason)
	before := len(srv.Requests())
	require.NoError(t, conn.Ping(t.Context()), "requests still go")
	require.Equal(t, before+1, len(srv.Requests()), "and the link itself asks nothing")
	require.False(t, srv.Connected())
	conn.Retake()
	ear.AwaitUp(t, at)
}

func TestLinkReplacedInAGapSaysSo(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	conn, ear := link(t, srv)
	_, at := ear.AwaitUp(t, 0)
	srv.Inject(aritest.Fault{Op: "bridges.list", Delay: 100 * time.Millisecond})
	srv.CutWebsocket()
	_, at = ear.AwaitDown(t, at)
	srv.WaitFor("the second snapshot to be under way", func() bool { return srv.Count("bridges.list") == 2 })
	srv.Replace()
	down, at := ear.AwaitDown(t, at+1)
	require.Equal(t, ari.ReasonReplaced, down.Reason)
	conn.Retake()
	ear.AwaitUp(t, at)
}

func TestEventsBeforeTheSnapshotIsTakenAreHeardAfterIt(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	srv.Inject(aritest.Fault{Op: "bridges.list", Delay: 100 * time.Millisecond})
	_, ear := link(t, srv)
	srv.WaitFor("the snapshot to be under way", func() bool { return srv.Count("bridges.list") == 1 })
	srv.Call("early", aritest.Caller{Number: "1"})
	up, at := ear.AwaitUp(t, 0)
	require.Zero(t, at, "Up is the first of all")
	require.Empty(t, up.Snapshot.Channels)
	aritest.AwaitEvent(t, ear, at, "the early call", func(e *ari.StasisStart) bool { return e.Channel.ID == "early" })
}

func TestSlowCentreIsResyncedAndLosesNothing(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	var ear aritest.Ear
	gate := make(chan struct{})
	open := sync.OnceFunc(func() { close(gate) })
	defer open()
	cfg := srv.Config()
	cfg.Backlog = 20
	conn, err := ari.New(cfg, func(m ari.Message) {
		if _, ok := m.(ari.Event); ok {
			<-gate
		}
		ear.Hear(m)
	})
	require.NoError(t, err)
	require.NoError(t, conn.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, conn.Stop()) })
	ear.AwaitUp(t, 0)

	for _, id := range []string{"a", "b", "c"} {
		srv.Call(id, aritest.Caller{Number: "1"})
		for range 30 {
			srv.DTMF(id, "1")
		}
	}
	srv.WaitFor("the link to be cut", func() bool { return !srv.Connected() })
	open()
	down, at := ear.AwaitDown(t, 0)
	require.Equal(t, ari.ReasonOverflow, down.Reason)
	require.Contains(t, []int{1 + 20, 1 + 1 + 20}, at, "all that was taken over is heard: Up, the backlog, and what the centre had in its hands")
	up, _ := ear.AwaitUp(t, at)
	require.Len(t, up.Snapshot.Channels, 3, "the rest is in the snapshot")
}

func TestLinkThatCannotComeUpSaysSoOnceAndGoesOnTrying(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil  func(*aritest.Server, *ari.Config)
		mend   func(*aritest.Server)
		reason ari.Reason
		words  string
	}{
		"nobody is there": {
			func(s *aritest.Server, _ *ari.Config) { s.Crash() }, (*aritest.Server).Boot, ari.ReasonRefused, "",
		},
		"Asterisk is too old": {
			func(s *aritest.Server, _ *ari.Config) { s.Version("18.26.4") },
			func(s *aritest.Server) { s.Version("22.1.0") }, ari.ReasonTooOld, "20 or later",
		},
		"the snapshot fails": {
			func(s *aritest.Server, _ *ari.Config) {
				s.Inject(aritest.Fault{Op: "channels.list", Status: 500, Times: -1})
			},
			(*aritest.Server).Heal, ari.ReasonSnapshot, "channels.list",
		},
		"the user may only read": {
			func(s *aritest.Server, _ *ari.Config) {
				s.Inject(aritest.Fault{Op: "events.user", Status: 403, Times: -1})
			},
			(*aritest.Server).Heal, ari.ReasonUnauthorized, "events.user",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := aritest.New(t)
			cfg := srv.Config()
			c.spoil(srv, &cfg)
			_, ear := link(t, srv)
			down, at := ear.AwaitDown(t, 0)
			require.Zero(t, at)
			require.Equal(t, c.reason, down.Reason)
			require.ErrorContains(t, down.Err, c.words)
			if c.reason == ari.ReasonTooOld {
				require.False(t, srv.Connected(), "its calls are not taken")
			}
			c.mend(srv)
			_, at = ear.AwaitUp(t, at)
			require.Equal(t, 1, at, "one Down, however many tries")
		})
	}
}

func TestWrongPasswordIsToldWithoutThePassword(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	_, ear := link(t, srv, func(cfg *ari.Config) { cfg.Password = "hunter2" })
	down, _ := ear.AwaitDown(t, 0)
	require.Equal(t, ari.ReasonUnauthorized, down.Reason)
	require.ErrorContains(t, down.Err, "ari.conf")
	require.NotContains(t, down.Err.Error(), "hunter2")
}

func TestRestartedAsteriskIsKnownByItsStart(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	_, ear := link(t, srv)
	before, at := ear.AwaitUp(t, 0)
	srv.Call("c1", aritest.Caller{Number: "1"})
	aritest.AwaitEvent[*ari.StasisStart](t, ear, at, "the call", nil)
	srv.Restart()
	_, at = ear.AwaitDown(t, at)
	after, _ := ear.AwaitUp(t, at)
	require.True(t, after.Snapshot.StartedAt().After(before.Snapshot.StartedAt()))
	require.Empty(t, after.Snapshot.Channels)
}

func TestBrokenAndUnknownEventsDoNotHideTheNextOne(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	_, ear := link(t, srv)
	_, at := ear.AwaitUp(t, 0)
	srv.EmitRaw([]byte(`{"type":"StasisStart","channel":7}`))
	srv.EmitRaw([]byte(`not json`))
	srv.EmitRaw([]byte(`{"type":"ChannelToneDetected","channel":{"id":"c9"}}`))
	srv.Call("c1", aritest.Caller{Number: "1"})
	tone, at := aritest.AwaitEvent[*ari.Generic](t, ear, at, "the unknown event", nil)
	require.Equal(t, "c9", tone.Keys().First().ID)
	_, next := aritest.AwaitEvent[*ari.StasisStart](t, ear, at, "the call", nil)
	require.Equal(t, at+1, next)
}

func TestStopEndsEverythingAndMayBeCalledTwice(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	var ear aritest.Ear
	conn, err := ari.New(srv.Config(), ear.Hear)
	require.NoError(t, err)
	require.NoError(t, conn.Stop(), "before Start")
	require.NoError(t, conn.Start(context.Background()))
	require.Error(t, conn.Start(context.Background()))
	ear.AwaitUp(t, 0)
	require.NoError(t, conn.Stop())
	require.NoError(t, conn.Stop())
	srv.WaitFor("the application to be free", func() bool { return !srv.Connected() })
	heard := len(ear.Heard())
	srv.Call("c1", aritest.Caller{Number: "1"})
	require.Len(t, ear.Heard(), heard)
}

func TestStopIsBoundedWhenTheCentreHangs(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	hang, called := make(chan struct{}), make(chan struct{})
	conn, err := ari.New(srv.Config(), func(ari.Message) {
		close(called)
		<-hang
	})
	require.NoError(t, err)
	conn.SetStopBound(10 * time.Millisecond)
	require.NoError(t, conn.Start(context.Background()))
	<-called
	require.ErrorContains(t, conn.Stop(), "sink does not return")
	close(hang)
	conn.SetStopBound(10 * time.Second)
	require.NoError(t, conn.Stop())
}
