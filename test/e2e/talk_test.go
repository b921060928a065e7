//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// TestACallerReachesAnAgentAndIsPassedOn is the whole path: IVR, queue, offer, talk, hold, transfer, recording, wrap-up.
func TestACallerReachesAnAgentAndIsPassedOn(t *testing.T) {
	// Each with agents of its own: those of the last one are still on the floor, with their desks away.
	for _, c := range []struct {
		codec         sip.Codec
		first, second string
	}{{sip.PCMU, "lina", "wangwei"}, {sip.PCMA, "zhangmin", "liuyang"}} {
		t.Run(c.codec.String(), func(t *testing.T) { theWholePath(t, c.codec, c.first, c.second) })
	}
}

func theWholePath(t *testing.T, codec sip.Codec, first, second string) {
	h := common(t)
	ctx := t.Context()
	lina := h.Agent(t, first, 1000)

	began := time.Now()
	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13800138000", Codec: codec, ToneHz: 440})
	require.NoError(t, err)
	t.Cleanup(func() { _ = caller.Hangup() })
	require.NoError(t, caller.AwaitAnswer(ctx))
	t.Logf("answered by the IVR after %s", caller.AnsweredAt().Sub(began))
	require.NoError(t, caller.HearSomething(ctx), "the greeting")
	require.NoError(t, caller.Press("10")) // Chinese, a person
	lina.See("offer")
	require.Contains(t, strings.ReplaceAll(lina.Text("offer-number"), " ", ""), "138")
	lina.Shoot("offer")
	lina.Click("accept")
	lina.See("ticket-id")
	lina.Hears(440)
	require.NoError(t, caller.Hear(ctx, 1000))
	lina.Shoot("talk")

	ticket := lina.Text("ticket-id")
	lina.Type("ticket-happened", "路灯不亮")
	lina.Eventually("ticket-saved", "says saved", func(s string) bool { return strings.Contains(strings.ToLower(s), "saved") })

	lina.Click("hold")
	require.NoError(t, caller.HearNot(ctx, 1000))
	lina.HearsNot(440)
	require.NoError(t, caller.HearSomething(ctx), "music")
	lina.Click("retrieve")
	lina.Hears(440)
	require.NoError(t, caller.Hear(ctx, 1000))

	// A blind transfer to a second agent, whose browser's RTP numbers have nothing to do with the first one's.
	wang := h.Agent(t, second, 1500)
	lina.Click("transfer")
	lina.Click("transfer-agent-" + second)
	wang.See("offer")
	wang.Click("accept")
	wang.Hears(440)
	require.NoError(t, caller.Hear(ctx, 1500))
	require.NoError(t, caller.HearNot(ctx, 1000))
	talkFor(2 * time.Second)
	require.Contains(t, wang.Text("ticket-id"), strings.TrimPrefix(ticket, "Ticket "), "the ticket goes with the call")
	require.Equal(t, "路灯不亮", wang.Value("ticket-happened"))
	lina.See("wrap-up")
	lina.Shoot("wrap-up")

	require.NoError(t, caller.Hangup())
	wang.Click("wrap-up-done")
	lina.Click("wrap-up-done")
	for _, tab := range []*Tab{lina, wang} {
		tab.Eventually("presence-state", "ready", func(s string) bool { return s == "Ready" })
	}
	theRecording(t, h, wang, 440, 1000, 1500)
}
