package config

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"hotline/acd"
	"hotline/ivr"
)

const (
	// mostNodes bounds the work on one file, whatever its aliases multiply to.
	mostNodes = 200_000
	deepest   = 60
)

// decoder reads YAML nodes into Go values: strictly, going on after an error, and noting where each value stands.
// It understands the yaml tags of structs (a name, or ",inline" for a map that takes the other keys), and the few
// types for which a file has a shorter way of writing (special).
type decoder struct {
	*findings
	file string
	// secret reads what a *_file or *_env key names.
	secret func(how, name string) (string, error)
	nodes  int
	// flow is set while a flow file is read: its inline nodes are gathered here.
	flow *ivr.Flow
	node string
}

func (d *decoder) note(place string, n *yaml.Node) {
	if _, ok := d.at[place]; !ok {
		d.at[place] = pos{d.file, n.Line, n.Column}
	}
}

func (d *decoder) wrongAt(n *yaml.Node, place, reason, remedy string) {
	d.errs = append(d.errs, &Error{File: d.file, Line: n.Line, Column: n.Column, Place: place, Reason: reason, Remedy: remedy})
}

// value decodes n into v. Depth is bounded against aliases that contain themselves.
func (d *decoder) value(n *yaml.Node, v reflect.Value, place string, depth int) {
	d.nodes++
	if d.nodes > mostNodes || depth > deepest {
		if d.nodes <= mostNodes+1 {
			d.nodes = mostNodes + 1
			d.wrongAt(n, place, "the file is too large or nested too deeply", "split it, and use fewer aliases")
		}
		return
	}
	if n.Kind == yaml.AliasNode {
		d.value(n.Alias, v, place, depth+1)
		return
	}
	if d.special(n, v, place, depth) {
		return
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return // a key without a value leaves the default
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), place, depth+1)
	case reflect.Struct:
		d.structure(n, v, place, depth)
	case reflect.Map:
		d.table(n, v, place, depth)
	case reflect.Slice:
		d.list(n, v, place, depth)
	default:
		d.scalar(n, v, place)
	}
}

// special decodes the types that are written in a way of their own.
func (d *decoder) special(n *yaml.Node, v reflect.Value, place string, depth int) bool {
	switch p := v.Addr().Interface().(type) {
	case *ivr.Text:
		*p = d.text(n, place)
	case *ivr.To:
		*p = d.to(n, place, depth)
	case *ivr.Node:
		*p = d.flowNode(n, place, depth)
	case *acd.Membership:
		if n.Kind != yaml.ScalarNode {
			return false
		}
		p.Queue = n.Value
	case *Holidays:
		if n.Kind != yaml.ScalarNode {
			return false
		}
		p.Set = n.Value
	case *globs:
		if n.Kind != yaml.ScalarNode {
			return false
		}
		*p = globs{n.Value}
	case *time.Duration:
		d.duration(n, p, place)
	case encoding.TextUnmarshaler:
		if n.Kind != yaml.ScalarNode {
			return false
		}
		if err := p.UnmarshalText([]byte(n.Value)); err != nil {
			d.wrongAt(n, place, err.Error(), "")
		}
	default:
		return false
	}
	return true
}

// pairs are the keys and values of a mapping; a key that comes twice, and a merge, are errors.
func (d *decoder) pairs(n *yaml.Node, place string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.wrongAt(n, place, "this should be a table of keys and values", "write it as key: value")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.wrongAt(key, place, "a key must be a word", "")
		case key.Tag == "!!merge":
			d.wrongAt(key, place, "merge keys (<<) are not understood", "write the values out")
		case seen[key.Value] > 0:
			d.wrongAt(key, join(place, key.Value), fmt.Sprintf("the key stands here twice: also on line %d", seen[key.Value]), "delete one")
		default:
			seen[key.Value] = key.Line
			d.note(join(place, key.Value), key)
			each(key, value)
		}
	}
}

