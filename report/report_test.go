package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

// day is a fold under test, told what happens at which time.
type day struct {
	*Fold
	seq uint64
	at  time.Time
}

func newDay(t testing.TB) *day {
	t.Helper()
	loc, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	return &day{Fold: New(loc), at: time.Date(2026, 11, 21, 9, 0, 0, 0, loc)}
}

func (d *day) after(wait time.Duration, facts ...fact.Fact) {
	d.at = d.at.Add(wait)
	d.seq++
	d.Apply(fact.Record{Seq: d.seq, At: d.at, Facts: facts})
}

const limit = 20 * time.Second

func visit(id string, o fact.Outcome, waited time.Duration) fact.VisitEnded {
	return fact.VisitEnded{Call: id, Visit: id, Queue: "consult", Outcome: o, Waited: waited, Threshold: limit, Agent: "li"}
}

func TestTheFourServiceLevelsOfTheCheckCase(t *testing.T) {
	d := newDay(t)
	end := func(n int, o fact.Outcome, waited time.Duration) {
		for range n {
			d.after(time.Second, fact.VisitBegan{Visit: "v", Queue: "consult"}, visit("v", o, waited))
		}
	}
	end(69, fact.Answered, 3*time.Second)
	end(1, fact.Answered, limit) // to the second is within
	end(10, fact.Answered, limit+time.Millisecond)
	end(5, fact.Abandoned, 2*time.Second)
	end(15, fact.Abandoned, time.Minute)

	q := d.Queue("consult", d.at).Today
	require.EqualValues(t, 100, q.Offered())
	require.InDelta(t, 0.80, q.AnswerRate.Value, 1e-9)
	for f, want := range map[Formula]float64{SL1: .875, SL2: .75, SL3: .70, SL4: 70. / 95} {
		require.True(t, q.ServiceLevels[f].Known)
		require.InDelta(t, want, q.ServiceLevels[f].Value, 1e-9, f)
	}
	require.InDelta(t, 0.737, q.ServiceLevels[SL4].Value, 0.0005)
	require.Equal(t, q, d.Queue("consult", d.at).Ever)
	require.Equal(t, q.Counts, d.Centre(d.at).Today.Counts)
}

func TestNoFigureWithoutABase(t *testing.T) {
	d := newDay(t)
	q := d.Queue("nobody", d.at).Today
	for _, f := range append([]Figure{q.AnswerRate, q.ASA, q.AHT}, q.ServiceLevels[SL1], q.ServiceLevels[SL4]) {
		require.False(t, f.Known)
		require.Nil(t, f.Ptr())
	}
	b, err := json.Marshal(q.ASA)
	require.NoError(t, err)
	require.Equal(t, "null", string(b))
	_, ok := ServiceLevel("SL9", Counts{Answered: 1})
	require.False(t, ok)
	_, ok = ServiceLevel(SL4, Counts{Abandoned: 3, AbandonedWithin: 3})
	require.False(t, ok, "only short abandons: SL4 has no base")
	require.False(t, d.Agent("nobody", d.at).Today.OccupancyShare.Known)
}

func TestEveryFigureSaysWhatItMeansInBothLanguages(t *testing.T) {
	require.Equal(t, "SL3 answered≤20s / (answered + abandoned)", SL3.Definition("en", limit))
	require.Equal(t, "SL4 20s内接通 / (接通 + 超过20s放弃)", SL4.Definition("zh-CN", limit))
	require.Len(t, meanings["zh"], len(meanings["en"]))
	for key := range meanings["en"] {
		m, ok := Explain(key, "zh")
		require.True(t, ok, key)
		require.NotEmpty(t, m.Definition)
	}
	_, err := ParseFormula("SL5")
	require.ErrorContains(t, err, "SL1, SL2, SL3, SL4")
	f, err := ParseFormula("sl2")
	require.NoError(t, err)
	require.Equal(t, SL2, f)
}

func TestTheBoardBeginsANewDayAtMidnightOfTheCentre(t *testing.T) {
	d := newDay(t)
	d.at = time.Date(2026, 11, 21, 23, 59, 50, 0, d.loc)
	d.after(0, fact.VisitBegan{Visit: "v", Queue: "consult"})
	d.after(9*time.Second, fact.VisitBegan{Visit: "w", Queue: "consult"}, visit("v", fact.Abandoned, 9*time.Second))
	require.EqualValues(t, 1, d.Queue("consult", d.at).Today.Abandoned)
	require.Zero(t, d.Queue("consult", d.at.Add(time.Second)).Today.Counts, "nothing has happened yet today")
	d.after(time.Second, visit("w", fact.Answered, time.Second))
	q := d.Queue("consult", d.at)
	require.Equal(t, uint64(1), q.Today.Offered(), "counted whole in the day in which the wait ended")
	require.Zero(t, q.Today.Arrivals)
	require.Equal(t, uint64(2), q.Ever.Offered())
	require.Equal(t, uint64(2), q.Ever.Arrivals)
}

