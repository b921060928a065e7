package aritest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

var linkTrials = []trial{
	{"Asterisk tells its version and since when it runs", func(t *testing.T, s *suite) {
		info, err := s.Probe(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, info.SystemInfo.Version)
		require.False(t, ari.Snapshot{Info: info}.StartedAt().IsZero())
		require.NoError(t, s.Ping(t.Context()))
		modules, err := s.Modules(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, modules)
		has, err := s.HasSound(t.Context(), "beep")
		require.NoError(t, err)
		require.True(t, has)
		has, err = s.HasSound(t.Context(), "no-such-sound")
		require.NoError(t, err)
		require.False(t, has)
	}},
	{"a wrong password is refused with a word on ari.conf", func(t *testing.T, s *suite) {
		cfg := s.target.Config()
		cfg.Password = "not this"
		c, err := ari.New(cfg, func(ari.Message) {})
		require.NoError(t, err)
		_, err = c.Probe(t.Context())
		require.True(t, ari.IsUnauthorized(err), "%v", err)
		require.ErrorContains(t, err, "ari.conf")
		require.NoError(t, c.Stop())
	}},
	{"who connects last owns the application, and the other does not take it back by itself", func(t *testing.T, s *suite) {
		at := s.ear.Mark()
		other := &Ear{}
		c, err := ari.New(s.target.Config(), other.Hear)
		require.NoError(t, err)
		require.NoError(t, c.Start(context.Background()))
		down, at := s.ear.AwaitDown(t, at)
		require.Equal(t, ari.ReasonReplaced, down.Reason)
		other.AwaitUp(t, 0)

		id := s.id("caller")
		s.target.Call(t, id, "1001", "12345")
		s.leavesNothing(t, id)
		AwaitEvent(t, other, 0, "the call at the new owner", func(e *ari.StasisStart) bool { return e.Channel.ID == id })
		require.Equal(t, at, s.ear.Mark()-1, "the old owner hears nothing more")

		s.Retake()
		up, _ := s.ear.AwaitUp(t, at)
		require.NoError(t, c.Stop()) // only now: an end of the old one under way deafens the new one at times
		require.True(t, containsChannel(up.Snapshot.Channels, id), "the call of the gap is in the snapshot")
		require.Contains(t, up.Snapshot.Application.ChannelIDs, id)
	}},
	{"events that nobody listens to are not told, and all others are", func(t *testing.T, s *suite) {
		cfg := s.target.Config()
		cfg.App, cfg.Unheard = cfg.App+"-quiet", []string{"ChannelVarset", "ChannelHangupRequest"}
		quiet := &Ear{}
		c, err := ari.New(cfg, quiet.Hear)
		require.NoError(t, err)
		require.NoError(t, c.Start(context.Background()))
		t.Cleanup(func() { require.NoError(t, c.Stop()) })
		quiet.AwaitUp(t, 0)
		id := s.id("leg")
		_, err = c.Originate(t.Context(), ari.OriginateRequest{ChannelID: id, Endpoint: WaitEndpoint, App: cfg.App})
		require.NoError(t, err)
		AwaitEvent(t, quiet, 0, id+" in the application", func(e *ari.StasisStart) bool { return e.Channel.ID == id })
		require.NoError(t, c.SetVar(t.Context(), id, "HOTLINE_TRY", "1"))
		require.NoError(t, c.Hangup(t.Context(), id, ari.CauseNormal))
		AwaitEvent(t, quiet, 0, "the end of "+id, func(e *ari.StasisEnd) bool { return e.Channel.ID == id })
		for _, m := range quiet.Heard() {
			if e, ok := m.(ari.Event); ok {
				require.NotContains(t, cfg.Unheard, e.Event.GetType())
			}
		}
	}},
	{"what began in a gap is in the snapshot, and what ended in it is not", func(t *testing.T, s *suite) {
		stays, at := s.answered(t)
		goes, _ := s.answered(t)
		b := s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(t.Context(), b, ari.AddOptions{}, stays))
		s.entered(t, b, stays, at)
		at = s.ear.Mark()
		c, err := ari.New(s.target.Config(), func(ari.Message) {})
		require.NoError(t, err)
		require.NoError(t, c.Start(context.Background()))
		_, at = s.ear.AwaitDown(t, at)
		require.NoError(t, s.Hangup(t.Context(), goes, ari.CauseNormal))
		s.eventually(t, goes+" to be gone", func() bool {
			_, err := s.Channel(t.Context(), goes)
			return ari.IsNotFound(err)
		})
		s.Retake()
		up, at := s.ear.AwaitUp(t, at)
		require.NoError(t, c.Stop())
		require.True(t, containsChannel(up.Snapshot.Channels, stays))
		require.False(t, containsChannel(up.Snapshot.Channels, goes))
		for _, have := range up.Snapshot.Bridges {
			if have.ID == b {
				require.Equal(t, []string{stays}, have.Channels)
			}
		}
		require.NoError(t, s.Hangup(t.Context(), stays, ari.CauseNormal), "calls of before the gap are still ours")
		s.ended(t, stays, at)
	}},
}
