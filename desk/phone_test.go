package desk

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSigningOutHangsUpThePhoneThatCameWithIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	attach := func() {
		code, body, _ := o.ask("li", "POST", "/api/phone", `{"sdp":"offer"}`)
		require.Equal(t, http.StatusOK, code, body)
	}
	signOut := func(token string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, o.url+"/api/session", nil)
		require.NoError(t, err)
		req.AddCookie(&http.Cookie{Name: cookie, Value: token})
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusNoContent, res.StatusCode)
	}
	attach()
	signOut(o.as("li"))
	require.Zero(t, o.phones.count(), "at once")

	delete(o.sessions, "li")
	attach()
	first := o.as("li")
	delete(o.sessions, "li") // another browser
	attach()
	signOut(first)
	require.Equal(t, 1, o.phones.count(), "the phone is with the other browser")
}

func TestAPhoneThatComesWhileItsAgentSignsOutIsHungUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token := o.as("li")
	o.phones.meanwhile = func() { require.NoError(t, o.Door.SignOut(t.Context(), token, "")) }
	code, body, _ := o.ask("li", "POST", "/api/phone", `{"sdp":"offer"}`)
	require.Equal(t, http.StatusUnauthorized, code, body)
	require.Zero(t, o.phones.count())
}
