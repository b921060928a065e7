package ari

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// maxEvent is the longest event that is read; the longest seen is below 10 kB.
const maxEvent = 4 << 20

// errOverflow ends a session whose messages the Sink does not take.
var errOverflow = &linkError{ReasonOverflow, errors.New("the centre takes events too slowly: cut to take a snapshot instead")}

// session is one websocket, from its opening to its end. Events are held until open is called.
type session struct {
	c      *Conn
	ws     *websocket.Conn
	ended  chan struct{}                 // closed when all its goroutines have returned
	reason error                         // why; valid after ended
	pulse  string                        // name of its heartbeats
	counts map[string]prometheus.Counter // of events by label: the reader's
	echo   chan struct{}                 // a heartbeat came back

	mu   sync.Mutex // guards what follows
	dead error      // why it was closed by ourselves
	held []Message
	live bool
}

// openWebsocket takes the application.
func (c *Conn) openWebsocket(ctx context.Context) (*websocket.Conn, error) {
	at := "ws" + strings.TrimPrefix(strings.TrimSuffix(c.cfg.URL, "/"), "http") + "/events?" +
		url.Values{"app": {c.cfg.App}}.Encode()
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth(c.cfg.User, c.cfg.Password)
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ConnectTimeout)
	defer cancel()
	ws, resp, err := c.dialer.DialContext(ctx, at, req.Header)
	if err == nil {
		return ws, nil
	}
	if resp == nil {
		return nil, &linkError{ReasonRefused, fmt.Errorf("opening the websocket: %w", err)}
	}
	resp.Body.Close()
	refused := &Error{Op: "events", Node: c.cfg.Node, Status: resp.StatusCode, Message: c.messageOf(resp.StatusCode, nil)}
	if IsUnauthorized(refused) {
		return nil, &linkError{ReasonUnauthorized, refused}
	}
	return nil, &linkError{ReasonRefused, refused}
}

func (c *Conn) newSession(ws *websocket.Conn) *session {
	s := &session{
		c: c, ws: ws, ended: make(chan struct{}),
		pulse: fmt.Sprintf("hotline.alive.%016x", rand.Uint64()), echo: make(chan struct{}, 1), counts: map[string]prometheus.Counter{},
	}
	ws.SetReadLimit(maxEvent)
	patience := c.cfg.PingInterval + c.cfg.PongTimeout
	alive := func(string) error { return ws.SetReadDeadline(time.Now().Add(patience)) }
	_ = alive("") // fails only on a closed connection, which the first read tells
	ws.SetPongHandler(alive)
	ctx, stop := context.WithCancel(context.Background())
	var others sync.WaitGroup
	others.Go(func() { s.ping(ctx) })
	others.Go(func() { s.beat(ctx) })
	go func() {
		err := s.read(alive)
		stop()
		s.close(nil)
		others.Wait()
		s.mu.Lock()
		s.reason = err
		if s.dead != nil && reasonOf(err) != ReasonReplaced { // the reader only felt the close
			s.reason = s.dead
		}
		s.mu.Unlock()
		close(s.ended)
	}()
	return s
}

// ping keeps asking whether the other end lives; the read deadline judges the answers.
func (s *session) ping(ctx context.Context) {
	every(ctx, s.c.cfg.PingInterval, func() bool {
		// A ping that cannot be written gets no answer: the reader finds that out.
		_ = s.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.c.cfg.PongTimeout))
		return true
	})
}

// every does f now and then until f says no, or ctx ends.
func every(ctx context.Context, d time.Duration, f func() bool) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !f() {
				return
			}
		}
	}
}

// beat sends a heartbeat now and then, and ends the session when one does not come back.
func (s *session) beat(ctx context.Context) {
	every(ctx, s.c.cfg.Heartbeat, func() bool {
		err := s.heartbeat(ctx)
		if err != nil && ctx.Err() == nil {
			s.close(err)
			return false
		}
		return true
	})
}

