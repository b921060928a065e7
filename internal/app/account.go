package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hotline/internal/config"
	"hotline/people"
	"hotline/postgres"
)

// Account is a person as the command line names one.
type Account struct {
	Login, Name, Role, Password string
	// Disable: whoever it is comes in no more.
	Disable bool
}

// PutUser makes an account, or changes one that exists. Without a password a random one is made and told.
func PutUser(ctx context.Context, file string, who Account, w io.Writer) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	s, err := archiveOf(cfg)
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
	return putAccount(ctx, cfg, s, door, who, w)
}

// archiveOf opens the PostgreSQL that the configuration names. One that is not named is not looked for: whatever answers
// on this machine may be somebody else's.
func archiveOf(cfg *config.Config) (*postgres.Store, error) {
	dsn := cfg.Postgres.DSN.Reveal()
	if dsn == "" {
		return nil, errors.New("the configuration names no archive: add postgres: {dsn_file: secrets/postgres}, or dsn_env: …")
	}
	return postgres.New(dsn, nil)
}

const byCommandLine = "command line"

func putAccount(ctx context.Context, cfg *config.Config, store people.Store, door *people.Door, who Account, w io.Writer) error {
	login, err := people.CleanLogin(who.Login)
	if err != nil {
		return err
	}
	old, err := store.User(ctx, login)
	exists := err == nil
	if err != nil && !errors.Is(err, people.ErrNotFound) {
		return err
	}
	if who.Disable {
		if !exists {
			return fmt.Errorf("there is no account %s", login)
		}
		if err := door.Disable(ctx, login, byCommandLine); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s comes in no more; a new password by this command lets them in again\n", login)
		return nil
	}
	u, err := completed(cfg, people.User{Login: login, Name: who.Name, Role: people.Role(who.Role)}, old)
	if err != nil {
		return err
	}
	password, told := who.Password, who.Password == ""
	if told {
		password = people.NewPassword()
	}
	if exists && u.Name == old.Name && u.Role == old.Role && u.Agent == old.Agent && !old.Disabled {
		err = door.SetPassword(ctx, login, password, byCommandLine)
	} else {
		err = door.Add(ctx, u, password, byCommandLine)
	}
	if err != nil {
		return err
	}
	if told {
		fmt.Fprintf(w, "%s's password is %s\n", login, password)
	}
	return nil
}

// completed fills in what the command line does not say: what the configuration knows of a person, else what was.
func completed(cfg *config.Config, u, old people.User) (people.User, error) {
	for _, known := range append(Accounts(cfg), old) {
		if known.Login != u.Login {
			continue
		}
		if u.Role == "" {
			u.Role = known.Role
		}
		if u.Name == "" {
			u.Name = known.Name
		}
		if u.Agent == "" {
			u.Agent = known.Agent
		}
	}
	if u.Role == "" {
		return u, fmt.Errorf("%s is not in the configuration: say what the account may do by --role", u.Login)
	}
	if u.Name == "" {
		u.Name = u.Login
	}
	return u, nil
}
