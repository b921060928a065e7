package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypeScriptSaysWhatGoSays(t *testing.T) {
	want, err := generate("../../..")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../../web/src/wire.ts")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(have), string(want)); d != "" {
		t.Fatalf("web/src/wire.ts is behind the Go types; renew it with `go generate ./desk`:\n%s", d)
	}
}
