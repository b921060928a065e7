package centre

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"hotline/ari"
	"hotline/floor"
)

// linkUp adopts what an Asterisk holds: ends of the gap are settled once, lanes are shown what is there, channels that
// nobody knows become calls, what is left over from ended calls is cleared away. Nothing is sent before all is settled.
func (c *Centre) linkUp(m ari.Up) {
	n := c.nodes[m.Node]
	if n == nil {
		return
	}
	clear(n.causes)
	x := newIndex(m.Snapshot)
	c.do(func() {
		c.inLoop(floor.Link{Node: n.name, Up: true, Version: m.Snapshot.Info.SystemInfo.Version})
		out := c.adoptCalls(n, x)
		for _, id := range c.floor.Agents() {
			if a := c.floor.Agent(id); a.Leg != "" && a.Node == n.name {
				c.adoptLeg(a, x)
			}
			c.driveLeg(id)
		}
		c.adoptStrangers(n, x)
		c.sweep(n, x)
		for _, id := range out {
			c.followOut(n, id)
		}
		n.live.Store(true)
		c.makeHolding(n)
		for _, l := range c.lanes {
			l.poke()
		}
		for _, l := range c.legs {
			l.poke()
		}
	})
}

// adoptCalls settles the calls of a node. It returns those whose channels are in the dialplan.
func (c *Centre) adoptCalls(n *node, x index) (out []string) {
	for _, id := range c.floor.Calls() {
		if x := c.floor.Call(id); x.Node != n.name || x.Virtual() {
			continue
		}
		ch, there := x.channels[id]
		if !there {
			if l := c.lanes[id]; l != nil {
				l.ended()
			}
			c.inLoop(floor.Gone{Call: id, Inferred: true})
			continue
		}
		if x.inApp[id] || inStasis(ch) {
			c.inLoop(floor.Regained{Call: id})
		} else {
			out = append(out, id)
		}
		c.drive(id)
		if l := c.lanes[id]; l != nil {
			l.adopt(x.shows(id, c.floor.Wants(id).Leg))
		}
	}
	return out
}

// adoptLeg takes an agent's leg that outlived us back into service, or notes its end.
func (c *Centre) adoptLeg(a *floor.Agent, x index) {
	if ch, there := x.channels[a.Leg]; there {
		if a.Phone != "" && (inStasis(ch) || x.inApp[a.Leg]) { // a desk phone's: its audio was never in our hands
			return
		}
		if addr, err := netip.ParseAddrPort(a.Addr); err == nil && c.cfg.Media.Link(PhoneKey(a.ID), addr) == nil {
			c.adoptHome(c.nodes[a.Node], a.ID, a.Leg, x)
			return
		}
	}
	c.inLoop(floor.LegDown{Agent: a.ID, Leg: a.Leg})
}

// adoptStrangers makes calls of the channels in our application that the journal does not know: they arrived in the gap.
func (c *Centre) adoptStrangers(n *node, x index) {
	var strangers []ari.Channel
	for id, ch := range x.channels {
		if isCaller(id) && !isVisitor(id) && !isOutbound(id) && (x.inApp[id] || inStasis(ch)) && c.floor.Call(id) == nil && !c.floor.HasEnded(id) {
			strangers = append(strangers, ch)
		}
	}
	slices.SortFunc(strangers, func(a, b ari.Channel) int { // in the order in which they came
		if d := time.Time(a.CreationTime).Compare(time.Time(b.CreationTime)); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, ch := range strangers {
		if in, ok := c.arrival(n, ch, stasisArgs(ch)); ok {
			c.arrive(n, in)
			c.drive(ch.ID)
			if l := c.lanes[ch.ID]; l != nil { // behind damage in the journal it may be a call that we had forgotten
				l.adopt(x.shows(ch.ID, c.floor.Wants(ch.ID).Leg))
			}
		}
	}
}

// stasisArgs are the arguments by which a channel came into the application: Asterisk shows them while it is there, and
// our dialplan keeps them in variables, which ari.conf's channelvars shows, too.
func stasisArgs(ch ari.Channel) []string {
	app, args, _ := strings.Cut(ch.Dialplan.AppData, ",")
	if inStasis(ch) && app != "" && strings.HasPrefix(args, "in,") {
		return strings.Split(args, ",")
	}
	v := ch.ChannelVars
	if v["HOTLINE_TO"] == "" {
		return nil // not by our dialplan
	}
	return []string{"in", v["HOTLINE_TO"], v["HOTLINE_FROM"], v["HOTLINE_PRIVACY"], v["HOTLINE_TRUNK"]}
}

// sweep clears away channels and bridges whose owner is gone.
func (c *Centre) sweep(n *node, x index) {
	channels, bridges := c.orphans(x)
	c.clearAway(n, channels, bridges)
}

// orphans are the channels and bridges whose owner is gone.
func (c *Centre) orphans(x index) (channels, bridges []string) {
	for id, ch := range x.channels {
		var orphan bool
		switch {
		case isLeg(id):
			a := c.floor.Agent(legAgent(id))
			l := c.legs[legAgent(id)]
			orphan = (a == nil || a.Leg != id) && (l == nil || !l.makes(id))
		case isSnoop(id):
			orphan = c.floor.Call(snooped(id)) == nil
		case isVisitor(id), isOutbound(id):
			orphan = c.floor.Call(id) == nil
		default: // a caller's, which Asterisk did not hang up as it was told
			orphan = c.floor.Call(id) == nil && c.clearing[id] == nil && (x.inApp[id] || inStasis(ch)) && c.floor.HasEnded(id)
		}
		if orphan {
			channels = append(channels, id)
		}
	}
	for id, b := range x.bridges {
		if owner, own := callOfBridge(id); own && b.Name == owner && c.floor.Call(owner) == nil {
			bridges = append(bridges, id)
		}
		if leg, home := isHome(id); home {
			if _, there := x.channels[leg]; !there {
				bridges = append(bridges, id)
			}
		}
	}
	return channels, bridges
}

func (c *Centre) clearAway(n *node, channels, bridges []string) {
	if len(channels)+len(bridges) == 0 {
		return
	}
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, 30*time.Second)
		defer cancel()
		for _, id := range channels {
			if err := n.client.Hangup(ctx, id, ari.CauseNormal); err != nil && !ari.IsNotFound(err) {
				c.log.Warn("a channel without an owner stays", "channel", id, "err", err)
			}
		}
		for _, id := range bridges {
			if call, own := callOfBridge(id); own && isOutbound(call) { // else the tone would go on in the agent's ear
				if err := c.endTone(ctx, n, call); err != nil {
					c.log.Warn("the ringing of a call back that has ended stays", "call", call, "err", err)
				}
			}
			if err := n.client.DestroyBridge(ctx, id); err != nil && !ari.IsNotFound(err) {
				c.log.Warn("a bridge without a call stays", "bridge", id, "err", err)
			}
		}
		c.log.Info("cleared away what ended calls had left", "node", n.name, "channels", len(channels), "bridges", len(bridges))
	})
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
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, 30*time.Second)
		defer cancel()
		for _, q := range queues {
			c.ensureHolding(ctx, n, q)
		}
	})
}

