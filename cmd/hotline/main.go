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
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hotline/internal/app"
	"hotline/internal/config"
	"hotline/people"
)

type cli struct {
	Log     string           `help:"What is logged: debug, info, warn, error." default:"info" enum:"debug,info,warn,error"`
	Version kong.VersionFlag `help:"Print the version."`

	Serve serve `cmd:"" help:"Serve a centre with an Asterisk and a PostgreSQL that exist already."`
	Demo  demo  `cmd:"" help:"Bring a whole hotline up on this machine: a private Asterisk, a private PostgreSQL, the sample centre."`
	Check check `cmd:"" help:"Find every error in a configuration."`
	Flow  flow  `cmd:"" help:"Draw a flow of a configuration (Graphviz)."`
	User  user  `cmd:"" help:"Make an account, or set its password."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Name("hotline"), kong.Description("A call-centre server beside Asterisk."),
		kong.UsageOnError(), kong.Vars{"version": version()})
	var level slog.Level
	k.FatalIfErrorf(level.UnmarshalText([]byte(c.Log)))
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
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
	Config string        `help:"The configuration." short:"c" required:"" type:"existingfile"`
	Lease  time.Duration `help:"The dialplan's lease (HOTLINE_LEASE); 0: it has none." default:"15s"`
}

func (s *serve) Run(ctx context.Context) error {
	cfg, err := config.Load(s.Config)
	if err != nil {
		return err
	}
	a, err := app.Start(ctx, cfg, app.Options{Version: version(), Lease: s.Lease})
	if err != nil {
		return err
	}
	slog.Info("hotline is up", "address", a.Addr())
	<-ctx.Done()
	return a.Stop()
}

type demo struct {
	State   string `help:"The folder of everything the demo writes." default:"state" type:"path"`
	Port    int    `help:"The first of four ports: web, SIP, ARI, browsers' audio." default:"8080" env:"PORT"`
	Config  string `help:"A configuration instead of the sample centre." type:"existingfile"`
	Verbose bool   `help:"Asterisk logs every step of the dialplan."`
}

func (d *demo) Run(ctx context.Context) error {
	began := time.Now()
	x, err := app.StartDemo(ctx, app.DemoOptions{
		State: d.State, Port: d.Port, Config: d.Config, Version: version(), Verbose: d.Verbose, Progress: progress(),
	})
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, "\r\033[K")
	fmt.Println(app.Welcome(x, time.Since(began)))
	<-ctx.Done()
	fmt.Println("stopping")
	return x.Stop()
}

// progress shows what is being done on one line of the terminal.
func progress() func(string, ...any) {
	last := ""
	return func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		word, _, _ := strings.Cut(line, " ")
		if lastWord, _, _ := strings.Cut(last, " "); last != "" && word != lastWord {
			fmt.Fprintln(os.Stderr)
		}
		fmt.Fprintf(os.Stderr, "\r\033[K%s", line)
		last = line
	}
}

type check struct {
	File string `arg:"" help:"The configuration." type:"path"`
}

func (c *check) Run() error {
	if !config.Check(c.File, os.Stdout) {
		return errors.New("the configuration has errors")
	}
	return nil
}

type flow struct {
	File string `arg:"" help:"The configuration." type:"existingfile"`
	Flow string `arg:"" optional:"" help:"Which flow; without it they are listed."`
}

func (f *flow) Run() error {
	cfg, err := config.Load(f.File)
	if err != nil {
		return err
	}
	if f.Flow == "" {
		fmt.Println(strings.Join(cfg.Book.Flows(), "\n"))
		return nil
	}
	return app.Picture(cfg, f.Flow, os.Stdout)
}

type user struct {
	Config   string `help:"The configuration." short:"c" required:"" type:"existingfile"`
	Login    string `arg:"" help:"The login."`
	Role     string `help:"agent, supervisor or admin, for a new account." enum:"agent,supervisor,admin," default:""`
	Name     string `help:"The person's name, for a new account."`
	Password string `help:"Read from the environment, never from the command line." env:"HOTLINE_PASSWORD" hidden:""`
}

func (u *user) Run(ctx context.Context) error {
	cfg, err := config.Load(u.Config)
	if err != nil {
		return err
	}
	return app.PutUser(ctx, cfg, people.User{Login: u.Login, Name: u.Name, Role: people.Role(u.Role)}, u.Password, os.Stdout)
}
