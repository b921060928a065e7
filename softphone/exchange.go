// Package softphone joins browsers to RTP addresses: a browser's microphone
// and loudspeaker on one side, a leg of a telephone server on the other. It
// knows nothing of calls, of agents or of ARI; whoever does, names phones by
// keys and tells where each one's RTP goes.
//
//	browser ⇄ ICE · DTLS · SRTP ⇄ session ⇄ phone ⇄ one UDP socket ⇄ Asterisk
//	                              (a page)   (a shift)             externalMedia legs
//
// An Exchange has two sockets. Browsers reach the first, one UDP port for all
// (and the same number in TCP for networks without UDP). The second is the RTP
// socket that faces Asterisk, one for all legs: Asterisk sends each leg's audio
// to Addr() from a port of the leg's own, so the sender's address names the
// phone; and because strict RTP believes only the first source, everything is
// sent from that very socket.
//
// A phone outlives the page that it speaks through. Attach answers a browser's
// offer and makes it the phone's session; a reload or a change of network
// attaches again, which replaces the session and leaves the RTP side alone.
// Link says where the leg is, Unlink that it ended. Link and Attach come in any
// order: a restarted server links first, and the page follows.
//
// Audio is relayed byte for byte in the one Format of the Exchange; what
// changes are headers (outward, inward). Keys come from the browser as
// telephone-events; Asterisk (seen: 22.10.1) takes none on externalMedia legs,
// so Pressed tells of them and whoever owns the call acts. Telephone-events
// from Asterisk are not passed to the browser: keys of others reach desks as
// events of the call, if at all.
//
// Nothing is sent to Asterisk while the browser sends nothing (no page, or a
// page just reloading): the leg stays, since Asterisk times out no
// externalMedia leg, and the caller hears silence until whoever watches Status
// starts music. A muted page sends packets of silence. A phone that is unlinked
// costs Asterisk nothing, and so does one that rests: Rest says that nobody is at
// its leg's other end. Else it is 50 packets a second.
//
// Per session two goroutines carry audio, one each way, and two read RTCP.
// The RTP socket has one reader, which only hands packets over: a browser that
// stalls fills its own queue, of which the oldest packet is dropped.
package softphone

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// ErrFull is returned when Limits.Phones are in use. (HTTP: 503.)
var ErrFull = errors.New("softphone: all phones are in use")

// ErrStopped is returned before Start and after Stop.
var ErrStopped = errors.New("softphone: the exchange is not running")

// Exchange is the whole of it. All methods may be called from any goroutine.
type Exchange struct {
	cfg    Config
	codec  codec
	powers *powers
	log    *slog.Logger
	began  time.Time        // the zero of clock
	clock  func() time.Time // see steadyClock
	counts counters

	mu     sync.Mutex // guards what follows, and every change of routes and of a phone's session and link
	up     bool
	phones map[string]*phone

	routes   atomic.Pointer[map[netip.AddrPort]*phone] // who a leg's address belongs to; replaced, never written
	rtp      *net.UDPConn
	gate     *gate
	notifier *notifier
	sessions sync.WaitGroup // not yet gone; added to under mu while up
	tasks    sync.WaitGroup
	stop     chan struct{} // closed for the notifier and the beat, after the last session
	stopped  chan struct{} // closed when nothing runs any more
	stopErr  error         // valid then
}

// New checks the settings; nothing is opened before Start.
func New(cfg Config) (*Exchange, error) {
	if err := cfg.withDefaults().check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	x := &Exchange{
		cfg:    cfg,
		codec:  cfg.Format.codec(),
		powers: powersOf[cfg.Format],
		log:    cfg.Logger.With("room", "softphone"),
		began:  time.Now(),
		phones: map[string]*phone{},
		stop:   make(chan struct{}), stopped: make(chan struct{}),
	}
	x.clock = steadyClock(x.began)
	x.routes.Store(&map[netip.AddrPort]*phone{})
	x.notifier = newNotifier(x.Status, cfg.Changed, cfg.Pressed)
	return x, nil
}

