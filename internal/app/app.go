// Package app puts the rooms together and runs them: what starts after what, what stops before what, and how each room
// gets what it needs of the others.
//
//	prompts ─▶ journal ─▶ softphone ─▶ centre ─▶ projector ─▶ links to Asterisk ─▶ desk ─▶ HTTP
//
// Starting goes from left to right and stopping back. What needs no lock comes before the journal, so that a standby has
// done it when it takes over. The links stand before the browsers can come and until they are gone, so that the time in
// which nobody hears Asterisk is short; whatever happens in it is settled by the next start.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hotline/ari"
	"hotline/centre"
	"hotline/desk"
	"hotline/internal/config"
	"hotline/journal"
	"hotline/people"
	"hotline/postgres"
	"hotline/prompt"
	"hotline/recording"
	"hotline/softphone"
	"hotline/web"
)

// Options are what does not stand in the configuration.
type Options struct {
	Version string
	Logger  *slog.Logger
	// Lease is that of the dialplan; 0: it has none.
	Lease time.Duration
	// Standby: a state folder that another server holds is waited for, and taken over when the kernel releases its lock.
	// Without it that is an error.
	Standby bool
	// Reread gives the configuration as it is when a standby takes over: the one before may have been told to read it again.
	Reread func() (*config.Config, error)
	// Health is an address for /healthz and /readyz alone, which answers in the standby, too; empty: none.
	Health string
	// Progress hears what is being done at start, for people who wait.
	Progress Progress
	// JournalLock is the state folder's lock where it was taken before.
	JournalLock *journal.Lock
}

// Progress hears of a step, and how much of it is done; a step that is not counted has total 0.
type Progress func(step string, done, total int)

// App is a running server.
type App struct {
	opt Options
	cfg atomic.Pointer[config.Config]
	log *slog.Logger

	journal   *journal.Journal
	prompts   atomic.Pointer[prompt.Store]
	phones    *softphone.Exchange
	centre    *centre.Centre
	store     *postgres.Store
	projector *postgres.Projector
	recs      *recording.Store
	fetcher   *recording.Fetcher
	net       *recording.Collector
	door      *people.Door
	desk      *desk.Desk
	visitors  *visitors
	links     []*ari.Conn
	registry  *prometheus.Registry
	web       *http.Server
	listener  net.Listener
	health    string // where Options.Health listens
	metrics   *http.Server

	phase    atomic.Value // string: starting, standby, serving, stopping
	alarms   alarms
	failed   chan error  // why it must stop
	prepared atomic.Bool // the archive's schema is up to date
	nodes    sync.Map    // name → why it is down; "" is up
	looks    sync.WaitGroup
	started  time.Time
	began    time.Time // to serve: the start, or the take-over

	stops []stop // last in, first out
}

type stop struct {
	name string
	do   func(context.Context) error
}

func (a *App) onStop(name string, do func(context.Context) error) {
	a.stops = append(a.stops, stop{name, do})
}

// Start brings a server up. When it returns the desk answers; calls come as soon as an Asterisk does. On an error
// everything that had started is stopped again.
func Start(ctx context.Context, cfg *config.Config, opt Options) (*App, error) {
	a := &App{opt: opt, log: opt.Logger, registry: prometheus.NewRegistry(), started: time.Now(), failed: make(chan error, 1)}
	a.began = a.started
	a.phase.Store("starting")
	if a.log == nil {
		a.log = slog.Default()
	}
	if opt.Progress == nil {
		a.opt.Progress = func(string, int, int) {}
	}
	a.cfg.Store(cfg)
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := a.start(ctx); err != nil {
		return nil, errors.Join(err, a.Stop())
	}
	return a, nil
}

func (a *App) start(ctx context.Context) error {
	for _, step := range []struct {
		name string
		do   func(context.Context, *config.Config) error
	}{
		{"health", a.startHealth},
		{"prompts", a.startPrompts},
		{"journal", a.startJournal},
		{"softphone", a.startPhones},
		{"archive", a.openArchive},
		{"centre", a.startCentre},
		{"archive", a.followArchive},
		{"asterisk", a.startLinks},
		{"desk", a.startDesk},
		{"web", a.startWeb},
	} {
		if err := step.do(ctx, a.cfg.Load()); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	a.phase.Store("serving")
	read := make(chan struct{})
	go func() { defer close(read); readRegions(a.cfg.Load()) }() // not before: those who are on the line come first
	a.onStop("regions", func(context.Context) error { <-read; return nil })
	return nil
}

// stopTime bounds the stop of each part: one that hangs is told of and left behind, the others stop all the same.
const stopTime = 5 * time.Second

// Stop ends everything in the reverse order of its start. It may be called twice.
func (a *App) Stop() error {
	a.phase.Store("stopping")
	var errs []error
	for i := len(a.stops) - 1; i >= 0; i-- {
		s := a.stops[i]
		if err := bounded(s.do, stopTime); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", s.name, err))
		}
	}
	a.stops = nil
	return errors.Join(errs...)
}

