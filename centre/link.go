package centre

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"hotline/ari"
	"hotline/fact"
	"hotline/floor"
)

// node is one Asterisk.
type node struct {
	name   string
	client ari.Client
	live   atomic.Bool
	slots  chan struct{} // one for each lane that may speak to it at the same time

	// The link's own goroutine's: causes of channels that are hanging up.
	causes map[string]int
}

func (n *node) up() bool { return n.live.Load() }

// mostAtWork is how many lanes speak to one Asterisk at the same time. After a gap thousands want to: they wait here, not
// for a connection, where their requests would time out and be followed by questions what became of them.
const mostAtWork = 100

func newNode(name string, client ari.Client) *node {
	return &node{name: name, client: client, causes: map[string]int{}, slots: make(chan struct{}, mostAtWork)}
}

// enter waits for a slot; leave gives it back.
func (n *node) enter(ctx context.Context) bool {
	select {
	case n.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (n *node) leave() { <-n.slots }

// anyNode is an Asterisk that can make a leg.
func (c *Centre) anyNode() *node {
	for _, n := range c.nodes {
		if n.up() {
			return n
		}
	}
	return nil
}

// Heard takes everything of a link, in order. It blocks when the inbox is full: the link then cuts itself and comes
// back with a snapshot.
func (c *Centre) Heard(m ari.Message) {
	switch m := m.(type) {
	case ari.Up:
		c.linkUp(m)
	case ari.Down:
		if n := c.nodes[m.Node]; n != nil {
			n.live.Store(false)
			c.Submit(floor.Link{Node: m.Node, Why: string(m.Reason)})
		}
	case ari.Event:
		if n := c.nodes[m.Node]; n != nil {
			c.event(n, m.Event)
		}
	}
}

// Unheard are the events that the loop does nothing with. Of the 26 that Asterisk tells of a plain call 17 are of these:
// most are variables that it sets at the end. What an event of the other types would tell stays in the snapshot, too.
var Unheard = []string{
	"ChannelVarset", "ChannelConnectedLine", "ChannelCallerId", "ChannelDialplan", "ChannelLeftBridge",
	"BridgeCreated", "BridgeDestroyed", "PlaybackStarted", "PlaybackContinuing", "RecordingStarted",
}

// event turns one of Asterisk's events into an input.
func (c *Centre) event(n *node, e ari.EventBody) {
	switch e := e.(type) {
	case *ari.StasisStart:
		c.stasisStart(n, e)
	case *ari.ChannelHangupRequest:
		if isCaller(e.Channel.ID) {
			n.noteHangup(e)
		}
	case *ari.StasisEnd:
		c.stasisEnd(n, e.Channel.ID)
	case *ari.ChannelDestroyed:
		delete(n.causes, e.Channel.ID)
		c.destroyed(n, e.Channel.ID, int(e.Cause))
	case *ari.ChannelStateChange:
		if e.Channel.IsUp() && isCaller(e.Channel.ID) {
			c.Submit(floor.Answered{Call: e.Channel.ID})
		}
	case *ari.Dial:
		c.dialProgress(e)
	case *ari.ChannelDtmfReceived:
		if isCaller(e.Channel.ID) {
			c.Submit(floor.Key{Call: e.Channel.ID, Digit: e.Digit})
		}
	case *ari.ChannelHold:
		c.phoneHolds(e.Channel.ID, "hold")
	case *ari.ChannelUnhold:
		c.phoneHolds(e.Channel.ID, "retrieve")
	case *ari.ChannelEnteredBridge:
		if isLeg(e.Channel.ID) {
			c.send(item{do: func() { c.legEntered(e.Channel.ID, e.Bridge.ID) }})
		} else if _, home := isHome(e.Bridge.ID); home {
			c.send(item{do: func() { c.enteredHome(e.Channel.ID, e.Bridge) }})
		} else if queue, ok := queueOfHolding(e.Bridge.ID); ok && len(e.Bridge.Channels) == 1 {
			c.musicForTheFirst(n, queue)
		}
	case *ari.PlaybackFinished:
		c.playbackOver(e.Playback)
	case *ari.RecordingFinished:
		c.recordingOver(e.Recording, "")
	case *ari.RecordingFailed:
		c.recordingOver(e.Recording, "Asterisk could not record: "+e.Recording.Cause)
	}
}

// isCaller tells a caller's channel from those we make.
func isCaller(id string) bool { return !isLeg(id) && !isSnoop(id) }

// timedOut is Asterisk's internal flag of a channel that the dialplan takes back because its lease ran out.
const timedOut = 8

// noteHangup keeps the cause of a hang-up for the StasisEnd that follows.
func (n *node) noteHangup(e *ari.ChannelHangupRequest) {
	switch {
	case !e.Soft:
		n.causes[e.Channel.ID] = int(e.Cause)
	case e.Cause != timedOut: // a soft one's cause is an internal flag
		if _, ok := n.causes[e.Channel.ID]; !ok {
			n.causes[e.Channel.ID] = int(ari.CauseNormal)
		}
	}
}

func (c *Centre) stasisStart(n *node, e *ari.StasisStart) {
	id := e.Channel.ID
	delete(n.causes, id)
	c.waits.started(id)
	if !isCaller(id) {
		return // a leg or a snoop: whoever made it waits for it
	}
	in, ok := c.arrival(n, e.Channel, e.Args)
	if !ok {
		return // a visitor's leg
	}
	c.send(item{do: func() { c.arrive(n, in) }})
}

// arrival reads the arguments that our dialplan gives to Stasis: in, dialled, caller, privacy, trunk.
func (c *Centre) arrival(n *node, ch ari.Channel, args []string) (in floor.Arrived, ok bool) {
	if len(args) == 0 || args[0] != "in" {
		return in, false
	}
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	return floor.Arrived{
		Channel: ch.ID, Node: n.name, Line: c.cfg.Line(arg(1)), Trunk: arg(4), Via: "sip", Up: ch.IsUp(),
		Caller: c.party(arg(2), arg(3), ch.Caller.Name),
	}, true
}

// arrive lets a caller's channel in: a new call, or one that we have and that comes back from the dialplan because its
// lease ran out, or we were away. It runs in the loop.
func (c *Centre) arrive(n *node, in floor.Arrived) {
	id := in.Channel
	switch {
	case c.clearing[id] != nil && !c.clearing[id].isGone(): // its call has ended, and the channel is being hung up
		c.clearing[id].poke()
	case c.floor.Call(id) != nil:
		if l := c.lanes[id]; l != nil {
			l.out(false)
			l.refresh()
		}
	case c.full(), c.floor.HasEnded(id): // a call ends once: who is back after that is the net's
		c.toSafetyNet(n, id)
	default:
		c.inLoop(in)
	}
}

// inLoop gives the floor an input from within the loop.
func (c *Centre) inLoop(in floor.Input) {
	rec, err := c.step(item{in: in})
	if err != nil {
		c.log.Error("an input was refused", "input", in, "err", err)
	}
	if len(rec.Facts) > 0 {
		c.extra = append(c.extra, rec)
	}
}

// party is the caller as far as the network told us. A withheld number is not kept.
func (c *Centre) party(number, privacy, name string) fact.Party {
	if privacy == "withheld" || number == "" {
		return fact.Party{Withheld: true}
	}
	if name == number || strings.EqualFold(name, "anonymous") {
		name = ""
	}
	number, region := c.cfg.Caller(number)
	return fact.Party{Number: number, Name: name, Region: region}
}

// toSafetyNet gives a call that cannot be ours to the dialplan's net. The lease is ended first: it would end the message in
// the middle.
func (c *Centre) toSafetyNet(n *node, channel string) {
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, 5*time.Second)
		defer cancel()
		err := n.client.SetVar(ctx, channel, "TIMEOUT(absolute)", "0")
		if err == nil {
			err = n.client.Continue(ctx, channel, netContext, "", 1)
		}
		if err != nil && !ari.IsNotFound(err) {
			c.log.Warn("a call could not be given to the safety net; its lease will", "channel", channel, "err", err)
		}
	})
}

