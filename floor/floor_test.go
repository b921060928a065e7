package floor

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
	"hotline/ivr"
)

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// house is a small centre: a menu, a message, a refusal; two queues, four agents.
func house(t testing.TB) *Config {
	t.Helper()
	text := func(s string) ivr.Text { return ivr.Text{"en": s} }
	one := func(name string, nodes map[string]ivr.Do) ivr.Flow {
		f := ivr.Flow{Name: name, Start: "start", Nodes: map[string]ivr.Node{}}
		for n, do := range nodes {
			f.Nodes[n] = ivr.Node{Do: do}
		}
		return f
	}
	book, problems := ivr.NewBook([]ivr.Flow{
		one("main", map[string]ivr.Do{
			"start":   &ivr.Menu{Menu: text("Press 1, 2 or 3"), Keys: map[string]ivr.To{"1": "consult", "2": "other", "3": "case", "4": "leave"}, Asking: ivr.Asking{Tries: 2, Otherwise: "consult"}},
			"consult": &ivr.Queue{Queue: "consult", Say: text("One moment")},
			"other":   &ivr.Queue{Queue: "other"},
			"case":    &ivr.Collect{Collect: text("Your number"), Digits: ivr.Range{Min: 1, Max: 4}, Into: "number", Go: "look", Asking: ivr.Asking{Otherwise: "consult"}},
			"look":    &ivr.Lookup{Lookup: "ticket", Number: "$number", Found: "bye", Missing: "start", Failed: "bye"},
			"leave":   &ivr.Message{Message: text("Speak"), Limit: time.Minute, Silence: 3 * time.Second},
			"bye":     &ivr.Hangup{Hangup: text("Goodbye")},
		}),
		one("night", map[string]ivr.Do{"start": &ivr.Message{Message: text("Closed"), Limit: time.Minute, Silence: 3 * time.Second, Ticket: "complaint"}}),
		one("busy", map[string]ivr.Do{"start": &ivr.Refuse{Refuse: "busy"}}),
	}, ivr.Centre{
		Languages: []string{"en"}, Zone: time.UTC,
		Queues: map[string]ivr.Text{"consult": text("Questions"), "other": text("Other")},
		Lines:  map[string]ivr.Line{"1": {Flow: "main"}, "2": {Flow: "night"}, "3": {Flow: "busy"}},
	})
	require.Empty(t, problems)
	member := func(queues ...string) (m []acd.Membership) {
		for _, q := range queues {
			m = append(m, acd.Membership{Queue: q})
		}
		return m
	}
	return &Config{
		Hash: "test", Zone: time.UTC, Lang: "en", Book: book,
		Lines: map[string]Line{"1": {Flow: "main", Lang: "en"}, "2": {Flow: "night", Lang: "en"}, "3": {Flow: "busy", Lang: "en"}},
		Queues: []acd.Queue{
			{
				ID: "consult", Needs: map[string]int{"consult": 3},
				Relax:  []acd.RelaxStep{{After: 30 * time.Second, Needs: map[string]int{"consult": 1}}},
				Wait:   acd.Wait{Tell: []string{"place", "expected-wait"}, Keys: map[string]string{"2": "message", "3": "queue:other", "4": "end"}},
				Limits: acd.Limits{Waiting: 5, Wait: 5 * time.Minute, When: map[string]string{"full": "message", "wait": "queue:other"}},
				WrapUp: acd.WrapUpRule{Limit: time.Minute, Extend: 1},
			},
			{ID: "other", WrapUp: acd.WrapUpRule{None: true}, Recording: acd.Recording{Off: true}, Offer: acd.OfferRule{MissedLimit: 1}},
		},
		Agents: []acd.Agent{
			{ID: "li", Skills: map[string]int{"consult": 9}, Queues: member("consult", "other")},
			{ID: "wang", Skills: map[string]int{"consult": 3}, Queues: member("consult")},
			{ID: "zhao", Skills: map[string]int{"consult": 1}, Queues: member("consult", "other")},
			{ID: "sun", Queues: member("other")},
		},
		Phones:   map[string]string{"li": "PJSIP/1001", "wang": "PJSIP/1002", "zhao": "PJSIP/1002"},
		NotReady: []Reason{{Name: "break"}, {Name: "meal"}},
		Rules:    DefaultRules(),
	}
}

