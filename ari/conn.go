package ari

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Conn is the link to one Asterisk: it hears its events, and asks it. It implements Client; requests may be
// made before Start, between Down and Up, and until the process ends.
type Conn struct {
	cfg     Config
	log     *slog.Logger
	metrics *Metrics
	http    *http.Client
	dialer  *websocket.Dialer
	backlog *backlog
	retake  chan struct{}
	// stopBound is how long Stop waits for a Sink that does not return.
	stopBound time.Duration

	mu      sync.Mutex // guards what follows
	cancel  context.CancelFunc
	stopped chan struct{} // closed when all goroutines have ended
}

// New makes a link that is not started. sink hears its messages on one goroutine; it may take its time
// (the backlog fills), but must return once Stop is called.
func New(cfg Config, sink func(Message)) (*Conn, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if sink == nil {
		return nil, errors.New("ari: a link without a sink")
	}
	c := &Conn{
		cfg:     cfg,
		log:     cfg.Logger,
		metrics: cfg.Metrics,
		http:    newHTTP(cfg),
		dialer:  &websocket.Dialer{HandshakeTimeout: cfg.ConnectTimeout, ReadBufferSize: 64 << 10},
		retake:  make(chan struct{}, 1),

		stopBound: 5 * time.Second,
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	c.log = c.log.With("node", cfg.Node)
	if c.metrics == nil {
		c.metrics = NewMetrics(nil)
	}
	c.metrics.begin(cfg.Node)
	c.backlog = newBacklog(cfg.Backlog, sink, c.metrics.backlog.WithLabelValues(cfg.Node))
	return c, nil
}

// Start begins to connect, for ever, until ctx ends or Stop is called; it does not wait for Asterisk. A link
// is started once.
func (c *Conn) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		return errors.New("ari: the link is started twice")
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.stopped = make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { c.backlog.deliver(ctx) })
	all.Go(func() { c.run(ctx) })
	go func() {
		all.Wait()
		close(c.stopped)
	}()
	return nil
}

// Stop ends the link and waits, for at most five seconds, until the Sink's last call has returned. It may be
// called twice, and before Start. Messages that still waited are left: the next start takes a snapshot.
func (c *Conn) Stop() error {
	c.mu.Lock()
	cancel, stopped := c.cancel, c.stopped
	c.mu.Unlock()
	defer c.http.CloseIdleConnections()
	if cancel == nil {
		return nil
	}
	cancel()
	select {
	case <-stopped:
		return nil
	case <-time.After(c.stopBound):
		return fmt.Errorf("ari: the link to %s has not ended within %v: its sink does not return", c.cfg.Node, c.stopBound)
	}
}

// Retake makes a link that was replaced take the application back. Otherwise it does nothing.
func (c *Conn) Retake() {
	select {
	case c.retake <- struct{}{}:
	default:
	}
}

// Node is the name of this Asterisk.
func (c *Conn) Node() string { return c.cfg.Node }

// run brings the link up again and again.
func (c *Conn) run(ctx context.Context) {
	var told Reason // of the gap we are in; empty: no Down has been sent since the last Up
	pause := c.cfg.BackoffMin
	for {
		s, err := c.connect(ctx)
		if err == nil {
			began := time.Now()
			told = ""
			err = s.wait(ctx)
			c.metrics.up.WithLabelValues(c.cfg.Node).Set(0)
			if time.Since(began) >= c.cfg.BackoffMax {
				pause = c.cfg.BackoffMin
			}
		}
		if ctx.Err() != nil {
			return
		}
		reason := reasonOf(err)
		if reason == ReasonReplaced {
			select {
			case <-c.retake: // an old wish; one that answers the Down below counts
			default:
			}
		}
		if told == "" || (reason == ReasonReplaced && told != reason) { // whoever decides on Retake must know
			c.metrics.downs.WithLabelValues(c.cfg.Node, string(reason)).Inc()
			c.backlog.must(Down{Node: c.cfg.Node, At: time.Now(), Reason: reason, Err: err})
		}
		if told != reason {
			c.log.Warn("link to Asterisk is down", "reason", reason, "err", err, "url", c.cfg.URL)
		} else {
			c.log.Debug("link to Asterisk is still down", "reason", reason, "err", err)
		}
		told = reason
		if !c.rest(ctx, reason, pause) {
			return
		}
		pause = min(2*pause, c.cfg.BackoffMax)
	}
}

