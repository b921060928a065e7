package floor

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/fact"
)

func in(queues ...string) (m []fact.Membership) {
	for _, q := range queues {
		m = append(m, fact.Membership{Queue: q})
	}
	return m
}

func TestASupervisorMovesAnAgentToTheQueueThatNeedsThem(t *testing.T) {
	s := begin(t)
	s.staff("sun")
	s.must(Command{Agent: "sun", By: "boss", Do: "set-skills", Skills: map[string]int{"consult": 5}})
	s.queue("c1")
	require.Empty(t, s.f.Call("c1").Agents(), "sun takes other's calls only")
	s.must(Command{Agent: "sun", By: "boss", Do: "set-queues", Queues: in("consult", "other")})
	require.Equal(t, "sun", s.f.Call("c1").Agent(), "at once")
	require.Contains(t, s.seen, fact.AgentQueuesSet{Agent: "sun", Queues: in("consult", "other"), By: "boss"})
	require.Equal(t, 1, s.f.QueueView("consult").Agents["offered"])
	require.Equal(t, in("consult", "other"), s.f.AgentView("sun").Changed.Queues)

	s.must(Command{Agent: "sun", By: "boss", Do: "set-queues", Reset: true})
	require.Equal(t, "sun", s.f.Call("c1").Agent(), "an offer in hand is not taken away")
	require.Nil(t, s.f.AgentView("sun").Changed.Queues)
	s.must(Command{Agent: "sun", Do: "reject"})
	require.Empty(t, s.f.Call("c1").Agents())
}

func TestWhatASupervisorChangedSurvivesARestartAndAReload(t *testing.T) {
	s := begin(t)
	s.must(Command{Agent: "sun", By: "boss", Do: "set-queues", Queues: []fact.Membership{{Queue: "consult", Order: 2}}})
	s.must(Command{Agent: "sun", By: "boss", Do: "set-skills", Skills: map[string]int{"consult": 5}})
	s.must(Command{Agent: "li", By: "boss", Do: "set-queues"}) // out of all of them
	saved, err := s.f.Save()
	require.NoError(t, err)
	restored, err := Restore(house(t), saved)
	require.NoError(t, err)
	replayed := New(house(t))
	for i, f := range s.seen {
		b, err := json.Marshal(fact.Record{Seq: uint64(i + 1), At: s.now, Facts: []fact.Fact{f}})
		require.NoError(t, err)
		var r fact.Record
		require.NoError(t, json.Unmarshal(b, &r))
		require.NoError(t, replayed.Replay(r))
	}
	for what, f := range map[string]*Floor{"checkpoint": restored, "journal": replayed} {
		f.Reconfigure(house(t))
		s := &shift{t: t, f: f, now: s.now}
		s.staff("li", "sun")
		s.queue("c1")
		require.Equal(t, "sun", f.Call("c1").Agent(), what)
	}
}

func TestCallersOfAQueueWhoseLastAgentIsMovedAwayAreSentOn(t *testing.T) {
	s := open(t, limits(acd.Limits{When: map[string]string{"nobody": "message"}}))
	s.staff("li")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.must(Command{Agent: "li", By: "boss", Do: "set-queues", Queues: in("other")})
	require.Equal(t, []string{"nobody"}, s.sentOn())
}

func TestPlacesStayWhenAgentsAreMoved(t *testing.T) {
	s := begin(t)
	for _, id := range []string{"c1", "c2", "c3"} {
		s.queue(id)
		s.now = s.now.Add(time.Second)
	}
	s.must(Command{Agent: "sun", By: "boss", Do: "set-queues", Queues: in("consult")})
	s.must(Command{Agent: "sun", By: "boss", Do: "set-skills", Skills: map[string]int{"consult": 5}})
	for i, id := range []string{"c1", "c2", "c3"} {
		place, of := s.f.engine.Place(id, s.now)
		require.Equal(t, [2]int{i + 1, 3}, [2]int{place, of})
	}
}

func TestASupervisorForcesAnAgentsStateUnderTheirOwnName(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.must(Command{Agent: "li", By: "boss", Do: "not-ready", Reason: "meal"})
	require.Contains(t, s.seen, fact.AgentNotReady{Agent: "li", Reason: "meal", By: "boss"})
	s.must(Command{Agent: "li", By: "boss", Do: "ready"})
	require.Contains(t, s.seen, fact.AgentReady{Agent: "li", By: "boss"})
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(Command{Agent: "li", By: "boss", Do: "not-ready", Reason: "break"})
	require.Equal(t, acd.Talking, s.state("li"), "after the call")
	require.ErrorContains(t, s.do(Command{Agent: "li", By: "boss", Do: "sign-out"}), "sign out is not possible while talking")
	s.must(Command{Agent: "li", Do: "end"})
	s.must(Command{Agent: "li", Do: "wrap-up-done"})
	require.Contains(t, s.seen, fact.AgentNotReady{Agent: "li", Reason: "break", By: "boss"})
	s.must(Command{Agent: "li", By: "boss", Do: "sign-out"})
	require.Contains(t, s.seen, fact.AgentSignedOut{Agent: "li", By: "boss"})
}

func TestImpossibleChangesAreRefusedInWords(t *testing.T) {
	s := begin(t)
	for words, c := range map[string]Command{
		"set-queues is for supervisors": {Do: "set-queues", Queues: in("consult")},
		"set-skills is for supervisors": {Do: "set-skills"},
		`there is no queue "nowhere"`:   {Do: "set-queues", By: "boss", Queues: in("nowhere")},
		"twice":                         {Do: "set-queues", By: "boss", Queues: in("consult", "consult")},
		"level 101 is outside":          {Do: "set-skills", By: "boss", Skills: map[string]int{"consult": 101}},
		"weight -1":                     {Do: "set-queues", By: "boss", Queues: []fact.Membership{{Queue: "other", Weight: -1}}},
	} {
		c.Agent = "li"
		require.ErrorContains(t, s.do(c), words)
	}
	require.Empty(t, s.seen)
}