// shift is a floor at work in a test, with a clock.
type shift struct {
	t    testing.TB
	f    *Floor
	now  time.Time
	seen []fact.Fact
}

func begin(t testing.TB) *shift { return &shift{t: t, f: New(house(t)), now: monday} }

func (s *shift) do(in Input) error {
	s.t.Helper()
	rec, err := s.f.Step(s.now, in)
	s.seen = append(s.seen, rec.Facts...)
	return err
}

func (s *shift) must(in Input) {
	s.t.Helper()
	require.NoError(s.t, s.do(in))
}

// later lets time pass and every deadline do its work.
func (s *shift) later(d time.Duration) {
	s.t.Helper()
	end := s.now.Add(d)
	for {
		at, ok := s.f.NextDue()
		if !ok || at.After(end) {
			break
		}
		if at.After(s.now) {
			s.now = at
		}
		s.must(Tick{})
	}
	s.now = end
	s.must(Tick{})
}

// staff signs agents in and makes them ready.
func (s *shift) staff(agents ...string) {
	s.t.Helper()
	for _, a := range agents {
		s.must(Desk{Agent: a, Up: true})
		s.must(Media{Agent: a, Up: true})
		s.must(LegUp{Agent: a, Node: "a", Leg: "leg-" + a, Addr: "127.0.0.1:4000"})
		s.must(Command{Agent: a, Do: "ready"})
		s.now = s.now.Add(time.Second)
	}
}

// queue brings a caller into the queue consult.
func (s *shift) queue(id string) {
	s.t.Helper()
	s.must(Arrived{Channel: id, Node: "a", Line: "1", Via: "sip", Caller: fact.Party{Number: "+8613800138000"}})
	s.must(Answered{Call: id})
	s.must(Key{Call: id, Digit: "1"})
	s.must(Spoken{Call: id, Prompt: s.f.Call(id).Prompt})
}

func (s *shift) joined(id string) {
	s.t.Helper()
	s.must(Joined{Call: id, Offer: s.f.Call(id).Visit.Accepted().ID})
}

// told lists the facts of one kind.
func told[F fact.Fact](s *shift) (list []F) {
	for _, f := range s.seen {
		if x, ok := f.(F); ok {
			list = append(list, x)
		}
	}
	return list
}

func (s *shift) outcomes() (out []fact.Outcome) {
	for _, v := range told[fact.VisitEnded](s) {
		out = append(out, v.Outcome)
	}
	return out
}

func (s *shift) endings() (out []fact.Ending) {
	for _, v := range told[fact.CallEnded](s) {
		out = append(out, v.Ending)
	}
	return out
}

func (s *shift) state(agent string) acd.State { return s.f.Agent(agent).State }

func TestACallFromTheMenuToWrapUp(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	require.Equal(t, acd.Offered, s.state("li"))
	require.NotNil(t, s.f.AgentView("li").Offer)
	s.must(Command{Agent: "li", Do: "accept"})
	require.Equal(t, call.Joining, s.f.Call("c1").Phase)
	require.Equal(t, "20261123-0001", s.f.AgentView("li").Call.Ticket, "the ticket is there before the agent can speak")
	w := s.f.Wants("c1")
	require.Equal(t, "leg-li", w.Leg)
	require.NotNil(t, w.Record)
	s.joined("c1")
	require.Equal(t, acd.Talking, s.state("li"))
	s.must(Command{Agent: "li", Do: "hold"})
	require.True(t, s.f.Wants("c1").Music)
	require.Empty(t, s.f.Wants("c1").Leg)
	s.now = s.now.Add(10 * time.Second)
	s.must(Command{Agent: "li", Do: "retrieve"})
	s.now = s.now.Add(5 * time.Second)
	s.must(Command{Agent: "li", Do: "end"})
	require.Equal(t, acd.WrapUp, s.state("li"))
	require.Equal(t, "20261123-0001", s.f.AgentView("li").WrapUp.Ticket)
	require.False(t, s.f.AgentView("li").Call.Connected.IsZero(), "the desk goes on showing how long the caller waited")
	s.must(Gone{Call: "c1", Cause: 16})
	s.later(59 * time.Second)
	require.Equal(t, acd.WrapUp, s.state("li"))
	s.later(time.Second)
	require.Equal(t, acd.Ready, s.state("li"))
	require.Equal(t, []fact.Outcome{fact.Answered}, s.outcomes())
	require.Equal(t, []fact.Ending{fact.EndAgent}, s.endings())
}

