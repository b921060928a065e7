package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"hotline/floor"
	"hotline/people"
	"hotline/ticket"
	"hotline/ticket/history"
)

func TestOpenAPIAndRoutesAreTheSame(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths      map[string]map[string]yaml.Node
		Components struct{ Schemas map[string]any }
	}
	require.NoError(t, yaml.Unmarshal(openapi, &doc))
	var written, served []string
	for path, methods := range doc.Paths {
		for m, op := range methods {
			if m == "parameters" {
				continue
			}
			var with struct{ Security *[]any }
			require.NoError(t, op.Decode(&with))
			open := with.Security != nil && len(*with.Security) == 0
			written = append(written, strings.ToUpper(m)+" "+path+map[bool]string{true: " anyone"}[open])
		}
	}
	for _, r := range table {
		served = append(served, r.method+" "+r.path+map[bool]string{true: " anyone"}[r.need == anyone])
	}
	sort.Strings(written)
	sort.Strings(served)
	require.Empty(t, cmp.Diff(served, written))
	for _, ref := range bytes.Split(openapi, []byte(`"#/components/schemas/`))[1:] {
		name, _, _ := bytes.Cut(ref, []byte(`"`))
		require.Contains(t, doc.Components.Schemas, string(name))
	}
}

func TestSignInGivesACookieThatScriptsCannotRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, body, cookies := o.ask("", "POST", "/api/session", `{"login":"li","password":"password-li"}`)
	require.Equal(t, http.StatusOK, code)
	require.True(t, cookies[0].HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookies[0].SameSite)
	var p Profile
	require.NoError(t, json.Unmarshal([]byte(body), &p))
	require.Equal(t, "li", p.Agent)
	require.NotContains(t, body, "null", "lists are never null")
	require.NotContains(t, body, "argon2")

	code, _, _ = o.ask("li", "GET", "/api/me", "")
	require.Equal(t, http.StatusOK, code)
	code, _, cookies = o.ask("li", "DELETE", "/api/session", "")
	require.Equal(t, http.StatusNoContent, code)
	require.Negative(t, cookies[0].MaxAge)
	code, _, _ = o.ask("li", "GET", "/api/me", "")
	require.Equal(t, http.StatusUnauthorized, code)

	for range 5 {
		code, _, _ = o.ask("", "POST", "/api/session", `{"login":"wang","password":"guess"}`)
		require.Equal(t, http.StatusUnauthorized, code)
	}
	code, body, _ = o.ask("", "POST", "/api/session", `{"login":"wang","password":"password-wang"}`)
	require.Equal(t, http.StatusTooManyRequests, code, body)
}

// recorded serves one request without a network.
func recorded(o *office, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.Handler().ServeHTTP(w, r)
	return w
}

func TestOtherSitesPagesChangeNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Origins = []string{"https://desk.example.org"} })
	for origin, want := range map[string]int{"https://evil.example": 403, "null": 403, o.url: 401, "https://desk.example.org": 401} {
		code, body, _ := o.ask("", "POST", "/api/session", `{"login":"li","password":"wrong"}`, "Origin", origin)
		require.Equal(t, want, code, "%s: %s", origin, body)
	}
	_, err := New(Config{Origins: []string{"no origin"}}, o.Needs)
	require.ErrorContains(t, err, "no origin")
}

func TestEveryAnswerCarriesTheHeadersOfSafety(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, path := range []string{"/api/centre", "/api/me", "/nothing", "/", "/api/nothing"} {
		h := recorded(o, "GET", path, "").Header()
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'self'")
		require.NotContains(t, h.Get("Content-Security-Policy"), "unsafe-eval")
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "DENY", h.Get("X-Frame-Options"))
	}
}

func TestBadBodiesAreToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct {
		body, kind, place string
		code              int
	}{
		{`{"login":1}`, "application/json", "login", 400},
		{`{"login":"li","pasword":"x"}`, "application/json", "pasword", 400},
		{`{"login":"li"} {}`, "application/json", "body", 400},
		{`[]`, "application/json", "", 400},
		{`{"login":"li"`, "application/json", "body", 400},
		{``, "application/json", "body", 400},
		{`{"login":"li"}`, "text/plain", "Content-Type", 400},
		{`{"login":"` + strings.Repeat("x", largestBody) + `"}`, "application/json", "", 413},
	} {
		w := recorded(o, "POST", "/api/session", c.body, "Content-Type", c.kind)
		require.Equal(t, c.code, w.Code, c.body[:min(40, len(c.body))])
		var e Error
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &e))
		require.Equal(t, c.place, e.Place)
		require.NotEmpty(t, e.Message)
	}
	for _, path := range []string{"/api/tickets?list=all&limit=0", "/api/tickets?list=yours", "/api/tickets?before=x", "/api/calls?from=now",
		"/api/calls?number=abc", "/api/calls?queue=a%00b", "/api/history", "/api/messages?done=maybe"} {
		code, body, _ := o.ask("li", "GET", path, "")
		require.Equal(t, 400, code, "%s: %s", path, body)
	}
}

func opened(id string) history.TicketFile {
	return history.TicketFile{Ticket: ticket.Ticket{ID: id, Version: 1, State: ticket.Open, Owner: "li", Channel: ticket.Phone}}
}

const anID = "20261121-0042"

func TestATicketIsTypedIntoBeforeItsRowIsThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.late[anID] = opened(anID)
	code, body, _ := o.ask("li", "PATCH", "/api/tickets/"+anID, `{"version":1,"happened":"噪音"}`)
	require.Equal(t, 200, code, body)
	var d TicketDetail
	require.NoError(t, json.Unmarshal([]byte(body), &d))
	require.Equal(t, "噪音", d.Happened)
	require.Len(t, d.Timeline, 1)
	require.NotContains(t, body, "null")
}

func TestATicketThatNobodyOpenedIsNotFound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, id := range []string{anID, "x", "20261121-9999999999999"} {
		code, _, _ := o.ask("li", "GET", "/api/tickets/"+id, "")
		require.Equal(t, 404, code)
	}
}

func TestWhileTheArchiveIsAwayTheDraftStaysAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	tok := o.as("li")
	for _, away := range []func(){
		func() { o.store.settleFail = awayError{} }, // the row is not there yet, and will not come
		func() { o.store.fail = awayError{} },
	} {
		away()
		w := recorded(o, "PATCH", "/api/tickets/"+anID, `{"version":1,"asked":"x"}`, "Content-Type", "application/json", "Cookie", cookie+"="+tok)
		require.Equal(t, 503, w.Code)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
		require.Contains(t, w.Body.String(), `"unavailable"`)
	}
}

func TestTwoWhoTypeTheSameFieldSeeEachOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.files[anID] = opened(anID)
	code, _, _ := o.ask("li", "PATCH", "/api/tickets/"+anID, `{"version":1,"asked":"quiet"}`)
	require.Equal(t, 200, code)
	code, _, _ = o.ask("wang", "PATCH", "/api/tickets/"+anID, `{"version":1,"address":"x"}`)
	require.Equal(t, 200, code, "another field")
	code, body, _ := o.ask("wang", "PATCH", "/api/tickets/"+anID, `{"version":1,"asked":"silence"}`)
	require.Equal(t, 409, code)
	var c TicketConflict
	require.NoError(t, json.Unmarshal([]byte(body), &c))
	require.Equal(t, Conflict, c.Code)
	require.Equal(t, []string{"asked"}, c.Fields)
	require.Equal(t, "quiet", c.Current.Asked)
	code, body, _ = o.ask("li", "PATCH", "/api/tickets/"+anID, `{"version":3,"do":"reopen"}`)
	require.Equal(t, 422, code, body)
	code, body, _ = o.ask("li", "PATCH", "/api/tickets/"+anID, `{"version":3,"category":"rant"}`)
	require.Equal(t, 400, code)
	require.Contains(t, body, `"place":"category"`)
}

