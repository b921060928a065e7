package centre

import "time"

// clock is the house's time. It follows the machine's wall clock, but never jumps with it: facts must not go backwards,
// and nobody's wait may last an hour because somebody set the clock. It runs by the monotonic clock, begins where the
// journal ends at the earliest, and closes a difference to the wall clock by at most one second in a minute.
type clock struct {
	wall func() time.Time
	seen time.Time // the wall's last reading, with its monotonic part
	at   time.Time
}

// slew is how much of the elapsed time a difference may shorten or lengthen.
const slew = 60

func newClock(wall func() time.Time, notBefore time.Time) *clock {
	c := &clock{wall: wall, seen: wall()}
	c.at = c.seen.Round(0)
	if c.at.Before(notBefore) {
		c.at = notBefore
	}
	return c
}

func (c *clock) now() time.Time {
	seen := c.wall()
	elapsed := max(0, seen.Sub(c.seen))
	c.seen = seen
	most := elapsed / slew
	c.at = c.at.Add(elapsed)
	c.at = c.at.Add(min(most, max(-most, seen.Round(0).Sub(c.at))))
	return c.at
}

// ClockOff is by how much the house's time is ahead of the machine's clock: more than a moment when that was set back, or was
// wrong for a time. What is journalled and shown is the house's time.
func (c *Centre) ClockOff() (off time.Duration) {
	c.ask(func() { off = c.now().Round(0).Sub(time.Now().Round(0)) })
	return off
}
