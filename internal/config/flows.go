package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"hotline/ivr"
)

// word is what flows, nodes, queues, skills, hours and logins may be called: a dot would part a place.
var word = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// flowFile reads one file of the flows.
func (d *decoder) flowFile(text []byte) (ivr.Flow, bool) {
	root := d.document(text)
	if root == nil {
		return ivr.Flow{}, false
	}
	name := ""
	if root.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(root.Content); i += 2 {
			if root.Content[i].Value == "flow" {
				name = root.Content[i+1].Value
			}
		}
	}
	if !word.MatchString(name) {
		d.wrongAt(root, "flows", fmt.Sprintf("%q is no name of a flow", name), "begin the file with flow: <name>, of small letters, digits, _ and -")
		return ivr.Flow{}, false
	}
	d.flow = &ivr.Flow{Nodes: map[string]ivr.Node{}}
	place := "flows." + name
	d.at[place] = pos{d.file, root.Line, root.Column}
	// Inline nodes are added to the flow while its own are read, so these are read into a map apart.
	own := ivr.Flow{}
	d.value(root, reflect.ValueOf(&own).Elem(), place, 0)
	for id, node := range own.Nodes {
		if !word.MatchString(id) {
			d.wrong(place+".nodes."+id, fmt.Sprintf("%q is no name of a node", id), "use small letters, digits, _ and -")
		}
		d.flow.Nodes[id] = node
	}
	own.Nodes = d.flow.Nodes
	return own, true
}

// flowNode reads a node by its head.
func (d *decoder) flowNode(n *yaml.Node, place string, depth int) ivr.Node {
	node := ivr.Node{Place: d.inFlow(place)}
	if n.Kind != yaml.MappingNode {
		d.wrongAt(n, place, "a node is a table", "write it as {say: …, go: …}")
		return node
	}
	keys := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		keys[n.Content[i].Value] = true
	}
	head := ""
	for _, h := range ivr.HeadOrder {
		if keys[h] {
			head = h
			break
		}
	}
	if head == "" {
		d.wrongAt(n, place, "nothing says what this node does", "give it one of "+strings.Join(ivr.HeadOrder, ", "))
		return node
	}
	before := d.node
	d.node = d.nodeID(place)
	defer func() { d.node = before }()

	do := ivr.Heads[head]()
	fields, _ := fieldsOf(reflect.ValueOf(do).Elem())
	d.pairs(n, place, func(key, value *yaml.Node) {
		at := join(place, key.Value)
		switch f, ok := fields[key.Value]; {
		case key.Value == "label":
			node.Label = d.text(value, at)
		case ok:
			d.value(value, f, at, depth+1)
		default:
			known := append(names(fields), "label")
			d.wrongAt(key, at, fmt.Sprintf("a %s node has no %q", head, key.Value), didYouMean(key.Value, known))
		}
	})
	node.Do = do
	return node
}

// to reads where a way leads: a node's name, or a node written in its place, which gets a name from where it stands.
func (d *decoder) to(n *yaml.Node, place string, depth int) ivr.To {
	switch n.Kind {
	case yaml.ScalarNode:
		return ivr.To(n.Value)
	case yaml.MappingNode:
		id := d.nodeID(place)
		d.flow.Nodes[id] = d.flowNode(n, place, depth)
		return ivr.To(id)
	}
	d.wrongAt(n, place, "a way leads to a node", "write a node's name, or the node itself as {queue: …}")
	return ""
}

// nodeID names the node at a place: menu for flows.main.nodes.menu, menu.3 for …menu.keys.3.
func (d *decoder) nodeID(place string) string {
	parts := strings.Split(strings.TrimPrefix(d.inFlow(place), "nodes."), ".")
	inner := slices.DeleteFunc(parts[1:], func(p string) bool { return p == "keys" || p == "cases" })
	return strings.Join(parts[:1+len(inner)], ".")
}

// inFlow is a place without flows.<name>.
func (d *decoder) inFlow(place string) string {
	parts := strings.SplitN(place, ".", 3)
	return parts[len(parts)-1]
}
