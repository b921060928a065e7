package floor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/call"
	"hotline/fact"
)

// What the loop in centre relies on.

func TestTalkGoesOnOverTheAgentsNewLeg(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.f.Changed()
	s.must(LegDown{Agent: "li", Leg: "leg-li"})
	require.Contains(t, s.f.Changed().Calls, "c1")
	require.True(t, s.f.Wants("c1").Music, "the caller is not left in silence")
	s.must(LegUp{Agent: "li", Node: "a", Leg: "leg-li-2"})
	require.Contains(t, s.f.Changed().Calls, "c1", "the call's lane learns of the new leg")
	require.Equal(t, "leg-li-2", s.f.Wants("c1").Leg)
	require.False(t, s.f.Wants("c1").Music)
}

func TestCallerWhoseKeyMayBeLostHearsTheMenuAgain(t *testing.T) {
	s := begin(t)
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1", Via: "sip"})
	s.must(Regained{Call: "c1"})
	require.Equal(t, 1, s.f.Call("c1").Prompt, "it is being said: that is the lane's to repeat")
	s.must(Spoken{Call: "c1", Prompt: 1})
	s.now = s.now.Add(3 * time.Second)
	s.must(Regained{Call: "c1"})
	require.Equal(t, "c1-p2", s.f.Wants("c1").Play.ID)
	require.Zero(t, s.f.Call("c1").Session.Tries, "that was no failed try")
}

func TestCallBeingHungUpEndsOnlyWhenAsteriskCouldBeAsked(t *testing.T) {
	s := begin(t)
	s.must(Link{Node: "a", Up: true})
	s.must(Arrived{Channel: "c1", Node: "a", Line: "3", Via: "sip"})
	s.must(Link{Node: "a"})
	s.later(time.Minute)
	require.Equal(t, call.Closing, s.f.Call("c1").Phase)
	s.must(Link{Node: "a", Up: true})
	s.later(2 * time.Second)
	require.Nil(t, s.f.Call("c1"))
}

func TestCallersOfAQueueThatAReloadTookAwayAreOffered(t *testing.T) {
	s := begin(t)
	s.queue("c1")
	other := house(t)
	other.Queues = other.Queues[1:]
	s.f.Reconfigure(other)
	s.staff("sun")
	require.Equal(t, "sun", s.f.Call("c1").Agent())
	require.Contains(t, s.f.Changed().Calls, "c1", "nobody who was touched before the reload is forgotten")
}

func TestPhasesAreCountedAsCallsMove(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.queue("c2")
	s.must(Arrived{Channel: "c3", Node: "a", Line: "1", Via: "sip"})
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	want := map[string]int{"talking": 1, "waiting": 1, "menu": 1}
	require.Equal(t, want, s.f.Phases())
	saved, err := s.f.Save()
	require.NoError(t, err)
	again, err := Restore(house(t), saved)
	require.NoError(t, err)
	require.Equal(t, want, again.Phases())
	s.must(Gone{Call: "c1"})
	s.must(Gone{Call: "c2"})
	s.must(Gone{Call: "c3"})
	require.Empty(t, s.f.Phases())
}

func TestRecordingIsToldOnceItsFilesAreClosed(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	require.Empty(t, s.f.Changed().Closed)
	s.must(Gone{Call: "c1"})
	require.Len(t, s.f.Changed().Closed, 1)
	require.Empty(t, s.f.Changed().Closed)
	s.f.TouchAll()
	require.Len(t, s.f.Changed().Closed, 1, "after a restore nobody knows who fetches it")
	s.must(Stored{Fact: fact.RecordingStored{Call: "c1", Recording: "c1-r1"}})
	s.f.TouchAll()
	require.Empty(t, s.f.Changed().Closed)
}

func TestPanicIsBlamedOnTheCallThatWasBeingDecidedOn(t *testing.T) {
	s := begin(t)
	s.queue("c1")
	s.queue("c2")
	blame := func(in Input) (id, due string) {
		t.Helper()
		require.Panics(t, func() { _, _ = s.f.Step(s.now, in) })
		return s.f.Culprit(in)
	}
	s.f.s.Calls["c1"].Visit = nil // now every decision about it fails
	id, _ := blame(Key{Call: "c1", Digit: "2"})
	require.Equal(t, "c1", id)
	s.now = s.now.Add(time.Hour)
	id, due := blame(Tick{})
	require.Equal(t, "c1", id)
	require.NotEmpty(t, due)

	s = begin(t)
	s.queue("c1")
	s.queue("c2")
	s.must(Desk{Agent: "li", Up: true})
	s.must(Media{Agent: "li", Up: true})
	s.must(LegUp{Agent: "li", Node: "a", Leg: "leg-li", Addr: "127.0.0.1:4000"})
	s.f.s.Calls["c1"].Visit = nil
	id, _ = blame(Command{Agent: "li", Do: "ready"})
	require.Equal(t, "c1", id, "who was matched, not who pressed ready")
}
