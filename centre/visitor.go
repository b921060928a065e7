package centre

import (
	"context"
	"strings"

	"hotline/floor"
)

// VisitorCall is the id of the call of the visitor with this key.
func VisitorCall(key string) string { return "web-" + key }

// visitorKey is the key of the visitor whose call this is.
func visitorKey(call string) string { return strings.TrimPrefix(call, VisitorCall("")) }

// Visit makes a call of a browser: a leg whose audio softphone already holds under key. It returns when the caller is
// before the flow of the line.
func (c *Centre) Visit(ctx context.Context, key, line string) error {
	id, full := VisitorCall(key), false
	if !c.ask(func() { full = c.full() }) {
		return ErrStopped
	}
	n := c.anyNode()
	if n == nil || full {
		return &floor.Illegal{Code: "unavailable", Text: "the telephone system is not reachable at the moment; please try again"}
	}
	c.send(item{do: func() { c.early[id] = nil }})
	_, err := c.externalMedia(ctx, n, id, key, nil)
	c.send(item{do: func() {
		keys := c.early[id]
		delete(c.early, id)
		if err != nil {
			return
		}
		c.inLoop(floor.Arrived{Channel: id, Node: n.name, Line: line, Via: "browser", Up: true})
		for _, k := range keys {
			c.inLoop(floor.Key{Call: id, Digit: k})
		}
	}})
	return err
}

// HangUp ends a visitor's call from its own page.
func (c *Centre) HangUp(call string) { c.Submit(floor.HangUp{Call: call}) }

// mostEarly is how many keys of a visitor are kept until the call is before the flow.
const mostEarly = 32

// Pressed is a key of the caller page's keypad. Who knows the menu presses before it speaks, and before the call is made.
func (c *Centre) Pressed(call, digit string) {
	c.send(item{do: func() {
		switch keys, early := c.early[call]; {
		case !early:
			c.inLoop(floor.Key{Call: call, Digit: digit})
		case len(keys) < mostEarly:
			c.early[call] = append(keys, digit)
		}
	}})
}
