//go:build e2e

// Package house is a whole hotline of a test's own: the plain binary, a private Asterisk, a private PostgreSQL, and a
// folder and ports that nobody else has.
//
//	Open ────▶ Asterisk ◀──ARI── (a way of the test's) ──▶ hotline serve ◀── Get, As, Metrics ── the test
//	Admit ───▶ PostgreSQL ◀───────────────────────────────┘      ▲
//	                                                 Start, Kill, Standby
//
// A Plan says what is special about a house; what a test does in it is the test's own: e2e brings browsers, faults a
// crowd and ledgers, bench app_queue. An agent without a browser, with a phone, is in house/seat. A house holds no
// testing.T, so that tests may share one; errors say what was waited for, and what was seen last.
package house

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"hotline/internal/sandbox"
)

// Plan is what distinguishes a house from others.
type Plan struct {
	Name     string                 // of its folder: hotline-NAME-…
	Lease    time.Duration          // how long its dialplan lends a call to the server
	Asterisk sandbox.AsteriskConfig // what is special about its Asterisk: the house adds folder, ports, lease and log

	// Centre writes hotline.yaml; machines are the lines that name this house's Asterisk, PostgreSQL, ports and folder.
	Centre func(machines string) (yaml string, err error)
	Flows  fs.FS // the folder flows beside it

	// Way puts something between server and Asterisk: it is given Asterisk's host and port, and gives those that the server
	// is told. nil: there is nothing.
	Way func(asterisk string) (string, error)
}

// House is one that is open. One goroutine opens, starts, kills and closes; asking it is for all.
type House struct {
	Asterisk *sandbox.Asterisk
	Postgres *sandbox.Postgres
	Server   *sandbox.Process // the one that serves; a standby that has taken over is put here
	URL      string           // of the server, without a slash at its end
	Dir      string           // all that it writes

	plan  Plan
	ports sandbox.PortRange // web, browsers' audio, legs' audio, SIP, ARI
	guest bool              // Asterisk and PostgreSQL are another house's

	mu        sync.Mutex
	passwords map[string]string
	sessions  map[string]string
}

// Open brings everything up but the server. Nothing of it outlives the test program.
func Open(ctx context.Context, plan Plan) (*House, error) {
	h, err := site(plan)
	if err != nil {
		return nil, err
	}
	if err := h.open(context.WithoutCancel(ctx)); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) open(ctx context.Context) (err error) {
	cfg := h.plan.Asterisk
	cfg.Dir, cfg.Lease, cfg.Log = filepath.Join(h.Dir, "asterisk"), h.plan.Lease, slog.New(slog.DiscardHandler)
	cfg.SIPPort, cfg.ARIPort, cfg.Verbose = h.ports.First+3, h.ports.First+4, kept()
	if h.Asterisk, err = sandbox.StartAsterisk(ctx, cfg); err != nil {
		return err
	}
	if h.Postgres, err = sandbox.StartPostgres(ctx, sandbox.PostgresConfig{Dir: filepath.Join(h.Dir, "postgres"), Fast: true}); err != nil {
		return err
	}
	return h.configure()
}

// Beside is a house that shares the machines of another, with a folder and ports of its own. It must be closed first.
func (h *House) Beside(plan Plan) (*House, error) {
	b, err := site(plan)
	if err != nil {
		return nil, err
	}
	b.Asterisk, b.Postgres, b.guest = h.Asterisk, h.Postgres, true
	if err := b.configure(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// site finds the place for a house.
func site(plan Plan) (h *House, err error) {
	h = &House{plan: plan, passwords: map[string]string{}, sessions: map[string]string{}}
	if h.Dir, err = os.MkdirTemp("", "hotline-"+plan.Name+"-"); err != nil {
		return nil, err
	}
	if h.ports, err = sandbox.FreePorts(5); err != nil {
		return nil, errors.Join(err, os.RemoveAll(h.Dir))
	}
	return h, nil
}

// configure writes the centre with this house's machines.
func (h *House) configure() error {
	ari, err := url.Parse(h.Asterisk.ARIURL())
	if err != nil {
		return err
	}
	if h.plan.Way != nil {
		if ari.Host, err = h.plan.Way(ari.Host); err != nil {
			return err
		}
	}
	web := h.ports.First
	yaml, err := h.plan.Centre(fmt.Sprintf(`
pbx: [{name: a, ari: %q, user: %s, password: %q, app: %s}]
postgres: {dsn: %q}
http: {listen: "127.0.0.1:%d"}
softphone: {listen: "127.0.0.1:%d", rtp: "127.0.0.1:%d", loopback: true}
state: %q
`, ari.String(), h.Asterisk.ARIUser(), h.Asterisk.ARIPassword(), h.Asterisk.App(), h.Postgres.DSN(), web, web+1, web+2, h.State()))
	if err != nil {
		return err
	}
	scheme := "http"
	if regexp.MustCompile(`(?m)^http: .*tls:`).MatchString(yaml) {
		scheme = "https"
	}
	h.URL = scheme + "://127.0.0.1:" + strconv.Itoa(web)
	if err := os.WriteFile(h.Config(), []byte(yaml), 0o600); err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(h.Dir, "flows"), h.plan.Flows)
}

// Config is the file of the centre.
func (h *House) Config() string { return filepath.Join(h.Dir, "hotline.yaml") }

// State is the server's folder: journal, recordings, certificate.
func (h *House) State() string { return filepath.Join(h.Dir, "state") }

// Close ends everything, gives the ports back and removes the folder, unless HOTLINE_KEEP is set. An error tells what
// did not end in order.
func (h *House) Close() error {
	errs := []error{h.Stop()}
	if h.Asterisk != nil && !h.guest {
		errs = append(errs, h.Asterisk.Stop())
	}
	if h.Postgres != nil && !h.guest {
		errs = append(errs, h.Postgres.Stop())
	}
	h.ports.Release()
	if !kept() {
		errs = append(errs, os.RemoveAll(h.Dir))
	}
	return errors.Join(errs...)
}

// Leave is a test's end in a house of its own: Close, and what the server said last when the test has failed.
func (h *House) Leave(t testing.TB) {
	t.Helper()
	if t.Failed() {
		t.Logf("the server said last:\n%s", h.Said())
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if kept() {
		t.Logf("kept: %s", h.Dir)
	}
}

// kept tells that houses leave their folders behind, to be looked at.
func kept() bool { return os.Getenv("HOTLINE_KEEP") != "" }
