//go:build e2e

// Package faults kills, freezes and cuts every part of a hotline at work, at random moments with a printed seed, and
// judges by three ledgers that must agree call by call:
//
//	SIPp callers ──▶ Asterisk ◀── link ──▶ hotline serve ◀── HTTP, websocket, WebRTC ──▶ agents (pion)
//	     │               │       (ours:        │
//	     ▼               ▼      cut, stalled)  ▼
//	 what each        its CDR              journal ─▶ PostgreSQL
//	 caller saw          └───── judge ──────────┘
//	     └────────────────────────┘
//
// A crowd keeps callers in every phase (menu, queue, talk, hold, message), agents obey scripts drawn from the seed, and
// control pairs, bridged by Asterisk without us, tell what of a gap is the machine's own. PROOF=1 runs the counts that
// are promised, otherwise the shortest round that would catch each fault. SEED repeats a run's choices.
package faults

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"hotline/internal/sandbox"
	"hotline/test/house"
)

// media are the RTP ports of every house's Asterisk, one house after the other: runs of free ports become rare when
// hundreds of callers have had theirs.
var media sandbox.PortRange

func TestMain(m *testing.M) {
	os.Exit(house.Main(m, func() (err error) { media, err = sandbox.FreePorts(600); return err }, nil))
}

// proof tells that the full counts are wanted.
func proof() bool { return os.Getenv("PROOF") != "" }

// rounds is how often a fault is tried.
func rounds(short, full int) int {
	if n, err := strconv.Atoi(os.Getenv("ROUNDS")); err == nil {
		return n
	}
	if proof() {
		return full
	}
	return short
}

// chance is the source of all choices of a test. Its seed is printed, and taken from SEED.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// between draws a length of time.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1))
}
