package centre

import (
	"context"
	"fmt"
	"time"

	"hotline/call"
	"hotline/fact"
)

// The lease is TIMEOUT(absolute) of the caller's channel: the dialplan sets it before it gives us the call, we renew it
// while the caller's life depends on us, and take it away while the caller talks. A request to set it waits, like every
// command of a channel, until the prompt or the recorder that runs there has ended: so before one begins the lease is
// made longer by its length, and while it runs nothing is renewed.

// Who waits in a queue hears its music though we are frozen, so the lease may be longer there: renewing is most of what a
// waiting caller costs beside the music.

// The customer of a call back has no dialplan to fall into: there the lease's end is the call's.

func (l *lane) leases() bool {
	return (l.via == "sip" || l.via == fact.ViaCallback) && l.c.cfg.Lease > 0
}

// busy tells that a prompt or the recorder runs on the channel.
func (l *lane) busy() bool { return l.have.play != "" || l.have.message != "" }

func (l *lane) needsLease(w call.Wanted) bool {
	switch {
	case !l.leases() || l.busy() || w.Channel == "" || w.Dial != nil: // without a channel the call has ended
		return false
	case !w.Lease:
		return !l.known || !l.lease.IsZero() // a lease that is left would end the talk
	}
	_, least := l.term(w)
	return !l.known || time.Until(l.lease) < least
}

// term is for how long a call is lent, and at how little left it is lent anew.
func (l *lane) term(w call.Wanted) (lent, least time.Duration) {
	if lent = l.c.cfg.Lease; w.Holding != "" {
		lent *= 2
		return lent, lent / 3
	}
	return lent, lent / 2
}

// renewIn is when the lease must be renewed.
func (l *lane) renewIn(w call.Wanted) time.Duration {
	if !l.leases() || !w.Lease || l.busy() {
		return idle
	}
	_, least := l.term(w)
	return max(time.Millisecond, time.Until(l.lease)-least)
}

// renew lends the call for the lease beyond the time that is needed for what begins now, or for ever while it talks.
func (l *lane) renew(ctx context.Context, w call.Wanted, needed time.Duration) error {
	if !l.leases() {
		return nil
	}
	var d time.Duration
	if w.Lease {
		d, _ = l.term(w)
		d += needed
	}
	began := time.Now()
	if err := l.node.client.SetVar(ctx, w.Channel, "TIMEOUT(absolute)", fmt.Sprintf("%.1f", d.Seconds())); err != nil {
		return err
	}
	l.known, l.lease = true, time.Time{}
	if w.Lease {
		l.lease = began.Add(d)
	}
	return nil
}
