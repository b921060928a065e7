package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// What is missing in a list the pages cannot know, and have no words for.
func TestEveryWordOfAClosedListIsInIt(t *testing.T) {
	lists := map[string][]string{}
	for typ, list := range closed {
		lists[typ.String()] = list
	}
	found := 0
	for _, room := range []string{"desk", "floor", "fact", "ticket", "ticket/history", "people"} {
		files, err := filepath.Glob(filepath.Join("../../..", room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || len(spec.Values) == 0 {
					return true
				}
				typ, ok := spec.Type.(*ast.Ident)
				if !ok {
					return true
				}
				list, ok := lists[filepath.Base(room)+"."+typ.Name]
				word, literal := spec.Values[0].(*ast.BasicLit)
				if !ok || !literal {
					return true
				}
				text, err := strconv.Unquote(word.Value)
				if err != nil {
					t.Fatal(err)
				}
				if found++; !slices.Contains(list, text) {
					t.Errorf("%s: %s %q is in no list of tsgen, so that pages have no word for it", name, typ.Name, text)
				}
				return true
			})
		}
	}
	if found < 50 {
		t.Errorf("only %d words were found: this test looks in the wrong place", found)
	}
}
