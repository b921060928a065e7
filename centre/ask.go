package centre

import (
	"context"

	"hotline/floor"
)

// Enter gives the floor an input and returns when what follows from it is journalled. Errors: ErrStopped, ctx's, or that
// the floor refuses it.
func (c *Centre) Enter(ctx context.Context, in floor.Input) error {
	return c.reply(ctx, item{in: in})
}

// NetTaken tells whether the safety net's message of this channel is journalled, and whether its recording is still
// Asterisk's. It is not ok when the centre is stopped.
func (c *Centre) NetTaken(channel string) (taken, pending, ok bool) {
	ok = c.ask(func() { taken, pending = c.floor.NetTaken(channel) })
	return taken, pending, ok
}