func TestCallerKeepsPlaceWhenOfferTimesOut(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	entered := s.f.Call("c1").Visit.Entered
	s.now = s.now.Add(time.Second)
	s.queue("c2")
	s.later(20 * time.Second)
	require.Equal(t, 1, s.f.Agent("li").MissedRow)
	require.Equal(t, "c1", s.f.Agent("li").Call, "the first in line is offered again")
	require.Equal(t, entered, s.f.Call("c1").Visit.Entered)
	s.later(20 * time.Second)
	require.Equal(t, acd.NotReady, s.state("li"), "two misses in a row: the agent rests")
	require.Equal(t, "missed", s.f.Agent("li").Reason)
	require.Equal(t, entered, s.f.Call("c1").Visit.Entered)
}

func TestCallerHangsUpInTheMomentOfTheOffer(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Gone{Call: "c1"})
	require.Equal(t, acd.Ready, s.state("li"))
	require.Zero(t, s.f.Agent("li").MissedRow, "that is no missed offer")
	require.Equal(t, []fact.Outcome{fact.Abandoned}, s.outcomes())
	err := s.do(Command{Agent: "li", Do: "accept", Offer: "c1-o1"})
	var illegal *Illegal
	require.ErrorAs(t, err, &illegal)
	require.Equal(t, "gone", illegal.Code)
}

func TestCallerHangsUpBetweenAcceptAndJoin(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.must(Gone{Call: "c1"})
	s.must(Joined{Call: "c1", Offer: "c1-o1"}) // came too late
	require.Equal(t, acd.Ready, s.state("li"))
	require.Equal(t, []fact.Outcome{fact.Abandoned}, s.outcomes())
	require.Equal(t, []fact.Ending{fact.EndAbandoned}, s.endings())
}

func TestTransferHandsOverTheTicket(t *testing.T) {
	s := begin(t)
	s.staff("li", "wang")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(Command{Agent: "li", Do: "transfer", ToAgent: "wang"})
	require.Equal(t, acd.WrapUp, s.state("li"))
	require.Equal(t, acd.Offered, s.state("wang"))
	s.must(Command{Agent: "wang", Do: "accept"})
	s.joined("c1")
	require.Equal(t, s.f.AgentView("li").WrapUp.Ticket, s.f.AgentView("wang").Call.Ticket)
	require.Equal(t, "li", s.f.AgentView("wang").Call.From)
	s.must(Gone{Call: "c1"})
	require.Equal(t, []fact.Outcome{fact.Answered, fact.Answered}, s.outcomes())
	require.Equal(t, []fact.Ending{fact.EndCaller}, s.endings())
}

func TestWhoIsTransferredToAQueueHasWaitedAlreadyAndGoesInFront(t *testing.T) {
	s := begin(t)
	s.staff("wang")
	s.queue("c1")
	s.must(Command{Agent: "wang", Do: "accept"})
	s.joined("c1")
	s.must(Arrived{Channel: "c2", Node: "a", Line: "1"})
	s.must(Key{Call: "c2", Digit: "2"}) // waits in other
	s.now = s.now.Add(time.Minute)
	s.must(Command{Agent: "wang", Do: "transfer", ToQueue: "other"})
	s.staff("sun")
	require.Equal(t, "sun", s.f.Call("c1").Agent())
	require.Equal(t, "c1", s.f.Agent("sun").Call)
}