func TestHandlingIsCountedOnceWithTalkHoldAndWrapUp(t *testing.T) {
	d := newDay(t)
	d.after(0, fact.AgentSignedIn{Agent: "li"})
	d.after(10*time.Second, fact.AgentReady{Agent: "li"})
	d.after(60*time.Second, fact.Offered{Queue: "consult", Agent: "li", Offer: "o"})
	d.after(5*time.Second, fact.OfferEnded{Queue: "consult", Agent: "li", Offer: "o", Result: fact.OfferMissed},
		fact.AgentNotReady{Agent: "li", Reason: "missed", By: "rule"})
	d.after(30*time.Second, fact.AgentReady{Agent: "li"})
	d.after(5*time.Second, fact.Offered{Queue: "consult", Agent: "li", Offer: "p"})
	d.after(5*time.Second, fact.OfferEnded{Queue: "consult", Agent: "li", Offer: "p", Result: fact.OfferAccepted})
	d.after(0, visit("v", fact.Answered, 4*time.Second), fact.TalkBegan{Queue: "consult", Agent: "li"})
	d.after(40*time.Second, fact.TalkHeld{Agent: "li"})
	d.after(20*time.Second, fact.TalkRetrieved{Agent: "li", Held: 20 * time.Second})
	d.after(10*time.Second,
		fact.TalkEnded{Call: "c", Queue: "consult", Agent: "li", How: fact.EndedByCaller, Talked: 50 * time.Second, Held: 20 * time.Second},
		fact.WrapUpBegan{Agent: "li", Call: "c", Queue: "consult"})
	require.Zero(t, d.Queue("consult", d.at).Today.Handled, "not before the wrap-up has ended")
	d.after(15*time.Second, fact.WrapUpEnded{Agent: "li", Call: "c", Queue: "consult", How: "done", Lasted: 15 * time.Second},
		fact.AgentNotReady{Agent: "li", Reason: "break"})
	d.after(60*time.Second, fact.AgentSignedOut{Agent: "li"})
	d.after(time.Hour, fact.ServerStarted{})

	q := d.Queue("consult", d.at).Today
	require.Equal(t, Figure{85, true}, q.AHT)
	require.EqualValues(t, 1, q.Handle[""].Count())
	require.Equal(t, 85*time.Second, q.Handle[""].Sum)
	require.Equal(t, Figure{4, true}, q.ASA)
	require.EqualValues(t, 1, q.Missed)

	a := d.Agent("li", d.at).Today
	require.Equal(t, map[State]time.Duration{NotReady: 100 * time.Second, Ready: 65 * time.Second, Offered: 10 * time.Second,
		Talking: 50 * time.Second, Held: 20 * time.Second, WrapUp: 15 * time.Second}, a.In)
	require.Equal(t, map[string]time.Duration{"signed-in": 10 * time.Second, "missed": 30 * time.Second, "break": 60 * time.Second}, a.NotReady)
	require.Equal(t, 260*time.Second, a.SignedInTime)
	require.InDelta(t, 85./160, a.OccupancyShare.Value, 1e-9)
	require.Equal(t, Figure{85, true}, a.AverageHandling)
	require.EqualValues(t, []uint64{1, 2, 1, 1}, []uint64{a.Answered, a.Offers, a.Missed, a.Handled})
	require.Equal(t, a, d.Agent("li", d.at).Ever)
}

func TestATalkWithoutWrapUpIsHandledWhenItEnds(t *testing.T) {
	d := newDay(t)
	d.after(0, fact.AgentSignedIn{Agent: "li"}, fact.AgentReady{Agent: "li"})
	d.after(time.Second, fact.TalkEnded{Queue: "consult", Agent: "li", Talked: time.Minute})
	require.Equal(t, Figure{60, true}, d.Queue("consult", d.at).Today.AHT)
	// And one whose wrap-up has no length.
	d.after(time.Second, fact.TalkEnded{Queue: "consult", Agent: "li", Talked: time.Minute},
		fact.WrapUpBegan{Agent: "li", Queue: "consult"}, fact.WrapUpEnded{Agent: "li", Queue: "consult", How: "limit"})
	require.EqualValues(t, 2, d.Queue("consult", d.at).Today.Handled)
}

func TestAnAgentsNightShiftIsCutAtMidnight(t *testing.T) {
	d := newDay(t)
	d.at = time.Date(2026, 11, 21, 22, 0, 0, 0, d.loc)
	d.after(0, fact.AgentSignedIn{Agent: "li"}, fact.AgentReady{Agent: "li"})
	require.Equal(t, time.Hour, d.Agent("li", d.at.Add(time.Hour)).Today.In[Ready], "the running state counts")
	require.Equal(t, time.Hour, d.Agent("li", d.at.Add(3*time.Hour)).Today.In[Ready], "since midnight")
	d.after(3*time.Hour, fact.AgentNotReady{Agent: "li", Reason: "break"})
	a := d.Agent("li", d.at.Add(5*time.Minute))
	require.Equal(t, time.Hour, a.Today.In[Ready])
	require.Equal(t, 3*time.Hour, a.Ever.In[Ready])
	require.Equal(t, 5*time.Minute, a.Today.NotReady["break"])
	require.Equal(t, NotReady, a.State)
	require.Equal(t, d.at, a.Since)
}