// gone: a caller's channel does not exist any more, or is nothing of ours.
func (c *Centre) gone(in floor.Gone) {
	c.send(item{do: func() {
		if l := c.lanes[in.Call]; l != nil {
			l.ended()
		} else if l := c.clearing[in.Call]; l != nil {
			l.ended()
		}
		if c.floor.Call(in.Call) != nil {
			c.inLoop(in)
		}
	}})
}

// stasisEnd: a channel left the application. Of a caller who came by the dialplan Asterisk tells nothing any more, not
// even the end: a hang-up that was announced is the end; else the dialplan has the caller, and we look what becomes of it.
func (c *Centre) stasisEnd(n *node, id string) {
	if !isCaller(id) {
		return
	}
	if cause, ok := n.causes[id]; ok {
		delete(n.causes, id)
		c.gone(floor.Gone{Call: id, Cause: cause})
		return
	}
	c.send(item{do: func() { c.followOut(n, id) }})
}

const (
	// netContext is the dialplan's safety net, from which no call comes back.
	netContext = "hotline-net"
	// strandedAfter is how long a call may be elsewhere in the dialplan, from where it tries to come back, before it is
	// nobody's.
	strandedAfter = time.Minute
)

// followOut watches the channel of a call that is in the dialplan until it is back in the application, gone, or the safety
// net's: that is its end as a call of ours. It runs in the loop.
func (c *Centre) followOut(n *node, id string) {
	l := c.lanes[id]
	if l == nil {
		return
	}
	l.out(true)
	began := time.Now()
	c.spawn(func() {
		for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
			select {
			case <-time.After(pause):
			case <-c.ctx.Done():
				return
			}
			if !n.up() || !l.isOut() {
				return // the link's return looks at everything, and a StasisStart has woken the lane
			}
			ctx, cancel := context.WithTimeout(c.requests, 2*time.Second)
			ch, err := n.client.Channel(ctx, id)
			cancel()
			switch {
			case ari.IsNotFound(err):
				c.gone(floor.Gone{Call: id})
				return
			case err == nil && inStasis(ch): // it has not taken its next step yet, or is back: then its StasisStart wakes the lane
			case err == nil && (ch.Dialplan.Context == netContext || time.Since(began) > strandedAfter):
				c.log.Warn("a call is in the dialplan's safety net", "call", id)
				c.gone(floor.Gone{Call: id, Inferred: true})
				return
			}
		}
	})
}

