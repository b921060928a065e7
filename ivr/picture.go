package ivr

import (
	"fmt"
	"strings"
)

// Mermaid draws a flow as a mermaid flowchart, for documentation and the console.
func (b *Book) Mermaid(flow string) (string, error) {
	f, ok := b.flows[flow]
	if !ok {
		return "", fmt.Errorf("there is no flow %q", flow)
	}
	var out strings.Builder
	out.WriteString("flowchart TD\n")
	id := map[string]string{}
	for i, name := range sortedKeys(f.Nodes) {
		id[name] = fmt.Sprintf("n%d", i)
		left, right := shape(f.Nodes[name].Do)
		fmt.Fprintf(&out, "  %s%s\"%s\"%s\n", id[name], left, quoted(b.caption(name, f.Nodes[name])), right)
	}
	fmt.Fprintf(&out, "  start((☎)) --> %s\n", id[string(f.Start)])
	for _, name := range sortedKeys(f.Nodes) {
		for _, w := range f.Nodes[name].Do.ways() {
			if w.to != "" {
				fmt.Fprintf(&out, "  %s -->|\"%s\"| %s\n", id[name], quoted(short(w.field)), id[string(w.to)])
			}
		}
	}
	for _, key := range sortedKeys(f.Anywhere) {
		fmt.Fprintf(&out, "  anywhere((anywhere)) -.->|\"%s\"| %s\n", quoted(key), id[string(f.Anywhere[key])])
	}
	return out.String(), nil
}

// Dot draws a flow for Graphviz.
func (b *Book) Dot(flow string) (string, error) {
	f, ok := b.flows[flow]
	if !ok {
		return "", fmt.Errorf("there is no flow %q", flow)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "digraph %q {\n  node [shape=box, style=rounded];\n  \"\" [shape=point];\n  \"\" -> %q;\n", flow, f.Start)
	for _, name := range sortedKeys(f.Nodes) {
		fmt.Fprintf(&out, "  %q [label=%q];\n", name, b.caption(name, f.Nodes[name]))
		for _, w := range f.Nodes[name].Do.ways() {
			if w.to != "" {
				fmt.Fprintf(&out, "  %q -> %q [label=%q];\n", name, w.to, short(w.field))
			}
		}
	}
	for _, key := range sortedKeys(f.Anywhere) {
		fmt.Fprintf(&out, "  \"anywhere\" -> %q [label=%q, style=dashed];\n", f.Anywhere[key], key)
	}
	out.WriteString("}\n")
	return out.String(), nil
}

// short is a way's name on an arrow: keys.3 is 3.
func short(field string) string {
	for _, group := range []string{"keys.", "cases."} {
		if key, ok := strings.CutPrefix(field, group); ok {
			return key
		}
	}
	return field
}

func quoted(s string) string { return strings.NewReplacer(`"`, "#quot;", "\n", " ").Replace(s) }

// shape is how mermaid draws a kind: questions lean, ends are round.
func shape(do Do) (left, right string) {
	switch do.(type) {
	case *Switch:
		return "{", "}"
	case *Menu, *Collect:
		return "[/", "/]"
	case *Queue, *Message, *Hangup, *Refuse:
		return "([", "])"
	}
	return "[", "]"
}

// caption is what stands in a node's box.
func (b *Book) caption(name string, n Node) string {
	switch do := n.Do.(type) {
	case *Switch:
		return do.Switch + "?"
	case *Language:
		return name + ": " + do.Language
	case *Jump:
		return "flow " + do.To
	case *Say:
		return name + ": " + b.clip(do.Say)
	case *Menu:
		return name + ": " + b.clip(do.Menu)
	case *Collect:
		return fmt.Sprintf("%s: %s (%s → %s)", name, b.clip(do.Collect), do.Digits, do.Into)
	case *Lookup:
		return "look up " + do.Lookup
	case *Queue:
		return "queue " + do.Queue
	case *Message:
		return "message: " + b.clip(do.Message)
	case *Hangup:
		return "hang up " + b.clip(do.Hangup)
	case *Refuse:
		return "refuse: " + do.Refuse
	}
	return name
}

// clip is the first words of a text.
func (b *Book) clip(t Text) string {
	const most = 24
	words := []rune(b.first(t))
	if len(words) > most {
		return string(words[:most]) + "…"
	}
	return string(words)
}
