package report

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hotline/fact"
)

// history draws records as a busy centre makes them, and the plain list of the visits that ended.
func history(t *rapid.T) (records []fact.Record, ended []endedVisit) {
	at := time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC)
	queues := []string{"consult", "complaint", "english"}
	type open struct {
		id, queue string
		since     time.Time
	}
	var waiting []open
	agents := map[string]string{} // → state
	names := []string{"li", "wang", "zhao"}
	for seq := range rapid.IntRange(1, 120).Draw(t, "steps") {
		at = at.Add(time.Duration(rapid.IntRange(0, 900_000).Draw(t, "ms")) * time.Millisecond)
		var facts []fact.Fact
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0, 1:
			v := open{fmt.Sprint("v", seq), rapid.SampledFrom(queues).Draw(t, "queue"), at}
			waiting = append(waiting, v)
			facts = append(facts, fact.VisitBegan{Visit: v.id, Queue: v.queue})
		case 2:
			if len(waiting) == 0 {
				continue
			}
			i := rapid.IntRange(0, len(waiting)-1).Draw(t, "who")
			v := waiting[i]
			waiting = append(waiting[:i:i], waiting[i+1:]...)
			x := fact.VisitEnded{Visit: v.id, Queue: v.queue, Outcome: rapid.SampledFrom(fact.Outcomes).Draw(t, "outcome"),
				Waited: at.Sub(v.since), Threshold: 20 * time.Second, Agent: "li"}
			facts = append(facts, x)
			ended = append(ended, endedVisit{at, x})
		case 3:
			name := rapid.SampledFrom(names).Draw(t, "agent")
			facts = append(facts, agentStep(t, agents, name)...)
		}
		records = append(records, fact.Record{Seq: uint64(len(records) + 1), At: at, Facts: facts})
	}
	return records, ended
}

type endedVisit struct {
	at time.Time
	fact.VisitEnded
}

// agentStep moves an agent one legal step on.
func agentStep(t *rapid.T, states map[string]string, name string) []fact.Fact {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "step") }
	switch states[name] {
	case "":
		states[name] = "not ready"
		return []fact.Fact{fact.AgentSignedIn{Agent: name}}
	case "not ready":
		if pick("ready", "out") == "out" {
			states[name] = ""
			return []fact.Fact{fact.AgentSignedOut{Agent: name}}
		}
		states[name] = "ready"
		return []fact.Fact{fact.AgentReady{Agent: name}}
	case "ready":
		if pick("talk", "break") == "break" {
			states[name] = "not ready"
			return []fact.Fact{fact.AgentNotReady{Agent: name, Reason: "break"}}
		}
		states[name] = "talk"
		return []fact.Fact{fact.Offered{Agent: name, Queue: "consult"},
			fact.OfferEnded{Agent: name, Queue: "consult", Result: fact.OfferAccepted}, fact.TalkBegan{Agent: name, Queue: "consult"}}
	case "talk":
		states[name] = "wrap-up"
		return []fact.Fact{fact.TalkEnded{Agent: name, Queue: "consult", Talked: 90 * time.Second, Held: 5 * time.Second},
			fact.WrapUpBegan{Agent: name, Queue: "consult"}}
	}
	states[name] = "ready"
	return []fact.Fact{fact.WrapUpEnded{Agent: name, Queue: "consult", Lasted: 7 * time.Second, How: "done"}}
}

func shanghai(t interface{ Fatal(...any) }) *time.Location {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func foldOf(loc *time.Location, records []fact.Record) *Fold {
	f := New(loc)
	for _, r := range records {
		f.Apply(r)
	}
	return f
}

func TestOutcomesAddUpToOfferedInEveryInterval(t *testing.T) {
	loc := shanghai(t)
	rapid.Check(t, func(t *rapid.T) {
		records, ended := history(t)
		if len(records) == 0 {
			return
		}
		f, now := foldOf(loc, records), records[len(records)-1].At
		for _, length := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour} {
			var sum Counts
			for _, row := range f.Intervals("", length, records[0].At.Add(-length), now.Add(length)) {
				want := map[fact.Outcome]uint64{}
				var offered uint64
				for _, v := range ended { // the plain way: which visits' waits ended in here?
					if !v.at.Before(row.Start) && v.at.Before(row.Start.Add(length)) {
						want[v.Outcome]++
						offered++
					}
				}
				for _, o := range fact.Outcomes {
					if row.Outcome(o) != want[o] {
						t.Fatalf("%s of %s: %s is %d, not %d", length, row.Start, o, row.Outcome(o), want[o])
					}
				}
				if row.Offered() != offered {
					t.Fatalf("%s of %s: offered %d, not %d", length, row.Start, row.Offered(), offered)
				}
				sum.Add(row.Counts)
			}
			if d := cmp.Diff(f.Centre(now).Ever.Counts, sum); d != "" {
				t.Fatalf("intervals of %s do not add up to the whole: %s", length, d)
			}
		}
	})
}

