// Package centre is the loop: it owns the floor, and is the only one that decides.
//
//	Asterisk ─events─▶ ari ─┐                                   ┌─▶ lanes ─requests─▶ ari ─▶ Asterisk
//	browsers ─commands─▶ desk ┼─▶ inbox ─▶ floor.Step ─▶ journal ┼─▶ watchers (desk)
//	timers, lanes, lookups ──┘            (one goroutine)        └─▶ figures (report)
//
// Everything enters one ordered inbox. A step's facts are journalled before anyone is told of them. What Asterisk
// should hold for a call is floor.Wants; each call has a lane, which sends the difference to what Asterisk holds, in
// order and without blocking the loop. Agents' legs and the queues' holding bridges have lanes of their own.
package centre

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"hotline/ari"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
	"hotline/journal"
	"hotline/report"
)

// Media is where browsers' audio meets RTP: package softphone.
type Media interface {
	// Addr is the one RTP address that every leg sends to.
	Addr() netip.AddrPort
	Link(key string, remote netip.AddrPort) error
	Unlink(key string)
	// Rest says that nobody is at the other end of the phone's leg, or that somebody may be from now on.
	Rest(key string, rest bool)
}

// Speech makes sound of words: package prompt. The media is what ARI plays: sound:/folder/name.
type Speech interface {
	Sound(ctx context.Context, p fact.Phrase) (media string, length time.Duration, err error)
}

// Lookups answer what a caller in the IVR waits for.
type Lookups interface {
	Lookup(ctx context.Context, l fact.Lookup) (vars map[string]string, found bool, err error)
}

// Recordings takes over what Asterisk has recorded. It answers by Centre.Stored and Centre.Lost, once for each. The loop
// calls Fetch: it must not wait, and not answer before it has returned.
type Recordings interface {
	Fetch(p floor.Pending)
}

// Config is what a centre is made of.
type Config struct {
	Floor      *floor.Config
	Version    string
	Zone       *time.Location
	Journal    journal.Log
	Media      Media
	Speech     Speech
	Lookups    Lookups
	Recordings Recordings
	Format     string // of legs: ulaw or alaw
	Opener     string // media of 300 ms of silence, which goes before the first words; empty: none
	Zip        string // media of the tone that tells an agent at a desk phone of a call; empty: none
	// Line gives the configured line for a dialled number as it was signalled; unknown ones come back as they are.
	Line func(dialled string) string
	// Caller gives E.164 for a caller's number as it was signalled, and names the place that it belongs to, in the centre's
	// first language; empty: not known.
	Caller func(signalled string) (number, region string)
	Lease  time.Duration // of callers who are not talking; 0: the dialplan has none
	// Now is the house's time; by default a clock that follows the machine's and never jumps.
	Now    func() time.Time
	Logger *slog.Logger
	// MostUnsaved bounds the records that wait in memory while the journal cannot be written: at half of it new calls go
	// to the dialplan's safety net, and the other half is for the calls that are there.
	MostUnsaved int
	// CheckpointEvery is the time between checkpoints.
	CheckpointEvery time.Duration
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.MostUnsaved == 0 {
		c.MostUnsaved = 100_000
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = time.Minute
	}
	if c.Format == "" {
		c.Format = "ulaw"
	}
	if c.Line == nil {
		c.Line = func(s string) string { return s }
	}
	if c.Caller == nil {
		c.Caller = func(s string) (number, region string) { return s, "" }
	}
	return c
}

