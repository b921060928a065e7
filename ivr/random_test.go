package ivr

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hotline/fact"
)

// randomFlow draws a flow whose silent ways lead to later nodes only, as checked flows have it; keys may lead anywhere.
func randomFlow(t *rapid.T) Flow {
	n := rapid.IntRange(2, 14).Draw(t, "nodes")
	name := func(i int) To { return To(fmt.Sprintf("n%02d", i)) }
	f := Flow{Name: "main", Start: name(0), Nodes: map[string]Node{}, Anywhere: map[string]To{}}
	for i := range n {
		later := func(what string) To { return name(rapid.IntRange(i+1, n).Draw(t, what)) }
		anyNode := func(what string) To { return name(rapid.IntRange(0, n).Draw(t, what)) }
		asking := func() Asking {
			a := Asking{Otherwise: later("otherwise"), Tries: rapid.IntRange(0, 4).Draw(t, "tries")}
			if rapid.Bool().Draw(t, "has silence") {
				a.Silence = later("silence")
			}
			return a
		}
		var do Do
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0:
			do = &Switch{Switch: "hours.office", Open: later("open"), Closed: later("closed")}
		case 1:
			do = &Switch{Switch: "language", Cases: map[string]To{"en": later("en")}, Otherwise: later("otherwise")}
		case 2:
			do = &Language{Language: rapid.SampledFrom([]string{"zh", "en"}).Draw(t, "lang"), Go: later("go")}
		case 3:
			do = &Say{Say: both("说", "say $x0 ${opens}"), MustHear: rapid.Bool().Draw(t, "must hear"), Go: later("go")}
		case 4, 5:
			keys := map[string]To{}
			for _, k := range rapid.SliceOfN(rapid.SampledFrom([]string{"0", "1", "2", "*", "#"}), 1, 4).Draw(t, "keys") {
				keys[k] = anyNode("key")
			}
			do = &Menu{Menu: both("选", "choose"), Keys: keys, Asking: asking()}
		case 6:
			lo := rapid.IntRange(1, 4).Draw(t, "min")
			do = &Collect{
				Collect: both("输", "enter"), Digits: Range{lo, lo + rapid.IntRange(0, 4).Draw(t, "more")}, Into: "x0",
				Go: anyNode("go"), End: rapid.SampledFrom([]string{"", "#", "*"}).Draw(t, "end"), Asking: asking(),
			}
		case 7:
			do = &Lookup{Lookup: "ticket", Number: "$x0", Found: later("found"), Missing: later("missing"), Failed: later("failed")}
		case 8:
			do = &Queue{Queue: "consult"}
		}
		f.Nodes[string(name(i))] = Node{Do: do}
	}
	f.Nodes[string(name(n))] = Node{Do: &Hangup{Hangup: both("再见", "bye")}}
	// Something collects $x0, and something leads to every node that nothing else leads to.
	keys := map[string]To{"9": "collect"}
	f.Nodes["collect"] = Node{Do: &Collect{Collect: both("输", "enter"), Digits: Range{1, 2}, Into: "x0", Go: f.Start, Asking: Asking{Otherwise: name(n)}}}
	f.Anywhere["0"] = "index"
	if rapid.Bool().Draw(t, "star anywhere") {
		f.Anywhere["*"] = name(n)
	}
	for i := range n + 1 {
		if i%8 == 0 && i > 0 {
			next := fmt.Sprintf("index%d", i)
			f.Nodes[next] = Node{Do: &Menu{Menu: both("选", "choose"), Keys: map[string]To{"1": name(i)}, Asking: Asking{Otherwise: name(n)}}}
			keys = f.Nodes[next].Do.(*Menu).Keys
			f.Anywhere[fmt.Sprint(3+i/8)] = To(next)
		}
		keys[fmt.Sprint(1+i%8)] = name(i)
	}
	f.Nodes["index"] = Node{Do: &Menu{Menu: both("选", "choose"), Keys: map[string]To{"9": "collect", "1": name(0)}, Asking: Asking{Otherwise: name(n)}}}
	first := f.Nodes["index"].Do.(*Menu).Keys
	for i := range min(n+1, 8) {
		first[fmt.Sprint(1+i)] = name(i)
	}
	return f
}

func TestAnyCallerInAnyFlowAlwaysStandsSomewhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, problems := NewBook([]Flow{randomFlow(t)}, centre())
		if len(problems) > 0 {
			t.Fatalf("the flow should be right: %v", problems)
		}
		env := Env{Now: monday.Add(time.Duration(rapid.IntRange(0, 10000).Draw(t, "minutes")) * time.Minute), Line: "12345"}
		s, turn, err := b.Begin("main", rapid.SampledFrom([]string{"", "zh", "en"}).Draw(t, "language"), env)
		if err != nil {
			t.Fatal(err)
		}
		stands(t, s, turn)
		for range rapid.IntRange(0, 40).Draw(t, "inputs") {
			in := Input{
				Kind: rapid.SampledFrom([]InputKind{Key, Key, Key, Silence, Spoken, Found, Missing, LookupFailed, "nonsense"}).Draw(t, "kind"),
				Key:  rapid.SampledFrom([]string{"0", "1", "2", "3", "9", "*", "#", "", "A", "12", "一"}).Draw(t, "key"),
				Vars: map[string]string{"ticket.spoken": "ok $x0 ${opens}"},
			}
			next, after, err := b.Step(s, turn, in, env)
			if errors.Is(err, ErrIgnored) {
				if !reflect.DeepEqual(s, next) || !reflect.DeepEqual(turn, after) {
					t.Fatalf("an ignored input changed something: %+v, %+v", next, after)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%+v: %v", in, err)
			}
			s, turn = next, after
			stands(t, s, turn)
		}
		// Whoever falls silent now comes to an end.
		for range 500 {
			switch {
			case turn.Exit != nil:
				return
			case turn.Lookup != nil:
				s, turn, err = b.Step(s, turn, Input{Kind: Missing}, env)
			case turn.Wait > 0:
				s, turn, err = b.Step(s, turn, Input{Kind: Silence}, env)
			default:
				s, turn, err = b.Step(s, turn, Input{Kind: Spoken}, env)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		t.Fatalf("a silent caller never leaves the flow: %+v", s)
	})
}

// stands checks that exactly one thing drives what comes next.
func stands(t *rapid.T, s fact.Session, turn fact.Turn) {
	drives := 0
	if turn.Exit != nil {
		drives++
	}
	if turn.Lookup != nil {
		drives++
		if len(turn.Say) > 0 {
			t.Fatalf("says and looks up at once: %+v", turn)
		}
	}
	if turn.Exit == nil && turn.Lookup == nil && (len(turn.Say) > 0 || turn.Wait > 0) {
		drives++
	}
	if drives != 1 {
		t.Fatalf("%d things drive %+v", drives, turn)
	}
	if turn.Wait > 0 && !turn.Barge {
		t.Fatalf("waits for keys and does not take them: %+v", turn)
	}
	for _, p := range turn.Say {
		if p.Text == "" || p.Lang == "" {
			t.Fatalf("a phrase without words or language: %+v", p)
		}
	}
	if len(s.Path) == 0 || len(s.Path) > longestPath {
		t.Fatalf("path of %d", len(s.Path))
	}
}
