package centre

import (
	"context"
	"errors"
	"fmt"

	"hotline/ari"
	"hotline/floor"
)

// A call back is a channel that we make. It is created, put into the call's bridge with the agent who waits for the answer,
// and dialled: three requests, so that the agent hears the first word. Its id is the call's, chosen by the floor before
// anything is asked of Asterisk; so the question whether it is there can always be asked, and no customer is rung twice.

// outbound is how far a lane has come with the channel that it makes.
type outbound struct {
	asked   bool // to be made, by this process
	made    bool
	dialled bool // or not to be dialled any more
}

// see notes whether the channel is there. One that another process made may have been dialled by it: it is not dialled
// again, and when nothing comes of it the floor's deadline ends the attempt.
func (o *outbound) see(there bool) {
	if there && !o.made {
		o.made, o.dialled = true, o.dialled || !o.asked
	}
}

// create makes the customer's channel and waits until it is ours. A refusal will not change in a second: the attempt has
// failed.
func (l *lane) create(ctx context.Context, o orders) error {
	d := o.want.Dial
	l.outbound.asked = true
	started := l.c.waits.expect(l.call)
	defer l.c.waits.forget(l.call)
	bounded, cancel := context.WithTimeout(ctx, legTime)
	defer cancel()
	_, err := l.node.client.Create(bounded, ari.CreateRequest{
		ChannelID: l.call, Endpoint: d.Endpoint, AppArgs: "callback," + d.Callback, Formats: l.c.cfg.Format,
	})
	switch {
	case ari.IsUnanswered(err):
		return err
	case err != nil && !ari.IsConflict(err):
		return l.giveUp("the trunk refuses "+d.Endpoint, err)
	}
	if err := l.c.enters(bounded, l.node, l.call, started); err != nil {
		if errors.Is(err, context.DeadlineExceeded) || ari.IsNotFound(err) {
			return l.giveUp("the channel did not enter the application", err)
		}
		return err
	}
	l.outbound.made = true
	return nil
}

// dial rings the customer. It is said once: whether a request without an answer was carried out cannot be told from the
// channel before the network answers.
func (l *lane) dial(ctx context.Context, o orders) error {
	if id := o.want.Dial.CallerID; id != "" {
		// What the customer sees is the connected line; i: it is set, and nobody is told of it.
		if err := l.node.client.SetVar(ctx, l.call, "CONNECTEDLINE(num,i)", id); err != nil {
			return err
		}
	}
	l.outbound.dialled = true
	err := l.node.client.Dial(ctx, l.call, "", o.want.Dial.Ring)
	if err != nil && !ari.IsUnanswered(err) && !ari.IsNotFound(err) {
		return l.giveUp("it could not be dialled", err)
	}
	return err
}

// giveUp ends the attempt; the floor tries again by its rule.
func (l *lane) giveUp(what string, err error) error {
	l.outbound.made, l.outbound.dialled = true, true // nothing more is asked for
	l.log.Warn("a call back cannot be made; it is tried again by its rule", "why", what, "err", err)
	l.c.Submit(floor.CannotServe{Call: l.call, Why: fmt.Sprintf("%s: %v", what, err)})
	return nil
}
