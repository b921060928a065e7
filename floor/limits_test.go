package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/calendar"
	"hotline/call"
	"hotline/fact"
	"hotline/ivr"
)

// open is a shift under other rules of the queue consult.
func open(t testing.TB, change func(consult *acd.Queue)) *shift {
	cfg := house(t)
	change(&cfg.Queues[0])
	return &shift{t: t, f: New(cfg), now: monday}
}

// sentOn lists what sent callers out of queues.
func (s *shift) sentOn() (why []string) {
	for _, f := range s.seen {
		if v, ok := f.(fact.VisitEnded); ok && v.Why != "" {
			why = append(why, v.Why)
		}
	}
	return why
}

func limits(l acd.Limits) func(*acd.Queue) { return func(q *acd.Queue) { q.Limits = l } }

func TestCallersAreSentOnWhenTheLastAgentLeaves(t *testing.T) {
	s := open(t, limits(acd.Limits{When: map[string]string{"nobody": "queue:other"}}))
	s.staff("li", "wang")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.must(Command{Agent: "wang", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.queue("c2")
	s.must(Command{Agent: "wang", Do: "sign-out"})
	require.Empty(t, s.sentOn(), "li is on a break, but there")
	s.must(Command{Agent: "li", Do: "sign-out"})
	require.Equal(t, []string{"nobody", "nobody"}, s.sentOn())
	require.Equal(t, "other", s.f.Call("c1").Visit.Queue)
	s.queue("c3")
	require.Equal(t, "other", s.f.Call("c3").Visit.Queue, "who comes now does not wait for nobody either")
}

func TestOverflowRulesLookAtWaitLengthAndAgents(t *testing.T) {
	s := open(t, limits(acd.Limits{Overflow: []acd.OverflowRule{
		{Wait: time.Minute, AgentsBelow: 2, To: "queue:other"}, {Waiting: 2, To: "message"},
	}}))
	s.staff("li")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.queue("c2")
	s.queue("c3")
	require.Equal(t, []string{"rule 2"}, s.sentOn(), "two wait already")
	s.later(59 * time.Second)
	require.Len(t, s.sentOn(), 1)
	s.later(2 * time.Second)
	require.Equal(t, []string{"rule 2", "rule 1", "rule 1"}, s.sentOn())

	s = open(t, limits(acd.Limits{Overflow: []acd.OverflowRule{{Wait: time.Minute, AgentsBelow: 2, To: "queue:other"}}}))
	s.staff("li", "wang")
	s.must(Command{Agent: "li", Do: "not-ready", Reason: "break"})
	s.must(Command{Agent: "wang", Do: "not-ready", Reason: "break"})
	s.queue("c1")
	s.later(5 * time.Minute)
	require.Empty(t, s.sentOn(), "two agents are enough for the rule")
}

func TestAMissedMomentOfALimitIsMadeUpForAfterARestart(t *testing.T) {
	s := open(t, limits(acd.Limits{Wait: time.Minute, When: map[string]string{"wait": "queue:other"}}))
	s.queue("c1")
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.now = s.now.Add(10 * time.Minute) // nobody was there to look
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	s.must(Answered{Call: "c1"})
	s.later(0)
	require.Equal(t, []string{"wait"}, s.sentOn())
}

func TestALimitThatLeadsNowhereStillAnswersTheCaller(t *testing.T) {
	s := open(t, limits(acd.Limits{Wait: time.Minute}))
	s.queue("c1")
	s.later(time.Minute)
	require.Equal(t, []fact.Outcome{fact.Overflowed}, s.outcomes())
	require.NotNil(t, s.f.Call("c1").Turn.Exit.Hangup, "a word, then the end")

	s = open(t, limits(acd.Limits{Wait: time.Minute, When: map[string]string{"wait": "callback"}}))
	s.queue("c1")
	s.later(time.Minute)
	require.Equal(t, []fact.Outcome{fact.Message}, s.outcomes(), "where call-backs are not made, a message is taken")
}

func TestQueuesThatSendEachOtherACallerForEverKeepTheCaller(t *testing.T) {
	cfg := house(t)
	cfg.Queues[0].Limits = acd.Limits{When: map[string]string{"nobody": "queue:other"}}
	cfg.Queues[1].Limits = acd.Limits{When: map[string]string{"nobody": "queue:consult"}}
	s := &shift{t: t, f: New(cfg), now: monday}
	s.queue("c1")
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase)
	require.Len(t, s.sentOn(), maxHops)
	s.staff("li")
	require.Equal(t, "li", s.f.Call("c1").Agent())
}

func TestCallerWhoComesBackToAQueueHasTheOldPlace(t *testing.T) {
	s := open(t, limits(acd.Limits{Wait: time.Minute, When: map[string]string{"wait": "queue:other"}}))
	s.f.queues["other"].Limits = acd.Limits{Wait: 30 * time.Second, When: map[string]string{"wait": "queue:consult"}}
	s.queue("c1")
	entered := s.f.Call("c1").Visit.Entered
	s.later(80 * time.Second)
	s.queue("c2") // after c1 left, before it is back
	s.later(10 * time.Second)
	require.Equal(t, "consult", s.f.Call("c1").Visit.Queue)
	require.Equal(t, entered, s.f.Call("c1").Visit.Since)
	place, _ := s.f.engine.Place("c1", s.now)
	require.Equal(t, 1, place)
	require.True(t, s.f.Call("c1").Visit.Entered.After(entered), "the visit is another: its wait counts anew")
}

// during is a house whose line leads through opening hours, 08:00 to 12:00.
func during(t testing.TB, l acd.Limits) *shift {
	cfg := house(t)
	text := ivr.Text{"en": "Hello"}
	office := &calendar.Hours{Zone: time.UTC}
	for d := range office.Week {
		var err error
		office.Week[d], err = calendar.ParseSpans("08:00-12:00")
		require.NoError(t, err)
	}
	flow := ivr.Flow{Name: "main", Start: "hours", Nodes: map[string]ivr.Node{
		"hours":   {Do: &ivr.Switch{Switch: "hours.office", Open: "consult", Closed: "night", Holiday: "night"}},
		"consult": {Do: &ivr.Queue{Queue: "consult"}},
		"night":   {Do: &ivr.Queue{Queue: "consult"}},
	}}
	book, problems := ivr.NewBook([]ivr.Flow{flow}, ivr.Centre{
		Languages: []string{"en"}, Zone: time.UTC, Queues: map[string]ivr.Text{"consult": text, "other": text},
		Hours: map[string]*calendar.Hours{"office": office},
		Lines: map[string]ivr.Line{"1": {Flow: "main"}, "always": {Flow: "main", Open: "always"}},
	})
	require.Empty(t, problems)
	cfg.Book, cfg.Queues[0].Limits = book, l
	cfg.Lines = map[string]Line{"1": {Flow: "main", Lang: "en"}, "always": {Flow: "main", Lang: "en"}}
	return &shift{t: t, f: New(cfg), now: monday}
}

func TestClosingTimeReachedWhileWaiting(t *testing.T) {
	s := during(t, acd.Limits{When: map[string]string{"closing": "message"}})
	s.now = monday.Add(110 * time.Minute) // 11:50
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1"})
	s.must(Arrived{Channel: "c2", Node: "a", Line: "always"})
	require.Equal(t, call.Waiting, s.f.Call("c1").Phase)
	s.later(10*time.Minute - time.Second)
	require.Empty(t, s.sentOn())
	s.later(time.Second)
	require.Equal(t, []string{"closing"}, s.sentOn(), "a line that is always open does not close")
	require.NotNil(t, s.f.Call("c1").Turn.Exit.Message)
	s.must(Arrived{Channel: "c3", Node: "a", Line: "1"})
	s.later(time.Hour)
	require.Equal(t, call.Waiting, s.f.Call("c3").Phase, "who came at night by a way of the night is not sent on at once")
}

func TestOverflowRuleDuringHours(t *testing.T) {
	for hour, want := range map[time.Duration][]string{time.Hour: {"rule 1"}, 3 * time.Hour: nil} {
		s := during(t, acd.Limits{Overflow: []acd.OverflowRule{{During: "office", To: "queue:other"}}})
		s.now = monday.Add(hour)
		s.must(Arrived{Channel: "c1", Node: "a", Line: "1"})
		require.Equal(t, want, s.sentOn())
	}
}

func TestCallersNobodyCouldEverTakeAreOnTheBoardAndSentOn(t *testing.T) {
	s := open(t, func(q *acd.Queue) {
		q.Needs, q.Relax = map[string]int{"welsh": 1}, nil
		q.Limits = acd.Limits{Overflow: []acd.OverflowRule{{Wait: time.Minute, AgentsBelow: 1, To: "queue:other"}}}
	})
	s.staff("li", "wang")
	require.Empty(t, s.f.QueueView("consult").Hopeless, "nobody waits for it")
	s.queue("c1")
	require.Contains(t, s.f.QueueView("consult").Hopeless, "needs welsh 1")
	require.Contains(t, s.f.QueueView("consult").HopelessIn["zh"], "welsh 1，而")
	why, ok := s.f.engine.WhyWaiting("c1", s.now)
	require.True(t, ok && why.Hopeless, "the engine says the same")
	s.later(time.Minute)
	require.Equal(t, []string{"rule 1"}, s.sentOn(), "agents who can never take the caller do not count")
	require.Equal(t, "li", s.f.Call("c1").Agent())
}

func TestCallersOfAQueueThatIsGoneVisitTheFirstOneWithTheirPlaces(t *testing.T) {
	s := begin(t)
	s.queue("c1")
	entered := s.f.Call("c1").Visit.Entered
	s.now = s.now.Add(time.Second)
	s.queue("c2")
	other := house(t)
	other.Queues = other.Queues[1:]
	s.f.Reconfigure(other)
	s.must(Arrived{Channel: "c3", Node: "a", Line: "1"})
	s.must(Key{Call: "c3", Digit: "2"}) // into other, before the callers of consult
	s.must(Configured{})
	require.Equal(t, []string{"queue gone", "queue gone"}, s.sentOn())
	require.Equal(t, "other", s.f.Call("c1").Visit.Queue)
	require.Equal(t, entered, s.f.Call("c1").Visit.Since)
	s.staff("sun")
	require.Equal(t, "sun", s.f.Call("c1").Agent(), "first come, first served, whichever queue it was")
}

func TestALimitReachedDuringAnOfferThatNobodyTakesIsNotForgotten(t *testing.T) {
	s := open(t, limits(acd.Limits{Wait: 10 * time.Second, When: map[string]string{"wait": "queue:other"}}))
	s.staff("wang")
	s.queue("c1")
	require.Equal(t, "wang", s.f.Call("c1").Agent())
	s.later(15 * time.Second)
	require.Empty(t, s.sentOn(), "the phone rings: the agent may still take it")
	s.later(5 * time.Second)
	require.Equal(t, []string{"wait"}, s.sentOn(), "not offered to wang once more")
	require.Equal(t, acd.Ready, s.state("wang"))
}