// bounded runs do, and gives up waiting for it when the time is over, whether or not it looks at its context.
func bounded(do func(context.Context) error, most time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // it may have ended in the same moment
	case err := <-done:
		return err
	default:
		return fmt.Errorf("it did not stop within %s", most)
	}
}

func (a *App) folder(cfg *config.Config, own, name string) string {
	if own != "" {
		return own
	}
	return filepath.Join(cfg.State, name)
}

func (a *App) startJournal(ctx context.Context, cfg *config.Config) error {
	if err := os.MkdirAll(cfg.State, 0o755); err != nil {
		return fmt.Errorf("the state folder %s cannot be made: %w", cfg.State, err)
	}
	dir := filepath.Join(cfg.State, "journal")
	lock, err := a.lock(ctx, dir)
	if errors.Is(err, journal.ErrLocked) {
		return fmt.Errorf("another hotline runs on the state folder %s: stop it, or give this one a folder of its own by `state`: %w", cfg.State, err)
	}
	if err != nil {
		return err
	}
	j, recovered, err := journal.Open(dir, journal.Options{
		Fsync: journal.Fsync(cfg.Journal.Fsync), FsyncEvery: cfg.Journal.Every, Logger: a.log, Registerer: a.registry, Lock: lock,
	})
	if err != nil {
		return err
	}
	if !recovered.Clean() {
		a.log.Warn("the journal's end was damaged and was cut; Asterisk is asked for what is true", "recovered", fmt.Sprintf("%+v", recovered))
	}
	a.journal = j
	a.onStop("journal", func(context.Context) error { return j.Close() })
	return nil
}

func (a *App) startPrompts(ctx context.Context, cfg *config.Config) error {
	// The first callers must not wait for words: what is known beforehand is spoken now. A second start finds it all.
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	s, err := a.openPrompts(ctx, cfg)
	a.prompts.Store(s)
	return err
}

func (a *App) startPhones(ctx context.Context, cfg *config.Config) error {
	sp := cfg.Softphone
	x, err := softphone.New(softphone.Config{
		Listen: sp.Listen, TCP: sp.TCP, PublicIPs: sp.PublicIPs, Loopback: sp.Loopback, RTP: a.steadyRTP(cfg), Format: softphone.Format(sp.Format),
		TURN:    softphone.TURN{URLs: sp.TURN.URLs, Secret: sp.TURN.Secret.Reveal(), Lifetime: sp.TURN.Lifetime},
		Changed: a.heard, Pressed: a.pressed, Logger: a.log, Registerer: a.registry,
	})
	if err != nil {
		return err
	}
	if err := x.Start(ctx); err != nil {
		return err
	}
	a.phones = x
	if err := a.keepRTP(cfg, x.Addr()); err != nil {
		return err
	}
	a.onStop("softphone", x.Stop)
	return nil
}

// heard passes on that a browser's audio flows, or no more.
func (a *App) heard(s softphone.Status) {
	if agent, ok := agentOfPhone(s.Key); ok {
		if a.centre != nil {
			a.centre.MediaUp(agent, s.Alive)
		}
		return
	}
	if a.visitors != nil {
		a.visitors.heard(s)
	}
}

// pressed passes on a key of a browser's keypad: a visitor's goes to the flow, an agent's to the caller.
func (a *App) pressed(p softphone.Press) {
	if a.centre == nil {
		return
	}
	if agent, ok := agentOfPhone(p.Phone); ok {
		a.centre.SendKey(agent, string(p.Digit))
		return
	}
	a.centre.Pressed(centre.VisitorCall(p.Phone), string(p.Digit))
}

func (a *App) startCentre(_ context.Context, cfg *config.Config) error {
	a.visitors = newVisitors(func() string { return a.cfg.Load().CallerPage.Line })
	clients := map[string]ari.Client{}
	metrics := ari.NewMetrics(a.registry)
	for _, n := range cfg.PBX {
		c := ari.DefaultConfig()
		c.Node, c.URL, c.User, c.Password, c.App = n.Name, n.ARI, n.User, n.Password.Reveal(), n.App
		c.Logger, c.Metrics, c.Unheard = a.log, metrics, centre.Unheard
		conn, err := ari.New(c, a.linkHeard)
		if err != nil {
			return err
		}
		a.links = append(a.links, conn)
		clients[n.Name] = conn
		a.nodes.Store(n.Name, desk.Connecting)
	}
	if err := a.openRecordings(cfg, clients); err != nil {
		return err
	}
	silence, _, err := a.prompts.Load().Sound(context.Background(), silence300)
	if err != nil {
		return err
	}
	zipped, _, err := a.prompts.Load().Sound(context.Background(), zip)
	if err != nil {
		return err
	}
	c, err := centre.New(centre.Config{
		Floor: floorConfig(cfg), Version: a.opt.Version, Zone: cfg.Zone, Journal: a.journal, Media: media{a.phones},
		Speech: speech{a}, Lookups: lookups{a.store}, Recordings: fetches{a.fetcher}, Format: string(a.phones.Format()),
		Opener: silence, Zip: zipped, Lease: a.opt.Lease, Logger: a.log,
		Line:   func(n string) string { return lineOf(a.cfg.Load())(n) },
		Caller: func(n string) (number, region string) { return callerOf(a.cfg.Load())(n) },
	}, clients)
	if err != nil {
		return err
	}
	a.centre, a.visitors.centre = c, c
	c.CountTicketsOn(a.ticketsOf)
	c.Start()
	a.onStop("centre", func(context.Context) error { c.Stop(); return nil })
	c.Watch(a.visitors.saw)
	now, _ := c.Watch(a.alarms.hopeless)
	a.alarms.hopeless(now)
	a.collectNet(cfg)
	return a.registerFigures()
}

