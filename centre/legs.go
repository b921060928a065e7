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

	mu   sync.Mutex
	want bool
	leg  string // the leg that the floor knows; empty: none
	node string
	addr string
	wake chan struct{}
}

// driveLeg tells an agent's leg lane what is wanted now. It is called by the loop only.
func (c *Centre) driveLeg(agent string) {
	l := c.legs[agent]
	want := c.floor.WantsLeg(agent)
	if l == nil {
		if !want {
			return
		}
		l = &legLane{c: c, agent: agent, wake: make(chan struct{}, 1), log: c.log.With("agent", agent)}
		c.legs[agent] = l
		c.workers.Add(1)
		go l.run()
	}
	a := c.floor.Agent(agent)
	l.mu.Lock()
	l.want, l.leg, l.node, l.addr = want, a.Leg, a.Node, a.Addr
	l.mu.Unlock()
	l.poke()
}

func (l *legLane) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *legLane) run() {
	defer l.c.workers.Done()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	pause := time.Second / 4
	for {
		select {
		case <-l.wake:
		case <-retry.C:
		case <-l.c.ctx.Done():
			return
		}
		if err := l.work(); err != nil {
			l.log.Warn("the agent's leg cannot be made; it is tried again", "err", err, "in", pause)
			retry.Reset(pause)
			pause = min(2*pause, 5*time.Second)
			continue
		}
		pause = time.Second / 4
	}
}

func (l *legLane) work() error {
	l.mu.Lock()
	want, leg, nodeName := l.want, l.leg, l.node
	l.mu.Unlock()
	switch {
	case want && leg == "":
		n := l.c.anyNode()
		if n == nil {
			return nil // the link's return pokes us
		}
		return l.make(n)
	case !want && leg != "":
		n := l.c.nodes[nodeName]
		if n == nil || !n.up() {
			return nil
		}
		ctx, cancel := context.WithTimeout(l.c.ctx, 5*time.Second)
		defer cancel()
		l.c.cfg.Media.Unlink(PhoneKey(l.agent))
		err := n.client.Hangup(ctx, leg, ari.CauseNormal)
		if err != nil && !ari.IsNotFound(err) {
			return err
		}
		l.c.Submit(floor.LegDown{Agent: l.agent, Leg: leg})
	}
	return nil
}

// make makes the leg, waits until it is ours, and joins it with the browser's audio.
func (l *legLane) make(n *node) error {
	ctx, cancel := context.WithTimeout(l.c.ctx, 5*time.Second)
	defer cancel()
	id := legID(l.agent, strconv.FormatInt(l.c.cfg.Now().UnixMilli(), 36))
	addr, err := l.c.externalMedia(ctx, n, id)
	if err != nil {
		return err
	}
	if err := l.c.cfg.Media.Link(PhoneKey(l.agent), addr); err != nil {
		return err
	}
	l.mu.Lock()
	l.leg, l.node, l.addr = id, n.name, addr.String() // until the floor says so too
	l.mu.Unlock()
	l.c.Submit(floor.LegUp{Agent: l.agent, Node: n.name, Leg: id, Addr: addr.String()})
	return nil
}

// externalMedia makes an RTP leg towards Media and tells where Asterisk takes its RTP.
func (c *Centre) externalMedia(ctx context.Context, n *node, id string) (netip.AddrPort, error) {
	started := c.waits.expect(id)
	defer c.waits.forget(id)
	_, err := n.client.ExternalMedia(ctx, ari.ExternalMediaOptions{
		ChannelID: id, ExternalHost: c.cfg.Media.Addr().String(), Format: c.cfg.Format,
	})
	if err != nil {
		return netip.AddrPort{}, err
	}
	if err := c.waits.await(ctx, id, started); err != nil {
		return netip.AddrPort{}, fmt.Errorf("leg %s did not enter the application: %w", id, err)
	}
	host, err := n.client.GetVar(ctx, id, "UNICASTRTP_LOCAL_ADDRESS")
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := n.client.GetVar(ctx, id, "UNICASTRTP_LOCAL_PORT")
	if err != nil {
		return netip.AddrPort{}, err
	}
	addr, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("leg %s: %w", id, err)
	}
	return addr, nil
}

// legGone tells the floor that a leg does not exist any more.
func (c *Centre) legGone(leg string) {
	if agent := legAgent(leg); agent != "" {
		c.cfg.Media.Unlink(PhoneKey(agent))
		c.Submit(floor.LegDown{Agent: agent, Leg: leg})
	}
}

// VisitorCall is the id of the call of the visitor with this key.
func VisitorCall(key string) string { return "web-" + key }

// Visit makes a call of a browser: a leg whose audio softphone already holds under key. It returns when the caller is
// before the flow of the line.
func (c *Centre) Visit(ctx context.Context, key, line string) error {
	n := c.anyNode()
	if n == nil {
		return &floor.Illegal{Code: "unavailable", Text: "the telephone system is not reachable at the moment; please try again"}
	}
	id := VisitorCall(key)
	addr, err := c.externalMedia(ctx, n, id)
	if err != nil {
		return err
	}
	if err := c.cfg.Media.Link(key, addr); err != nil {
		return err
	}
	c.Submit(floor.Arrived{Channel: id, Node: n.name, Line: line, Via: "browser", Up: true})
	return nil
}

// HangUp ends a visitor's call from its own page.
func (c *Centre) HangUp(call string) { c.Submit(floor.HangUp{Call: call}) }

// Pressed is a key of the caller page's keypad.
func (c *Centre) Pressed(call, digit string) { c.Submit(floor.Key{Call: call, Digit: digit}) }

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
		c.workers.Add(1)
		go func() {
			defer c.workers.Done()
			ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
			defer cancel()
			if err := n.client.SendDTMF(ctx, channel, digit); err != nil {
				c.log.Warn("a key of the agent did not reach the caller", "call", channel, "agent", agent, "err", err)
			}
		}()
	}})
}
