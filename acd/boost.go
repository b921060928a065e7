package acd

import "fmt"

// Boost is a part of a caller's priority that has a reason of its own. Exactly one of List and Calls is set.
type Boost struct {
	List   string `json:"list,omitempty"`  // of callers, by its name
	Calls  int    `json:"calls,omitempty"` // so many lately
	Points int    `json:"points"`
}

// String is it in words: "VIP list gold: +10", "called 3 times: +5".
func (b Boost) String() string {
	if b.List != "" {
		return fmt.Sprintf("VIP list %s: %+d", b.List, b.Points)
	}
	return fmt.Sprintf("called %d times: %+d", b.Calls, b.Points)
}