func (a *App) linkHeard(m ari.Message) {
	switch m := m.(type) {
	case ari.Up:
		defer func() { // after the centre has settled the gap, and owns every call
			a.nodes.Store(m.Node, desk.AlarmCause(""))
			a.net.Up(m.Node, true)
			a.looks.Go(func() { a.lookOver(m.Node) })
		}()
	case ari.Down:
		a.nodes.Store(m.Node, desk.AlarmCause(m.Reason))
		a.net.Up(m.Node, false)
		if m.Reason == ari.ReasonReplaced {
			a.replaced(m.Node)
		}
	}
	a.centre.Heard(m)
}

func (a *App) openArchive(_ context.Context, cfg *config.Config) error {
	s, err := postgres.New(cfg.Postgres.DSN.Reveal(), a.log)
	if err != nil {
		return err
	}
	a.store = s
	a.onStop("archive", func(context.Context) error { s.Close(); return nil })
	return nil
}

// followArchive brings the schema up to date and follows the journal, in the background: calls are taken whether
// PostgreSQL answers or not.
func (a *App) followArchive(context.Context, *config.Config) error {
	a.projector = postgres.NewProjector(a.store, a.journal, a.listsChanged, a.log)
	run, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a.onStop("projector", func(context.Context) error { cancel(); <-done; return nil })
	go func() {
		defer close(done)
		for {
			err := a.store.Migrate(run)
			if err == nil {
				break
			}
			a.log.Error("PostgreSQL cannot be used yet: calls are taken, the archive and sign-in wait", "err", err)
			select {
			case <-time.After(2 * time.Second):
			case <-run.Done():
				return
			}
		}
		a.prepared.Store(true)
		a.projector.Run(run)
	}()
	a.startUpkeep()
	return a.startWatchdog()
}

func (a *App) listsChanged() {
	if a.desk != nil {
		a.desk.ListsChanged()
	}
}

func (a *App) startDesk(_ context.Context, cfg *config.Config) error {
	pc := people.DefaultConfig()
	pc.Session = cfg.Desk.Session
	pc.Book = filepath.Join(cfg.State, "signed-in")
	door, err := people.NewDoor(a.store, pc, a.log, time.Now)
	if err != nil {
		return err
	}
	a.door = door
	a.onStop("door", func(context.Context) error { return door.Close() })
	dc := desk.DefaultConfig()
	dc.Origins = cfg.HTTP.Origins
	dc.Proxies = cfg.HTTP.TLS.Before()
	dc.Visitors.On = true // whether the page is on is the house's to say, and may change by a reload
	dc.Visitors.AtOnce = cfg.CallerPage.AtOnce
	dc.Visitors.PerAddress, dc.Visitors.Window = cfg.CallerPage.PerMinute, time.Minute
	d, err := desk.New(dc, desk.Needs{
		Centre: deskCentre{a.centre}, Report: deskReport{a.centre, a.cfg.Load}, Phone: deskPhone{a.phones}, Visitors: a.visitors,
		Store: archive{a.store, a.projector}, Audio: audio{a.recs}, Health: health{a}, Door: door,
		Staffing: a.startStaffing(),
		House:    func() desk.House { return house(a.cfg.Load()) }, Web: web.FS(), Now: time.Now, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.desk = d
	d.Start()
	a.onStop("desk", func(context.Context) error { d.Stop(); return nil })
	return nil
}

func (a *App) startLinks(ctx context.Context, cfg *config.Config) error {
	if len(a.links) == 0 {
		return errors.New("no Asterisk is configured: name one under `pbx`")
	}
	for i, l := range a.links {
		if err := l.Start(context.WithoutCancel(ctx)); err != nil { // it ends when it is its turn
			return fmt.Errorf("node %s: %w", cfg.PBX[i].Name, err)
		}
		a.onStop("link "+l.Node(), func(context.Context) error {
			err := l.Stop()
			a.looks.Wait() // it asks by the link
			return err
		})
	}
	return nil
}

// Centre is the loop, for tests and for the demo.
func (a *App) Centre() *centre.Centre { return a.centre }

// Door is who may come in.
func (a *App) Door() *people.Door { return a.door }

// Store is the archive.
func (a *App) Store() *postgres.Store { return a.store }

// Prepared waits until PostgreSQL answered and its schema is up to date.
func (a *App) Prepared(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !a.prepared.Load() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL did not answer in time: %w", ctx.Err())
		}
	}
	return nil
}
