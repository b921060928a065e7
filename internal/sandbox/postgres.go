package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	postgresUp   = 60 * time.Second // longest start: after a crash it replays its log
	postgresDown = 10 * time.Second // from a fast shutdown to KILL
	postgresName = "hotline"        // of the user and the database
)

// PostgresConfig says what a private PostgreSQL should be. Only Dir must be set.
type PostgresConfig struct {
	Dir string // the cluster and its socket; made if missing, kept by Stop

	// Fast gives up safety against power cuts (fsync off), for tests. A killed
	// PostgreSQL recovers all the same.
	Fast bool
	Log  *slog.Logger
}

// Postgres is a running private PostgreSQL. Its methods may be called from any
// goroutine; one of Stop, Kill and Restart works at a time.
type Postgres struct {
	cfg       PostgresConfig
	server    string // the program
	socketDir string
	cleanup   func() error
	as        *syscall.SysProcAttr // as whom it runs

	mu   sync.Mutex
	proc *Process
}

// StartPostgres makes the cluster in cfg.Dir if there is none, starts it and
// returns when it takes connections. Only the starting user can connect, through
// a socket in cfg.Dir; there is no TCP port.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	p := &Postgres{cfg: cfg}
	if p.cfg.Log == nil {
		p.cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := p.prepare(ctx); err != nil {
		return nil, fmt.Errorf("private postgres in %s: %w", cfg.Dir, err)
	}
	if err := p.launch(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("private postgres in %s: %w", cfg.Dir, err), p.cleanup())
	}
	p.cfg.Log.Info("private postgres is up", "program", p.server, "dsn", p.DSN())
	return p, nil
}

func (p *Postgres) prepare(ctx context.Context) error {
	if p.cfg.Dir == "" {
		return errors.New("no folder given")
	}
	var err error
	if p.cfg.Dir, err = filepath.Abs(p.cfg.Dir); err != nil {
		return err
	}
	if p.server, err = findPostgres(); err != nil {
		return err
	}
	if err := os.MkdirAll(p.cfg.Dir, 0o700); err != nil {
		return err
	}
	if p.as, err = p.identity(ctx); err != nil {
		return err
	}
	if err := p.initialise(ctx); err != nil {
		return err
	}
	p.socketDir, p.cleanup, err = shortDir(p.cfg.Dir, ".s.PGSQL.5432")
	if err != nil {
		return err
	}
	return p.own(p.socketDir)
}

func (p *Postgres) dataDir() string { return filepath.Join(p.cfg.Dir, "data") }

// initialise makes the cluster under another name first, so that one
// interrupted half-way is never taken for a whole one.
func (p *Postgres) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(p.dataDir(), "PG_VERSION")); err == nil {
		return nil
	}
	p.cfg.Log.Info("making a new database cluster", "dir", p.dataDir())
	fresh := p.dataDir() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	initdb := []string{
		"-D", fresh, "-U", postgresName, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if p.cfg.Fast {
		initdb = append(initdb, "--no-sync")
	}
	if err := p.run(ctx, "", "initdb", initdb...); err != nil {
		return err
	}
	if err := p.run(ctx, "CREATE DATABASE "+postgresName+";\n", "postgres", "--single", "-D", fresh, "postgres"); err != nil {
		return err
	}
	return os.Rename(fresh, p.dataDir())
}

// run runs one of PostgreSQL's programs to its end.
func (p *Postgres) run(ctx context.Context, input, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(p.server), program), args...)
	cmd.Dir, cmd.SysProcAttr = p.cfg.Dir, copyOf(p.as)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

func copyOf(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	c := *attr
	return &c
}

