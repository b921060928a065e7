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
		RecordingFile(ctx context.Context, name string) (io.ReadCloser, error)
		DeleteRecording(ctx context.Context, name string) error
	}
}

var _ Source = ARI{Client: (*ari.Conn)(nil)}

// Stored implements Source.
func (a ARI) Stored(ctx context.Context, name string) (io.ReadCloser, error) {
	return a.Client.RecordingFile(ctx, name)
}

// Delete implements Source.
func (a ARI) Delete(ctx context.Context, name string) error {
	return a.Client.DeleteRecording(ctx, name)
}

// gone: the source does not have it.
func gone(err error) bool { return ari.IsNotFound(err) || errors.Is(err, fs.ErrNotExist) }