func join(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, place string, depth int) {
	fields, rest := fieldsOf(v)
	d.pairs(n, place, func(key, value *yaml.Node) {
		at := join(place, key.Value)
		if f, ok := fields[key.Value]; ok {
			if s, ok := f.Addr().Interface().(*Secret); ok {
				d.secretValue(key, value, s, at, "")
				return
			}
			d.value(value, f, at, depth+1)
			return
		}
		if f, how, ok := secretField(fields, key.Value); ok {
			d.secretValue(key, value, f, at, how)
			return
		}
		if rest.IsValid() {
			d.entry(value, rest, key.Value, at, depth)
			return
		}
		d.wrongAt(key, at, fmt.Sprintf("the key %q is unknown", key.Value), didYouMean(key.Value, names(fields)))
	})
}

// fieldsOf lists a struct's fields by their yaml names, those of embedded structs too; rest is the ",inline" map.
func fieldsOf(v reflect.Value) (fields map[string]reflect.Value, rest reflect.Value) {
	fields = map[string]reflect.Value{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, ok := f.Tag.Lookup("yaml")
		switch {
		case f.Anonymous && !ok:
			inner, _ := fieldsOf(v.Field(i))
			for name, field := range inner {
				fields[name] = field
			}
		case tag == ",inline":
			rest = v.Field(i)
		case ok && tag != "-":
			name, _, _ := strings.Cut(tag, ",")
			fields[name] = v.Field(i)
		}
	}
	return fields, rest
}

func names(fields map[string]reflect.Value) []string {
	all := make([]string, 0, len(fields))
	for name := range fields {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// secretField finds password for password_file and password_env.
func secretField(fields map[string]reflect.Value, key string) (s *Secret, how string, ok bool) {
	for _, how := range []string{"file", "env"} {
		if name, cut := strings.CutSuffix(key, "_"+how); cut {
			if f, there := fields[name]; there {
				s, ok = f.Addr().Interface().(*Secret)
				return s, how, ok
			}
		}
	}
	return nil, "", false
}

func (d *decoder) secretValue(key, n *yaml.Node, s *Secret, place, how string) {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		d.wrongAt(n, place, "a word is missing here", "")
		return
	}
	if s.value != "" {
		d.wrongAt(key, place, "the secret is given twice", "keep one of the ways")
		return
	}
	value := n.Value
	if how != "" {
		var err error
		if value, err = d.secret(how, n.Value); err != nil {
			d.wrongAt(n, place, err.Error(), "make it, readable for the server alone")
			return
		}
	}
	s.value = value
}

func (d *decoder) table(n *yaml.Node, v reflect.Value, place string, depth int) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	d.pairs(n, place, func(key, value *yaml.Node) {
		d.entry(value, v, key.Value, join(place, key.Value), depth)
	})
}

// entry decodes one value of a map, over the default that the map may have.
func (d *decoder) entry(n *yaml.Node, m reflect.Value, key, place string, depth int) {
	if m.IsNil() {
		m.Set(reflect.MakeMap(m.Type()))
	}
	k := reflect.ValueOf(key).Convert(m.Type().Key())
	v := reflect.New(m.Type().Elem()).Elem()
	if old := m.MapIndex(k); old.IsValid() {
		v.Set(old)
	}
	d.value(n, v, place, depth+1)
	m.SetMapIndex(k, v)
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, place string, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.wrongAt(n, place, "this should be a list", "write it as [a, b] or as lines that begin with -")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		at := fmt.Sprintf("%s.%d", place, i)
		d.note(at, c)
		d.value(c, v.Index(i), at, depth+1)
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, place string) {
	if n.Kind != yaml.ScalarNode {
		d.wrongAt(n, place, "this should be a single value", "")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		switch n.Value {
		case "true", "yes", "on":
			v.SetBool(true)
		case "false", "no", "off":
			v.SetBool(false)
		default:
			d.wrongAt(n, place, fmt.Sprintf("%q is neither true nor false", n.Value), "")
		}
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 10, 32)
		if err != nil {
			d.wrongAt(n, place, fmt.Sprintf("%q is no whole number", n.Value), "")
		}
		v.SetInt(i)
	case reflect.Float64:
		x, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			d.wrongAt(n, place, fmt.Sprintf("%q is no number", n.Value), "")
			return
		}
		v.SetFloat(x)
	default:
		panic(fmt.Sprintf("config: no way to read a %s at %s", v.Type(), place))
	}
}