// ensureHolding makes one queue's holding bridge, in which callers wait with one stream of music.
func (c *Centre) ensureHolding(ctx context.Context, n *node, queue string) {
	id := holdingID(queue)
	_, err := n.client.CreateBridge(ctx, id, ari.BridgeHolding, "waiting "+queue)
	if err != nil && !ari.IsConflict(err) {
		c.log.Error("a queue's holding bridge could not be made; it is tried again with the next caller", "queue", queue, "err", err)
		return
	}
	if err := c.ensureMusic(ctx, n, id, c.music(queue), err == nil); err != nil {
		c.log.Error("a queue has no music", "queue", queue, "err", err)
	}
}

// musicForTheFirst begins a queue's music for a caller who waits there alone. Asterisk ends a bridge's music with the last
// who hears it (the channel that plays it is "lonely" then, and leaves; 22.10.1, seen), and tells nobody. For one caller a
// begin is never a break.
func (c *Centre) musicForTheFirst(n *node, queue string) {
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, 5*time.Second)
		defer cancel()
		// Once more after a moment: the channel of music that has just become lonely may be on its way out still, and is then
		// told to begin in vain, or is found and cannot be told (500 "Allocation failed": 2 of 390, 22.10.1). (It must not be
		// stopped first: a bridge takes no second such channel beside one that leaves, and is silent then.)
		var err error
		for _, after := range []time.Duration{0, 500 * time.Millisecond} {
			select {
			case <-time.After(after):
			case <-ctx.Done():
				return
			}
			err = beginMusic(ctx, n, holdingID(queue), c.music(queue))
		}
		if err != nil {
			c.log.Error("a caller waits without music", "queue", queue, "err", err)
		}
	})
}

// ensureMusic lets a class of music play in a holding bridge. What plays there is noted in a global variable, which lives
// as long as the bridge does: music that is begun once more breaks off for everybody who waits. Only for who waits alone it
// is begun all the same, lest its end was told to nobody.
func (c *Centre) ensureMusic(ctx context.Context, n *node, bridge, class string, fresh bool) error {
	if !fresh {
		playing, err := n.client.GlobalVar(ctx, musicNote(bridge))
		if err != nil {
			return err
		}
		if playing == class {
			b, err := n.client.Bridge(ctx, bridge)
			if err != nil || len(b.Channels) != 1 {
				return err
			}
		}
	}
	return beginMusic(ctx, n, bridge, class)
}

// beginMusic begins it, in place of another class that may play.
func beginMusic(ctx context.Context, n *node, bridge, class string) error {
	if err := n.client.StartBridgeMOH(ctx, bridge, class); err != nil {
		return err
	}
	return n.client.SetGlobalVar(ctx, musicNote(bridge), class)
}

func musicNote(bridge string) string { return "HOTLINE_MUSIC_" + bridge }

// musicClass is the music of held callers, and of queues that name none.
const musicClass = "default"

// music is the class of a queue's music. Lanes ask, too, so it must not read what the loop changes.
func (c *Centre) music(queue string) string {
	if m := (*c.classes.Load())[queue]; m != "" {
		return m
	}
	return musicClass
}

// noteMusic keeps the queues' classes of music of a configuration.
func (c *Centre) noteMusic(cfg *floor.Config) {
	classes := map[string]string{}
	for _, q := range cfg.Queues {
		classes[q.ID] = q.Wait.Music
	}
	c.classes.Store(&classes)
}
