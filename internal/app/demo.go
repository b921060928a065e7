package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"hotline/configs"
	"hotline/internal/config"
	"hotline/internal/sandbox"
	"hotline/journal"
	"hotline/people"
)

// DemoOptions say where a demo lives.
type DemoOptions struct {
	State string // the folder of everything it writes
	// Port is the first of the ports: web is Port, SIP is Port+1, ARI is Port+2, browsers' audio is Port+3. 0: any free.
	Port     int
	Config   string // a configuration instead of the sample centre
	Version  string
	Level    slog.Level // of the log in State/hotline.log
	Verbose  bool       // Asterisk's own log has every step of the dialplan
	Progress Progress
}

// Demo is a whole hotline on this machine: a private Asterisk, a private PostgreSQL and the server.
type Demo struct {
	*App
	Asterisk *sandbox.Asterisk
	Postgres *sandbox.Postgres
	Config   *config.Config
	// Logins are the accounts of the centre with their passwords, in the order of the configuration.
	Logins []Login
	// Log is the file of the server's own words.
	Log string

	log     *os.File
	lock    *journal.Lock // until the server holds it
	stopped bool
}

// Login is one account of the demo.
type Login struct {
	Login, Name, Password string
	Role                  people.Role
}

// demoLease is how long the demo's dialplan lends a caller to the server.
const demoLease = 15 * time.Second

// StartDemo brings it all up. On an error everything that had started is stopped again.
func StartDemo(ctx context.Context, opt DemoOptions) (*Demo, error) {
	if opt.Progress == nil {
		opt.Progress = func(string, int, int) {}
	}
	d := &Demo{}
	if err := d.start(ctx, opt); err != nil {
		return nil, errors.Join(err, d.Stop())
	}
	return d, nil
}

func (d *Demo) start(ctx context.Context, opt DemoOptions) error {
	state, err := filepath.Abs(opt.State)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return fmt.Errorf("the state folder cannot be made: %w", err)
	}
	port := func(i int) int {
		if opt.Port == 0 {
			return 0
		}
		return opt.Port + i
	}
	cfg, err := demoConfig(opt.Config)
	if err != nil {
		return err
	}
	d.Config = cfg
	if err := d.claim(state); err != nil {
		return err
	}
	if err := free(ctx, port(0), port(2)); err != nil {
		return err
	}
	logger, err := d.openLog(state, opt.Level)
	if err != nil {
		return err
	}
	type started struct {
		what string
		err  error
	}
	ready := make(chan started, 2)
	opt.Progress("starting a private PostgreSQL and a private Asterisk", 0, 0)
	go func() {
		var err error
		d.Postgres, err = sandbox.StartPostgres(ctx, sandbox.PostgresConfig{Dir: filepath.Join(state, "postgres"), Log: logger})
		ready <- started{"PostgreSQL", err}
	}()
	go func() {
		var err error
		d.Asterisk, err = sandbox.StartAsterisk(ctx, sandbox.AsteriskConfig{
			Dir: filepath.Join(state, "asterisk"), SIPPort: port(1), ARIPort: port(2), Lease: demoLease, Verbose: opt.Verbose, Log: logger,
		})
		ready <- started{"Asterisk", err}
	}()
	for range 2 {
		s := <-ready
		if s.err != nil {
			err = errors.Join(err, s.err)
			continue
		}
		opt.Progress(s.what+" is up", 0, 0)
	}
	if err != nil {
		return err
	}
	cfg.PBX = []config.Node{{
		Name: "a", ARI: d.Asterisk.ARIURL(), User: d.Asterisk.ARIUser(), Password: config.NewSecret(d.Asterisk.ARIPassword()), App: d.Asterisk.App(),
	}}
	cfg.Postgres.DSN = config.NewSecret(d.Postgres.DSN())
	cfg.State = state
	cfg.HTTP.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(port(0)))
	cfg.Softphone.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(port(3)))
	cfg.Softphone.Loopback = true
	lock := d.lock
	d.lock = nil // the server's now
	d.App, err = Start(ctx, cfg, Options{Version: opt.Version, Logger: logger, Lease: demoLease, Progress: opt.Progress, JournalLock: lock})
	if err != nil {
		return err
	}
	opt.Progress("the server is up", 0, 0)
	return d.accounts(ctx, state)
}

// claim takes the state folder, so that a second demo on it learns at once who has it.
func (d *Demo) claim(state string) (err error) {
	d.lock, err = journal.TryLock(filepath.Join(state, "journal"))
	if errors.Is(err, journal.ErrLocked) {
		return fmt.Errorf("another hotline runs on the state folder %s: end it, or give this one a folder of its own by --state DIR (make run STATE=DIR): %w", state, err)
	}
	return err
}

