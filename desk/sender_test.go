package desk

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// from is a request as it reaches us.
func from(t *testing.T, peer string, headers ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/me", nil)
	r.RemoteAddr = peer
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func behind(proxies ...string) func(*Config) {
	return func(c *Config) {
		for _, p := range proxies {
			c.Proxies = append(c.Proxies, netip.MustParsePrefix(p))
		}
	}
}

func TestTheSenderIsWhoTheProxiesHeard(t *testing.T) {
	t.Parallel()
	o := newOffice(t, behind("10.0.0.0/24", "::1/128"))
	for _, c := range []struct{ what, peer, forwarded, want string }{
		{"nobody between", "5.6.7.8:99", "", "5.6.7.8"},
		{"a stranger says who it is", "5.6.7.8:99", "1.2.3.4", "5.6.7.8"},
		{"our proxy", "10.0.0.5:99", "5.6.7.8", "5.6.7.8"},
		{"our proxy, and what the stranger invented", "10.0.0.5:99", "1.2.3.4, 5.6.7.8", "5.6.7.8"},
		{"two proxies", "10.0.0.5:99", "1.2.3.4, 5.6.7.8, 10.0.0.6", "5.6.7.8"},
		{"our proxy's own question", "10.0.0.5:99", "", "10.0.0.5"},
		{"nonsense stays with the proxy", "10.0.0.5:99", "unknown", "10.0.0.5"},
		{"with a port", "10.0.0.5:99", "5.6.7.8:1234", "5.6.7.8"},
		{"a mapped peer", "[::ffff:10.0.0.5]:99", "5.6.7.8", "5.6.7.8"},
		{"IPv6 counts by what one customer gets", "[2001:db8:1:2:3:4:5:6]:99", "", "2001:db8:1:2::/64"},
		{"IPv6 behind a proxy", "[::1]:99", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
	} {
		r := from(t, c.peer)
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		require.Equal(t, c.want, o.address(r), c.what)
	}
}

func TestOnlyAProxyOfOursSaysThatTheBrowserSpeaksHTTPS(t *testing.T) {
	t.Parallel()
	o := newOffice(t, behind("10.0.0.5/32"))
	require.True(t, o.secure(from(t, "10.0.0.5:99", "X-Forwarded-Proto", "https")))
	require.False(t, o.secure(from(t, "10.0.0.5:99", "X-Forwarded-Proto", "http")))
	require.False(t, o.secure(from(t, "10.0.0.5:99", "X-Forwarded-Proto", "https, http")), "the proxy's own word is the last one")
	require.False(t, o.secure(from(t, "5.6.7.8:99", "X-Forwarded-Proto", "https")))
	require.False(t, newOffice(t).secure(from(t, "10.0.0.5:99", "X-Forwarded-Proto", "https")))
}

func TestBehindAProxyWithTLSTheCookieIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	o := newOffice(t, behind("192.0.2.1/32")) // the peer of requests that httptest makes
	w := recorded(o, "POST", "/api/session", `{"login":"li","password":"password-li"}`, "Content-Type", "application/json",
		"X-Forwarded-Proto", "https", "X-Forwarded-For", "1.2.3.4, 5.6.7.8")
	c := w.Result().Cookies()[0]
	require.Equal(t, "__Host-hotline", c.Name)
	require.True(t, c.Secure)
	require.NotEmpty(t, w.Header().Get("Strict-Transport-Security"))
	entries := o.people.Entries()
	require.Equal(t, "5.6.7.8", entries[len(entries)-1].Addr, "the proxy's own word, not the client's")
}

func TestOverHTTPSACookieThatASisterSiteCouldSetLetsNobodyIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, behind("192.0.2.1/32"))
	tok := o.as("li")
	for _, c := range []struct {
		proto, name string
		want        int
	}{
		{"https", cookieName(true), http.StatusOK},
		{"https", cookieName(false), http.StatusUnauthorized},
		{"http", cookieName(false), http.StatusOK},
	} {
		w := recorded(o, "GET", "/api/me", "", "X-Forwarded-Proto", c.proto, "Cookie", c.name+"="+tok)
		require.Equal(t, c.want, w.Code, "%s over %s", c.name, c.proto)
	}
}

func TestWhoSignsInAnewLeavesNoSessionBehind(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.as("li")
	tab := o.tab("li")
	w := recorded(o, "POST", "/api/session", `{"login":"wang","password":"password-wang"}`, "Content-Type", "application/json",
		"Cookie", cookie+"="+li)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, byeSignedOut, read1[Bye](t, tab.until(ofType("bye"))).Reason, "the page that was open is told")
	w = recorded(o, "GET", "/api/me", "", "Cookie", cookie+"="+li)
	require.Equal(t, http.StatusUnauthorized, w.Code)

	wang := o.as("wang")
	w = recorded(o, "POST", "/api/session", `{"login":"li","password":"guess"}`, "Content-Type", "application/json", "Cookie", cookie+"="+wang)
	require.Equal(t, http.StatusUnauthorized, w.Code)
	w = recorded(o, "GET", "/api/me", "", "Cookie", cookie+"="+wang)
	require.Equal(t, http.StatusOK, w.Code, "a wrong password ends nothing")
}

func TestAVisitorsKeyIsNotInTheLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	_, v := o.visit()
	o.visits.fail = awayError{}
	for _, token := range []string{v.Token, "unknown-token"} {
		recorded(o, "GET", "/api/visitor/"+token, "")
		recorded(o, "POST", "/api/visitor/"+token+"/hangup", "")
		require.NotContains(t, log.String(), token)
	}
	require.Contains(t, log.String(), "/api/visitor/"+visitorKey("unknown-token"))
}