func (p *Postgres) launch(ctx context.Context) error {
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own
	args := []string{
		"-D", p.dataDir(),
		"-c", "listen_addresses=",
		"-c", "unix_socket_directories=" + p.socketDir,
		"-c", "unix_socket_permissions=0700",
		"-c", "max_connections=60",
		"-c", "shared_buffers=64MB",
		"-c", "timezone=UTC",
		"-c", "log_timezone=UTC",
		"-c", "log_min_duration_statement=1s",
		"-c", "log_checkpoints=off",
	}
	if p.cfg.Fast {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.server, args...)
	cmd.Dir, cmd.SysProcAttr = p.cfg.Dir, copyOf(p.as)
	cmd.Stdout, cmd.Stderr = log, log
	// SIGINT is PostgreSQL's fast shutdown: connections are cut, nothing is lost.
	proc, err := StartProcess("postgres", cmd, syscall.SIGINT)
	if err != nil {
		return err
	}
	if err := p.awaitUp(ctx, proc); err != nil {
		return errors.Join(fmt.Errorf("%w\n%s", err, tail(p.LogFile(), 15)), proc.Kill())
	}
	p.proc = proc
	return nil
}

// awaitUp reads what pg_ctl reads: the last line of postmaster.pid is "ready"
// once connections are taken, and its first the server's own pid.
func (p *Postgres) awaitUp(ctx context.Context, proc *Process) error {
	return proc.await(ctx, postgresUp, "PostgreSQL to be ready", func(context.Context) (bool, error) {
		status, err := os.ReadFile(filepath.Join(p.dataDir(), "postmaster.pid"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return false, err
		}
		lines := strings.Fields(string(status))
		return len(lines) > 1 && lines[0] == strconv.Itoa(proc.PID()) && lines[len(lines)-1] == "ready", nil
	})
}

// Stop shuts down in order and may be called twice; the cluster stays.
func (p *Postgres) Stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.proc.Stop(syscall.SIGINT, postgresDown), p.cleanup())
}

// Kill ends PostgreSQL as a crash would: the server is killed, its workers
// notice and leave. It returns when all are gone, so that Restart may follow.
func (p *Postgres) Kill(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.proc.Running() {
		return nil
	}
	workers, err := children(p.proc.PID())
	if err != nil {
		return err
	}
	if err := p.proc.Kill(); err != nil {
		return err
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		workers = slices.DeleteFunc(workers, func(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
		if len(workers) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("workers of a killed postgres live on: %v: %w", workers, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// Restart shuts PostgreSQL down, if it runs, and starts it on the same cluster.
func (p *Postgres) Restart(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.proc.Stop(syscall.SIGINT, postgresDown); err != nil {
		return err
	}
	if err := os.MkdirAll(p.socketDir, 0o700); err != nil {
		return err
	}
	if err := p.own(p.socketDir); err != nil {
		return err
	}
	return p.launch(ctx)
}

// Freeze stops the server and all its workers (SIGSTOP): connections stay open
// and nothing answers.
func (p *Postgres) Freeze() error { return p.signalAll(syscall.SIGSTOP) }

// Thaw lets a frozen PostgreSQL go on.
func (p *Postgres) Thaw() error { return p.signalAll(syscall.SIGCONT) }

// signalAll takes the server first, so that no new worker is born meanwhile.
func (p *Postgres) signalAll(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.proc.Signal(s); err != nil {
		return err
	}
	workers, err := children(p.proc.PID())
	if err != nil {
		return err
	}
	for _, pid := range workers {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal %v to postgres worker %d: %w", s, pid, err)
		}
	}
	return nil
}

// CPU is the time that the PostgreSQL that runs now has had processors, with all its workers.
func (p *Postgres) CPU() (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proc.CPU()
}

// Done is closed when the PostgreSQL that runs now has ended, wanted or not.
func (p *Postgres) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proc.done
}

// DSN connects to the database "hotline" as its owner.
func (p *Postgres) DSN() string {
	return fmt.Sprintf("host='%s' port=5432 user=%s dbname=%s sslmode=disable", p.socketDir, postgresName, postgresName)
}

// LogFile is PostgreSQL's own log.
func (p *Postgres) LogFile() string { return filepath.Join(p.cfg.Dir, "log") }
