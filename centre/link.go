package centre

import (
	"context"
	"slices"
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

	// The link's own goroutine's: causes of channels that are hanging up.
	causes map[string]int
}

func (n *node) up() bool { return n.live.Load() }

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
		}
		c.Submit(floor.Link{Node: m.Node, Why: string(m.Reason)})
	case ari.Event:
		if n := c.nodes[m.Node]; n != nil {
			c.event(n, m.Event)
		}
	}
}

// event turns one of Asterisk's events into an input.
func (c *Centre) event(n *node, e ari.EventBody) {
	switch e := e.(type) {
	case *ari.StasisStart:
		c.stasisStart(n.name, e)
	case *ari.ChannelHangupRequest:
		if isCaller(e.Channel.ID) {
			n.causes[e.Channel.ID] = int(e.Cause)
		}
	case *ari.StasisEnd:
		c.stasisEnd(n, e.Channel.ID)
	case *ari.ChannelDestroyed:
		delete(n.causes, e.Channel.ID)
		c.destroyed(e.Channel.ID, int(e.Cause))
	case *ari.ChannelStateChange:
		if e.Channel.IsUp() && isCaller(e.Channel.ID) {
			c.Submit(floor.Answered{Call: e.Channel.ID})
		}
	case *ari.ChannelDtmfReceived:
		if isCaller(e.Channel.ID) {
			c.Submit(floor.Key{Call: e.Channel.ID, Digit: e.Digit})
		}
	case *ari.PlaybackFinished:
		if n := promptOf(e.Playback.ID); n > 0 {
			failed := ""
			if e.Playback.State == "failed" {
				failed = "Asterisk could not play it"
			}
			c.Submit(floor.Spoken{Call: callOfPlayback(e.Playback.ID), Prompt: n, Failed: failed})
		}
	case *ari.RecordingFinished:
		c.recordingOver(e.Recording, "")
	case *ari.RecordingFailed:
		c.recordingOver(e.Recording, "Asterisk could not record: "+e.Recording.Cause)
	}
}

// isCaller tells a caller's channel from those we make.
func isCaller(id string) bool { return !isLeg(id) && !isSnoop(id) }

func (c *Centre) stasisStart(node string, e *ari.StasisStart) {
	id := e.Channel.ID
	c.waits.started(id)
	if len(e.Args) == 0 || e.Args[0] != "in" {
		return // a leg, a snoop or a visitor's leg: whoever made it waits for it
	}
	arg := func(i int) string {
		if i < len(e.Args) {
			return e.Args[i]
		}
		return ""
	}
	in := floor.Arrived{
		Channel: id, Node: node, Line: c.cfg.Line(arg(1)), Trunk: arg(4), Via: "sip", Up: e.Channel.IsUp(),
		Caller: c.party(arg(2), arg(3), e.Channel.Caller.Name),
	}
	c.send(item{do: func() {
		if c.full() {
			c.toSafetyNet(node, id)
			return
		}
		if l := c.lanes[id]; l != nil { // the same call again: its lease ran out, or we were away
			l.refresh()
			return
		}
		c.inLoop(in)
	}})
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
	return fact.Party{Number: c.cfg.Number(number), Name: name}
}

// toSafetyNet gives an unanswered call back to the dialplan's net: the journal cannot take any more.
func (c *Centre) toSafetyNet(nodeName, channel string) {
	n := c.nodes[nodeName]
	c.workers.Add(1)
	go func() {
		defer c.workers.Done()
		ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
		defer cancel()
		if err := n.client.Continue(ctx, channel, "hotline-net", "", 1); err != nil {
			c.log.Warn("a call could not be given to the safety net; its lease will", "channel", channel, "err", err)
		}
	}()
}

