package centre

import (
	"context"
	"errors"
	"strconv"
	"time"

	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

// An agent's desk phone is called once, for the shift; while that call stands it is the agent's leg, as the browser's is.
// A phone that is not answered is rung again after a while, as long as the floor wants it; the floor lets it rest after
// some tries.

// ringTime is how long a desk phone rings.
const ringTime = 30 * time.Second

// pauseBefore is the time between the last try and the next, of a phone that was rung in vain so often.
func pauseBefore(phone string, rings int) time.Duration {
	switch {
	case phone == "" || rings == 0:
		return legPause
	case rings == 1:
		return 2 * time.Second
	}
	return 5 * time.Second
}

// ringing is one call to a desk phone, until it is answered.
type ringing struct {
	phone string
	abort context.CancelFunc
	over  chan struct{} // closed by end
	cause int           // read after over
}

// end notes that the channel is gone. It may be called twice.
func (r *ringing) end(cause int) {
	select {
	case <-r.over:
	default:
		r.cause = cause
		close(r.over)
	}
}

// errUnanswered: the phone was rung in vain.
var errUnanswered = errors.New("unanswered")

// call rings the desk phone and returns when it is answered, or will not be.
func (l *legLane) call(n *node, phone string) error {
	id := legID(l.agent, strconv.FormatInt(time.Now().UnixMilli(), 36))
	ctx, cancel := context.WithTimeout(l.c.ctx, ringTime+legTime)
	defer cancel()
	r := &ringing{phone: phone, abort: cancel, over: make(chan struct{})}
	l.mu.Lock()
	l.making, l.dead, l.ring = id, false, r
	l.mu.Unlock()
	started := l.c.waits.expect(id)
	defer l.c.waits.forget(id)
	_, err := n.client.Originate(ctx, ari.OriginateRequest{
		Endpoint: phone, ChannelID: id, CallerID: "hotline", Timeout: int(ringTime.Seconds()),
	})
	asked := err == nil
	if asked {
		err = l.c.isAnswered(ctx, n, id, started, r)
	}
	l.mu.Lock()
	l.ring = nil
	if err != nil {
		l.making = ""
	}
	l.mu.Unlock()
	switch {
	case err == nil:
		l.isUp(floor.LegUp{Agent: l.agent, Node: n.name, Leg: id, Phone: phone})
		return nil
	case errors.Is(err, errUnanswered):
	default:
		l.giveUp(n, id)
	}
	switch {
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded): // something else is wanted, or the centre stops
		l.poke()
		return nil
	case ari.IsUnanswered(err) && !asked:
		return err // Asterisk does not answer, which is not the phone's doing
	}
	why := "no-answer"
	switch {
	case !asked:
		why = "unreachable"
	case errors.Is(err, errUnanswered):
		why = whyOf(ari.Cause(r.cause))
	}
	l.log.Warn("the agent's desk phone was rung in vain", "phone", phone, "why", why, "cause", r.cause, "err", err)
	l.c.Submit(floor.Unanswered{Agent: l.agent, Phone: phone, Why: why})
	return nil
}

// isAnswered waits until the phone is answered, or its channel is gone. An event may be lost, so Asterisk is asked now and
// then, too.
func (c *Centre) isAnswered(ctx context.Context, n *node, id string, started <-chan struct{}, r *ringing) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-started:
			return nil
		case <-r.over:
			return errUnanswered
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			switch ch, err := n.client.Channel(ctx, id); {
			case err == nil && inStasis(ch):
				return nil
			case ari.IsNotFound(err):
				return errUnanswered
			}
		}
	}
}

// giveUp ends a call to a phone that nobody waits for any more.
func (l *legLane) giveUp(n *node, id string) {
	ctx, cancel := context.WithTimeout(l.c.requests, legTime)
	defer cancel()
	if err := n.client.Hangup(ctx, id, ari.CauseNormal); err != nil && !ari.IsNotFound(err) {
		l.log.Warn("a phone that is rung in vain stays until the next resync", "leg", id, "err", err)
	}
}

// whyOf is a cause in the floor's words.
func whyOf(c ari.Cause) string {
	switch c {
	case ari.CauseBusy:
		return "busy"
	case ari.CauseRejected:
		return "declined"
	case 0, ari.CauseNormal, 18, ari.CauseNoAnswer: // 18: no user responding
		return "no-answer"
	case ari.CauseUnallocated, 3, 20, 27: // no route, subscriber absent, destination out of order
		return "unreachable"
	}
	return "failed"
}

// zipOffer tells an agent at a desk phone of an offer by a tone in the handset: the page may be behind another window.
// Where the call connects by itself the call's lane does it, before it puts the two together.
func (c *Centre) zipOffer(a *floor.Agent) {
	x := c.floor.Call(a.Call)
	if a.Phone == "" || c.cfg.Zip == "" || x == nil || x.Phase != call.Waiting {
		return
	}
	o, l := x.Visit.OfferTo(a.ID), c.legs[a.ID]
	if o == nil || l.offer == o.ID {
		return
	}
	n, leg := c.nodes[a.Node], a.Leg
	if n == nil {
		return // Start takes the leg away
	}
	l.offer = o.ID
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.requests, legTime)
		defer cancel()
		if _, err := n.client.Play(ctx, leg, o.ID+"-zip", c.cfg.Zip); err != nil && !ari.IsNotFound(err) {
			c.log.Warn("an agent at a desk phone did not hear of an offer", "agent", a.ID, "leg", leg, "err", err)
		}
	})
}

// phoneHolds: a desk phone has a key for hold of its own. The desk and the caller's music follow it.
func (c *Centre) phoneHolds(leg, do string) {
	if !isLeg(leg) {
		return // a trunk that puts us on hold says so to its own end
	}
	c.send(item{do: func() {
		a := c.floor.Agent(legAgent(leg))
		if a == nil || a.Leg != leg || a.Phone == "" {
			return
		}
		if x := c.floor.Call(a.Call); x != nil && x.Talk != nil && x.Talk.Agent == a.ID {
			c.inLoop(floor.Command{Agent: a.ID, Do: do, Call: x.ID})
		}
	}})
}

// zip plays the tone on the agent's leg. To be added to the bridge waits in Asterisk for its end.
func (l *lane) zip(ctx context.Context, o orders) error {
	l.zipped = o.want.Offer // once, whatever comes of it: a talk without a tone is better than none
	if _, err := l.node.client.Play(ctx, o.want.Leg, o.want.Offer+"-zip", l.c.cfg.Zip); err != nil {
		l.log.Warn("the agent was not told by a tone", "leg", o.want.Leg, "err", err)
	}
	return nil
}
