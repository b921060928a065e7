package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

func get(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestAFreshCloneSaysWhatToRun(t *testing.T) {
	w := get(Handler(fstest.MapFS{".gitkeep": {}}), http.MethodGet, "/desk")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Contains(t, w.Body.String(), "make web")
}

func TestPagesAndAssetsAreServed(t *testing.T) {
	h := Handler(fstest.MapFS{
		"index.html":         {Data: []byte("<!doctype html>app")},
		"favicon.svg":        {Data: []byte("<svg/>")},
		"assets/app-1a2b.js": {Data: []byte("js")},
	})
	for _, c := range []struct {
		name, method, path string
		code               int
		body, cache        string
	}{
		{"the start", http.MethodGet, "/", 200, "app", "no-cache"},
		{"a page of the app", http.MethodGet, "/calls/17-42", 200, "app", "no-cache"},
		{"index.html by its name", http.MethodGet, "/index.html", 200, "app", "no-cache"},
		{"an asset is kept for ever", http.MethodGet, "/assets/app-1a2b.js", 200, "js", "public, max-age=31536000, immutable"},
		{"a file without a hash is asked for anew", http.MethodGet, "/favicon.svg", 200, "<svg/>", "no-cache"},
		{"yesterday's asset is missing, not a page", http.MethodGet, "/assets/app-old.js", 404, "not found", ""},
		{"a folder is a page", http.MethodGet, "/assets", 200, "app", "no-cache"},
		{"no way out of the folder", http.MethodGet, "/../../etc/passwd", 200, "app", "no-cache"},
		{"nothing is written", http.MethodPost, "/desk", 405, "not allowed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := get(h, c.method, c.path)
			assert.Equal(t, c.code, w.Code)
			assert.Contains(t, w.Body.String(), c.body)
			if c.cache != "" {
				assert.Equal(t, c.cache, w.Header().Get("Cache-Control"))
			}
			if c.method == http.MethodGet {
				assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'self'")
				assert.Contains(t, w.Header().Get("Permissions-Policy"), "microphone=(self)")
			}
		})
	}
}
