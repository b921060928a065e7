package staffing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/ticket/history"
)

func TestTheJournalIsGatheredBySlotsAndOnlyWithinTheStretch(t *testing.T) {
	t.Parallel()
	f := NewFold(at(2, 9, 0), at(2, 11, 0))
	tell := func(at time.Time, facts ...fact.Fact) { f.Apply(fact.Record{At: at, Facts: facts}) }
	tell(at(2, 8, 30), fact.AgentReady{Agent: "li"}, fact.VisitBegan{Visit: "early", Queue: "q", From: "flow"})
	tell(at(2, 8, 50), fact.VisitEnded{Visit: "early", Queue: "q", Outcome: fact.Abandoned, Waited: 20 * time.Minute})
	tell(at(2, 9, 10), fact.VisitBegan{Visit: "v", Call: "c", Queue: "q", From: "flow"})
	tell(at(2, 9, 15), fact.VisitEnded{Visit: "v", Queue: "q", Outcome: fact.Overflowed, Waited: 5 * time.Minute},
		fact.VisitBegan{Visit: "w", Call: "c", Queue: "other", From: "overflow"})
	tell(at(2, 9, 16), fact.VisitEnded{Visit: "w", Queue: "other", Outcome: fact.Answered, Waited: time.Minute, Agent: "li"})
	tell(at(2, 9, 36), fact.TalkEnded{Visit: "w", Call: "c", Queue: "other", Agent: "li", Talked: 19 * time.Minute, Held: time.Minute})
	tell(at(2, 9, 40), fact.AgentReady{Agent: "li"}, fact.WrapUpEnded{Call: "c", Agent: "li", Queue: "other", Lasted: 4 * time.Minute})
	tell(at(2, 9, 45), fact.AgentNotReady{Agent: "li", Reason: "break"}, fact.AgentNotReady{Agent: "li"})
	tell(at(2, 10, 45), fact.AgentReady{Agent: "wang"})
	tell(at(2, 12, 0), fact.VisitBegan{Visit: "late", Queue: "q", From: "flow"})

	want := history.Traffic{
		Arrivals: []history.Arrivals{{Queue: "q", Slot: at(2, 9, 0), Calls: 1}},
		Handling: []history.Handling{
			{Queue: "other", Talks: 1, Talk: 1200, WrapUp: 240, Waited: 60},
			{Queue: "q", Waited: 300},
		},
		Work: []history.Work{
			{Agent: "li", Slot: at(2, 9, 0), Seconds: 1800}, {Agent: "li", Slot: at(2, 9, 30), Seconds: 900},
			{Agent: "wang", Slot: at(2, 10, 30), Seconds: 900},
		},
	}
	require.Equal(t, want, f.Traffic())
	require.Equal(t, []RealCall{{At: at(2, 9, 10), Queue: "q", Talk: -1, WrapUp: -1, Patience: -1}}, f.Calls())
}