func (c *Centre) destroyed(n *node, id string, cause int) {
	switch {
	case isLeg(id):
		c.legGone(id, cause)
		c.leaveHome(n, id)
	case isSnoop(id):
	default:
		c.gone(floor.Gone{Call: id, Cause: cause})
	}
}

// playbackOver: a prompt was heard to its end, was stopped, or failed.
func (c *Centre) playbackOver(p ari.Playback) {
	n, id := promptOf(p.ID), callOfPlayback(p.ID)
	if n == 0 {
		return
	}
	in := floor.Spoken{Call: id, Prompt: n}
	if p.State == "failed" {
		in.Failed = "Asterisk could not play it"
	}
	c.send(item{do: func() {
		if l := c.lanes[id]; l != nil {
			l.finished(p.ID)
		}
		c.inLoop(in)
	}})
}

// recordingOver: a message's recorder stopped.
func (c *Centre) recordingOver(r ari.LiveRecording, failed string) {
	id := callOfMessage(r.Name)
	if id == "" {
		return
	}
	length := time.Duration(r.Duration)
	spoken := time.Duration(r.Talking)
	in := floor.Recorded{
		Call: id, Message: r.Name, Duration: length, Failed: failed,
		Empty: failed == "" && (length < time.Second || r.Silence != 0 && spoken < 300*time.Millisecond),
	}
	c.send(item{do: func() {
		if l := c.lanes[id]; l != nil {
			l.taped(r.Name)
		}
		c.inLoop(in)
	}})
}
