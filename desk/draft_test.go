package desk

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

func TestWhatIsTypedWhileTheArchiveIsAwayIsKeptForIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	tok := o.as("li")
	edit := func(body string) *httptest.ResponseRecorder {
		return recorded(o, "PATCH", "/api/tickets/"+anID, body, "Content-Type", "application/json", "Cookie", cookie+"="+tok, "Prefer", "respond-async")
	}
	o.store.fail, o.store.settleFail = awayError{}, awayError{}
	w := edit(`{"version":1,"happened":"路灯","do":"close"}`)
	require.Equal(t, 202, w.Code, w.Body)
	require.JSONEq(t, `{"id":"`+anID+`","version":1,"delayed":true}`, w.Body.String())
	require.Equal(t, []fact.TicketDrafted{{Ticket: anID, By: "li", Version: 1, Fields: map[string]string{"happened": "路灯"}, Do: "close"}}, o.centre.drafts)
	require.Equal(t, 202, edit(`{"version":1,"asked":""}`).Code)
	require.Equal(t, map[string]string{"asked": ""}, o.centre.drafts[1].Fields, "an emptied field is an edit, too")

	// What no archive would take is refused at once.
	require.Equal(t, 400, edit(`{"version":1,"category":"rant"}`).Code)
	require.Equal(t, 400, edit(`{"version":0,"asked":"x"}`).Code)
	require.Equal(t, 400, edit(`{"version":1,"asked":"`+strings.Repeat("x", 20001)+`"}`).Code)
	require.Len(t, o.centre.drafts, 2)

	// The archive answers again, but has not caught up: order is kept.
	o.store.fail, o.store.files[anID] = nil, opened(anID)
	require.Equal(t, 202, edit(`{"version":1,"asked":"quiet"}`).Code)
	require.Len(t, o.centre.drafts, 3)
	o.store.settleFail = nil
	require.Equal(t, 200, edit(`{"version":1,"asked":"quiet"}`).Code)
	require.Len(t, o.centre.drafts, 3)
	require.False(t, o.drafts.waiting())
}

func TestNoMoreIsKeptThanTheJournalMayHold(t *testing.T) {
	t.Parallel()
	var d drafts
	require.True(t, d.admit(mostDraftBytes-1))
	require.False(t, d.admit(2))
	require.True(t, d.admit(1))
	d.settled()
	require.False(t, d.waiting())
	for range mostDrafts {
		require.True(t, d.admit(1))
	}
	require.False(t, d.admit(1))
}
