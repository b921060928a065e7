package ari_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
)

// link connects a Conn to a Server; change may alter its configuration first.
func link(t *testing.T, srv *aritest.Server, change ...func(*ari.Config)) (*ari.Conn, *aritest.Ear) {
	t.Helper()
	cfg := srv.Config()
	for _, f := range change {
		f(&cfg)
	}
	ear := &aritest.Ear{}
	c, err := ari.New(cfg, ear.Hear)
	require.NoError(t, err)
	require.NoError(t, c.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	return c, ear
}

func TestCallerIsHeardFromTheFirstEventToTheLast(t *testing.T) {
	srv := aritest.New(t)
	c, ear := link(t, srv)
	ear.AwaitUp(t, 0)

	require.True(t, srv.Call("c1", aritest.Caller{Number: "13800138000", Exten: "12345"}))
	start, at := aritest.AwaitEvent[*ari.StasisStart](t, ear, 0, "the call", nil)
	require.Equal(t, []string{"13800138000", "12345"}, start.Args)
	require.Equal(t, "13800138000", start.Channel.Caller.Number)
	require.NoError(t, c.Answer(t.Context(), "c1"))
	srv.DTMF("c1", "1")
	_, at = aritest.AwaitEvent[*ari.ChannelDtmfReceived](t, ear, at, "the key", nil)
	srv.Hangup("c1")
	_, at = aritest.AwaitEvent[*ari.StasisEnd](t, ear, at, "the end in Stasis", nil)
	end, _ := aritest.AwaitEvent[*ari.ChannelDestroyed](t, ear, at, "the end", nil)
	require.Equal(t, ari.CauseNormal, end.Cause)
}

func TestCutLinkComesBackWithWhatAsteriskHolds(t *testing.T) {
	srv := aritest.New(t)
	_, ear := link(t, srv)
	_, at := ear.AwaitUp(t, 0)
	srv.Call("c1", aritest.Caller{Number: "1"})
	aritest.AwaitEvent[*ari.StasisStart](t, ear, at, "the call", nil)

	srv.CutWebsocket()
	down, at := ear.AwaitDown(t, at)
	require.Equal(t, ari.ReasonReset, down.Reason)
	up, _ := ear.AwaitUp(t, at)
	require.Len(t, up.Snapshot.Channels, 1)
	require.Equal(t, "c1", up.Snapshot.Channels[0].ID)
	require.Equal(t, []string{"c1"}, up.Snapshot.Application.ChannelIDs)
}