// text is one string for every language, or a table of languages.
func (d *decoder) text(n *yaml.Node, place string) ivr.Text {
	t := ivr.Text{}
	if n.Kind == yaml.ScalarNode {
		if n.Value != "" {
			t[""] = n.Value
		}
		return t
	}
	d.pairs(n, place, func(key, value *yaml.Node) {
		switch {
		case strings.ContainsAny(key.Value, " ,.，。"):
			d.wrongAt(key, place, fmt.Sprintf("%q stands where a language should", key.Value), "put a text with a comma in it into quotes")
			return
		case value.Kind != yaml.ScalarNode:
			d.wrongAt(value, join(place, key.Value), "this should be a text", "")
			return
		}
		t[key.Value] = value.Value
	})
	return t
}

var days = regexp.MustCompile(`^(\d{1,5})d$`)

func (d *decoder) duration(n *yaml.Node, p *time.Duration, place string) {
	parsed, err := time.ParseDuration(n.Value)
	if m := days.FindStringSubmatch(n.Value); m != nil {
		count, convErr := strconv.Atoi(m[1])
		parsed, err = time.Duration(count)*24*time.Hour, convErr
	}
	if n.Kind != yaml.ScalarNode || err != nil {
		d.wrongAt(n, place, fmt.Sprintf("%q is no length of time", n.Value), "write 20s, 2m, 1h30m or 180d")
		return
	}
	if parsed < 0 {
		d.wrongAt(n, place, "a length of time cannot be negative", "")
		return
	}
	*p = parsed
}

// document reads the one document of a file.
func (d *decoder) document(text []byte) (root *yaml.Node) {
	defer func() {
		if p := recover(); p != nil {
			root = nil
			d.errs = append(d.errs, &Error{File: d.file, Reason: fmt.Sprintf("the YAML cannot be read: %v", p)})
		}
	}()
	if line, ok := noUTF8(text); ok {
		d.errs = append(d.errs, &Error{File: d.file, Line: line, Column: 1, Reason: "these letters are not written in UTF-8", Remedy: "save the file as UTF-8"})
		return nil
	}
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		d.errs = append(d.errs, syntaxError(d.file, text, err))
		return nil
	}
	if err := dec.Decode(&more); err == nil {
		d.wrongAt(&more, "", "a second document begins here (---)", "put it into a file of its own")
	} else if !isEOF(err) {
		d.errs = append(d.errs, syntaxError(d.file, text, err))
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// noUTF8 is the first line that is written in another way: GBK or Latin-1, as editors of Windows do. UTF-16 with its mark,
// which YAML may be written in, is none of them.
func noUTF8(text []byte) (line int, found bool) {
	if utf8.Valid(text) || bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return 0, false
	}
	for row := range bytes.Lines(text) {
		line++
		if !utf8.Valid(row) {
			break
		}
	}
	return line, true
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func syntaxError(file string, text []byte, err error) *Error {
	if isEOF(err) {
		return &Error{File: file, Reason: "the file is empty"}
	}
	e := &Error{File: file, Reason: "this is no YAML: " + err.Error()}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		e.Reason = "this is no YAML: " + m[2]
		if line, convErr := strconv.Atoi(m[1]); convErr == nil {
			e.Line, e.Column = line, 1
		}
	}
	// YAML's own words for a tab speak of tokens, and of the line before or after.
	rows := bytes.Split(text, []byte("\n"))
	for n := max(1, e.Line-1); n <= min(e.Line+1, len(rows)); n++ {
		if indent, _, tab := bytes.Cut(rows[n-1], []byte("\t")); tab && len(bytes.TrimLeft(indent, " ")) == 0 {
			e.Line, e.Reason, e.Remedy = n, "the line begins with a tab", "YAML wants spaces there"
			break
		}
	}
	return e
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }
