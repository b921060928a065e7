package centre

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

// lane brings one call's media in Asterisk to what the floor wants, one request after the other. It keeps what it
// knows Asterisk to hold; after a gap that is read anew from Asterisk.
type lane struct {
	c    *Centre
	node *node
	call string
	via  string
	log  *slog.Logger

	asked time.Time // the loop's own: the turn whose lookup was asked for

	mu    sync.Mutex
	want  call.Wanted
	over  bool // the call has ended: what is left is to be cleared away
	stale bool // what we hold is not known any more: look first
	wake  chan struct{}

	// The lane's own goroutine's.
	have  have
	fails int
	lease time.Time // when the dialplan takes the caller back unless we renew; zero: never
}

// have is what Asterisk holds for the call, as far as we know.
type have struct {
	up        bool
	hungUp    bool
	bridge    bool
	in        string
	leg       string
	music     bool
	play      string
	snoops    bool
	recording bool
	message   string
}

// drive tells a call's lane what is wanted now. It is called by the loop only.
func (c *Centre) drive(id string) {
	l := c.lanes[id]
	x := c.floor.Call(id)
	if x == nil {
		if l != nil {
			l.end()
			delete(c.lanes, id)
		}
		return
	}
	if l == nil {
		n := c.nodes[x.Node]
		if n == nil {
			c.log.Error("a call lives on a node that the configuration does not have", "call", id, "node", x.Node)
			return
		}
		l = &lane{c: c, node: n, call: id, via: x.Via, wake: make(chan struct{}, 1), log: c.log.With("call", id)}
		l.have.up = x.Up && x.Via == "browser"
		c.lanes[id] = l
		c.workers.Add(1)
		go l.run()
	}
	l.set(c.floor.Wants(id))
	if x.Turn.Lookup != nil && x.Phase == call.Menu {
		c.lookUp(x)
	}
}

func (l *lane) set(w call.Wanted) {
	l.mu.Lock()
	l.want = w
	l.mu.Unlock()
	l.poke()
}

func (l *lane) end() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.poke()
}

// refresh makes the lane look at Asterisk before its next request.
func (l *lane) refresh() {
	l.mu.Lock()
	l.stale = true
	l.mu.Unlock()
	l.poke()
}

func (l *lane) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lane) now() (w call.Wanted, over, stale bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stale, l.stale = l.stale, false
	return l.want, l.over, stale
}

// run works until the call has ended and nothing of it is left.
func (l *lane) run() {
	defer l.c.workers.Done()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for {
		pause := l.work()
		if pause < 0 {
			return
		}
		retry.Reset(pause)
		select {
		case <-l.wake:
		case <-retry.C:
		case <-l.c.ctx.Done():
			return
		}
	}
}

// idle is how long a lane with nothing to do waits when it has no lease to renew.
const idle = time.Hour

// work sends differences until there are none, and returns how long to wait before looking again; negative: for ever.
func (l *lane) work() time.Duration {
	for l.c.ctx.Err() == nil {
		w, over, stale := l.now()
		if over {
			l.clear()
			return -1
		}
		if !l.node.up() {
			return idle // the link's return pokes us
		}
		if stale {
			if err := l.look(); err != nil {
				return l.again(err, "look")
			}
			continue
		}
		o := l.next(w)
		if o.name == "" {
			l.fails = 0
			return l.renewIn(w)
		}
		ctx, cancel := context.WithTimeout(l.c.ctx, 10*time.Second)
		err := o.do(ctx)
		cancel()
		if err != nil {
			if pause, stop := l.failed(o, w, err); stop {
				return pause
			}
			continue
		}
		l.fails = 0
	}
	return idle
}

// op is one request, or a few that belong together.
type op struct {
	name string
	do   func(context.Context) error
}