// stasisEnd: a channel left the application. Of a caller who came by the dialplan Asterisk tells nothing any more, not
// even the end: a hang-up that was announced is the end; else the dialplan has the caller, and we look what becomes of it.
func (c *Centre) stasisEnd(n *node, id string) {
	if !isCaller(id) {
		return
	}
	if cause, ok := n.causes[id]; ok {
		delete(n.causes, id)
		c.Submit(floor.Gone{Call: id, Cause: cause})
		return
	}
	c.workers.Add(1)
	go func() {
		defer c.workers.Done()
		c.followOut(n, id)
	}()
}

// followOut watches a channel that is in the dialplan until it is gone, or back in the application.
func (c *Centre) followOut(n *node, id string) {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		select {
		case <-time.After(pause):
		case <-c.ctx.Done():
			return
		}
		if !n.up() {
			return // the link's return looks at everything
		}
		ctx, cancel := context.WithTimeout(c.ctx, 2*time.Second)
		ch, err := n.client.Channel(ctx, id)
		cancel()
		switch {
		case ari.IsNotFound(err):
			c.Submit(floor.Gone{Call: id})
			return
		case err == nil && ch.Dialplan.AppName == "Stasis":
			return
		}
	}
}

func (c *Centre) destroyed(id string, cause int) {
	switch {
	case isLeg(id):
		c.legGone(id)
	case isSnoop(id):
	default:
		c.Submit(floor.Gone{Call: id, Cause: cause})
	}
}

// recordingOver: a message's recorder stopped.
func (c *Centre) recordingOver(r ari.LiveRecording, failed string) {
	id := callOfMessage(r.Name)
	if id == "" {
		return
	}
	length := time.Duration(r.Duration)
	spoken := time.Duration(r.Talking)
	c.Submit(floor.Recorded{
		Call: id, Message: r.Name, Duration: length, Failed: failed,
		Empty: failed == "" && (length < time.Second || r.Silence != 0 && spoken < 300*time.Millisecond),
	})
}

// linkUp adopts what an Asterisk holds: ends of the gap are settled once, lanes look at what is there, channels that
// nobody knows become calls, what is left over from ended calls is cleared away.
func (c *Centre) linkUp(m ari.Up) {
	n := c.nodes[m.Node]
	if n == nil {
		return
	}
	there := map[string]ari.Channel{}
	for _, ch := range m.Snapshot.Channels {
		there[ch.ID] = ch
	}
	inApp := map[string]bool{}
	for _, id := range m.Snapshot.Application.ChannelIDs {
		inApp[id] = true
	}
	c.ask(func() {
		n.live.Store(true)
		c.inLoop(floor.Link{Node: n.name, Up: true, Version: m.Snapshot.Info.SystemInfo.Version})
		for _, id := range c.floor.Calls() {
			if c.floor.Call(id).Node != n.name {
				continue
			}
			if _, ok := there[id]; !ok {
				c.inLoop(floor.Gone{Call: id, Inferred: true})
				continue
			}
			c.drive(id)
			c.lanes[id].refresh()
		}
		for _, id := range c.floor.Agents() {
			a := c.floor.Agent(id)
			if a.Leg == "" || a.Node != n.name {
				c.driveLeg(id)
				continue
			}
			c.adoptLeg(a, there)
		}
		for id := range inApp {
			c.adoptStranger(n, there[id])
		}
		c.sweep(n, m.Snapshot)
		c.makeHolding(n)
	})
}

// adoptLeg takes an agent's leg that outlived us back into service, or notes its end.
func (c *Centre) adoptLeg(a *floor.Agent, there map[string]ari.Channel) {
	_, ok := there[a.Leg]
	if ok {
		if addr, err := parseAddr(a.Addr); err == nil && c.cfg.Media.Link(PhoneKey(a.ID), addr) == nil {
			c.driveLeg(a.ID)
			return
		}
	}
	c.inLoop(floor.LegDown{Agent: a.ID, Leg: a.Leg})
	c.driveLeg(a.ID)
}

