//go:build e2e

// Package bench sets hotline beside Asterisk's own app_queue: the same Asterisk, the same callers, one run.
//
//	SIPp callers ──▶ Asterisk ── Queue(bench) ──▶ SIPp desk phones that answer at once       side "app_queue"
//	             └─▶    │     ── Stasis ── hotline serve ── browserless desks, auto-accept   side "hotline"
//	                    └── /proc/PID/stat of Asterisk, of the server, of PostgreSQL
//
// CPU is told as ratios of rounds that alternate, so that what else the machine does falls on both sides. Callers,
// phones and desks run in processes that are not counted. `make bench` takes a few minutes and prints tables for
// docs/performance.md; without BENCH=1 one tiny round tells that all of it still works, and nothing asserts on time.
package bench

import (
	"os"
	"testing"

	"hotline/internal/sandbox"
	"hotline/test/house"
)

var media sandbox.PortRange // of every house's Asterisk, one house after the other

func TestMain(m *testing.M) {
	os.Exit(house.Main(m, func() (err error) { media, err = sandbox.FreePorts(2000); return err }, nil))
}

// full tells that figures are wanted, not only that the bench works.
func full() bool { return os.Getenv("BENCH") != "" }