func TestTransferToABusyAgentIsRefusedWithTheReason(t *testing.T) {
	s := begin(t)
	s.staff("li", "wang")
	s.must(Command{Agent: "wang", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	err := s.do(Command{Agent: "li", Do: "transfer", ToAgent: "wang"})
	require.ErrorContains(t, err, "wang cannot take the call: not-ready")
	require.Equal(t, call.Talking, s.f.Call("c1").Phase)
}

func TestNotReadyInACallTakesEffectAfterWrapUp(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	require.Equal(t, acd.Talking, s.state("li"))
	s.must(Command{Agent: "li", Do: "end"})
	require.Equal(t, acd.WrapUp, s.state("li"))
	s.must(Command{Agent: "li", Do: "wrap-up-done"})
	require.Equal(t, acd.NotReady, s.state("li"))
	require.Equal(t, "break", s.f.Agent("li").Reason)
}

func TestOffersGoOnlyToLivingDesks(t *testing.T) {
	for name, dead := range map[string]Input{
		"desk": Desk{Agent: "li"}, "media": Media{Agent: "li"}, "leg": LegDown{Agent: "li", Leg: "leg-li"},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			s.staff("li")
			s.must(dead)
			s.queue("c1")
			require.Empty(t, s.f.Call("c1").Visit.Offers)
			s.must(Desk{Agent: "li", Up: true})
			s.must(Media{Agent: "li", Up: true})
			s.must(LegUp{Agent: "li", Node: "a", Leg: "leg-li-2"})
			require.NotEmpty(t, s.f.Call("c1").Visit.Offers)
			s.must(dead)
			if name != "leg" {
				require.Empty(t, s.f.Call("c1").Visit.Offers, "an offer that cannot be seen is taken back")
				require.Zero(t, s.f.Agent("li").MissedRow)
			}
		})
	}
}

func TestAgentWhoseAudioStaysAwayLosesTheCallNotTheCaller(t *testing.T) {
	s := begin(t)
	s.staff("li", "wang")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.must(Media{Agent: "li"})
	require.True(t, s.f.Wants("c1").Music, "the caller hears music meanwhile")
	s.later(10 * time.Second)
	s.must(Media{Agent: "li", Up: true})
	require.False(t, s.f.Wants("c1").Music)
	s.must(Media{Agent: "li"})
	s.must(Desk{Agent: "li"})
	s.later(30 * time.Second)
	require.Equal(t, "wang", s.f.Call("c1").Agent(), "somebody else is offered the call")
}

func TestMessageAfterHoursBecomesATicket(t *testing.T) {
	s := begin(t)
	s.must(Arrived{Channel: "c1", Node: "a", Line: "2", Via: "sip", Caller: fact.Party{Number: "+8613800138000"}})
	s.must(Answered{Call: "c1"})
	s.must(Spoken{Call: "c1", Prompt: 1})
	require.Equal(t, "c1-m1", s.f.Wants("c1").Message.ID)
	s.now = s.now.Add(8 * time.Second)
	s.must(Recorded{Call: "c1", Message: "c1-m1", Duration: 8 * time.Second})
	s.must(Spoken{Call: "c1", Prompt: 2})
	require.Equal(t, "normal", s.f.Wants("c1").Hangup)
	s.must(Gone{Call: "c1"})
	require.Equal(t, []fact.Ending{fact.EndMessage}, s.endings())
	require.Len(t, s.f.Pending(), 1)
	var tickets int
	for _, f := range s.seen {
		if x, ok := f.(fact.TicketOpened); ok {
			tickets++
			require.Equal(t, "c1-m1", x.Message)
			require.Equal(t, "complaint", x.Category)
		}
	}
	require.Equal(t, 1, tickets)
	s.must(Stored{Fact: fact.RecordingStored{Call: "c1", Recording: "c1-m1"}})
	require.Empty(t, s.f.Pending())
}

