//go:build e2e

package bench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
)

// jukebox is the least that callers who wait can cost: an application that puts each into one holding bridge with music,
// and does nothing else.
func (h *rig) jukebox() (home func()) {
	h.t.Helper()
	q := url.Values{"app": {appMusic}, "api_key": {h.Asterisk.ARIUser() + ":" + h.Asterisk.ARIPassword()}}
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.Asterisk.ARIURL(), "http")+"/events?"+q.Encode(), http.Header{})
	require.NoError(h.t, err)
	resp.Body.Close()
	bridge := "/bridges/" + rand.Text() // Asterisk may not be done yet with the last round's
	require.NoError(h.t, h.ARI(http.MethodPost, bridge+"?type=holding", nil))
	require.NoError(h.t, h.ARI(http.MethodPost, bridge+"/moh?mohClass=default", nil))
	over := make(chan error, 1)
	go func() {
		var failed error
		defer func() { over <- failed }()
		for {
			_, text, err := ws.ReadMessage()
			if err != nil {
				return // closed
			}
			var e struct {
				Type    string
				Channel struct{ ID string }
			}
			if err := json.Unmarshal(text, &e); err != nil {
				failed = err
				return
			}
			if e.Type == "StasisStart" {
				if err := h.ARI(http.MethodPost, bridge+"/addChannel?channel="+e.Channel.ID, nil); err != nil {
					failed = err
				}
			}
		}
	}()
	return func() {
		ws.Close()
		require.NoError(h.t, <-over)
		require.NoError(h.t, h.ARI(http.MethodDelete, bridge, nil))
	}
}

// costOfWaiting is the share of one processor that callers who wait take.
func (h *rig) costOfWaiting(line string, callers int, lasting time.Duration) (asterisk, server float64) {
	h.t.Helper()
	load := sip.Load{Target: h.Asterisk.SIPAddress(), To: line, Rate: 100, Calls: callers, Patience: 5 * time.Minute}
	run, err := load.Begin(context.WithoutCancel(h.t.Context()))
	require.NoError(h.t, err)
	h.await(time.Minute, fmt.Sprintf("%d callers to wait", callers), func() error {
		c := run.Count()
		if c.Bad()+c.Served > 0 {
			return house.Fail("%+v", c)
		}
		if c.Answered < callers {
			return fmt.Errorf("%+v", c)
		}
		return nil
	})
	rest := func(d time.Duration) time.Time { // not a wait for something: the length of a measurement
		select {
		case <-time.After(d):
		case <-h.t.Context().Done():
		}
		return time.Now()
	}
	rest(time.Second) // the last ones are led to their place
	before, began := h.bill(), time.Now()
	took := rest(lasting).Sub(began)
	cost := h.bill().since(before)
	require.NoError(h.t, run.Stop())
	h.hangUp()
	h.settle()
	require.NoError(h.t, run.Close())
	return float64(cost.asterisk) / float64(took), float64(cost.server) / float64(took)
}

// compareWaiting tells what waiting costs: with bare music, in app_queue, with us. Neighbours in time are compared, and who
// is first changes: a machine is now faster, now slower, by more than the sides differ.
func (h *rig) compareWaiting(callers, rounds int, lasting time.Duration) string {
	h.t.Helper()
	type cost struct{ asterisk, server, beside float64 }
	type line struct {
		name, line string
		costs      []cost
	}
	bare, appQueue, ours := &line{name: "bare music on one bridge", line: toMusic}, &line{name: "app_queue", line: noAgent}, &line{name: "hotline", line: ourNone}
	measure := func(l *line) cost {
		home := h.jukebox() // anew: Asterisk ends a bridge's music with its last hearer
		defer home()
		a, s := h.costOfWaiting(l.line, callers, lasting)
		if l != ours {
			s = 0 // it has nothing to do with them
		}
		return cost{asterisk: a, server: s}
	}
	sum := func(c cost) float64 { return c.asterisk + c.server }
	for i := range rounds {
		order := []*line{bare, appQueue, ours}
		if i%2 == 1 {
			slices.Reverse(order)
		}
		of := map[*line]cost{}
		for _, l := range order {
			of[l] = measure(l)
		}
		for l, c := range of {
			c.beside = sum(c) / sum(of[bare])
			l.costs = append(l.costs, c)
		}
	}
	var w strings.Builder
	fmt.Fprintf(&w, "| %d callers wait | Asterisk | server | together | beside bare music: median (each round) |\n|---|---|---|---|---|\n", callers)
	for _, l := range []*line{bare, appQueue, ours} {
		fmt.Fprintf(&w, "| %s | %.1f %% | %.1f %% | %.1f %% of a core | **%.2f** (%s) |\n", l.name, 100*median(each(l.costs, func(c cost) float64 { return c.asterisk })),
			100*median(each(l.costs, func(c cost) float64 { return c.server })), 100*median(each(l.costs, sum)),
			median(each(l.costs, func(c cost) float64 { return c.beside })),
			strings.Join(each(l.costs, func(c cost) string { return fmt.Sprintf("%.2f", c.beside) }), ", "))
	}
	return w.String()
}
