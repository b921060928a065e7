package aritest

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

var promptTrials = []trial{
	{"a prompt of several files is heard one after the other", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		p := s.id("prompt")
		queued, err := s.Play(t.Context(), id, p, ShortMedia, ShortMedia)
		require.NoError(t, err)
		require.Contains(t, []string{"queued", "playing"}, queued.State)
		require.Equal(t, "channel:"+id, queued.TargetURI)
		_, at = AwaitEvent(t, &s.ear, at, "the first file", func(e *ari.PlaybackStarted) bool { return e.Playback.ID == p })
		_, at = AwaitEvent(t, &s.ear, at, "the step to the second", func(e *ari.PlaybackContinuing) bool { return e.Playback.ID == p })
		_, at = AwaitEvent(t, &s.ear, at, "the second file", func(e *ari.PlaybackStarted) bool { return e.Playback.ID == p })
		require.Equal(t, "done", s.finished(t, p, at))
		s.eventually(t, "the finished prompt to be forgotten", func() bool { // it is told first
			_, err := s.Playback(t.Context(), p)
			return ari.IsNotFound(err)
		})
		require.True(t, ari.IsNotFound(s.StopPlayback(t.Context(), p)))
	}},
	{"a prompt whose file is missing fails and says so", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		p := s.id("prompt")
		_, err := s.Play(t.Context(), id, p, MissingMedia)
		require.NoError(t, err)
		require.Equal(t, "failed", s.finished(t, p, at))
	}},
	{"a prompt that is stopped is done", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		p := s.id("prompt")
		s.hears(t, id, p)
		heard, err := s.Playback(t.Context(), p)
		require.NoError(t, err)
		require.Equal(t, "playing", heard.State)
		require.NoError(t, s.StopPlayback(t.Context(), p))
		require.Equal(t, "done", s.finished(t, p, at))
	}},
	{"a prompt asked for twice is heard twice", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		p := s.id("prompt")
		s.hears(t, id, p)
		_, err := s.Play(t.Context(), id, p, LongMedia)
		require.NoError(t, err)
		require.NoError(t, s.StopPlayback(t.Context(), p))
		_, at = AwaitEvent(t, &s.ear, at, "the end of the first", func(e *ari.PlaybackFinished) bool { return e.Playback.ID == p })
		AwaitEvent(t, &s.ear, at, "the second", func(e *ari.PlaybackStarted) bool { return e.Playback.ID == p })
	}},
	{"a prompt that is cut by hanging up has failed before the call ends", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		p := s.id("prompt")
		s.hears(t, id, p)
		s.target.Leave(t, id)
		require.Equal(t, "failed", s.finished(t, p, at))
		s.ended(t, id, at)
		s.destroyed(t, id, at)
	}},
	{"what plays can be asked for by id only", func(t *testing.T, s *suite) {
		require.Equal(t, 405, s.status(t, "GET", "/playbacks"))
		require.Equal(t, 405, s.status(t, "GET", "/recordings/live"))
	}},
}

// hears plays something long and waits until it is heard.
func (s *suite) hears(t *testing.T, id, p string) {
	t.Helper()
	at := s.ear.Mark()
	_, err := s.Play(t.Context(), id, p, LongMedia)
	require.NoError(t, err)
	AwaitEvent(t, &s.ear, at, "the prompt", func(e *ari.PlaybackStarted) bool { return e.Playback.ID == p })
}

func (s *suite) finished(t *testing.T, p string, mark int) string {
	t.Helper()
	e, _ := AwaitEvent(t, &s.ear, mark, "the end of prompt "+p, func(e *ari.PlaybackFinished) bool { return e.Playback.ID == p })
	return e.Playback.State
}

