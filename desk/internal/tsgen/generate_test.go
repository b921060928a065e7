package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypeScriptAndSchemasSayWhatGoSays(t *testing.T) {
	const root = "../../.."
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(have), string(want)); d != "" {
			t.Errorf("%s is behind the Go types; renew it with `go generate ./desk`:\n%s", name, d)
		}
	}
}