func TestAgentsListTheirOwnCallsSupervisorsAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, body, _ := o.ask("li", "GET", "/api/calls?agent=wang&number=%2B8613800138000&queue=consult&outcome=abandoned", "")
	require.Equal(t, 200, code)
	require.JSONEq(t, `{"calls":[]}`, body)
	require.Equal(t, "li", o.store.calls.Agent)
	require.Equal(t, "+8613800138000", o.store.calls.Number)
	_, _, _ = o.ask("boss", "GET", "/api/calls?agent=wang&number=+861", "") // a + that became a space
	require.Equal(t, "wang", o.store.calls.Agent)
	require.Equal(t, "+861", o.store.calls.Number)
	code, body, _ = o.ask("li", "GET", "/api/history?number=+861", "")
	require.Equal(t, 200, code)
	require.NotContains(t, body, "null")
}

func TestWhoMayHearARecording(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.recordings["talk"] = history.Recording{Recording: "talk", Kind: "talk", Agents: []string{"wang"}, State: history.Ready, File: "f"}
	o.store.recordings["message"] = history.Recording{Recording: "message", Kind: "message", State: history.Ready, File: "f"}
	o.store.recordings["lost"] = history.Recording{Recording: "lost", Kind: "message", State: history.Lost, Why: "disk full"}
	o.store.recordings["soon"] = history.Recording{Recording: "soon", Kind: "message", State: history.Fetching}
	for _, c := range []struct {
		who, what string
		code      int
	}{
		{"li", "talk", 403}, {"wang", "talk", 200}, {"boss", "talk", 200}, {"root", "talk", 200},
		{"li", "message", 200}, {"li", "lost", 404}, {"li", "soon", 503}, {"li", "none", 404},
	} {
		for _, end := range []string{"/audio", "/peaks"} {
			code, body, _ := o.ask(c.who, "GET", "/api/recordings/"+c.what+end, "")
			require.Equal(t, c.code, code, "%s %s: %s", c.who, c.what, body)
		}
	}
	var played, refused []string
	for _, e := range o.people.Entries() {
		switch e.Act {
		case people.PlayedBack:
			played = append(played, e.Login+" "+e.About)
		case people.AccessRefused:
			refused = append(refused, e.Login+" "+e.About)
		}
	}
	require.Equal(t, []string{"wang talk", "boss talk", "root talk", "li message"}, played)
	require.Equal(t, []string{"li talk", "li talk"}, slices.Clone(refused))
}

func TestOnePlayingIsAuditedOnceAndAlwaysBeforeItIsHeard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.recordings["r"] = history.Recording{Recording: "r", Kind: "message", State: history.Ready, File: "f"}
	o.as("li")
	o.people.Fail(awayError{})
	code, _, _ := o.ask("li", "GET", "/api/recordings/r/audio", "", "Range", "bytes=4-")
	require.Equal(t, 503, code, "what cannot be audited is not played")
	o.people.Fail(nil)
	for _, part := range []string{"bytes=4-", "bytes=0-1", "bytes=2-5"} {
		code, body, _ := o.ask("li", "GET", "/api/recordings/r/audio", "", "Range", part)
		require.Equal(t, 206, code, body)
	}
	n := 0
	for _, e := range o.people.Entries() {
		if e.Act == people.PlayedBack {
			n++
		}
	}
	require.Equal(t, 1, n)
}

func TestMessagesAreMarkedByName(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, _, _ := o.ask("li", "POST", "/api/messages/m1/done", "")
	require.Equal(t, 204, code)
	code, _, _ = o.ask("wang", "DELETE", "/api/messages/m1/done", "")
	require.Equal(t, 204, code)
	require.Equal(t, []string{"done m1 li", "undone m1 wang"}, o.store.marked)
	code, body, _ := o.ask("li", "GET", "/api/messages", "")
	require.Equal(t, 200, code)
	require.JSONEq(t, `{"messages":[]}`, body)
}

