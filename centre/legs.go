package centre

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"hotline/acd"
	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

// PhoneKey names an agent's phone in softphone.
func PhoneKey(agent string) string { return "agent:" + agent }

// legLane keeps one agent's own leg in Asterisk: made at sign-in, nailed up for the shift, made again when it dies.
type legLane struct {
	c     *Centre
	agent string
	log   *slog.Logger

	mu     sync.Mutex
	want   bool
	phone  string // the endpoint of the desk phone that is wanted; empty: the browser
	rings  int    // in vain
	leg    string // the leg that the floor knows; empty: none
	node   string
	line   string // the endpoint at its other end; empty: the browser
	making string // a leg that the floor does not know yet
	dead   bool   // which has died already
	ring   *ringing
	wake   chan struct{}

	offer string // the loop's own: the last one that a desk phone was told of

	// The lane's own goroutine's.
	made  time.Time
	pause time.Duration
}

// driveLeg tells an agent's leg lane what is wanted now. It is called by the loop only.
func (c *Centre) driveLeg(agent string) {
	l := c.legs[agent]
	want := c.floor.WantsLeg(agent)
	if l == nil {
		if !want {
			return
		}
		l = &legLane{c: c, agent: agent, wake: make(chan struct{}, 1), pause: legPause, log: c.log.With("agent", agent)}
		if !c.spawn(l.run) {
			return
		}
		c.legs[agent] = l
	}
	a, phone := c.floor.Agent(agent), c.floor.PhoneOf(agent)
	l.mu.Lock()
	l.want, l.phone, l.rings = want, phone, c.floor.Rings(agent)
	l.leg, l.node, l.line = a.Leg, a.Node, a.Phone
	if l.ring != nil && (!want || phone != l.ring.phone) {
		l.ring.abort()
	}
	l.mu.Unlock()
	c.zipOffer(a)
	l.poke()
	c.cfg.Media.Rest(PhoneKey(agent), a.State != acd.Offered && !a.State.InCall())
}

func (l *legLane) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

const (
	// legPause is the least time between two legs of one agent, and mostLegPause the longest between tries.
	legPause     = time.Second / 4
	mostLegPause = 5 * time.Second
	// legTime bounds the making of a leg.
	legTime = 5 * time.Second
)

func (l *legLane) run() {
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for {
		select {
		case <-l.wake:
		case <-retry.C:
		case <-l.c.ctx.Done():
			return
		}
		retry.Reset(l.work())
	}
}

// work sends what is to be sent, and returns how long to wait before it is looked at again without a wake.
func (l *legLane) work() time.Duration {
	l.mu.Lock()
	want, leg, nodeName, making := l.want, l.leg, l.node, l.making
	phone, line, rings := l.phone, l.line, l.rings
	l.mu.Unlock()
	var err error
	switch {
	case making != "":
		return idle // the loop has yet to hear of the leg that was just made, and wakes us then
	case want && leg == "":
		n := l.c.anyNode()
		if n == nil {
			return idle // the link's return wakes us
		}
		if left := pauseBefore(phone, rings) - time.Since(l.made); left > 0 {
			return left
		}
		if l.made = time.Now(); phone != "" {
			err = l.call(n, phone)
			l.made = time.Now() // a phone may ring for long
		} else {
			err = l.make(n)
		}
	case leg != "" && (!want || line != phone):
		n := l.c.nodes[nodeName]
		if n == nil || !n.up() {
			return idle
		}
		err = l.remove(n, leg)
	}
	if err == nil || l.c.ctx.Err() != nil {
		l.pause = legPause
		return idle
	}
	l.log.Warn("the agent's leg cannot be made or ended; it is tried again", "err", err, "in", l.pause)
	again := l.pause
	l.pause = min(2*l.pause, mostLegPause)
	return again
}

func (l *legLane) remove(n *node, leg string) error {
	ctx, cancel := context.WithTimeout(l.c.requests, legTime)
	defer cancel()
	if err := n.client.Hangup(ctx, leg, ari.CauseNormal); err != nil && !ari.IsNotFound(err) {
		return err
	}
	l.c.legGone(leg, 0)
	return nil
}

// make makes the leg, waits until it is ours, and joins it with the browser's audio.
func (l *legLane) make(n *node) error {
	id := legID(l.agent, strconv.FormatInt(time.Now().UnixMilli(), 36))
	l.mu.Lock()
	l.making, l.dead = id, false
	l.mu.Unlock()
	addr, err := l.c.externalMedia(l.c.requests, n, id, PhoneKey(l.agent), l.c.ensureHome)
	if err != nil {
		l.mu.Lock()
		l.making = ""
		l.mu.Unlock()
		return err
	}
	l.isUp(floor.LegUp{Agent: l.agent, Node: n.name, Leg: id, Addr: addr.String()})
	return nil
}

// isUp tells the floor of a leg, unless it has died meanwhile.
func (l *legLane) isUp(in floor.LegUp) {
	l.c.send(item{do: func() {
		l.mu.Lock()
		dead := l.dead
		l.making = ""
		if !dead {
			l.leg, l.node, l.line = in.Leg, in.Node, in.Phone // before the wake, lest another is made
		}
		l.mu.Unlock()
		if !dead && in.Phone == "" {
			g := l.c.gateOf(in.Agent)
			g.put(in.Leg, call.Home(in.Leg))
			g.admit("")
		}
		switch {
		case !dead:
			l.c.inLoop(in)
		case in.Phone != "": // it must not be rung for ever
			l.c.inLoop(floor.Unanswered{Agent: in.Agent, Phone: in.Phone, Why: "hung-up"})
		default:
			l.c.cfg.Media.Unlink(PhoneKey(l.agent))
			l.poke()
		}
	}})
}

