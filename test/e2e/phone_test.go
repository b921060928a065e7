//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/sip"
)

// withPhones is a house of the test's own in which these agents have a desk phone, and the phones, plugged in.
func withPhones(t *testing.T, tones map[string]float64, first map[string]uint16) (*House, map[string]*sip.Phone) {
	t.Helper()
	ports, plugged := map[string]int{}, map[string]*sip.Phone{}
	for login, hz := range tones {
		port, err := sandbox.FreePort()
		require.NoError(t, err)
		ports[login] = port
		plugged[login], err = sip.PlugIn(context.WithoutCancel(t.Context()), sip.PhoneOptions{Port: port, ToneHz: hz, Sequence: first[login]})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, plugged[login].Unplug()) })
	}
	edit, pjsip := phones(ports)
	return ownWith(t, func(yaml string) string { return patient(edit(yaml)) }, pjsip, staff...), plugged
}

// sits lets an agent choose the desk phone, pick up and go ready.
func (d *Desk) sits(phone *sip.Phone) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 40*time.Second)
	defer cancel()
	d.Must(desk.Command{Do: "use-phone"})
	require.NoError(d.t, phone.Await(ctx, sip.PhoneRinging))
	require.NoError(d.t, phone.Answer())
	d.Await("the leg to the phone", func(me desk.Me) bool { return me.Leg && me.Media })
	d.Must(desk.Command{Do: "ready"})
	d.State("ready")
}

// TestAnAgentAtADeskPhone: offers and hold on the desk, the voice on a SIP phone; a server that is killed in the talk, and
// a transfer from one desk phone to another whose RTP numbers step back.
func TestAnAgentAtADeskPhone(t *testing.T) {
	h, phone := withPhones(t, map[string]float64{"wangwei": 1500, "lina": 1000}, map[string]uint16{"wangwei": 60000, "lina": 900})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	wang := h.Desk(t, "wangwei")
	wang.sits(phone["wangwei"])
	before := time.Now()
	caller := h.Waiter(t, "13800138001")
	wang.State("offered")
	require.NoError(t, house.Await(ctx, 20*time.Second, "the tone that tells of an offer", func() error {
		if order := phone["wangwei"].Heard(before, time.Now()).Order(0, 440, 660); !slices.Contains(order, 660) {
			return fmt.Errorf("heard %v", order)
		}
		return nil
	}))
	wang.Must(desk.Command{Do: "accept"})
	wang.State("talking")
	require.NoError(t, caller.Hear(ctx, 1500))
	require.NoError(t, phone["wangwei"].Hear(ctx, 440))

	wang.Must(desk.Command{Do: "hold"})
	require.NoError(t, caller.HearNot(ctx, 1500))
	require.NoError(t, phone["wangwei"].HearNot(ctx, 440))
	require.NoError(t, caller.HearSomething(ctx), "music")
	wang.Must(desk.Command{Do: "retrieve"})
	require.NoError(t, caller.Hear(ctx, 1500))
	require.NoError(t, phone["wangwei"].Hear(ctx, 440))

	require.NoError(t, phone["wangwei"].Hold()) // the phone's own key
	wang.State("held")
	require.NoError(t, caller.HearNot(ctx, 1500))
	require.NoError(t, caller.HearSomething(ctx), "music")
	require.NoError(t, phone["wangwei"].Resume())
	wang.State("talking")
	require.NoError(t, caller.Hear(ctx, 1500))

	killed := time.Now()
	require.NoError(t, h.Kill())
	talkFor(2 * time.Second)
	require.NoError(t, h.Serve(ctx))
	wang.Await("to talk on", func(me desk.Me) bool { return me.State == "talking" && me.Desk && me.Leg && me.Media })
	back := time.Now()
	require.NoError(t, caller.Hear(ctx, 1500))
	gap := time.Duration(0)
	for _, s := range caller.Heard(killed, back).Spans(1500) {
		if s.Hz == 0 {
			gap = max(gap, s.To-s.From)
		}
	}
	t.Logf("the server was away for %s; longest gap of the talk %s", back.Sub(killed), gap)
	require.Less(t, gap, back.Sub(killed)/2, "who talks over SIP phones talks on; what gap there is, is the machine's (test/faults measures it)")

	lina := h.Desk(t, "lina")
	lina.sits(phone["lina"])
	wang.Must(desk.Command{Do: "transfer", ToAgent: "lina"})
	lina.State("offered")
	lina.Must(desk.Command{Do: "accept"})
	lina.State("talking")
	require.NoError(t, caller.Hear(ctx, 1000))
	require.NoError(t, caller.HearNot(ctx, 1500))
	require.NoError(t, phone["lina"].Hear(ctx, 440))
	talkFor(2 * time.Second)
	lina.Must(desk.Command{Do: "end"})
	lina.State("wrap-up")
	theRecording(t, h, lina.p, 440, 1500, 1000)
}

// TestAnAgentWhoseBrowserFailsGoesOnAtTheDeskPhone: in the middle of a talk, and the page remembers it. The caller's bridge,
// which was none that mixes, is changed under the talk.
func TestAnAgentWhoseBrowserFailsGoesOnAtTheDeskPhone(t *testing.T) {
	h, phones := withPhones(t, map[string]float64{"lina": 1500}, map[string]uint16{"lina": 7})
	phone := phones["lina"]
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	lina := h.Agent(t, "lina", 1000)
	caller := h.Waiter(t, "13800138001")
	lina.See("offer")
	lina.Click("accept")
	require.NoError(t, caller.Hear(ctx, 1000))
	talkFor(2 * time.Second)

	lina.Click("audio")
	lina.Click("device-phone")
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
	require.NoError(t, caller.HearNot(ctx, 1000))
	require.NoError(t, caller.HearSomething(ctx), "music while the phone rings")
	lina.See("desk-phone")
	lina.Shoot("rings")
	require.NoError(t, phone.Answer())
	require.NoError(t, caller.Hear(ctx, 1500))
	require.NoError(t, phone.Hear(ctx, 440))
	lina.SeeNot("desk-phone")
	lina.Go("/desk")
	lina.See("call")
	lina.Eventually("audio", "the desk phone", func(s string) bool { return s == "Desk phone desk-lina" })
	lina.Shoot("talks")
	talkFor(2 * time.Second)
	require.NoError(t, caller.Hear(ctx, 1500))
	lina.Click("end")
	lina.Click("wrap-up-done")
	theRecording(t, h, lina, 440, 1000, 1500)

	require.NoError(t, phone.Hangup())
	lina.See("ring-phone")
	require.Contains(t, lina.Text("desk-phone-why"), "hung up")
	lina.Shoot("rests")
	lina.Click("ring-phone")
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
	require.NoError(t, phone.Refuse())
	lina.Eventually("desk-phone-why", "busy", func(s string) bool { return s == "It was busy." })
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging), "it is rung again by itself")
	require.NoError(t, phone.Answer())
	lina.SeeNot("desk-phone")
}
