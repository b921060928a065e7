package said_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hotline/acd/said"
)

func TestAnErrorIsSaidInAnotherLanguageWithAllThatIsInIt(t *testing.T) {
	t.Parallel()
	err := said.Errorf("calls %s: %s%w", "q", "talk: ", said.Errorf("period %d: %w", 2, said.Errorf("%s is outside 0 to %s", "-1s", "24h")))
	if got := err.Error(); got != "calls q: talk: period 2: -1s is outside 0 to 24h" {
		t.Error(got)
	}
	if got := said.In("zh", err); got != "来电 q：talk: 第 2 个时段：-1s 不在 0 到 24h 之间" {
		t.Error(got)
	}
	if got := said.In("zh", said.Errorf("%+d agents of %s: a change is at most %d", 7, "a", 5)); got != "a 增减 +7 人：一次最多 5 人" {
		t.Error(got)
	}
	several := errors.Join(said.Errorf("is no number"), errors.New("did not find expected key"))
	if got := said.In("zh", several); got != "不是数字\ndid not find expected key" {
		t.Error(got)
	}
	if got := said.In("fr", err); got != err.Error() {
		t.Error(got)
	}
	inner := errors.New("inner")
	if !errors.Is(said.Errorf("answer: %w", fmt.Errorf("deeper: %w", inner)), inner) {
		t.Error("what it was made of is lost")
	}
}

// formats are the first arguments of said.Errorf and of the functions that pass theirs on, in a folder.
func formats(t *testing.T, folder string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			at := -1
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				if x, ok := f.X.(*ast.Ident); ok && x.Name == "said" && f.Sel.Name == "Errorf" {
					at = 0
				}
			case *ast.Ident:
				if f.Name == "wrong" {
					at = 0
				}
			}
			if at < 0 || at >= len(call.Args) {
				return true
			}
			if text, ok := call.Args[at].(*ast.BasicLit); ok && text.Kind == token.STRING {
				format, err := strconv.Unquote(text.Value)
				if err != nil {
					t.Fatal(err)
				}
				if place, ok := call.Fun.(*ast.Ident); ok && place.Name == "wrong" && strings.HasSuffix(folder, "staffing") {
					return true // wrong(place, err)
				}
				all = append(all, format)
			}
			return true
		})
	}
	return all
}

func TestEveryErrorOfAScenarioIsInEveryBook(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, folder := range []string{"..", "../sim", "../erlang", "../../internal/staffing"} {
		found := formats(t, folder)
		if len(found) < 5 {
			t.Errorf("%s has %d formats only: does the test look in the right place?", folder, len(found))
		}
		for _, f := range found {
			used[f] = true
		}
	}
	for _, lang := range said.Languages() {
		book := said.BookOf(lang)
		for format := range used {
			words, ok := book[format]
			if !ok {
				t.Errorf("the book of %s has not: %q", lang, format)
			} else if want, got := verbs(format), verbs(words); !slices.Equal(want, got) {
				t.Errorf("%q has %v, and in %s %v", format, want, lang, got)
			}
		}
		for format := range book {
			if !used[format] {
				t.Errorf("the book of %s has what nobody says: %q", lang, format)
			}
		}
	}
}

var verb = regexp.MustCompile(`%%|%[+.0-9]*(?:\[(\d)\])?([a-z])`)

// verbs are the verbs of a format in the order of its arguments.
func verbs(format string) []string {
	at := map[int]string{}
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[0] == "%%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		at[next] = m[2]
		next++
	}
	out := make([]string, len(at))
	for i := range out {
		out[i] = at[i+1]
	}
	return out
}
