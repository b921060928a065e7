package acd

import (
	"testing"
	"time"
)

func TestWaitingCallerCanAskWhyStillWaiting(t *testing.T) {
	t.Parallel()
	tax := Queue{ID: "tax", Needs: map[string]int{"tax": 5}, Relax: []RelaxStep{{After: 30 * time.Second, Needs: map[string]int{"tax": 3}}}}
	e := New([]Queue{tax}, []Agent{member("li", map[string]int{"tax": 4}, "tax"), member("wang", map[string]int{"tax": 3}, "tax")})
	e.Unavailable("wang", "break")
	enter(t, e, Caller{ID: "first", Queue: "tax", Entered: noon})
	enter(t, e, Caller{ID: "second", Queue: "tax", Entered: at(1)})
	enter(t, e, Caller{ID: "regular", Queue: "tax", Entered: at(2), Prefer: "wang", PreferUntil: at(20)})
	enter(t, e, Caller{ID: "foreign", Queue: "tax", Entered: at(3), Needs: map[string]int{"welsh": 1}})
	demands := len(e.demands)
	says := func(id CallerID, now time.Time, want string) {
		t.Helper()
		if h, ok := e.WhyWaiting(id, now); !ok || h.String() != want {
			t.Errorf("%s: %q (%t), want %q", id, h, ok, want)
		}
	}
	says("second", at(5), "1 ahead, needs tax 5, which no agent meets before 12:00:31")
	says("regular", at(5), "kept for wang until 12:00:20")
	says("foreign", at(5), "needs tax 5, welsh 1, which no agent will ever meet")
	says("second", at(31), "1 ahead, needs tax 3, 2 agents could take it; not wang: break")
	e.Available("li", at(31), Stats{})
	e.Take("first", "li")
	says("first", at(31), "offered to li")
	if _, ok := e.WhyWaiting("nobody", at(31)); ok {
		t.Error("a caller who does not wait is held")
	}
	if len(e.demands)-len(e.freeDemands) > demands+1 {
		t.Error("asking leaves demands behind")
	}
}