// adoptStranger makes a call of a channel in our application that the journal does not know: it arrived in the gap.
func (c *Centre) adoptStranger(n *node, ch ari.Channel) {
	if ch.ID == "" || !isCaller(ch.ID) || isVisitor(ch.ID) || c.floor.Call(ch.ID) != nil {
		return
	}
	v := ch.ChannelVars
	if v["HOTLINE_TO"] == "" {
		return // not by our dialplan
	}
	c.inLoop(floor.Arrived{
		Channel: ch.ID, Node: n.name, Line: c.cfg.Line(v["HOTLINE_TO"]), Trunk: v["HOTLINE_TRUNK"], Via: "sip", Up: ch.IsUp(),
		Caller: c.party(v["HOTLINE_FROM"], v["HOTLINE_PRIVACY"], ch.Caller.Name),
	})
}

// sweep clears away legs, snoops and bridges whose owner is gone.
func (c *Centre) sweep(n *node, s ari.Snapshot) {
	var channels, bridges []string
	for _, ch := range s.Channels {
		switch {
		case isLeg(ch.ID):
			if a := c.floor.Agent(legAgent(ch.ID)); a == nil || a.Leg != ch.ID {
				channels = append(channels, ch.ID)
			}
		case isSnoop(ch.ID):
			if c.floor.Call(snooped(ch.ID)) == nil {
				channels = append(channels, ch.ID)
			}
		case isVisitor(ch.ID):
			if c.floor.Call(ch.ID) == nil {
				channels = append(channels, ch.ID)
			}
		}
	}
	for _, b := range s.Bridges {
		if strings.HasSuffix(b.ID, "-b") && c.floor.Call(strings.TrimSuffix(b.ID, "-b")) == nil {
			bridges = append(bridges, b.ID)
		}
	}
	if len(channels)+len(bridges) == 0 {
		return
	}
	c.workers.Add(1)
	go func() {
		defer c.workers.Done()
		ctx, cancel := context.WithTimeout(c.ctx, 30*time.Second)
		defer cancel()
		for _, id := range channels {
			if err := n.client.Hangup(ctx, id, ari.CauseNormal); err != nil && !ari.IsNotFound(err) {
				c.log.Warn("a channel without an owner stays", "channel", id, "err", err)
			}
		}
		for _, id := range bridges {
			if err := n.client.DestroyBridge(ctx, id); err != nil && !ari.IsNotFound(err) {
				c.log.Warn("a bridge without a call stays", "bridge", id, "err", err)
			}
		}
		c.log.Info("cleared away what ended calls had left", "node", n.name, "channels", len(channels), "bridges", len(bridges))
	}()
}

// makeHolding makes the holding bridges of all queues, with their music.
func (c *Centre) makeHolding(n *node) {
	if !n.up() {
		return
	}
	var queues []string
	for _, q := range c.cfg.Floor.Queues {
		queues = append(queues, q.ID)
	}
	slices.Sort(queues)
	c.workers.Add(1)
	go func() {
		defer c.workers.Done()
		ctx, cancel := context.WithTimeout(c.ctx, 30*time.Second)
		defer cancel()
		for _, q := range queues {
			c.ensureHolding(ctx, n, q)
		}
	}()
}

// ensureHolding makes one queue's holding bridge, in which callers wait with one stream of music.
func (c *Centre) ensureHolding(ctx context.Context, n *node, queue string) {
	id := holdingID(queue)
	if _, err := n.client.CreateBridge(ctx, id, ari.BridgeHolding, "waiting "+queue); err != nil && !ari.IsConflict(err) {
		c.log.Error("a queue's holding bridge could not be made", "queue", queue, "err", err)
		return
	}
	if err := n.client.StartBridgeMOH(ctx, id, c.music(queue)); err != nil {
		c.log.Error("a queue has no music", "queue", queue, "err", err)
	}
}

// musicClass is the music of held callers, and of queues that name none.
const musicClass = "default"

func (c *Centre) music(queue string) string {
	for _, q := range c.cfg.Floor.Queues {
		if q.ID == queue && q.Wait.Music != "" {
			return q.Wait.Music
		}
	}
	return musicClass
}
