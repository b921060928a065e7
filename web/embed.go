// Package web holds the browser apps: the agent's desk, the supervisor's board, the caller page and what lies between
// them. They are written in TypeScript below src and built by `npm run build` into dist, which is embedded here:
//
//	src/*.tsx ──vite──▶ dist/index.html, dist/assets/NAME-HASH.js ──embed──▶ FS ──▶ package desk serves it
//
// dist/.gitkeep is committed, so that a fresh clone compiles; the desk then says what to run.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is what was built, with index.html at its root; nothing but .gitkeep without a build.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}