// Centre is the loop and its lanes. Its exported methods may be called from any goroutine.
type Centre struct {
	cfg Config
	log *slog.Logger

	inbox chan item
	nodes map[string]*node // by name; fixed after New

	// The loop's own.
	now      func() time.Time
	floor    *floor.Floor
	longTail bool                // the start had much to read
	lanes    map[string]*lane    // by call
	clearing map[string]*lane    // of calls that have ended, until nothing is left of them
	early    map[string][]string // keys of visitors whose calls are being made
	legs     map[string]*legLane
	gates    map[string]*gate // by agent
	unsaved  []fact.Record
	extra    []fact.Record                     // records of this turn that were decided outside an item
	done     map[commandID]error               // results of commands
	doneIDs  []commandID                       // oldest first
	fetched  map[string]bool                   // recordings handed to Recordings by this process and not answered yet
	tripped  bool                              // a deadline's work has failed just now
	trip     func(floor.Input)                 // of tests: may panic in the middle of a decision
	killed   atomic.Bool                       // of tests: the loop ends as if the process were killed
	classes  atomic.Pointer[map[string]string] // of music, by queue

	mu       sync.RWMutex // guards what follows
	fold     *report.Fold
	watchers []*watcher // by order of coming; a new list when one comes or goes

	provisional atomic.Bool // the journal cannot be written
	keeping     atomic.Bool // a checkpoint is being written

	waits waits

	// ctx ends when the centre stops; requests a moment later, so that what was begun can end.
	ctx, requests          context.Context
	cancel, cancelRequests context.CancelFunc
	starting               sync.Once
	stopped                chan struct{}
	spawning               sync.Mutex // no worker is added once ctx has ended
	workers                sync.WaitGroup
}

// commandID is a desk's own id of a command; agents' desks do not know of one another's.
type commandID struct{ agent, id string }

// item is one thing in the inbox.
type item struct {
	in    floor.Input
	id    string // of a command: makes it idempotent
	reply chan<- error
	do    func() // instead of an input: runs in the loop
	read  func() // instead of an input: runs after the turn, when all is journalled
}

// inboxSize is how much may wait for the loop. A link that finds it full is cut and resynced, which loses nothing;
// everyone else waits.
const inboxSize = 8192

// ErrStopped: the centre is not running.
var ErrStopped = errors.New("the centre is stopped")

