//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/sip"
)

// Standby starts a second server, and returns when it stands by.
func (h *House) Standby(t *testing.T) *house.Standby {
	t.Helper()
	s, err := h.House.Standby(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { s.Leave(t) })
	body, status, err := house.Get(s.URL + "/readyz")
	require.NoError(t, err)
	require.Equal(t, 503, status, body)
	return s
}

// at is when a server's log said something last.
func at(t *testing.T, file, what string) time.Time {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^time=(\S+) .*`+regexp.QuoteMeta(what)+`.*$`).FindAllStringSubmatch(string(b), -1)
	require.NotEmpty(t, m, "%s never said %q:\n%s", file, what, b)
	when, err := time.Parse(time.RFC3339Nano, m[len(m)-1][1])
	require.NoError(t, err)
	return when
}

// ended waits until a server that was told to end has said its last word: the next one serves before that.
func ended(t *testing.T, p *sandbox.Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("the server that was told to end goes on")
	}
}

// patient is a centre whose callers wait though nobody is there.
func patient(yaml string) string { return strings.ReplaceAll(yaml, ", nobody: message", "") }

func ownPatient(t *testing.T) *House {
	t.Helper()
	return ownBy(t, patient)
}

// Waiter is a caller who waits in the queue consult.
func (h *House) Waiter(t *testing.T, from string) *sip.Caller {
	t.Helper()
	ctx := t.Context()
	c, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: from, ToneHz: 440})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Hangup() }) // it may have ended
	require.NoError(t, c.AwaitAnswer(ctx))
	require.NoError(t, c.HearSomething(ctx))
	require.NoError(t, c.Press("10")) // Chinese, a person
	return c
}

func (h *House) awaitWaiting(t *testing.T, n float64) {
	t.Helper()
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "the queue", func() error {
		body, _, err := house.Get(h.URL + "/metrics")
		if err != nil {
			return err
		}
		if !strings.Contains(body, fmt.Sprintf("hotline_queue_waiting{queue=\"consult\"} %g\n", n)) {
			return fmt.Errorf("not %g waiting", n)
		}
		return nil
	}))
}

func TestAStandbyTakesOverWhenTheServerDiesOrIsReplaced(t *testing.T) {
	h := ownPatient(t)
	waiter := h.Waiter(t, "13800138001")
	h.awaitWaiting(t, 1)

	// A crash.
	s := h.Standby(t)
	killed := time.Now()
	require.NoError(t, h.Kill())
	h.answers(t, s, killed, "kill -9")
	h.awaitWaiting(t, 1)
	require.NoError(t, waiter.HearSomething(t.Context()), "music goes on")

	// An orderly end, as in an upgrade.
	next := h.Standby(t)
	good, err := os.ReadFile(h.Config())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(h.Config(), []byte(withWuHao(string(good))), 0o600))
	told := time.Now()
	require.NoError(t, s.Signal(syscall.SIGTERM))
	h.answers(t, next, told, "SIGTERM")
	ended(t, s.Process)
	t.Logf("SIGTERM: deaf for %s, stopped within %s", at(t, next.Log, "link to Asterisk is up").Sub(at(t, s.Log, "hotline is stopping")),
		at(t, s.Log, "hotline has stopped").Sub(told))
	h.awaitWaiting(t, 1)
	require.NoError(t, waiter.HearSomething(t.Context()), "music goes on")
	select {
	case <-waiter.Ended():
		t.Fatal("the waiting caller was lost")
	default:
	}
	body, _, err := house.Get(next.URL + "/readyz")
	require.NoError(t, err)
	require.Contains(t, body, `"ready":true`)
	var me desk.Profile
	require.NoError(t, h.Program(t, "huangmei").Get("/api/me", &me))
	require.True(t, slices.ContainsFunc(me.Agents, func(c desk.Colleague) bool { return c.Agent == "wuhao" }), "the configuration as it is now")
}

// TestAnAgentsTalkGoesOnAfterAnUpgrade: the agent's browser finds the standby by itself, and nobody touches anything.
func TestAnAgentsTalkGoesOnAfterAnUpgrade(t *testing.T) {
	h, lina, caller, ticket := inTalk(t)
	ctx := t.Context()

	next := h.Standby(t)
	told := time.Now()
	require.NoError(t, h.Server.Signal(syscall.SIGTERM))
	require.NoError(t, house.Await(ctx, 20*time.Second, "the take-over", func() error { return next.Is("serving") }))
	up := time.Now()
	talkFor(500 * time.Millisecond) // what was heard before the change is past
	require.NoError(t, caller.Hear(ctx, 1000))
	t.Logf("serving after %s, the agent heard again %s later", up.Sub(told), time.Since(up))
	lina.Hears(440)
	require.Equal(t, ticket, lina.Text("ticket-id"))
	ended(t, h.Server)
	t.Logf("stopped within %s with a browser", at(t, h.Log(), "hotline has stopped").Sub(told))
}

// withWuHao is a centre with one more agent.
func withWuHao(yaml string) string {
	return strings.Replace(yaml, "\nsupervisors:", "  wuhao: {name: {zh: 吴昊, en: Wu Hao}, skills: {consult: 3}, queues: [consult]}\n\nsupervisors:", 1)
}

// TestAServerWhoseApplicationAnotherProgramTakesStopsAtOnce: two would answer every call.
func TestAServerWhoseApplicationAnotherProgramTakesStopsAtOnce(t *testing.T) {
	h := own(t)
	q := url.Values{"app": {h.Asterisk.App()}, "api_key": {h.Asterisk.ARIUser() + ":" + h.Asterisk.ARIPassword()}}
	ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(h.Asterisk.ARIURL(), "http")+"/events?"+q.Encode(), nil)
	require.NoError(t, err)
	defer ws.Close() // only opened
	began := time.Now()
	select {
	case <-h.Server.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on")
	}
	t.Logf("ended after %s", time.Since(began))
	var end *exec.ExitError
	require.ErrorAs(t, h.Server.Err(), &end)
	require.Equal(t, 76, end.ExitCode(), "a supervisor must not start it again")
	require.Contains(t, h.Said(), "another program has taken the application")
}

// answers waits until the second server routes a call.
func (h *House) answers(t *testing.T, s *house.Standby, since time.Time, how string) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, house.Await(ctx, 20*time.Second, "the take-over", func() error { return s.Is("serving") }))
	serving := time.Since(since)
	c, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13800138002"})
	require.NoError(t, err)
	require.NoError(t, c.AwaitAnswer(ctx))
	t.Logf("%s: serving after %s, link up after %s, the next call answered after %s", how, serving,
		at(t, s.Log, "link to Asterisk is up").Sub(since), c.AnsweredAt().Sub(since))
	require.NoError(t, c.Hangup())
	_, err = c.Wait(ctx)
	require.NoError(t, err)
}

func TestANewConfigurationComesIntoForceWithoutARestart(t *testing.T) {
	h := ownPatient(t)
	waiter := h.Waiter(t, "13800138001")
	h.awaitWaiting(t, 1)
	p := h.Program(t, "huangmei")
	good, err := os.ReadFile(h.Config())
	require.NoError(t, err)
	reload := func(yaml string) {
		require.NoError(t, os.WriteFile(h.Config(), []byte(yaml), 0o600))
		require.NoError(t, h.Server.Signal(syscall.SIGHUP))
	}
	alarmed := func(want string) error {
		var b desk.Board
		if err := p.Get("/api/board", &b); err != nil {
			return err
		}
		for _, a := range b.Alarms {
			if a.Kind == "config" && strings.Contains(a.Text, want) {
				return nil
			}
		}
		return fmt.Errorf("no alarm about %q in %+v", want, b.Alarms)
	}
	names := func() (all string) {
		var me desk.Profile
		require.NoError(t, p.Get("/api/me", &me))
		for _, a := range me.Agents {
			all += a.Agent + " "
		}
		return all
	}

	reload(string(good) + "\nnonsense: true\n")
	require.NoError(t, house.Await(t.Context(), 10*time.Second, "the refusal", func() error { return alarmed("nonsense") }))
	reload(strings.Replace(string(good), "\nstate: ", "\nstate: /elsewhere # ", 1))
	require.NoError(t, house.Await(t.Context(), 10*time.Second, "the refusal", func() error { return alarmed("restart the server") }))
	require.NotContains(t, names(), "wuhao")

	reload(withWuHao(string(good)))
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "the new agent", func() error {
		if !strings.Contains(names(), "wuhao") {
			return errors.New(names())
		}
		return nil
	}))
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "the alarm to be over", func() error { // a moment after
		if alarmed("restart the server") == nil {
			return errors.New("the board has it still")
		}
		return nil
	}))
	h.awaitWaiting(t, 1)
	require.NoError(t, waiter.HearSomething(t.Context()))
}
