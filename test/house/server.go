//go:build e2e

package house

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"hotline/internal/sandbox"
)

// Start is a start of the server, timed.
type Start struct {
	Began time.Time // the process was started
	Alive time.Time // its web server answers: the process is up
}

// Start starts the server and returns when its web server answers.
func (h *House) Start(ctx context.Context) (s Start, err error) {
	s.Began = time.Now()
	if h.Server, err = h.Launch(serverLog); err != nil {
		return s, err
	}
	err = Await(ctx, time.Minute, "the server to be alive", func() error { return h.answers("/healthz") })
	s.Alive = time.Now()
	return s, err
}

// Serve starts the server and returns when it takes calls.
func (h *House) Serve(ctx context.Context) error {
	if _, err := h.Start(ctx); err != nil {
		return err
	}
	return h.AwaitReady(ctx)
}

// AwaitReady waits until the server takes calls: the link to Asterisk and the archive are there.
func (h *House) AwaitReady(ctx context.Context) error {
	return Await(ctx, time.Minute, "the server to be ready", h.Ready)
}

// Ready asks whether the server takes calls; an error says which part is missing. A server that has ended is final.
func (h *House) Ready() error { return h.answers("/readyz") }

func (h *House) answers(path string) error {
	if !h.Server.Running() {
		return Final{fmt.Errorf("the server ended: %v\n%s", h.Server.Err(), h.Said())}
	}
	body, status, err := Get(h.URL + path)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%d: %s", status, body)
	}
	return err
}

// Launch starts a server on the house's configuration and waits for nothing; what it says goes to that file of the
// house's folder.
func (h *House) Launch(log string, more ...string) (*sandbox.Process, error) {
	file, err := os.OpenFile(filepath.Join(h.Dir, log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the child has its own
	cmd := exec.Command(Binary, append([]string{"serve", "-c", h.Config(), "--lease", h.plan.Lease.String()}, more...)...)
	cmd.Stdout, cmd.Stderr = file, file
	return sandbox.StartProcess("hotline", cmd, syscall.SIGKILL)
}

// Relaunch is a Start that is not waited for: for servers that are killed on their way up.
func (h *House) Relaunch() (err error) {
	h.Server, err = h.Launch(serverLog)
	return err
}

// Kill ends the server as a crash would.
func (h *House) Kill() error { return h.Server.Kill() }

// Stop ends the server in order, if it runs.
func (h *House) Stop() error { return end(h.Server, h.Log()) }

// stopTime is how long a server has for what it is doing.
const stopTime = 15 * time.Second

// end ends a server in order. One that does not end is asked where it hangs: SIGQUIT makes Go tell.
func end(p *sandbox.Process, log string) error {
	if !p.Running() {
		return nil
	}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGCONT} { // a frozen one takes its signal when it goes on
		if err := p.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
	}
	select {
	case <-p.Done():
		return nil
	case <-time.After(stopTime):
	}
	err := p.Stop(syscall.SIGQUIT, stopTime)
	return errors.Join(fmt.Errorf("the server does not stop within %s:\n%s", stopTime, tail(log, 60_000)), err)
}

const serverLog = "server.log"

// Log is the file of what the servers said, one after the other; not that of standbys.
func (h *House) Log() string { return filepath.Join(h.Dir, serverLog) }

// Said is the end of it.
func (h *House) Said() string { return tail(h.Log(), 6000) }

func tail(file string, last int) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-last):])
}
