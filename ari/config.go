package ari

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// MinimumVersion is the oldest major version of Asterisk that the house speaks to.
const MinimumVersion = 20

// Config says which Asterisk to speak to, and how patiently.
type Config struct {
	Node     string // our name for this Asterisk: messages, errors, logs and metrics carry it
	URL      string // of ARI: http://127.0.0.1:8088/ari
	User     string // of ari.conf, not read-only
	Password string
	App      string // the Stasis application; who connects last owns it

	RequestTimeout time.Duration // bound of each request; addChannel waits for a running prompt
	ConnectTimeout time.Duration // bound of each try to connect, and of the snapshot
	PingInterval   time.Duration // a quiet websocket is pinged this often
	PongTimeout    time.Duration // and taken for half-open when silent for interval + time-out
	Heartbeat      time.Duration // pause between events posted to ourselves; one that is late by RequestTimeout cuts the link
	BackoffMin     time.Duration // pause after the first failed try; doubles, with jitter
	BackoffMax     time.Duration // and is never longer than this
	Backlog        int           // messages that may wait for the Sink before the link is cut and resynced
	MaxConns       int           // HTTP connections at a time; Asterisk's sessionlimit must be above it

	// Unheard are types of events that nobody of this house listens to: Asterisk is asked at each connect not to tell
	// them, which spares it their writing and us their reading. Do not name StasisStart, StasisEnd, ChannelUserevent
	// (the heartbeat) or ApplicationReplaced.
	Unheard []string

	Logger  *slog.Logger // default: slog.Default()
	Metrics *Metrics     // shared by the links of all nodes; default: kept, registered nowhere
}

// DefaultConfig is a link to an Asterisk on this machine; Password is missing.
func DefaultConfig() Config {
	return Config{
		Node:           "a",
		URL:            "http://127.0.0.1:8088/ari",
		User:           "hotline",
		App:            "hotline",
		RequestTimeout: 5 * time.Second,
		ConnectTimeout: 5 * time.Second,
		PingInterval:   2 * time.Second,
		PongTimeout:    3 * time.Second,
		Heartbeat:      2 * time.Second,
		BackoffMin:     100 * time.Millisecond,
		BackoffMax:     time.Second, // a try costs nothing, and callers wait for it
		Backlog:        20_000,
		MaxConns:       200,
	}
}

// Validate names the first setting that cannot work, and what it may be.
func (c Config) Validate() error {
	if c.Node == "" {
		return errors.New("node: give this Asterisk a name")
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("ari url %q: want http://HOST:PORT/ari", c.URL)
	}
	if u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("ari url of %s: no user, password or query in it; user and password have settings of their own", u.Host)
	}
	for _, s := range []struct{ name, value string }{{"user", c.User}, {"password", c.Password}, {"app", c.App}} {
		if s.value == "" {
			return fmt.Errorf("ari %s of node %s is empty: see ari.conf of that Asterisk", s.name, c.Node)
		}
	}
	if strings.ContainsAny(c.App, ",/?&") {
		return fmt.Errorf("ari app %q: a comma, '/', '?' or '&' cannot stand in an application's name", c.App)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"request timeout", c.RequestTimeout}, {"connect timeout", c.ConnectTimeout},
		{"ping interval", c.PingInterval}, {"pong timeout", c.PongTimeout}, {"heartbeat", c.Heartbeat},
		{"backoff min", c.BackoffMin}, {"backoff max", c.BackoffMax},
	} {
		if d.value <= 0 {
			return fmt.Errorf("ari %s of node %s is %v: want more than 0", d.name, c.Node, d.value)
		}
	}
	if c.BackoffMax < c.BackoffMin {
		return fmt.Errorf("ari backoff max %v of node %s is less than backoff min %v", c.BackoffMax, c.Node, c.BackoffMin)
	}
	if c.Backlog < 1 || c.MaxConns < 1 {
		return fmt.Errorf("ari backlog (%d) and max conns (%d) of node %s: want at least 1", c.Backlog, c.MaxConns, c.Node)
	}
	return nil
}
