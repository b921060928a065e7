//go:build e2e

package faults

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/floor"
	"hotline/test/house"
)

// TestAFrozenServerLosesNobody: SIGSTOP for longer than the lease. Whoever waits and whoever comes reaches the dialplan's
// net, whoever talks stays with the agent, a standby does not become a second active, and the net's messages are
// collected when the server goes on.
func TestAFrozenServerLosesNobody(t *testing.T) {
	h := openLent(t, 3*time.Second)
	c, staff := h.work()
	r := rand.New(rand.NewPCG(c.rng.Uint64(), 6))
	spare := h.standby()
	frozen := 24 * time.Second
	if proof() {
		frozen = time.Minute
	}
	h.crowded(c)
	time.Sleep(between(r, 0, time.Second)) // the random moment
	before := h.MustLive()
	from := time.Now()
	require.NoError(t, h.Server.Signal(syscall.SIGSTOP))
	for ; time.Since(from) < frozen-8*time.Second; time.Sleep(500 * time.Millisecond) { // people go on calling
		c.Fill(crowdSize)
		require.NoError(t, spare.Is("standby"))
	}
	h.await(settleTime, "callers to speak to the net", func() error {
		if n := len(h.netFiles()); n < 5 {
			return fmt.Errorf("%d do", n)
		}
		return nil
	})
	time.Sleep(time.Until(from.Add(frozen)))
	h.talkersStay(c, before)
	left := h.netFiles()
	require.NoError(t, spare.Is("standby"))
	require.NoError(t, h.Server.Signal(syscall.SIGCONT))
	again := h.serving(time.Now())
	gaps := []gap{{from, time.Now()}}
	t.Logf("frozen for %v with %v; %d messages in the net; in agreement again after %v", frozen, phases(before), len(left), again.Round(time.Millisecond))
	h.crowded(c) // calls are taken as before
	require.NoError(t, spare.Is("standby"))
	require.NoError(t, spare.End())
	h.Close(c, staff, gaps)
	h.await(90*time.Second, "the net's messages to be collected", func() error {
		if files := h.netFiles(); len(files) > 0 {
			return fmt.Errorf("%d are in Asterisk", len(files))
		}
		return nil
	})
	h.Settle()
	h.netMessages(left, from)
}

// talkersStay: whoever talked and did not hang up is in the application still.
func (h *House) talkersStay(c *crowd, before map[string]floor.CallLine) {
	h.t.Helper()
	there := map[string]channel{}
	for _, ch := range h.Channels() {
		there[ch.ID] = ch
	}
	live, stayed := c.Live(), 0
	for id, b := range before {
		if b.Phase != "talking" && b.Phase != "held" || live[strings.TrimPrefix(b.Caller.Number, "+86")] == nil {
			continue
		}
		stayed++
		assert.Equal(h.t, "Stasis", there[id].Dialplan.App, "call %s was %s: %+v", id, b.Phase, there[id])
	}
	assert.Positive(h.t, stayed, "nobody talked all the time")
}

// netFiles are the messages of the net that Asterisk holds, by the ids of their channels.
func (h *House) netFiles() map[string]string {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.Asterisk.MessageDir(), "net_*"))
	require.NoError(h.t, err)
	found := map[string]string{}
	for _, f := range files {
		if parts := strings.Split(filepath.Base(f), "_"); len(parts) == 5 {
			found[parts[2]] = f
		}
	}
	return found
}

// netMessages: each message of the net is in the archive once, with a ticket unless it was silence, and its sound.
func (h *House) netMessages(left map[string]string, from time.Time) {
	h.t.Helper()
	type message struct {
		Call, Ticket, State string
		Empty               bool
	}
	found := map[string]int{}
	for _, m := range query[message](h, `SELECT m.call, m.ticket, r.state, m.empty FROM messages m JOIN recordings r ON r.recording = m.message
		WHERE m.message LIKE '%-n1' AND m.began >= $1`, from) {
		found[m.Call]++
		assert.True(h.t, m.Empty || m.Ticket != "", "the net's message of call %s has no ticket", m.Call)
		assert.True(h.t, m.Empty || m.State == "ready", "the net's message of call %s is %s", m.Call, m.State)
	}
	for id := range left {
		assert.Equal(h.t, 1, found[id], "messages of call %s in the archive", id)
	}
	h.t.Logf("%d messages of the net are in the archive", len(found))
}

// standby is a second server on the same state.
func (h *House) standby() *house.Standby {
	h.t.Helper()
	s, err := h.Standby(h.t.Context())
	require.NoError(h.t, err)
	h.t.Cleanup(func() { s.Leave(h.t) })
	return s
}
