// Command hotline is a call-centre server beside an Asterisk. See `hotline --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hotline/internal/app"
)

type cli struct {
	Log     slog.Level       `help:"What is logged: debug, info, warn, error." default:"info"`
	Version kong.VersionFlag `help:"Print the version."`

	Serve  serve  `cmd:"" help:"Serve a centre with an Asterisk and a PostgreSQL that exist already."`
	Demo   demo   `cmd:"" help:"Bring a whole hotline up on this machine: a private Asterisk, a private PostgreSQL, the sample centre."`
	Check  check  `cmd:"" help:"Find every error in a configuration."`
	Flow   flow   `cmd:"" help:"Draw a flow of a configuration (Graphviz)."`
	User   user   `cmd:"" help:"Make an account, give it a new password or role, or disable it."`
	Report report `cmd:"" help:"Print the queues' figures of a day."`

	Simulate simulate `cmd:"" help:"Run a day of calls on virtual time, with the very engine that routes real ones."`
	Scenario scenario `cmd:"" help:"Write this centre as a scenario for simulate, with calls as they were measured."`
	Erlang   erlang   `cmd:"" help:"The formulas of waiting: Erlang B, C and A, and how many agents a promise needs."`
	Trial    trial    `cmd:"" hidden:"" help:"What the server starts for a scenario of its page: the order comes by standard input."`
}

func main() {
	var c cli
	// People ask for help in more than one way.
	if len(os.Args) > 1 && os.Args[1] == "help" {
		os.Args = append(append(os.Args[:1:1], os.Args[2:]...), "--help")
	}
	k := kong.Parse(&c, kong.Name("hotline"), kong.Description("A call-centre server beside Asterisk."),
		kong.UsageOnError(), kong.Vars{"version": version()})
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.Log})))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C does not wait for an orderly end; the kernel ends what we started.
	context.AfterFunc(ctx, stop)
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(&c)
	k.FatalIfErrorf(k.Run())
}

// version is what the build knows of itself.
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "unknown"
}

type serve struct {
	Config string        `help:"The configuration. SIGHUP reads it again." short:"c" required:"" type:"existingfile"`
	Lease  time.Duration `help:"The dialplan's lease (HOTLINE_LEASE); 0: it has none." default:"15s"`
	Health string        `help:"An address for /healthz and /readyz alone, which answers in the standby, too."`
}

// Help is what hotline serve --help says besides.
func (*serve) Help() string {
	return "A second server on the same state folder is a standby: it takes over when the first one ends, however it ends. " +
		"SIGTERM ends it; calls stay where they are for the next one."
}

func (s *serve) Run(ctx context.Context) error {
	return app.Serve(ctx, s.Config, app.Options{Version: version(), Lease: s.Lease, Standby: true, Health: s.Health})
}

type demo struct {
	State   string `help:"The folder of everything the demo writes." default:"state" type:"path" env:"STATE"`
	Port    int    `help:"The first of four ports: web, SIP, ARI, browsers' audio." default:"8080" env:"PORT"`
	Config  string `help:"A configuration instead of the sample centre." short:"c" type:"existingfile"`
	Verbose bool   `help:"Asterisk logs every step of the dialplan."`
}

func (d *demo) Run(ctx context.Context, c *cli) error {
	p := newProgress(os.Stderr)
	x, err := app.StartDemo(ctx, app.DemoOptions{
		State: d.State, Port: d.Port, Config: d.Config, Version: version(), Level: c.Log, Verbose: d.Verbose, Progress: p.step,
	})
	p.end()
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped before it was up")
		}
		return err
	}
	fmt.Println(app.Welcome(x, p.elapsed()))
	select {
	case <-ctx.Done():
	case what := <-x.Ended(ctx):
		fmt.Fprintln(os.Stderr, what)
		<-ctx.Done()
	}
	fmt.Println("\nstopping")
	if err := x.Stop(); err != nil {
		return err
	}
	fmt.Println("stopped; the next start takes seconds and knows these calls")
	return nil
}

type check struct {
	File string `arg:"" help:"The configuration." type:"path"`
}

func (c *check) Run(ctx context.Context) error { return app.Check(ctx, c.File, os.Stdout) }

type flow struct {
	File string `arg:"" help:"The configuration." type:"existingfile"`
	Flow string `arg:"" optional:"" help:"Which flow; without it they are listed."`
}

func (f *flow) Run() error { return app.Picture(f.File, f.Flow, os.Stdout) }

type user struct {
	Config   string `help:"The configuration." short:"c" required:"" type:"existingfile"`
	Login    string `arg:"" help:"The login."`
	Role     string `help:"agent, supervisor or admin; without it what the configuration says." enum:"agent,supervisor,admin," default:""`
	Name     string `help:"The person's name; without it as configured."`
	Disable  bool   `help:"Let nobody in with this account any more, and end its sessions."`
	Password string `help:"Read from the environment, never from the command line." env:"HOTLINE_PASSWORD" hidden:""`
}

func (u *user) Run(ctx context.Context) error {
	return app.PutUser(ctx, u.Config, app.Account{Login: u.Login, Name: u.Name, Role: u.Role, Password: u.Password, Disable: u.Disable}, os.Stdout)
}

type report struct {
	Config string `help:"The configuration." short:"c" required:"" type:"existingfile"`
	Day    string `arg:"" optional:"" help:"The day, as 2026-11-21; without it today."`
}

func (r *report) Run(ctx context.Context) error {
	return app.ReportDay(ctx, r.Config, r.Day, os.Stdout)
}
