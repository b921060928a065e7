package desk

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/floor"
	"hotline/people"
)

func TestPromisedCallBacksAreListedAndCancelledWithAudit(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, body, _ := o.ask("li", "GET", "/api/callbacks", "")
	require.Equal(t, 200, code, body)
	var found CallbackList
	require.NoError(t, json.Unmarshal([]byte(body), &found))
	require.Equal(t, "cb-1", found.Callbacks[0].Callback)
	code, body, _ = o.ask("li", "DELETE", "/api/callbacks/cb-1", "")
	require.Equal(t, 204, code, body)
	require.Equal(t, CentreCommand{By: "li", Callback: "cb-1", Command: Command{Do: "cancel-callback"}}, o.centre.commands[0])
	var who []string
	for _, e := range o.people.Entries() {
		if e.Act == people.CallbackCancelled {
			who = append(who, e.Login+" "+e.About)
		}
	}
	require.Equal(t, []string{"li cb-1"}, who)

	o.centre.refuse = &floor.Illegal{Code: "not-found", Text: "this call back is not waiting any more", Place: "callback"}
	code, body, _ = o.ask("li", "DELETE", "/api/callbacks/cb-1", "")
	require.Equal(t, 404, code, body)
	code, _, _ = o.ask("", "GET", "/api/callbacks", "")
	require.Equal(t, 401, code)
}
