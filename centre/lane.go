package centre

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

// lane brings one call's media in Asterisk to what the floor wants, one request after the other. It keeps what it
// knows Asterisk to hold; after a gap, or a request whose outcome is not known, that is read anew from Asterisk. It
// lives until nothing of the call is left there.
type lane struct {
	c    *Centre
	node *node
	call string
	via  string
	log  *slog.Logger

	asked time.Time // the loop's own: the turn whose lookup was asked for

	mu     sync.Mutex
	want   call.Wanted
	gate   *gate // of want.Leg
	over   bool  // the call has ended: what is left is to be cleared away
	gone   bool  // Asterisk told, or was asked: the channel does not exist
	away   bool  // the channel is in the dialplan: nothing can be asked of it
	stale  bool  // what we hold is not known any more: look first
	shown  *shown
	gap    bool   // since we looked last: what plays may be another process's doing
	seen   string // a bridge in which the caller was seen, and should not be
	home   *gate  // of the agent in whose leg's home the caller may be
	heard  string // the last prompt whose end was told
	taken  string // the last message whose end was told
	making *prompting
	// progress is what was told of a customer's phone.
	progress progress
	wake     chan struct{}

	// The lane's own goroutine's.
	have      have
	fails     map[string]int // refusals by op since it last went well
	unheard   atomic.Int64   // requests without an answer, one after the other
	lost      time.Time      // when the last one to change something got none
	joined    string         // the offer whose joining was told
	zipped    string         // the offer that the agent was told of by a tone
	toldUp    bool
	confirmAt time.Time // when to ask for a channel that was hung up
	known     bool      // lease tells what the dialplan holds
	lease     time.Time // when the dialplan takes the caller back unless we renew; zero: never
	fade      fade      // of the music
	outbound  outbound
	rung      bool // the agent was played the customer's ringing
}

// have is what Asterisk holds for the call, as far as we know.
type have struct {
	shown
	hungUp    bool
	made      bool // the call's own bridge may exist
	music     music
	play      string
	tone      bool // the agent's leg is played the customer's ringing
	recording bool
	message   string
}

// music is what we know of the music on the caller's own channel, which Asterisk cannot be asked for.
type music uint8

const (
	quiet music = iota
	playing
	perhaps // it may play: it is begun again when it is wanted, and ended when it is not
)

// prompting is the making of a prompt's sounds, which ends when other words are wanted.
type prompting struct {
	play   string
	cancel context.CancelFunc
}

// drive tells a call's lane what is wanted now. It is called by the loop only.
func (c *Centre) drive(id string) {
	l := c.lanes[id]
	x := c.floor.Call(id)
	if x == nil {
		if l != nil {
			delete(c.lanes, id)
			c.clearing[id] = l
			l.end()
			if isVisitor(id) {
				c.cfg.Media.Unlink(visitorKey(id)) // nothing else forgets the phone of who called once
			}
		}
		return
	}
	if x.Virtual() {
		return // a call back that waits: Asterisk has nothing of it
	}
	if l == nil {
		n := c.nodes[x.Node]
		if n == nil {
			return // Start has given it up
		}
		l = &lane{c: c, node: n, call: id, via: x.Via, wake: make(chan struct{}, 1), fails: map[string]int{}, log: c.log.With("call", id)}
		l.stale = !n.up()
		l.have.up = x.Up && x.Via == "browser"
		if !c.spawn(l.run) {
			return
		}
		c.lanes[id] = l
	}
	w := c.floor.Wants(id)
	var g *gate
	if w.Leg != "" {
		g = c.gateOf(x.Agent())
		g.give(id)
	}
	l.set(w, g)
	if x.Turn.Lookup != nil && x.Phase == call.Menu {
		c.lookUp(x)
	}
}

// gateOf is the gate of an agent's legs.
func (c *Centre) gateOf(agent string) *gate {
	g := c.gates[agent]
	if g == nil {
		g = newGate()
		c.gates[agent] = g
	}
	return g
}

// change does f to what the loop tells the lane, and wakes it.
func (l *lane) change(f func()) {
	l.mu.Lock()
	f()
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lane) set(w call.Wanted, g *gate) {
	l.change(func() {
		l.want, l.gate = w, g
		if l.making != nil && (w.Play == nil || w.Play.ID != l.making.play) {
			l.making.cancel()
		}
	})
}

