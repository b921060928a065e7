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

func TestWhatIsKeptWhileTheArchiveCatchesUpIsWaitedForToo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	edit := func(login string) int {
		return recorded(o, "PATCH", "/api/tickets/"+anID, `{"version":1,"happened":"路灯"}`,
			"Content-Type", "application/json", "Cookie", cookie+"="+o.as(login), "Prefer", "respond-async").Code
	}
	o.store.fail, o.store.settleFail = awayError{}, awayError{}
	require.Equal(t, 202, edit("li"))
	o.store.fail, o.store.settleFail, o.store.files[anID] = nil, nil, opened(anID)
	o.store.settling = func() { // the archive has what li typed; what wang types comes in the same moment, and is late
		o.store.settleFail = awayError{}
		require.Equal(t, 202, edit("wang"))
		o.store.settleFail = nil
	}
	require.Equal(t, 200, edit("li"))
	require.True(t, o.drafts.waiting(), "else what wang types next would be in the archive before it")
	require.Equal(t, 200, edit("wang"))
	require.False(t, o.drafts.waiting())
}

func TestAServerThatStartsWaitsForWhatTheOneBeforeKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.files[anID] = opened(anID)
	edit := func() int {
		return recorded(o, "PATCH", "/api/tickets/"+anID, `{"version":1,"happened":"路灯"}`,
			"Content-Type", "application/json", "Cookie", cookie+"="+o.as("li"), "Prefer", "respond-async").Code
	}
	o.store.settleFail = awayError{} // the archive answers, and is behind
	require.Equal(t, 202, edit())
	o.store.settleFail = nil
	require.Equal(t, 200, edit())
	o.store.settleFail = awayError{}
	require.Equal(t, 200, edit(), "it is asked once")
}

func TestNoMoreIsKeptThanTheJournalMayHold(t *testing.T) {
	t.Parallel()
	var d drafts
	require.True(t, d.admit(mostDraftBytes-1))
	require.False(t, d.admit(2))
	require.True(t, d.admit(1))
	d.came(mostDraftBytes-1, true)
	d.came(1, false) // the journal did not take it
	require.True(t, d.waiting())
	d.settled(d.all())
	require.False(t, d.waiting())
	for range mostDrafts {
		require.True(t, d.admit(1))
	}
	require.False(t, d.admit(1))
}