// next is the first difference between what is wanted and what is there, in the order in which a caller hears nothing
// wrong: see design "Telephone primitives".
func (l *lane) next(w call.Wanted) op {
	h, api := &l.have, l.node.client
	ch := w.Channel
	in := w.In
	if w.Holding != "" {
		in = holdingID(w.Holding)
	}
	switch {
	case h.hungUp:
		return op{}
	case w.Hangup != "":
		return op{"hang up", func(ctx context.Context) error {
			err := api.Hangup(ctx, ch, causeOf(w.Hangup))
			if err == nil || ari.IsNotFound(err) {
				h.hungUp = true
				return nil
			}
			return err
		}}
	case h.play != "" && (w.Play == nil || w.Play.ID != h.play):
		return op{"stop prompt", func(ctx context.Context) error {
			err := api.StopPlayback(ctx, h.play)
			if err == nil || ari.IsNotFound(err) {
				h.play = ""
				return nil
			}
			return err
		}}
	case h.message != "" && (w.Message == nil || w.Message.ID != h.message):
		return op{"stop message", func(ctx context.Context) error {
			err := api.StopRecording(ctx, h.message)
			if err == nil || ari.IsNotFound(err) {
				h.message = ""
				return nil
			}
			return err
		}}
	case w.Answer && !h.up:
		return op{"answer", func(ctx context.Context) error {
			if err := api.Answer(ctx, ch); err != nil {
				return err
			}
			h.up = true
			l.c.Submit(floor.Answered{Call: l.call})
			return nil
		}}
	case w.Bridge != "" && !h.bridge:
		return op{"make bridge", func(ctx context.Context) error {
			_, err := api.CreateBridge(ctx, w.Bridge, ari.BridgeMixing, l.call)
			if ari.IsConflict(err) {
				err = nil // it is there
			}
			h.bridge = err == nil
			return err
		}}
	case w.Armed && !h.snoops:
		return op{"snoop", func(ctx context.Context) error {
			err := l.snoop(ctx, ch)
			h.snoops = err == nil
			return err
		}}
	case w.Record != nil && !h.recording:
		return op{"record", func(ctx context.Context) error {
			err := l.record(ctx, w)
			h.recording = err == nil
			return err
		}}
	case w.Music && !h.music:
		return op{"music on", func(ctx context.Context) error {
			err := api.StartMOH(ctx, ch, musicClass)
			h.music = err == nil
			return err
		}}
	case in != "" && (in != h.in || w.Leg != "" && w.Leg != h.leg) && (w.Offer == "" || w.Leg != ""):
		return op{"add", func(ctx context.Context) error { return l.add(ctx, w, in) }}
	case in == "" && h.in != "":
		return op{"remove", func(ctx context.Context) error {
			err := api.RemoveChannel(ctx, h.in, ch)
			if err == nil || ari.IsConflict(err) {
				h.in = ""
				return nil
			}
			return err
		}}
	case h.leg != "" && w.Leg != h.leg:
		return op{"remove agent", func(ctx context.Context) error {
			err := api.RemoveChannel(ctx, ownBridge(l.call), h.leg)
			if err == nil || ari.IsConflict(err) || ari.IsNotFound(err) {
				h.leg = "" // moved on, or gone: either way it is not here
				return nil
			}
			return err
		}}
	case !w.Music && h.music:
		return op{"music off", func(ctx context.Context) error {
			err := api.StopMOH(ctx, ch)
			h.music = err != nil
			return err
		}}
	case l.needsLease(w):
		return op{"lease", func(ctx context.Context) error { return l.renew(ctx, w, 0) }}
	case w.Play != nil && w.Play.ID != h.play:
		return op{"play", func(ctx context.Context) error { return l.play(ctx, w) }}
	case w.Message != nil && w.Message.ID != h.message:
		return op{"record message", func(ctx context.Context) error { return l.recordMessage(ctx, w) }}
	case w.Bridge == "" && h.bridge && w.Channel != "":
		return op{"drop bridge", func(ctx context.Context) error {
			err := api.DestroyBridge(ctx, ownBridge(l.call))
			if err == nil || ari.IsNotFound(err) {
				h.bridge, h.leg = false, ""
				return nil
			}
			return err
		}}
	}
	return op{}
}

// The lease is TIMEOUT(absolute) of the caller's channel. A request to set it waits, like every command of a channel,
// until the prompt or the recorder that runs there has ended: so before one begins the lease is made longer by its
// length, and while it runs nothing is renewed.

func (l *lane) leases() bool { return l.via == "sip" && l.c.cfg.Lease > 0 }

// busy tells that a prompt or the recorder runs on the channel.
func (l *lane) busy(w call.Wanted) bool {
	return w.Play != nil && w.Play.ID == l.have.play || w.Message != nil && w.Message.ID == l.have.message
}

func (l *lane) needsLease(w call.Wanted) bool {
	if !l.leases() || !l.have.up && !w.Lease || l.busy(w) {
		return false
	}
	if !w.Lease {
		return !l.lease.IsZero()
	}
	return time.Until(l.lease) < 2*l.c.cfg.Lease/3
}

// renewIn is when the lease must be renewed.
func (l *lane) renewIn(w call.Wanted) time.Duration {
	if !l.leases() || !w.Lease || l.busy(w) {
		return idle
	}
	return max(time.Millisecond, time.Until(l.lease)-2*l.c.cfg.Lease/3)
}

// renew lends the call for the lease beyond the time that is needed for what begins now.
func (l *lane) renew(ctx context.Context, w call.Wanted, needed time.Duration) error {
	if !l.leases() || !w.Lease && l.lease.IsZero() {
		return nil
	}
	var d time.Duration
	if w.Lease {
		d = l.c.cfg.Lease + needed
	}
	if err := l.node.client.SetVar(ctx, w.Channel, "TIMEOUT(absolute)", fmt.Sprintf("%.1f", d.Seconds())); err != nil {
		return err
	}
	l.lease = time.Time{}
	if w.Lease {
		l.lease = time.Now().Add(d)
	}
	return nil
}

