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
	full := false
	if !c.ask(func() { full = c.full() }) {
		return ErrStopped
	}
	n := c.anyNode()
	if n == nil || full {
		return &floor.Illegal{Code: "unavailable", Text: "the telephone system is not reachable at the moment; please try again"}
	}
	id := VisitorCall(key)
	if _, err := c.externalMedia(ctx, n, id, key, nil); err != nil {
		return err
	}
	c.Submit(floor.Arrived{Channel: id, Node: n.name, Line: line, Via: "browser", Up: true})
	return nil
}

// HangUp ends a visitor's call from its own page.
func (c *Centre) HangUp(call string) { c.Submit(floor.HangUp{Call: call}) }

// Pressed is a key of the caller page's keypad.
func (c *Centre) Pressed(call, digit string) { c.Submit(floor.Key{Call: call, Digit: digit}) }
