//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAVisitorCallsFromTheCallerPage is the same path with a browser at both ends.
func TestAVisitorCallsFromTheCallerPage(t *testing.T) {
	h := common(t)
	lina := h.Agent(t, "lina", 1000)
	visitor := h.Browse(t, 440)
	visitor.Login = "visitor"
	visitor.Go("/call")
	visitor.Shoot("caller-page")
	visitor.Click("caller-call")
	visitor.See("caller-talking")
	visitor.HearsSomething() // as a person would, who presses no key before the menu speaks
	visitor.Click("key-0")
	lina.See("offer")
	visitor.Shoot("caller-waiting")
	lina.Click("accept")
	lina.See("ticket-id")
	lina.Hears(440)
	visitor.Hears(1000)
	visitor.Shoot("caller-talking")
	talkFor(2 * time.Second)
	lina.Click("hold")
	visitor.HearsNot(1000)
	lina.HearsNot(440)
	lina.Click("retrieve")
	visitor.Hears(1000)
	lina.Hears(440)
	talkFor(2 * time.Second)
	visitor.Click("caller-end")
	lina.Click("wrap-up-done")
	lina.Eventually("presence-state", "ready", func(s string) bool { return s == "Ready" })
	theRecording(t, h, lina, 440, 1000)
	require.Zero(t, h.Metric(t, `hotline_calls{phase="talking"}`))
}
