package sip

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hotline/test/tone"
)

// Options of one caller. Target, To and From must be set.
type Options struct {
	Target string // host:port to call
	To     string // the number dialled, with or without +
	From   string // the caller's number

	Withheld   bool     // From is anonymous; the number only in P-Asserted-Identity, with Privacy: id
	Headers    []string // more header lines for the INVITE
	OfferInACK bool     // an INVITE without SDP
	ReferTo    string   // the number that Refer asks to be transferred to
	Codec      Codec    // zero is PCMA

	ToneHz  float64       // the caller's voice; 0 is silence, but sent
	Digits  []Digit       // keys pressed after the answer
	Hold    time.Duration // hangs up so long after the answer; 0: not by itself
	GiveUp  time.Duration // hangs up so long after the call began, unless answered; 0: never
	Deaf    bool          // keeps nothing of what is heard, for many calls at once
	Verbose bool          // SIPp keeps all messages in its folder
}

// Digit is a key pressed at a time after the answer.
type Digit struct {
	After time.Duration
	Keys  string
}

// Way is how a call ended, as SIPp saw it.
type Way string

// The ways. Each caller ends in exactly one.
const (
	HungUp    Way = "hung up"   // by the caller, after the answer
	Dismissed Way = "dismissed" // by the other side's BYE
	Refused   Way = "refused"   // by a status from 400 on, unanswered
	Cancelled Way = "cancelled" // by the caller, unanswered
	Failed    Way = "failed"    // none of these: a SIP failure, or SIPp was stopped
)

// Ending is how and when.
type Ending struct {
	Way    Way
	Status int // of a refusal: 486, 404 …
	At     time.Time
}

// refusals are the statuses that a caller may be refused with.
var refusals = []int{400, 401, 403, 404, 408, 410, 415, 480, 484, 486, 487, 488, 500, 501, 502, 503, 504, 600, 603, 604, 606}

// Caller is one call. Its methods may be called from any goroutine.
type Caller struct {
	opt    Options
	sipp   *sipp
	stream *stream
	began  time.Time

	rang     chan struct{} // 180 came
	referred chan int      // the status of a REFER
	answered chan struct{}
	ended    chan struct{}

	mu       sync.Mutex
	callID   string
	answerAt time.Time
	trying   bool // the other side has the INVITE
	leaving  bool // Hangup was called
	status   int
	ending   Ending
	err      error
	timers   []*time.Timer
}

// Call starts a call and returns while it is being placed. When ctx ends, SIPp
// is killed: end calls by Hangup.
func Call(ctx context.Context, opt Options) (*Caller, error) {
	many, err := CallMany(ctx, Many{Calls: []Options{opt}})
	if err != nil {
		return nil, err
	}
	return many.Callers[0], nil
}

func newCaller(opt Options) (*Caller, error) {
	if opt.Codec.name == "" {
		opt.Codec = PCMA
	}
	s, err := newStream(opt.Codec, opt.ToneHz, opt.Deaf)
	if err != nil {
		return nil, err
	}
	return &Caller{
		opt: opt, stream: s, began: time.Now(),
		referred: make(chan int, 1), rang: make(chan struct{}), answered: make(chan struct{}), ended: make(chan struct{}),
	}, nil
}

// told takes one event of SIPp's log. Events come one at a time.
func (c *Caller) told(event string, fields []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch event {
	case "called":
		c.callID, c.began = fields[0], time.Now()
		if c.opt.GiveUp > 0 {
			c.after(c.opt.GiveUp, func() error {
				select {
				case <-c.answered:
					return nil
				default:
					return c.Hangup()
				}
			})
		}
	case "trying":
		c.trying = true
		if c.leaving {
			c.err = errors.Join(c.err, c.sipp.command("INFO", c.callID))
		}
	case "ringing":
		closeOnce(c.rang)
	case "answered":
		c.answerAt = time.Now()
		var port int
		if _, err := fmt.Sscan(fields[0], &port); err != nil {
			c.err = fmt.Errorf("RTP port in the answer: %w", err)
		}
		c.stream.talk(port)
		for _, d := range c.opt.Digits {
			c.after(d.After, func() error { return c.Press(d.Keys) })
		}
		if c.opt.Hold > 0 {
			c.after(c.opt.Hold, c.Hangup)
		}
		closeOnce(c.answered)
	case "refused":
		if _, err := fmt.Sscan(fields[0], &c.status); err != nil {
			c.err = fmt.Errorf("status of a refusal: %w", err)
		}
	case "referred":
		var status int
		if _, err := fmt.Sscan(fields[0], &status); err != nil {
			c.err = errors.Join(c.err, fmt.Errorf("status of a REFER: %w", err))
		}
		c.referred <- status
	case "ended":
		c.end(Refused)
	case "cancelled":
		c.end(Cancelled)
	case "hungup":
		c.end(HungUp)
	case "dismissed":
		c.end(Dismissed)
	}
}

// after and end are called with mu held.
func (c *Caller) after(d time.Duration, do func() error) {
	c.timers = append(c.timers, time.AfterFunc(d, func() {
		if err := do(); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.err = errors.Join(c.err, err)
		}
	}))
}

