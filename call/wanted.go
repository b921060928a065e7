package call

import (
	"time"

	"hotline/fact"
)

// Wanted is what Asterisk should hold for a call right now. A lane compares it with what Asterisk does hold and sends
// the difference; so a lost answer, a restart of ours or of Asterisk's is repaired by the same comparison.
type Wanted struct {
	Channel string
	// Hangup is the cause by which the channel should go; empty: it stays.
	Hangup string
	Answer bool
	// Dial is the customer to be called, until the answer.
	Dial *fact.CallbackDialled
	// Bridge is the call's own bridge, for a call that cannot be in the agent's: with desk phones it is made when the first
	// is offered the call, so that joining costs one request.
	Bridge string
	// Home is the bridge in which the agent's leg lives: who is joined there, and was in none of the call's own before,
	// costs one request, and the leg does not move.
	Home string
	// In is the bridge the caller is in: the own one, the queue's holding bridge, or none.
	In string
	// Holding is the queue in whose holding bridge the caller waits: In is derived from it by the lane.
	Holding string
	// Leg is the agent's channel that should be in the own bridge with the caller; empty: none.
	Leg string
	// Offer is the accepted offer whose joining the lane reports.
	Offer string
	// Mixed: the own bridge must be a mixer, because a desk phone is in it, or about to be. The RTP numbers of two desk
	// phones have nothing to do with one another, and a step back silences the caller and the recording where Asterisk
	// transcodes (Debian's 2016_opus_plc); a mixer numbers anew.
	Mixed bool
	// Zip: a tone in the agent's ear goes before the caller, because nobody has asked the agent.
	Zip bool
	// Music on the caller's own channel: on hold, or while the agent's audio is away.
	Music bool
	// Play is what is being said.
	Play *Play
	// Record is the recording of both directions that should run; Armed: its snoops should stand ready.
	Armed  bool
	Record *fact.RecordingBegan
	// Message is the recorder on the caller's own channel.
	Message *Recorder
	// Prompts and Recorder are what may be heard or recorded though it is not wanted any more, when nobody knows what
	// became of a request: the last prompts, newest first, and the last message.
	Prompts  []string
	Recorder string
	// Lease: the call is not with an agent, so its life depends on us and the dialplan's time-out must be renewed.
	Lease bool
}

// Play is one numbered prompt.
type Play struct {
	ID     string
	Say    []fact.Phrase
	Opener bool // the first words after the answer: 300 ms of silence go first
}

// Seat is where the call's agent sits.
type Seat struct {
	Leg   string // the agent's channel; empty while it is being made
	Home  string // the bridge in which that channel lives; empty: in none
	Voice bool   // the agent can hear and be heard
	// Phone: a desk phone, not a browser; of several agents who are offered the call, that one of them has one.
	Phone bool
}

// Wants is the media that the call's state asks for, with its agent in that seat.
func (c *Call) Wants(s Seat) Wanted {
	w := Wanted{Channel: c.Channel, Recorder: c.LastMessage()}
	if c.Phase != Talking && c.Phase != Held { // into which a channel comes only when nothing plays
		for n := c.Prompt; n > 0 && n > c.Prompt-2; n-- {
			w.Prompts = append(w.Prompts, c.playID(n))
		}
	}
	if c.Phase == Ended || c.Phase == Unknown {
		return w
	}
	if c.Phase == Closing {
		w.Hangup = c.Closing.Cause
		return w
	}
	w.Lease = true
	w.Answer = c.Callback == "" && (c.Phase != Menu || c.speaks())
	w.Record = c.Recording
	w.Armed = c.Recording != nil
	if len(c.Saying) > 0 {
		w.Play = &Play{ID: c.PlayID(), Say: c.Saying, Opener: c.Prompt == 1}
	}
	if c.Callback != "" && !c.Up {
		c.wantsDial(&w, s)
		return w
	}
	switch c.Phase {
	case Waiting:
		w.Holding = c.Visit.Queue
		w.Armed = w.Armed || len(c.Visit.Offers) > 0
		if w.Mixed = s.Phone && len(c.Visit.Offers) > 0; w.Mixed {
			w.Bridge = c.Bridge()
		}
	case Joining:
		o := c.Visit.Accepted()
		w.Bridge, w.In, w.Leg, w.Offer = c.Bridge(), c.Bridge(), s.Leg, o.ID
		w.Armed, w.Lease = true, false
		w.Mixed, w.Zip = s.Phone, s.Phone && o.Auto
	case Talking:
		w.Bridge, w.In, w.Leg, w.Lease = c.Bridge(), c.Bridge(), s.Leg, false
		w.Music = !s.Voice
		w.Mixed = s.Phone
	case Held:
		w.Bridge, w.In, w.Music, w.Lease = c.Bridge(), c.Bridge(), true, false
		w.Mixed = s.Phone
	case Message:
		w.Message = c.Message
	}
	if w.In != "" && !w.Mixed {
		w.Home = s.Home
	}
	return w
}

