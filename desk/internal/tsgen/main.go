// Command tsgen writes web/src/wire.ts: the TypeScript of every type that crosses between desk and a browser, with the
// comments of the Go source; and the same types as schemas into desk/openapi.yaml. Go is the source; `go generate ./desk`
// brings both up to date and this package's test says when they are not.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", "..", "the module's folder")
	flag.Parse()
	files, err := generate(*root)
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(*root, name), text, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}

// generate gives the files as they should be, by their path in the module.
func generate(root string) (map[string][]byte, error) {
	w, err := gather(root)
	if err != nil {
		return nil, err
	}
	const openapi = "desk/openapi.yaml"
	old, err := os.ReadFile(filepath.Join(root, openapi))
	if err != nil {
		return nil, err
	}
	with, err := w.schemas(old)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"web/src/wire.ts": w.typescript(), openapi: with}, nil
}