func TestOnlyASeatHasAPhone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, body, _ := o.ask("li", "POST", "/api/phone", `{"sdp":"offer"}`)
	require.Equal(t, 200, code)
	require.JSONEq(t, `{"sdp":"answer to offer","session":"s-li"}`, body)
	code, _, _ = o.ask("li", "DELETE", "/api/phone/s-li", "")
	require.Equal(t, 204, code)
	require.Zero(t, o.phones.count())
	code, _, _ = o.ask("boss", "POST", "/api/phone", `{"sdp":"offer"}`)
	require.Equal(t, 403, code)
	o.phones.fail = Refuse(BadRequest, "the offer has video in it", errors.New("m=video"))
	code, body, _ = o.ask("li", "POST", "/api/phone", `{"sdp":"video"}`)
	require.Equal(t, 400, code)
	require.Contains(t, body, "video in it")
	require.NotContains(t, body, "m=video", "causes are for the log")
}

func TestErrorsOfOtherRoomsBecomeHTTPInOnePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code Code
	}{
		{&floor.Illegal{Code: "illegal", Text: "not in this state", Place: "do"}, Illegal},
		{&floor.Illegal{Code: "gone", Text: "this call is not offered to you any more", Place: "offer"}, Gone},
		{&ticket.Illegal{From: ticket.Open, Op: ticket.Reopen}, Illegal},
		{people.ErrNotSignedIn, Unauthorized},
		{awayError{}, Unavailable},
		{context.DeadlineExceeded, Unavailable},
		{errors.New("secret: table users"), Internal},
		{&floor.Illegal{Code: "nonsense", Text: "secret"}, Internal},
	} {
		wire, after := tell(c.err)
		require.Equal(t, c.code, wire.Code)
		require.NotContains(t, wire.Message, "secret")
		require.Equal(t, c.code == Unavailable, after > 0)
	}
	require.Len(t, status, len(Codes))
}

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, body, _ := o.ask("", "GET", "/readyz", "")
	require.Equal(t, 200, code)
	require.JSONEq(t, `{"ready":true,"parts":[]}`, body)
	o.health.parts = []Part{{Name: "postgres", Ready: false, Reason: "cannot be reached"}, {Name: "journal", Ready: true}}
	code, body, _ = o.ask("", "GET", "/readyz", "")
	require.Equal(t, 503, code)
	require.Contains(t, body, "cannot be reached")
	code, _, _ = o.ask("", "GET", "/healthz", "")
	require.Equal(t, 200, code)
}

func TestAPanicEndsOneRequestOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Web = nil
	h := o.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oops") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "oops")
}

func TestAppsAreServedWithTheRightPatience(t *testing.T) {
	t.Parallel()
	s := web{files: fstest.MapFS{}}
	get := func(path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	require.Contains(t, get("/desk").Body.String(), "make web")
	s.files = fstest.MapFS{"index.html": {Data: []byte("<app>")}, "assets/app-1a2b.js": {Data: []byte("js")}, ".gitkeep": {}}
	for _, page := range []string{"/", "/desk", "/board", "/call", "/calls/1732.12", "/tickets/" + anID, "/index.html", "/../../etc/passwd"} {
		w := get(page, "Accept", "text/html")
		require.Equal(t, 200, w.Code, page)
		require.Equal(t, "<app>", w.Body.String())
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
	}
	require.Contains(t, get("/assets/app-1a2b.js").Header().Get("Cache-Control"), "immutable")
	require.Equal(t, 404, get("/assets/old.js").Code)
	require.Equal(t, 404, get("/favicon.ico", "Accept", "image/avif,image/*").Code)
	require.Equal(t, "<app>", get("/.gitkeep").Body.String(), "dot files are not served")
}

func FuzzBodies(f *testing.F) {
	f.Add([]byte(`{"version":1,"asked":"x","do":"close"}`))
	f.Add([]byte(`{"version":-1}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), "PATCH", "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		var e ticket.Edit
		if err := read(&asked{Request: r}, &e); err != nil {
			if wire, _ := tell(err); wire.Code != BadRequest {
				t.Fatalf("%v became %s", err, wire.Code)
			}
			return
		}
		next, change, err := ticket.Apply(opened(anID).Ticket, e, nil, "li", time.Now())
		if err != nil && change != nil || err == nil && change == nil && next.Version != 1 {
			t.Fatal("neither changed nor not")
		}
	})
}
