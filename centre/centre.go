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
}

// Speech makes sound of words: package prompt. The media is what ARI plays: sound:/folder/name.
type Speech interface {
	Sound(ctx context.Context, p fact.Phrase) (media string, length time.Duration, err error)
}

// Lookups answer what a caller in the IVR waits for.
type Lookups interface {
	Lookup(ctx context.Context, l fact.Lookup) (vars map[string]string, found bool, err error)
}

// Recordings takes over what Asterisk has recorded. It answers by Centre.Stored and Centre.Lost, once for each.
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
	// Line gives the configured line for a dialled number as it was signalled; unknown ones come back as they are.
	Line func(dialled string) string
	// Number gives E.164 for a caller's number as it was signalled.
	Number func(signalled string) string
	Lease  time.Duration // of callers who are not talking; 0: the dialplan has none
	Now    func() time.Time
	Logger *slog.Logger
	// MostUnsaved bounds the records that wait in memory while the journal cannot be written.
	MostUnsaved int
	// CheckpointEvery is the time between checkpoints.
	CheckpointEvery time.Duration
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
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
	if c.Number == nil {
		c.Number = func(s string) string { return s }
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
	floor   *floor.Floor
	lanes   map[string]*lane
	legs    map[string]*legLane
	unsaved []fact.Record
	extra   []fact.Record    // records of this turn that were decided outside an item
	done    map[string]error // results of commands by their ids
	doneIDs []string
	fetched map[string]bool // recordings handed to Recordings by this process

	mu          sync.RWMutex // guards what others read: fold, watchers, views
	fold        *report.Fold
	watchers    map[int]func(Update)
	nextW       int
	provisional atomic.Bool // the journal cannot be written

	waits waits

	ctx     context.Context
	cancel  context.CancelFunc
	stopped chan struct{}
	workers sync.WaitGroup
}

// item is one thing in the inbox.
type item struct {
	in    floor.Input
	id    string // of a command: makes it idempotent
	reply chan<- error
	do    func() // instead of an input: runs in the loop
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
		lanes: map[string]*lane{}, legs: map[string]*legLane{}, done: map[string]error{}, fetched: map[string]bool{},
		watchers: map[int]func(Update){}, stopped: make(chan struct{}),
	}
	for name, client := range clients {
		c.nodes[name] = &node{name: name, client: client, causes: map[string]int{}}
	}
	if err := c.restore(); err != nil {
		return nil, err
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Start runs the loop. It returns at once; calls come when a link is up.
func (c *Centre) Start() {
	go c.run()
	c.send(item{in: floor.Started{Version: c.cfg.Version}})
}

// Stop ends the loop after what is in the inbox, writes a checkpoint and ends the lanes. Calls stay where they are in
// Asterisk: the next start adopts them. It may be called twice.
func (c *Centre) Stop() {
	c.cancel()
	<-c.stopped
	c.workers.Wait()
}

// send puts something into the inbox, waiting for room. It gives up when the centre stops.
func (c *Centre) send(it item) bool {
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
	reply := make(chan error, 1)
	if !c.send(item{in: cmd, id: id, reply: reply}) {
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

// ask runs fn in the loop and waits for it.
func (c *Centre) ask(fn func()) bool {
	ready := make(chan struct{})
	if !c.send(item{do: func() { fn(); close(ready) }}) {
		return false
	}
	select {
	case <-ready:
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
	c.ask(func() {
		c.floor.Reconfigure(cfg)
		c.cfg.Floor = cfg
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
