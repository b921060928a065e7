package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/people"
)

func (o *office) read(login, path string, into any) {
	o.t.Helper()
	code, body, _ := o.ask(login, "GET", path, "")
	require.Equal(o.t, http.StatusOK, code, body)
	require.NotContains(o.t, body, "argon2")
	require.NoError(o.t, json.Unmarshal([]byte(body), into))
}

func TestAnAdministratorSeesWhoIsSignedInAndEndsIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	tab := o.tab("li")
	code, body, _ := o.ask("li", "POST", "/api/phone", `{"sdp":"offer"}`)
	require.Equal(t, http.StatusOK, code, body)
	account := func(login string) Account {
		var all AccountList
		o.read("root", "/api/accounts", &all)
		for _, a := range all.Accounts {
			if a.Login == login {
				return a
			}
		}
		t.Fatalf("no account %s", login)
		return Account{}
	}
	li := account("li")
	require.Equal(t, 1, li.Sessions)
	require.Equal(t, "li", li.Agent)
	require.WithinDuration(t, time.Now(), li.LastIn, time.Minute)
	require.Zero(t, account("wang").Sessions)
	require.Zero(t, account("wang").LastIn)

	code, body, _ = o.ask("root", "DELETE", "/api/accounts/li/sessions", "")
	require.Equal(t, http.StatusNoContent, code, body)
	require.Equal(t, byeSignedOut, read1[Bye](t, tab.until(ofType("bye"))).Reason)
	require.Zero(t, o.phones.count(), "nobody listens at their desk")
	code, _, _ = o.ask("li", "GET", "/api/me", "")
	require.Equal(t, http.StatusUnauthorized, code)
	require.Zero(t, account("li").Sessions)
	code, _, _ = o.ask("root", "DELETE", "/api/accounts/nobody/sessions", "")
	require.Equal(t, http.StatusNotFound, code)
}

func TestAPasswordThatIsResetIsToldOnceAndTheOldOneIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.as("li")
	code, body, _ := o.ask("root", "POST", "/api/accounts/li/password", "")
	require.Equal(t, http.StatusOK, code, body)
	var told NewPassword
	require.NoError(t, json.Unmarshal([]byte(body), &told))
	code, _, _ = o.ask("li", "GET", "/api/me", "")
	require.Equal(t, http.StatusUnauthorized, code, "signed out everywhere")
	signIn := func(password string) int {
		code, _, _ := o.ask("", "POST", "/api/session", `{"login":"li","password":"`+password+`"}`)
		return code
	}
	require.Equal(t, http.StatusUnauthorized, signIn("password-li"))
	require.Equal(t, http.StatusOK, signIn(told.Password))

	code, body, _ = o.ask("root", "POST", "/api/accounts/root/password", "")
	require.Equal(t, http.StatusConflict, code, body)
	code, _, _ = o.ask("root", "GET", "/api/me", "")
	require.Equal(t, http.StatusOK, code, "nobody locks themselves out")
	require.NoError(t, o.people.PutUser(t.Context(), people.User{Login: "gone", Role: people.Agent, Disabled: true}))
	code, body, _ = o.ask("root", "POST", "/api/accounts/gone/password", "")
	require.Equal(t, http.StatusConflict, code, body)
}

func TestTheAuditIsReadByPersonAndDayPageByPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.as("li")
	code, _, _ := o.ask("root", "DELETE", "/api/accounts/li/sessions", "")
	require.Equal(t, http.StatusNoContent, code)
	acts := func(query string) (acts []people.Act, next string) {
		var trail AuditTrail
		o.read("root", "/api/audit"+query, &trail)
		for _, e := range trail.Entries {
			acts = append(acts, e.Act)
		}
		return acts, trail.Next
	}
	all, _ := acts("?login=li")
	require.Equal(t, []people.Act{people.SessionsEnded, people.SignedIn, people.UserChanged}, all, "what li did, and what was done to li")
	first, next := acts("?login=li&limit=2")
	require.Equal(t, all[:2], first)
	rest, end := acts("?login=li&limit=2&before=" + next)
	require.Equal(t, all[2:], rest)
	require.Empty(t, end)
	tomorrow := url.QueryEscape(time.Now().Add(24 * time.Hour).Format(time.RFC3339))
	none, _ := acts("?from=" + tomorrow)
	require.Empty(t, none)
	all, _ = acts("?login=li&to=" + tomorrow)
	require.Len(t, all, 3)
	for _, query := range []string{"?before=x", "?limit=0", "?from=today", "?login=a%20b"} {
		code, _, _ := o.ask("root", "GET", "/api/audit"+query, "")
		require.Equal(t, http.StatusBadRequest, code, query)
	}
	var trail AuditTrail
	o.read("root", "/api/audit?limit=1&login=li", &trail)
	require.Equal(t, "root", trail.Entries[0].Login)
	require.Equal(t, "127.0.0.1", trail.Entries[0].Addr)
}
