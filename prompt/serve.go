package prompt

import (
	"net/http"
	"os"
	"path"
	"strings"
)

// Handler serves the sounds by name (/…/<name>.wav) to an Asterisk that does not see the folder. It serves nothing but
// the store's own files. A sound never changes, so it may be kept for ever.
func (s *Store) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "sounds can only be read", http.StatusMethodNotAllowed)
			return
		}
		file := path.Base(r.URL.Path)
		if !fileName.MatchString(file) {
			http.NotFound(w, r)
			return
		}
		name := strings.TrimSuffix(file, ".wav")
		if _, ok := s.have(name, false); !ok {
			http.NotFound(w, r)
			return
		}
		f, err := os.Open(s.file(name))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			http.Error(w, "the sound cannot be read", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "audio/wav")
		w.Header().Set("ETag", `"`+name+`"`)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, file, info.ModTime(), f)
	})
}
