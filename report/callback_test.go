package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

func TestAnAttemptAtACallBackIsNoVisitOfACaller(t *testing.T) {
	d := newDay(t)
	d.after(0, fact.VisitBegan{Visit: "v1", Queue: "consult"})
	d.after(time.Minute, fact.CallbackRequested{Callback: "cb-1", Call: "1", Queue: "consult"}, visit("v1", fact.Callback, time.Minute))
	require.Equal(t, 1, d.Queue("consult", d.at).Promised)
	d.after(time.Minute, fact.VisitBegan{Visit: "v2", Queue: "consult", From: "callback", Callback: "cb-1"})
	require.Zero(t, d.Queue("consult", d.at).Waiting, "nobody waits on a line")
	answered := visit("v2", fact.Answered, time.Hour)
	answered.Callback = "cb-1"
	d.after(time.Hour, fact.TalkBegan{Visit: "v2", Talk: "t", Queue: "consult", Agent: "li"}, answered,
		fact.CallbackEnded{Callback: "cb-1", Queue: "consult", Result: fact.CallbackReached, Waited: time.Hour + time.Minute})
	d.after(time.Minute, fact.TalkEnded{Visit: "v2", Talk: "t", Queue: "consult", Agent: "li", Talked: time.Minute})
	q := d.Queue("consult", d.at)
	require.EqualValues(t, 1, q.Ever.Arrivals)
	require.EqualValues(t, 1, q.Ever.Offered())
	require.EqualValues(t, 1, q.Ever.Callback)
	require.Zero(t, q.Ever.Answered)
	require.Equal(t, CallbackCounts{Promised: 1, Reached: 1, Wait: time.Hour + time.Minute}, q.Ever.Callbacks)
	require.InDelta(t, 3660, q.Ever.CallbackWait.Value, 1e-9)
	require.Zero(t, q.Promised)
	require.EqualValues(t, 1, q.Ever.Handled, "the talk is the agent's work like any other")
	require.EqualValues(t, 1, d.Agent("li", d.at).Ever.Handled)
}

func TestEachPromiseIsCountedByItsOneResult(t *testing.T) {
	d := newDay(t)
	for _, r := range fact.CallbackResults {
		d.after(time.Second, fact.CallbackRequested{Queue: "consult"}, fact.CallbackEnded{Queue: "consult", Result: r})
	}
	d.after(time.Second, fact.CallbackRefused{Queue: "consult", Why: fact.RefusedPerDay})
	c := d.Queue("consult", d.at).Ever.Callbacks
	for _, r := range fact.CallbackResults {
		require.EqualValues(t, 1, c.Result(r), r)
	}
	require.EqualValues(t, 4, c.Promised)
	require.EqualValues(t, 1, c.Refused)
	require.EqualValues(t, 1, d.Centre(d.at).Today.Callbacks.Reached)
}
