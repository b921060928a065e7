//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
)

// TestBreaksTakeTurnsAndASupervisorHasTheLastWord: one may be on a break, the next waits in line and goes when the
// supervisor ends the first one's break on the board; a caller on a list goes before others, and the desk says why.
func TestBreaksTakeTurnsAndASupervisorHasTheLastWord(t *testing.T) {
	h := ownBy(t, func(yaml string) string {
		yaml = strings.Replace(yaml, "tell: [place, expected-wait]", "tell: [busy, place, expected-wait]", 1)
		return strings.Replace(yaml, "at_once: 2", "at_once: 1", 1) + `
callers:
  lists:
    deputies: {title: {zh: 人大代表, en: Deputies}, numbers: ["139-0013-9000"], priority: 10}
`
	})
	wang, lina := h.Agent(t, "wangwei", 1500), h.Agent(t, "lina", 1000)
	boss := h.Browse(t, 0)
	boss.SignIn("huangmei", "/board")

	takeABreak := func(b *Tab) {
		b.Click("presence")
		b.Click("not-ready-break")
	}
	says := func(text string) func(string) bool {
		return func(s string) bool { return strings.Contains(s, text) }
	}
	takeABreak(wang)
	wang.Eventually("presence-state", "a break", says("Break"))
	wang.Eventually("presence-limit", "the time that is left", says("left"))
	takeABreak(lina)
	lina.Eventually("presence-line", "first in line", says("No. 1 in line: Break"))
	require.Equal(t, "Ready", strings.TrimSpace(lina.Text("presence-state")), "and works on meanwhile")
	boss.Eventually("board-agent-lina-line", "first in line", says("No. 1 in line: Break"))
	lina.Shoot("in-line")

	boss.Click("announcement-outage-switch")
	boss.See("announcement-outage-on")
	boss.Click("board-agent-wangwei-open")
	boss.See("agent-panel")
	boss.Shoot("agent-panel")
	pressed := time.Now()
	boss.Click("overrule-ready")
	lina.Eventually("presence-state", "a break", says("Break"))
	t.Logf("the next in line is on the break %s after the supervisor's press", time.Since(pressed))
	wang.Eventually("presence-state", "ready", says("Ready"))

	boss.Click("overrule-queue-complaint")
	boss.Click("overrule-queue-consult")
	boss.Click("overrule-queues-apply")
	boss.See("overrule-queues-changed")
	caller, err := sip.Call(t.Context(), sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13900139000", ToneHz: 440})
	require.NoError(t, err)
	t.Cleanup(func() { _ = caller.Hangup() })
	require.NoError(t, caller.AwaitAnswer(t.Context()))
	require.NoError(t, caller.HearSomething(t.Context()))
	require.NoError(t, caller.Press("11"))
	boss.Eventually("board-queue-consult-waiting", "1", says("1"))
	wang.SeeNot("offer")
	h.journalled(t, `"announced":["outage"]`)                               // the supervisor's, after the greeting
	h.journalled(t, `"k":"wait.told"`, `当前来电较多，等待时间可能较长。`, `您前面的排队序号是第1位。`) // the queue's own, on entry

	boss.Click("overrule-queues-reset")
	wang.See("offer")
	wang.Eventually("offer-why", "the list", says("list Deputies: +10"))
	wang.Shoot("offer")
	wang.Click("accept")
	wang.Hears(440)
}

// journalled waits for a record that has these words, in this order; nothing that was to be said may have failed.
func (h *House) journalled(t *testing.T, words ...string) {
	t.Helper()
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	want := regexp.MustCompile(strings.Join(words, ".*"))
	failed := regexp.MustCompile(`"k":"prompt\.ended"[^}]*"failed":"[^"]+"`)
	require.NoError(t, house.Await(t.Context(), 30*time.Second, want.String(), func() error {
		logs, err := filepath.Glob(filepath.Join(h.State(), "journal/*.log"))
		if err != nil {
			return err
		}
		for _, file := range logs {
			b, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if bad := failed.Find(b); bad != nil {
				return fmt.Errorf("%s", bad)
			}
			if want.Match(b) {
				return nil
			}
		}
		return errors.New("nobody was told")
	}))
}
