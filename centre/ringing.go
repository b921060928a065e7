package centre

import (
	"context"

	"hotline/ari"
	"hotline/fact"
)

// Who waits for a customer's answer hears the customer's phone ring. A network that sends a tone of its own (early media,
// told as PROGRESS) is heard in the bridge; one that only says 180 Ringing sends none, and then the agent's leg is played
// one. It is played to the leg and not to the bridge, which would become a mixer and back.

// ringTone is the ringing tone of China (450 Hz, 1 s in 5: ITU-T E.180 supplement 2). The words for the tone are Asterisk's
// own (indications.conf), which also know "ring", but by a zone that a machine may lack; a comma would begin another medium.
const ringTone = "tone:450/1000|0/4000"

func ringID(call string) string { return call + "-tone" }

// progress is what the network has told of a customer's phone.
type progress uint8

const (
	untold progress = iota
	toldRinging
	toldEarly // the network's own sound comes
)

// dialProgress notes how far a customer's phone is.
func (c *Centre) dialProgress(e *ari.Dial) {
	told := map[string]progress{"RINGING": toldRinging, "PROGRESS": toldEarly}[e.Status]
	if told == untold || !isOutbound(e.Peer.ID) {
		return
	}
	c.send(item{do: func() {
		if l := c.lanes[e.Peer.ID]; l != nil {
			l.change(func() { l.progress = max(l.progress, told) })
		}
	}})
}

// ringOn plays the tone, once in an attempt and whatever comes of it: a call back without it is better than none.
func (l *lane) ringOn(ctx context.Context, o orders) error {
	l.rung, l.have.tone = true, true
	_, err := l.node.client.Play(ctx, o.want.Leg, ringID(l.call), ringTone)
	if ari.IsUnanswered(err) {
		return err // it may play, and is asked for
	}
	if err != nil {
		l.log.Warn("the agent does not hear the customer's phone ring", "leg", o.want.Leg, "err", err)
	}
	return nil
}

func (l *lane) ringOff(ctx context.Context, _ orders) error {
	err := l.c.endTone(ctx, l.node, l.call)
	if err == nil {
		l.have.tone = false
	}
	return err
}

// tonePlays asks whether the tone of an attempt is played, which another process may have begun.
func (l *lane) tonePlays(ctx context.Context) (bool, error) {
	if l.via != fact.ViaCallback {
		return false, nil
	}
	_, err := l.node.client.Playback(ctx, ringID(l.call))
	if ari.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
