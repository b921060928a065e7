package aritest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/ari"
)

// inStasis makes a handler for requests that a channel must be in Stasis for.
func (s *Server) inStasis(handle func(*channel, ask) reply) func(ask) reply {
	return func(a ask) reply {
		c := s.channels[a.path("channel")]
		if c == nil {
			return noChannel
		}
		if !c.inStasis {
			return notStasis
		}
		if c.State == ari.StateDown && a.Op != "channels.setVar" {
			return fail(http.StatusPreconditionFailed, "Channel in invalid state")
		}
		return handle(c, a)
	}
}

// set makes a handler that changes a channel and says no more.
func set(change func(*channel, ask)) func(*channel, ask) reply {
	return func(c *channel, a ask) reply {
		change(c, a)
		return done
	}
}

func class(a ask) string {
	if c := a.query("mohClass"); c != "" {
		return c
	}
	return "default"
}

func direction(a ask) ari.Direction {
	if d := a.query("direction"); d != "" {
		return ari.Direction(d)
	}
	return ari.DirectionBoth
}

func (s *Server) listChannels(ask) reply {
	list := []ari.Channel{}
	for _, c := range s.sortedChannels() {
		list = append(list, c.Channel)
	}
	return reply{http.StatusOK, list}
}

func (s *Server) getChannel(a ask) reply {
	if c := s.channels[a.path("channel")]; c != nil {
		return reply{http.StatusOK, c.Channel}
	}
	return noChannel
}

func (s *Server) answer(c *channel, _ ask) reply {
	c.ringing = false
	s.setState(c, ari.StateUp)
	return done
}

// hangup ends the channel a moment later, as Asterisk does.
func (s *Server) hangup(a ask) reply {
	c := s.channels[a.path("channel")]
	if c == nil {
		return noChannel
	}
	cause := ari.CauseNormal
	if code := a.query("reason_code"); code != "" {
		n, err := strconv.Atoi(code)
		if err != nil {
			return fail(http.StatusBadRequest, "Invalid Reason Code")
		}
		cause = ari.Cause(n)
	}
	if c.State == ari.StateUp || c.kind != caller {
		cause = ari.CauseNormal
	}
	s.after(0, func() { s.destroy(c, cause, true) })
	return done
}

func (s *Server) goOn(c *channel, a ask) reply {
	context, exten := a.query("context"), a.query("extension")
	if context != "" {
		c.Dialplan.Context = context
	}
	if exten != "" {
		c.Dialplan.Exten = exten
	}
	c.Dialplan.AppName, c.Dialplan.AppData = "", ""
	s.after(0, func() {
		if !c.ending {
			s.leaveStasis(c)
		}
	})
	return done
}

func (s *Server) transferProgress(c *channel, a ask) reply {
	c.progress = append(c.progress, ari.TransferState(a.query("states")))
	return done
}

func (s *Server) setVar(c *channel, a ask) reply {
	name, value := a.query("variable"), a.query("value")
	if name == "" {
		return fail(http.StatusBadRequest, "Variable name is required")
	}
	c.vars[name] = value
	s.emit(c.app, &ari.ChannelVarset{Channel: c.Channel, Variable: name, Value: value})
	return done
}

func (s *Server) getVar(a ask) reply {
	c := s.channels[a.path("channel")]
	if c == nil {
		return noChannel
	}
	value, ok := c.vars[a.query("variable")]
	if !ok {
		return fail(http.StatusNotFound, "Provided variable was not found")
	}
	return reply{http.StatusOK, map[string]string{"value": value}}
}

func (s *Server) playOnChannel(c *channel, a ask) reply {
	p := newPlayback(a.path("playback"), a.query("media"), c.app)
	p.channel, p.TargetURI = c, "channel:"+c.ID
	return s.queuePlayback(p)
}

func (s *Server) recordChannel(c *channel, a ask) reply {
	if c.bridge != nil {
		return fail(http.StatusConflict, "Channel is currently bridged with other channels")
	}
	r := &recording{channel: c, app: c.app}
	r.TargetURI = "channel:" + c.ID
	answer := s.beginRecording(r, a)
	if answer.status == http.StatusCreated {
		c.recording = r
	}
	return answer
}

