package aritest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one that the Server got.
type Request struct {
	N         int    // counted from 1
	Op        string // as ari names it in errors and metrics: channels.answer
	Method    string
	Path      string // unescaped, below /ari
	Query     url.Values
	Variables map[string]string // of the body
}

// heartbeat is the operation by which a link hears itself. It is not among Requests, and only a Fault that
// names it meets it.
const heartbeat = "events.user"

// reply is what a request is answered with.
type reply struct {
	status int
	body   any
}

// ask is a request with its path's parts.
type ask struct {
	Request
	http *http.Request
	body []byte
}

func (a ask) path(name string) string  { return a.http.PathValue(name) }
func (a ask) query(name string) string { return a.Query.Get(name) }

func fail(status int, words string) reply { return reply{status, map[string]string{"message": words}} }

var (
	done       = reply{http.StatusNoContent, nil}
	noChannel  = fail(http.StatusNotFound, "Channel not found")
	noBridge   = fail(http.StatusNotFound, "Bridge not found")
	notStasis  = fail(http.StatusConflict, "Channel not in Stasis application")
	badMethod  = fail(http.StatusMethodNotAllowed, "Invalid method")
	noPlayback = fail(http.StatusNotFound, "Playback not found")
	noRecord   = fail(http.StatusNotFound, "Recording not found")
	noSound    = fail(http.StatusNotFound, "Sound not found")
)

// routes is the table of all that the Server answers.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		op, pattern string
		handle      func(ask) reply
	}{
		{"asterisk.info", "GET /asterisk/info", s.info},
		{"asterisk.ping", "GET /asterisk/ping", s.ping},
		{"asterisk.listModules", "GET /asterisk/modules", s.modules},
		{"asterisk.getGlobalVar", "GET /asterisk/variable", s.getGlobalVar},
		{"asterisk.setGlobalVar", "POST /asterisk/variable", s.setGlobalVar},
		{"sounds.get", "GET /sounds/{sound}", s.sound},
		{"applications.get", "GET /applications/{app}", s.application},
		{"applications.filter", "PUT /applications/{app}/eventFilter", s.filter},

		{heartbeat, "POST /events/user/{event}", s.userEvent},

		{"channels.list", "GET /channels", s.listChannels},
		{"channels.get", "GET /channels/{channel}", s.getChannel},
		{"channels.originate", "POST /channels", s.originate},
		{"channels.create", "POST /channels/create", s.create},
		{"channels.externalMedia", "POST /channels/externalMedia", s.externalMedia},
		{"channels.hangup", "DELETE /channels/{channel}", s.hangup},
		{"channels.answer", "POST /channels/{channel}/answer", s.inStasis(s.answer)},
		{"channels.continue", "POST /channels/{channel}/continue", s.inStasis(s.goOn)},
		{"channels.ring", "POST /channels/{channel}/ring", s.inStasis(set(func(c *channel, _ ask) { c.ringing = true }))},
		{"channels.ringStop", "DELETE /channels/{channel}/ring", s.inStasis(set(func(c *channel, _ ask) { c.ringing = false }))},
		{"channels.hold", "POST /channels/{channel}/hold", s.inStasis(set(func(c *channel, _ ask) { c.held = true }))},
		{"channels.unhold", "DELETE /channels/{channel}/hold", s.inStasis(set(func(c *channel, _ ask) { c.held = false }))},
		{"channels.startMoh", "POST /channels/{channel}/moh", s.inStasis(set(func(c *channel, a ask) { c.music = class(a) }))},
		{"channels.stopMoh", "DELETE /channels/{channel}/moh", s.inStasis(set(func(c *channel, _ ask) { c.music = "" }))},
		{"channels.startSilence", "POST /channels/{channel}/silence", s.inStasis(set(func(c *channel, _ ask) { c.silent = true }))},
		{"channels.stopSilence", "DELETE /channels/{channel}/silence", s.inStasis(set(func(c *channel, _ ask) { c.silent = false }))},
		{"channels.mute", "POST /channels/{channel}/mute", s.inStasis(set(func(c *channel, a ask) { c.muted[direction(a)] = true }))},
		{"channels.unmute", "DELETE /channels/{channel}/mute", s.inStasis(set(func(c *channel, a ask) { delete(c.muted, direction(a)) }))},
		{"channels.sendDTMF", "POST /channels/{channel}/dtmf", s.inStasis(set(func(c *channel, a ask) { c.sent += a.query("dtmf") }))},
		{"channels.transferProgress", "POST /channels/{channel}/transfer_progress", s.inStasis(s.transferProgress)},
		{"channels.setVar", "POST /channels/{channel}/variable", s.inStasis(s.setVar)},
		{"channels.getVar", "GET /channels/{channel}/variable", s.getVar},
		{"channels.play", "POST /channels/{channel}/play/{playback}", s.inStasis(s.playOnChannel)},
		{"channels.record", "POST /channels/{channel}/record", s.inStasis(s.recordChannel)},
		{"channels.snoop", "POST /channels/{channel}/snoop/{snoop}", s.snoop},
		{"channels.dial", "POST /channels/{channel}/dial", s.dial},

		{"bridges.list", "GET /bridges", s.listBridges},
		{"bridges.get", "GET /bridges/{bridge}", s.getBridge},
		{"bridges.create", "POST /bridges", s.createBridge},
		{"bridges.create", "POST /bridges/{bridge}", s.createBridge},
		{"bridges.destroy", "DELETE /bridges/{bridge}", s.destroyBridge},
		{"bridges.addChannel", "POST /bridges/{bridge}/addChannel", s.addChannel},
		{"bridges.removeChannel", "POST /bridges/{bridge}/removeChannel", s.removeChannel},
		{"bridges.startMoh", "POST /bridges/{bridge}/moh", s.startBridgeMOH},
		{"bridges.stopMoh", "DELETE /bridges/{bridge}/moh", s.stopBridgeMOH},
		{"bridges.play", "POST /bridges/{bridge}/play/{playback}", s.playOnBridge},
		{"bridges.record", "POST /bridges/{bridge}/record", s.recordBridge},

		{"playbacks.list", "GET /playbacks", func(ask) reply { return badMethod }},
		{"playbacks.get", "GET /playbacks/{playback}", s.getPlayback},
		{"playbacks.stop", "DELETE /playbacks/{playback}", s.stopPlayback},
		{"recordings.listLive", "GET /recordings/live", func(ask) reply { return badMethod }},
		{"recordings.getLive", "GET /recordings/live/{name}", s.getLive},
		{"recordings.cancel", "DELETE /recordings/live/{name}", s.cancelRecording},
		{"recordings.stop", "POST /recordings/live/{name}/stop", s.stopRecording},
		{"recordings.mute", "POST /recordings/live/{name}/mute", s.muteRecording(true)},
		{"recordings.unmute", "DELETE /recordings/live/{name}/mute", s.muteRecording(false)},
		{"recordings.listStored", "GET /recordings/stored", s.listStored},
		{"recordings.getStored", "GET /recordings/stored/{name}", s.getStored},
		{"recordings.deleteStored", "DELETE /recordings/stored/{name}", s.deleteStored},
		{"recordings.file", "GET /recordings/stored/{name}/file", s.storedFile},
	} {
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.HandleFunc(method+" /ari"+path, func(w http.ResponseWriter, req *http.Request) { s.serve(r.op, r.handle, w, req) })
	}
	mux.HandleFunc("GET /ari/events", s.events)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusNotFound, "Resource not found")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.refused(w, r) {
			return
		}
		// Asterisk reads '+' in a path as a space.
		if raw := r.URL.EscapedPath(); strings.Contains(raw, "+") {
			r.URL.RawPath = strings.ReplaceAll(raw, "+", "%20")
			r.URL.Path, _ = url.PathUnescape(r.URL.RawPath) // it was decoded once already
		}
		mux.ServeHTTP(w, r)
	})
}

