//go:build e2e

package e2e

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/tone"
)

// talkFor lets people talk, so that there is something in the recording. It is what happens in the test, not a wait
// for something to happen.
func talkFor(d time.Duration) { time.Sleep(d) }

// reader is a person who may read calls: at a page, or by another program.
type reader interface {
	Get(path string, into any) error
}

// theRecording is one stereo file: left the caller's tone, right each agent's in turn.
func theRecording(t *testing.T, h *House, by reader, caller float64, agents ...float64) {
	t.Helper()
	var list struct{ Calls []struct{ Call string } }
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "the call in the archive", func() error {
		if err := by.Get("/api/calls?limit=1", &list); err != nil {
			return err
		}
		if len(list.Calls) == 0 {
			return errors.New("not there yet")
		}
		return nil
	}))
	theRecordingOf(t, h, by, list.Calls[0].Call, caller, agents...)
}

// theRecordingOf is the same of a call that is named.
func theRecordingOf(t *testing.T, h *House, by reader, call string, caller float64, agents ...float64) {
	t.Helper()
	var detail struct {
		Recorded   bool
		Recordings []struct{ Recording, File string }
	}
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "the recording", func() error {
		if err := by.Get("/api/calls/"+call, &detail); err != nil {
			return err
		}
		if !detail.Recorded {
			return errors.New("not stored yet")
		}
		return nil
	}))
	require.Len(t, detail.Recordings, 1)
	files, err := filepath.Glob(filepath.Join(h.State(), "recordings/*/*/*", detail.Recordings[0].Recording+".opus"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	sides, err := tone.Read(t.Context(), files[0])
	require.NoError(t, err)
	require.Len(t, sides, 2)
	require.Equal(t, []float64{caller}, sides[0].Order(time.Second, caller, 1000, 1500), "left: the caller")
	require.Equal(t, agents, sides[1].Order(time.Second, caller, 1000, 1500), "right: each agent in turn")
}
