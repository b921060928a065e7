package aritest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"hotline/ari"
)

func (s *Server) info(ask) reply {
	var i ari.Info
	i.SystemInfo.Version, i.SystemInfo.EntityID = s.version, "fake"
	i.StatusInfo.StartupTime, i.StatusInfo.LastReloadTime = ari.DateTime(s.started), ari.DateTime(s.started)
	i.ConfigInfo.DefaultLanguage = "en"
	return reply{http.StatusOK, i}
}

func (s *Server) ping(ask) reply {
	return reply{http.StatusOK, map[string]string{"ping": "pong", "asterisk_id": "fake"}}
}

func (s *Server) getGlobalVar(a ask) reply {
	return reply{http.StatusOK, map[string]string{"value": s.globals[a.query("variable")]}}
}

func (s *Server) setGlobalVar(a ask) reply {
	s.globals[a.query("variable")] = a.query("value")
	return done
}

func (s *Server) userEvent(a ask) reply {
	app := a.query("application")
	if s.sessions[app] == nil {
		return fail(http.StatusNotFound, "Application not found")
	}
	s.emit(app, &ari.ChannelUserevent{EventName: a.path("event"), UserEvent: map[string]any{"eventname": a.path("event")}})
	return done
}

func (s *Server) modules(ask) reply {
	return reply{http.StatusOK, []ari.Module{
		{Name: "res_ari_channels.so", Status: "Running", SupportLevel: "core", Description: "RESTful API module - Channel resources"},
	}}
}

// sound: it has the one that it is asked to play.
func (s *Server) sound(a ask) reply {
	if id := a.path("sound"); "sound:"+id == ShortMedia {
		return reply{http.StatusOK, map[string]any{"id": id, "formats": []any{}}}
	}
	return noSound
}

func (s *Server) application(a ask) reply {
	name := a.path("app")
	found := ari.Application{Name: name, ChannelIDs: []string{}, BridgeIDs: []string{}}
	for _, c := range s.sortedChannels() {
		if c.app == name && c.inStasis {
			found.ChannelIDs = append(found.ChannelIDs, c.ID)
		}
	}
	if s.sessions[name] == nil && len(found.ChannelIDs) == 0 {
		return fail(http.StatusNotFound, "Application not found")
	}
	return reply{http.StatusOK, found}
}

// filter sets what an application is not told. Of the two lists that Asterisk takes only the one is known here.
func (s *Server) filter(a ask) reply {
	name := a.path("app")
	if s.sessions[name] == nil {
		return fail(http.StatusNotFound, "Application not found")
	}
	var said struct {
		Disallowed []struct{ Type string }
	}
	if json.Unmarshal(a.body, &said) != nil {
		return fail(http.StatusBadRequest, "Invalid event filter")
	}
	s.unheard[name] = map[string]bool{}
	for _, k := range said.Disallowed {
		s.unheard[name][k.Type] = true
	}
	return s.application(a)
}

func (s *Server) queuePlayback(p *playback) reply {
	if p.media[0] == "" {
		return fail(http.StatusBadRequest, "Parameter: media not provided")
	}
	p.MediaURI = p.media[0]
	answer := reply{http.StatusCreated, p.Playback}
	s.play(p)
	return answer
}

func (s *Server) getPlayback(a ask) reply {
	if list := s.plays[a.path("playback")]; len(list) > 0 {
		return reply{http.StatusOK, list[0].Playback}
	}
	return noPlayback
}

func (s *Server) stopPlayback(a ask) reply {
	list := s.plays[a.path("playback")]
	if len(list) == 0 {
		return noPlayback
	}
	s.finish(list[0], "done")
	return done
}

// beginRecording reads a record request's parameters and begins.
func (s *Server) beginRecording(r *recording, a ask) reply {
	r.Name, r.Format, r.State = a.query("name"), a.query("format"), "queued"
	switch {
	case r.Name == "" || strings.Contains(r.Name, ".."):
		return fail(http.StatusBadRequest, "name must be provided and must not contain references to parent directories")
	case !slices.Contains([]string{"wav", "ulaw", "alaw"}, r.Format):
		return fail(http.StatusUnprocessableEntity, "specified format is unknown on this system")
	}
	exists := s.live[r.Name] != nil || s.stored[r.Name] != nil && a.query("ifExists") != "overwrite" && a.query("ifExists") != "append"
	if exists {
		return fail(http.StatusConflict, "Recording '"+r.Name+"' already exists and can not be overwritten")
	}
	r.o = recordOptions{maxDuration: wholeSeconds(a.query("maxDurationSeconds")), terminate: a.query("terminateOn")}
	answer := reply{http.StatusCreated, r.LiveRecording}
	s.record(r)
	return answer
}

func (s *Server) getLive(a ask) reply {
	if r := s.live[a.path("name")]; r != nil {
		return reply{http.StatusOK, r.LiveRecording}
	}
	return noRecord
}

func (s *Server) stopRecording(a ask) reply   { return s.endLive(a, true) }
func (s *Server) cancelRecording(a ask) reply { return s.endLive(a, false) }

func (s *Server) endLive(a ask, keep bool) reply {
	r := s.live[a.path("name")]
	if r == nil {
		return noRecord
	}
	s.endRecording(r, keep)
	return done
}

func (s *Server) muteRecording(mute bool) func(ask) reply {
	return func(a ask) reply {
		r := s.live[a.path("name")]
		switch {
		case r == nil:
			return noRecord
		case r.State == "queued":
			return fail(http.StatusConflict, "Recording not in session")
		}
		r.muted = mute
		return done
	}
}

func (s *Server) listStored(ask) reply {
	list := []ari.StoredRecording{}
	for _, r := range slices.SortedFunc(maps.Values(s.stored), func(a, b *stored) int { return a.order - b.order }) {
		list = append(list, r.StoredRecording)
	}
	return reply{http.StatusOK, list}
}

func (s *Server) getStored(a ask) reply {
	if r := s.stored[a.path("name")]; r != nil {
		return reply{http.StatusOK, r.StoredRecording}
	}
	return noRecord
}

func (s *Server) deleteStored(a ask) reply {
	if s.stored[a.path("name")] == nil {
		return noRecord
	}
	delete(s.stored, a.path("name"))
	return done
}

func (s *Server) storedFile(a ask) reply {
	if r := s.stored[a.path("name")]; r != nil {
		return reply{http.StatusOK, r.data}
	}
	return noRecord
}
