package ivr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"hotline/calendar"
)

// allKeys are the keys of a telephone.
const allKeys = "0123456789*#"

// Problem is one thing that is wrong with a flow.
type Problem struct {
	// Place is the way to it in the configuration: flows.main.nodes.menu.keys.3.
	Place  string
	Reason string
	// Remedy tells what to do; empty when Word should be one of Known.
	Remedy string
	Word   string
	Known  []string
}

func (p Problem) String() string {
	s := p.Place + ": " + p.Reason
	if p.Remedy != "" {
		s += ": " + p.Remedy
	}
	return s
}

// Bounds of what a flow may ask of a caller's patience.
const (
	mostTries    = 10
	longestWait  = time.Minute
	longestSpeak = 30 * time.Minute // a message
)

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	refusals   = []string{"busy", "congestion", "unallocated"}
	switches   = []string{"hours.<name>", "line", "language", "region", "time"}
)

// checker collects what is wrong.
type checker struct {
	b        *Book
	vars     []string        // every variable a text may use
	secret   map[string]bool // those that must not be said
	problems []Problem
}

func check(b *Book, flows []Flow) []Problem {
	c := &checker{b: b, secret: map[string]bool{}, vars: []string{varOpens, varHoliday}}
	for name := range b.collected {
		c.vars = append(c.vars, name)
	}
	for _, vars := range LookupKinds {
		c.vars = append(c.vars, vars...)
	}
	seen := map[string]bool{}
	for _, f := range flows {
		for _, n := range f.Nodes {
			if do, ok := n.Do.(*Collect); ok && do.Secret {
				c.secret[do.Into] = true
			}
		}
		if seen[f.Name] {
			c.add(Problem{Place: "flows." + f.Name, Reason: "there are two flows of this name", Remedy: "rename one"})
		}
		seen[f.Name] = true
	}
	for _, name := range sortedKeys(b.phrases) {
		if len(b.phrases[name]) == 0 {
			c.wrong("phrases."+name, "the house has no words for this in its languages", "write them, by language")
		}
		c.text("phrases."+name, b.phrases[name])
		if _, ok := DefaultPhrases[name]; !ok {
			c.unknown("phrases."+name, "phrase", name, sortedKeys(DefaultPhrases))
		}
	}
	for _, name := range b.Flows() {
		c.flow(b.flows[name])
	}
	if len(c.problems) == 0 {
		c.rounds()
		c.refusals()
	}
	return c.problems
}

func (c *checker) add(p Problem) { c.problems = append(c.problems, p) }

func (c *checker) wrong(place, reason, remedy string) {
	c.add(Problem{Place: place, Reason: reason, Remedy: remedy})
}

func (c *checker) unknown(place, what, word string, known []string) {
	slices.Sort(known)
	c.add(Problem{Place: place, Reason: fmt.Sprintf("there is no %s %q", what, word), Word: word, Known: known})
}

func (f Flow) place(node string) string {
	if p := f.Nodes[node].Place; p != "" {
		return "flows." + f.Name + "." + p
	}
	return "flows." + f.Name + ".nodes." + node
}

// flow checks one flow by itself.
func (c *checker) flow(f Flow) {
	here := "flows." + f.Name
	if f.Start == "" {
		c.wrong(here, "the flow has no start", "add start: <the first node>")
	} else {
		c.to(f, here+".start", f.Start)
	}
	for _, key := range sortedKeys(f.Anywhere) {
		c.telephoneKey(here+".anywhere."+key, key)
		c.to(f, here+".anywhere."+key, f.Anywhere[key])
	}
	for _, name := range sortedKeys(f.Nodes) {
		node, place := f.Nodes[name], f.place(name)
		if node.Do == nil {
			c.wrong(place, "the node does nothing", "give it one of "+strings.Join(HeadOrder, ", "))
			continue
		}
		for _, s := range node.Do.texts() {
			if len(s.text) == 0 && !s.optional {
				c.wrong(place+"."+s.field, "nothing is said here", "write the text, by language")
				continue
			}
			c.text(place+"."+s.field, s.text)
		}
		for _, w := range node.Do.ways() {
			switch {
			case w.to != "":
				c.to(f, place+"."+w.field, w.to)
			case !w.optional:
				c.wrong(place, "the way "+w.field+" is missing", "add "+w.field+": <the next node>")
			}
		}
		c.node(place, node.Do)
	}
	c.reachable(f)
}

func (c *checker) to(f Flow, place string, to To) {
	if _, ok := f.Nodes[string(to)]; !ok {
		c.unknown(place, "node", string(to), sortedKeys(f.Nodes))
	}
}

func (c *checker) telephoneKey(place, key string) {
	if len(key) != 1 || !strings.Contains(allKeys, key) {
		c.wrong(place, fmt.Sprintf("%q is no key of a telephone", key), "use one of 0-9, * and #")
	}
}

// text wants every language of the centre, and variables that exist.
func (c *checker) text(place string, t Text) {
	_, all := t[""]
	for _, lang := range c.b.centre.Languages {
		if _, ok := t[lang]; !ok && !all && len(t) > 0 {
			c.wrong(place, fmt.Sprintf("the text is missing in %s", lang), "add "+lang+": …")
		}
	}
	for _, lang := range sortedKeys(t) {
		if lang != "" && !slices.Contains(c.b.centre.Languages, lang) {
			c.unknown(place+"."+lang, "language", lang, slices.Clone(c.b.centre.Languages))
		}
		if strings.TrimSpace(t[lang]) == "" {
			c.wrong(place, "the text is empty", "write it, or leave the key out")
		}
		for _, name := range variables(t[lang]) {
			switch {
			case c.secret[name]:
				c.wrong(place, "$"+name+" is secret and must not be said", "leave it out")
			case !slices.Contains(c.vars, name):
				c.unknown(place, "variable", name, slices.Clone(c.vars))
			}
		}
	}
}

