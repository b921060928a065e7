package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hotline/internal/config"
	"hotline/people"
	"hotline/postgres"
)

// Welcome is what a new user of the demo reads.
func Welcome(d *Demo, took time.Duration) string {
	var b strings.Builder
	url := "http://" + strings.Replace(d.Addr(), "127.0.0.1", "localhost", 1)
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("")
	line("  hotline is up after %.1f s. Ctrl-C ends it and all that it started.", took.Seconds())
	line("")
	line("  agents' desk     %s/desk", url)
	line("  board            %s/board", url)
	line("  caller page      %s/call      (a call from the browser; open it in a second window)", url)
	line("  call it          sip:12345@%s   12346 is always closed, 12347 always open", d.Asterisk.SIPAddress())
	line("  metrics          %s/metrics", url)
	line("")
	line("  login        password           role")
	for _, l := range d.Logins {
		line("  %-12s %-18s %s, %s", l.Login, l.Password, l.Role, l.Name)
	}
	line("")
	line("  state: %s", d.Config.State)
	return b.String()
}

// Picture draws a flow for Graphviz.
func Picture(cfg *config.Config, flow string, w io.Writer) error {
	dot, err := cfg.Book.Dot(flow)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, dot)
	return err
}

// PutUser makes an account, or sets the password of one that exists. Without a password a random one is made and told.
func PutUser(ctx context.Context, cfg *config.Config, u people.User, password string, w io.Writer) error {
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
