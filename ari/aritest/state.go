package aritest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/ari"
)

// kind is where a channel comes from.
type kind int

const (
	caller   kind = iota + 1 // dialled us
	dialled                  // was created or originated by us
	snooping                 // hears another channel
	external                 // an RTP leg
)

// channel is a leg, with what a test may want to know of it.
type channel struct {
	ari.Channel
	kind      kind
	order     int
	app       string
	args      []string
	inStasis  bool
	wasStasis bool // it is or was ours: its end is told
	ending    bool
	bridge    *bridge
	joined    ari.AddOptions
	playing   []*playback // the first one is heard
	recording *recording
	vars      map[string]string

	music, endpoint string
	ringing, silent bool
	held            bool
	muted           map[ari.Direction]bool
	sent            string // DTMF that we sent to it
	spied           string
	spy, whisper    ari.Direction
	dialed          bool
	progress        []ari.TransferState
}

// bridge is a mixing or holding bridge.
type bridge struct {
	ari.Bridge
	order   int
	music   string
	playing []*playback
}

// ChannelState is a channel as a test sees it.
type ChannelState struct {
	ari.Channel
	InStasis   bool
	Bridge     string // id; empty: in none
	Joined     ari.AddOptions
	Playing    []string // media that is heard or waits to be, oldest first
	Recording  string   // name of the recording under way
	Music      string   // class; "default" when none was named
	Silent     bool
	Ringing    bool
	Held       bool
	Muted      []ari.Direction
	Vars       map[string]string
	SentDTMF   string
	Endpoint   string // of dialled channels; of RTP legs the external host
	Spied      string // of snoops: the channel they are on
	Spy        ari.Direction
	Whisper    ari.Direction
	Dialed     bool
	Progress   []ari.TransferState // said about its transfer
	playbackID []string
}

// BridgeState is a bridge as a test sees it.
type BridgeState struct {
	ari.Bridge
	Music   string
	Playing []string
}

func (s *Server) newChannel(id, name string, k kind, app string, args []string) *channel {
	s.order++
	c := &channel{
		Channel: ari.Channel{
			ID: id, Name: name, State: ari.StateDown, Language: "en",
			Dialplan:     ari.DialplanCEP{Context: "default", Exten: "s", Priority: 1},
			CreationTime: ari.DateTime(time.Now()),
		},
		kind: k, order: s.order, app: app, args: args, vars: map[string]string{}, muted: map[ari.Direction]bool{},
	}
	s.channels[id] = c
	return c
}

// taken reports whether Asterisk takes a new id for one in use: it compares as many characters as the new
// id has, whatever their case, so a new "c1" collides with "C1-far".
func (s *Server) taken(id string) bool {
	for have := range s.channels {
		if len(have) >= len(id) && strings.EqualFold(have[:len(id)], id) {
			return true
		}
	}
	return false
}

// enterStasis gives the channel to its application. It is false when nobody holds the application.
func (s *Server) enterStasis(c *channel) bool {
	if one := s.sessions[c.app]; c.ending || one == nil || one.deaf {
		return false
	}
	c.inStasis, c.wasStasis = true, true
	c.Dialplan.AppName, c.Dialplan.AppData = "Stasis", strings.Join(append([]string{c.app}, c.args...), ",")
	s.emit(c.app, &ari.StasisStart{Channel: c.Channel, Args: append([]string{}, c.args...)})
	return true
}

// leaveStasis takes the channel out of bridge and application.
func (s *Server) leaveStasis(c *channel) {
	s.leaveBridge(c)
	s.endMedia(c)
	if c.inStasis {
		c.inStasis = false
		s.emit(c.app, &ari.StasisEnd{Channel: c.Channel})
	}
}

// endMedia ends what is played to and recorded from a channel that goes.
func (s *Server) endMedia(c *channel) {
	for len(c.playing) > 0 {
		s.finish(c.playing[0], "failed")
	}
	if c.recording != nil {
		s.endRecording(c.recording, true)
	}
}

