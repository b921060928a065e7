package app

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheFiguresAreNotForThePublic(t *testing.T) {
	t.Parallel()
	metrics := onThisMachine(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		peer, header, value string
		want                int
	}{
		{"127.0.0.1:9", "", "", http.StatusOK},
		{"[::1]:9", "", "", http.StatusOK},
		{"[::ffff:127.0.0.1]:9", "", "", http.StatusOK},
		{"192.0.2.7:9", "", "", http.StatusForbidden},
		{"127.0.0.1:9", "X-Forwarded-For", "192.0.2.7", http.StatusForbidden},
		{"127.0.0.1:9", "Forwarded", "for=192.0.2.7", http.StatusForbidden},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		r.RemoteAddr = c.peer
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		w := httptest.NewRecorder()
		metrics.ServeHTTP(w, r)
		require.Equal(t, c.want, w.Code, "%s %s", c.peer, c.value)
		if c.want == http.StatusForbidden {
			require.Contains(t, w.Body.String(), "http.metrics", "it names the remedy")
		}
	}
}
