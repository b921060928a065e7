package aritest

import (
	"math"
	"time"

	"hotline/ari"
)

// Caller is somebody who dials us. The dialplan gives Args to Stasis(); when nil they are Number and Exten.
type Caller struct {
	Number, Name, Exten string
	RDNIS               string // who diverted the call to us
	Args                []string
	Vars                map[string]string
	State               string // default: Ring, unanswered
}

// Phone is how a dialled endpoint behaves. The zero Phone rings until PickUp, Hangup or the dial's time-out.
type Phone struct {
	Answer time.Duration // picks up after this; 0: only by PickUp
	Refuse ari.Cause     // refuses at once: busy, unallocated, …
}

// Call lets somebody dial in: the channel enters the application. It is false when no application is
// connected: then the channel is in the dialplan, outside Stasis, and Enter tries again.
func (s *Server) Call(id string, who Caller) (entered bool) {
	s.t.Helper()
	s.change(func() {
		if s.taken(id) {
			s.t.Fatalf("the test calls with channel id %q, which Asterisk takes for one in use", id)
		}
		args := who.Args
		if args == nil {
			args = []string{who.Number, who.Exten}
		}
		c := s.newChannel(id, "PJSIP/trunk-"+id, caller, App, args)
		c.State = who.State
		if c.State == "" {
			c.State = ari.StateRing
		}
		c.ProtocolID = "call-" + id
		c.Caller = ari.CallerID{Name: who.Name, Number: who.Number}
		c.CallerRDNIS = who.RDNIS
		c.Dialplan.Context, c.Dialplan.Exten = "from-trunk", who.Exten
		for k, v := range who.Vars {
			c.vars[k] = v
		}
		entered = s.enterStasis(c)
	})
	return entered
}

// Enter lets a channel of the dialplan try Stasis() again, with new arguments if any are given.
func (s *Server) Enter(id string, args ...string) (entered bool) {
	s.on(id, func(c *channel) {
		if len(args) > 0 {
			c.args = args
		}
		entered = s.enterStasis(c)
	})
	return entered
}

// on does f to a channel that must be there.
func (s *Server) on(id string, f func(*channel)) {
	s.t.Helper()
	s.change(func() {
		c := s.channels[id]
		if c == nil {
			s.t.Fatalf("the test wants channel %q, which is not there", id)
			return
		}
		f(c)
	})
}

// DTMF lets the far end press keys, one after the other.
func (s *Server) DTMF(id, digits string) {
	s.t.Helper()
	s.on(id, func(c *channel) {
		for _, d := range digits {
			s.emit(c.app, &ari.ChannelDtmfReceived{Channel: c.Channel, Digit: string(d), DurationMS: 100})
			s.key(c, string(d))
		}
	})
}

// Hangup lets the far end hang up, normally.
func (s *Server) Hangup(id string) {
	s.t.Helper()
	s.HangupCause(id, ari.CauseNormal)
}

// HangupCause lets the far end hang up or refuse with a cause. A channel that is gone already is left alone:
// both ends may hang up in the same moment.
func (s *Server) HangupCause(id string, cause ari.Cause) {
	s.change(func() {
		if c := s.channels[id]; c != nil {
			if c.dialed && c.State != ari.StateUp {
				s.refuse(c, cause)
				return
			}
			s.destroy(c, cause, false)
		}
	})
}

// PickUp lets a phone that rings answer.
func (s *Server) PickUp(id string) {
	s.t.Helper()
	s.on(id, s.pickUp)
}

// FarHold lets the far end put us on hold; FarUnhold takes us back.
func (s *Server) FarHold(id string) {
	s.t.Helper()
	s.on(id, func(c *channel) { s.emit(c.app, &ari.ChannelHold{Channel: c.Channel}) })
}

// FarUnhold ends FarHold.
func (s *Server) FarUnhold(id string) {
	s.t.Helper()
	s.on(id, func(c *channel) { s.emit(c.app, &ari.ChannelUnhold{Channel: c.Channel}) })
}

// Refer lets a desk phone ask for a blind transfer.
func (s *Server) Refer(id, destination string) {
	s.t.Helper()
	s.on(id, func(c *channel) {
		s.emit(c.app, &ari.ChannelTransfer{
			ReferredBy: ari.ReferredBy{Source: c.Channel},
			ReferTo:    ari.ReferTo{Requested: ari.RequestedDestination{Destination: destination}},
		})
	})
}