// died notes the end of a leg that the floor does not know yet.
func (l *legLane) died(leg string, cause int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.making != leg {
		return
	}
	l.dead = true
	if l.ring != nil {
		l.ring.end(cause)
	}
}

// makes tells whether that leg is on its way to the floor.
func (l *legLane) makes(leg string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.making == leg
}

// externalMedia makes an RTP leg towards Media, joins it with the phone's audio and tells where Asterisk takes its RTP.
// Then is done with it what its owner needs. What was made in vain is hung up, and nobody's audio goes there.
func (c *Centre) externalMedia(ctx context.Context, n *node, id, phone string, then func(context.Context, *node, string) error) (addr netip.AddrPort, err error) {
	bounded, cancel := context.WithTimeout(ctx, legTime)
	defer cancel()
	defer func() {
		if err == nil {
			return
		}
		c.cfg.Media.Unlink(phone) // the port may be another call's next
		last, cancel := context.WithTimeout(c.requests, time.Second)
		defer cancel()
		if e := n.client.Hangup(last, id, ari.CauseNormal); e != nil && !ari.IsNotFound(e) {
			c.log.Warn("a leg that was made in vain stays until the next resync", "leg", id, "err", e)
		}
	}()
	started := c.waits.expect(id)
	defer c.waits.forget(id)
	if _, err = n.client.ExternalMedia(bounded, ari.ExternalMediaOptions{
		ChannelID: id, ExternalHost: c.cfg.Media.Addr().String(), Format: c.cfg.Format,
	}); err != nil {
		return addr, err
	}
	if err = c.enters(bounded, n, id, started); err != nil {
		return addr, fmt.Errorf("leg %s did not enter the application: %w", id, err)
	}
	host, err := n.client.GetVar(bounded, id, "UNICASTRTP_LOCAL_ADDRESS")
	if err != nil {
		return addr, err
	}
	port, err := n.client.GetVar(bounded, id, "UNICASTRTP_LOCAL_PORT")
	if err != nil {
		return addr, err
	}
	if addr, err = netip.ParseAddrPort(net.JoinHostPort(host, port)); err != nil {
		return addr, fmt.Errorf("leg %s: %w", id, err)
	}
	if err = c.cfg.Media.Link(phone, addr); err != nil || then == nil {
		return addr, err
	}
	return addr, then(bounded, n, id)
}

// enters waits for a channel's StasisStart. An event may be lost, so Asterisk is asked now and then, too.
func (c *Centre) enters(ctx context.Context, n *node, id string, started <-chan struct{}) error {
	for {
		wait, cancel := context.WithTimeout(ctx, time.Second)
		err := c.waits.await(wait, started)
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if ch, err := n.client.Channel(ctx, id); err == nil && inStasis(ch) || ari.IsNotFound(err) {
			return err
		}
	}
}

// legGone: a leg does not exist any more. The phone is cut off only if it is the one in service.
func (c *Centre) legGone(leg string, cause int) {
	agent := legAgent(leg)
	c.send(item{do: func() {
		if l := c.legs[agent]; l != nil {
			l.died(leg, cause)
		}
		if a := c.floor.Agent(agent); a != nil && a.Leg == leg {
			c.cfg.Media.Unlink(PhoneKey(agent))
			c.inLoop(floor.LegDown{Agent: agent, Leg: leg, HungUp: cause == int(ari.CauseNormal)})
		}
	}})
}

// legBroken ends a leg that cannot be bridged, so that another is made.
func (c *Centre) legBroken(ctx context.Context, n *node, leg string) {
	if err := n.client.Hangup(ctx, leg, ari.CauseNormal); err != nil && !ari.IsNotFound(err) {
		c.log.Warn("a leg that cannot be bridged stays until the next resync", "leg", leg, "err", err)
	}
	c.legGone(leg, 0)
}

// legEntered: a leg is in a bridge. If it is not where the floor wants it, an old request was carried out late: the lanes
// of both calls look and put it right.
func (c *Centre) legEntered(leg, bridge string) {
	id, own := callOfBridge(bridge)
	if !own {
		return
	}
	c.gateOf(legAgent(leg)).put(leg, bridge)
	if l := c.lanes[id]; l != nil && c.floor.Wants(id).Leg != leg {
		l.refresh()
	}
	a := c.floor.Agent(legAgent(leg))
	if a == nil || a.Leg != leg || a.Call == id {
		return
	}
	if l := c.lanes[a.Call]; l != nil && c.floor.Wants(a.Call).Leg == leg {
		l.refresh()
	}
}

// SendKey sends a key of an agent's keypad to the caller, as somebody at the other end's own menu may need it.
func (c *Centre) SendKey(agent, digit string) {
	c.send(item{do: func() {
		a := c.floor.Agent(agent)
		if a == nil {
			return
		}
		x := c.floor.Call(a.Call)
		if x == nil || x.Phase != call.Talking || x.Talk.Agent != agent {
			return
		}
		n, channel := c.nodes[x.Node], x.Channel
		c.spawn(func() {
			ctx, cancel := context.WithTimeout(c.requests, legTime)
			defer cancel()
			if err := n.client.SendDTMF(ctx, channel, digit); err != nil {
				c.log.Warn("a key of the agent did not reach the caller", "call", channel, "agent", agent, "err", err)
			}
		})
	}})
}
