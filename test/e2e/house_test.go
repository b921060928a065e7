//go:build e2e

// Package e2e tries the whole hotline on the real thing: the plain binary, Asterisk, PostgreSQL, SIP callers that SIPp
// makes, and Chromium as the agents' desks.
//
//	SIPp ─▶ Asterisk ◀─ARI─▶ hotline serve ◀─HTTP, websocket, WebRTC─▶ Chromium
//	              (a private one)     │
//	                             PostgreSQL (a private one)
//
// One house is shared by the tests that leave it as they found it; those that kill things open one of their own.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/test/house"
)

var shared *House

func TestMain(m *testing.M) { os.Exit(house.Main(m, theWeb, closeShared)) }

// theWeb: the program embeds the browser apps.
func theWeb() error {
	if _, err := os.Stat(filepath.Join(house.Root, "web/dist/index.html")); err != nil {
		return errors.New("the browser apps are not built: run make web")
	}
	return nil
}

func closeShared() error {
	if shared == nil {
		return nil
	}
	if err := shared.Close(); err != nil {
		return fmt.Errorf("closing the shared house: %w", err)
	}
	return nil
}

// House is a whole hotline with the sample centre, and the browsers that are open in it.
type House struct {
	*house.House
	tabs []*Tab
}

// common is the house that tests share.
func common(t *testing.T) *House {
	t.Helper()
	if shared == nil {
		h, err := open(t.Context(), nil, "", staff...)
		if err != nil {
			t.Fatal(err)
		}
		shared = h
	}
	t.Cleanup(func() {
		shared.closeTabs()
		if t.Failed() {
			t.Logf("the server said last:\n%s", shared.Said())
		}
	})
	return shared
}

// own is a house that the test may break.
func own(t *testing.T) *House {
	t.Helper()
	return ownBy(t, nil)
}

// ownBy is one with a configuration of its own.
func ownBy(t *testing.T, edit change) *House {
	t.Helper()
	return ownWith(t, edit, "", staff...)
}

// ownWith is one with more endpoints in its Asterisk, and accounts for those people.
func ownWith(t *testing.T, edit change, pjsip string, logins ...string) *House {
	t.Helper()
	h, err := open(t.Context(), edit, pjsip, logins...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.closeTabs()
		h.Leave(t)
	})
	return h
}

// change edits the sample configuration before the house opens.
type change func(yaml string) string

// staff are those whom most tests sign in.
var staff = []string{"lina", "wangwei", "zhangmin", "liuyang", "huangmei", "admin"}

const lease = 5 * time.Second

// open brings everything up. Nothing of it outlives the test program.
func open(ctx context.Context, edit change, pjsip string, logins ...string) (*House, error) {
	plan := sample(edit)
	plan.Asterisk.ExtraPJSIP = pjsip
	h, err := house.Open(ctx, plan)
	if err != nil {
		return nil, err
	}
	if err = h.Enrol(ctx, logins...); err == nil {
		err = h.Serve(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return &House{House: h}, nil
}

// sample is a house with the sample centre. Visitors may call often, and a line whose hours decide nothing.
func sample(edit change) house.Plan {
	return house.Plan{Name: "e2e", Lease: lease, Flows: os.DirFS(filepath.Join(house.Root, "configs/flows")), Centre: func(machines string) (string, error) {
		text, err := os.ReadFile(filepath.Join(house.Root, "configs/hotline.yaml"))
		if err != nil {
			return "", err
		}
		yaml := strings.Replace(string(text), `line: "12345", per_minute: 3`, `line: "12347", per_minute: 100`, 1)
		yaml = strings.Replace(yaml, "prompts:\n", "prompts:\n  folder: "+house.Prompts+"\n", 1) + machines
		if edit != nil {
			yaml = edit(yaml)
		}
		return yaml, nil
	}}
}

func (h *House) closeTabs() {
	for _, tab := range h.tabs {
		tab.close()
	}
	h.tabs = nil
}

// Metric reads one series of /metrics, written as Prometheus writes it; a missing one is 0.
func (h *House) Metric(t *testing.T, series string) float64 {
	t.Helper()
	m, err := h.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	return m.Value(series)
}