// Start opens the sockets and returns when phones can attach. An Exchange is
// started once.
func (x *Exchange) Start(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.rtp != nil {
		return errors.New("softphone: an exchange is started only once; make a new one")
	}
	rtp, err := listenUDP(ctx, "rtp", x.cfg.RTP)
	if err != nil {
		return err
	}
	gate, err := openGate(ctx, x.cfg, x.log)
	if err != nil {
		return errors.Join(err, rtp.Close())
	}
	if x.cfg.Registerer != nil {
		if err := x.cfg.Registerer.Register(x.collector()); err != nil {
			return errors.Join(fmt.Errorf("softphone: register metrics: %w", err), gate.close(), rtp.Close())
		}
	}
	x.rtp, x.gate, x.up = rtp, gate, true
	x.tasks.Go(x.fromAsterisk)
	x.tasks.Go(x.beat)
	x.tasks.Go(func() { x.notifier.run(x.stop) })
	x.log.Info("softphone is up", "browsers", x.cfg.Listen, "rtp", x.Addr(), "format", x.cfg.Format)
	return nil
}

// beat lets all sessions look at themselves at once: a clock of its own in each would wake the processor for each.
func (x *Exchange) beat() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-x.stop:
			return
		}
		x.mu.Lock()
		for _, p := range x.phones {
			if s := p.session.Load(); s != nil {
				select {
				case s.look <- struct{}{}:
				default: // it has not done so since the last one
				}
			}
		}
		x.mu.Unlock()
	}
}

// Stop ends all sessions and closes the sockets; it returns when every
// goroutine is gone or ctx ends. It may be called more than once.
func (x *Exchange) Stop(ctx context.Context) error {
	x.mu.Lock()
	started, first := x.rtp != nil, x.up
	x.up = false
	var open []*session
	for _, p := range x.phones {
		if s := p.session.Load(); s != nil {
			open = append(open, s)
		}
	}
	x.mu.Unlock()
	if !started {
		return nil
	}
	for _, s := range open {
		s.end(endStopped)
	}
	if first {
		go x.close()
	}
	select {
	case <-x.stopped:
		return x.stopErr
	case <-ctx.Done():
		return fmt.Errorf("softphone: stop: sessions were still closing: %w", ctx.Err())
	}
}

// close takes down in the reverse order of Start, once the goodbyes of all
// sessions have left through the sockets.
func (x *Exchange) close() {
	defer close(x.stopped)
	x.sessions.Wait()
	if x.cfg.Registerer != nil {
		x.cfg.Registerer.Unregister(x.collector())
	}
	if err := errors.Join(x.gate.close(), x.rtp.Close()); err != nil {
		x.stopErr = fmt.Errorf("softphone: stop: %w", err)
	}
	close(x.stop)
	x.tasks.Wait()
	x.log.Info("softphone is down")
}

// Addr is the RTP socket's address: the external_host of every externalMedia
// leg. Valid from Start on.
func (x *Exchange) Addr() netip.AddrPort {
	if x.rtp == nil {
		return netip.AddrPort{}
	}
	return unmapped(x.rtp.LocalAddr().(*net.UDPAddr).AddrPort())
}

// Format is what the legs must speak: the `format` of every externalMedia leg.
func (x *Exchange) Format() Format { return x.cfg.Format }

// Attach answers a browser's offer and makes that browser the phone's; the one
// before, if any, is hung up. The answer holds all candidates (ICE-lite, not
// trickled). The session's id goes to Detach.
//
// Errors: ErrOffer (the browser's side can cure it, the text says how),
// ErrFull, ErrStopped, ctx's, or a failure of this server. After an error the
// session before goes on.
func (x *Exchange) Attach(ctx context.Context, key, offerSDP string) (answerSDP, id string, err error) {
	defer func() { x.counts.attach(err) }()
	o, err := readOffer(offerSDP, x.cfg.Limits.OfferBytes, x.cfg.Format)
	if err != nil {
		return "", "", err
	}
	p, err := x.reserve(key)
	if err != nil {
		return "", "", err
	}
	defer x.release(p)
	select { // two offers of one phone are answered one after the other
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return "", "", fmt.Errorf("softphone: attach %s: %w", key, ctx.Err())
	}
	s, answer, err := x.answer(ctx, p, o)
	if err != nil {
		return "", "", fmt.Errorf("softphone: attach %s: %w", key, err)
	}

	x.mu.Lock()
	if up := x.up; !up || s.hasEnded() {
		x.mu.Unlock()
		s.end(endRefused)
		if !up {
			return "", "", ErrStopped
		}
		return "", "", fmt.Errorf("softphone: attach %s: the connection ended before it was answered", key)
	}
	before := p.session.Swap(s)
	x.mu.Unlock()
	if before != nil {
		before.end(endReplaced)
	}
	x.notifier.mark(key)
	x.log.Info("browser attached", "phone", key, "session", s.id, "replaces", before != nil)
	return answer, s.id, nil
}