// openLog begins the file of the server's own words; one that has grown large is kept as hotline.log.1.
func (d *Demo) openLog(state string, level slog.Level) (*slog.Logger, error) {
	const large = 16 << 20
	d.Log = filepath.Join(state, "hotline.log")
	if st, err := os.Stat(d.Log); err == nil && st.Size() > large {
		if err := os.Rename(d.Log, d.Log+".1"); err != nil {
			return nil, err
		}
	}
	var err error
	if d.log, err = os.OpenFile(d.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("the log cannot be written: %w", err)
	}
	return slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: level})), nil
}

// Ended tells, once, that a program which the demo started has ended by itself.
func (d *Demo) Ended(ctx context.Context) <-chan string {
	ended := make(chan string, 1)
	go func() {
		select {
		case <-d.Asterisk.Done():
			ended <- "the private Asterisk has ended by itself; its log is " + d.Asterisk.LogFile()
		case <-d.Postgres.Done():
			ended <- "the private PostgreSQL has ended by itself; its log is " + d.Postgres.LogFile()
		case <-ctx.Done():
		}
	}()
	return ended
}

// free tells early, and in words, that a port is taken.
func free(ctx context.Context, ports ...int) error {
	for _, p := range ports {
		if p == 0 {
			continue
		}
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
		if err != nil {
			return fmt.Errorf("port %d is taken by another program (another demo?): end it, or move all ports by --port N (make run PORT=N): %w", p, err)
		}
		if err := ln.Close(); err != nil {
			return err
		}
	}
	return nil
}

func demoConfig(file string) (*config.Config, error) {
	if file != "" {
		return config.Load(file)
	}
	cfg, err := config.LoadFS(configs.Files, "hotline.yaml")
	if err != nil {
		return nil, err
	}
	// Whoever tries it out at night wants to reach an agent all the same.
	cfg.CallerPage.Line = alwaysOpen
	return cfg, nil
}

// alwaysOpen is the line of the sample centre that knows no night.
const alwaysOpen = "12347"

// accounts makes an account for everybody in the configuration who has none, with a random password that is kept in the
// state folder for the next start.
func (d *Demo) accounts(ctx context.Context, state string) error {
	patience, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := d.Prepared(patience); err != nil {
		return err
	}
	file := filepath.Join(state, "logins.json")
	kept := map[string]string{}
	if b, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(b, &kept); err != nil {
			return fmt.Errorf("%s cannot be read (remove it, and new passwords are made): %w", file, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	made := false
	for _, u := range Accounts(d.Config) {
		password := kept[u.Login]
		_, err := d.Store().User(ctx, u.Login)
		switch {
		case err == nil && password != "":
		case err == nil:
			password = people.NewPassword()
			err = d.Door().SetPassword(ctx, u.Login, password, "demo")
			made = true
		case errors.Is(err, people.ErrNotFound):
			if password == "" {
				password = people.NewPassword()
			}
			err = d.Door().Add(ctx, u, password, "demo")
			made = true
		}
		if err != nil {
			return fmt.Errorf("account %s: %w", u.Login, err)
		}
		kept[u.Login] = password
		d.Logins = append(d.Logins, Login{Login: u.Login, Name: u.Name, Password: password, Role: u.Role})
	}
	if !made {
		return nil
	}
	b, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}

// Accounts are the people of a configuration, as accounts.
func Accounts(cfg *config.Config) []people.User {
	var users []people.User
	for _, a := range cfg.ACDAgents() {
		users = append(users, people.User{Login: a.ID, Name: nameOf(cfg.Agents[a.ID].Name, cfg, a.ID), Role: people.Agent, Agent: a.ID})
	}
	for _, l := range slices.Sorted(maps.Keys(cfg.Supervisors)) {
		users = append(users, people.User{Login: l, Name: nameOf(cfg.Supervisors[l].Name, cfg, l), Role: people.Supervisor})
	}
	for _, l := range slices.Sorted(maps.Keys(cfg.Admins)) {
		users = append(users, people.User{Login: l, Name: nameOf(cfg.Admins[l].Name, cfg, l), Role: people.Admin})
	}
	return users
}

// Stop ends all that was started, in order. It may be called twice.
func (d *Demo) Stop() error {
	if d.stopped {
		return nil
	}
	d.stopped = true
	var errs []error
	if d.App != nil {
		errs = append(errs, d.App.Stop())
	}
	if d.Asterisk != nil {
		errs = append(errs, d.Asterisk.Stop())
	}
	if d.Postgres != nil {
		errs = append(errs, d.Postgres.Stop())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Release())
	}
	if d.log != nil {
		errs = append(errs, d.log.Close())
	}
	return errors.Join(errs...)
}
