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
	return !l.known || time.Until(l.lease) < l.c.cfg.Lease/2
}

// renewIn is when the lease must be renewed.
func (l *lane) renewIn(w call.Wanted) time.Duration {
	if !l.leases() || !w.Lease || l.busy() {
		return idle
	}
	return max(time.Millisecond, time.Until(l.lease)-l.c.cfg.Lease/2)
}

// renew lends the call for the lease beyond the time that is needed for what begins now, or for ever while it talks.
func (l *lane) renew(ctx context.Context, w call.Wanted, needed time.Duration) error {
	if !l.leases() {
		return nil
	}
	var d time.Duration
	if w.Lease {
		d = l.c.cfg.Lease + needed
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
