package centre

import (
	"context"
	"slices"
	"time"

	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

// shown is what a snapshot of Asterisk shows of a call.
type shown struct {
	there  bool // the caller's channel
	up     bool
	in     string // the bridge the caller is in
	bridge bool   // the call's own bridge is there
	mixed  bool   // and it is a mixer
	leg    string // an agent's leg in it, or in the home that the caller is in: one that should not be there goes before the one that should
	legIn  string // the bridge that leg is in
	snoops bool
	rings  bool // the customer's phone does, and the network sends no sound of its own
}

// inStasis tells whether a channel is in the application, not somewhere else in the dialplan.
func inStasis(ch ari.Channel) bool { return ch.Dialplan.AppName == "Stasis" }

// index is a snapshot by what is asked of it, so that thousands of calls cost no more than one walk through it.
type index struct {
	channels map[string]ari.Channel
	bridges  map[string]ari.Bridge
	in       map[string]string // channel → bridge
	inApp    map[string]bool
}

func newIndex(s ari.Snapshot) index {
	x := index{map[string]ari.Channel{}, map[string]ari.Bridge{}, map[string]string{}, map[string]bool{}}
	for _, ch := range s.Channels {
		x.channels[ch.ID] = ch
	}
	for _, b := range s.Bridges {
		x.bridges[b.ID] = b
		for _, ch := range b.Channels {
			x.in[ch] = b.ID
		}
	}
	for _, id := range s.Application.ChannelIDs {
		x.inApp[id] = true
	}
	return x
}

func (x index) shows(call, leg string) shown {
	own, there := x.bridges[ownBridge(call)]
	_, left := x.channels[snoopID(call, ari.DirectionIn)]
	_, right := x.channels[snoopID(call, ari.DirectionOut)]
	ch, present := x.channels[call]
	s := shown{there: present, up: ch.IsUp(), in: x.in[call], bridge: there, mixed: isMixer(own), snoops: left && right,
		rings: ch.State == ari.StateRinging}
	s.legOf(own, leg)
	if _, home := isHome(s.in); home {
		s.legOf(x.bridges[s.in], leg)
	}
	return s
}

// legOf notes the leg that a bridge holds, if there is one.
func (s *shown) legOf(b ari.Bridge, wanted string) {
	if leg := legIn(b, wanted); leg != "" {
		s.leg, s.legIn = leg, b.ID
	}
}

func isMixer(b ari.Bridge) bool { return b.Technology == "softmix" }

// legIn is an agent's leg in a bridge: another one than the wanted, if there is any.
func legIn(b ari.Bridge, wanted string) (leg string) {
	for _, id := range b.Channels {
		if isLeg(id) && (leg == "" || id != wanted) {
			leg = id
		}
	}
	return leg
}

// look reads what Asterisk holds for the call: after a gap, or after a request that did not do what it should.
func (l *lane) look() error {
	l.mu.Lock()
	w, s := l.want, l.shown
	if l.gap && (w.Bridge != "" || w.Holding != "") { // music cannot be asked for; without a gap we know what we have begun and ended
		l.have.music = perhaps
	}
	l.stale, l.shown, l.gap = false, nil, false
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(l.c.requests, opTime)
	defer cancel()
	err := l.see(ctx, w, s)
	if err != nil {
		l.doubt()
	}
	return err
}

func (l *lane) see(ctx context.Context, w call.Wanted, s *shown) error {
	if s == nil {
		asked, err := l.ask(ctx, w)
		if err != nil || asked == nil {
			return err
		}
		s = asked
	}
	l.outbound.see(s.there)
	h := have{shown: *s, made: s.bridge || l.have.made, music: l.have.music}
	tone, err := l.tonePlays(ctx)
	if err != nil {
		return err
	}
	h.tone = tone
	if w.Record != nil {
		left, err := l.recordingOf(ctx, w.Record.Left)
		if err != nil {
			return err
		}
		right, err := l.recordingOf(ctx, w.Record.Right)
		if err != nil {
			return err
		}
		h.recording = left != notRecorded && right != notRecorded // one that ended early stays as it is
		h.snoops = h.snoops || h.recording
	}
	for _, id := range w.Prompts { // one that is not wanted any more may not have been stopped
		_, err := l.node.client.Playback(ctx, id)
		if err == nil {
			h.play = id
			break
		} else if !ari.IsNotFound(err) {
			return err
		}
	}
	if w.Recorder != "" {
		state, err := l.recordingOf(ctx, w.Recorder)
		switch {
		case err != nil:
			return err
		case state == recording:
			h.message = w.Recorder
		case state == closedFile && w.Message != nil: // its end was lost
			h.message = w.Recorder
			length := min(w.Message.Limit, max(time.Second, time.Since(w.Message.Began)))
			l.c.Submit(floor.Recorded{Call: l.call, Message: w.Message.ID, Duration: length})
		}
	}
	l.have = h
	l.mu.Lock()
	if g := l.gate; g != nil && w.Leg != "" && l.want.Leg == w.Leg {
		at := ""
		if h.leg == w.Leg {
			at = h.legIn
		}
		g.put(w.Leg, at)
	}
	l.mu.Unlock()
	if h.up {
		l.isUp()
	}
	l.known = false
	return nil
}

// ask asks for the channel, and for the bridges it may be in; nil: the channel is gone.
func (l *lane) ask(ctx context.Context, w call.Wanted) (*shown, error) {
	api := l.node.client
	ch, err := api.Channel(ctx, l.call)
	if ari.IsNotFound(err) && w.Dial != nil && !l.outbound.made {
		own, err := api.Bridge(ctx, ownBridge(l.call))
		if err != nil && !ari.IsNotFound(err) {
			return nil, err
		}
		s := &shown{bridge: err == nil, mixed: isMixer(own)} // it is yet to be made
		s.legOf(own, w.Leg)
		return s, nil
	}
	if ari.IsNotFound(err) {
		l.have.hungUp, l.confirmAt = true, time.Now().Add(confirmAfter)
		l.ended()
		l.c.Submit(floor.Gone{Call: l.call, Inferred: true})
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := &shown{there: true, up: ch.IsUp(), rings: ch.State == ari.StateRinging}
	candidates := []string{ownBridge(l.call)}
	l.mu.Lock()
	seen := l.seen
	l.seen = ""
	l.mu.Unlock()
	for _, id := range []string{l.have.in, holdingID(w.Holding), w.Home, seen} {
		if id != "" && id != holdingID("") && !slices.Contains(candidates, id) {
			candidates = append(candidates, id)
		}
	}
	for _, id := range candidates {
		b, err := api.Bridge(ctx, id)
		if ari.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if id == ownBridge(l.call) {
			s.bridge, s.mixed = true, isMixer(b)
			s.legOf(b, w.Leg)
		}
		if slices.Contains(b.Channels, l.call) {
			s.in = id
			if _, home := isHome(id); home {
				s.legOf(b, w.Leg)
			}
		}
	}
	for _, dir := range []ari.Direction{ari.DirectionIn, ari.DirectionOut} {
		_, err := api.Channel(ctx, snoopID(l.call, dir))
		if ari.IsNotFound(err) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
	}
	s.snoops = true
	return s, nil
}
