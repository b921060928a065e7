package centre

import (
	"context"
	"fmt"
	"time"

	"hotline/ari"
	"hotline/floor"
)

// Watchdog looks now and then for what should not be, and puts right what is safe. Asterisk and the floor are never seen at
// the same moment, so what differs between them counts only when two looks show it; so does what is late, because all is
// late at first when the process itself, or its machine, stood still. It is for one goroutine.
type Watchdog struct {
	c      *Centre
	before map[string]bool // what the last look suspected
}

// NewWatchdog gives a watchdog over this centre.
func NewWatchdog(c *Centre) *Watchdog { return &Watchdog{c: c, before: map[string]bool{}} }

// Look is one look.
func (w *Watchdog) Look(ctx context.Context) (found []floor.Trouble) {
	seen := map[string]bool{}
	defer func() { w.before = seen }()
	w.c.ask(func() {
		for _, t := range w.c.floor.Inspect(w.c.now()) {
			if key := string(t.Kind) + " " + t.ID + " " + t.Text; t.Kind.Late() {
				if seen[key] = true; !w.before[key] {
					continue
				}
			}
			found = append(found, t)
		}
	})
	for _, n := range w.c.nodes {
		if !n.up() {
			continue // its return looks at everything
		}
		x, err := list(ctx, n)
		if err != nil {
			w.c.log.Warn("the watchdog could not look at Asterisk", "node", n.name, "err", err)
			continue
		}
		found = append(found, w.compare(n, x, seen)...)
	}
	for i := range found {
		t := &found[i]
		if t.Mend != nil {
			w.c.Submit(t.Mend)
			t.Mended = true
		}
		w.c.log.Error("the watchdog found what should not be", "kind", t.Kind, "id", t.ID, "what", t.Text, "mended", t.Mended)
	}
	return found
}

func list(ctx context.Context, n *node) (index, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	bridges, err := n.client.Bridges(ctx)
	if err != nil {
		return index{}, err
	}
	channels, err := n.client.Channels(ctx)
	return newIndex(ari.Snapshot{Channels: channels, Bridges: bridges}), err
}

// compare finds what the floor and one Asterisk disagree about, twice in a row.
func (w *Watchdog) compare(n *node, x index, seen map[string]bool) (found []floor.Trouble) {
	again := func(kind floor.TroubleKind, id string) bool {
		key := string(kind) + " " + id
		seen[key] = true
		return w.before[key]
	}
	w.c.ask(func() {
		for _, id := range w.c.floor.Calls() {
			call := w.c.floor.Call(id)
			if _, there := x.channels[call.Channel]; !there && call.Node == n.name && !call.Virtual() && again(floor.ChannelGone, id) {
				found = append(found, floor.Trouble{Kind: floor.ChannelGone, ID: id,
					Text:        fmt.Sprintf("%s, but Asterisk %s has no such channel", call.Phase, n.name),
					Particulars: floor.Particulars{State: call.Phase.String(), Node: n.name}, Mend: floor.Gone{Call: id, Inferred: true}})
			}
		}
		var stale, empty []string
		channels, bridges := w.c.orphans(x)
		for _, id := range channels {
			if again(floor.ChannelOrphaned, id) {
				stale = append(stale, id)
				found = append(found, floor.Trouble{Kind: floor.ChannelOrphaned, ID: id, Text: "a channel of ours that nobody owns", Particulars: floor.Particulars{Node: n.name}, Mended: true})
			}
		}
		for _, id := range bridges {
			if again(floor.BridgeWithout, id) {
				empty = append(empty, id)
				found = append(found, floor.Trouble{Kind: floor.BridgeWithout, ID: id, Text: "a call's bridge without its call", Particulars: floor.Particulars{Node: n.name}, Mended: true})
			}
		}
		w.c.clearAway(n, stale, empty)
	})
	return found
}