// Detach hangs the browser up if it still is the phone's session.
func (x *Exchange) Detach(key, id string) {
	x.mu.Lock()
	p := x.phones[key]
	x.mu.Unlock()
	if p == nil {
		return
	}
	if s := p.session.Load(); s != nil && s.id == id {
		s.end(endDetached)
	}
}

// Link says where the phone's RTP goes: the leg's UNICASTRTP_LOCAL_ADDRESS and
// _PORT. A leg belongs to one phone: if another one is still linked to that
// address, its leg must have ended, and it is unlinked.
func (x *Exchange) Link(key string, remote netip.AddrPort) error {
	remote = unmapped(remote)
	if !remote.IsValid() || remote.Addr().IsUnspecified() || remote.Port() == 0 {
		return fmt.Errorf("softphone: link %s: %s is no address of a leg (UNICASTRTP_LOCAL_ADDRESS:UNICASTRTP_LOCAL_PORT)", key, remote)
	}
	p, err := x.reserve(key)
	if err != nil {
		return err
	}
	defer x.release(p)
	x.mu.Lock()
	defer x.mu.Unlock()
	if before := (*x.routes.Load())[remote]; before != nil && before != p {
		x.log.Warn("a leg's address was linked to another phone, which is unlinked now", "phone", before.key, "now", key, "remote", remote)
		before.setLink(nil)
		x.forget(before)
		x.notifier.mark(before.key)
	}
	if l := p.link.Load(); l == nil || l.remote != remote {
		p.setLink(&link{remote: remote})
	}
	x.route()
	x.notifier.mark(key)
	return nil
}

// Unlink says that the phone has no leg any more.
func (x *Exchange) Unlink(key string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p := x.phones[key]; p != nil {
		p.setLink(nil)
		x.route()
		x.forget(p)
		x.notifier.mark(key)
	}
}

// Rest says that nobody is at the other end of the phone's leg (true), or somebody may be from now on. A phone that rests
// sends nothing to its leg, unless the leg is heard. One that nobody speaks of does not rest.
func (x *Exchange) Rest(key string, rest bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p := x.phones[key]; p != nil && p.rests.Swap(rest) != rest {
		p.noise.Store(int64(-echo))
	}
}

// Status is the phone as it is now; a key that nobody uses has NoBrowser and
// no link.
func (x *Exchange) Status(key string) Status {
	x.mu.Lock()
	p := x.phones[key]
	x.mu.Unlock()
	if p == nil {
		return Status{Key: key, State: State{Media: NoBrowser}, Level: floor}
	}
	return p.status()
}

// Statuses are all phones that are attached or linked, in no order.
func (x *Exchange) Statuses() []Status {
	x.mu.Lock()
	all := make([]*phone, 0, len(x.phones))
	for _, p := range x.phones {
		all = append(all, p)
	}
	x.mu.Unlock()
	statuses := make([]Status, 0, len(all))
	for _, p := range all {
		statuses = append(statuses, p.status())
	}
	return statuses
}

// reserve finds or makes the phone and holds it until release.
func (x *Exchange) reserve(key string) (*phone, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.up {
		return nil, ErrStopped
	}
	p := x.phones[key]
	if p == nil {
		if len(x.phones) >= x.cfg.Limits.Phones {
			return nil, fmt.Errorf("%w (%d; raise the limit of phones)", ErrFull, len(x.phones))
		}
		hash := fnv.New32a()
		hash.Write([]byte(key))
		p = &phone{
			x: x, key: key,
			source: hash.Sum32(), // the same over restarts: Asterisk sees one stream
			turn:   make(chan struct{}, 1),
			wire:   make([]byte, 0, maxPacket),
		}
		x.phones[key] = p
	}
	p.holders++
	return p, nil
}

func (x *Exchange) release(p *phone) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p.holders--
	x.forget(p)
}

// forget drops a phone that nobody uses. The caller holds x.mu.
func (x *Exchange) forget(p *phone) {
	if p.holders == 0 && p.session.Load() == nil && p.link.Load() == nil {
		delete(x.phones, p.key)
	}
}

// route rebuilds who owns which leg's address. The caller holds x.mu.
func (x *Exchange) route() {
	routes := make(map[netip.AddrPort]*phone, len(x.phones))
	for _, p := range x.phones {
		if l := p.link.Load(); l != nil {
			routes[l.remote] = p
		}
	}
	x.routes.Store(&routes)
}

// steadyClock is the wall clock at began plus what a stopwatch says since:
// numbers made from it never go back, whatever is done to the machine's time.
func steadyClock(began time.Time) func() time.Time {
	return func() time.Time { return began.Add(time.Since(began)) }
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
