package ari

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// on makes a request about one channel that answers nothing.
func (c *Conn) on(ctx context.Context, op, method, id, verb string, pairs ...string) error {
	return c.do(ctx, call{op: "channels." + op, method: method, path: []string{"channels", id, verb}, query: params(pairs...)})
}

// Channels implements ChannelClient.
func (c *Conn) Channels(ctx context.Context) (list []Channel, err error) {
	err = c.do(ctx, call{op: "channels.list", method: http.MethodGet, path: []string{"channels"}, answer: &list})
	return list, err
}

// Channel implements ChannelClient.
func (c *Conn) Channel(ctx context.Context, id string) (ch Channel, err error) {
	err = c.do(ctx, call{op: "channels.get", method: http.MethodGet, path: []string{"channels", id}, answer: &ch})
	return ch, err
}

// Answer implements ChannelClient.
func (c *Conn) Answer(ctx context.Context, id string) error {
	return c.on(ctx, "answer", http.MethodPost, id, "answer")
}

// Hangup implements ChannelClient.
func (c *Conn) Hangup(ctx context.Context, id string, cause Cause) error {
	return c.do(ctx, call{op: "channels.hangup", method: http.MethodDelete, path: []string{"channels", id},
		query: params("reason_code", strconv.Itoa(int(cause)))})
}

// Ring implements ChannelClient.
func (c *Conn) Ring(ctx context.Context, id string) error {
	return c.on(ctx, "ring", http.MethodPost, id, "ring")
}

// StopRing implements ChannelClient.
func (c *Conn) StopRing(ctx context.Context, id string) error {
	return c.on(ctx, "ringStop", http.MethodDelete, id, "ring")
}

// Continue implements ChannelClient.
func (c *Conn) Continue(ctx context.Context, id, dialplan, exten string, priority int) error {
	at := ""
	if priority > 0 {
		at = strconv.Itoa(priority)
	}
	return c.on(ctx, "continue", http.MethodPost, id, "continue", "context", dialplan, "extension", exten, "priority", at)
}

// StartMOH implements ChannelClient.
func (c *Conn) StartMOH(ctx context.Context, id, class string) error {
	return c.on(ctx, "startMoh", http.MethodPost, id, "moh", "mohClass", class)
}

// StopMOH implements ChannelClient.
func (c *Conn) StopMOH(ctx context.Context, id string) error {
	return c.on(ctx, "stopMoh", http.MethodDelete, id, "moh")
}

// StartSilence implements ChannelClient.
func (c *Conn) StartSilence(ctx context.Context, id string) error {
	return c.on(ctx, "startSilence", http.MethodPost, id, "silence")
}

// StopSilence implements ChannelClient.
func (c *Conn) StopSilence(ctx context.Context, id string) error {
	return c.on(ctx, "stopSilence", http.MethodDelete, id, "silence")
}

// Hold implements ChannelClient.
func (c *Conn) Hold(ctx context.Context, id string) error {
	return c.on(ctx, "hold", http.MethodPost, id, "hold")
}

// Unhold implements ChannelClient.
func (c *Conn) Unhold(ctx context.Context, id string) error {
	return c.on(ctx, "unhold", http.MethodDelete, id, "hold")
}

// Mute implements ChannelClient.
func (c *Conn) Mute(ctx context.Context, id string, direction Direction) error {
	return c.on(ctx, "mute", http.MethodPost, id, "mute", "direction", string(direction))
}

// Unmute implements ChannelClient.
func (c *Conn) Unmute(ctx context.Context, id string, direction Direction) error {
	return c.on(ctx, "unmute", http.MethodDelete, id, "mute", "direction", string(direction))
}

// SetVar implements ChannelClient.
func (c *Conn) SetVar(ctx context.Context, id, name, value string) error {
	q := params("variable", name)
	q.Set("value", value) // an empty value is one too
	return c.do(ctx, call{op: "channels.setVar", method: http.MethodPost, path: []string{"channels", id, "variable"}, query: q})
}

// GetVar implements ChannelClient.
func (c *Conn) GetVar(ctx context.Context, id, name string) (string, error) {
	var answer variable
	err := c.do(ctx, call{op: "channels.getVar", method: http.MethodGet, path: []string{"channels", id, "variable"},
		query: params("variable", name), answer: &answer})
	return answer.Value, err
}

