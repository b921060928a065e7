package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"hotline/people"
)

// Limits of one websocket.
const (
	largestMessage = 16 << 10
	pingEvery      = 20 * time.Second
	// silence is how long a browser may send nothing, not even pongs.
	silence = 50 * time.Second
	// writeWait bounds one write; a browser that takes longer is gone or too slow.
	writeWait = 10 * time.Second
	// messagesPerSecond, with bursts, is more than a person and a page need.
	messagesPerSecond, messageBurst = 20, 60
	// abuses is how many messages that are no messages end a connection.
	abuses = 10
	// mostTabs is how many websockets one person may have open: more than anybody's tabs, fewer than a program gone wild.
	mostTabs = 40
	// sessionCheck is how often an open websocket is asked for its session again.
	sessionCheck = 30 * time.Second
)

// The reasons a bye gives.
const (
	byeSlow      = "slow"       // come back by sequence
	byeRestart   = "restart"    // the server goes; come back
	byeSignedOut = "signed-out" // sign in again
	byeAbuse     = "abuse"      // what was sent was no message, again and again
	byeElsewhere = "elsewhere"  // the same tab has a newer connection
)

var byeWords = map[string]string{
	byeSlow:      "This page was too slow to follow; it connects again.",
	byeRestart:   "The server is being restarted; this page connects again by itself.",
	byeSignedOut: "You are signed out, or your rights have changed. Sign in again.",
	byeElsewhere: "This tab is connected anew.",
	byeAbuse:     "This page sent what the server does not understand. Load it again.",
}

// conn is one websocket. Its reader is the request's goroutine, its writer another; the hub and the reader hand it
// messages by send, which never blocks.
type conn struct {
	d     *Desk
	ws    *websocket.Conn
	user  people.User
	token string
	addr  string
	tab   string // the browser's own name for the tab, kept over reloads; empty: it has none

	out    chan []byte
	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once
	why    string // set before ctx ends

	topics map[string]bool // the hub's
}

func (d *Desk) websocket(w http.ResponseWriter, r *asked) error {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }, // looked at above, with a better answer
		Error: func(w http.ResponseWriter, r *http.Request, _ int, reason error) {
			fail(w, r, d.Log, wrong("Upgrade", "This address speaks websocket: "+reason.Error()))
		}}
	if !d.ownOrigin(r.Request) {
		return refuse(Forbidden, "Websockets are for our own pages. Behind a proxy, name the desk's origin in the configuration.")
	}
	if d.hub.tabs(r.Context(), r.user.Login) >= mostTabs {
		return &refusal{code: TooMany, after: 10, public: "This account has " + strconv.Itoa(mostTabs) + " pages open. Close some of them."}
	}
	ws, err := up.Upgrade(w, r.Request, nil)
	if err != nil {
		return &answered{err}
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &conn{d: d, ws: ws, user: r.user, token: r.token, addr: r.addr, tab: tabOf(r.Request), out: make(chan []byte, d.cfg.Queue), ctx: ctx, cancel: cancel,
		topics: map[string]bool{}}
	if !d.hub.join(r.Context(), c) {
		cancel()
		c.farewell(byeRestart)
		return nil
	}
	defer d.running.Done()
	d.Log.Debug("websocket opened", "login", c.user.Login, "agent", c.user.Agent, "addr", c.addr)
	c.stillSignedIn() // a sign-out between the question and the join had nobody to say bye to
	var writer sync.WaitGroup
	writer.Go(c.write)
	c.read()
	c.close("")
	d.hub.leave(c)
	writer.Wait()
	d.Log.Debug("websocket closed", "login", c.user.Login, "agent", c.user.Agent, "why", c.why)
	return nil
}

// longestTab bounds the name that a tab gives itself.
const longestTab = 64

func tabOf(r *http.Request) string {
	tab := r.URL.Query().Get("tab")
	if len(tab) > longestTab {
		return ""
	}
	return tab
}

// ownOrigin: a websocket is no request that browsers guard, so its Origin must be ours, and must be there.
func (d *Desk) ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if slices.Contains(d.cfg.Origins, origin) && origin != "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && origin != "" && (u.Scheme == "http" || u.Scheme == "https") && u.Host == r.Host
}

// send hands a message to the writer. A connection whose queue is full is too slow: it is told bye.
func (c *conn) send(msg []byte) {
	select {
	case c.out <- msg:
	default:
		c.close(byeSlow)
	}
}

// close ends the connection, with a bye when there is a reason for the browser to know. The first reason counts.
func (c *conn) close(why string) {
	c.once.Do(func() {
		c.why = why
		c.cancel()
		// A write that is stuck is given up soon; if not even this can be set, the connection is broken anyway.
		_ = c.ws.NetConn().SetWriteDeadline(time.Now().Add(time.Second))
	})
}

