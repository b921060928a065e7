package centre

import (
	"context"
	"time"

	"hotline/ari"
	"hotline/fact"
)

// lateFor is how long after a request without an answer Asterisk may still carry it out: a bridge that is made for a call
// that has ended meanwhile would stay until the watchdog finds it.
const lateFor = time.Second

// mostClears is how often it is tried to clear away what an ended call has left.
const mostClears = 60

// clear removes what is left of an ended call: its bridge, and the channel when the call ended without its end having been
// told. What stays because the link is down is cleared away after the resync.
func (l *lane) clear(o orders) time.Duration {
	if !l.node.up() {
		return never
	}
	ctx, cancel := context.WithTimeout(l.c.requests, opTime)
	defer cancel()
	var err error
	if l.via == fact.ViaCallback && (l.have.tone || o.stale) { // else it would go on in the agent's ear
		err = l.ringOff(ctx, o)
	}
	if err == nil && (l.have.made || o.stale) { // it ended before we could look whether there is a bridge
		if err = l.node.client.DestroyBridge(ctx, ownBridge(l.call)); err == nil || ari.IsNotFound(err) {
			l.have.made, err = false, nil
			l.change(func() { l.stale, l.shown = false, nil })
		}
	}
	there := !o.gone && o.want.Hangup != ""
	if l.outbound.asked && !l.outbound.made { // the channel of a call back may come still, and would ring a customer for nobody
		there = true
	}
	if there && err == nil {
		if err = l.node.client.Hangup(ctx, l.call, causeOf(o.want.Hangup)); ari.IsNotFound(err) {
			there, err = false, nil
			l.ended()
		}
	}
	if !there && err == nil {
		if left := lateFor - time.Since(l.lost); left > 0 {
			l.have.made, l.have.tone = true, true // it may be, by then
			return left
		}
		return never
	}
	n := int(l.unheard.Add(1))
	switch {
	case n > mostClears:
		l.log.Warn("what an ended call has left could not be removed; the next resync tries again", "err", err)
		return never
	case err == nil:
		return confirmAfter // asked once more, to be told that it is not there
	}
	return pauseAfter(n)
}
