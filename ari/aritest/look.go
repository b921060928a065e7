package aritest

import (
	"maps"
	"slices"
)

// Channel is one channel; the zero ChannelState when it is not there.
func (s *Server) Channel(id string) ChannelState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[id]; c != nil {
		return c.state()
	}
	return ChannelState{}
}

// Has reports whether the channel exists.
func (s *Server) Has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.channels[id] != nil
}

// Channels are all channels, oldest first.
func (s *Server) Channels() (list []ChannelState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sortedChannels() {
		list = append(list, c.state())
	}
	return list
}

// Bridge is one bridge; the zero BridgeState when it is not there.
func (s *Server) Bridge(id string) BridgeState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bridges[id]; b != nil {
		return b.state()
	}
	return BridgeState{}
}

// Bridges are all bridges, oldest first.
func (s *Server) Bridges() (list []BridgeState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.sortedBridges() {
		list = append(list, b.state())
	}
	return list
}

func (b *bridge) state() BridgeState {
	st := BridgeState{Bridge: b.snapshot(), Music: b.music}
	for _, p := range b.playing {
		st.Playing = append(st.Playing, p.media[p.at:]...)
	}
	return st
}

// LiveRecordings are the names of recordings under way, and whether each is muted.
func (s *Server) LiveRecordings() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	muted := map[string]bool{}
	for name, r := range s.live {
		muted[name] = r.muted
	}
	return muted
}

// StoredRecordings are the names of recordings whose file is closed, sorted.
func (s *Server) StoredRecordings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.stored))
}

// Requests are all requests so far, in the order they came.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Ops are the operations of all requests so far.
func (s *Server) Ops() (ops []string) {
	for _, r := range s.Requests() {
		ops = append(ops, r.Op)
	}
	return ops
}

// Count is how often an operation was asked for.
func (s *Server) Count(op string) (n int) {
	for _, r := range s.Requests() {
		if r.Op == op {
			n++
		}
	}
	return n
}

// Connected reports whether somebody holds the application.
func (s *Server) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[App] != nil
}
