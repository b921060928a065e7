// Package docs holds no code: the tests here keep what is written true.
package docs

//go:generate go run ./internal/curve

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/floor"
	"hotline/internal/config"
	"hotline/ivr"
)

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}

// keys are the yaml keys of a type and of all within it.
func keys(t reflect.Type, into map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		keys(t.Elem(), into)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if !f.IsExported() || key == "-" {
				continue
			}
			if key != "" {
				into[key] = true
			}
			keys(f.Type, into)
		}
	}
}

func TestEveryKeyOfTheConfigurationIsExplained(t *testing.T) {
	text := read(t, "configuration.md")
	all := map[string]bool{}
	for _, of := range []any{config.Config{}, ivr.Flow{}, ivr.Switch{}, ivr.Language{}, ivr.Jump{}, ivr.Asking{}, ivr.Say{}, ivr.Menu{}, ivr.Collect{}, ivr.Lookup{}, ivr.Queue{}, ivr.Message{}, ivr.Hangup{}, ivr.Refuse{}} {
		keys(reflect.TypeOf(of), all)
	}
	require.Greater(t, len(all), 80, "the keys are found")
	for key := range all {
		word := regexp.MustCompile("(?m)(`|[{ ]|^## .*)" + regexp.QuoteMeta(key) + "([`:, ]|$)")
		if !word.MatchString(text) {
			t.Errorf("docs/configuration.md does not explain %q", key)
		}
	}
}

func TestNoLinkOfTheDocumentsIsDead(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	code := regexp.MustCompile("(?s)```.*?```")
	files, err := filepath.Glob("*.md")
	require.NoError(t, err)
	for _, file := range append(files, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md") {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, file), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(file), m[1]))
			require.NoError(t, err, "%s links to %s", file, m[1])
		}
	}
}

func TestEveryPhraseOfTheHouseIsExplained(t *testing.T) {
	text := read(t, "configuration.md")
	for name, variable := range floor.Phrases() {
		require.Contains(t, text, "`"+name+"`")
		require.Contains(t, text, variable)
	}
	for name := range ivr.DefaultPhrases {
		require.Contains(t, text, "`"+name+"`")
	}
}