// heartbeat posts an event to our own application and waits until the websocket brings it. Only this shows
// that events come: Asterisk handles the end of an application's former websocket late at times, and then
// deactivates the application under the new one, which stays open and answers pings (22.10.1, seen).
func (s *session) heartbeat(ctx context.Context) error {
	select {
	case <-s.echo: // a late one
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.cfg.RequestTimeout)
	defer cancel()
	err := s.c.do(ctx, call{op: "events.user", method: http.MethodPost, path: []string{"events", "user", s.pulse},
		query: params("application", s.c.cfg.App)})
	switch {
	case IsUnauthorized(err):
		return &linkError{ReasonUnauthorized, err}
	case err != nil:
		return &linkError{ReasonDeaf, fmt.Errorf("no heartbeat: %w", err)}
	}
	select {
	case <-s.echo:
		return nil
	case <-s.ended:
		return s.reason
	case <-ctx.Done():
		return &linkError{ReasonDeaf, fmt.Errorf("a heartbeat was taken by Asterisk but did not come back within %v", s.c.cfg.RequestTimeout)}
	}
}

// read takes events as fast as Asterisk writes them: it closes a socket that stalls it for 100 ms.
func (s *session) read(alive func(string) error) error {
	for {
		kind, frame, err := s.ws.ReadMessage()
		if err != nil {
			return readError(err)
		}
		_ = alive("")
		if kind != websocket.TextMessage {
			continue
		}
		at := time.Now()
		body, err := Decode(s.c.cfg.Node, frame)
		if err != nil {
			s.c.metrics.malformed.WithLabelValues(s.c.cfg.Node).Inc()
			s.c.log.Error("an event of Asterisk cannot be read and is left out", "err", err, "frame", clip(frame))
			continue
		}
		if e, ok := body.(*ChannelUserevent); ok && e.EventName == s.pulse {
			select {
			case s.echo <- struct{}{}:
			default: // nobody waits any more
			}
			continue
		}
		s.countEvent(body)
		if !s.push(Event{Node: s.c.cfg.Node, At: at, Event: body}) {
			return errOverflow
		}
		if r, ok := body.(*ApplicationReplaced); ok && r.Application == s.c.cfg.App {
			return &linkError{ReasonReplaced, fmt.Errorf("another program has taken the application %q", r.Application)}
		}
	}
}

func (s *session) countEvent(body EventBody) {
	label := body.GetType()
	if _, generic := body.(*Generic); generic {
		label = "Generic"
		s.c.metrics.unknown.WithLabelValues(s.c.cfg.Node).Inc()
		s.c.log.Debug("event of a type without a struct", "type", body.GetType())
	}
	count := s.counts[label]
	if count == nil {
		count = s.c.metrics.events.WithLabelValues(s.c.cfg.Node, label)
		s.counts[label] = count
	}
	count.Inc()
}

// readError finds the reason in how the reading ended.
func readError(err error) error {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code == websocket.CloseInternalServerErr {
		return &linkError{ReasonStalled, err}
	}
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return &linkError{ReasonHalfOpen, fmt.Errorf("no answer to a ping: %w", err)}
	}
	return &linkError{ReasonReset, err}
}

// push hands an event on, or holds it; it is false when there is no more room.
func (s *session) push(m Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		return s.c.backlog.put(m)
	}
	s.held = append(s.held, m)
	return len(s.held) <= s.c.cfg.Backlog
}

// open says Up, then the events that were held.
func (s *session) open(up Up) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
		return s.reason // nobody hears of an Up that is over already
	default:
	}
	s.c.metrics.up.WithLabelValues(up.Node).Set(1)
	s.c.metrics.ups.WithLabelValues(up.Node).Inc()
	s.c.backlog.must(up)
	for _, m := range s.held {
		s.c.backlog.must(m)
	}
	s.held, s.live = nil, true
	return nil
}

// close ends the websocket, for a reason of our own if why is not nil; wait gives the reason.
func (s *session) close(why error) {
	s.mu.Lock()
	if s.dead == nil {
		s.dead = why
	}
	s.mu.Unlock()
	_ = s.ws.Close()
}

// wait gives why the session ended; a context that ends closes it.
func (s *session) wait(ctx context.Context) error {
	select {
	case <-s.ended:
	case <-ctx.Done():
		s.close(ctx.Err())
		<-s.ended
	}
	return s.reason
}

// clip shortens a frame for the log.
func clip(frame []byte) string {
	if len(frame) > 300 {
		return string(frame[:300]) + "…"
	}
	return string(frame)
}
