//go:build race

package floor

// The race detector makes each step ten times as slow, and one goroutine has no races: the full count is run without it.
const underRace = true
