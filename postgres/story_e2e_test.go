//go:build e2e

package postgres

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/ticket/history"
)

// longestIdle is why wang was offered the call.
var longestIdle = &fact.Why{Strategy: "longest-idle", Of: 2, Idle: 12, Skills: []fact.HadNeed{{Skill: "complaint", Has: 9, Needs: 5}},
	Not: []fact.Passed{{Agent: "zhang", Why: "break"}}}

var mrZhao = fact.Party{Number: "+8613800138000", Name: "赵", Region: "北京"}

// aTransferredCall is missed by one agent, answered by a second, held, passed to a third, recorded.
func aTransferredCall(d *diary) {
	const c, q = "1.1", "complaint"
	d.after(0, fact.AgentSignedIn{Agent: "wang"}, fact.AgentReady{Agent: "wang"}, fact.AgentSignedIn{Agent: "li"}, fact.AgentReady{Agent: "li"})
	d.after(time.Second, fact.CallArrived{Call: c, Channel: c, Node: "a", Line: "12345", Trunk: "city", Caller: mrZhao, Via: "sip"})
	d.after(time.Millisecond, fact.CallAnswered{Call: c}, fact.FlowStepped{Call: c, Input: "begin", Session: fact.Session{Lang: "zh"}})
	d.after(2*time.Second, fact.FlowStepped{Call: c, Input: "key", Key: "2", Session: fact.Session{Lang: "zh",
		Path: []fact.PathStep{{Node: "menu", Key: "2", Label: "投诉"}}}},
		fact.VisitBegan{Call: c, Visit: "v1", Queue: q, From: "flow"},
		fact.Offered{Call: c, Visit: "v1", Offer: "o1", Queue: q, Agent: "wang", Reason: "longest idle", Why: longestIdle},
		fact.RecordingBegan{Call: c, Recording: "rec-1", Node: "a", Left: "l", Right: "r"})
	d.after(10*time.Second, fact.OfferEnded{Call: c, Visit: "v1", Offer: "o1", Queue: q, Agent: "wang", Result: fact.OfferMissed},
		fact.AgentNotReady{Agent: "wang", Reason: "missed", By: "rule"},
		fact.Offered{Call: c, Visit: "v1", Offer: "o2", Queue: q, Agent: "li", Reason: "next"})
	d.after(3*time.Second, fact.OfferEnded{Call: c, Visit: "v1", Offer: "o2", Queue: q, Agent: "li", Result: fact.OfferAccepted})
	d.after(20*time.Millisecond, fact.VisitEnded{Call: c, Visit: "v1", Queue: q, Outcome: fact.Answered, Waited: 13020 * time.Millisecond, Agent: "li", Threshold: 20 * time.Second},
		fact.TicketOpened{Ticket: "20261121-0001", Call: c, Queue: q, Agent: "li", Channel: "phone", Caller: mrZhao, Lang: "zh", Category: "complaint"},
		fact.TalkBegan{Call: c, Visit: "v1", Talk: "t1", Queue: q, Agent: "li", Ticket: "20261121-0001"})
	d.after(60*time.Second, fact.TalkHeld{Call: c, Talk: "t1", Agent: "li"})
	d.after(5*time.Second, fact.TalkRetrieved{Call: c, Talk: "t1", Agent: "li", Held: 5 * time.Second})
	d.after(10*time.Second, fact.Transferred{Call: c, Talk: "t1", Agent: "li", ToAgent: "wang", Ticket: "20261121-0001"},
		fact.TalkEnded{Call: c, Visit: "v1", Talk: "t1", Queue: q, Agent: "li", How: fact.EndedByTransfer, Talked: 70 * time.Second, Held: 5 * time.Second},
		fact.WrapUpBegan{Agent: "li", Call: c, Queue: q, Ticket: "20261121-0001"},
		fact.VisitBegan{Call: c, Visit: "v2", Queue: q, From: "transfer", Agent: "wang"})
	d.after(time.Second, fact.AgentReady{Agent: "wang"}, fact.Offered{Call: c, Visit: "v2", Offer: "o3", Queue: q, Agent: "wang", Reason: "asked for"})
	d.after(time.Second, fact.OfferEnded{Call: c, Visit: "v2", Offer: "o3", Queue: q, Agent: "wang", Result: fact.OfferAccepted},
		fact.VisitEnded{Call: c, Visit: "v2", Queue: q, Outcome: fact.Answered, Waited: 2 * time.Second, Agent: "wang", Threshold: 20 * time.Second},
		fact.TalkBegan{Call: c, Visit: "v2", Talk: "t2", Queue: q, Agent: "wang", Ticket: "20261121-0001"})
	d.after(30*time.Second, fact.TalkEnded{Call: c, Visit: "v2", Talk: "t2", Queue: q, Agent: "wang", How: fact.EndedByCaller, Talked: 30 * time.Second},
		fact.WrapUpBegan{Agent: "wang", Call: c, Queue: q}, fact.RecordingEnded{Call: c, Recording: "rec-1"},
		fact.CallEnded{Call: c, Ending: fact.EndCaller, Cause: 16})
	d.after(time.Second, fact.RecordingStored{Call: c, Recording: "rec-1", File: "2026/11/21/rec-1.opus", Bytes: 4096, Duration: 118 * time.Second, SHA256: "ab", Channels: 2})
	d.after(20*time.Second, fact.WrapUpEnded{Agent: "li", Call: c, Queue: q, How: "done", Lasted: 50 * time.Second}, fact.AgentNotReady{Agent: "li", Reason: "break"})
}

