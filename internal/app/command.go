package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"hotline/internal/config"
	"hotline/people"
	"hotline/postgres"
)

// Serve runs a centre by its configuration until ctx ends, or until it must not go on. SIGHUP reads the configuration
// again.
func Serve(ctx context.Context, file string, opt Options) error {
	tuneCollector()
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	missing := cfg.ForServe()
	if len(cfg.PBX) == 0 || cfg.Postgres.DSN.Reveal() == "" {
		return missing
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	opt.Reread = func() (*config.Config, error) { return config.Load(file) }
	a, err := Start(ctx, cfg, opt)
	if err != nil && ctx.Err() != nil {
		return nil // told to end before it served: a standby
	}
	if err != nil {
		return err
	}
	a.log.Info("hotline is up", "address", a.Addr(), "took", time.Since(a.began).Round(time.Millisecond))
	for _, m := range missing {
		a.log.Warn("the configuration is one to try out, not to serve with", "place", m.Place, "reason", m.Reason, "remedy", m.Remedy)
	}
	for {
		select {
		case <-again:
			_ = a.Reload(ctx, file) // it has told why not; the old configuration serves
		case err := <-a.failed:
			a.log.Error("hotline must stop at once", "err", err)
			return errors.Join(err, a.Stop())
		case <-ctx.Done():
			a.log.Info("hotline is stopping")
			began := time.Now()
			err := a.Stop()
			a.log.Info("hotline has stopped", "took", time.Since(began).Round(time.Millisecond))
			return err
		}
	}
}

// Check writes what is wrong in a configuration, or what a right one holds.
func Check(file string, w io.Writer) error {
	if !config.Check(file, w) {
		return errors.New("the configuration has errors")
	}
	return nil
}

// Picture draws a flow for Graphviz; without a flow's name it lists them.
func Picture(file, flow string, w io.Writer) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	if flow == "" {
		_, err = fmt.Fprintln(w, strings.Join(cfg.Book.Flows(), "\n"))
		return err
	}
	dot, err := cfg.Book.Dot(flow)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, dot)
	return err
}

// Welcome is what a new user of the demo reads.
func Welcome(d *Demo, took time.Duration) string {
	var b strings.Builder
	url := "http://" + strings.Replace(d.Addr(), "127.0.0.1", "localhost", 1)
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("")
	line("  hotline is up after %.1f s. Ctrl-C ends it and all that it started.", took.Seconds())
	line("")
	line("  agents' desk   %s/desk     sign in as an agent, allow the microphone, press Ready", url)
	line("  caller page    %s/call     in another window: a call from the browser, to %s", url, d.Config.CallerPage.Line)
	line("  board          %s/board    sign in as a supervisor", url)
	line("  a SIP phone    sip:12345@%s        12346 is always closed, 12347 always open", d.Asterisk.SIPAddress())
	line("  metrics        %s/metrics", url)
	line("")
	line("  login        password         role")
	for _, l := range d.Logins {
		line("  %-12s %-16s %-12s %s", l.Login, l.Password, l.Role, l.Name)
	}
	line("")
	line("  state  %s   (calls, recordings, passwords; remove it to begin anew)", d.Config.State)
	line("  log    %s", d.Log)
	return b.String()
}

// Account is a person as the command line names one.
type Account struct{ Login, Name, Role, Password string }

// PutUser makes an account, or sets the password of one that exists. Without a password a random one is made and told.
func PutUser(ctx context.Context, file string, who Account, w io.Writer) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	u, password := people.User{Login: who.Login, Name: who.Name, Role: people.Role(who.Role)}, who.Password
	s, err := postgres.New(cfg.Postgres.DSN.Reveal(), nil)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	door, err := people.NewDoor(s, people.DefaultConfig(), nil, time.Now)
	if err != nil {
		return err
	}
	told := password == ""
	if told {
		password = newPassword()
	}
	_, err = s.User(ctx, u.Login)
	switch {
	case err == nil:
		err = door.SetPassword(ctx, u.Login, password, "command line")
	case errors.Is(err, people.ErrNotFound):
		u, err = completed(cfg, u)
		if err == nil {
			err = door.Add(ctx, u, password, "command line")
		}
	}
	if err != nil {
		return err
	}
	if told {
		fmt.Fprintf(w, "%s's password is %s\n", u.Login, password)
	}
	return nil
}

// completed fills in what the configuration knows of a person.
func completed(cfg *config.Config, u people.User) (people.User, error) {
	for _, known := range Accounts(cfg) {
		if known.Login != u.Login {
			continue
		}
		if u.Role == "" {
			u.Role = known.Role
		}
		if u.Name == "" {
			u.Name = known.Name
		}
		u.Agent = known.Agent
	}
	if u.Role == "" {
		return u, fmt.Errorf("%s is not in the configuration: say what the account may do by --role", u.Login)
	}
	if u.Name == "" {
		u.Name = u.Login
	}
	return u, nil
}