var recordingTrials = []trial{
	{"a snoop is recorded, muted, kept, fetched and deleted", func(t *testing.T, s *suite) {
		ctx := t.Context()
		id, at := s.answered(t)
		s.sounds(t, id)
		snoop, name := s.id("snoop"), s.id("rec")
		_, err := s.Snoop(ctx, id, snoop, ari.SnoopOptions{Spy: ari.DirectionIn})
		require.NoError(t, err)
		s.leavesNothing(t, snoop)
		s.started(t, snoop, at)
		_, err = s.Record(ctx, snoop, name, ari.RecordingOptions{})
		require.NoError(t, err)
		AwaitEvent(t, &s.ear, at, "the recording", func(e *ari.RecordingStarted) bool { return e.Recording.Name == name })
		live, err := s.LiveRecording(ctx, name)
		require.NoError(t, err)
		require.Equal(t, "recording", live.State)
		require.NoError(t, s.MuteRecording(ctx, name))
		require.NoError(t, s.MuteRecording(ctx, name), "a repeated mute changes nothing")
		require.NoError(t, s.UnmuteRecording(ctx, name))
		_, err = s.Record(ctx, snoop, name, ari.RecordingOptions{})
		require.True(t, ari.IsConflict(err), "%v", err)
		b := s.bridge(t, ari.BridgeMixing)
		err = s.AddChannel(ctx, b, ari.AddOptions{}, snoop)
		require.True(t, ari.IsConflict(err), "a channel under recording cannot be bridged: %v", err)
		require.NoError(t, s.StopRecording(ctx, name))
		end, _ := AwaitEvent(t, &s.ear, at, "the recording's end", func(e *ari.RecordingFinished) bool { return e.Recording.Name == name })
		require.Equal(t, "done", end.Recording.State)
		s.eventually(t, "the recording to be forgotten", func() bool { // it is told first
			_, err := s.LiveRecording(ctx, name)
			return ari.IsNotFound(err)
		})
		require.True(t, ari.IsNotFound(s.StopRecording(ctx, name)))
		s.keptAndDeleted(t, snoop, name)
	}},
	{"a recording ends with its channel and is kept", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		name := s.id("rec")
		_, err := s.Record(t.Context(), id, name, ari.RecordingOptions{})
		require.NoError(t, err)
		AwaitEvent(t, &s.ear, at, "the recording", func(e *ari.RecordingStarted) bool { return e.Recording.Name == name })
		s.target.Leave(t, id)
		AwaitEvent(t, &s.ear, at, "the recording's end", func(e *ari.RecordingFinished) bool { return e.Recording.Name == name })
		s.destroyed(t, id, at)
		require.NoError(t, s.DeleteRecording(t.Context(), name))
	}},
	{"a message ends by '#', under a name in a folder", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		name := s.run + "/" + s.id("message")
		_, err := s.Record(t.Context(), id, name, ari.RecordingOptions{MaxDuration: time.Minute, Terminate: "#"})
		require.NoError(t, err)
		AwaitEvent(t, &s.ear, at, "the recording", func(e *ari.RecordingStarted) bool { return e.Recording.Name == name })
		s.target.Press(t, id, "#")
		AwaitEvent(t, &s.ear, at, "the message's end", func(e *ari.RecordingFinished) bool { return e.Recording.Name == name })
		_, err = s.StoredRecording(t.Context(), name)
		require.NoError(t, err)
		require.NoError(t, s.DeleteRecording(t.Context(), name))
	}},
	{"a message ends at its limit", func(t *testing.T, s *suite) {
		id, at := s.answered(t)
		name := s.id("message")
		_, err := s.Record(t.Context(), id, name, ari.RecordingOptions{MaxDuration: time.Second})
		require.NoError(t, err)
		AwaitEvent(t, &s.ear, at, "the message's end", func(e *ari.RecordingFinished) bool { return e.Recording.Name == name })
		require.NoError(t, s.DeleteRecording(t.Context(), name))
	}},
	{"a format that Asterisk cannot write is refused", func(t *testing.T, s *suite) {
		id, _ := s.answered(t)
		_, err := s.Record(t.Context(), id, s.id("rec"), ari.RecordingOptions{Format: "nosuch"})
		require.Equal(t, 422, statusOf(t, err))
	}},
}

// keptAndDeleted holds what must be true of a stored recording.
func (s *suite) keptAndDeleted(t *testing.T, channel, name string) {
	t.Helper()
	ctx := t.Context()
	kept, err := s.StoredRecording(ctx, name)
	require.NoError(t, err)
	require.Equal(t, ari.StoredRecording{Name: name, Format: "wav"}, kept)
	list, err := s.StoredRecordings(ctx)
	require.NoError(t, err)
	require.Contains(t, list, kept)
	file, err := s.RecordingFile(ctx, name)
	require.NoError(t, err)
	data, err := io.ReadAll(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Equal(t, "RIFF", string(data[:4]))
	_, err = s.Record(ctx, channel, name, ari.RecordingOptions{})
	require.True(t, ari.IsConflict(err), "a kept recording is not written over: %v", err)
	require.NoError(t, s.DeleteRecording(ctx, name))
	require.True(t, ari.IsNotFound(s.DeleteRecording(ctx, name)))
	_, err = s.RecordingFile(ctx, name)
	require.True(t, ari.IsNotFound(err), "%v", err)
}
