package sim

import (
	"errors"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"hotline/acd/said"
)

var (
	unknownKey = regexp.MustCompile(`^line (\d+): field (.*) not found in type .*$`)
	wrongKind  = regexp.MustCompile("^line (\\d+): cannot unmarshal !!\\w+ (`.*` )?into (.*)$")
)

// inWords says what the YAML reader found in words for people who know the scenario's format and not our types.
func inWords(err error) error {
	var found *yaml.TypeError
	if !errors.As(err, &found) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: ")) // the reader's own, in English only
	}
	var lines []error
	for _, e := range found.Errors {
		if m := unknownKey.FindStringSubmatch(e); m != nil {
			lines = append(lines, said.Errorf("line %s: there is no key %q here; docs/simulator.md lists them", m[1], m[2]))
		} else if m := wrongKind.FindStringSubmatch(e); m != nil {
			lines = append(lines, said.Errorf("line %s: %s%w", m[1], strings.ReplaceAll(m[2], "`", `"`), wanted(m[3])))
		} else {
			lines = append(lines, errors.New(e))
		}
	}
	return errors.Join(lines...)
}

// wanted says what belongs where something of a Go type is read.
func wanted(kind string) error {
	switch {
	case kind == "time.Duration":
		return said.Errorf("is no time; write it as 90s, 3m or 8h30m")
	case strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint"):
		return said.Errorf("is no whole number")
	case strings.HasPrefix(kind, "float"):
		return said.Errorf("is no number")
	case strings.HasPrefix(kind, "[]"):
		return said.Errorf("is no list; write it as [1, 2, 3]")
	case kind == "string":
		return said.Errorf("is no text")
	}
	return said.Errorf("has not the keys that belong here; docs/simulator.md lists them")
}