// end: the call has ended.
func (l *lane) end() {
	l.change(func() {
		l.over = true
		if l.making != nil {
			l.making.cancel()
		}
	})
}

// refresh makes the lane look at Asterisk before its next request.
func (l *lane) refresh() { l.change(func() { l.stale, l.shown = true, nil }) }

// doubt is refresh by the lane itself, which is awake.
func (l *lane) doubt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stale, l.shown = true, nil
}

// adopt is refresh after a snapshot, which saves most of the looking.
func (l *lane) adopt(s shown) {
	var home *gate
	if leg, at := isHome(s.in); at {
		home = l.c.gateOf(legAgent(leg))
	}
	l.change(func() { l.stale, l.away, l.shown, l.gap, l.home = true, false, &s, true, home })
}

// found is refresh when the caller was seen in a bridge that we do not know of.
func (l *lane) found(bridge string) {
	l.change(func() { l.stale, l.shown, l.seen = true, nil, bridge })
}

// ended: the channel does not exist any more.
func (l *lane) ended() {
	l.change(func() { l.gone = true })
	l.goHome(nil)
}

// goHome notes in whose home the caller is from now on; nil: in nobody's.
func (l *lane) goHome(g *gate) {
	l.mu.Lock()
	before := l.home
	l.home = g
	l.mu.Unlock()
	if before != nil && before != g {
		before.left(l.call)
	}
}

func (l *lane) out(away bool) { l.change(func() { l.away = away }) }

func (l *lane) isOut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.away
}

func (l *lane) isGone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

func (l *lane) poke() { l.change(func() {}) }

// finished notes the end of a prompt, and taped that of a message. What follows from it, set tells.
func (l *lane) finished(play string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = play
}

func (l *lane) taped(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = message
}

// orders is what the loop has told.
type orders struct {
	want              call.Wanted
	gate              *gate
	over, gone, stale bool
	idle              bool // nothing can be asked of the channel now, or of one that is gone any more
}

func (l *lane) orders() orders {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.want.Play; l.have.play == l.heard && (w == nil || w.ID != l.have.play) {
		l.have.play = "" // it need not be stopped
	}
	if w := l.want.Message; l.have.message == l.taken && (w == nil || w.ID != l.have.message) {
		l.have.message = ""
	}
	if l.progress != untold {
		l.have.rings = l.progress == toldRinging
	}
	return orders{l.want, l.gate, l.over, l.gone, l.stale, l.away || l.gone || !l.node.up()}
}

// run works until the call has ended and nothing of it is left.
func (l *lane) run() {
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for {
		pause := l.work()
		if pause < 0 {
			break
		}
		retry.Reset(pause)
		select {
		case <-l.wake:
		case <-retry.C:
		case <-l.c.ctx.Done():
			return
		}
	}
	l.c.send(item{do: func() { delete(l.c.clearing, l.call) }})
}

const (
	// idle is how long a lane with nothing to do waits when it has no lease to renew.
	idle = time.Hour
	// never: the lane's work is done.
	never = -time.Second
	// opTime bounds one op: a few requests, or the making of a prompt.
	opTime = 10 * time.Second
)

// errOutdated: the op is not wanted any more.
var errOutdated = errors.New("outdated")

// work sends differences until there are none, and returns how long to wait before looking again.
func (l *lane) work() time.Duration {
	if !l.node.enter(l.c.ctx) {
		return idle
	}
	defer l.node.leave()
	for l.c.ctx.Err() == nil {
		o := l.orders()
		switch {
		case o.over:
			return l.clear(o)
		case o.idle:
			return idle // the link's return, or the channel's, wakes us
		case o.stale:
			if err := l.look(); err != nil {
				return l.unanswered("look", err)
			}
			continue
		}
		next := l.next(o.want)
		if next.name == "" {
			tapeless := l.tapeless("snoop") || l.tapeless("record")
			clear(l.fails)
			l.unheard.Store(0)
			switch {
			case l.have.hungUp:
				return l.confirm()
			case tapeless:
				return min(tapeAgain, l.renewIn(o.want), l.fadeIn())
			}
			return min(l.renewIn(o.want), l.fadeIn())
		}
		ctx, cancel := context.WithTimeout(l.c.requests, opTime)
		err := next.do(ctx, o)
		cancel()
		switch {
		case err == nil:
			delete(l.fails, next.name)
			l.unheard.Store(0)
		case errors.Is(err, errOutdated):
			return 50 * time.Millisecond // the loop is about to tell what is wanted instead
		case l.c.ctx.Err() != nil:
		default:
			if pause := l.failed(next.name, o, err); pause > 0 {
				return pause
			}
		}
	}
	return idle
}

