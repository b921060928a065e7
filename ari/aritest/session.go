package aritest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hotline/ari"
)

// session is the websocket of one application.
type session struct {
	app string

	mu     sync.Mutex // guards what follows, but for wake and ended
	ws     *websocket.Conn
	queue  [][]byte
	wake   chan struct{}
	ended  chan struct{}
	once   sync.Once
	frozen bool // half-open: nothing is sent or answered any more
	deaf   bool // guarded by the Server: its application is inactive
	after  int  // close with this code when the queue is empty; 0: stay
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// events is GET /ari/events: the application is taken by whoever comes last.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	app := r.URL.Query().Get("app")
	if app == "" {
		writeError(w, http.StatusBadRequest, "HTTP request is missing param: [app]")
		return
	}
	// The application is taken before the client is told, as Asterisk does: what happens in between waits.
	one := &session{app: app, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	s.change(func() {
		if old := s.sessions[app]; old != nil {
			s.replace(old)
		}
		s.sessions[app] = one
	})
	defer s.change(func() {
		if s.sessions[app] == one {
			delete(s.sessions, app)
		}
	})
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer one.end()
	one.mu.Lock()
	one.ws = ws
	one.mu.Unlock()
	ws.SetPingHandler(func(data string) error {
		one.mu.Lock()
		frozen := one.frozen
		one.mu.Unlock()
		if frozen {
			return nil
		}
		return ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	go one.write()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			return
		}
	}
}

// replace tells a session that it has lost its application. The lock is held.
func (s *Server) replace(old *session) {
	s.sendTo(old, &ari.ApplicationReplaced{})
	old.closeAfter(websocket.CloseNormalClosure)
}

// send queues a frame.
func (one *session) send(frame []byte) {
	one.mu.Lock()
	if !one.frozen && one.after == 0 {
		one.queue = append(one.queue, frame)
	}
	one.mu.Unlock()
	one.poke()
}

// closeAfter closes with a code once all that was sent is written.
func (one *session) closeAfter(code int) {
	one.mu.Lock()
	one.after = code
	one.mu.Unlock()
	one.poke()
}

func (one *session) poke() {
	select {
	case one.wake <- struct{}{}:
	default:
	}
}

// write sends what is queued until the session ends.
func (one *session) write() {
	for {
		one.mu.Lock()
		frames, code := one.queue, one.after
		one.queue = nil
		one.mu.Unlock()
		for _, f := range frames {
			if one.ws.WriteMessage(websocket.TextMessage, f) != nil {
				one.end()
				return
			}
		}
		if code != 0 {
			_ = one.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
			one.end()
			return
		}
		select {
		case <-one.wake:
		case <-one.ended:
			one.end() // again: it may have ended before there was a connection to close
			return
		}
	}
}

// end closes the connection; one that is not upgraded yet is closed by its writer.
func (one *session) end() {
	one.once.Do(func() { close(one.ended) })
	one.mu.Lock()
	ws := one.ws
	one.mu.Unlock()
	if ws != nil {
		_ = ws.Close()
	}
}

// emit sends an event to an application, if it is connected; otherwise it is lost, as it is with Asterisk.
// An empty app means all. The lock is held.
func (s *Server) emit(app string, e ari.EventBody) {
	for name, one := range s.sessions {
		if !one.deaf && (app == "" || app == name) {
			s.sendTo(one, e)
		}
	}
}

func (s *Server) sendTo(one *session, e ari.EventBody) {
	kind := reflect.TypeOf(e).Elem().Name()
	if kind == "ChannelCallerID" {
		kind = "ChannelCallerId"
	}
	if s.unheard[one.app][kind] {
		return
	}
	reflect.ValueOf(e).Elem().FieldByName("EventData").Set(reflect.ValueOf(ari.EventData{
		Application: one.app, Node: "fake", Timestamp: ari.DateTime(time.Now()), Type: kind,
	}))
	times := 1
	if s.tamper != nil {
		times = s.tamper(e)
	}
	frame, err := json.Marshal(e)
	if err != nil {
		panic("aritest: an event that cannot be written: " + err.Error())
	}
	for range times {
		one.send(frame)
	}
}
