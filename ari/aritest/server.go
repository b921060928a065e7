package aritest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"hotline/ari"
)

// Credentials and application of every Server.
const (
	User     = "hotline"
	Password = "secret"
	App      = "hotline"
)

// Server is a scripted Asterisk.
type Server struct {
	t    testing.TB
	http *httptest.Server
	done chan struct{} // closed by Close

	mu       sync.Mutex // guards what follows
	changed  chan struct{}
	epoch    int // a restart begins a new one; timers of an old one do nothing
	version  string
	started  time.Time
	timers   map[*time.Timer]struct{}
	sessions map[string]*session        // by application
	unheard  map[string]map[string]bool // by application: types of events that it is not told
	channels map[string]*channel
	bridges  map[string]*bridge
	globals  map[string]string
	plays    map[string][]*playback // by id: an id may be queued twice
	live     map[string]*recording
	stored   map[string]*stored
	order    int // of creation, so that lists are stable
	nextPort int

	requests []Request
	faults   []*Fault
	mode     httpMode
	tamper   func(ari.EventBody) int

	stasisDelay time.Duration
	mediaLength func(media string) time.Duration

	recordingLength time.Duration // below 0: by the clock
	phone           func(endpoint string) Phone
}

// New starts a Server that the test's end closes. Prompts last 10 ms, dialled phones ring until PickUp.
func New(t testing.TB) *Server {
	s := &Server{
		t:               t,
		done:            make(chan struct{}),
		changed:         make(chan struct{}),
		version:         "22.10.1",
		timers:          map[*time.Timer]struct{}{},
		sessions:        map[string]*session{},
		unheard:         map[string]map[string]bool{},
		stasisDelay:     time.Millisecond,
		recordingLength: -1,
		phone:           func(string) Phone { return Phone{} },
	}
	s.AutoFinish(10 * time.Millisecond)
	s.wipe()
	s.http = httptest.NewServer(s.routes())
	t.Cleanup(s.Close)
	return s
}

// wipe forgets all calls: a new Asterisk process begins.
func (s *Server) wipe() {
	s.epoch++
	s.started = time.Now()
	s.channels = map[string]*channel{}
	s.bridges = map[string]*bridge{}
	s.globals = map[string]string{}
	s.plays = map[string][]*playback{}
	s.live = map[string]*recording{}
	if s.stored == nil {
		s.stored = map[string]*stored{} // files outlive a restart
	}
	s.nextPort = 30000
}

// Close ends the Server; it may be called twice.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
		s.mu.Unlock()
		return
	default:
	}
	close(s.done)
	for t := range s.timers {
		t.Stop()
	}
	open := s.takeSessions()
	s.mu.Unlock()
	for _, one := range open {
		one.end()
	}
	s.http.CloseClientConnections()
	s.http.Close()
}

func (s *Server) takeSessions() (open []*session) {
	for _, one := range s.sessions {
		open = append(open, one)
	}
	s.sessions, s.unheard = map[string]*session{}, map[string]map[string]bool{}
	return open
}

// Config is a link to this Server, impatient as tests are.
func (s *Server) Config() ari.Config {
	c := ari.DefaultConfig()
	c.URL = s.http.URL + "/ari"
	c.User, c.Password, c.App = User, Password, App
	c.PingInterval, c.PongTimeout = 200*time.Millisecond, 2*time.Second
	c.Heartbeat = 100 * time.Millisecond
	c.Logger = slog.New(slog.DiscardHandler)
	c.BackoffMin, c.BackoffMax = 5*time.Millisecond, 50*time.Millisecond
	return c
}

// after does f, with the lock held, after d; not when the Server was closed or restarted meanwhile.
func (s *Server) after(d time.Duration, f func()) {
	epoch := s.epoch
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.timers, t)
		select {
		case <-s.done:
			return
		default:
		}
		if s.epoch == epoch {
			f()
			s.touch()
		}
	})
	s.timers[t] = struct{}{} // before AfterFunc's goroutine, which needs the lock
}

// touch wakes WaitFor and requests that wait for a prompt to end. The lock is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// WaitFor waits until cond holds, looking again after every change of the Server, and fails the test after
// a minute, saying what was awaited. cond may ask the Server and anything else that is safe.
func (s *Server) WaitFor(what string, cond func() bool) {
	s.t.Helper()
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	tick := time.NewTicker(20 * time.Millisecond) // for what changes outside of the Server
	defer tick.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-late.C:
			s.t.Fatalf("waited in vain for %s; requests so far: %v", what, s.Ops())
		}
	}
}

// change does f with the lock held and wakes all who wait.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.touch()
}

func writeError(w http.ResponseWriter, status int, words string) {
	writeJSON(w, status, map[string]string{"message": words})
}
