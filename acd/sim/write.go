package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"hotline/acd"
)

// WriteYAML writes the scenario as somebody would who writes it by hand: nothing that is a default, a queue or a group a
// few lines, times as 1h30m. Load reads it back as the same scenario. Real calls are not part of it: a scenario that has
// them names their file.
func (s *Scenario) WriteYAML(w io.Writer) error {
	plain := s.Clone()
	for name, t := range plain.Calls {
		if t.Queue == name {
			t.Queue = ""
			plain.Calls[name] = t
		}
	}
	for id, q := range plain.Queues {
		plain.Queues[id] = bare(q)
	}
	var n yaml.Node
	if err := n.Encode(plain); err != nil {
		return err
	}
	tidy(&n, "")
	for i := 1; i < len(n.Content); i += 2 {
		part := n.Content[i]
		part.Style = 0
		for k, one := range part.Content {
			if part.Kind == yaml.SequenceNode || k%2 == 1 {
				lines(one)
			}
		}
	}
	var text bytes.Buffer
	out := yaml.NewEncoder(&text)
	out.SetIndent(2)
	if err := errors.Join(out.Encode(&n), out.Close()); err != nil {
		return fmt.Errorf("write the scenario: %w", err)
	}
	_, err := w.Write(sections.ReplaceAll(text.Bytes(), []byte("\n$0")))
	return err
}

// bare takes the defaults away that need not be said.
func bare(q acd.Queue) acd.Queue {
	usual := acd.Queue{}.WithDefaults()
	if q.Select == usual.Select {
		q.Select = ""
	}
	if q.Urgency == usual.Urgency {
		q.Urgency = ""
	}
	if q.Weight == usual.Weight {
		q.Weight = 0
	}
	if q.Overdue == usual.Overdue {
		q.Overdue = 0
	}
	return q
}

// sections begin after an empty line.
var sections = regexp.MustCompile(`(?m)^(queues|calls|agents):$`)

// lines gives each key of a queue, a kind of call or a group a line of its own.
func lines(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	n.Style = 0
	for i := 1; i < len(n.Content); i += 2 {
		n.Content[i].Style |= yaml.FlowStyle
	}
}

// times are the keys whose values are lengths of time.
var times = []string{"start", "length", "warm_up", "interval", "per", "after", "overdue", "within", "every", "wait", "limit",
	"ring", "constant", "exponential", "mean", "sd", "until", "from", "to", "at", "empirical", "avoid_after_miss"}

// tidy takes away what says nothing: zeros, empty lists. A relax step keeps the zero that drops a need, and a queue of which
// nothing is said is a queue all the same.
func tidy(n *yaml.Node, under string) {
	switch n.Kind {
	case yaml.MappingNode:
		var kept []*yaml.Node
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			tidy(value, key.Value)
			if silent(value) && under != "queues" && (under != "relax" || key.Value == "reach") {
				continue
			}
			kept = append(kept, key, value)
		}
		n.Content = kept
	case yaml.SequenceNode:
		n.Style |= yaml.FlowStyle
		if under == "queues" {
			under = "memberships"
		}
		for _, one := range n.Content {
			tidy(one, under)
		}
	case yaml.ScalarNode:
		if slices.Contains(times, under) {
			n.Value = short(n.Value)
		}
	}
}

func silent(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		return len(n.Content) == 0
	}
	return slices.Contains([]string{"", "0", "0s", "false", "null"}, n.Value)
}

var noughts = regexp.MustCompile(`^(.*[hm])0[ms]$`)

// short writes 1h30m0s as 1h30m.
func short(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil || d.String() != text {
		return text
	}
	for noughts.MatchString(text) {
		text = noughts.ReplaceAllString(text, "$1")
	}
	return strings.TrimSuffix(text, "h0m")
}
