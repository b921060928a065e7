//go:build e2e

package house

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/internal/sandbox"
)

// Standby is a second server on the house's state folder.
type Standby struct {
	*sandbox.Process
	URL  string // where it tells of itself, before it serves as well
	Log  string // the file of what it says
	port int
}

// Standby starts one, and returns when it stands by. Leave or End ends it.
func (h *House) Standby(ctx context.Context) (*Standby, error) {
	port, err := sandbox.FreePort()
	if err != nil {
		return nil, err
	}
	at := "127.0.0.1:" + strconv.Itoa(port)
	name := fmt.Sprintf("standby-%d.log", port)
	s := &Standby{URL: "http://" + at, Log: filepath.Join(h.Dir, name), port: port}
	if s.Process, err = h.Launch(name, "--health", at); err != nil {
		return nil, err
	}
	if err := Await(ctx, time.Minute, "the standby", func() error { return s.Is("standby") }); err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, tail(s.Log, 6000)), s.End())
	}
	return s, nil
}

// End ends it in order, if it runs, and gives its port back.
func (s *Standby) End() error {
	err := end(s.Process, s.Log)
	sandbox.PortRange{First: s.port, Last: s.port}.Release()
	return err
}

// Is asks whether it is in that phase: standby, starting, serving, stopping.
func (s *Standby) Is(phase string) error {
	body, _, err := Get(s.URL + "/healthz")
	if err == nil && !strings.Contains(body, phase) {
		err = fmt.Errorf("it says %s, not %s", strings.TrimSpace(body), phase)
	}
	return err
}

// Leave ends it with the test, in order, and tells what it said when the test has failed.
func (s *Standby) Leave(t testing.TB) {
	t.Helper()
	if err := s.End(); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		t.Logf("the standby said last:\n%s", tail(s.Log, 6000))
	}
}
