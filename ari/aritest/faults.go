package aritest

import (
	"time"

	"hotline/ari"
)

// Cut is when a Fault breaks the connection instead of answering.
type Cut int

// The two ends of a request that is not answered: not done, or done and nobody knows.
const (
	CutBefore Cut = iota + 1
	CutAfter
)

// Fault is what happens to requests.
type Fault struct {
	Op      string        // which: "channels.answer"; empty: any
	N       int           // the N-th request of all (Request.N); 0: any
	Skip    int           // leave alone so many that match
	Times   int           // happen so often; 0: once, below 0: always
	Delay   time.Duration // wait first
	Status  int           // answer this without doing it; 0: do it
	Message string
	Cut     Cut
}

// Inject lets a Fault happen.
func (s *Server) Inject(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.change(func() { s.faults = append(s.faults, &f) })
}

// Heal forgets all faults that were injected.
func (s *Server) Heal() { s.change(func() { s.faults = nil }) }

// nextFault gives what happens to a request. The lock is held.
func (s *Server) nextFault(r Request) Fault {
	for _, f := range s.faults {
		if f.Times == 0 || (f.Op != r.Op && (f.Op != "" || r.Op == heartbeat)) || (f.N != 0 && f.N != r.N) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return *f
	}
	return Fault{}
}

// httpMode is how HTTP as a whole behaves.
type httpMode int

const (
	httpWell  httpMode = iota
	httpHangs          // takes requests and never answers
	httpDown           // breaks every connection
)

// HangHTTP lets requests go unanswered while the websocket lives; HangHTTP(false) lets new ones be answered.
func (s *Server) HangHTTP(hang bool) {
	s.change(func() {
		s.mode = httpWell
		if hang {
			s.mode = httpHangs
		}
	})
}

// CutWebsocket breaks the websocket; events until the next connect are lost. Calls live on.
func (s *Server) CutWebsocket() {
	var open []*session
	s.change(func() { open = s.takeSessions() })
	for _, one := range open {
		one.end()
	}
}

// CloseWebsocket closes the websocket with a code: 1011 is what Asterisk says to a client that reads too slowly.
func (s *Server) CloseWebsocket(code int) {
	s.change(func() {
		for _, one := range s.takeSessions() {
			one.closeAfter(code)
		}
	})
}

// HalfOpen lets the websocket go silent: no event, no answer to a ping, and no end. It still owns new calls.
func (s *Server) HalfOpen() {
	s.change(func() {
		for _, one := range s.sessions {
			one.mu.Lock()
			one.frozen = true
			one.mu.Unlock()
		}
	})
}

// Deafen lets the application be inactive while its websocket lives and answers pings, as happens when
// Asterisk handles the end of a former websocket late: events are lost, calls do not enter.
func (s *Server) Deafen() {
	s.change(func() {
		for _, one := range s.sessions {
			one.deaf = true
		}
	})
}

// Replace lets another program take the application for a moment.
func (s *Server) Replace() {
	s.change(func() {
		for _, one := range s.takeSessions() {
			s.replace(one)
		}
	})
}

// Tamper lets every event from now on be sent as often as times says: 0 loses it, 2 doubles it. nil ends it.
func (s *Server) Tamper(times func(ari.EventBody) int) { s.change(func() { s.tamper = times }) }

// Emit sends an event as it is; its EventData is filled in.
func (s *Server) Emit(e ari.EventBody) { s.change(func() { s.emit(App, e) }) }

// EmitRaw sends a frame as it is, however broken.
func (s *Server) EmitRaw(frame []byte) {
	s.change(func() {
		if one := s.sessions[App]; one != nil {
			one.send(frame)
		}
	})
}

// Crash ends Asterisk: all calls are gone, nothing answers until Boot.
func (s *Server) Crash() {
	var open []*session
	s.change(func() {
		s.mode = httpDown
		open = s.takeSessions()
		s.wipe()
	})
	for _, one := range open {
		one.end()
	}
}

// Boot starts a crashed Asterisk again, with stored recordings and nothing else.
func (s *Server) Boot() {
	s.change(func() {
		s.mode = httpWell
		s.started = time.Now()
	})
}

// Restart is Crash and Boot.
func (s *Server) Restart() {
	s.Crash()
	s.Boot()
}
