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
	switch {
	case name != "" && s.isFile(name):
	case page(r, name):
		name = "index.html"
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
	root := r.Clone(r.Context())
	root.URL.Path = "/" // ServeFileFS redirects paths that end in /index.html
	http.ServeFileFS(w, root, s.files, name)
}

// page reports whether somebody asks for a page within the app: the app finds its way from the path.
func page(r *http.Request, name string) bool {
	accept := r.Header.Get("Accept")
	return !strings.HasPrefix(name, "assets/") && !strings.HasPrefix(name, "api/") &&
		(accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*"))
}

func (s web) isFile(name string) bool {
	st, err := fs.Stat(s.files, name)
	return err == nil && st.Mode().IsRegular() && !strings.HasPrefix(path.Base(name), ".")
}
