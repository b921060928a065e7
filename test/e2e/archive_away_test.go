//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/test/house"
	"hotline/test/sip"
)

// TestWhatIsTypedWhilePostgresIsAwayIsInTheTicketAfterwards: the ticket is born, typed into and closed while there is no
// archive at all.
func TestWhatIsTypedWhilePostgresIsAwayIsInTheTicketAfterwards(t *testing.T) {
	h := own(t)
	ctx := t.Context()
	p := h.Program(t, "lina")
	require.NoError(t, h.Postgres.Kill(ctx))

	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12346", From: "13900139000", ToneHz: 440})
	require.NoError(t, err)
	require.NoError(t, caller.AwaitAnswer(ctx))
	require.NoError(t, house.Await(ctx, 90*time.Second, "the recorder", func() error {
		if h.Metric(t, `hotline_calls{phase="message"}`) == 0 {
			return errors.New("the greeting goes on")
		}
		return nil
	}))
	talkFor(3 * time.Second)
	require.NoError(t, caller.Press("#"))
	_, err = caller.Wait(ctx)
	require.NoError(t, err)

	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	path := "/api/tickets/" + time.Now().In(zone).Format("20060102") + "-0001"
	edit := func(body map[string]any) (int, string) {
		return p.Ask("PATCH", path, body, "Prefer", "respond-async")
	}
	for _, text := range []string{"路", "路灯", "路灯不亮"} {
		began := time.Now()
		status, body := edit(map[string]any{"version": 1, "happened": text})
		require.Equal(t, http.StatusAccepted, status, body)
		t.Logf("kept after %s", time.Since(began))
	}
	status, body := edit(map[string]any{"version": 1, "do": "close"})
	require.Equal(t, http.StatusAccepted, status, body)
	status, _ = p.Ask("PATCH", path, map[string]any{"version": 1, "happened": "x"})
	require.Equal(t, http.StatusServiceUnavailable, status, "a page that does not ask for it keeps the words itself")

	back := time.Now()
	require.NoError(t, h.Postgres.Restart(ctx))
	var ticket desk.TicketDetail
	require.NoError(t, house.Await(ctx, 30*time.Second, "the archive", func() error {
		if err := p.Get(path, &ticket); err != nil {
			return err
		}
		if ticket.State != "closed" {
			return fmt.Errorf("%+v", ticket.Ticket)
		}
		return nil
	}))
	t.Logf("applied %s after PostgreSQL was told to start", time.Since(back))
	require.Equal(t, "路灯不亮", ticket.Happened)
	require.Equal(t, "lina", ticket.ClosedBy)
	status, body = edit(map[string]any{"version": 1, "happened": "路灯不亮了", "do": "reopen"})
	require.Equal(t, http.StatusOK, status, body)
}
