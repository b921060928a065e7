package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"hotline/acd"
	"hotline/ivr"
)

// Callers are rules for who calls: lists of numbers, and those who call again and again. A withheld number is on none.
type Callers struct {
	Lists  map[string]CallerList `yaml:"lists"`
	Repeat Repeat                `yaml:"repeat"`
}

// CallerList is what the callers on a list get when the flow sends them to a queue.
type CallerList struct {
	Title    ivr.Text `yaml:"title"`
	Numbers  []string `yaml:"numbers"`  // as they are dialled here, or with +; a * at the end stands for any further digits
	Priority int      `yaml:"priority"` // points on top of the flow's
	Queue    string   `yaml:"queue"`    // instead of the flow's
	Agent    string   `yaml:"agent"`    // waited for as if they knew the case (last_agent.wait)
}

// Repeat gives priority to who calls for so many times within so long.
type Repeat struct {
	Calls    int           `yaml:"calls"` // this one included; 0: no such rule
	Within   time.Duration `yaml:"within"`
	Priority int           `yaml:"priority"`
}

// listed is a number as a list may have it, or the beginning of numbers.
var listed = regexp.MustCompile(`^\+?[0-9]{1,20}\*?$`)

// PlainNumber takes out what only people need to read a number.
func PlainNumber(n string) string {
	return strings.NewReplacer("-", "", " ", "", "(", "", ")", "").Replace(n)
}

func (l *loading) callers(c *Config) {
	on := map[string]string{}
	for _, name := range sorted(c.Callers.Lists) {
		place, list := "callers.lists."+name, c.Callers.Lists[name]
		l.name(place, name)
		l.title(c, place+".title", list.Title, true)
		if len(list.Numbers) == 0 {
			l.wrong(place+".numbers", "nobody is on this list", `add numbers: ["13800138000", "+44*"]`)
		}
		for i, n := range list.Numbers {
			at, plain := fmt.Sprintf("%s.numbers.%d", place, i), PlainNumber(n)
			if !listed.MatchString(plain) {
				l.wrong(at, fmt.Sprintf("%q is no number", n), `write "13800138000", "+8613800138000", or with a * at the end for all that begin so`)
			}
			if other, twice := on[plain]; twice {
				l.wrong(at, fmt.Sprintf("%s is on list %s too", n, other), "a number is on one list; a longer beginning goes before a shorter one")
			}
			on[plain] = name
		}
		l.points(place+".priority", list.Priority)
		if _, there := c.Queues[list.Queue]; list.Queue != "" && !there {
			l.unknown(place+".queue", "queue", list.Queue, sorted(c.Queues))
		}
		if list.Agent != "" {
			a, there := c.Agents[list.Agent]
			if !there {
				l.unknown(place+".agent", "agent", list.Agent, sorted(c.Agents))
			}
			if list.Queue != "" && there && !slices.ContainsFunc(a.Queues, func(m acd.Membership) bool { return m.Queue == list.Queue }) {
				l.wrong(place+".agent", fmt.Sprintf("%s takes no calls of queue %s", list.Agent, list.Queue), "add the queue to the agent, or leave one of them out")
			}
		}
	}
	r := c.Callers.Repeat
	if r == (Repeat{}) {
		return
	}
	if r.Calls < 2 || r.Calls > 100 {
		l.wrong("callers.repeat.calls", fmt.Sprintf("%d calls", r.Calls), "use 2 to 100")
	}
	l.between("callers.repeat.within", r.Within, time.Minute, 30*24*time.Hour)
	l.points("callers.repeat.priority", r.Priority)
}

func (l *loading) points(place string, n int) {
	if n < -acd.MaxPriority || n > acd.MaxPriority {
		l.wrong(place, fmt.Sprintf("priority %d is outside -%d to %d", n, acd.MaxPriority, acd.MaxPriority), "")
	}
}