func TestSilentMessageMakesNoTicket(t *testing.T) {
	s := begin(t)
	s.must(Arrived{Channel: "c1", Node: "a", Line: "2", Via: "sip"})
	s.must(Spoken{Call: "c1", Prompt: 1})
	s.must(Recorded{Call: "c1", Message: "c1-m1", Duration: 3 * time.Second, Empty: true})
	for _, f := range s.seen {
		require.NotEqual(t, "ticket.opened", f.Kind())
	}
}

func TestRefusedCallsAreNeverAnswered(t *testing.T) {
	for line, cause := range map[string]string{"3": "busy", "999": "unallocated"} {
		s := begin(t)
		s.must(Arrived{Channel: "c1", Node: "a", Line: line, Via: "sip"})
		w := s.f.Wants("c1")
		require.False(t, w.Answer)
		require.Equal(t, cause, w.Hangup)
		s.must(Gone{Call: "c1"})
		require.Equal(t, []fact.Ending{fact.EndRefused}, s.endings())
	}
}

func TestFullQueueTakesAMessage(t *testing.T) {
	s := begin(t)
	for _, id := range []string{"c1", "c2", "c3", "c4", "c5", "c6"} {
		s.queue(id)
	}
	require.Equal(t, call.Menu, s.f.Call("c6").Phase, "is being told to leave a message")
	require.Equal(t, []fact.Outcome{fact.Message}, s.outcomes())
}

func TestLongestWaitOverflowsOnce(t *testing.T) {
	s := begin(t)
	s.queue("c1")
	s.later(5 * time.Minute)
	require.Equal(t, "other", s.f.Call("c1").Visit.Queue)
	require.Equal(t, []fact.Outcome{fact.Overflowed}, s.outcomes())
}

func TestDeskThatStaysAwayIsSignedOut(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.must(Desk{Agent: "li"})
	s.later(29 * time.Second)
	require.Equal(t, acd.Ready, s.state("li"))
	s.later(time.Second)
	require.Equal(t, acd.SignedOut, s.state("li"))
	require.False(t, s.f.WantsLeg("li"))
}

func TestAgentsCommandsOutOfTurnAreRefusedAndChangeNothing(t *testing.T) {
	s := begin(t)
	s.staff("li")
	before, err := s.f.Save()
	require.NoError(t, err)
	for _, c := range []Command{
		{Agent: "li", Do: "hold"}, {Agent: "li", Do: "accept"}, {Agent: "li", Do: "wrap-up-done"}, {Agent: "li", Do: "fly"},
		{Agent: "nobody", Do: "ready"}, {Agent: "li", Do: "not-ready", Reason: "bored"}, {Agent: "li", Do: "transfer", ToQueue: "consult"},
	} {
		var illegal *Illegal
		require.True(t, errors.As(s.do(c), &illegal), "%+v", c)
		require.NotEmpty(t, illegal.Text)
	}
	after, err := s.f.Save()
	require.NoError(t, err)
	require.JSONEq(t, string(before), string(after))
}

func TestWhatACallerWasToldOnEntryStandsBesideTheWait(t *testing.T) {
	s := begin(t)
	s.staff("li")
	for _, id := range []string{"c1", "c2", "c3"} { // the queue's pace: two leave after 40 s each
		s.queue(id)
		s.now = s.now.Add(time.Second)
	}
	for _, id := range []string{"c1", "c2", "c3"} {
		s.now = s.now.Add(10 * time.Second)
		s.must(Command{Agent: "li", Do: "accept"})
		s.joined(id)
		s.must(Gone{Call: id})
		s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
		s.must(Command{Agent: "li", Do: "wrap-up-done"})
		if id != "c3" {
			s.must(Command{Agent: "li", Do: "ready"})
		}
	}
	s.queue("c4")
	told := ofKind[fact.WaitTold](s.seen)
	last := told[len(told)-1]
	require.Equal(t, "c4", last.Call)
	require.Equal(t, time.Minute, last.Expected, "at least a minute: nobody believes less")
	s.later(50 * time.Second) // told again, which changes nothing
	s.must(Gone{Call: "c4"})
	ended := ofKind[fact.VisitEnded](s.seen)
	require.Equal(t, time.Minute, ended[3].Expected)
	require.Zero(t, ended[0].Expected)
}
