package aritest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

var callTrials = []trial{
	{"a caller is unanswered until answered", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.id("caller"), s.ear.Mark()
		s.target.Call(t, id, "1001", "12345")
		s.leavesNothing(t, id)
		start, at := s.started(t, id, at)
		require.Equal(t, []string{"1001", "12345"}, start.Args)
		require.Equal(t, ari.StateRing, start.Channel.State)
		require.Equal(t, "1001", start.Channel.Caller.Number)
		require.Equal(t, "Stasis", start.Channel.Dialplan.AppName)
		require.NoError(t, s.Ring(ctx, id))
		require.NoError(t, s.StopRing(ctx, id))
		require.NoError(t, s.Answer(ctx, id))
		AwaitEvent(t, &s.ear, at, "the answer", func(e *ari.ChannelStateChange) bool {
			return e.Channel.ID == id && e.Channel.IsUp()
		})
		require.NoError(t, s.Answer(ctx, id), "a repeated answer changes nothing")
		ch, err := s.Channel(ctx, id)
		require.NoError(t, err)
		require.Equal(t, ari.StateUp, ch.State)
		list, err := s.Channels(ctx)
		require.NoError(t, err)
		require.True(t, containsChannel(list, id))
	}},
	{"a refused caller is never answered and hears the cause", func(t *testing.T, s *suite) {
		id, at := s.call(t)
		require.NoError(t, s.Hangup(t.Context(), id, ari.CauseBusy))
		s.ended(t, id, at)
		end, _ := s.destroyed(t, id, at)
		require.Equal(t, ari.CauseBusy, end.Cause)
		require.Zero(t, heard(s, at, func(e *ari.ChannelStateChange) bool { return e.Channel.ID == id && e.Channel.IsUp() }))
	}},
	{"a caller who hangs up is ended in Stasis, then destroyed", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		s.target.Leave(t, id)
		end, destroyedAt := s.destroyed(t, id, at)
		require.Equal(t, ari.CauseNormal, end.Cause)
		require.Less(t, s.ended(t, id, at), destroyedAt)
		for what, err := range map[string]error{
			"answer": s.Answer(t.Context(), id),
			"hangup": s.Hangup(t.Context(), id, ari.CauseNormal),
			"setVar": s.SetVar(t.Context(), id, "A", "b"),
		} {
			require.True(t, ari.IsNotFound(err), "%s: %v", what, err)
		}
	}},
	{"keys are heard in their order", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		s.target.Press(t, id, "12#")
		for _, want := range []string{"1", "2", "#"} {
			var key *ari.ChannelDtmfReceived
			key, at = AwaitEvent(t, &s.ear, at+1, "key "+want, func(e *ari.ChannelDtmfReceived) bool { return e.Channel.ID == id })
			require.Equal(t, want, key.Digit)
		}
	}},
	{"variables keep what is written into them", func(t *testing.T, s *suite) {
		id, at := s.call(t)
		value := "a b+c&d=e/中"
		require.NoError(t, s.SetVar(t.Context(), id, "HOTLINE_TRIAL", value))
		AwaitEvent(t, &s.ear, at, "the variable", func(e *ari.ChannelVarset) bool {
			return e.Channel.ID == id && e.Variable == "HOTLINE_TRIAL" && e.Value == value
		})
		got, err := s.GetVar(t.Context(), id, "HOTLINE_TRIAL")
		require.NoError(t, err)
		require.Equal(t, value, got)
		_, err = s.GetVar(t.Context(), id, "HOTLINE_NOT_SET")
		require.True(t, ari.IsNotFound(err), "%v", err)
	}},
	{"music, silence, hold and mute are taken from a channel in Stasis", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, _ := s.answered(t)
		require.NoError(t, s.StartMOH(ctx, id, ""))
		require.NoError(t, s.StopMOH(ctx, id))
		require.NoError(t, s.StopMOH(ctx, id), "stopping twice changes nothing")
		require.NoError(t, s.StartSilence(ctx, id))
		require.NoError(t, s.StopSilence(ctx, id))
		require.NoError(t, s.Hold(ctx, id))
		require.NoError(t, s.Unhold(ctx, id))
		require.NoError(t, s.Mute(ctx, id, ari.DirectionIn))
		require.NoError(t, s.Unmute(ctx, id, ari.DirectionIn))
		require.NoError(t, s.SendDTMF(ctx, id, "5"))
	}},
	{"a channel sent on in the dialplan is out of our hands but alive", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		require.NoError(t, s.Continue(t.Context(), id, "conformance", "wait", 1))
		s.ended(t, id, at)
		_, err := s.Channel(t.Context(), id)
		require.NoError(t, err)
		s.eventually(t, "a conflict", func() bool { return ari.IsConflict(s.Answer(t.Context(), id)) })
		require.NoError(t, s.Hangup(t.Context(), id, ari.CauseNormal), "a hang-up needs no Stasis")
		s.destroyed(t, id, at)
	}},
}

