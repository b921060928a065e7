package ivr

import (
	"strings"
	"time"

	"hotline/calendar"
	"hotline/fact"
)

// Hours returns the opening hours of a name, or nil.
func (b *Book) Hours(name string) *calendar.Hours { return b.centre.Hours[name] }

// HoursOf names the hours that a caller of the line, who presses nothing, comes to first; empty: none.
func (b *Book) HoursOf(line string) string {
	flow, ok := b.Line(line)
	if !ok {
		return ""
	}
	seen := map[spot]bool{}
	for way := []spot{{flow, string(b.flows[flow].Start)}}; len(way) > 0; way = way[1:] {
		at := way[0]
		if seen[at] {
			continue
		}
		seen[at] = true
		if do, ok := b.flows[at.flow].Nodes[at.node].Do.(*Switch); ok {
			if name, ok := strings.CutPrefix(do.Switch, "hours."); ok {
				return name
			}
		}
		way = append(way, b.byItself(at)...)
	}
	return ""
}

// Closed tells whether hours that a caller's way led through, and that were open at a moment of that way, have closed
// since. If not, next is when the first of them will; zero: never. A line that overrides its hours does not close.
func (b *Book) Closed(s fact.Session, line string, then, now time.Time) (closed bool, next time.Time) {
	l, ok := b.centre.Lines[line]
	if !ok || l.Open != "" {
		return false, time.Time{}
	}
	for _, step := range s.Path {
		h := b.hoursAt(step.Node, l.Flow, s.Flow)
		if h == nil || !h.Open(then) {
			continue
		}
		if !h.Open(now) {
			return true, time.Time{}
		}
		if t, ok := h.Next(now); ok && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return false, next
}

// hoursAt returns the hours that a node of one of the flows switches on, or nil.
func (b *Book) hoursAt(node string, flows ...string) *calendar.Hours {
	for _, f := range flows {
		if do, ok := b.flows[f].Nodes[node].Do.(*Switch); ok {
			if name, ok := strings.CutPrefix(do.Switch, "hours."); ok {
				return b.centre.Hours[name]
			}
		}
	}
	return nil
}
