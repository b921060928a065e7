package aritest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

var bridgeTrials = []trial{
	{"a bridge is made once and destroyed once", func(t *testing.T, s *suite) {
		ctx := t.Context()
		for kind, technology := range map[ari.BridgeType]string{
			ari.BridgeMixing: "simple_bridge", ari.BridgeSoftmix: "softmix", ari.BridgeHolding: "holding_bridge",
		} {
			id := s.id("bridge")
			made, err := s.CreateBridge(ctx, id, kind, "a name")
			require.NoError(t, err)
			require.Equal(t, technology, made.Technology)
			_, err = s.CreateBridge(ctx, id, kind, "a name")
			require.True(t, ari.IsConflict(err), "%v", err)
			got, err := s.Bridge(ctx, id)
			require.NoError(t, err)
			require.Equal(t, "a name", got.Name)
			require.Equal(t, "Stasis", got.Creator)
			list, err := s.Bridges(ctx)
			require.NoError(t, err)
			require.Contains(t, list, got)
			require.NoError(t, s.DestroyBridge(ctx, id))
			s.eventually(t, "the bridge to be gone", func() bool { return ari.IsNotFound(s.DestroyBridge(ctx, id)) })
		}
	}},
	{"ids may have dots, pluses, slashes and spaces", func(t *testing.T, s *suite) {
		id := s.id("bridge") + "+86.10/a b%"
		_, err := s.CreateBridge(t.Context(), id, ari.BridgeMixing, "")
		require.NoError(t, err)
		got, err := s.Bridge(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, id, got.ID)
		require.NoError(t, s.DestroyBridge(t.Context(), id))
	}},
	{"a channel moves straight from bridge to bridge", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.answered(t)
		waiting, talking := s.bridge(t, ari.BridgeHolding), s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(ctx, waiting, ari.AddOptions{}, id))
		at = s.entered(t, waiting, id, at)
		require.NoError(t, s.AddChannel(ctx, talking, ari.AddOptions{}, id))
		at = s.left(t, waiting, id, at)
		at = s.entered(t, talking, id, at)
		b, err := s.Bridge(ctx, talking)
		require.NoError(t, err)
		require.Equal(t, []string{id}, b.Channels)
		require.NoError(t, s.RemoveChannel(ctx, talking, id))
		s.left(t, talking, id, at)
		require.True(t, ari.IsConflict(s.RemoveChannel(ctx, talking, id)))
	}},
	{"adding a channel again changes how it takes part", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.answered(t)
		b := s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(ctx, b, ari.AddOptions{Mute: true}, id))
		at = s.entered(t, b, id, at)
		require.NoError(t, s.AddChannel(ctx, b, ari.AddOptions{}, id))
		at = s.left(t, b, id, at)
		s.entered(t, b, id, at)
	}},
	{"two channels join by one request", func(t *testing.T, s *suite) {
		one, at := s.answered(t)
		two, _ := s.answered(t)
		b := s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(t.Context(), b, ari.AddOptions{}, one, two))
		s.entered(t, b, one, at)
		s.entered(t, b, two, at)
	}},
	{"joining waits until a running prompt ends", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.answered(t)
		b, p := s.bridge(t, ari.BridgeMixing), s.id("prompt")
		s.hears(t, id, p)
		joined := make(chan error, 1)
		go func() { joined <- s.AddChannel(context.Background(), b, ari.AddOptions{}, id) }()
		for range 50 { // a request that did not wait would be done by then
			require.NoError(t, s.Ping(ctx))
		}
		require.Empty(t, joined)
		require.NoError(t, s.StopPlayback(ctx, p))
		require.NoError(t, <-joined)
		_, at = AwaitEvent(t, &s.ear, at, "the prompt's end", func(e *ari.PlaybackFinished) bool { return e.Playback.ID == p })
		s.entered(t, b, id, at)
	}},
	{"a destroyed bridge lets its channels go", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		b := s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(t.Context(), b, ari.AddOptions{}, id))
		at = s.entered(t, b, id, at)
		require.NoError(t, s.DestroyBridge(t.Context(), b))
		s.left(t, b, id, at) // whether BridgeDestroyed is told is a race inside Asterisk
		require.NoError(t, s.StartSilence(t.Context(), id), "the channel is still ours")
	}},
	{"a caller who hangs up leaves the bridge first", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		b := s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(t.Context(), b, ari.AddOptions{}, id))
		at = s.entered(t, b, id, at)
		s.target.Leave(t, id)
		at = s.left(t, b, id, at)
		s.ended(t, id, at)
	}},
	{"what is not there cannot be joined", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, _ := s.answered(t)
		err := s.AddChannel(ctx, s.id("nobridge"), ari.AddOptions{}, id)
		require.True(t, ari.IsNotFound(err), "%v", err)
		err = s.AddChannel(ctx, s.bridge(t, ari.BridgeMixing), ari.AddOptions{}, s.id("nochannel"))
		require.True(t, ari.IsNotFound(err), "%v", err)
	}},
	{"music on a bridge is started again and again, and stopped once", func(t *testing.T, s *suite) {
		b := s.bridge(t, ari.BridgeHolding)
		require.NoError(t, s.StartBridgeMOH(t.Context(), b, ""))
		require.NoError(t, s.StartBridgeMOH(t.Context(), b, ""))
		require.NoError(t, s.StopBridgeMOH(t.Context(), b))
		require.True(t, ari.IsConflict(s.StopBridgeMOH(t.Context(), b)))
	}},
	{"a global variable is kept, and empty before", func(t *testing.T, s *suite) {
		name := s.id("MUSIC-")
		was, err := s.GlobalVar(t.Context(), name)
		require.NoError(t, err)
		require.Empty(t, was)
		require.NoError(t, s.SetGlobalVar(t.Context(), name, "calm"))
		is, err := s.GlobalVar(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, "calm", is)
	}},
	{"a prompt can be played to a bridge", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		b, p := s.bridge(t, ari.BridgeMixing), s.id("prompt")
		require.NoError(t, s.AddChannel(t.Context(), b, ari.AddOptions{}, id))
		queued, err := s.PlayOnBridge(t.Context(), b, p, ShortMedia)
		require.NoError(t, err)
		require.Equal(t, "bridge:"+b, queued.TargetURI)
		require.Equal(t, "done", s.finished(t, p, at))
	}},
}

func (s *suite) entered(t *testing.T, b, id string, mark int) int {
	t.Helper()
	_, at := AwaitEvent(t, &s.ear, mark, id+" in "+b, func(e *ari.ChannelEnteredBridge) bool {
		return e.Channel.ID == id && e.Bridge.ID == b
	})
	return at
}

func (s *suite) left(t *testing.T, b, id string, mark int) int {
	t.Helper()
	_, at := AwaitEvent(t, &s.ear, mark, id+" out of "+b, func(e *ari.ChannelLeftBridge) bool {
		return e.Channel.ID == id && e.Bridge.ID == b
	})
	return at
}