// mostFails is how often an op of a call may be refused before the call cannot be served.
const mostFails = 8

// failed decides what a failed request means, and how long to wait before the next.
func (l *lane) failed(name string, o orders, err error) time.Duration {
	w := o.want
	l.doubt() // whatever it was, Asterisk is not as we believed
	if ari.IsUnanswered(err) {
		l.lost = time.Now()
		return l.unanswered(name, err)
	}
	l.fails[name]++
	n := l.fails[name]
	l.log.Warn("Asterisk refused a request", "op", name, "err", err, "try", n)
	ctx, cancel := context.WithTimeout(l.c.requests, opTime)
	defer cancel()
	switch {
	case name == "add" && w.Leg != "" && !l.legServes(ctx, w.Leg):
		l.c.legBroken(ctx, l.node, w.Leg)
		return time.Second // the floor takes the agent off, or has another leg made, and wakes us
	case name == "add" && w.Offer != "" && n >= 3 && n <= mostFails: // beyond, another agent would make no difference
		l.c.Submit(floor.JoinFailed{Call: l.call, Offer: w.Offer, Why: err.Error()})
		return time.Second
	case name == "add" && w.Home != "" && w.Leg != "" && ari.IsNotFound(err):
		if err := l.c.ensureHomeOf(ctx, l.node, w.Leg, o.gate); err != nil {
			l.log.Warn("an agent's leg has no bridge", "leg", w.Leg, "err", err)
		}
	case name == "add" && w.Holding != "" && ari.IsNotFound(err):
		l.c.ensureHolding(ctx, l.node, w.Holding)
	case name == "play" && n >= 3:
		l.c.Submit(floor.Spoken{Call: l.call, Prompt: promptOf(w.Play.ID), Failed: err.Error()})
		return time.Second
	case name == "record message" && n >= 3:
		l.c.Submit(floor.Recorded{Call: l.call, Message: w.Message.ID, Failed: err.Error()})
		return time.Second
	case n > mostFails:
		clear(l.fails)
		l.c.Submit(floor.CannotServe{Call: l.call, Why: fmt.Sprintf("%s: %v", name, err)})
		return time.Second
	}
	return pauseAfter(n)
}

// unanswered waits a little longer each time. It does not give the call up: nothing could be done about it either. The
// floor's bounds free an agent who waits for it, and the lease frees the caller.
func (l *lane) unanswered(name string, err error) time.Duration {
	n := int(l.unheard.Add(1))
	if n == 1 || n%60 == 0 {
		l.log.Warn("Asterisk does not answer", "op", name, "err", err, "tries", n)
	}
	return pauseAfter(n)
}

func pauseAfter(fails int) time.Duration { return min(time.Second, 5*time.Millisecond<<min(fails, 10)) }

// legServes tells whether an agent's leg can be bridged. Who cannot be asked is believed.
func (l *lane) legServes(ctx context.Context, leg string) bool {
	ch, err := l.node.client.Channel(ctx, leg)
	return !ari.IsNotFound(err) && (err != nil || inStasis(ch))
}

const (
	// confirmAfter is how long a channel that was hung up may take to end before it is asked for.
	confirmAfter = 2 * time.Second
	// goneAfter is the same for one that Asterisk did not find: its end, which knows the cause, may be on its way still.
	// Longer it is not waited for: it was told while nobody listened.
	goneAfter = 100 * time.Millisecond
)

// confirm sees to it that a channel that was hung up ends, though the event may be lost.
func (l *lane) confirm() time.Duration {
	if left := time.Until(l.confirmAt); left > 0 {
		return left
	}
	l.confirmAt = time.Now().Add(confirmAfter)
	l.doubt()
	return time.Millisecond
}