// rest waits for the moment of the next try: after a pause with jitter, when the Sink has caught up, or when
// a replaced link is told to take the application back. It is false when the link is to end.
func (c *Conn) rest(ctx context.Context, reason Reason, pause time.Duration) bool {
	if reason == ReasonReplaced {
		select {
		case <-c.retake:
			return true
		case <-ctx.Done():
			return false
		}
	}
	if !c.backlog.waitHalfEmpty(ctx) {
		return false
	}
	select {
	case <-time.After(pause/2 + rand.N(pause/2+1)):
		return true
	case <-ctx.Done():
		return false
	}
}

// linkError carries the reason that only the place of the failure knows.
type linkError struct {
	reason Reason
	err    error
}

func (e *linkError) Error() string { return e.err.Error() }
func (e *linkError) Unwrap() error { return e.err }

func reasonOf(err error) Reason {
	var e *linkError
	if errors.As(err, &e) {
		return e.reason
	}
	return ReasonReset
}

// connect opens the websocket, lets its events wait, takes the snapshot and says Up.
func (c *Conn) connect(ctx context.Context) (*session, error) {
	if err := c.checkAge(ctx); err != nil {
		return nil, err
	}
	ws, err := c.openWebsocket(ctx)
	if err != nil {
		return nil, err
	}
	s := c.newSession(ws)
	if err := s.begin(ctx); err != nil {
		s.close(err)
		return nil, s.wait(ctx)
	}
	return s, nil
}

// begin makes sure that events come, takes the snapshot and says Up.
func (s *session) begin(ctx context.Context) error {
	c := s.c
	if len(c.cfg.Unheard) > 0 {
		if err := c.muffle(ctx); err != nil {
			return &linkError{ReasonRefused, fmt.Errorf("asking Asterisk to leave out the events that nobody listens to: %w", err)}
		}
	}
	if err := s.heartbeat(ctx); err != nil {
		return err
	}
	snapshot, err := c.snapshot(ctx)
	if err != nil {
		return &linkError{ReasonSnapshot, fmt.Errorf("taking the snapshot: %w", err)}
	}
	if err := s.open(Up{Node: c.cfg.Node, At: time.Now(), Snapshot: snapshot}); err != nil {
		return err
	}
	c.log.Info("link to Asterisk is up", "version", snapshot.Info.SystemInfo.Version, "app", c.cfg.App,
		"channels", len(snapshot.Channels), "bridges", len(snapshot.Bridges))
	return nil
}

// checkAge asks for the version before the application is taken: an Asterisk that we cannot use must not
// give us its calls.
func (c *Conn) checkAge(ctx context.Context) error {
	_, err := c.Probe(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrTooOld):
		return &linkError{ReasonTooOld, err}
	case IsUnauthorized(err):
		return &linkError{ReasonUnauthorized, err}
	default:
		return &linkError{ReasonRefused, err}
	}
}

func (c *Conn) snapshot(ctx context.Context) (s Snapshot, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ConnectTimeout)
	defer cancel()
	if s.Info, err = c.Info(ctx); err != nil {
		return s, err
	}
	if s.Application, err = c.Application(ctx, c.cfg.App); err != nil {
		return s, err
	}
	if s.Channels, err = c.Channels(ctx); err != nil {
		return s, err
	}
	s.Bridges, err = c.Bridges(ctx)
	return s, err
}