// destroy ends a channel for good; the cause is what ChannelDestroyed tells.
func (s *Server) destroy(c *channel, cause ari.Cause, byUs bool) {
	if c.ending {
		return
	}
	c.ending = true
	request := &ari.ChannelHangupRequest{Channel: c.Channel, Cause: cause}
	if byUs {
		request.Cause, request.Soft = 32, true // AST_SOFTHANGUP_EXPLICIT, as Asterisk tells it
	}
	if c.wasStasis || c.dialed {
		s.emit(c.app, request)
	}
	s.leaveStasis(c)
	delete(s.channels, c.ID)
	if (c.wasStasis || c.dialed) && c.kind != snooping { // of a snoop Asterisk tells only StasisEnd
		s.emit(c.app, &ari.ChannelDestroyed{Channel: c.Channel, Cause: cause, CauseText: causeText(cause)})
	}
	for _, other := range s.channels {
		if other.spied == c.ID {
			s.destroy(other, ari.CauseNormal, false)
		}
	}
}

func causeText(c ari.Cause) string {
	switch c {
	case ari.CauseNormal:
		return "Normal Clearing"
	case ari.CauseBusy:
		return "User busy"
	case ari.CauseNoAnswer:
		return "No user responding"
	}
	return "Unknown"
}

func (s *Server) setState(c *channel, state string) {
	if c.State != state {
		c.State = state
		s.emit(c.app, &ari.ChannelStateChange{Channel: c.Channel})
	}
}

func (s *Server) enterBridge(b *bridge, c *channel, o ari.AddOptions) {
	if c.bridge == b && c.joined == o {
		return
	}
	s.leaveBridge(c)
	c.bridge, c.joined = b, o
	b.Channels = append(b.Channels, c.ID)
	s.emit(c.app, &ari.ChannelEnteredBridge{Channel: c.Channel, Bridge: b.snapshot()})
}

func (s *Server) leaveBridge(c *channel) {
	b := c.bridge
	if b == nil {
		return
	}
	c.bridge, c.joined = nil, ari.AddOptions{}
	b.Channels = slices.DeleteFunc(b.Channels, func(id string) bool { return id == c.ID })
	if len(b.Channels) == 0 {
		b.music = "" // the channel that plays it is lonely, and leaves
	}
	s.emit(c.app, &ari.ChannelLeftBridge{Channel: c.Channel, Bridge: b.snapshot()})
}

func (b *bridge) snapshot() ari.Bridge {
	copied := b.Bridge
	copied.Channels = append([]string{}, b.Channels...)
	return copied
}

func (c *channel) state() ChannelState {
	st := ChannelState{
		Channel: c.Channel, InStasis: c.inStasis, Joined: c.joined, Music: c.music, Silent: c.silent,
		Ringing: c.ringing, Held: c.held, Vars: maps.Clone(c.vars), SentDTMF: c.sent, Endpoint: c.endpoint,
		Spied: c.spied, Spy: c.spy, Whisper: c.whisper, Dialed: c.dialed, Progress: slices.Clone(c.progress),
		Muted: slices.Sorted(maps.Keys(c.muted)),
	}
	if c.bridge != nil {
		st.Bridge = c.bridge.ID
	}
	if c.recording != nil {
		st.Recording = c.recording.Name
	}
	for _, p := range c.playing {
		st.Playing = append(st.Playing, p.media[p.at:]...)
		st.playbackID = append(st.playbackID, p.ID)
	}
	return st
}

// Playbacks are the ids of what is heard or waits to be, oldest first.
func (c ChannelState) Playbacks() []string { return c.playbackID }

func (s *Server) sortedChannels() []*channel {
	return slices.SortedFunc(maps.Values(s.channels), func(a, b *channel) int { return a.order - b.order })
}

func (s *Server) sortedBridges() []*bridge {
	return slices.SortedFunc(maps.Values(s.bridges), func(a, b *bridge) int { return a.order - b.order })
}
