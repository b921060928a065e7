package call

// Mend puts a call whose history has a hole into a phase that stands on what the call has: a talk without its agent is a
// wait, a wait without a visit a menu without words, from which the floor's bounds and the caller's own doing lead on.
// offered and talks tell whether an agent knows of an offer, or of a talk, with this call.
func (c *Call) Mend(offered, talks func(agent string) bool) {
	if c.Visit != nil {
		kept := c.Visit.Offers[:0]
		for _, o := range c.Visit.Offers {
			if offered(o.Agent) {
				kept = append(kept, o)
			}
		}
		c.Visit.Offers = kept
	}
	if c.Talk != nil && !talks(c.Talk.Agent) {
		c.Talk = nil
	}
	switch c.Phase {
	case Talking, Held:
		if c.Talk == nil {
			c.Phase = Waiting
		}
	case Joining:
		if c.Visit == nil || c.Visit.Accepted() == nil {
			c.Phase = Waiting
		}
	case Message:
		if c.Message == nil {
			c.Phase = Menu
		}
	case Closing:
		if c.Closing == nil {
			c.Phase = Menu
		}
	}
	if c.Phase == Waiting && c.Visit == nil {
		c.Phase = Menu
	}
}
