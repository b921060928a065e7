package config

import (
	"fmt"
	"time"
)

// Alarms are when the board raises one.
type Alarms struct {
	Over  time.Duration `yaml:"over"`  // a queue's service level is looked at over the last so long
	Least int           `yaml:"least"` // and only where so many callers were answered or gave up
	Surge Surge         `yaml:"surge"`
}

// Surge is when more call on a line than is usual at that hour, and what callers are told then.
type Surge struct {
	Over  time.Duration `yaml:"over"`  // calls are counted over the last so long
	Times float64       `yaml:"times"` // more than so many times the usual; 0: no alarm
	Least int           `yaml:"least"` // fewer calls are none
	// Usual are the calls of an hour while nothing is known of one; 0: then there is no alarm.
	Usual int `yaml:"usual"`
	// Announce is the announcement that the alarm offers. ByItself: it is switched on with the alarm, and off with it.
	Announce string `yaml:"announce"`
	ByItself bool   `yaml:"by_itself"`
}

func (l *loading) alarms(c *Config) {
	l.between("alarms.over", c.Alarms.Over, time.Minute, 2*time.Hour)
	l.least("alarms.least", c.Alarms.Least)
	s := c.Alarms.Surge
	l.between("alarms.surge.over", s.Over, time.Minute, time.Hour)
	if s.Over%time.Minute != 0 {
		l.wrong("alarms.surge.over", fmt.Sprintf("%s is not a number of minutes", s.Over), "write 10m")
	}
	if s.Times != 0 && !(s.Times >= 1 && s.Times <= 1000) {
		l.wrong("alarms.surge.times", fmt.Sprintf("%v times the usual", s.Times), "use 1 to 1000, or 0 for no alarm; 3 is plenty")
	}
	l.least("alarms.surge.least", s.Least)
	if s.Usual < 0 || s.Usual > 1e6 {
		l.wrong("alarms.surge.usual", fmt.Sprintf("%d calls in an hour", s.Usual), "use 0 to 1000000")
	}
	if s.Announce == "" {
		if s.ByItself {
			l.wrong("alarms.surge.by_itself", "no announcement is named", "add announce: with a name of announcements")
		}
		return
	}
	if _, there := c.Announcements[s.Announce]; !there {
		l.unknown("alarms.surge.announce", "announcement", s.Announce, sorted(c.Announcements))
	}
}

func (l *loading) least(place string, n int) {
	if n < 1 {
		l.wrong(place, fmt.Sprintf("%d callers", n), "use 1 or more; 20 is plenty")
	}
}
