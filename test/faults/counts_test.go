//go:build e2e

package faults

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
)

// TestTwoHundredCallsAreCountedTheSameEverywhere: callers who leave in each phase, agents who answer, hold, transfer and
// end; nothing is killed. SIPp's own counts, the CDRs, the board, /metrics and the archive agree to the unit, and no
// channel, bridge, goroutine, port or file is left over.
func TestTwoHundredCallsAreCountedTheSameEverywhere(t *testing.T) {
	r := chance(t)
	h := open(t)
	h.Serve()
	h.AwaitReady()
	h.signIn(boss)
	staff := h.Staff(seats, r)
	h.onDuty(staff)
	atRest, files := h.metric("go_goroutines")[""], h.openFiles() // with all phones connected, as at the end
	c := newCrowd(h, r)
	const calls = 200
	for begun := 0; begun < calls; {
		h.await(90*time.Second, "room for more callers", func() error {
			if n := len(c.Live()); n > 50 {
				return fmt.Errorf("%d are live", n)
			}
			return nil
		})
		more := min(25, calls-begun)
		c.Fill(len(c.Live()) + more)
		c.mu.Lock()
		begun = c.next
		c.mu.Unlock()
	}
	h.await(60*time.Second, "most of them to have come to an end", func() error {
		if n := len(c.Live()); n > 20 {
			return fmt.Errorf("%d are live", n)
		}
		return nil
	})
	h.Close(c, staff, nil)

	var created, successful, failed int
	for _, run := range c.runs {
		n, err := run.Wait(t.Context())
		require.NoError(t, err)
		created, successful, failed = created+n.Created, successful+n.Successful, failed+n.Failed
	}
	require.GreaterOrEqual(t, created, calls)
	require.Equal(t, created, len(c.log), "SIPp's own count and the callers'")
	t.Logf("SIPp: %d calls, %d successful, %d not", created, successful, failed)

	type row struct{ Queue, Outcome string }
	inArchive := map[row]int{}
	for _, v := range query[struct {
		Queue, Outcome string
		N              int
	}](h, `SELECT queue, outcome, count(*) AS n FROM visits GROUP BY 1, 2`) {
		inArchive[row{v.Queue, v.Outcome}] = v.N
	}
	require.NotZero(t, query[struct{ N int64 }](h, `SELECT count(*) AS n FROM visits WHERE outcome = 'answered' AND expected_us > 0`)[0].N,
		"somebody was told how long it would take")
	var board desk.Board
	require.NoError(t, h.asBoss("/api/board", &board))
	for queue, q := range board.Queues {
		f := q.Figures
		require.Equal(t, inArchive[row{queue, "answered"}], f.Answered, "answered in %s", queue)
		require.Equal(t, inArchive[row{queue, "abandoned"}], f.Abandoned, "abandoned in %s", queue)
		require.Equal(t, inArchive[row{queue, "message"}], f.Messages, "messages in %s", queue)
		require.Zero(t, q.Waiting, "waiting in %s", queue)
	}

	h.await(3*time.Minute, "the recordings to be taken over", func() error { // encoding is the machine's pace, not ours
		if n := h.metric("hotline_recordings_waiting")[""]; n > 0 {
			return fmt.Errorf("%v wait", n)
		}
		return nil
	})
	// Connections to Asterisk that are kept for the next request come and go; a leak would be one for each call.
	const few = calls / 4
	h.await(60*time.Second, "nothing to be left over", func() error {
		if now := h.metric("go_goroutines")[""]; now > atRest+few {
			return fmt.Errorf("%v goroutines, %v at rest", now, atRest)
		}
		if now := h.openFiles(); now > files+few {
			return fmt.Errorf("%d open files and sockets, %d at rest", now, files)
		}
		left, err := os.ReadDir(h.Asterisk.RecordingDir())
		if err != nil || len(left) > 0 {
			return fmt.Errorf("recordings left in Asterisk: %v, %v", left, err)
		}
		return nil
	})
}

// openFiles counts what the server has open: files, sockets, ports.
func (h *House) openFiles() int {
	h.t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.Server.PID()))
	require.NoError(h.t, err)
	return len(entries)
}
