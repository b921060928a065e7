package acd

import (
	"testing"
	"time"
)

func TestLimitsSendCallersOn(t *testing.T) {
	t.Parallel()
	full := Limits{Waiting: 5, Wait: 10 * time.Minute, When: map[string]string{
		WhenFull: ToMessage, WhenNobody: "queue:night", WhenWait: ToCallback, WhenClosing: ToMessage,
	}}
	rules := Limits{Overflow: []OverflowRule{
		{Wait: time.Minute, Waiting: 3, To: "queue:help"},
		{Wait: 2 * time.Minute, AgentsBelow: 2, To: ToCallback},
		{During: "night", To: ToMessage},
	}}
	night := func(name string) bool { return name == "night" }
	for _, x := range []struct {
		limits  Limits
		s       Situation
		to, why string
	}{
		{full, Situation{Entering: true, Waiting: 4, Agents: 1}, "", ""},
		{full, Situation{Entering: true, Waiting: 5, Agents: 1}, ToMessage, WhenFull},
		{full, Situation{Waiting: 9, Agents: 1}, "", ""},
		{full, Situation{Entering: true}, "queue:night", WhenNobody},
		{full, Situation{Wait: 10 * time.Minute, Agents: 1}, ToCallback, WhenWait},
		{full, Situation{Wait: 10*time.Minute - 1, Agents: 1}, "", ""},
		{full, Situation{Closing: true, Wait: time.Hour}, ToMessage, WhenClosing},
		{Limits{Waiting: 1, Wait: time.Minute}, Situation{Entering: true, Waiting: 1}, ToEnd, WhenFull},
		{Limits{Waiting: 1, Wait: time.Minute}, Situation{Wait: time.Minute}, ToEnd, WhenWait},
		{Limits{}, Situation{Closing: true}, "", ""},
		{rules, Situation{Wait: time.Minute, Waiting: 3, Agents: 9}, "queue:help", "rule 1"},
		{rules, Situation{Wait: time.Minute, Waiting: 2, Agents: 9}, "", ""},
		{rules, Situation{Wait: 2 * time.Minute, Agents: 1}, ToCallback, "rule 2"},
		{rules, Situation{Wait: 2 * time.Minute, Agents: 2}, "", ""},
		{rules, Situation{Entering: true, Agents: 2, During: night}, ToMessage, "rule 3"},
		{rules, Situation{Agents: 2, During: night}, "", ""},
		{rules, Situation{Entering: true, Agents: 2}, "", ""},
	} {
		to, why, ok := x.limits.SendOn(x.s)
		if to != x.to || why != x.why || ok != (x.to != "") {
			t.Errorf("%+v: %q by %q (%t), want %q by %q", x.s, to, why, ok, x.to, x.why)
		}
	}
	for wait, want := range map[time.Duration]time.Duration{0: time.Minute, time.Minute: 2 * time.Minute, time.Hour: 0} {
		if next, ok := rules.Next(wait); next != want || ok != (want > 0) {
			t.Errorf("after %s: asked again at %s (%t), want %s", wait, next, ok, want)
		}
	}
}
