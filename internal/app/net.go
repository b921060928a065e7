package app

import (
	"context"
	"time"

	"hotline/centre"
	"hotline/fact"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/recording"
)

// netEvery is how often messages of the safety net are looked for while a link is up: a lease may run out at any time.
const netEvery = 30 * time.Second

// collectNet takes in the messages that callers left with the dialplan's safety net.
func (a *App) collectNet(cfg *config.Config) {
	a.net = recording.NewCollector(netTaker{a.centre, a.cfg.Load}, netEvery, a.log)
	for i, n := range cfg.PBX {
		a.net.Add(n.Name, a.links[i])
	}
	a.onStop("net", func(context.Context) error { a.net.Stop(); return nil })
}

// netTaker is the loop as the collector sees it.
type netTaker struct {
	centre *centre.Centre
	cfg    func() *config.Config
}

func (t netTaker) Taken(channel string) (taken, pending, ok bool) { return t.centre.NetTaken(channel) }

func (t netTaker) Take(ctx context.Context, node string, n recording.Net, length time.Duration, empty bool) error {
	cfg := t.cfg()
	caller := fact.Party{Withheld: n.Withheld}
	if !n.Withheld {
		caller.Number, caller.Region = callerOf(cfg)(n.Caller)
	}
	return t.centre.Enter(ctx, floor.NetMessage{
		Channel: n.Channel, Node: node, Name: n.Name, Line: lineOf(cfg)(n.Dialled), Caller: caller, Left: n.At, Duration: length, Empty: empty,
	})
}