// refused ends requests of a Server that is dead, or of people without the password.
func (s *Server) refused(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	mode := s.mode
	s.mu.Unlock()
	switch mode {
	case httpDown:
		cut(w)
		return true
	case httpHangs:
		select {
		case <-r.Context().Done():
		case <-s.done:
		}
		cut(w)
		return true
	}
	if user, password, _ := r.BasicAuth(); user != User || password != Password {
		writeError(w, http.StatusUnauthorized, "Authentication required")
		return true
	}
	return false
}

// serve answers one request, or does to it what a Fault says.
func (s *Server) serve(op string, handle func(ask) reply, w http.ResponseWriter, r *http.Request) {
	a := ask{http: r, Request: Request{Op: op, Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/ari"), Query: r.URL.Query()}}
	if body, err := io.ReadAll(r.Body); err == nil && len(body) > 0 {
		var said struct {
			Variables map[string]string `json:"variables"`
		}
		if json.Unmarshal(body, &said) != nil {
			writeError(w, http.StatusBadRequest, "Request body is not valid JSON")
			return
		}
		a.Variables, a.body = said.Variables, body
	}
	var fault Fault
	s.change(func() {
		if op != heartbeat { // they come when they like
			a.N = len(s.requests) + 1
			s.requests = append(s.requests, a.Request)
		}
		fault = s.nextFault(a.Request)
	})
	if fault.Delay > 0 {
		late := time.NewTimer(fault.Delay)
		defer late.Stop()
		select {
		case <-late.C:
		case <-s.done:
		}
	}
	if fault.Cut == CutBefore {
		cut(w)
		return
	}
	answer := reply{fault.Status, map[string]string{"message": fault.Message}}
	if fault.Status == 0 {
		s.change(func() { answer = handle(a) })
	}
	if fault.Cut == CutAfter {
		cut(w)
		return
	}
	if data, ok := answer.body.([]byte); ok {
		w.Header().Set("Content-Type", "audio/wav")
		_, _ = w.Write(data) // whoever asked may have gone
		return
	}
	writeJSON(w, answer.status, answer.body)
}

// cut breaks the connection without a word.
func cut(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may have gone
}
