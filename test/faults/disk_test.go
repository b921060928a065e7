//go:build e2e

package faults

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/house"
)

// A full disk, without one: a process whose files may not grow (RLIMIT_FSIZE) fails at the same system calls.

// fill takes the room from a process, and give gives it back.
func fill(pid int) error { return limitFiles(pid, "0:unlimited") }
func give(pid int) error { return limitFiles(pid, "unlimited:unlimited") }

func limitFiles(pid int, limit string) error {
	if out, err := exec.Command("prlimit", "--pid", strconv.Itoa(pid), "--fsize="+limit).CombinedOutput(); err != nil {
		return fmt.Errorf("prlimit (package util-linux): %w: %s", err, out)
	}
	return nil
}

// TestTheJournalsDiskIsFull: calls come, are answered and end while nothing can be journalled, the server says so, and
// all of it is in the journal when there is room again.
func TestTheJournalsDiskIsFull(t *testing.T) {
	h, c, staff := busy(t)
	r := c.rng
	for range rounds(1, 10) {
		h.crowded(c)
		time.Sleep(between(r, 0, time.Second)) // the random moment
		answered := total(h.metric("hotline_queue_answered_total"))
		position := h.metric("hotline_journal_position")[""]
		require.NoError(t, fill(h.Server.PID()))
		from := time.Now()
		h.await(settleTime, "the server to tell", func() error {
			body, status, err := house.Get(h.URL + "/readyz")
			if err == nil && (status != http.StatusServiceUnavailable || !strings.Contains(body, "journal")) {
				err = fmt.Errorf("%d: %s", status, body)
			}
			return err
		})
		h.await(settleTime, "three callers to be answered meanwhile", func() error {
			c.Fill(crowdSize)
			if n := total(h.metric("hotline_queue_answered_total")) - answered; n < 3 {
				return fmt.Errorf("%v were", n)
			}
			return nil
		})
		require.NoError(t, give(h.Server.PID()))
		back := time.Now()
		h.AwaitReady()
		t.Logf("full for %v; ready %v after there was room; journal from %v to %v", back.Sub(from).Round(time.Millisecond), time.Since(back).Round(time.Millisecond),
			position, h.metric("hotline_journal_position")[""])
	}
	h.Close(c, staff, nil)
}

// TestTheArchivesDiskIsFull: PostgreSQL can write nothing any more, gives up, and is started again when there is room.
func TestTheArchivesDiskIsFull(t *testing.T) {
	h, c, staff := busy(t)
	for range rounds(1, 5) {
		h.crowded(c)
		from := time.Now()
		for _, pid := range h.archivePIDs() {
			if err := fill(pid); err != nil {
				_, gone := os.Stat(fmt.Sprintf("/proc/%d", pid))
				require.Error(t, gone, "%v", err) // a worker that has ended meanwhile
			}
		}
		for time.Since(from) < 4*time.Second {
			c.Fill(crowdSize)
			h.MustLive()
			time.Sleep(200 * time.Millisecond)
		}
		require.NoError(t, h.Postgres.Restart(context.WithoutCancel(t.Context())))
		t.Logf("full for %v", time.Since(from).Round(time.Millisecond))
	}
	h.Close(c, staff, nil)
}

// archivePIDs are PostgreSQL's processes, the server first so that no worker is born with room.
func (h *House) archivePIDs() (pids []int) {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.Dir, "postgres", "data", "postmaster.pid"))
	require.NoError(h.t, err)
	server, err := strconv.Atoi(strings.Fields(string(text))[0])
	require.NoError(h.t, err)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", server, server))
	require.NoError(h.t, err)
	pids = append(pids, server)
	for _, f := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(f)
		require.NoError(h.t, err)
		pids = append(pids, pid)
	}
	return pids
}