// wantsDial is what Asterisk should hold for a call back before the answer: nothing at first; then the customer's channel,
// dialled, and in the bridge with the agent who waits for the answer and hears it ring.
func (c *Call) wantsDial(w *Wanted, s Seat) {
	w.Lease, w.Play, w.Dial = false, nil, c.Dialled
	if c.Phase == Joining {
		w.Bridge, w.In, w.Leg, w.Mixed = c.Bridge(), c.Bridge(), s.Leg, s.Phone
	}
}

// speaks tells whether the turn in force needs an answered channel.
func (c *Call) speaks() bool {
	t := c.Turn
	return c.Up || len(t.Say) > 0 || t.Wait > 0 || t.Lookup != nil || t.Exit != nil && (t.Exit.Queue != nil || t.Exit.Message != nil)
}

// Timer is what a call's next deadline is for.
type Timer uint8

// The timers.
const (
	NoTimer    Timer = iota
	Silence          // the caller said nothing for as long as the turn allows
	Missed           // the offer was not taken
	Told             // time to tell the waiting caller something
	Look             // the queue's limits look at the caller
	Asked            // the caller was asked about a call back and said nothing
	Unanswered       // the customer of a call back did not answer
	Bound            // a phase lasted longer than it can: see Bounds
)

// Bounds are the longest times a call may stay where only a machine's answer is awaited; beyond them the watchdog
// puts it right.
type Bounds struct {
	Prompt  time.Duration // one prompt
	Lookup  time.Duration
	Join    time.Duration
	Close   time.Duration
	Message time.Duration // beyond the message's own limit
	Ask     time.Duration // silence after a question about a call back
}

// DefaultBounds is what serve uses.
func DefaultBounds() Bounds {
	return Bounds{Prompt: 5 * time.Minute, Lookup: 5 * time.Second, Join: 8 * time.Second, Close: 10 * time.Second, Message: 10 * time.Second, Ask: 8 * time.Second}
}

// Deadline is the next moment at which time alone moves the call, and why. every is how often the queue the
// caller waits in tells something, look when its limits look next; 0: never.
func (c *Call) Deadline(b Bounds, every time.Duration, look time.Time) (time.Time, Timer) {
	switch c.Phase {
	case Menu:
		switch {
		case len(c.Saying) > 0:
			return c.SteppedAt.Add(b.Prompt), Bound
		case c.Turn.Lookup != nil:
			return c.SteppedAt.Add(b.Lookup), Bound
		case c.Turn.Wait > 0:
			return c.SteppedAt.Add(c.Turn.Wait), Silence
		}
	case Waiting:
		if c.Away() {
			return c.DialAt.Add(c.Dialled.Ring + b.Join), Unanswered
		}
		var at time.Time
		why := NoTimer
		soonest := func(t time.Time, w Timer) {
			if why == NoTimer || t.Before(at) {
				at, why = t, w
			}
		}
		for _, o := range c.Visit.Offers {
			soonest(o.Until, Missed)
		}
		switch {
		case c.Visit.Asking != nil && len(c.Saying) > 0:
			soonest(c.SteppedAt.Add(b.Prompt), Asked)
		case c.Visit.Asking != nil:
			soonest(c.SteppedAt.Add(b.Ask), Asked)
		case len(c.Visit.Offers) == 0 && !c.Virtual():
			if !look.IsZero() {
				soonest(look, Look)
			}
			if every > 0 && len(c.Saying) == 0 {
				soonest(c.Visit.ToldAt.Add(every), Told)
			}
		}
		return at, why
	case Joining:
		if c.Ringing() {
			return c.DialAt.Add(c.Dialled.Ring + b.Join), Unanswered
		}
		if c.Callback != "" && c.SteppedAt.After(c.Since) { // the answer, for which the agent has waited
			return c.SteppedAt.Add(b.Join), Bound
		}
		return c.Since.Add(b.Join), Bound
	case Message:
		if c.Message != nil {
			return c.Message.Began.Add(c.Message.Limit + b.Message), Bound
		}
	case Closing:
		return c.Since.Add(b.Close), Bound
	}
	return time.Time{}, NoTimer
}
