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
	in := l.place(w)
	together := in == h.in && (w.Leg == "" || w.Leg == h.leg && in == h.legIn)
	own := w.Bridge != "" && in != w.Home
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
	case own && !h.bridge:
		return op{"make bridge", l.makeBridge}
	case w.Mixed && !h.mixed && h.in == w.Bridge:
		return op{"leave bridge", l.remove}
	case w.Mixed && !h.mixed:
		return op{"drop bridge", l.dropBridge} // and another is made; one that mixes is kept to the call's end
	case w.Armed && !h.snoops && !l.tapeless("snoop"):
		return op{"snoop", l.snoop}
	case w.Record != nil && h.snoops && !h.recording && !l.tapeless("record"):
		return op{"record", l.record}
	case h.leg != "" && w.Leg != "" && h.leg != w.Leg && h.legIn == ownBridge(l.call): // an agent who transferred, and the other has accepted already
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
	case h.leg != "" && w.Leg != h.leg && (h.legIn == ownBridge(l.call) || h.legIn == h.in):
		return op{"remove agent", l.removeAgent}
	case !w.Music && h.music != quiet && h.play == "":
		return op{"music off", l.musicOff}
	case !w.Music && h.play == "" && l.fade.due(): // the end of music would end a prompt's stream as well
		return op{"music off again", l.musicOffAgain}
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

// place is the bridge in which the caller should be. A call that has a bridge of its own stays with it: it is a mixer, or a
// call back's, or an older release's.
func (l *lane) place(w call.Wanted) string {
	switch {
	case w.Holding != "":
		return holdingID(w.Holding)
	case w.Home != "" && !l.have.bridge && (w.Leg != "" || l.have.in == w.Home):
		return w.Home
	}
	return w.In
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
	wait := confirmAfter
	if ari.IsNotFound(err) {
		wait = goneAfter
	}
	return settle(err, ari.IsNotFound, func() { l.have.hungUp, l.confirmAt = true, time.Now().Add(wait) })
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
	return settle(err, ari.IsNotFound, func() {
		l.have.bridge, l.have.mixed, l.have.made = false, false, false
		if l.have.legIn == ownBridge(l.call) {
			l.have.leg, l.have.legIn = "", ""
		}
	})
}

func (l *lane) musicOn(ctx context.Context, o orders) error {
	err := l.node.client.StartMOH(ctx, o.want.Channel, musicClass)
	l.have.music = perhaps
	if err == nil {
		l.have.music = playing
	}
	l.fade = fade{}
	return err
}

func (l *lane) musicOff(ctx context.Context, o orders) error {
	err := l.node.client.StopMOH(ctx, o.want.Channel)
	if err == nil {
		l.have.music = quiet
		l.fade.begin()
	}
	return err
}

// add puts the caller, and the agent's leg when one is wanted and not there, into a bridge: one request.
func (l *lane) add(ctx context.Context, o orders) error {
	w, in := o.want, l.place(o.want)
	var channels []string
	if in != l.have.in {
		channels = append(channels, w.Channel)
	}
	home := in == w.Home
	moved := false
	comes := home && in != l.have.in // to a leg that may be there already, and another call's by now
	if w.Leg != "" && (w.Leg != l.have.leg || in != l.have.legIn || comes) {
		if !o.gate.enter(ctx, l.call) {
			return errOutdated
		}
		defer o.gate.leave()
		if moved = !home || !o.gate.holds(w.Leg, in); moved {
			channels = append([]string{w.Leg}, channels...) // first, so that who comes in finds it there: see enteredHome
			o.gate.put(w.Leg, "")                           // until the answer
		}
	}
	if comes {
		if err := l.seeOut(ctx, o.gate, in); err != nil {
			return err
		}
	}
	// A customer who is about to be dialled would else be shown the agent's leg as who calls.
	opt := ari.AddOptions{InhibitConnectedLine: w.Dial != nil}
	if err := l.node.client.AddChannel(ctx, in, opt, channels...); err != nil {
		return err
	}
	if moved {
		o.gate.put(w.Leg, in)
	}
	if in != l.have.in {
		l.entered(in)
		if !home {
			l.goHome(nil)
		}
	}
	if w.Leg != "" {
		l.have.leg, l.have.legIn = w.Leg, in
	}
	return nil
}

// seeOut takes out of a leg's home who was let in before, unless that is known to have gone.
func (l *lane) seeOut(ctx context.Context, g *gate, home string) error {
	if before := g.inside(); before != "" && before != l.call {
		err := l.node.client.RemoveChannel(ctx, home, before)
		if err != nil && !notHere(err) {
			return err
		}
	}
	g.admit(l.call)
	l.goHome(g)
	return nil
}

// entered notes that the caller moved. The music of the caller's own channel may not have come along.
func (l *lane) entered(in string) {
	l.have.in = in
	if _, home := isHome(l.have.legIn); home && in != l.have.legIn {
		l.have.leg, l.have.legIn = "", "" // it stays at home
	}
	if l.have.music == playing {
		l.have.music = perhaps
	}
}

// tellJoined: caller and agent are in one bridge, whether we have just put them there or find them so.
func (l *lane) tellJoined(_ context.Context, o orders) error {
	l.joined = o.want.Offer
	l.c.Submit(floor.Joined{Call: l.call, Offer: o.want.Offer})
	return nil
}

func (l *lane) remove(ctx context.Context, o orders) error {
	return settle(l.node.client.RemoveChannel(ctx, l.have.in, o.want.Channel), notHere, func() {
		l.entered("")
		l.goHome(nil)
	})
}

// removeAgent takes the agent's leg out. One that moved on, or is gone, is not here either way.
func (l *lane) removeAgent(ctx context.Context, _ orders) error {
	if _, home := isHome(l.have.legIn); home {
		l.mu.Lock()
		g := l.home
		l.mu.Unlock()
		if g != nil {
			g.put(l.have.leg, "")
		}
	}
	return settle(l.node.client.RemoveChannel(ctx, l.have.legIn, l.have.leg), notHere, func() { l.have.leg, l.have.legIn = "", "" })
}
