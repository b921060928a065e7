package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/fact"
	"hotline/floor"
	"hotline/ivr"
	"hotline/journal"
	"hotline/report"
)

// BenchmarkACallsLife is what the loop does for a call from its arrival to its end, without Asterisk: each step decided,
// appended to the journal before the next, and counted. One call after the other, so that no two share a write.
func BenchmarkACallsLife(b *testing.B) {
	for _, sync := range []journal.Fsync{journal.FsyncNever, journal.FsyncAlways} {
		b.Run("fsync "+string(sync), func(b *testing.B) {
			l := newLoop(b, sync, 100)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				l.call(fmt.Sprintf("c%d", i))
			}
			b.ReportMetric(float64(l.steps)/b.Elapsed().Seconds(), "steps/s")
			b.ReportMetric(float64(l.steps)/float64(b.N), "steps/call")
		})
	}
}

// loop is centre's, as far as it is computing and the journal's file.
type loop struct {
	b     *testing.B
	f     *floor.Floor
	j     *journal.Journal
	fold  *report.Fold
	now   time.Time
	steps int
}

func newLoop(b *testing.B, sync journal.Fsync, agents int) *loop {
	b.Helper()
	book, problems := ivr.NewBook([]ivr.Flow{{Name: "straight", Start: "q", Nodes: map[string]ivr.Node{"q": {Do: &ivr.Queue{Queue: "bench"}}}}}, ivr.Centre{
		Languages: []string{"en"}, Zone: time.UTC, Queues: map[string]ivr.Text{"bench": {"en": "Bench"}}, Lines: map[string]ivr.Line{"1": {Flow: "straight"}},
	})
	require.Empty(b, problems)
	cfg := &floor.Config{
		Hash: "bench", Zone: time.UTC, Lang: "en", Book: book, Lines: map[string]floor.Line{"1": {Flow: "straight", Lang: "en"}}, Rules: floor.DefaultRules(),
		Queues: []acd.Queue{{ID: "bench", Needs: map[string]int{"any": 1}, WrapUp: acd.WrapUpRule{None: true}, Recording: acd.Recording{Off: true}, Offer: acd.OfferRule{Auto: true}}},
	}
	for i := range agents {
		cfg.Agents = append(cfg.Agents, acd.Agent{ID: fmt.Sprintf("a%d", i), Skills: map[string]int{"any": 5}, Queues: []acd.Membership{{Queue: "bench"}}})
	}
	j, _, err := journal.Open(b.TempDir(), journal.Options{Fsync: sync})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, j.Close()) })
	l := &loop{b: b, f: floor.New(cfg), j: j, fold: report.New(time.UTC), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	for _, a := range cfg.Agents {
		l.step(floor.Desk{Agent: a.ID, Up: true})
		l.step(floor.Media{Agent: a.ID, Up: true})
		l.step(floor.LegUp{Agent: a.ID, Node: "a", Leg: "leg-" + a.ID, Addr: "127.0.0.1:4000"})
		l.step(floor.Command{Agent: a.ID, Do: "ready"})
	}
	l.steps = 0
	return l
}

// step is one turn of the loop.
func (l *loop) step(in floor.Input) {
	l.now = l.now.Add(time.Millisecond)
	l.steps++
	rec, err := l.f.Step(l.now, in)
	if err != nil {
		l.b.Fatal(err)
	}
	if len(rec.Facts) > 0 {
		if err := l.j.AppendBatch(l.b.Context(), []fact.Record{rec}); err != nil {
			l.b.Fatal(err)
		}
		l.fold.Apply(rec)
	}
	l.f.Changed()
}

// call is a caller who comes, is taken at once, talks, and is let go by the agent.
func (l *loop) call(id string) {
	l.step(floor.Arrived{Channel: id, Node: "a", Line: "1", Via: "sip", Caller: fact.Party{Number: "+8613800138000"}})
	l.step(floor.Answered{Call: id})
	c := l.f.Call(id)
	agent := c.Agent()
	l.step(floor.Joined{Call: id, Offer: c.Visit.Accepted().ID})
	l.step(floor.Command{Agent: agent, Do: "end", Call: id})
	l.step(floor.Gone{Call: id, Cause: 16})
	if l.f.Call(id) != nil {
		l.b.Fatalf("call %s has not ended", id)
	}
}
