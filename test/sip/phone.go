package sip

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hotline/test/tone"
)

// PhoneOptions of a desk phone.
type PhoneOptions struct {
	Port   int     // the UDP port it is called at, on 127.0.0.1
	Codec  Codec   // zero is PCMA
	ToneHz float64 // who speaks into it
	// Sequence is the number of its first RTP packet; 0: any.
	Sequence uint16
}

// Phone is a desk phone: it rings until Answer or Refuse, and takes one call
// after the other. Point an endpoint's AOR at sip:phone@127.0.0.1:PORT.
type Phone struct {
	opt  PhoneOptions
	sipp *sipp
	over chan struct{}
	err  error // read after over

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	state   PhoneState
	callID  string
	from    string
	port    int
	stream  *stream
}

// offer fills the phone's SDP in, and the requests that change it.
type offer struct {
	Port          int
	Payloads, Map string
	CSeq, Version int
	Direction     string
}

// PhoneState is what a desk phone does now.
type PhoneState string

// The states of a desk phone. It goes back to idle after each call.
const (
	PhoneIdle    PhoneState = "idle"
	PhoneRinging PhoneState = "ringing"
	PhoneTalking PhoneState = "talking"
	PhoneHolding PhoneState = "holding" // its hold key was pressed
)

// PlugIn starts a phone.
func PlugIn(ctx context.Context, opt PhoneOptions) (*Phone, error) {
	if opt.Codec.name == "" {
		opt.Codec = PCMA
	}
	stream, err := newStream(opt.Codec, opt.ToneHz, false)
	if err != nil {
		return nil, err
	}
	stream.first = opt.Sequence
	p := &Phone{opt: opt, over: make(chan struct{}), changed: make(chan struct{}), state: PhoneIdle, stream: stream}
	values := struct {
		offer
		OnHold, Resumed offer
	}{offer: offer{Port: stream.port(), Payloads: opt.Codec.payloads(), Map: opt.Codec.rtpmap(), CSeq: 1, Version: 2, Direction: "sendonly"}}
	values.OnHold, values.Resumed = values.offer, values.offer
	values.Resumed.CSeq, values.Resumed.Version, values.Resumed.Direction = 2, 3, "sendrecv"
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sipp, err = startSIPp(ctx, opt.Port, "phone.xml", values, nil, p.told, func(err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.err = err
		close(p.over)
	})
	if err != nil {
		stream.close()
		return nil, err
	}
	return p, nil
}

// told takes one event of SIPp's log.
func (p *Phone) told(event string, fields []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch event {
	case "offered":
		p.state, p.callID, p.from = PhoneRinging, fields[0], fields[2]
		if _, err := fmt.Sscan(fields[1], &p.port); err != nil {
			p.err = errors.Join(p.err, fmt.Errorf("RTP port of an offer: %w", err))
		}
	case "talking":
		p.state = PhoneTalking
		p.stream.talk(p.port)
	case "held":
		p.state = PhoneHolding
		p.stream.hush()
	case "resumed":
		p.state = PhoneTalking
		p.stream.talk(p.port)
	case "hungup", "dismissed", "cancelled", "refused":
		p.state, p.callID = PhoneIdle, ""
		p.stream.hush()
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// Answer takes the call that rings.
func (p *Phone) Answer() error { return p.command(PhoneRinging, "INFO") }

// Refuse says 486 to the call that rings.
func (p *Phone) Refuse() error { return p.command(PhoneRinging, "MESSAGE") }

// Hold presses the hold key, and Resume presses it again; each can be done once in a call.
func (p *Phone) Hold() error { return p.command(PhoneTalking, "MESSAGE") }

// Resume ends Hold.
func (p *Phone) Resume() error { return p.command(PhoneHolding, "MESSAGE") }

// Hangup ends the call that talks.
func (p *Phone) Hangup() error { return p.command(PhoneTalking, "INFO") }

func (p *Phone) command(state PhoneState, method string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != state {
		return fmt.Errorf("desk phone at port %d is %s, not %s", p.opt.Port, p.state, state)
	}
	return p.sipp.command(method, p.callID)
}

// Await returns when the phone is in that state.
func (p *Phone) Await(ctx context.Context, state PhoneState) error {
	for {
		p.mu.Lock()
		now, changed := p.state, p.changed
		p.mu.Unlock()
		if now == state {
			return nil
		}
		select {
		case <-changed:
		case <-p.over:
			return fmt.Errorf("desk phone at port %d: unplugged while awaiting %s", p.opt.Port, state)
		case <-ctx.Done():
			return fmt.Errorf("desk phone at port %d is %s, not %s: %w", p.opt.Port, now, state, context.Cause(ctx))
		}
	}
}

// From is the From header of the last call.
func (p *Phone) From() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.from
}

// Press presses keys one after the other, now.
func (p *Phone) Press(keys string) error { return p.stream.press(keys) }

// Heard is what the phone heard from one moment to another.
func (p *Phone) Heard(from, to time.Time) tone.Sound { return p.stream.between(from, to) }

// Hear returns when the phone has heard the tone for 300 ms.
func (p *Phone) Hear(ctx context.Context, hz float64) error {
	return p.stream.hearUntil(ctx, p.over, fmt.Sprintf("desk phone never heard %v Hz", hz), func(s tone.Sound) bool { return s.Has(hz) })
}

// HearNot returns when the phone has not heard the tone for 300 ms.
func (p *Phone) HearNot(ctx context.Context, hz float64) error {
	return p.stream.hearUntil(ctx, p.over, fmt.Sprintf("desk phone still hears %v Hz", hz), func(s tone.Sound) bool { return !s.Has(hz) })
}

// Unplug ends the phone as a pulled cable would. It may be called twice.
func (p *Phone) Unplug() error {
	err := p.sipp.proc.Kill()
	<-p.over
	p.stream.close()
	return errors.Join(err, p.sipp.remove())
}
