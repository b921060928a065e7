package centre

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"hotline/ari"
	"hotline/call"
)

// A browser's leg lives in a mixing bridge of its own, its home, for as long as it lives: made at sign-in, and costing
// nothing while the leg is alone there. A caller is joined by one request that moves the caller only; a bridge made for each
// call, with two to move, is a quarter more for Asterisk to do. Desk phones have none: see call.Wanted.Mixed.
//
// So callers of one agent come into the same bridge one after the other, and must never meet there. Who was let in last is
// noted at the agent's gate; the next one's lane sees the former out first, unless that channel is known to be elsewhere or
// gone. See gate.

// isHome tells a leg's home from other bridges.
func isHome(bridge string) (leg string, ok bool) {
	leg, ok = strings.CutSuffix(bridge, call.Home(""))
	return leg, ok && isLeg(leg)
}

// ensureHome makes a leg's home, and puts the leg into it.
func (c *Centre) ensureHome(ctx context.Context, n *node, leg string) error {
	_, err := n.client.CreateBridge(ctx, call.Home(leg), ari.BridgeMixing, leg)
	if err != nil && !ari.IsConflict(err) {
		return err
	}
	return n.client.AddChannel(ctx, call.Home(leg), ari.AddOptions{}, leg)
}

// ensureHomeOf is ensureHome for a leg that lanes know.
func (c *Centre) ensureHomeOf(ctx context.Context, n *node, leg string, g *gate) error {
	if err := g.alone(ctx); err != nil {
		return err
	}
	defer g.leave()
	return c.ensureHome(ctx, n, leg)
}

// leaveHome ends the home of a leg that is gone. Who is still in it is moved by its lane first: a channel that is added
// elsewhere in the very moment in which its bridge is destroyed ends up in no bridge, and Asterisk answers that it was added
// (seen on 22.10.1 in 5 of 3500 such moves).
func (c *Centre) leaveHome(n *node, leg string) {
	if n == nil || !n.up() {
		return // the next resync finds it
	}
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, legTime)
		defer cancel()
		err := isLeft(ctx, n, call.Home(leg))
		if err == nil {
			err = n.client.DestroyBridge(ctx, call.Home(leg))
		}
		if err != nil && !ari.IsNotFound(err) {
			c.log.Warn("the bridge of a leg that is gone stays until the next look of the watchdog", "leg", leg, "err", err)
		}
	})
}

// isLeft waits until nobody is in a bridge.
func isLeft(ctx context.Context, n *node, bridge string) error {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second/2) {
		b, err := n.client.Bridge(ctx, bridge)
		if err != nil || len(b.Channels) == 0 {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return errors.New("somebody is still in it")
		}
	}
}

// adoptHome notes who is where: the leg, and a caller beside it. A leg without a home (another release's) gets one when it
// is in no bridge; else with its next call.
func (c *Centre) adoptHome(n *node, agent, leg string, x index) {
	g := c.gateOf(agent)
	home := call.Home(leg)
	g.put(leg, x.in[leg])
	g.admit("")
	for _, id := range x.bridges[home].Channels {
		if !isLeg(id) {
			g.admit(id)
		}
	}
	if _, there := x.bridges[home]; there || x.in[leg] != "" {
		return
	}
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, legTime)
		defer cancel()
		if err := c.ensureHomeOf(ctx, n, leg, g); err != nil {
			c.log.Warn("a leg has no bridge yet; it gets one with its next call", "leg", leg, "err", err)
			return
		}
		g.put(leg, home)
	})
}

// enteredHome: a caller is in an agent's bridge. If the floor does not want that, a late request was carried out; if the leg
// is not there, whoever put it elsewhere is not known to us: the lane looks and puts it right.
func (c *Centre) enteredHome(id string, b ari.Bridge) {
	l := c.lanes[id]
	if l == nil {
		return
	}
	w := c.floor.Wants(id)
	if w.Home == b.ID && (w.Leg == "" || slices.Contains(b.Channels, w.Leg)) {
		return
	}
	l.found(b.ID)
}
