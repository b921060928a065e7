package desk

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// web serves the built apps. Files under assets/ have their content's hash in the name and are kept for ever; pages are
// asked for anew each time, so that a new build is seen at once.
type web struct{ files fs.FS }

// pages are the paths within the apps: each is answered with the app's HTML, and the app finds its way.
var pages = map[string]bool{"": true, "desk": true, "board": true, "call": true}

const notBuilt = `<!doctype html><meta charset="utf-8"><title>hotline</title>
<p>The browser apps are not built yet: run <code>make web</code>, then reload.</p>
`

func (s web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	first, _, _ := strings.Cut(name, "/")
	switch {
	case name != "" && s.isFile(name):
	case pages[first]:
		name = "index.html"
		if own := first + ".html"; s.isFile(own) {
			name = own
		}
		if !s.isFile(name) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(notBuilt)) // the browser went away: nothing to do
			return
		}
	default:
		http.NotFound(w, r)
		return
	}
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	s.serve(w, r, name)
}

// serve avoids http.FileServer's redirect of index.html.
func (s web) serve(w http.ResponseWriter, r *http.Request, name string) {
	http.ServeFileFS(w, withPath(r, "/"), s.files, name)
}

// withPath is the request with another path: http.ServeFileFS redirects paths that end in /index.html.
func withPath(r *http.Request, p string) *http.Request {
	r2 := r.Clone(r.Context())
	r2.URL.Path = p
	return r2
}

func (s web) isFile(name string) bool {
	st, err := fs.Stat(s.files, name)
	return err == nil && st.Mode().IsRegular() && !strings.HasPrefix(path.Base(name), ".")
}
