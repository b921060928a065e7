//go:build e2e

package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSideBySide measures hotline beside app_queue. With BENCH=1 it takes some minutes and prints what belongs into
// docs/performance.md; otherwise a tiny round tells that the bench works, whatever its figures.
func TestSideBySide(t *testing.T) {
	var page strings.Builder
	tell := func(title, table string) {
		fmt.Fprintf(&page, "\n### %s\n\n%s", title, table)
		t.Logf("%s\n\n%s", title, table)
	}
	t.Run("an agent becomes free", func(t *testing.T) {
		h := open(t, pick(5, 2))
		a, b := h.sides()
		tell("From an agent's end of a call to the next caller's being connected",
			h.compareFreed(a, b, pick(100, 6), pick(200, 6), time.Duration(pick(400, 200))*time.Millisecond))
	})
	t.Run("a call", func(t *testing.T) {
		h := open(t, pick(60, 4))
		a, b := h.sides()
		tell("Processor time per call", h.compareCosts(a, b, pick([]float64{20, 40, 80}, []float64{4}), pick(2, 1), seconds(8), 500*time.Millisecond))
	})
	t.Run("waiting", func(t *testing.T) {
		h := open(t, 1)
		tell("Processor time of callers who wait", h.compareWaiting(pick(300, 6), pick(9, 1), seconds(6)))
	})
	t.Run("until the first failure", func(t *testing.T) {
		h := open(t, pick(60, 4))
		a, b := h.sides()
		tell("Calls a second until the first failure", h.compareFailure(a, b, pick(2, 1), pick(60.0, 4), 20, pick(300.0, 4), seconds(4), 300*time.Millisecond))
	})
	if !full() || t.Failed() {
		return
	}
	load, err := os.ReadFile("/proc/loadavg")
	require.NoError(t, err)
	fmt.Printf("%s\n%d processors, %s/%s, %s; load at the end %s", page.String(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}

// seconds is how long something is measured: a moment in the tiny round.
func seconds(n int) time.Duration { return time.Duration(pick(n, 1)) * time.Second }

// pick is the figure of a measurement, or of the tiny round.
func pick[T any](measuring, tiny T) T {
	if full() {
		return measuring
	}
	return tiny
}
