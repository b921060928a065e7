// Package desk is what browsers talk to: agents' desks, supervisors' boards, visitors who call from a page, and other
// programs. It decides nothing about calls: it asks the Centre, shows what the Centre says, and keeps who may see what.
//
//	browser ──HTTP──▶ routes ── role, origin, size, time ──▶ handlers ──▶ Store, Audio, Phone, Visitors, Door
//	   ▲                                                        │
//	   └─websocket─▶ conn ── commands ──────────────────────────┴──▶ Centre
//	        ▲                                                          │ Watch: every change, in order
//	        └────────── topics (me · board · lists) ◀── hub ◀──────────┘ Report: the day's figures
//
// The hub is one goroutine that owns topics and connections. A connection that reads too slowly is told bye and comes
// back by sequence; nothing is skipped in silence. What the desk needs of other rooms stands in needs.go, what crosses
// to browsers in wire.go and api.go, the whole HTTP interface in openapi.yaml.
package desk

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"hotline/people"
)

// Config is the desk's part of the configuration. The zero value of a limit is no good: begin with DefaultConfig.
type Config struct {
	// Origins are the web origins, besides the one the request itself came to, that may speak to the server
	// ("https://desk.example.org"): for a server behind a proxy that changes the Host.
	Origins []string
	// Proxies are before us: from these addresses, and no others, X-Forwarded-For and X-Forwarded-Proto are believed.
	Proxies  []netip.Prefix
	Visitors VisitorLimits
	// Pace and Heartbeat are how often the board is told, at most and at least. A page that hears nothing for 3 s says that
	// it is stale.
	Pace, Heartbeat time.Duration
	// Resume is how many board deltas are kept for those who come back.
	Resume int
	// Queue is how many messages a websocket may be behind before it is told bye.
	Queue int
	// Settle is how long a ticket that is not in the archive yet is waited for.
	Settle time.Duration
}

// VisitorLimits bound what the public may do.
type VisitorLimits struct {
	On bool
	// AtOnce is how many visitors may be on calls at the same time.
	AtOnce int
	// PerAddress is how many calls one address may begin within Window.
	PerAddress int
	Window     time.Duration
	// Silent is how long a visitor's page may ask for nothing before its call is ended.
	Silent time.Duration
}

// DefaultConfig is what a configuration that says nothing gets.
func DefaultConfig() Config {
	return Config{
		Visitors: VisitorLimits{On: true, AtOnce: 20, PerAddress: 6, Window: 10 * time.Minute, Silent: time.Minute},
		Pace:     250 * time.Millisecond, Heartbeat: time.Second,
		Resume: 512,
		Queue:  256,
		Settle: 2 * time.Second,
	}
}

// Needs are the other rooms. All are needed but Log.
type Needs struct {
	Centre   Centre
	Report   Report
	Phone    Phone
	Visitors Visitors
	Store    Store
	Audio    Audio
	Staffing Staffing
	Health   Health
	Door     Door
	House    func() House
	// Web holds the built apps; without an index.html the desk says how to build them.
	Web fs.FS
	Now func() time.Time
	Log *slog.Logger
}

// Desk serves browsers. Its methods may be called from any goroutine.
type Desk struct {
	Needs
	cfg      Config
	hub      *hub
	visitors *visitors
	playings playings
	drafts   drafts
	attached attachments
	handler  http.Handler

	start, stop sync.Once
	stopped     chan struct{}
	running     sync.WaitGroup
}

// New makes a desk; Start starts it.
func New(cfg Config, n Needs) (*Desk, error) {
	if n.Centre == nil || n.Report == nil || n.Phone == nil || n.Visitors == nil || n.Store == nil || n.Audio == nil || n.Staffing == nil ||
		n.Health == nil || n.Door == nil || n.House == nil || n.Web == nil || n.Now == nil {
		return nil, errors.New("desk: something in Needs is missing")
	}
	if n.Log == nil {
		n.Log = slog.New(slog.DiscardHandler)
	}
	d := &Desk{Needs: n, cfg: cfg, stopped: make(chan struct{})}
	d.hub = newHub(cfg, n, &d.running)
	d.visitors = newVisitors(cfg.Visitors, n.Visitors, n.Phone, n.Now)
	h, err := d.routes()
	if err != nil {
		return nil, err
	}
	d.handler = h
	return d, nil
}

// Handler serves everything. Before Start, websockets and the board are unavailable.
func (d *Desk) Handler() http.Handler { return d.handler }

// Start begins to watch the centre. It returns when the desk is up.
func (d *Desk) Start() {
	d.start.Do(func() {
		d.running.Go(d.hub.run)
		d.running.Go(func() { d.visitors.sweep(d.stopped) })
		<-d.hub.up
	})
}

// Stop says bye to every browser and returns when all is down, at most some seconds later. It may be called twice.
func (d *Desk) Stop() {
	d.stop.Do(func() {
		close(d.stopped)
		close(d.hub.quit)
	})
	d.running.Wait()
}

// ListsChanged tells that messages or tickets in the archive changed, so that pages may load them anew. It does not block.
func (d *Desk) ListsChanged() { d.hub.listsChanged() }

// Server gives an http.Server with the time-outs this desk is made for; playing a recording sets its own.
func (d *Desk) Server() *http.Server {
	return &http.Server{
		Handler:           d.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       longPoll + patience,
		WriteTimeout:      longPoll + patience,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(d.Log.Handler(), slog.LevelDebug),
	}
}

// asked is a request whose sender is known.
type asked struct {
	*http.Request
	user  people.User // zero on public routes
	token string
	addr  string
}

// owner is whom the user's tickets belong to: the seat, or the login of one without.
func owner(u people.User) string {
	if u.Agent != "" {
		return u.Agent
	}
	return u.Login
}

// patience bounds a handler's work.
const patience = 10 * time.Second

func (d *Desk) audit(ctx context.Context, r *asked, act people.Act, about, text string) error {
	return d.Door.Audit(ctx, people.Entry{Login: r.user.Login, Addr: r.addr, Act: act, About: about, Text: text})
}