func TestACallIsFoundWithAllThatHappenedInIt(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	aTransferredCall(d)
	settled(t, follow(t, s, d))

	c, err := s.Call(t.Context(), "1.1")
	require.NoError(t, err)
	require.Equal(t, mrZhao, c.Caller)
	require.Equal(t, "zh", c.Lang)
	require.Equal(t, fact.EndCaller, c.Ending)
	require.Equal(t, "wang", c.Agent)
	require.InDelta(t, 15.02, c.Waited, 1e-9)
	require.InDelta(t, 100, c.Talked, 1e-9)
	require.Equal(t, []string{"20261121-0001"}, c.Tickets)
	require.True(t, c.Recorded)
	require.Equal(t, []fact.PathStep{{Node: "menu", Key: "2", Label: "投诉"}}, c.Path)

	require.Len(t, c.Visits, 2)
	require.Equal(t, "transfer", c.Visits[1].From)
	require.Len(t, c.Visits[0].Offers, 2)
	require.Equal(t, fact.OfferMissed, c.Visits[0].Offers[0].Result)
	require.Equal(t, longestIdle, c.Visits[0].Offers[0].Because)
	require.Nil(t, c.Visits[0].Offers[1].Because, "an offer of a journal from before")
	require.Len(t, c.Talks, 2)
	require.Len(t, c.Talks[0].Holds, 1)
	require.Equal(t, 5*time.Second, c.Talks[0].Holds[0].To.Sub(c.Talks[0].Holds[0].From))
	require.Equal(t, []string{"li", "wang"}, c.Recordings[0].Agents)
	require.Equal(t, history.Ready, c.Recordings[0].State)
	require.Equal(t, "call.arrived", c.Marks[0].Kind)
	require.Equal(t, time.UTC, c.Arrived.Location())

	of, err := s.OfNumber(t.Context(), mrZhao.Number, 10)
	require.NoError(t, err)
	require.Equal(t, 1, of.CallsTotal)
	require.Equal(t, 1, of.TicketsTotal)
	require.Equal(t, "li", of.Tickets[0].Owner, "the first to take it stays responsible")

	f, err := s.Ticket(t.Context(), "20261121-0001")
	require.NoError(t, err)
	require.Len(t, f.Calls, 1)
	require.Len(t, f.Recordings, 1)
	require.Empty(t, f.Changes)

	figures, err := s.Figures(t.Context(), d.at.Add(-time.Hour), d.at)
	require.NoError(t, err)
	require.Equal(t, []history.QueueFigures{{Queue: "complaint", Offered: 2, Answered: 2, AnsweredWithin: 2}}, figures)
}

func TestAnAgentsDayHasNoHolesAndNoEmptyPeriods(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	aTransferredCall(d)
	settled(t, follow(t, s, d))
	type period struct {
		state, reason string
		lasted        float64
	}
	li, err := query(t.Context(), s.pool, func(p *period) []any { return []any{&p.state, &p.reason, &p.lasted} },
		`SELECT state, reason, coalesce(extract(epoch FROM ended - began), -1)::float8 FROM agent_periods WHERE agent = 'li' ORDER BY began`)
	require.NoError(t, err)
	require.Equal(t, []period{{"ready", "", 13.001}, {"offered", "", 3.02}, {"talking", "", 60}, {"held", "", 5}, {"talking", "", 10},
		{"wrap-up", "", 53}, {"not-ready", "break", -1}}, li)
}

func TestWithheldCallersShareNoHistory(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	for _, c := range []string{"1", "2"} {
		// Some carriers send the number beside the wish to withhold it.
		secret := fact.Party{Number: "+8613800138000", Withheld: true}
		d.after(time.Second, fact.CallArrived{Call: c, Channel: c, Caller: secret},
			fact.TicketOpened{Ticket: "20261121-000" + c, Call: c, Channel: "phone", Caller: secret})
	}
	settled(t, follow(t, s, d))
	for _, number := range []string{"", "+8613800138000"} {
		of, err := s.OfNumber(t.Context(), number, 10)
		require.NoError(t, err)
		require.Zero(t, of.CallsTotal+of.TicketsTotal+len(of.Calls)+len(of.Tickets))
	}
	list, _, err := s.Calls(t.Context(), history.CallQuery{Limit: 10})
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Empty(t, list[0].Caller.Number)
}

