package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"
)

// marker is the line of openapi.yaml below which the schemas stand.
const marker = "  schemas: # generated"

// schemas writes the types that generate met as JSON Schema below the marker of openapi.yaml: YAML holds JSON.
func (w *writer) schemas(openapi []byte) ([]byte, error) {
	at := bytes.Index(openapi, []byte(marker))
	if at < 0 {
		return nil, fmt.Errorf("openapi.yaml has no line %q", marker)
	}
	end := at + bytes.IndexByte(openapi[at:], '\n') + 1
	byName := map[string]reflect.Type{}
	order := []string{}
	for n, t := range w.taken {
		byName[n] = t
		order = append(order, n)
	}
	sort.Strings(order)
	out := bytes.NewBuffer(bytes.Clone(openapi[:end]))
	for _, n := range order {
		b, err := json.Marshal(w.schema(byName[n]))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "    %s: %s\n", n, b)
	}
	return out.Bytes(), nil
}

type object map[string]any

// schema is one declared type.
func (w *writer) schema(t reflect.Type) object {
	s := object{}
	if d := w.docs[t.String()]; d != "" {
		s["description"] = d
	}
	if t.Kind() == reflect.String {
		s["type"], s["enum"] = "string", closed[t]
		return s
	}
	props, required, parents := object{}, []string{}, []object{}
	for f := range t.Fields() {
		if f.Anonymous {
			parents = append(parents, w.ref(f.Type))
			continue
		}
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "-" {
			continue
		}
		p := w.ref(f.Type)
		if d := w.docs[t.String()+"."+f.Name]; d != "" {
			p["description"] = d
		}
		if options == "" {
			required = append(required, key)
			if nilable(t, f.Type) {
				p["type"] = []string{p["type"].(string), "null"}
			}
		}
		props[key] = p
	}
	s["type"], s["properties"] = "object", props
	if len(required) > 0 {
		s["required"] = required
	}
	if len(parents) > 0 {
		s["allOf"] = parents
	}
	return s
}

// ref is a field's type.
func (w *writer) ref(t reflect.Type) object {
	switch t {
	case moment:
		return object{"type": "string", "format": "date-time"}
	case raw:
		return object{}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		if t.PkgPath() == "" {
			return object{"type": "string"}
		}
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Float64 {
			return object{"type": []string{"number", "null"}}
		}
		return w.ref(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": w.ref(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": w.ref(t.Elem())}
	case reflect.Struct:
	default:
		return object{"type": "integer"}
	}
	return object{"$ref": "#/components/schemas/" + w.named[t]}
}
