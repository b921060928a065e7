//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/sip"
)

// calling is a house that calls customers back at a telephone on this machine.
func calling(t *testing.T, port int, first string) *House {
	t.Helper()
	return ownBy(t, func(yaml string) string {
		yaml = strings.ReplaceAll(yaml, "trunk: Local/{digits}@demo-customer/n", fmt.Sprintf("trunk: PJSIP/demo/sip:{digits}@127.0.0.1:%d", port))
		yaml = strings.ReplaceAll(yaml, "nobody: message, ", "") // callers wait though nobody is signed in
		yaml = strings.ReplaceAll(yaml, "first: agent ", "first: "+first+" ")
		return strings.ReplaceAll(yaml, "  hours: office\n", "") // whatever the time is
	})
}

// waits is a caller in the queue consult.
func (h *House) waits(t *testing.T, from string, others int) *sip.Caller {
	t.Helper()
	c, err := sip.Call(t.Context(), sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: from, ToneHz: 440})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Hangup() })
	require.NoError(t, c.AwaitAnswer(t.Context()))
	require.NoError(t, c.HearSomething(t.Context()))
	require.NoError(t, c.Press("10"))
	h.becomes(t, `hotline_queue_waiting{queue="consult"}`, float64(others+1))
	return c
}

// comes is an agent who signs in while somebody waits already.
func (h *House) comes(t *testing.T, login string, hz float64) *Tab {
	t.Helper()
	b := h.Browse(t, hz)
	b.SignIn(login, "/desk")
	b.Click("ready")
	return b
}

func (h *House) becomes(t *testing.T, series string, want float64) {
	t.Helper()
	require.NoError(t, house.Await(t.Context(), 30*time.Second, series, func() error {
		if got := h.Metric(t, series); got != want {
			return fmt.Errorf("it is %v, not %v", got, want)
		}
		return nil
	}))
}

// TestACallerIsCalledBackInTheOldPlace: a caller asks for a call back and hangs up; the server is killed; the agent who comes
// is offered the call back before a caller who came later, hears the customer's phone ring, and talks.
func TestACallerIsCalledBackInTheOldPlace(t *testing.T) {
	ctx := t.Context()
	port, err := sandbox.FreePort()
	require.NoError(t, err)
	phone, err := sip.PlugIn(ctx, sip.PhoneOptions{Port: port, ToneHz: 700})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, phone.Unplug()) })
	h := calling(t, port, "agent")

	asked := h.waits(t, "13800138001", 0)
	later := h.waits(t, "13800138002", 1)
	require.NoError(t, asked.Press("11")) // asks, and says yes
	h.becomes(t, `hotline_callbacks_promised_total{queue="consult"}`, 1)
	ending, err := asked.Wait(ctx) // goodbye, and the house hangs up
	require.NoError(t, err)
	t.Logf("the caller's call: %+v", ending)
	h.becomes(t, `hotline_calls_ended_total{ending="callback"}`, 1)

	require.NoError(t, h.Kill())
	require.NoError(t, h.Serve(ctx))
	require.EqualValues(t, 1, h.Metric(t, `hotline_callbacks_open{queue="consult"}`), "the promise is kept")

	lina := h.comes(t, "lina", 1000)
	lina.See("offer")
	require.Contains(t, lina.Text("offer-number"), "8001", "before the caller who came later")
	require.Contains(t, strings.ToLower(lina.Text("offer-kind")), "call back")
	lina.Shoot("offer")
	accepted := time.Now()
	lina.Click("accept")
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
	t.Logf("rings %s after the click", time.Since(accepted).Round(time.Millisecond))
	assert.Contains(t, phone.From(), "12345", "the customer sees who calls")
	lina.See("ticket-id")
	lina.Shoot("rings")
	lina.Hears(450) // the network says 180 and no more: the ringing is ours
	require.NoError(t, phone.Answer())
	lina.Hears(700)
	require.NoError(t, phone.Hear(ctx, 1000))
	talkFor(2 * time.Second)
	lina.Shoot("talks")
	lina.Click("end")
	require.NoError(t, phone.Await(ctx, sip.PhoneIdle))
	lina.Click("wrap-up-done")
	lina.See("offer")
	require.Contains(t, lina.Text("offer-number"), "8002", "then the one who waited")
	require.NoError(t, later.Hangup())

	for series, want := range map[string]float64{
		`hotline_queue_arrivals_total{queue="consult"}`:                   2,
		`hotline_queue_visits_total{outcome="callback",queue="consult"}`:  1,
		`hotline_queue_visits_total{outcome="answered",queue="consult"}`:  0,
		`hotline_callbacks_ended_total{queue="consult",result="reached"}`: 1,
		`hotline_callbacks_open{queue="consult"}`:                         0,
		`hotline_queue_visits_total{outcome="abandoned",queue="consult"}`: 1,
		`hotline_queue_handle_seconds_count{queue="consult"}`:             1,
		`hotline_queue_waiting{queue="consult"}`:                          0,
		`hotline_queue_offers_total{queue="consult",result="unreached"}`:  0,
		`hotline_queue_offers_total{queue="consult",result="missed"}`:     0,
	} {
		h.becomes(t, series, want)
	}
	theRecordingOf(t, h, lina, callBack(t, h, lina), 700, 1000)
}

// callBack is the id of the one attempt that was made.
func callBack(t *testing.T, h *House, tab *Tab) (id string) {
	t.Helper()
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "the attempt in the archive", func() error {
		var list struct{ Calls []struct{ Call, Via string } }
		tab.API("GET", "/api/calls?limit=20", &list)
		for _, c := range list.Calls {
			if c.Via == "callback" {
				id = c.Call
				return nil
			}
		}
		return errors.New("it is not there yet")
	}))
	return id
}

// TestABusyCustomerIsTriedAgainAndMayBeCancelled: a phone that refuses, on the real thing.
func TestABusyCustomerIsTriedAgainAndMayBeCancelled(t *testing.T) {
	ctx := t.Context()
	port, err := sandbox.FreePort()
	require.NoError(t, err)
	phone, err := sip.PlugIn(ctx, sip.PhoneOptions{Port: port, ToneHz: 440})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, phone.Unplug()) })
	h := calling(t, port, "customer")

	asked := h.waits(t, "13800138001", 0)
	require.NoError(t, asked.Press("11"))
	h.becomes(t, `hotline_callbacks_promised_total{queue="consult"}`, 1)
	_, err = asked.Wait(ctx)
	require.NoError(t, err)
	lina := h.comes(t, "lina", 1000)
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging), "the customer is called first")
	require.NoError(t, phone.Refuse())
	lina.Go("/callbacks")
	lina.Eventually("callbacks", "says busy", func(s string) bool { return strings.Contains(s, "busy") && strings.Contains(s, "1 ×") })
	lina.Shoot("callbacks")
	var list struct{ Callbacks []struct{ Callback string } }
	lina.API("GET", "/api/callbacks", &list)
	require.Len(t, list.Callbacks, 1)
	lina.Click("callback-cancel-" + list.Callbacks[0].Callback)
	lina.Click("callback-cancel-" + list.Callbacks[0].Callback) // to be sure
	h.becomes(t, `hotline_callbacks_ended_total{queue="consult",result="cancelled"}`, 1)
	lina.Eventually("callbacks", "is empty", func(s string) bool { return strings.Contains(s, "No call backs") })
}

// TestTheDemosCustomersAnswer: the sample centre as it is calls back without a carrier.
func TestTheDemosCustomersAnswer(t *testing.T) {
	ctx := t.Context()
	h := ownBy(t, func(yaml string) string {
		return strings.ReplaceAll(strings.ReplaceAll(yaml, "nobody: message, ", ""), "  hours: office\n", "")
	})
	asked := h.waits(t, "13800138001", 0)
	require.NoError(t, asked.Press("11"))
	_, err := asked.Wait(ctx)
	require.NoError(t, err)
	lina := h.comes(t, "lina", 1000)
	lina.See("offer")
	lina.Click("accept")
	lina.Hears(1000) // the machine repeats what it hears
	lina.Click("end")
	lina.See("wrap-up")
}
