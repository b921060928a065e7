//go:build e2e

package app

import (
	"os"
	"testing"
)

// TestAStartAfterAMillionCalls: a million in `make proof`, fewer in `make test`. It logs how long it took.
func TestAStartAfterAMillionCalls(t *testing.T) {
	calls := 50_000
	if os.Getenv("PROOF") != "" {
		calls = 1_000_000
	}
	startAfter(t, calls)
}
