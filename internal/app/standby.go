package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hotline/internal/config"
	"hotline/journal"
)

// Two servers on one state folder: the first one serves, the second one is its standby. The arbiter is the journal's
// lock, a flock(2): the kernel gives it on when its holder ends, however it ends, and to one only. The standby has its
// prompts spoken and its files read; when it gets the lock it does what every start does, and takes the ports that the
// kernel has freed.
//
// A server that is frozen (SIGSTOP, a hung disk) keeps its lock: no standby takes over, callers reach the dialplan's net
// when their lease runs out, and when it wakes it goes on. Who wants the standby then ends it with kill -9.

// lock takes the journal's lock. As a standby it waits for it.
func (a *App) lock(ctx context.Context, dir string) (*journal.Lock, error) {
	if a.opt.JournalLock != nil {
		return a.opt.JournalLock, nil
	}
	lock, err := journal.TryLock(dir)
	if !a.opt.Standby || !errors.Is(err, journal.ErrLocked) {
		return lock, err
	}
	a.phase.Store("standby")
	a.log.Info("standby: ready to take over when the other server ends", "why", err)
	lock, err = journal.WaitLock(ctx, dir)
	if err != nil {
		return nil, err
	}
	a.phase.Store("starting")
	a.began = time.Now()
	a.log.Info("taking over")
	a.reread(ctx)
	return lock, nil
}

// reread takes up what has changed in the configuration while this server stood by. One that cannot be read now leaves the
// one that could.
func (a *App) reread(ctx context.Context) {
	if a.opt.Reread == nil {
		return
	}
	next, err := a.opt.Reread()
	if err == nil && next.Hash != a.cfg.Load().Hash {
		next, err = a.takeUp(ctx, next)
	}
	if err != nil {
		a.log.Error("the configuration has changed and cannot be taken up; the one of the standby's start serves", "err", err)
		a.alarms.refused(err)
		return
	}
	a.cfg.Store(next)
}

// takeUp speaks a configuration's prompts before it comes into force, so that nobody waits for them.
func (a *App) takeUp(ctx context.Context, next *config.Config) (*config.Config, error) {
	if fixed := config.Reloadable(a.cfg.Load(), next); len(fixed) > 0 {
		return nil, fixed
	}
	ctx, cancel := context.WithTimeout(ctx, reloadTime)
	defer cancel()
	store, err := a.openPrompts(ctx, next)
	if err != nil {
		return nil, fmt.Errorf("prompts: %w", err)
	}
	a.prompts.Store(store)
	return next, nil
}

// Replaced: another program has connected to Asterisk under the application's name, with a state of its own. Two would
// answer every call: this one must end, and not be started again before a person has looked.
type Replaced struct{ Node string }

func (e *Replaced) Error() string {
	return fmt.Sprintf("another program has taken the application on node %s: two hotlines must not share `pbx.app`; give one of them a name of its own, and start this one again", e.Node)
}

// ExitCode is the process's, for a supervisor that should not start it again: RestartPreventExitStatus=76.
func (*Replaced) ExitCode() int { return 76 }

func (a *App) replaced(node string) {
	select {
	case a.failed <- &Replaced{node}:
	default: // it is stopping already
	}
}

// startHealth answers whoever watches over the process, from its first moment on.
func (a *App) startHealth(ctx context.Context, _ *config.Config) error {
	if a.opt.Health == "" {
		return nil
	}
	ln, err := listen(ctx, a.opt.Health, "--health")
	if err != nil {
		return err
	}
	a.health = ln.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { a.sayPhase(w, http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if a.phase.Load() != "serving" {
			a.sayPhase(w, http.StatusServiceUnavailable)
			return
		}
		a.desk.Handler().ServeHTTP(w, r)
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	a.onStop("health", func(context.Context) error { return srv.Close() })
	a.serve("health", srv, ln)
	return nil
}

func (a *App) sayPhase(w http.ResponseWriter, status int) {
	b, err := json.Marshal(map[string]any{"phase": a.phase.Load()})
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the asker went away: nothing to do
}

// HealthAddr is where Options.Health listens.
func (a *App) HealthAddr() string { return a.health }