var legTrials = []trial{
	{"a snoop enters Stasis by itself and its end is told by StasisEnd alone", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.answered(t)
		s.sounds(t, id)
		snoop := s.id("snoop")
		ch, err := s.Snoop(ctx, id, snoop, ari.SnoopOptions{Spy: ari.DirectionIn, AppArgs: "one,two"})
		require.NoError(t, err)
		require.Equal(t, snoop, ch.ID)
		start, at := s.started(t, snoop, at)
		require.Equal(t, []string{"one", "two"}, start.Args)
		require.Equal(t, ari.StateUp, start.Channel.State)
		_, err = s.Snoop(ctx, id, snoop, ari.SnoopOptions{Spy: ari.DirectionIn})
		require.Equal(t, 500, statusOf(t, err), "a repeated snoop is an error of the server, not a conflict")
		require.NoError(t, s.Hangup(ctx, snoop, ari.CauseNormal))
		s.ended(t, snoop, at)
		s.eventually(t, "the snoop to be gone", func() bool {
			_, err := s.Channel(ctx, snoop)
			return ari.IsNotFound(err)
		})
		require.NoError(t, s.Hangup(ctx, id, ari.CauseNormal))
		s.destroyed(t, id, at) // whatever was to be told of the snoop was told before
		require.Zero(t, heard(s, at, func(e *ari.ChannelDestroyed) bool { return e.Channel.ID == snoop }))
	}},
	{"a snoop ends with the channel it is on", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		snoop := s.id("snoop")
		_, err := s.Snoop(t.Context(), id, snoop, ari.SnoopOptions{Spy: ari.DirectionBoth})
		require.NoError(t, err)
		s.started(t, snoop, at)
		s.target.Leave(t, id)
		s.ended(t, snoop, at)
	}},
	{"a snoop of nobody is not found", func(t *testing.T, s *suite) {
		_, err := s.Snoop(t.Context(), s.id("nobody"), s.id("snoop"), ari.SnoopOptions{Spy: ari.DirectionIn})
		require.True(t, ari.IsNotFound(err), "%v", err)
	}},
	{"an RTP leg tells its port and can be bridged after its own StasisStart", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.id("leg"), s.ear.Mark()
		o := ari.ExternalMediaOptions{ChannelID: id, ExternalHost: "127.0.0.1:9", Format: "ulaw", Variables: map[string]string{"WHOSE": "agent 7"}}
		_, err := s.ExternalMedia(ctx, o)
		require.NoError(t, err)
		s.leavesNothing(t, id)
		_, err = s.ExternalMedia(ctx, o)
		require.Equal(t, 500, statusOf(t, err), "a repeated leg is an error of the server, not a conflict")
		s.started(t, id, at)
		port, err := s.GetVar(ctx, id, "UNICASTRTP_LOCAL_PORT")
		require.NoError(t, err)
		require.NotEmpty(t, port)
		whose, err := s.GetVar(ctx, id, "WHOSE")
		require.NoError(t, err)
		require.Equal(t, "agent 7", whose)
		b := s.bridge(t, ari.BridgeMixing)
		require.NoError(t, s.AddChannel(ctx, b, ari.AddOptions{}, id))
		AwaitEvent(t, &s.ear, at, "the leg in its bridge", func(e *ari.ChannelEnteredBridge) bool { return e.Channel.ID == id && e.Bridge.ID == b })
	}},
	{"a desk phone is made, bridged and then rung", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.id("phone"), s.ear.Mark()
		_, err := s.Create(ctx, ari.CreateRequest{ChannelID: id, Endpoint: RingEndpoint, AppArgs: "desk"})
		require.NoError(t, err)
		s.leavesNothing(t, id)
		_, err = s.Create(ctx, ari.CreateRequest{ChannelID: id, Endpoint: RingEndpoint})
		require.True(t, ari.IsConflict(err), "%v", err)
		start, at := s.started(t, id, at)
		require.Equal(t, ari.StateDown, start.Channel.State)
		require.True(t, ari.IsConflict(s.StartSilence(ctx, id)), "a channel that is not dialled yet hears nothing")
		require.NoError(t, s.SetVar(ctx, id, "A", "b"))
		b := s.bridge(t, ari.BridgeSoftmix)
		require.NoError(t, s.AddChannel(ctx, b, ari.AddOptions{}, id))
		require.NoError(t, s.Dial(ctx, id, "", 30*time.Second))
		AwaitEvent(t, &s.ear, at, "the phone's ringing", func(e *ari.Dial) bool { return e.Peer.ID == id && e.Status == "RINGING" })
		require.True(t, ari.IsConflict(s.Dial(ctx, id, "", 30*time.Second)))
		require.NoError(t, s.Hangup(ctx, id, ari.CauseNormal))
		s.ended(t, id, at)
		s.destroyed(t, id, at)
	}},
	{"a busy phone says so in the hang-up request", func(t *testing.T, s *suite) {
		id, at := s.id("phone"), s.ear.Mark()
		_, err := s.Create(t.Context(), ari.CreateRequest{ChannelID: id, Endpoint: BusyEndpoint})
		require.NoError(t, err)
		s.leavesNothing(t, id)
		s.started(t, id, at)
		require.NoError(t, s.Dial(t.Context(), id, "", 30*time.Second))
		AwaitEvent(t, &s.ear, at, "busy", func(e *ari.ChannelHangupRequest) bool { return e.Channel.ID == id && e.Cause == ari.CauseBusy })
		s.ended(t, id, at)
		s.destroyed(t, id, at)
	}},
	{"an originated channel enters Stasis when it is answered", func(t *testing.T, s *suite) {
		id, at := s.id("out"), s.ear.Mark()
		_, err := s.Originate(t.Context(), ari.OriginateRequest{ChannelID: id, Endpoint: WaitEndpoint, AppArgs: "out", Timeout: 10})
		require.NoError(t, err)
		s.leavesNothing(t, id)
		start, _ := s.started(t, id, at)
		require.Equal(t, []string{"out"}, start.Args)
		require.Equal(t, ari.StateUp, start.Channel.State)
		_, err = s.Originate(t.Context(), ari.OriginateRequest{ChannelID: id, Endpoint: WaitEndpoint})
		require.True(t, ari.IsConflict(err), "%v", err)
		_, err = s.Originate(t.Context(), ari.OriginateRequest{ChannelID: s.id("out"), Endpoint: "NoSuchTech/1"})
		require.Error(t, err, "500, or 409 when the same HTTP thread had a conflict before: a 409 does not prove that the id is taken")
	}},
	{"a new id that begins one in use is taken for it", func(t *testing.T, s *suite) {
		long, _ := s.answered(t)
		s.sounds(t, long)
		short := long[:len(long)-1]
		_, err := s.Channel(t.Context(), short)
		require.True(t, ari.IsNotFound(err), "asking is exact: %v", err)
		_, err = s.Create(t.Context(), ari.CreateRequest{ChannelID: short, Endpoint: WaitEndpoint})
		require.Error(t, err)
		_, err = s.ExternalMedia(t.Context(), ari.ExternalMediaOptions{ChannelID: short, ExternalHost: "127.0.0.1:9", Format: "ulaw"})
		require.Error(t, err)
		_, err = s.Snoop(t.Context(), long, short, ari.SnoopOptions{Spy: ari.DirectionIn})
		require.Error(t, err)
		longer := long + "-in"
		_, err = s.Snoop(t.Context(), long, longer, ari.SnoopOptions{Spy: ari.DirectionIn})
		require.NoError(t, err, "the other way round is well")
		s.leavesNothing(t, longer)
	}},
}

func containsChannel(list []ari.Channel, id string) bool {
	for _, c := range list {
		if c.ID == id {
			return true
		}
	}
	return false
}

func statusOf(t *testing.T, err error) int {
	t.Helper()
	var e *ari.Error
	require.ErrorAs(t, err, &e)
	return e.Status
}
