//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// TestASurgeIsAnAlarmAndTellsCallersWhy: more callers than usual raise an alarm and switch the house's announcement on; a
// supervisor switches it off, and on again by the alarm's button; the next caller hears it.
func TestASurgeIsAnAlarmAndTellsCallersWhy(t *testing.T) {
	h := ownBy(t, func(yaml string) string {
		return strings.Replace(yaml, "surge: {times: 3, over: 10m, announce: busy}",
			"surge: {times: 2, over: 10m, least: 4, usual: 6, announce: outage, by_itself: true}", 1)
	})
	boss := h.Browse(t, 0)
	boss.SignIn("huangmei", "/board")
	boss.See("announcement-outage")
	boss.SeeNot("board-alarms")
	ring := func() {
		caller, err := sip.Call(t.Context(), sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13900139000", ToneHz: 440})
		require.NoError(t, err)
		t.Cleanup(func() { _ = caller.Hangup() })
		require.NoError(t, caller.AwaitAnswer(t.Context()))
		require.NoError(t, caller.HearSomething(t.Context()))
		require.NoError(t, caller.Press("11"))
	}
	says := func(text string) func(string) bool {
		return func(s string) bool { return strings.Contains(s, text) }
	}
	for range 4 {
		ring()
	}
	boss.Eventually("board-alarms", "the surge", says("Surge · 12347"))
	boss.Eventually("board-alarms", "how many", says("4 calls in the last 10 min; usual are 1."))
	boss.Eventually("announcement-outage-on", "on by itself", says("while the surge lasts"))
	boss.See("alarm-announced")
	boss.Click("announcement-outage-switch")
	boss.See("alarm-announce")
	ring()
	boss.Eventually("board-alarms", "the next look", says("5 calls in the last"))
	boss.SeeNot("announcement-outage-on")
	boss.Shoot("surge")
	boss.Click("alarm-announce")
	boss.Eventually("announcement-outage-on", "the supervisor's", says("switched on by"))
	ring()
	h.journalled(t, `"announced":["outage"]`)
}
