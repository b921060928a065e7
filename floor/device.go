package floor

import (
	"fmt"
	"time"

	"hotline/call"
	"hotline/fact"
)

// An agent takes calls on the page, whose audio is the browser's, or on a desk phone. The desk phone is called once, for
// the shift, and that call is the agent's leg like any other; offers, hold and end stay on the desk.

// The devices.
const (
	Browser   = "browser"
	DeskPhone = "phone"
)

// phoneState is what is known of an agent's desk phone.
type phoneState struct {
	Device      string // empty: Browser
	DeviceSince time.Time
	Rings       int    // in vain, one after the other
	RingWhy     string // why the last one was
	Resting     bool   // it is not rung before somebody asks
}

const (
	// mostRings is how often a desk phone is rung in vain before it rests.
	mostRings = 3
	// shortLeg: a phone that is gone so soon after it answered did not answer, and must not be rung for ever.
	shortLeg = 5 * time.Second
)

// Unanswered: the desk phone was rung in vain.
type Unanswered struct{ Agent, Phone, Why string }

func (Unanswered) input() {}

// Voice tells whether the agent can hear and be heard: on a desk phone as long as the call to it stands (Asterisk ends it
// when its RTP stays away), in a browser when RTP flows.
func (a *Agent) Voice() bool { return a.Leg != "" && (a.Phone != "" || a.Media) }

// voiceLost is since when the agent cannot hear; zero: the agent can, or never could.
func (a *Agent) voiceLost() time.Time {
	switch {
	case a.Voice():
		return time.Time{}
	case a.Leg == "":
		return a.LegLost
	}
	return latest(a.MediaLost, a.DeviceSince)
}

// PhoneOf is the endpoint of the desk phone that the agent takes calls on; empty: it is the browser.
func (f *Floor) PhoneOf(agent string) string {
	if a := f.s.Agents[agent]; a != nil && a.Device == DeskPhone {
		return f.cfg.Phones[agent]
	}
	return ""
}

// Rings is how often an agent's desk phone was rung in vain, one time after the other.
func (f *Floor) Rings(agent string) int { return f.s.Agents[agent].Rings }

// seatOf is where the agent of a call sits.
func (f *Floor) seatOf(c *call.Call) call.Seat {
	a := f.s.Agents[c.Agent()]
	if a == nil {
		return call.Seat{Voice: true}
	}
	s := call.Seat{Leg: a.Leg, Voice: a.Voice()}
	for _, id := range c.Agents() {
		s.Phone = s.Phone || f.s.Agents[id].Phone != "" || f.PhoneOf(id) != ""
	}
	if s.Leg != "" && !s.Phone {
		s.Home = call.Home(s.Leg)
	}
	return s
}

// hears tells whether the audio of the device in use flows.
func (f *Floor) hears(a *Agent) bool { return a.Phone != "" || a.Media && f.PhoneOf(a.ID) == "" }

// use chooses the device. In a talk the caller hears music until the other one is there.
func (s *step) use(a *Agent, device string) error {
	if !signedIn(a) {
		return notNow(a, "choosing a phone")
	}
	if device == DeskPhone {
		phone := s.cfg.Phones[a.ID]
		if phone == "" {
			return &Illegal{Code: "illegal", Text: "no desk phone is configured for you (agents, phone)", Place: "do"}
		}
		if other := s.holder(phone, a.ID); other != "" {
			return &Illegal{Code: "unavailable", Text: fmt.Sprintf("%s takes calls on this phone at the moment", other), Place: "do"}
		}
	}
	if a.Device == device || a.Device == "" && device == Browser {
		return nil
	}
	s.emit(fact.DeviceChosen{Agent: a.ID, Device: device})
	return nil
}

// holder is another agent who takes calls on that desk phone now; empty: nobody does.
func (s *step) holder(phone, but string) string {
	for _, id := range s.Agents() {
		if id != but && signedIn(s.s.Agents[id]) && s.PhoneOf(id) == phone {
			return id
		}
	}
	return ""
}

// yieldPhone: who comes when somebody else sits at the phone takes calls on the page.
func (s *step) yieldPhone(a *Agent) {
	if phone := s.PhoneOf(a.ID); phone != "" && s.holder(phone, a.ID) != "" {
		s.emit(fact.DeviceChosen{Agent: a.ID, Device: Browser, By: "rule"})
	}
}

// ringPhone rings a desk phone that rests.
func (s *step) ringPhone(a *Agent) error {
	switch {
	case !signedIn(a) || s.PhoneOf(a.ID) == "":
		return &Illegal{Code: "illegal", Text: "you do not take calls on a desk phone", Place: "do"}
	case a.Leg == "" && a.Rings > 0:
		s.emit(fact.PhoneAsked{Agent: a.ID})
	}
	return nil
}

// unanswered: the phone rests after some tries.
func (s *step) unanswered(in Unanswered) {
	a := s.s.Agents[in.Agent]
	if a == nil || a.Leg != "" || s.PhoneOf(in.Agent) != in.Phone || in.Phone == "" {
		return
	}
	s.emit(fact.PhoneFailed{Agent: a.ID, Phone: in.Phone, Why: in.Why, Rest: a.Rings+1 >= mostRings})
}

// phoneDown: the call to a desk phone is over, which began at since. One who put the handset down between calls is not
// rung at once; one who lost a talk is, because the caller is there still.
func (s *step) phoneDown(a *Agent, phone string, since time.Time, hungUp bool) {
	switch {
	case phone == "" || !signedIn(a) || s.PhoneOf(a.ID) != phone:
	case hungUp && !a.State.InCall():
		s.emit(fact.PhoneFailed{Agent: a.ID, Phone: phone, Why: "hung-up", Rest: true})
	case s.now.Sub(since) < shortLeg:
		s.emit(fact.PhoneFailed{Agent: a.ID, Phone: phone, Why: "hung-up", Rest: a.Rings+1 >= mostRings})
	}
}

// rested: the phone may be rung as if it had never failed.
func (a *Agent) rested() { a.Rings, a.RingWhy, a.Resting = 0, "", false }

// applyLeg writes what is told of legs and devices into the agent.
func (a *Agent) applyLeg(x fact.Fact, at time.Time) {
	switch x := x.(type) {
	case fact.LegMade:
		a.Node, a.Leg, a.Addr, a.Phone, a.LegSince, a.LegLost = x.Node, x.Leg, x.Addr, x.Phone, at, time.Time{}
	case fact.LegGone:
		if a.Leg != x.Leg {
			return
		}
		if at.Sub(a.LegSince) >= shortLeg {
			a.rested()
		}
		a.Node, a.Leg, a.Addr, a.Phone, a.LegLost = "", "", "", "", at
	case fact.DeviceChosen:
		a.Device, a.DeviceSince = x.Device, at
		a.rested()
	case fact.PhoneFailed:
		a.Rings++
		a.RingWhy, a.Resting = x.Why, x.Rest
	case fact.PhoneAsked:
		a.rested()
	}
}

// phoneView is the desk phone of an agent; nil: there is none.
func (f *Floor) phoneView(a *Agent) *PhoneView {
	phone := f.cfg.Phones[a.ID]
	if phone == "" {
		return nil
	}
	v := &PhoneView{Phone: phone, InUse: a.Device == DeskPhone}
	if v.InUse && a.Leg == "" {
		v.Why, v.Resting = a.RingWhy, a.Resting
	}
	return v
}
