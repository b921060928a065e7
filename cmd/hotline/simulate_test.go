package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestEveryCommandInTheSimulatorsDocsIsOne(t *testing.T) {
	t.Chdir("../..")
	doc, err := os.ReadFile("docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^\$ hotline (.*)$`).FindAllStringSubmatch(string(doc), -1)
	if len(lines) < 8 {
		t.Fatalf("only %d commands", len(lines))
	}
	for _, l := range lines {
		k, err := kong.New(&cli{}, kong.Vars{"version": "test"})
		if err != nil {
			t.Fatal(err)
		}
		command, _, _ := strings.Cut(l[1], " > ") // the rest is the shell's
		if _, err := k.Parse(strings.Fields(command)); err != nil {
			t.Errorf("hotline %s: %v", l[1], err)
		}
	}
}