// New restores the floor and the figures from the journal: checkpoint and tail.
func New(cfg Config, clients map[string]ari.Client) (*Centre, error) {
	cfg = cfg.withDefaults()
	c := &Centre{
		cfg: cfg, log: cfg.Logger, inbox: make(chan item, inboxSize), nodes: map[string]*node{},
		lanes: map[string]*lane{}, clearing: map[string]*lane{}, early: map[string][]string{}, legs: map[string]*legLane{}, gates: map[string]*gate{},
		done: map[commandID]error{}, fetched: map[string]bool{}, stopped: make(chan struct{}),
	}
	for name, client := range clients {
		c.nodes[name] = newNode(name, client)
	}
	if err := c.restore(); err != nil {
		return nil, err
	}
	c.noteMusic(cfg.Floor)
	if c.now = cfg.Now; c.now == nil {
		c.now = newClock(time.Now, c.floor.At()).now
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.requests, c.cancelRequests = context.WithCancel(context.Background())
	return c, nil
}

// CountTicketsOn asks, before Start, how many tickets somebody else knows of a day, where the journal knows of none: it may
// have been begun anew on a day on which tickets had been opened.
func (c *Centre) CountTicketsOn(known func(day string) int) {
	if c.floor.Ticketless() {
		day := c.now().In(c.cfg.Zone).Format("20060102")
		c.floor.CountOn(day, known(day))
	}
}

// Start runs the loop. It returns at once; calls come when a link is up.
func (c *Centre) Start() {
	c.starting.Do(func() { go c.run() })
	c.send(item{in: floor.Started{Version: c.cfg.Version}})
	c.do(c.dropUnknownNodes)
}

// dropUnknownNodes ends what the journal has on Asterisks that the configuration does not name any more: nobody could
// ever serve it.
func (c *Centre) dropUnknownNodes() {
	for _, id := range c.floor.Calls() {
		if x := c.floor.Call(id); c.nodes[x.Node] == nil {
			c.log.Error("a call is given up: its node is not in the configuration any more", "call", id, "node", x.Node)
			c.inLoop(floor.Gone{Call: id, Inferred: true})
		}
	}
	for _, id := range c.floor.Agents() {
		if a := c.floor.Agent(id); a.Leg != "" && c.nodes[a.Node] == nil {
			c.inLoop(floor.LegDown{Agent: id, Leg: a.Leg})
		}
	}
}

// handOver is how long requests that were begun may last when the centre stops.
const handOver = 500 * time.Millisecond

// Stop ends the loop after what is in the inbox, writes a checkpoint and ends the lanes between two requests. Calls stay
// where they are in Asterisk: the next start adopts them. It takes less than a second and may be called twice.
func (c *Centre) Stop() {
	c.spawning.Lock()
	c.cancel()
	c.spawning.Unlock()
	c.starting.Do(func() { close(c.stopped) }) // was never started
	<-c.stopped
	late := time.AfterFunc(handOver, c.cancelRequests)
	c.workers.Wait()
	late.Stop()
	c.cancelRequests()
}

// spawn runs fn beside the loop, unless the centre has stopped. Stop waits for it.
func (c *Centre) spawn(fn func()) bool {
	c.spawning.Lock()
	defer c.spawning.Unlock()
	if c.ctx.Err() != nil {
		return false
	}
	c.workers.Go(fn)
	return true
}

// send puts something into the inbox, waiting for room. It gives up when the centre stops.
func (c *Centre) send(it item) bool {
	if c.ctx.Err() != nil {
		return false
	}
	select {
	case c.inbox <- it:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// Submit gives the floor an input.
func (c *Centre) Submit(in floor.Input) { c.send(item{in: in}) }

// Do asks for a command and waits for its answer: nil, a *floor.Illegal, ErrStopped or ctx's error. The same id again
// gives the same answer and does nothing.
func (c *Centre) Do(ctx context.Context, id string, cmd floor.Command) error {
	return c.reply(ctx, item{in: cmd, id: id})
}

// reply gives the loop an item and waits for what it says.
func (c *Centre) reply(ctx context.Context, it item) error {
	reply := make(chan error, 1)
	it.reply = reply
	if !c.send(it) {
		return ErrStopped
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stopped:
		return ErrStopped
	}
}

// do runs fn in the loop, where it may decide, and waits until what was decided is journalled.
func (c *Centre) do(fn func()) bool { return c.wait(item{do: fn}) }

// ask runs fn in the loop between two turns, when everything that it sees is journalled, and waits for it.
func (c *Centre) ask(fn func()) bool { return c.wait(item{read: fn}) }

func (c *Centre) wait(it item) bool {
	ready := make(chan error, 1)
	it.reply = ready
	if !c.send(it) {
		return false
	}
	select {
	case <-ready: //nolint:errcheck // that the turn is over is enough; a journal that refused has its own alarm
		return true
	case <-c.stopped:
		return false
	}
}

// DeskUp and DeskLost: the websocket of the agent's phone tab opened or closed.
func (c *Centre) DeskUp(agent string)   { c.Submit(floor.Desk{Agent: agent, Up: true}) }
func (c *Centre) DeskLost(agent string) { c.Submit(floor.Desk{Agent: agent}) }

// MediaUp tells whether an agent's audio flows.
func (c *Centre) MediaUp(agent string, up bool) { c.Submit(floor.Media{Agent: agent, Up: up}) }

// Stored and Lost answer Recordings.Fetch.
func (c *Centre) Stored(f fact.RecordingStored) { c.Submit(floor.Stored{Fact: f}) }
func (c *Centre) Lost(callID, recording, why string) {
	c.Submit(floor.Lost{Call: callID, Recording: recording, Why: why})
}

// Lines lists the live calls.
func (c *Centre) Lines() (lines []floor.CallLine) {
	c.ask(func() { lines = c.floor.Lines() })
	return lines
}

// Phases counts the live calls by phase.
func (c *Centre) Phases() (n map[string]int) {
	c.ask(func() { n = c.floor.Phases() })
	return n
}

// Phase tells how far a live call has come; call.Unknown: it is not live.
func (c *Centre) Phase(id string) (p call.Phase, since time.Time) {
	c.ask(func() {
		if x := c.floor.Call(id); x != nil {
			p, since = x.Phase, x.Since
		}
	})
	return p, since
}

// Reconfigure puts another configuration in force; places, wrap-ups and counts stay.
func (c *Centre) Reconfigure(cfg *floor.Config) {
	c.do(func() {
		c.floor.Reconfigure(cfg)
		c.cfg.Floor = cfg
		c.noteMusic(cfg)
		for _, n := range c.nodes {
			c.makeHolding(n)
		}
	})
}

// Figures gives fn the live figures, which it must not keep.
func (c *Centre) Figures(fn func(*report.Fold)) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	fn(c.fold)
}

// Provisional tells that the journal cannot be written at the moment: figures would be lost with the process.
func (c *Centre) Provisional() bool { return c.provisional.Load() }