// SendDTMF implements ChannelClient.
func (c *Conn) SendDTMF(ctx context.Context, id, digits string) error {
	return c.on(ctx, "sendDTMF", http.MethodPost, id, "dtmf", "dtmf", digits)
}

// TransferProgress implements ChannelClient.
func (c *Conn) TransferProgress(ctx context.Context, id string, state TransferState) error {
	return c.on(ctx, "transferProgress", http.MethodPost, id, "transfer_progress", "states", string(state))
}

// Play implements ChannelClient.
func (c *Conn) Play(ctx context.Context, channel, playback string, media ...string) (p Playback, err error) {
	err = c.do(ctx, call{op: "channels.play", method: http.MethodPost, path: []string{"channels", channel, "play", playback},
		query: params("media", strings.Join(media, ",")), answer: &p})
	return p, err
}

// Record implements ChannelClient.
func (c *Conn) Record(ctx context.Context, channel, name string, o RecordingOptions) (r LiveRecording, err error) {
	err = c.do(ctx, call{op: "channels.record", method: http.MethodPost, path: []string{"channels", channel, "record"},
		query: recording(name, o), answer: &r})
	return r, err
}

// Snoop implements ChannelClient.
func (c *Conn) Snoop(ctx context.Context, channel, snoop string, o SnoopOptions) (ch Channel, err error) {
	err = c.do(ctx, call{op: "channels.snoop", method: http.MethodPost, path: []string{"channels", channel, "snoop", snoop},
		query:  params("spy", string(o.Spy), "whisper", string(o.Whisper), "app", c.app(o.App), "appArgs", o.AppArgs),
		answer: &ch})
	return ch, err
}

// ExternalMedia implements ChannelClient.
func (c *Conn) ExternalMedia(ctx context.Context, o ExternalMediaOptions) (ch Channel, err error) {
	err = c.do(ctx, call{op: "channels.externalMedia", method: http.MethodPost, path: []string{"channels", "externalMedia"},
		query: params("channelId", o.ChannelID, "app", c.app(o.App), "external_host", o.ExternalHost, "format", o.Format,
			"encapsulation", o.Encapsulation, "transport", o.Transport, "connection_type", o.ConnectionType, "direction", o.Direction),
		body: variables(o.Variables), answer: &ch})
	return ch, err
}

// Create implements ChannelClient.
func (c *Conn) Create(ctx context.Context, r CreateRequest) (ch Channel, err error) {
	err = c.do(ctx, call{op: "channels.create", method: http.MethodPost, path: []string{"channels", "create"},
		query: params("endpoint", r.Endpoint, "app", c.cfg.App, "appArgs", r.AppArgs, "channelId", r.ChannelID,
			"otherChannelId", r.OtherChannelID, "originator", r.Originator, "formats", r.Formats),
		body: variables(r.Variables), answer: &ch})
	return ch, err
}

// Dial implements ChannelClient.
func (c *Conn) Dial(ctx context.Context, id, caller string, timeout time.Duration) error {
	return c.on(ctx, "dial", http.MethodPost, id, "dial", "caller", caller, "timeout", seconds(timeout))
}

// Originate implements ChannelClient. Without App and Context the channel enters the link's own application.
func (c *Conn) Originate(ctx context.Context, r OriginateRequest) (ch Channel, err error) {
	if r.Context == "" && r.Extension == "" {
		r.App = c.app(r.App)
	}
	timeout, priority := "", ""
	if r.Timeout != 0 {
		timeout = strconv.Itoa(r.Timeout)
	}
	if r.Priority != 0 {
		priority = strconv.FormatInt(r.Priority, 10)
	}
	err = c.do(ctx, call{op: "channels.originate", method: http.MethodPost, path: []string{"channels"},
		query: params("endpoint", r.Endpoint, "extension", r.Extension, "context", r.Context, "priority", priority,
			"label", r.Label, "app", r.App, "appArgs", r.AppArgs, "callerId", r.CallerID, "timeout", timeout,
			"channelId", r.ChannelID, "otherChannelId", r.OtherChannelID, "originator", r.Originator, "formats", r.Formats),
		body: variables(r.Variables), answer: &ch})
	return ch, err
}

// app is the application that a new channel enters.
func (c *Conn) app(asked string) string {
	if asked == "" {
		return c.cfg.App
	}
	return asked
}