// startDialling rings a channel and lets its phone behave.
func (s *Server) startDialling(c *channel, timeout time.Duration) {
	c.dialed = true
	phone := s.phone(c.endpoint)
	s.after(0, func() {
		if c.ending {
			return
		}
		s.emit(c.app, &ari.Dial{Peer: c.Channel, DialString: c.endpoint})
		if phone.Refuse != 0 {
			s.refuse(c, phone.Refuse)
			return
		}
		s.setState(c, ari.StateRinging)
		s.emit(c.app, &ari.Dial{Peer: c.Channel, DialString: c.endpoint, Status: "RINGING"})
		if phone.Answer > 0 {
			s.after(phone.Answer, func() { s.pickUp(c) })
		}
	})
	if timeout > 0 {
		s.after(timeout, func() {
			if !c.ending && c.State != ari.StateUp {
				s.refuse(c, ari.CauseNoAnswer)
			}
		})
	}
}

// EarlyMedia lets the network send a sound of its own while a dialled channel is not answered (183 with SDP).
func (s *Server) EarlyMedia(id string) {
	s.on(id, func(c *channel) {
		s.emit(c.app, &ari.Dial{Peer: c.Channel, DialString: c.endpoint, Status: "PROGRESS"})
	})
}

func (s *Server) pickUp(c *channel) {
	if c.ending || c.State == ari.StateUp {
		return
	}
	s.setState(c, ari.StateUp)
	s.emit(c.app, &ari.Dial{Peer: c.Channel, DialString: c.endpoint, Status: "ANSWER"})
	if !c.inStasis {
		s.enterOrEnd(c)
	}
}

// refuse ends a dialled channel that did not answer.
func (s *Server) refuse(c *channel, cause ari.Cause) {
	status := "CHANUNAVAIL"
	switch cause {
	case ari.CauseBusy, ari.CauseRejected:
		status = "BUSY"
	case ari.CauseNoAnswer:
		status = "NOANSWER"
	case ari.CauseCongestion:
		status = "CONGESTION"
	}
	if !c.inStasis { // of a created channel Asterisk tells only the hang-up request with its cause
		s.emit(c.app, &ari.Dial{Peer: c.Channel, DialString: c.endpoint, Status: status})
	}
	s.destroy(c, cause, false)
}

// Phones says how dialled endpoints behave from now on.
func (s *Server) Phones(behave func(endpoint string) Phone) {
	s.change(func() { s.phone = behave })
}

// AutoFinish lets every file that is played from now on last so long; below 0: until FinishPlayback.
func (s *Server) AutoFinish(d time.Duration) {
	s.MediaLength(func(string) time.Duration { return d })
}

// Missing is the length of a file that is not there: its playback fails.
const Missing = time.Duration(math.MinInt64)

// MediaLength says how long each file lasts; below 0: until FinishPlayback.
func (s *Server) MediaLength(length func(media string) time.Duration) {
	s.change(func() { s.mediaLength = length })
}

// RecordingLength lets every recording that ends from now on have been so long, however fast the test is; below 0: as long as
// it was by the clock.
func (s *Server) RecordingLength(d time.Duration) { s.change(func() { s.recordingLength = d }) }

// FinishPlayback lets a playback come to its end; one that is gone is left alone.
func (s *Server) FinishPlayback(id string) { s.endPlayback(id, "done") }

// FailPlayback ends a playback as Asterisk does when the file is missing.
func (s *Server) FailPlayback(id string) { s.endPlayback(id, "failed") }

func (s *Server) endPlayback(id, state string) {
	s.change(func() {
		if list := s.plays[id]; len(list) > 0 {
			s.finish(list[0], state)
		}
	})
}

// StasisDelay is the time between the answer to a request that makes a channel and its StasisStart.
func (s *Server) StasisDelay(d time.Duration) { s.change(func() { s.stasisDelay = d }) }

// Version lets the Server claim to be another Asterisk.
func (s *Server) Version(v string) { s.change(func() { s.version = v }) }

// SetRecording puts a stored recording's file in place.
func (s *Server) SetRecording(name string, data []byte) {
	s.change(func() { s.store(name, "wav", data) })
}