func (l *lane) snoop(ctx context.Context, channel string) error {
	for _, dir := range []ari.Direction{ari.DirectionIn, ari.DirectionOut} {
		id := snoopID(l.call, dir)
		started := l.c.waits.expect(id)
		_, err := l.node.client.Snoop(ctx, channel, id, ari.SnoopOptions{Spy: dir, AppArgs: "snoop," + l.call})
		if err == nil {
			err = l.c.waits.await(ctx, id, started)
		} else if _, e := l.node.client.Channel(ctx, id); e == nil {
			err = nil // it is there already
		}
		l.c.waits.forget(id)
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *lane) record(ctx context.Context, w call.Wanted) error {
	for _, side := range []struct {
		dir  ari.Direction
		name string
	}{{ari.DirectionIn, w.Record.Left}, {ari.DirectionOut, w.Record.Right}} {
		_, err := l.node.client.Record(ctx, snoopID(l.call, side.dir), side.name, ari.RecordingOptions{Format: "wav", Exists: "fail"})
		if ari.IsConflict(err) || ari.IsUnanswered(err) {
			if _, e := l.node.client.LiveRecording(ctx, side.name); e == nil {
				err = nil
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add puts the caller, and the agent's leg when one is wanted, into a bridge: one request.
func (l *lane) add(ctx context.Context, w call.Wanted, in string) error {
	channels := []string{w.Channel}
	if w.Leg != "" {
		channels = append(channels, w.Leg)
	}
	if in == l.have.in {
		channels = channels[1:]
	}
	err := l.node.client.AddChannel(ctx, in, ari.AddOptions{}, channels...)
	if err != nil {
		return err
	}
	l.have.in = in
	if w.Leg != "" {
		l.have.leg = w.Leg
	}
	if w.Offer != "" {
		l.c.Submit(floor.Joined{Call: l.call, Offer: w.Offer})
	}
	return nil
}

// play makes the sounds and plays them. Words that cannot be made into sound end the prompt with the reason, so that
// the flow goes on.
func (l *lane) play(ctx context.Context, w call.Wanted) error {
	var media []string
	var failed string
	if w.Play.Opener && l.via == "sip" && l.c.cfg.Opener != "" {
		media = append(media, l.c.cfg.Opener)
	}
	var length time.Duration
	for _, p := range w.Play.Say {
		m, d, err := l.c.cfg.Speech.Sound(ctx, p)
		if err != nil {
			failed = err.Error()
			l.log.Error("a prompt cannot be spoken", "text", p.Text, "lang", p.Lang, "err", err)
			continue
		}
		media = append(media, m)
		length += d
	}
	if now, over, _ := l.peek(); over || now.Play == nil || now.Play.ID != w.Play.ID {
		return nil // the caller went on while the words were made
	}
	n := promptOf(w.Play.ID)
	if failed != "" && len(media) <= 1 {
		l.have.play = w.Play.ID
		l.c.Submit(floor.Spoken{Call: l.call, Prompt: n, Failed: failed})
		return nil
	}
	if err := l.renew(ctx, w, length); err != nil {
		return err
	}
	if _, err := l.node.client.Play(ctx, w.Channel, w.Play.ID, media...); err != nil {
		return err
	}
	l.have.play = w.Play.ID
	return nil
}

func (l *lane) peek() (call.Wanted, bool, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.want, l.over, l.stale
}

func (l *lane) recordMessage(ctx context.Context, w call.Wanted) error {
	m := w.Message
	if err := l.renew(ctx, w, m.Limit); err != nil {
		return err
	}
	_, err := l.node.client.Record(ctx, w.Channel, m.ID, ari.RecordingOptions{
		Format: "wav", MaxDuration: m.Limit, MaxSilence: m.Silence, Beep: true, Terminate: "#", Exists: "fail",
	})
	if ari.IsConflict(err) || ari.IsUnanswered(err) {
		if _, e := l.node.client.LiveRecording(ctx, m.ID); e == nil {
			err = nil
		}
	}
	if err == nil {
		l.have.message = m.ID
	}
	return err
}

// mostFails is how often a request of a call may fail before the call cannot be served.
const mostFails = 8

// failed decides what a failed request means.
func (l *lane) failed(o op, w call.Wanted, err error) (pause time.Duration, stop bool) {
	l.log.Warn("a request failed", "op", o.name, "err", err, "try", l.fails+1)
	ctx, cancel := context.WithTimeout(l.c.ctx, 5*time.Second)
	defer cancel()
	if ari.IsUnanswered(err) {
		l.refresh()
		return l.again(err, o.name), true
	}
	if _, e := l.node.client.Channel(ctx, w.Channel); ari.IsNotFound(e) {
		l.have.hungUp = true // its end is on the way as an event; if it fell in a gap, the resync tells it
		l.c.Submit(floor.Gone{Call: l.call})
		return idle, true
	}
	if o.name == "add" && w.Leg != "" {
		if _, e := l.node.client.Channel(ctx, w.Leg); ari.IsNotFound(e) {
			l.c.legGone(w.Leg)
			return idle, true
		}
		if l.fails >= 2 && w.Offer != "" {
			l.c.Submit(floor.JoinFailed{Call: l.call, Offer: w.Offer, Why: err.Error()})
			return idle, true
		}
	}
	if o.name == "add" && w.Holding != "" && ari.IsNotFound(err) {
		l.c.ensureHolding(ctx, l.node, w.Holding)
	}
	if o.name == "play" {
		l.have.play = w.Play.ID
		l.c.Submit(floor.Spoken{Call: l.call, Prompt: promptOf(w.Play.ID), Failed: err.Error()})
		return 0, false
	}
	if o.name == "record message" && l.fails >= 2 {
		l.have.message = w.Message.ID
		l.c.Submit(floor.Recorded{Call: l.call, Message: w.Message.ID, Failed: err.Error()})
		return 0, false
	}
	if (o.name == "snoop" || o.name == "record") && l.fails >= 2 {
		// A talk without a recording is better than no talk; the loss is told.
		l.have.snoops, l.have.recording = true, true
		if w.Record != nil {
			l.c.Lost(l.call, w.Record.Recording, err.Error())
		}
		return 0, false
	}
	return l.again(err, o.name), true
}

// again waits a little longer each time, and gives the call up at last.
func (l *lane) again(err error, what string) time.Duration {
	l.fails++
	if l.fails > mostFails {
		l.fails = 0
		l.c.Submit(floor.CannotServe{Call: l.call, Why: fmt.Sprintf("%s: %v", what, err)})
		return time.Second
	}
	return min(time.Second, 10*time.Millisecond<<l.fails)
}

// look reads from Asterisk what it holds for the call: after a gap, or after a request without an answer.
func (l *lane) look() error {
	ctx, cancel := context.WithTimeout(l.c.ctx, 10*time.Second)
	defer cancel()
	api := l.node.client
	ch, err := api.Channel(ctx, l.call)
	if err != nil {
		if ari.IsNotFound(err) {
			l.have = have{hungUp: true}
			l.c.Submit(floor.Gone{Call: l.call, Inferred: true})
			return nil
		}
		return err
	}
	h := have{up: ch.IsUp()}
	bridges, err := api.Bridges(ctx)
	if err != nil {
		return err
	}
	for _, b := range bridges {
		if slices.Contains(b.Channels, l.call) {
			h.in = b.ID
		}
		if b.ID == ownBridge(l.call) {
			h.bridge = true
			for _, other := range b.Channels {
				if isLeg(other) {
					h.leg = other
				}
			}
		}
	}
	w, _, _ := l.peek()
	if _, err := api.Channel(ctx, snoopID(l.call, ari.DirectionIn)); err == nil {
		h.snoops = true
	}
	if w.Record != nil {
		if _, err := api.LiveRecording(ctx, w.Record.Left); err == nil {
			h.recording = true
		} else if _, err := api.StoredRecording(ctx, w.Record.Left); err == nil {
			h.snoops, h.recording = true, true // it ended early; what there is stays
		}
	}
	if w.Play != nil {
		if _, err := api.Playback(ctx, w.Play.ID); err == nil {
			h.play = w.Play.ID
		}
	}
	if w.Message != nil {
		if _, err := api.LiveRecording(ctx, w.Message.ID); err == nil {
			h.message = w.Message.ID
		} else if _, err := api.StoredRecording(ctx, w.Message.ID); err == nil {
			h.message = w.Message.ID
			l.c.Submit(floor.Recorded{Call: l.call, Message: w.Message.ID})
		}
	}
	// Music on the channel cannot be asked for: what is wanted is said once more, which is harmless.
	h.music = !w.Music && w.Leg != ""
	l.have = h
	return nil
}

// clear removes what is left of an ended call.
func (l *lane) clear() {
	if !l.have.bridge && !l.have.snoops {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.c.ctx), 5*time.Second)
	defer cancel()
	if l.have.bridge {
		if err := l.node.client.DestroyBridge(ctx, ownBridge(l.call)); err != nil && !ari.IsNotFound(err) {
			l.log.Warn("a bridge of an ended call could not be removed; the next resync will", "err", err)
		}
	}
}