// write is the writer: the only one who writes to the websocket.
func (c *conn) write() {
	ping, session := time.NewTicker(pingEvery), time.NewTicker(sessionCheck)
	defer ping.Stop()
	defer session.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	var err error
	for err == nil {
		select {
		case <-c.ctx.Done():
			c.farewell(c.why)
			return
		case msg := <-c.out:
			if err = c.ws.SetWriteDeadline(time.Now().Add(writeWait)); err == nil {
				err = c.ws.WriteMessage(websocket.TextMessage, msg)
			}
		case <-ping.C:
			err = c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
		case <-session.C:
			asking.Go(c.stillSignedIn)
		}
	}
	c.close("")
	c.ws.Close() // broken already; this wakes the reader
}

// farewell says why, and closes. The queue is not sent out first: who is too slow gets it by sequence.
func (c *conn) farewell(why string) {
	soon := time.Now().Add(time.Second)
	if why != "" && c.ws.SetWriteDeadline(soon) == nil {
		msg := pack(c.d.Log, Envelope{Type: "bye"}, Bye{Reason: why, Message: byeWords[why]})
		if c.ws.WriteMessage(websocket.TextMessage, msg) == nil {
			_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, why), soon) // best effort
		}
	}
	c.ws.Close() // whatever happened, it is over; this wakes the reader
}

// stillSignedIn asks for the session again; while the archive is away it stands.
func (c *conn) stillSignedIn() {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	if u, err := c.d.Door.Who(ctx, c.token); is(err, Unauthorized) || err == nil && (u.Role != c.user.Role || u.Agent != c.user.Agent) {
		c.close(byeSignedOut)
		c.d.hangUp(c.token)
	}
}

// read is the reader. Commands are carried out one after the other, in the order in which they were sent.
func (c *conn) read() {
	c.ws.SetReadLimit(largestMessage)
	alive := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(silence)) }
	c.ws.SetPongHandler(alive)
	pace, bad := rate.NewLimiter(messagesPerSecond, messageBurst), 0
	for alive("") == nil {
		kind, msg, err := c.ws.ReadMessage()
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) {
				c.close(byeAbuse)
			}
			return
		}
		if pace.Wait(c.ctx) != nil {
			return
		}
		var e Envelope
		err = wrong("message", "Send text.")
		if kind == websocket.TextMessage {
			err = envelope(msg, &e)
		}
		if err == nil {
			err = c.handle(e)
		} else if bad++; bad >= abuses {
			c.close(byeAbuse)
			return
		}
		if err != nil {
			c.reply(e.ID, err)
		}
	}
}

// envelope reads one message strictly: our version, a known shape.
func envelope(msg []byte, e *Envelope) error {
	if err := strict(msg, e); err != nil {
		return wrong("message", "This is no message of this server: "+err.Error())
	}
	switch {
	case e.V != 1:
		return wrong("v", "The version is 1.")
	case len(e.ID) > 64:
		return wrong("id", "At most 64 characters.")
	case !slices.Contains([]string{"subscribe", "unsubscribe", "command", "ping"}, e.Type):
		return wrong("type", "One of subscribe, unsubscribe, command, ping.")
	}
	return nil
}

func strict(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// handle does what a message asks. What it returns is the reply's error; nil: the reply is sent.
func (c *conn) handle(e Envelope) error {
	switch e.Type {
	case "ping":
		c.send(pack(c.d.Log, Envelope{Type: "pong", ID: e.ID}, nil))
		return nil
	case "subscribe":
		var from Subscribe
		if len(e.Data) > 0 {
			if err := strict(e.Data, &from); err != nil {
				return wrong("data", "Expected epoch and seq: "+err.Error())
			}
		}
		return c.d.hub.subscribe(c.ctx, c, e.ID, e.Topic, from)
	case "unsubscribe":
		if err := c.d.hub.unsubscribe(c.ctx, c, e.Topic); err != nil {
			return err
		}
		c.reply(e.ID, nil)
		return nil
	}
	var cmd Command
	if err := strict(e.Data, &cmd); err != nil {
		return wrong("data", "Expected a command: "+err.Error())
	}
	if err := c.command(e.ID, cmd); err != nil {
		return err
	}
	c.reply(e.ID, nil)
	return nil
}

func (c *conn) command(id string, cmd Command) error {
	switch {
	case id == "":
		return wrong("id", "A command needs an id: sent twice with the same one, it is done once.")
	case !slices.Contains(Commands, cmd.Do):
		return wrong("do", "There is no command of this name.")
	case c.user.Agent == "":
		return errNoSeat
	case cmd.Do == "take-phone":
		var err error
		if !c.d.hub.ask(c.ctx, func() { err = c.d.hub.takePhone(c) }) {
			return errDown
		}
		return err
	}
	return c.d.do(c.ctx, CentreCommand{ID: id, Agent: c.user.Agent, Command: cmd})
}

func (c *conn) reply(id string, err error) {
	r := Reply{OK: err == nil}
	if err != nil {
		wire, _ := tell(err)
		r.Error = &wire
		if wire.Code == Internal {
			c.d.Log.Error("websocket request failed", "login", c.user.Login, "agent", c.user.Agent, "err", err)
		}
	}
	c.send(pack(c.d.Log, Envelope{Type: "reply", ID: id}, r))
}