func TestQueuesAddUpToTheCentreAndMinutesToTheHours(t *testing.T) {
	loc := shanghai(t)
	rapid.Check(t, func(t *rapid.T) {
		records, ended := history(t)
		if len(records) == 0 {
			return
		}
		f, now := foldOf(loc, records), records[len(records)-1].At
		var ever, today Counts
		waiting := 0
		for _, name := range f.Queues() {
			q := f.Queue(name, now)
			ever.Add(q.Ever.Counts)
			today.Add(q.Today.Counts)
			waiting += q.Waiting
			for _, o := range fact.Outcomes {
				if n := q.Ever.Wait[string(o)].Count(); n != q.Ever.Outcome(o) {
					t.Fatalf("%s %s: %d visits and %d waits", name, o, q.Ever.Outcome(o), n)
				}
			}
		}
		all := f.Centre(now)
		if d := cmp.Diff(all.Ever.Counts, ever) + cmp.Diff(all.Today.Counts, today); d != "" || all.Waiting != waiting {
			t.Fatal(d, all.Waiting, waiting)
		}
		var expectToday uint64
		for _, v := range ended {
			if v.at.In(loc).Format(time.DateOnly) == now.In(loc).Format(time.DateOnly) {
				expectToday++
			}
		}
		if all.Today.Offered() != expectToday {
			t.Fatalf("today %d, not %d", all.Today.Offered(), expectToday)
		}
		if ever.Arrivals != ever.Offered()+uint64(waiting) {
			t.Fatal("a visit was lost between arrival and end")
		}
		minutes := f.Minutes("", 120, now)
		var arrivals, gone uint64
		for _, m := range minutes {
			arrivals += m.Arrivals
			gone += m.Offered()
			if m.Waiting < 0 {
				t.Fatal("fewer than none wait")
			}
		}
		before := minutes[0].Waiting - int(minutes[0].Arrivals) + int(minutes[0].Offered())
		if before+int(arrivals)-int(gone) != waiting {
			t.Fatal("the minutes lose a caller")
		}
		for _, name := range f.Agents() {
			a := f.Agent(name, now).Ever
			if a.SignedIn() != signedIn(records, name, now) {
				t.Fatalf("%s was signed in %s, not %s", name, a.SignedIn(), signedIn(records, name, now))
			}
		}
	})
}

// signedIn adds the plain way.
func signedIn(records []fact.Record, name string, now time.Time) (sum time.Duration) {
	var in time.Time
	for _, r := range records {
		for _, x := range r.Facts {
			switch x := x.(type) {
			case fact.AgentSignedIn:
				if x.Agent == name {
					in = r.At
				}
			case fact.AgentSignedOut:
				if x.Agent == name {
					sum, in = sum+r.At.Sub(in), time.Time{}
				}
			}
		}
	}
	if !in.IsZero() {
		sum += now.Sub(in)
	}
	return sum
}

func TestCheckpointAndTailEqualTheWhole(t *testing.T) {
	loc := shanghai(t)
	rapid.Check(t, func(t *rapid.T) {
		records, _ := history(t)
		whole, err := json.Marshal(foldOf(loc, records))
		if err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, len(records)).Draw(t, "cut")
		b, err := json.Marshal(foldOf(loc, records[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		resumed := New(loc)
		if err := json.Unmarshal(b, resumed); err != nil {
			t.Fatal(err)
		}
		for _, r := range records[rapid.IntRange(0, cut).Draw(t, "from"):] { // the tail may overlap
			resumed.Apply(r)
		}
		b, err = json.Marshal(resumed)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(whole), string(b)); d != "" {
			t.Fatal(d)
		}
	})
}
