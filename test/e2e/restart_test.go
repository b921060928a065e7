//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// TestAKilledServerComesBackWithEverything: history, tickets, accounts, figures; the desk signs nobody out.
func TestAKilledServerComesBackWithEverything(t *testing.T) {
	h := own(t)
	ctx := t.Context()
	lina := h.Agent(t, "lina", 1000)
	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13800138001", ToneHz: 440})
	require.NoError(t, err)
	require.NoError(t, caller.AwaitAnswer(ctx))
	require.NoError(t, caller.HearSomething(ctx))
	require.NoError(t, caller.Press("10"))
	lina.See("offer")
	lina.Click("accept")
	lina.See("ticket-id")
	ticket := strings.TrimPrefix(lina.Text("ticket-id"), "Ticket ")
	lina.Type("ticket-happened", "路灯不亮")
	lina.Eventually("ticket-saved", "says saved", func(s string) bool { return strings.Contains(strings.ToLower(s), "saved") })
	lina.Hears(440)
	talkFor(time.Second)
	lina.Click("end")
	lina.Click("wrap-up-done")
	lina.Eventually("presence-state", "ready", func(s string) bool { return s == "Ready" })
	figures := []string{
		`hotline_queue_answered_total{queue="consult"}`, `hotline_queue_offered_total{queue="consult"}`,
		`hotline_calls_ended_total{ending="agent"}`, `hotline_queue_handle_seconds_count{queue="consult"}`,
	}
	before := map[string]float64{}
	for _, f := range figures {
		before[f] = h.Metric(t, f)
		require.EqualValues(t, 1, before[f], f)
	}

	require.NoError(t, h.Kill())
	down := time.Now()
	require.NoError(t, h.Serve(ctx))
	t.Logf("ready %s after the start", time.Since(down).Round(time.Millisecond))

	for _, f := range figures {
		require.Equal(t, before[f], h.Metric(t, f), f)
	}
	var file struct {
		Happened string
		Calls    []struct{ Call string }
	}
	lina.API("GET", "/api/tickets/"+ticket, &file)
	require.Equal(t, "路灯不亮", file.Happened)
	require.Len(t, file.Calls, 1)
	var me struct{ Login string }
	lina.API("GET", "/api/me", &me)
	require.Equal(t, "lina", me.Login, "still signed in")
	lina.Eventually("presence-state", "ready again", func(s string) bool { return s == "Ready" })
	boss := h.Browse(t, 0)
	boss.SignIn("huangmei", "/board")
	boss.Eventually("board-queue-consult-answered", "to be 1", func(s string) bool { return strings.TrimSpace(s) == "1" })
}
