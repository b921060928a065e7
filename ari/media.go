package ari

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// recording makes the query of both kinds of record.
func recording(name string, o RecordingOptions) url.Values {
	if o.Format == "" {
		o.Format = "wav"
	}
	return params("name", name, "format", o.Format, "maxDurationSeconds", seconds(o.MaxDuration),
		"maxSilenceSeconds", seconds(o.MaxSilence), "ifExists", o.Exists, "beep", yes(o.Beep), "terminateOn", o.Terminate)
}

// Playback implements PlaybackClient.
func (c *Conn) Playback(ctx context.Context, id string) (p Playback, err error) {
	err = c.do(ctx, call{op: "playbacks.get", method: http.MethodGet, path: []string{"playbacks", id}, answer: &p})
	return p, err
}

// StopPlayback implements PlaybackClient.
func (c *Conn) StopPlayback(ctx context.Context, id string) error {
	return c.do(ctx, call{op: "playbacks.stop", method: http.MethodDelete, path: []string{"playbacks", id}})
}

// LiveRecording implements RecordingClient.
func (c *Conn) LiveRecording(ctx context.Context, name string) (r LiveRecording, err error) {
	err = c.do(ctx, call{op: "recordings.getLive", method: http.MethodGet, path: []string{"recordings", "live", name}, answer: &r})
	return r, err
}

// StopRecording implements RecordingClient.
func (c *Conn) StopRecording(ctx context.Context, name string) error {
	return c.do(ctx, call{op: "recordings.stop", method: http.MethodPost, path: []string{"recordings", "live", name, "stop"}})
}

// MuteRecording implements RecordingClient.
func (c *Conn) MuteRecording(ctx context.Context, name string) error {
	return c.do(ctx, call{op: "recordings.mute", method: http.MethodPost, path: []string{"recordings", "live", name, "mute"}})
}

// UnmuteRecording implements RecordingClient.
func (c *Conn) UnmuteRecording(ctx context.Context, name string) error {
	return c.do(ctx, call{op: "recordings.unmute", method: http.MethodDelete, path: []string{"recordings", "live", name, "mute"}})
}

// StoredRecordings implements RecordingClient.
func (c *Conn) StoredRecordings(ctx context.Context) (list []StoredRecording, err error) {
	err = c.do(ctx, call{op: "recordings.listStored", method: http.MethodGet, path: []string{"recordings", "stored"}, answer: &list})
	return list, err
}

// StoredRecording implements RecordingClient.
func (c *Conn) StoredRecording(ctx context.Context, name string) (r StoredRecording, err error) {
	err = c.do(ctx, call{op: "recordings.getStored", method: http.MethodGet, path: []string{"recordings", "stored", name}, answer: &r})
	return r, err
}

// DeleteRecording implements RecordingClient.
func (c *Conn) DeleteRecording(ctx context.Context, name string) error {
	return c.do(ctx, call{op: "recordings.deleteStored", method: http.MethodDelete, path: []string{"recordings", "stored", name}})
}

// RecordingFile implements RecordingClient.
func (c *Conn) RecordingFile(ctx context.Context, name string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	late := time.AfterFunc(c.cfg.RequestTimeout, func() { cancel(errors.New("no answer within the request time-out")) })
	r := call{op: "recordings.file", method: http.MethodGet, path: []string{"recordings", "stored", name, "file"}}
	resp, err := c.send(ctx, r) //nolint:bodyclose // the caller closes it, by file
	if err != nil {
		cancel(nil)
		late.Stop()
		return nil, err
	}
	late.Stop()
	_ = c.count(r, nil)
	return &file{ReadCloser: resp.Body, cancel: cancel}, nil
}

// file ends its request when it is closed.
type file struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (f *file) Close() error {
	err := f.ReadCloser.Close()
	f.cancel(nil)
	return err
}
