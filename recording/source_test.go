package recording

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

// recorder is an Asterisk whose recorder runs on after the call until it is stopped.
type recorder struct {
	running bool
	stops   int
}

func (r *recorder) LiveRecording(context.Context, string) (ari.LiveRecording, error) {
	if r.running {
		return ari.LiveRecording{State: "recording"}, nil
	}
	return ari.LiveRecording{}, &ari.Error{Op: "recordings.live", Status: http.StatusNotFound}
}

func (r *recorder) StopRecording(context.Context, string) error {
	r.running = false
	r.stops++
	return nil
}

func (r *recorder) RecordingFile(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("the whole file")), nil
}

func (r *recorder) DeleteRecording(context.Context, string) error { return nil }

func TestAFileThatAsteriskIsStillWritingIsNotTaken(t *testing.T) {
	pbx := &recorder{running: true}
	_, err := ARI{Client: pbx}.Stored(t.Context(), "c1-r1-in")
	require.ErrorIs(t, err, errRunning)
	require.False(t, gone(err), "it is tried again, not given up")
	require.Equal(t, 1, pbx.stops)
	f, err := ARI{Client: pbx}.Stored(t.Context(), "c1-r1-in")
	require.NoError(t, err)
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, "the whole file", string(b))
	require.NoError(t, f.Close())
}
