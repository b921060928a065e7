package centre

import (
	"context"
	"time"

	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

// op is one request, or a few that belong together.
type op struct {
	name string
	do   func(context.Context, orders) error
}

// next is the first difference between what is wanted and what is there, in the order in which a caller hears nothing
// wrong: a prompt ends before the channel moves, music is on before the agent leaves and off after the agent is back.
func (l *lane) next(w call.Wanted) op {
	h := &l.have
	in := w.In
	if w.Holding != "" {
		in = holdingID(w.Holding)
	}
	together := in == h.in && (w.Leg == "" || w.Leg == h.leg)
	moves := in != "" && !together && (w.Offer == "" || w.Leg != "")
	switch {
	case h.hungUp:
		return op{}
	case w.Hangup != "":
		return op{"hang up", l.hangUp}
	case h.tone && (w.Dial == nil || w.Leg == "" || !h.rings):
		return op{"ringing off", l.ringOff}
	case h.play != "" && (w.Play == nil || w.Play.ID != h.play || moves):
		return op{"stop prompt", l.stopPrompt}
	case h.message != "" && (w.Message == nil || w.Message.ID != h.message):
		return op{"stop message", l.stopMessage}
	case w.Answer && !h.up:
		return op{"answer", l.answer}
	case w.Dial != nil && !l.outbound.made:
		return op{"create", l.create}
	case w.Bridge != "" && !h.bridge:
		return op{"make bridge", l.makeBridge}
	case w.Mixed && !h.mixed && h.in == w.Bridge:
		return op{"leave bridge", l.remove}
	case w.Mixed && !h.mixed:
		return op{"drop bridge", l.dropBridge} // and another is made; one that mixes is kept to the call's end
	case w.Armed && !h.snoops && !l.tapeless("snoop"):
		return op{"snoop", l.snoop}
	case w.Record != nil && h.snoops && !h.recording && !l.tapeless("record"):
		return op{"record", l.record}
	case h.leg != "" && w.Leg != "" && h.leg != w.Leg: // an agent who transferred, and the other has accepted already
		return op{"remove agent", l.removeAgent}
	case w.Music && h.music != playing:
		return op{"music on", l.musicOn}
	case moves && w.Zip && l.zipped != w.Offer && l.c.cfg.Zip != "":
		return op{"zip", l.zip}
	case moves:
		return op{"add", l.add}
	case w.Dial != nil && !l.outbound.dialled:
		return op{"dial", l.dial}
	case w.Dial != nil && w.Leg != "" && together && h.rings && !l.rung && !h.tone:
		return op{"ringing on", l.ringOn}
	case w.Offer != "" && together && w.Leg != "" && l.joined != w.Offer:
		return op{"joined", l.tellJoined}
	case in == "" && h.in != "":
		return op{"remove", l.remove}
	case h.leg != "" && w.Leg != h.leg:
		return op{"remove agent", l.removeAgent}
	case !w.Music && h.music != quiet && h.play == "":
		return op{"music off", l.musicOff}
	case w.Play != nil && w.Play.ID != h.play:
		return op{"play", l.play}
	case w.Message != nil && w.Message.ID != h.message:
		return op{"record message", l.recordMessage}
	case l.needsLease(w):
		return op{"lease", func(ctx context.Context, o orders) error { return l.renew(ctx, o.want, 0) }}
	case w.Bridge == "" && h.bridge:
		return op{"drop bridge", l.dropBridge}
	}
	return op{}
}

// settle does f when the request went well, or failed in a way that means the same.
func settle(err error, alike func(error) bool, f func()) error {
	if err == nil || alike(err) {
		f()
		return nil
	}
	return err
}

func notHere(err error) bool { return ari.IsNotFound(err) || ari.IsConflict(err) }

func (l *lane) hangUp(ctx context.Context, o orders) error {
	err := l.node.client.Hangup(ctx, o.want.Channel, causeOf(o.want.Hangup))
	return settle(err, ari.IsNotFound, func() { l.have.hungUp, l.hungUp = true, time.Now() })
}

func (l *lane) stopPrompt(ctx context.Context, _ orders) error {
	return settle(l.node.client.StopPlayback(ctx, l.have.play), ari.IsNotFound, func() { l.have.play = "" })
}

func (l *lane) stopMessage(ctx context.Context, _ orders) error {
	return settle(l.node.client.StopRecording(ctx, l.have.message), ari.IsNotFound, func() { l.have.message = "" })
}

func (l *lane) answer(ctx context.Context, o orders) error {
	if err := l.node.client.Answer(ctx, o.want.Channel); err != nil {
		return err
	}
	l.isUp()
	return nil
}

// isUp notes that the caller is answered, and tells it once.
func (l *lane) isUp() {
	l.have.up = true
	if !l.toldUp {
		l.toldUp = true
		l.c.Submit(floor.Answered{Call: l.call})
	}
}

func (l *lane) makeBridge(ctx context.Context, o orders) error {
	l.have.made = true // even when there is no answer
	kind := ari.BridgeMixing
	if o.want.Mixed {
		kind = ari.BridgeSoftmix
	}
	_, err := l.node.client.CreateBridge(ctx, o.want.Bridge, kind, l.call)
	return settle(err, ari.IsConflict, func() { l.have.bridge, l.have.mixed = true, err == nil && o.want.Mixed })
}

func (l *lane) dropBridge(ctx context.Context, _ orders) error {
	err := l.node.client.DestroyBridge(ctx, ownBridge(l.call))
	return settle(err, ari.IsNotFound, func() { l.have.bridge, l.have.mixed, l.have.made, l.have.leg = false, false, false, "" })
}

func (l *lane) musicOn(ctx context.Context, o orders) error {
	err := l.node.client.StartMOH(ctx, o.want.Channel, musicClass)
	l.have.music = perhaps
	if err == nil {
		l.have.music = playing
	}
	return err
}

func (l *lane) musicOff(ctx context.Context, o orders) error {
	err := l.node.client.StopMOH(ctx, o.want.Channel)
	if err == nil {
		l.have.music = quiet
	}
	return err
}

// add puts the caller, and the agent's leg when one is wanted, into a bridge: one request.
func (l *lane) add(ctx context.Context, o orders) error {
	w, in := o.want, o.want.In
	if w.Holding != "" {
		in = holdingID(w.Holding)
	}
	var channels []string
	if in != l.have.in {
		channels = append(channels, w.Channel)
	}
	if w.Leg != "" && w.Leg != l.have.leg {
		if !o.gate.enter(ctx, l.call) {
			return errOutdated
		}
		defer o.gate.leave()
		channels = append(channels, w.Leg)
	}
	// A customer who is about to be dialled would else be shown the agent's leg as who calls.
	opt := ari.AddOptions{InhibitConnectedLine: w.Dial != nil}
	if err := l.node.client.AddChannel(ctx, in, opt, channels...); err != nil {
		return err
	}
	l.have.in = in
	if w.Leg != "" {
		l.have.leg = w.Leg
	}
	return nil
}

// tellJoined: caller and agent are in one bridge, whether we have just put them there or find them so.
func (l *lane) tellJoined(_ context.Context, o orders) error {
	l.joined = o.want.Offer
	l.c.Submit(floor.Joined{Call: l.call, Offer: o.want.Offer})
	return nil
}

func (l *lane) remove(ctx context.Context, o orders) error {
	return settle(l.node.client.RemoveChannel(ctx, l.have.in, o.want.Channel), notHere, func() { l.have.in = "" })
}

// removeAgent takes the agent's leg out. One that moved on, or is gone, is not here either way.
func (l *lane) removeAgent(ctx context.Context, _ orders) error {
	return settle(l.node.client.RemoveChannel(ctx, ownBridge(l.call), l.have.leg), notHere, func() { l.have.leg = "" })
}