func (s *Server) snoop(a ask) reply {
	c, id := s.channels[a.path("channel")], a.path("snoop")
	if c == nil {
		return fail(http.StatusNotFound, "Provided channel was not found")
	}
	if s.taken(id) {
		return fail(http.StatusInternalServerError, "Snoop channel could not be created")
	}
	n := s.newChannel(id, fmt.Sprintf("Snoop/%s-%08x", c.ID, s.order), snooping, a.query("app"), split(a.query("appArgs")))
	n.State, n.spied, n.spy, n.whisper = ari.StateUp, c.ID, ari.Direction(a.query("spy")), ari.Direction(a.query("whisper"))
	s.enterSoon(n)
	return reply{http.StatusOK, n.Channel}
}

func (s *Server) externalMedia(a ask) reply {
	id, host := a.query("channelId"), a.query("external_host")
	if host == "" || a.query("format") == "" {
		return fail(http.StatusBadRequest, "external_host and format are required")
	}
	if s.taken(id) {
		return fail(http.StatusInternalServerError, "An internal error prevented this request from being handled")
	}
	c := s.newChannel(id, fmt.Sprintf("UnicastRTP/%s-%#x", host, s.order), external, a.query("app"), nil)
	c.endpoint = host
	maps.Copy(c.vars, a.Variables)
	c.vars["UNICASTRTP_LOCAL_ADDRESS"] = "127.0.0.1"
	c.vars["UNICASTRTP_LOCAL_PORT"] = strconv.Itoa(s.nextPort)
	s.nextPort += 2
	c.ChannelVars = maps.Clone(c.vars)
	answer := reply{http.StatusOK, c.Channel}
	s.after(s.stasisDelay, func() {
		if !c.ending {
			s.setState(c, ari.StateUp)
			s.enterOrEnd(c)
		}
	})
	return answer
}

// create makes a channel that is dialled later. It is in Stasis soon, unanswered.
func (s *Server) create(a ask) reply {
	c, refusal := s.makeDialled(a)
	if c == nil {
		return refusal
	}
	s.enterSoon(c)
	return reply{http.StatusOK, c.Channel}
}

// originate makes a channel and dials it; it enters Stasis when it answers.
func (s *Server) originate(a ask) reply {
	c, refusal := s.makeDialled(a)
	if c == nil {
		return refusal
	}
	timeout := 30 * time.Second
	if t := a.query("timeout"); t != "" {
		timeout = wholeSeconds(t)
	}
	answer := reply{http.StatusOK, c.Channel}
	s.startDialling(c, timeout)
	return answer
}

func (s *Server) makeDialled(a ask) (*channel, reply) {
	endpoint, id := a.query("endpoint"), a.query("channelId")
	if endpoint == "" {
		return nil, fail(http.StatusBadRequest, "Endpoint must be specified")
	}
	if other := a.query("otherChannelId"); s.taken(id) || (other != "" && s.taken(other)) {
		return nil, fail(http.StatusConflict, "Channel with given unique ID already exists")
	}
	if tech, _, ok := strings.Cut(endpoint, "/"); !ok || !slices.Contains([]string{"PJSIP", "Local"}, tech) {
		return nil, fail(http.StatusInternalServerError, "Allocation failed")
	}
	c := s.newChannel(id, fmt.Sprintf("%s-%08x", endpoint, s.order), dialled, a.query("app"), split(a.query("appArgs")))
	c.endpoint = endpoint
	maps.Copy(c.vars, a.Variables)
	return c, reply{}
}

func (s *Server) dial(a ask) reply {
	c := s.channels[a.path("channel")]
	switch {
	case c == nil:
		return noChannel
	case !c.inStasis:
		return notStasis
	case c.State != ari.StateDown || c.dialed:
		return fail(http.StatusConflict, "Channel is not in the 'Down' state")
	}
	s.startDialling(c, wholeSeconds(a.query("timeout")))
	return done
}

// enterSoon lets a new channel enter Stasis a moment after the answer.
func (s *Server) enterSoon(c *channel) {
	s.after(s.stasisDelay, func() { s.enterOrEnd(c) })
}

// enterOrEnd is for channels that we made: without an application they are hung up.
func (s *Server) enterOrEnd(c *channel) {
	if !c.ending && !s.enterStasis(c) {
		s.destroy(c, ari.CauseNormal, false)
	}
}

func split(args string) []string {
	if args == "" {
		return nil
	}
	return strings.Split(args, ",")
}