// node checks what is particular to one kind.
func (c *checker) node(place string, do Do) {
	switch do := do.(type) {
	case *Switch:
		c.switchNode(place, do)
	case *Language:
		if !slices.Contains(c.b.centre.Languages, do.Language) {
			c.unknown(place+".language", "language", do.Language, slices.Clone(c.b.centre.Languages))
		}
	case *Jump:
		if _, ok := c.b.flows[do.To]; !ok {
			c.unknown(place+".flow", "flow", do.To, c.b.Flows())
		}
	case *Menu:
		if len(do.Keys) == 0 {
			c.wrong(place, "the menu has no keys", "add keys: {1: …}, or use say")
		}
		for _, key := range sortedKeys(do.Keys) {
			c.telephoneKey(place+".keys."+key, key)
		}
		c.asking(place, do.Asking)
	case *Collect:
		if do.Digits.Min < 1 || do.Digits.Max < do.Digits.Min || do.Digits.Max > MaxDigits {
			c.wrong(place+".digits", "how many digits is missing", "add digits: 6 or digits: 6-12")
		}
		if !identifier.MatchString(do.Into) {
			c.wrong(place+".into", fmt.Sprintf("%q is no name of a variable", do.Into), "use small letters, digits and _")
		}
		if do.End != "" && do.End != "#" && do.End != "*" {
			c.wrong(place+".end", fmt.Sprintf("%q cannot end a number", do.End), `use "#" or "*"`)
		}
		c.asking(place, do.Asking)
	case *Lookup:
		c.lookup(place, do)
	case *Queue:
		c.queue(place+".queue", do.Queue)
	case *Message:
		if do.Queue != "" {
			c.queue(place+".queue", do.Queue)
		}
		c.duration(place+".limit", do.Limit, longestSpeak)
		c.duration(place+".silence", do.Silence, longestWait)
	case *Refuse:
		if !slices.Contains(refusals, do.Refuse) {
			c.unknown(place+".refuse", "refusal", do.Refuse, slices.Clone(refusals))
		}
	}
}

func (c *checker) switchNode(place string, do *Switch) {
	if name, ok := strings.CutPrefix(do.Switch, "hours."); ok {
		if c.b.centre.Hours[name] == nil {
			c.unknown(place+".switch", "hours", name, sortedKeys(c.b.centre.Hours))
		}
		if len(do.Cases) > 0 || do.Otherwise != "" {
			c.wrong(place, "a switch on hours has open, closed and holiday, not cases", "use those")
		}
		return
	}
	if do.Open != "" || do.Closed != "" || do.Holiday != "" {
		c.wrong(place, "open, closed and holiday belong to a switch on hours", "use cases and otherwise")
	}
	for _, key := range sortedKeys(do.Cases) {
		at := place + ".cases." + key
		switch do.Switch {
		case "line":
			if _, ok := c.b.centre.Lines[key]; !ok {
				c.unknown(at, "line", key, sortedKeys(c.b.centre.Lines))
			}
		case "language":
			if !slices.Contains(c.b.centre.Languages, key) {
				c.unknown(at, "language", key, slices.Clone(c.b.centre.Languages))
			}
		case "time":
			if _, err := calendar.ParseSpans(key); err != nil {
				c.wrong(at, err.Error(), "")
			}
		}
	}
	if !slices.Contains(switches[1:], do.Switch) {
		c.unknown(place+".switch", "switch", do.Switch, slices.Clone(switches))
	}
}

func (c *checker) lookup(place string, do *Lookup) {
	if _, ok := LookupKinds[do.Lookup]; !ok {
		c.unknown(place+".lookup", "lookup", do.Lookup, sortedKeys(LookupKinds))
	}
	names := variables(do.Number)
	if len(names) != 1 || (do.Number != "$"+names[0] && do.Number != "${"+names[0]+"}") {
		c.wrong(place+".number", fmt.Sprintf("%q is not one variable", do.Number), "write number: $number, with number collected before")
		return
	}
	switch name := names[0]; {
	case c.secret[name]:
		c.wrong(place+".number", "$"+name+" is secret and would be journalled", "collect it without secret")
	case !c.b.collected[name]:
		c.unknown(place+".number", "collected number", name, sortedKeys(c.b.collected))
	}
}

func (c *checker) queue(place, name string) {
	if _, ok := c.b.centre.Queues[name]; !ok {
		c.unknown(place, "queue", name, sortedKeys(c.b.centre.Queues))
	}
}

func (c *checker) asking(place string, a Asking) {
	if a.Tries < 0 || a.Tries > mostTries {
		c.wrong(place+".tries", fmt.Sprintf("%d tries", a.Tries), fmt.Sprintf("use 1 to %d", mostTries))
	}
	c.duration(place+".wait", a.Wait, longestWait)
}

func (c *checker) duration(place string, d, most time.Duration) {
	if d < 0 || d > most || (d > 0 && d < time.Second) {
		c.wrong(place, fmt.Sprintf("%s is too short or too long", d), fmt.Sprintf("use 1s to %s", most))
	}
}