func TestCallsAreListedAmongSomeQueues(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	for call, queues := range map[string][]string{"1": {"consult"}, "2": {"complaint"}, "3": {"consult", "complaint"}, "4": nil} {
		d.after(0, fact.CallArrived{Call: call, Caller: mrZhao})
		for _, q := range queues {
			d.after(time.Second, fact.VisitBegan{Call: call, Visit: call + q, Queue: q})
		}
	}
	settled(t, follow(t, s, d))
	for want, q := range map[string]history.CallQuery{
		"1 3":     {Among: []string{"consult"}},
		"1 2 3":   {Among: []string{"consult", "complaint"}},
		"3":       {Among: []string{"consult"}, Queue: "complaint"},
		"1 2 3 4": {},
	} {
		q.Limit = 10
		list, _, err := s.Calls(t.Context(), q)
		require.NoError(t, err)
		ids := make([]string, len(list))
		for i, c := range list {
			ids[i] = c.Call
		}
		slices.Sort(ids)
		require.Equal(t, want, strings.Join(ids, " "))
	}
}

func TestAMessageIsWorkedOnce(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	d.after(0, fact.CallArrived{Call: "1", Caller: mrZhao}, fact.MessageBegan{Call: "1", Message: "m1", Category: "complaint"})
	d.after(20*time.Second, fact.MessageEnded{Call: "1", Message: "m1", Duration: 20 * time.Second},
		fact.TicketOpened{Ticket: "20261121-0001", Call: "1", Channel: "message", Caller: mrZhao, Message: "m1", Category: "noise"},
		fact.CallEnded{Call: "1", Ending: fact.EndMessage})
	d.after(time.Second, fact.CallArrived{Call: "2", Caller: mrZhao}, fact.MessageBegan{Call: "2", Message: "m2"})
	d.after(time.Second, fact.MessageEnded{Call: "2", Message: "m2", Empty: true})
	p := follow(t, s, d)
	settled(t, p)

	list, err := s.Messages(t.Context(), false, 10)
	require.NoError(t, err)
	require.Len(t, list, 1, "nobody listens to silence")
	require.Equal(t, "20261121-0001", list[0].Ticket)
	require.Equal(t, history.Fetching, list[0].Recording)
	open, _, err := s.Lists(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, 1, open)
	f, err := s.Ticket(t.Context(), "20261121-0001")
	require.NoError(t, err)
	require.EqualValues(t, "other", f.Ticket.Category, "a category that the list lacks")

	d.after(time.Second, fact.RecordingStored{Call: "1", Recording: "m1", File: "m1.opus", Duration: 20 * time.Second, Channels: 1})
	settled(t, p)
	now := time.Now().UTC().Truncate(time.Microsecond)
	require.NoError(t, s.MarkMessage(t.Context(), "m1", true, "li", now))
	require.NoError(t, s.MarkMessage(t.Context(), "m1", true, "wang", now.Add(time.Hour)))
	list, err = s.Messages(t.Context(), true, 10)
	require.NoError(t, err)
	require.Equal(t, "li", list[0].DoneBy)
	require.Equal(t, now, list[0].Done)
	require.Equal(t, history.Ready, list[0].Recording)
	require.ErrorContains(t, s.MarkMessage(t.Context(), "m9", true, "li", now), "no message")
}

func TestListsAreReadPageByPage(t *testing.T) {
	t.Parallel()
	s, d := archive(t), newDiary(t)
	for i := range 7 {
		c := string(rune('a' + i))
		d.after(time.Duration(i%2)*time.Second, fact.CallArrived{Call: c, Caller: mrZhao}, // some in the same instant
			fact.TicketOpened{Ticket: "20261121-000" + string(rune('1'+i)), Call: c, Channel: "phone", Caller: mrZhao, Agent: "li"})
	}
	settled(t, follow(t, s, d))
	var calls, tickets string
	for before := ""; ; {
		list, next, err := s.Calls(t.Context(), history.CallQuery{Limit: 3, Before: before})
		require.NoError(t, err)
		for _, c := range list {
			calls += c.Call
		}
		if before = next; next == "" {
			break
		}
	}
	require.Equal(t, "gfedcba", calls)
	for before := ""; ; {
		list, next, err := s.Tickets(t.Context(), history.TicketQuery{Limit: 3, Before: before, Owner: "li", Number: mrZhao.Number})
		require.NoError(t, err)
		for _, k := range list {
			tickets += k.ID[len(k.ID)-1:]
		}
		if before = next; next == "" {
			break
		}
	}
	require.Equal(t, "7654321", tickets)
	_, _, err := s.Calls(t.Context(), history.CallQuery{Limit: 3, Before: "no cursor"})
	require.ErrorContains(t, err, "page before")
}
