package centre

import (
	"context"
	"maps"
	"time"

	"hotline/call"
	"hotline/fact"
	"hotline/floor"
)

// lookupTime bounds one lookup; the caller waits for it.
const lookupTime = 4 * time.Second

// lookUp asks what a caller in the IVR waits for, once for each turn of the flow.
func (c *Centre) lookUp(x *call.Call) {
	l := c.lanes[x.ID]
	if l == nil || l.asked.Equal(x.SteppedAt) {
		return
	}
	l.asked = x.SteppedAt
	ask := fact.Lookup{Kind: x.Turn.Lookup.Kind, Args: maps.Clone(x.Turn.Lookup.Args)}
	if ask.Args == nil {
		ask.Args = map[string]string{}
	}
	if ask.Args["lang"] == "" {
		ask.Args["lang"] = x.Session.Lang
	}
	id := x.ID
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(c.ctx, lookupTime)
		defer cancel()
		vars, found, err := c.cfg.Lookups.Lookup(ctx, ask)
		if err != nil {
			c.log.Warn("a lookup failed", "call", id, "kind", ask.Kind, "err", err)
		}
		c.Submit(floor.LookedUp{Call: id, Found: found, Vars: vars, Failed: err != nil})
	})
}
