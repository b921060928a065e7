package ivr

import (
	"slices"
	"strings"
)

// reachable wants a way from the start, or from a key that works anywhere, to every node.
func (c *checker) reachable(f Flow) {
	seen := map[string]bool{}
	var walk func(To)
	walk = func(to To) {
		node, ok := f.Nodes[string(to)]
		if !ok || seen[string(to)] {
			return
		}
		seen[string(to)] = true
		if node.Do == nil {
			return
		}
		for _, w := range node.Do.ways() {
			walk(w.to)
		}
	}
	walk(f.Start)
	for _, to := range f.Anywhere {
		walk(to)
	}
	for _, name := range sortedKeys(f.Nodes) {
		if !seen[name] {
			c.wrong(f.place(name), "no way leads to this node", "lead one there, or delete it")
		}
	}
}

// spot is a node of one of the flows.
type spot struct{ flow, node string }

// byItself are the spots a caller comes to without doing anything.
func (b *Book) byItself(at spot) []spot {
	f := b.flows[at.flow]
	do := f.Nodes[at.node].Do
	if jump, ok := do.(*Jump); ok {
		return []spot{{jump.To, string(b.flows[jump.To].Start)}}
	}
	var next []spot
	for _, w := range do.ways() {
		if w.to != "" && !w.byKey {
			next = append(next, spot{at.flow, string(w.to)})
		}
	}
	return next
}

// rounds finds ways round on which a caller who presses nothing would go for ever: an occupied line, or worse, a step
// without end.
func (c *checker) rounds() {
	const open, done = 1, 2
	state := map[spot]int{}
	var trail []spot
	var walk func(spot)
	walk = func(at spot) {
		switch state[at] {
		case done:
			return
		case open:
			var names []string
			for _, s := range trail[slices.Index(trail, at):] {
				names = append(names, s.node)
			}
			c.wrong(c.b.flows[at.flow].place(at.node),
				"a caller who presses nothing goes round for ever: "+strings.Join(append(names, at.node), " → "),
				"let one of them lead to a queue, a message or a hangup")
			return
		}
		state[at] = open
		trail = append(trail, at)
		for _, next := range c.b.byItself(at) {
			walk(next)
		}
		trail = trail[:len(trail)-1]
		state[at] = done
	}
	for _, flow := range c.b.Flows() {
		for _, node := range sortedKeys(c.b.flows[flow].Nodes) {
			walk(spot{flow, node})
		}
	}
}

// refusals finds refuse nodes that a caller can come to after something was said: an answered call cannot be refused.
func (c *checker) refusals() {
	heard := map[spot]bool{}
	seen := map[spot]bool{}
	var walk func(at spot, speaking bool)
	walk = func(at spot, speaking bool) {
		if (speaking && heard[at]) || (!speaking && seen[at]) {
			return
		}
		seen[at] = true
		heard[at] = heard[at] || speaking
		f := c.b.flows[at.flow]
		do := f.Nodes[at.node].Do
		if _, ok := do.(*Refuse); ok && speaking {
			c.wrong(f.place(at.node), "the call was already answered when it comes here", "use hangup; refuse can only stand before anything is said")
			return
		}
		if jump, ok := do.(*Jump); ok {
			walk(spot{jump.To, string(c.b.flows[jump.To].Start)}, speaking)
		}
		speaking = speaking || len(do.texts()) > 0
		if speaking {
			for _, to := range f.Anywhere {
				walk(spot{at.flow, string(to)}, true)
			}
		}
		for _, w := range do.ways() {
			if w.to != "" {
				walk(spot{at.flow, string(w.to)}, speaking)
			}
		}
	}
	for _, name := range c.b.Flows() {
		walk(spot{name, string(c.b.flows[name].Start)}, false)
	}
}