func TestMinutesShowTheLastHourWithWhoWaitedAtTheEndOfEach(t *testing.T) {
	d := newDay(t)
	d.after(10*time.Second, fact.VisitBegan{Visit: "v", Queue: "consult"}, fact.VisitBegan{Visit: "w", Queue: "complaint"})
	d.after(2*time.Minute, fact.VisitBegan{Visit: "x", Queue: "consult"}, visit("v", fact.Answered, 2*time.Minute))
	m := d.Minutes("", 60, d.at.Add(time.Minute))
	require.Len(t, m, 60)
	require.Equal(t, []int{0, 2, 2, 2, 2}, []int{m[55].Waiting, m[56].Waiting, m[57].Waiting, m[58].Waiting, m[59].Waiting})
	require.EqualValues(t, []uint64{2, 0, 1, 0}, []uint64{m[56].Arrivals, m[57].Arrivals, m[58].Arrivals, m[59].Arrivals})
	require.EqualValues(t, 1, m[58].Answered)
	require.Equal(t, 1, d.Minutes("complaint", 1, d.at)[0].Waiting)
	require.Empty(t, d.Minutes("", 0, d.at))
	require.Len(t, d.Minutes("", 10_000, d.at), 120)
}

func TestIntervalsBeginOnTheCentresClock(t *testing.T) {
	nepal := time.FixedZone("Nepal", 5*3600+45*60)
	f := New(nepal)
	at := time.Date(2026, 11, 21, 10, 29, 59, 0, nepal)
	f.Apply(fact.Record{Seq: 1, At: at, Facts: []fact.Fact{visit("v", fact.Answered, 0)}})
	f.Apply(fact.Record{Seq: 2, At: at.Add(time.Second), Facts: []fact.Fact{visit("w", fact.Answered, 0)}})
	rows := f.Intervals("consult", 30*time.Minute, at.Add(-time.Hour), at.Add(time.Hour))
	require.Len(t, rows, 4)
	require.Equal(t, "10:00", rows[1].Start.Format("15:04"))
	require.EqualValues(t, []uint64{0, 1, 1, 0}, []uint64{rows[0].Answered, rows[1].Answered, rows[2].Answered, rows[3].Answered})
	require.Empty(t, f.Intervals("", 7*time.Minute, at, at.Add(time.Hour)))
	require.Len(t, f.Intervals("", 24*time.Hour, time.Time{}, at), 3)
}

func TestCallsAreCountedByTheirEnding(t *testing.T) {
	d := newDay(t)
	d.after(0, fact.CallArrived{Call: "c"}, fact.CallArrived{Call: "d"}, fact.TicketOpened{Ticket: "t"})
	d.after(0, fact.MessageEnded{}, fact.MessageEnded{Empty: true}, fact.CallEnded{Ending: fact.EndMessage})
	c := d.Calls()
	require.Equal(t, CallTotals{Arrived: 2, Endings: map[fact.Ending]uint64{fact.EndMessage: 1}, Messages: 1, Tickets: 1}, c)
	c.Endings[fact.EndMessage] = 7
	require.EqualValues(t, 1, d.Calls().Endings[fact.EndMessage])
}

func TestARecordIsFoldedOnce(t *testing.T) {
	d := newDay(t)
	r := fact.Record{Seq: 1, At: d.at, Facts: []fact.Fact{visit("v", fact.Answered, 0)}}
	d.Apply(r)
	d.Apply(r)
	require.EqualValues(t, 1, d.Queue("consult", d.at).Ever.Offered())
	require.EqualValues(t, 1, d.Seq())
}

func TestACheckpointOfAnotherVersionIsRefused(t *testing.T) {
	require.ErrorContains(t, New(nil).UnmarshalJSON([]byte(`{"version":99}`)), "version 99")
	require.Error(t, New(nil).UnmarshalJSON([]byte(`[]`)))
}

func TestEveryCountSurvivesACheckpoint(t *testing.T) {
	var c Counts
	n := 0
	var fill func(reflect.Value)
	fill = func(fields reflect.Value) {
		for i := range fields.NumField() {
			n++
			switch f := fields.Field(i); {
			case f.Kind() == reflect.Struct:
				n--
				fill(f)
			case f.CanInt():
				f.SetInt(int64(n))
			default:
				f.SetUint(uint64(n))
			}
		}
	}
	fill(reflect.ValueOf(&c).Elem())
	require.Len(t, c.row(), n, "a new count belongs into the row")
	b, err := json.Marshal(series{{Start: 900, Counts: c}, {Start: 1800}})
	require.NoError(t, err)
	var back series
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, series{{Start: 900, Counts: c}, {Start: 1800}}, back)
	require.Error(t, json.Unmarshal([]byte("[[]]"), &back))
	require.ErrorContains(t, json.Unmarshal([]byte("[["+strings.Repeat("1,", n+1)+"1]]"), &back), "newer version")

	var sum Counts
	sum.Add(c)
	require.Equal(t, c, sum, "a new count belongs into Add")
}
