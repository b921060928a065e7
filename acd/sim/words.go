package sim

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	unknownKey = regexp.MustCompile(`^(line \d+): field (.*) not found in type .*$`)
	wrongKind  = regexp.MustCompile("^(line \\d+): cannot unmarshal !!\\w+ (`.*` )?into (.*)$")
)

// inWords says what the YAML reader found in words for people who know the scenario's format and not our types.
func inWords(err error) error {
	var found *yaml.TypeError
	if !errors.As(err, &found) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var lines []string
	for _, e := range found.Errors {
		if m := unknownKey.FindStringSubmatch(e); m != nil {
			e = fmt.Sprintf("%s: there is no key %q here; docs/simulator.md lists them", m[1], m[2])
		} else if m := wrongKind.FindStringSubmatch(e); m != nil {
			e = fmt.Sprintf("%s: %s%s", m[1], strings.ReplaceAll(m[2], "`", `"`), wanted(m[3]))
		}
		lines = append(lines, e)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// wanted says what belongs where something of a Go type is read.
func wanted(kind string) string {
	switch {
	case kind == "time.Duration":
		return "is no time; write it as 90s, 3m or 8h30m"
	case strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint"):
		return "is no whole number"
	case strings.HasPrefix(kind, "float"):
		return "is no number"
	case strings.HasPrefix(kind, "[]"):
		return "is no list; write it as [1, 2, 3]"
	case kind == "string":
		return "is no text"
	}
	return "has not the keys that belong here; docs/simulator.md lists them"
}
