//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/test/house"
	"hotline/test/sip"
	"hotline/ticket/history"
)

// TestMessagesLeftWhileTheServerWasAwayBecomeTicketsOnceEach: the dialplan's net takes them, the server collects them when
// it is back, and neither another start nor a crash in between makes two of one.
func TestMessagesLeftWhileTheServerWasAwayBecomeTicketsOnceEach(t *testing.T) {
	h := own(t)
	ctx := t.Context()
	require.NoError(t, h.Kill())
	began := time.Now()
	for i, o := range []sip.Options{
		{To: "12347", From: "13911112222", ToneHz: 440},
		{To: "12347", From: "anonymous", ToneHz: 440},
	} {
		o.Target = h.Asterisk.SIPAddress()
		caller, err := sip.Call(ctx, o)
		require.NoError(t, err)
		require.NoError(t, caller.AwaitAnswer(ctx))
		require.NoError(t, caller.HearSomething(ctx), "the word")
		require.NoError(t, house.Await(ctx, 30*time.Second, "two seconds of the message", func() error {
			files := h.netFiles(t)
			if len(files) <= i || files[i].Size() < 2*16000 {
				return fmt.Errorf("%v", files)
			}
			return nil
		}))
		require.NoError(t, caller.Hangup())
		_, err = caller.Wait(ctx)
		require.NoError(t, err)
	}
	require.Len(t, h.netFiles(t), 2, "in Asterisk")

	back := time.Now()
	require.NoError(t, h.Serve(ctx))
	p := h.Program(t, "lina")
	found := h.collected(t, p, 2)
	t.Logf("collected %s after the start began", time.Since(back))
	for _, m := range found {
		require.NotEmpty(t, m.Ticket)
		require.InDelta(t, 3, m.Duration, 2)
		require.WithinRange(t, m.Left, began.Add(-time.Second), back)
		require.Contains(t, []string{"+8613911112222", ""}, m.Caller.Number)
		require.Equal(t, m.Caller.Number == "", m.Caller.Withheld)
		var ticket desk.TicketDetail
		require.NoError(t, p.Get("/api/tickets/"+m.Ticket, &ticket))
		require.Len(t, ticket.Recordings, 1)
		require.Equal(t, "12347", ticket.Calls[0].Line)
		status, _ := p.Ask("GET", "/api/recordings/"+ticket.Recordings[0].Recording+"/audio", nil)
		require.Equal(t, 200, status)
	}
	require.Empty(t, h.netFiles(t), "deleted in Asterisk")
	require.InDelta(t, 2, h.Metric(t, `hotline_calls_ended_total{ending="message"}`), 0)

	require.NoError(t, h.Kill())
	require.NoError(t, h.Serve(ctx))
	h.collected(t, h.Program(t, "lina"), 2)
}

// collected waits until so many messages are in the worklist, each with its recording in the store.
func (h *House) collected(t *testing.T, p *Program, n int) []history.Message {
	t.Helper()
	var list desk.MessageList
	require.NoError(t, house.Await(t.Context(), 30*time.Second, "the messages", func() error {
		if err := p.Get("/api/messages", &list); err != nil {
			return err
		}
		for _, m := range list.Messages {
			if m.Recording != history.Ready {
				return fmt.Errorf("%s is %s", m.Message, m.Recording)
			}
		}
		switch {
		case len(list.Messages) > n:
			return house.Fail("%d messages instead of %d: %+v", len(list.Messages), n, list.Messages)
		case len(list.Messages) < n || len(h.netFiles(t)) > 0:
			return errors.New("not all are collected")
		}
		return nil
	}))
	return list.Messages
}

// netFiles are the messages of the net that Asterisk still has.
func (h *House) netFiles(t *testing.T) (found []os.FileInfo) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.Asterisk.MessageDir(), "net_*"))
	require.NoError(t, err)
	for _, f := range files { // in the order of their times
		if info, err := os.Stat(f); err == nil {
			found = append(found, info)
		}
	}
	return found
}
