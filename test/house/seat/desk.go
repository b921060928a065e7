//go:build e2e

// Package seat is an agent's seat without a browser: the desk is one websocket, the phone one WebRTC connection.
//
//	Follow ◀── what the desk shows ── Desk ◀═ websocket ═▶ hotline serve ◀═ WebRTC ═▶ Phone ── Ear
//	Do ─────── commands ───────────▶                                                  ◀── Voice
//
// A seat follows no script: what an agent does, and whether a desk that was cut opens again, is the test's.
package seat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hotline/desk"
	"hotline/test/house"
)

// Desk is one open websocket of a person who is signed in.
type Desk struct {
	ws   *websocket.Conn
	name string // of its commands' ids

	mu   sync.Mutex // of writing
	sent int
}

// Open opens a desk that shows the person's own state. The house must have signed the person in.
func Open(ctx context.Context, h *house.House, login string) (*Desk, error) {
	session, err := h.SignIn(ctx, login)
	if err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{HandshakeTimeout: 3 * time.Second, TLSClientConfig: house.Trust}
	header := http.Header{"Origin": {h.URL}, "Cookie": {session}}
	ws, resp, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(h.URL, "http")+"/api/ws", header)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	d := &Desk{ws: ws, name: fmt.Sprintf("%s-%d", login, time.Now().UnixNano())}
	if err := d.say(desk.Envelope{V: 1, Type: "subscribe", Topic: desk.TopicMe, ID: "s", Data: json.RawMessage("{}")}); err != nil {
		ws.Close()
		return nil, err
	}
	return d, nil
}

// Close closes the websocket, as a page that goes does; Follow returns.
func (d *Desk) Close() { d.ws.Close() }

func (d *Desk) say(e desk.Envelope) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ws.WriteJSON(e)
}

// Do sends a command and gives its id, by which it is replied to.
func (d *Desk) Do(c desk.Command) (id string, err error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent++
	id = fmt.Sprintf("%s-%d", d.name, d.sent)
	return id, d.ws.WriteJSON(desk.Envelope{V: 1, Type: "command", ID: id, Data: data})
}

// Follow reads until the websocket ends, which is its error. shows is called with each news of the desk, replied with each
// reply to a command; it may be nil.
func (d *Desk) Follow(shows func(desk.Me), replied func(id string, r desk.Reply)) error {
	for {
		var e desk.Envelope
		if err := d.ws.ReadJSON(&e); err != nil {
			return err
		}
		var err error
		switch {
		case e.Topic == desk.TopicMe:
			var me desk.Me // a fresh one: what is absent must not stay from the last
			if err = json.Unmarshal(e.Data, &me); err == nil {
				shows(me)
			}
		case e.Type == "reply" && replied != nil:
			var r desk.Reply
			if err = json.Unmarshal(e.Data, &r); err == nil {
				replied(e.ID, r)
			}
		}
		if err != nil {
			return fmt.Errorf("a desk that cannot be read: %w in %s", err, e.Data)
		}
	}
}
