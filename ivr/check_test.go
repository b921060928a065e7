package ivr

import (
	"strings"
	"testing"
	"time"
)

// TestMistakesInFlowsAreFound makes one mistake at a time in a flow that is right.
func TestMistakesInFlowsAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(f *Flow, c *Centre)
		want  string // the place and the reason
	}{
		"start that is not there": {func(f *Flow, _ *Centre) { f.Start = "ours" }, `flows.main.start: there is no node "ours"`},
		"no start":                {func(f *Flow, _ *Centre) { f.Start = "" }, "the flow has no start"},
		"key leads nowhere": {
			func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Keys["3"] = "cse" },
			`flows.main.nodes.menu.keys.3: there is no node "cse"`,
		},
		"no key of a telephone": {
			func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Keys["A"] = "case" },
			`keys.A: "A" is no key of a telephone`,
		},
		"menu without keys": {func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Keys = nil }, "the menu has no keys"},
		"menu without an end": {
			func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Otherwise = "" },
			"flows.main.nodes.menu: the way otherwise is missing",
		},
		"too many tries": {func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Tries = 99 }, "menu.tries: 99 tries"},
		"too long a wait": {
			func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Wait = time.Hour },
			"menu.wait: 1h0m0s is too short or too long",
		},
		"queue that is not there": {
			func(f *Flow, _ *Centre) { f.Nodes["complaint"].Do.(*Queue).Queue = "complain" },
			`flows.main.nodes.complaint.queue: there is no queue "complain"`,
		},
		"hours that are not there": {
			func(f *Flow, _ *Centre) { f.Nodes["hours"].Do.(*Switch).Switch = "hours.offce" },
			`there is no hours "offce"`,
		},
		"switch on nothing known": {
			func(f *Flow, _ *Centre) {
				f.Nodes["hours"] = Node{Do: &Switch{Switch: "weather", Cases: map[string]To{"rain": "night", "sun": "greeting"}, Otherwise: "holiday"}}
			}, `there is no switch "weather"`,
		},
		"line that is not there": {
			func(f *Flow, _ *Centre) {
				f.Nodes["hours"] = Node{Do: &Switch{Switch: "line", Cases: map[string]To{"911": "night", "12345": "greeting"}, Otherwise: "holiday"}}
			}, `cases.911: there is no line "911"`,
		},
		"language nobody speaks": {
			func(f *Flow, _ *Centre) { f.Nodes["en"].Do.(*Language).Language = "fr" },
			`flows.main.nodes.en.language: there is no language "fr"`,
		},
		"text missing in a language": {
			func(f *Flow, _ *Centre) { f.Nodes["bye"].Do.(*Hangup).Hangup = Text{"zh": "再见"} },
			"bye.hangup: the text is missing in en",
		},
		"text in a language nobody speaks": {
			func(f *Flow, _ *Centre) { f.Nodes["bye"].Do.(*Hangup).Hangup["fr"] = "Adieu" },
			`bye.hangup.fr: there is no language "fr"`,
		},
		"empty text": {func(f *Flow, _ *Centre) { f.Nodes["bye"].Do.(*Hangup).Hangup["en"] = " " }, "the text is empty"},
		"nothing said": {
			func(f *Flow, _ *Centre) { f.Nodes["greeting"].Do.(*Say).Say = nil },
			"greeting.say: nothing is said here",
		},
		"variable nobody sets": {
			func(f *Flow, _ *Centre) { f.Nodes["missing"].Do.(*Say).Say["en"] = "No $nummer" },
			`there is no variable "nummer"`,
		},
		"secret said": {
			func(f *Flow, _ *Centre) { f.Nodes["missing"].Do.(*Say).Say["en"] = "You said $card" },
			"$card is secret and must not be said",
		},
		"secret looked up": {
			func(f *Flow, _ *Centre) { f.Nodes["tell"].Do.(*Lookup).Number = "$card" },
			"$card is secret and would be journalled",
		},
		"lookup of nothing": {
			func(f *Flow, _ *Centre) { f.Nodes["tell"].Do.(*Lookup).Number = "number" },
			`"number" is not one variable`,
		},
		"lookup nobody knows": {
			func(f *Flow, _ *Centre) { f.Nodes["tell"].Do.(*Lookup).Lookup = "weather" },
			`there is no lookup "weather"`,
		},
		"number without a length": {
			func(f *Flow, _ *Centre) { f.Nodes["case"].Do.(*Collect).Digits = Range{} },
			"how many digits is missing",
		},
		"number without a name": {func(f *Flow, _ *Centre) { f.Nodes["card"].Do.(*Collect).Into = "My Card" }, "is no name of a variable"},
		"number ended by a digit": {
			func(f *Flow, _ *Centre) { f.Nodes["case"].Do.(*Collect).End = "5" },
			`case.end: "5" cannot end a number`,
		},
		"node nobody comes to": {
			func(f *Flow, _ *Centre) { f.Nodes["attic"] = Node{Do: &Hangup{}} },
			"flows.main.nodes.attic: no way leads to this node",
		},
		"node that does nothing": {
			func(f *Flow, _ *Centre) { f.Nodes["bye"] = Node{} },
			"flows.main.nodes.bye: the node does nothing",
		},
		"flow that is not there": {
			func(f *Flow, _ *Centre) { f.Nodes["night"] = Node{Do: &Jump{To: "nigth"}} },
			`flows.main.nodes.night.flow: there is no flow "nigth"`,
		},
		"word for a refusal": {
			func(f *Flow, _ *Centre) { f.Nodes["night"] = Node{Do: &Refuse{Refuse: "rude"}} },
			`there is no refusal "rude"`,
		},
		"refusal after words": {
			func(f *Flow, _ *Centre) { f.Nodes["bye"] = Node{Do: &Refuse{Refuse: "busy"}} },
			"flows.main.nodes.bye: the call was already answered",
		},
		"say that says itself": {
			func(f *Flow, _ *Centre) { f.Nodes["law"].Do.(*Say).Go = "law" },
			"goes round for ever: law → law",
		},
		"silence that goes round": {
			func(f *Flow, _ *Centre) { f.Nodes["menu"].Do.(*Menu).Otherwise = "language" },
			"a caller who presses nothing goes round for ever",
		},
		"flow that jumps to itself": {
			func(f *Flow, _ *Centre) { f.Nodes["night"] = Node{Do: &Jump{To: "main"}} },
			"goes round for ever",
		},
		"message queue": {
			func(f *Flow, _ *Centre) { f.Nodes["night"].Do.(*Message).Queue = "nobody" },
			`night.queue: there is no queue "nobody"`,
		},
		"phrase nobody says": {
			func(_ *Flow, c *Centre) { c.Phrases = map[string]Text{"invald": both("a", "b")} },
			`phrases.invald: there is no phrase "invald"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, ctr := flows(), centre()
			c.spoil(&f[0], &ctr)
			b, problems := NewBook(f, ctr)
			if b != nil {
				t.Fatal("the mistake was not found")
			}
			for _, p := range problems {
				if strings.Contains(p.String(), c.want) {
					return
				}
			}
			t.Fatalf("want %q, got %v", c.want, problems)
		})
	}
}

func TestCallCanBeRefusedBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	f := flows()
	f[0].Nodes["night"] = Node{Do: &Refuse{Refuse: "busy"}}
	b, problems := NewBook(f, centre())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	_, turn, err := b.Begin("main", "", Env{Now: monday, Line: "12346"})
	if err != nil || turn.Exit == nil || turn.Exit.Hangup == nil || turn.Exit.Hangup.Refuse != "busy" || len(turn.Say) > 0 {
		t.Fatalf("%+v, %v", turn, err)
	}
}

func TestTwoFlowsOfOneNameAreFound(t *testing.T) {
	t.Parallel()
	if b, problems := NewBook(append(flows(), flows()...), centre()); b != nil || !strings.Contains(problems[0].String(), "two flows of this name") {
		t.Fatal(problems)
	}
}

func TestHouseOfOneLanguageNeedsWordsInNoOther(t *testing.T) {
	t.Parallel()
	hello := func(lang string) []Flow {
		return []Flow{{Name: "main", Start: "a", Nodes: map[string]Node{"a": {Do: &Hangup{Hangup: Text{lang: "…!"}}}}}}
	}
	ctr := centre()
	ctr.Languages = []string{"zh"}
	if _, problems := NewBook(hello("zh"), ctr); len(problems) > 0 {
		t.Fatal(problems)
	}
	ctr.Languages = []string{"fr"}
	_, problems := NewBook(hello("fr"), ctr)
	if len(problems) != len(DefaultPhrases) || problems[0].Place != "phrases.invalid" {
		t.Fatal("nobody wrote the house's phrases in French, and nobody noticed:", problems)
	}
}

func TestCountsOfDigitsAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"6": "6", "6-12": "6-12", "6 - 12": "6-12", "12-6": "", "0": "", "x": "", "1-33": "", "": ""} {
		var r Range
		err := r.UnmarshalText([]byte(text))
		if (err != nil) != (want == "") || err == nil && r.String() != want {
			t.Errorf("%q: %v, %v", text, r, err)
		}
	}
}
