package ari

import (
	"context"
	"net/http"
	"strings"
)

// onBridge makes a request about one bridge that answers nothing.
func (c *Conn) onBridge(ctx context.Context, op, method, id, verb string, pairs ...string) error {
	return c.do(ctx, call{op: "bridges." + op, method: method, path: []string{"bridges", id, verb}, query: params(pairs...)})
}

// Bridges implements BridgeClient.
func (c *Conn) Bridges(ctx context.Context) (list []Bridge, err error) {
	err = c.do(ctx, call{op: "bridges.list", method: http.MethodGet, path: []string{"bridges"}, answer: &list})
	return list, err
}

// Bridge implements BridgeClient.
func (c *Conn) Bridge(ctx context.Context, id string) (b Bridge, err error) {
	err = c.do(ctx, call{op: "bridges.get", method: http.MethodGet, path: []string{"bridges", id}, answer: &b})
	return b, err
}

// CreateBridge implements BridgeClient.
func (c *Conn) CreateBridge(ctx context.Context, id string, kind BridgeType, name string) (b Bridge, err error) {
	err = c.do(ctx, call{op: "bridges.create", method: http.MethodPost, path: []string{"bridges"},
		query: params("bridgeId", id, "type", string(kind), "name", name), answer: &b})
	return b, err
}

// DestroyBridge implements BridgeClient.
func (c *Conn) DestroyBridge(ctx context.Context, id string) error {
	return c.do(ctx, call{op: "bridges.destroy", method: http.MethodDelete, path: []string{"bridges", id}})
}

// AddChannel implements BridgeClient.
func (c *Conn) AddChannel(ctx context.Context, bridge string, o AddOptions, channels ...string) error {
	return c.onBridge(ctx, "addChannel", http.MethodPost, bridge, "addChannel",
		"channel", strings.Join(channels, ","), "role", o.Role, "mute", yes(o.Mute), "absorbDTMF", yes(o.AbsorbDTMF),
		"inhibitConnectedLineUpdates", yes(o.InhibitConnectedLine))
}

// RemoveChannel implements BridgeClient.
func (c *Conn) RemoveChannel(ctx context.Context, bridge string, channels ...string) error {
	return c.onBridge(ctx, "removeChannel", http.MethodPost, bridge, "removeChannel", "channel", strings.Join(channels, ","))
}

// StartBridgeMOH implements BridgeClient.
func (c *Conn) StartBridgeMOH(ctx context.Context, id, class string) error {
	return c.onBridge(ctx, "startMoh", http.MethodPost, id, "moh", "mohClass", class)
}

// StopBridgeMOH implements BridgeClient.
func (c *Conn) StopBridgeMOH(ctx context.Context, id string) error {
	return c.onBridge(ctx, "stopMoh", http.MethodDelete, id, "moh")
}

// PlayOnBridge implements BridgeClient.
func (c *Conn) PlayOnBridge(ctx context.Context, bridge, playback string, media ...string) (p Playback, err error) {
	err = c.do(ctx, call{op: "bridges.play", method: http.MethodPost, path: []string{"bridges", bridge, "play", playback},
		query: params("media", strings.Join(media, ",")), answer: &p})
	return p, err
}

// RecordBridge implements BridgeClient.
func (c *Conn) RecordBridge(ctx context.Context, bridge, name string, o RecordingOptions) (r LiveRecording, err error) {
	err = c.do(ctx, call{op: "bridges.record", method: http.MethodPost, path: []string{"bridges", bridge, "record"},
		query: recording(name, o), answer: &r})
	return r, err
}
