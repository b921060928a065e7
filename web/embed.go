// Package web holds the browser apps: the agent's desk, the supervisor's board, the caller page and what lies between
// them. They are written in TypeScript below src and built by `npm run build` into dist, which is embedded here:
//
//	src/*.tsx ──vite──▶ dist/index.html, dist/assets/NAME-HASH.js ──embed──▶ Handler
//
// dist/.gitkeep is committed, so that a fresh clone compiles; Handler then says what to run.
package web

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// FS is what was built, with index.html at its root; empty but for .gitkeep without a build.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}

// policy lets the pages load nothing from elsewhere and gives the microphone to nobody but them. Mantine sets its
// variables in style elements, hence unsafe-inline for styles alone.
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob: mediastream:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const unbuilt = "The browser apps are not built yet. Run: make web\n"

// Handler serves files. A path that is no file is a page of the app (/desk, /calls/…) and gets index.html; a missing
// asset is 404. Files below /assets carry a hash in their names and may be kept for ever; all else is asked for anew.
func Handler(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")

		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		info, err := fs.Stat(files, name)
		switch {
		case name != "" && err == nil && !info.IsDir() && name != "index.html":
			if strings.HasPrefix(name, "assets/") {
				h.Set("Cache-Control", "public, max-age=31536000, immutable")
			} else {
				h.Set("Cache-Control", "no-cache")
			}
			server.ServeHTTP(w, r)
		case strings.HasPrefix(name, "assets/"):
			http.NotFound(w, r)
		default:
			page(w, files)
		}
	})
}

func page(w http.ResponseWriter, files fs.FS) {
	index, err := fs.ReadFile(files, "index.html")
	w.Header().Set("Cache-Control", "no-cache")
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, unbuilt, http.StatusServiceUnavailable)
		return
	}
	if err != nil {
		http.Error(w, "index.html: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(index) // the browser went away: nobody to tell
}
