package recording

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"hotline/ari"
)

// Source is an Asterisk that has recordings.
type Source interface {
	// Stored opens a finished recording's file.
	Stored(ctx context.Context, name string) (io.ReadCloser, error)
	Delete(ctx context.Context, name string) error
}

// ARI is the Source over an ARI connection.
type ARI struct {
	Client interface {
		LiveRecording(ctx context.Context, name string) (ari.LiveRecording, error)
		StopRecording(ctx context.Context, name string) error
		RecordingFile(ctx context.Context, name string) (io.ReadCloser, error)
		DeleteRecording(ctx context.Context, name string) error
	}
}

var _ Source = ARI{Client: (*ari.Conn)(nil)}

// errRunning: the call is over, its recorder not yet; the next try finds the whole file.
var errRunning = errors.New("the recording is still being written")

// Stored implements Source. Asterisk hands out a file that it is still writing, without the last seconds, which are in
// a buffer of its own: so a recorder that still runs is stopped, and the file is taken when it is closed.
func (a ARI) Stored(ctx context.Context, name string) (io.ReadCloser, error) {
	_, err := a.Client.LiveRecording(ctx, name)
	switch {
	case err == nil:
		if err := a.Client.StopRecording(ctx, name); err != nil && !ari.IsNotFound(err) {
			return nil, err
		}
		return nil, errRunning
	case !ari.IsNotFound(err):
		return nil, err
	}
	return a.Client.RecordingFile(ctx, name)
}

// Delete implements Source.
func (a ARI) Delete(ctx context.Context, name string) error {
	return a.Client.DeleteRecording(ctx, name)
}

// gone: the source does not have it.
func gone(err error) bool { return ari.IsNotFound(err) || errors.Is(err, fs.ErrNotExist) }
