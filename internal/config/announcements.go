package config

import (
	"fmt"

	"hotline/ivr"
)

// Announcement is a text that a supervisor may switch on, or that a queue's wait.tell names.
type Announcement struct {
	Title  ivr.Text `yaml:"title"`
	Text   ivr.Text `yaml:"text"`
	Lines  []string `yaml:"lines"`  // whose callers hear it after the greeting; neither lines nor queues: all callers
	Queues []string `yaml:"queues"` // whose callers hear it when they begin to wait
}

// Announced are the names of the announcements, in the order of the file.
func (c *Config) Announced() []string { return c.announcementOrder }

func (l *loading) announcements(c *Config) {
	for _, name := range sorted(c.Announcements) {
		place, a := "announcements."+name, c.Announcements[name]
		l.name(place, name)
		if name == "place" || name == "expected-wait" {
			l.wrong(place, name+" is what wait.tell calls the house's own words", "rename it")
		}
		l.title(c, place+".title", a.Title, true)
		l.title(c, place+".text", a.Text, true)
		for i, n := range a.Lines {
			if _, there := c.Lines[n]; !there {
				l.unknown(fmt.Sprintf("%s.lines.%d", place, i), "line", n, sorted(c.Lines))
			}
		}
		for i, q := range a.Queues {
			if _, there := c.Queues[q]; !there {
				l.unknown(fmt.Sprintf("%s.queues.%d", place, i), "queue", q, sorted(c.Queues))
			}
		}
	}
}
