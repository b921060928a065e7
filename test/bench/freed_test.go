//go:build e2e

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
)

// watcher hears all events of Asterisk, and notes from each agent's end of a call to the next caller's being in a bridge
// with that agent. The begin is by the agent's own device, before it sends; the end by Asterisk's own time-stamp. One
// machine, one clock.
type watcher struct {
	ws   *websocket.Conn
	over chan struct{}

	mu     sync.Mutex
	agents map[string]string    // by channel
	freed  map[string]time.Time // by agent
	delays []time.Duration
	err    error
}

func (h *rig) watch() *watcher {
	h.t.Helper()
	q := url.Values{"app": {"bench-watch"}, "subscribeAll": {"true"}, "api_key": {h.Asterisk.ARIUser() + ":" + h.Asterisk.ARIPassword()}}
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.Asterisk.ARIURL(), "http")+"/events?"+q.Encode(), http.Header{})
	require.NoError(h.t, err)
	resp.Body.Close()
	w := &watcher{ws: ws, over: make(chan struct{}), agents: map[string]string{}, freed: map[string]time.Time{}}
	go w.follow()
	return w
}

// entered is the part of ChannelEnteredBridge that is looked at.
type entered struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Channel   struct{ ID, Name string }
	Bridge    struct{ Channels []string }
}

func (w *watcher) follow() {
	defer close(w.over)
	for {
		_, text, err := w.ws.ReadMessage()
		if err != nil {
			return // closed
		}
		var e entered
		if err := json.Unmarshal(text, &e); err != nil {
			w.mu.Lock()
			w.err = err
			w.mu.Unlock()
			return
		}
		if e.Type == "ChannelEnteredBridge" {
			w.enter(e)
		}
	}
}

func (w *watcher) enter(e entered) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := agentOf(e.Channel.ID, e.Channel.Name); a != "" {
		w.agents[e.Channel.ID] = a
	}
	if len(e.Bridge.Channels) < 2 {
		return
	}
	at, err := time.Parse("2006-01-02T15:04:05.000-0700", e.Timestamp)
	if err != nil {
		w.err = err
		return
	}
	for _, id := range e.Bridge.Channels {
		a := w.agents[id]
		if from, ok := w.freed[a]; ok && a != "" {
			w.delays = append(w.delays, max(0, at.Sub(from)))
			delete(w.freed, a)
		}
	}
}

// agentOf tells whose channel it is: leg-seat007-x of ours, PJSIP/phone007-00000012 of app_queue.
func agentOf(id, name string) string {
	if rest, ok := strings.CutPrefix(id, "leg-"); ok {
		a, _, _ := strings.Cut(rest, "-")
		return a
	}
	if rest, ok := strings.CutPrefix(name, "PJSIP/phone"); ok {
		n, _, _ := strings.Cut(rest, "-")
		return "phone" + n
	}
	return ""
}

// free notes that an agent is about to end a call.
func (w *watcher) free(agent string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.freed[agent] = time.Now()
}

// forget begins anew: until now there were not enough callers.
func (w *watcher) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.freed)
	w.delays = nil
}

func (w *watcher) seen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.delays)
}

func (w *watcher) close() ([]time.Duration, error) {
	w.ws.Close()
	<-w.over
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.delays, w.err
}

// untilTheNext measures, while so many callers wait, how long an agent who has become free has none.
func (h *rig) untilTheNext(s side, waiting, samples int, talk time.Duration) []time.Duration {
	h.t.Helper()
	w := h.watch()
	home := s.staff(talk, w.free)
	defer home()
	crowd := waiting + h.agents
	load := sip.Load{Target: h.Asterisk.SIPAddress(), To: s.line, Rate: 40, AtOnce: crowd, Patience: 5 * time.Minute}
	run, err := load.Begin(context.WithoutCancel(h.t.Context()))
	require.NoError(h.t, err)
	full := false
	h.await(2*time.Minute, fmt.Sprintf("%d callers of %s to have been connected", samples, s.name), func() error {
		c := run.Count()
		if c.Bad() > 0 {
			return house.Fail("%+v", c)
		}
		if !full && c.Answered-c.Served >= crowd-1 { // one is always on the way
			full = true
			w.forget()
		}
		if n := w.seen(); !full || n < samples {
			return fmt.Errorf("%d so far: %+v", n, c)
		}
		return nil
	})
	delays, err := w.close()
	require.NoError(h.t, err)
	require.NoError(h.t, run.Stop())
	h.hangUp()
	h.settle()
	require.NoError(h.t, run.Close())
	return delays
}

// compareFreed tells how long an agent who became free while so many callers wait has nobody to talk to.
func (h *rig) compareFreed(a, b side, waiting, samples int, talk time.Duration) string {
	h.t.Helper()
	var w strings.Builder
	fmt.Fprintf(&w, "| %d callers wait, %d agents | median | p90 | p99 | longest | of |\n|---|---|---|---|---|---|\n", waiting, h.agents)
	for _, s := range []side{a, b} {
		d := h.untilTheNext(s, waiting, samples, talk)
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s | %d |\n", s.name, ms(median(d)), ms(quantile(d, 0.9)), ms(quantile(d, 0.99)), ms(slices.Max(d)), len(d))
	}
	return w.String()
}
