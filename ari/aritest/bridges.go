package aritest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"hotline/ari"
)

func (s *Server) listBridges(ask) reply {
	list := []ari.Bridge{}
	for _, b := range s.sortedBridges() {
		list = append(list, b.snapshot())
	}
	return reply{http.StatusOK, list}
}

func (s *Server) getBridge(a ask) reply {
	if b := s.bridges[a.path("bridge")]; b != nil {
		return reply{http.StatusOK, b.snapshot()}
	}
	return noBridge
}

func (s *Server) createBridge(a ask) reply {
	id := a.path("bridge")
	if id == "" {
		id = a.query("bridgeId")
	}
	if id == "" {
		id = uuid.NewString()
	}
	if s.bridges[id] != nil {
		return fail(http.StatusConflict, "Bridge with id '"+id+"' already exists")
	}
	s.order++
	b := &bridge{order: s.order, Bridge: ari.Bridge{
		ID: id, Type: "mixing", Technology: "simple_bridge", Class: "stasis", Creator: "Stasis", VideoMode: "talker",
		Name: a.query("name"), Channels: []string{}, CreationTime: ari.DateTime(time.Now()), BridgeVars: maps.Clone(a.Variables),
	}}
	switch types := strings.Split(a.query("type"), ","); {
	case slices.Contains(types, "holding"):
		b.Type, b.Technology = "holding", "holding_bridge"
	case slices.Contains(types, "video_sfu"):
		b.Technology, b.VideoMode = "softmix", "sfu"
	}
	s.bridges[id] = b
	return reply{http.StatusOK, b.snapshot()}
}

func (s *Server) destroyBridge(a ask) reply {
	b := s.bridges[a.path("bridge")]
	if b == nil {
		return noBridge
	}
	delete(s.bridges, b.ID)
	for _, id := range slices.Clone(b.Channels) {
		s.leaveBridge(s.channels[id])
	}
	for len(b.playing) > 0 {
		s.finish(b.playing[0], "failed")
	}
	for _, r := range s.live {
		if r.TargetURI == "bridge:"+b.ID {
			s.endRecording(r, true)
		}
	}
	return done // Asterisk tells BridgeDestroyed at times only: nobody may wait for it
}

// addChannel waits until no prompt runs on the channels: that is what Asterisk does.
func (s *Server) addChannel(a ask) reply {
	options := ari.AddOptions{
		Mute: a.query("mute") == "true", AbsorbDTMF: a.query("absorbDTMF") == "true", Role: a.query("role"),
		InhibitConnectedLine: a.query("inhibitConnectedLineUpdates") == "true",
	}
	for {
		b, list, refusal := s.together(a)
		if list == nil {
			return refusal
		}
		busy := false
		for _, c := range list {
			if !c.inStasis {
				return fail(http.StatusUnprocessableEntity, "Channel not in Stasis application")
			}
			if c.recording != nil {
				return fail(http.StatusConflict, "Channel "+c.ID+" currently recording")
			}
			busy = busy || len(c.playing) > 0
		}
		if !busy {
			for _, c := range list {
				s.enterBridge(b, c, options)
			}
			return done
		}
		s.pause(a)
	}
}

// pause lets go of the lock until something has changed.
func (s *Server) pause(a ask) {
	changed := s.changed
	s.mu.Unlock()
	select {
	case <-changed:
	case <-a.http.Context().Done(): // Asterisk would go on; so do we, at the next change
		select {
		case <-changed:
		case <-s.done:
		}
	case <-s.done:
	}
	s.mu.Lock()
}

// together finds the bridge and the channels of a request.
func (s *Server) together(a ask) (*bridge, []*channel, reply) {
	b := s.bridges[a.path("bridge")]
	if b == nil {
		return nil, nil, noBridge
	}
	select {
	case <-s.done:
		return nil, nil, fail(http.StatusServiceUnavailable, "closed")
	default:
	}
	var list []*channel
	for _, id := range strings.Split(a.query("channel"), ",") {
		c := s.channels[id]
		if c == nil {
			return nil, nil, fail(http.StatusBadRequest, "Channel not found")
		}
		list = append(list, c)
	}
	return b, list, reply{}
}

func (s *Server) removeChannel(a ask) reply {
	b, list, refusal := s.together(a)
	if list == nil {
		return refusal
	}
	for _, c := range list {
		if c.bridge != b {
			return fail(http.StatusUnprocessableEntity, "Channel not in this bridge")
		}
	}
	for _, c := range list {
		s.leaveBridge(c)
	}
	return done
}

func (s *Server) startBridgeMOH(a ask) reply {
	b := s.bridges[a.path("bridge")]
	if b == nil {
		return noBridge
	}
	b.music = class(a)
	return done
}

func (s *Server) stopBridgeMOH(a ask) reply {
	b := s.bridges[a.path("bridge")]
	switch {
	case b == nil:
		return noBridge
	case b.music == "":
		return fail(http.StatusConflict, "Bridge isn't playing music")
	}
	b.music = ""
	return done
}

func (s *Server) playOnBridge(a ask) reply {
	b := s.bridges[a.path("bridge")]
	if b == nil {
		return noBridge
	}
	p := newPlayback(a.path("playback"), a.query("media"), "")
	p.bridge, p.TargetURI = b, "bridge:"+b.ID
	return s.queuePlayback(p)
}

func (s *Server) recordBridge(a ask) reply {
	b := s.bridges[a.path("bridge")]
	if b == nil {
		return noBridge
	}
	r := &recording{}
	r.TargetURI = "bridge:" + b.ID
	return s.beginRecording(r, a)
}
