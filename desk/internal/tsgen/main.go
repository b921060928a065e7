// Command tsgen writes web/src/wire.ts: the TypeScript of every type that crosses between desk and a browser, with the
// comments of the Go source. Go is the source; `go generate ./desk` brings the TypeScript up to date and this package's
// test says when it is not.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", "../", "the module's folder")
	out := flag.String("out", "../web/src/wire.ts", "the file to write")
	flag.Parse()
	ts, err := generate(*root)
	if err == nil {
		err = os.WriteFile(*out, ts, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}