func (c *Caller) end(way Way) {
	if c.ending.Way != "" {
		return
	}
	c.ending = Ending{Way: way, Status: c.status, At: time.Now()}
	for _, timer := range c.timers {
		timer.Stop()
	}
	close(c.ended)
}

// over comes when SIPp has ended: a call still open then has failed.
func (c *Caller) over(err error) {
	c.mu.Lock()
	if c.ending.Way == "" {
		c.err = errors.Join(c.err, err, errors.New("sipp ended before the call did"))
		c.end(Failed)
	}
	c.mu.Unlock()
	c.stream.close()
}

// Hangup ends the call in the way of the moment: CANCEL while it rings, BYE when
// it talks. Calling it again, or after the end, does nothing.
func (c *Caller) Hangup() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving || c.ending.Way != "" {
		return nil
	}
	c.leaving = true
	if !c.trying {
		return nil // told does it as soon as it may be done
	}
	return c.sipp.command("INFO", c.callID)
}

// Refer asks the other side to transfer the call to Options.ReferTo, once in a call, and returns the status of the answer.
func (c *Caller) Refer(ctx context.Context) (status int, err error) {
	c.mu.Lock()
	err = c.sipp.command("MESSAGE", c.callID)
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	select {
	case status = <-c.referred:
		return status, nil
	case <-c.ended:
		return 0, fmt.Errorf("call %s from %s ended instead of answering a REFER", c.opt.To, c.opt.From)
	case <-ctx.Done():
		return 0, fmt.Errorf("call %s from %s: no answer to a REFER: %w", c.opt.To, c.opt.From, context.Cause(ctx))
	}
}

// Press presses keys one after the other, now.
func (c *Caller) Press(keys string) error { return c.stream.press(keys) }

// Say changes the caller's tone.
func (c *Caller) Say(hz float64) {
	c.stream.mu.Lock()
	defer c.stream.mu.Unlock()
	c.stream.hz = hz
}

// GoDead stops all RTP towards the other side, as a lost line does.
func (c *Caller) GoDead(dead bool) {
	c.stream.mu.Lock()
	defer c.stream.mu.Unlock()
	c.stream.mute = dead
}

// Ringing is closed at the first 180.
func (c *Caller) Ringing() <-chan struct{} { return c.rang }

// Answered is closed at the 200.
func (c *Caller) Answered() <-chan struct{} { return c.answered }

// Ended is closed when the call is over.
func (c *Caller) Ended() <-chan struct{} { return c.ended }

// CallID is the SIP Call-ID; empty until the call has begun.
func (c *Caller) CallID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.callID
}

// Began and AnsweredAt are the moments of the INVITE and of its 200.
func (c *Caller) Began() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.began
}

// AnsweredAt is zero while the call is not answered.
func (c *Caller) AnsweredAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answerAt
}

// AwaitAnswer returns when the call is answered; that it ended instead is an error.
func (c *Caller) AwaitAnswer(ctx context.Context) error {
	select {
	case <-c.answered:
		return nil
	case <-c.ended:
		select {
		case <-c.answered:
			return nil
		default:
		}
		ending, err := c.Wait(ctx)
		return errors.Join(fmt.Errorf("call %s from %s: %s (%d) instead of answered", c.opt.To, c.opt.From, ending.Way, ending.Status), err)
	case <-ctx.Done():
		return fmt.Errorf("call %s from %s: not answered: %w", c.opt.To, c.opt.From, context.Cause(ctx))
	}
}

// Wait returns when the call is over. The error says what went wrong in the
// driver or in SIP; a refusal is an ending, not an error.
func (c *Caller) Wait(ctx context.Context) (Ending, error) {
	select {
	case <-c.ended:
	case <-ctx.Done():
		return Ending{}, fmt.Errorf("call %s from %s goes on: %w", c.opt.To, c.opt.From, context.Cause(ctx))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending, c.err
}

// Heard is what the caller heard from one moment to another.
func (c *Caller) Heard(from, to time.Time) tone.Sound { return c.stream.between(from, to) }

// Hear returns when the caller has heard the tone for 300 ms.
func (c *Caller) Hear(ctx context.Context, hz float64) error {
	return c.stream.hearUntil(ctx, c.ended, fmt.Sprintf("caller %s never heard %v Hz", c.opt.From, hz), func(s tone.Sound) bool { return s.Has(hz) })
}

// HearNot returns when the caller has not heard the tone for 300 ms.
func (c *Caller) HearNot(ctx context.Context, hz float64) error {
	return c.stream.hearUntil(ctx, c.ended, fmt.Sprintf("caller %s still hears %v Hz", c.opt.From, hz), func(s tone.Sound) bool { return !s.Has(hz) })
}

// HearSomething returns when the caller has heard anything for 300 ms: a prompt
// or music, which have no pitch of their own.
func (c *Caller) HearSomething(ctx context.Context) error {
	return c.stream.hearUntil(ctx, c.ended, fmt.Sprintf("caller %s hears nothing", c.opt.From), func(s tone.Sound) bool { return s.Loudness() > tone.Audible })
}

func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}
