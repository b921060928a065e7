//go:build e2e

package e2e

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
	"hotline/test/tone"
)

// TestAMessageOnTheClosedLine: greeting, beep, the caller's tone in the file, a ticket, and a supervisor who plays it.
func TestAMessageOnTheClosedLine(t *testing.T) {
	h := common(t)
	ctx := t.Context()
	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12346", From: "+8613900139000"})
	require.NoError(t, err)
	require.NoError(t, caller.AwaitAnswer(ctx))
	require.NoError(t, caller.HearSomething(ctx), "the greeting")
	require.NoError(t, house.Await(ctx, 90*time.Second, "the recorder", func() error {
		if h.Metric(t, `hotline_calls{phase="message"}`) == 0 {
			return errors.New("the greeting goes on")
		}
		return nil
	}))
	caller.Say(440)
	talkFor(5 * time.Second)
	require.NoError(t, caller.Press("#"))
	end, err := caller.Wait(ctx)
	require.NoError(t, err)
	require.Equal(t, sip.Dismissed, end.Way, "thanked, and hung up on")

	boss := h.Browse(t, 0)
	boss.SignIn("huangmei", "/messages")
	var list struct {
		Messages []struct{ Message, Ticket, Recording string }
	}
	require.NoError(t, house.Await(ctx, 20*time.Second, "the message in the list", func() error {
		boss.API("GET", "/api/messages", &list)
		if len(list.Messages) == 0 || list.Messages[0].Recording != "ready" {
			return errors.New("not stored yet")
		}
		return nil
	}))
	m := list.Messages[0]
	require.NotEmpty(t, m.Ticket, "it became a ticket")
	files, err := filepath.Glob(filepath.Join(h.State(), "recordings/*/*/*", m.Message+".opus"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	sides, err := tone.Read(ctx, files[0])
	require.NoError(t, err)
	require.True(t, sides[0].Has(440), "the caller's tone is in the file")
	boss.Go("/messages")
	boss.See("message-" + m.Message)
	boss.Shoot("messages")
	boss.Click("play")
	boss.Eventually("play-position", "moves", func(s string) bool { return s != "" && s != "0:00" && s != "00:00" })
}
