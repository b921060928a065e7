package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/configs"
	"hotline/fact"
	"hotline/ivr"
)

func sample(t *testing.T) *Config {
	t.Helper()
	c, err := LoadFS(configs.Files, "hotline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSampleCentreIsRight(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if !Check("../../configs/hotline.yaml", &out) {
		t.Fatal(out.String())
	}
	c := sample(t)
	if got := c.ACDAgents(); len(got) != 8 || got[0].ID != "lina" {
		t.Fatalf("agents %v", got)
	}
	if got := c.ACDQueues(); len(got) != 3 || got[0].ID != "consult" || got[0].ServiceLevel.Within != 20*time.Second {
		t.Fatalf("queues %v", got)
	}
	if got := c.Reasons(); len(got) != 4 || got[0] != "break" {
		t.Fatalf("reasons %v", got)
	}
}

func TestWhoWouldServeWithTheDemosCustomersIsTold(t *testing.T) {
	t.Parallel()
	places := func(c *Config) (all []string) {
		for _, m := range c.ForServe() {
			all = append(all, m.Place)
		}
		return all
	}
	c := sample(t)
	if got := places(c); !slices.Contains(got, "callback.trunk") {
		t.Fatalf("told of %v only", got)
	}
	for _, trunk := range []string{"carrier", ""} {
		c.Callback.Trunk = trunk
		if got := places(c); slices.Contains(got, "callback.trunk") {
			t.Fatalf("%q is no customer of the demo's", trunk)
		}
	}
}

func TestWhoseCallersWouldHearEnglishIsTold(t *testing.T) {
	t.Parallel()
	c := sample(t)
	if got := c.Foreign(); len(got) > 0 {
		t.Fatalf("the house has all its words in Chinese and English, and lacks %v", got)
	}
	c.Centre.Languages, c.Callback.Trunk = []string{"de", "en"}, ""
	c.Phrases = map[string]ivr.Text{"place": {"de": "Sie sind der $place. Anrufer.", "en": "You are number $place."}, "thank-you": {"": "Danke."}}
	got := c.Foreign()
	if len(got) != 1 || !slices.Contains(got["de"], "please-wait") {
		t.Fatalf("told of %v", got)
	}
	for _, name := range []string{"place", "thank-you", "callback-keys"} {
		if slices.Contains(got["de"], name) {
			t.Errorf("%s is told, and is there, or never said", name)
		}
	}
}

// dial calls a line of the sample and presses keys; - is silence.
func dial(t *testing.T, line string, at time.Time, keys string) (fact.Session, fact.Turn) {
	t.Helper()
	c := sample(t)
	env := ivr.Env{Now: at.In(c.Zone), Line: line}
	s, turn, err := c.Book.Begin(c.Lines[line].Flow, c.Lines[line].Language, env)
	for _, k := range keys {
		if err != nil {
			break
		}
		in := ivr.Input{Kind: ivr.Key, Key: string(k)}
		if k == '-' {
			in = ivr.Input{Kind: ivr.Silence}
		}
		s, turn, err = c.Book.Step(s, turn, in, env)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s, turn
}

func TestCallersOfTheSampleCentreGetWhereTheyWant(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*3600)
	work := time.Date(2026, time.November, 23, 10, 0, 0, 0, shanghai)
	night := time.Date(2026, time.November, 23, 22, 0, 0, 0, shanghai)
	holiday := time.Date(2026, time.October, 1, 10, 0, 0, 0, shanghai)
	for name, c := range map[string]struct {
		line, keys string
		at         time.Time
		queue      string // or "message"
	}{
		"a question":              {"12345", "11", work, "consult"},
		"a complaint":             {"12345", "12", work, "complaint"},
		"a person":                {"12345", "10", work, "consult"},
		"a person at once":        {"12345", "0", work, "consult"},
		"a person, not a number":  {"12345", "130-", work, "consult"},
		"nothing pressed at all":  {"12345", "---", work, "consult"},
		"nonsense pressed":        {"12345", "199", work, "consult"},
		"English, a question":     {"12345", "21", work, "english"},
		"English, a complaint":    {"12345", "22", work, "english"},
		"English, a person":       {"12345", "20", work, "english"},
		"at night":                {"12345", "", night, "message"},
		"on a holiday":            {"12345", "", holiday, "message"},
		"the closed line by day":  {"12346", "", work, "message"},
		"the open line at night":  {"12347", "12", night, "complaint"},
		"the open line, holidays": {"12347", "11", holiday, "consult"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, turn := dial(t, c.line, c.at, c.keys)
			switch {
			case turn.Exit == nil:
				t.Fatalf("still in the flow: %+v", turn)
			case turn.Exit.Queue != nil && turn.Exit.Queue.Queue != c.queue,
				turn.Exit.Message != nil && c.queue != "message", turn.Exit.Hangup != nil:
				t.Fatalf("%+v", turn.Exit)
			case turn.Exit.Message != nil && (len(turn.Say) != 2 || turn.Exit.Message.Limit != 2*time.Minute || turn.Exit.Message.Category != "complaint"):
				t.Fatalf("%+v", turn)
			}
		})
	}
}

func TestResultOfAComplaintIsLookedUpByItsNumber(t *testing.T) {
	t.Parallel()
	s, turn := dial(t, "12347", time.Now(), "13202611210042#")
	if turn.Lookup == nil || turn.Lookup.Kind != "ticket" || turn.Lookup.Args["number"] != "202611210042" || turn.Lookup.Args["lang"] != "zh" {
		t.Fatalf("%+v", turn)
	}
	var labels []string
	for _, p := range s.Path {
		if p.Label != "" {
			labels = append(labels, p.Key+" "+p.Label)
		}
	}
	if got := strings.Join(labels, ", "); got != "1 中文, 3 查询办理结果" {
		t.Fatal(got)
	}
}

func TestOnlyWhatIsReadAtStartHindersAReload(t *testing.T) {
	t.Parallel()
	old, changed := sample(t), sample(t)
	changed.Agents["zhoujie"] = Agent{Name: ivr.Text{"": "Zhou"}, Skills: map[string]int{"consult": 3}}
	if errs := Reloadable(old, changed); len(errs) > 0 {
		t.Fatal(errs)
	}
	changed.HTTP.Listen = "127.0.0.1:9"
	changed.PBX = []Node{{Name: "a", Password: NewSecret("x")}}
	if errs := Reloadable(old, changed); len(errs) != 2 || errs[0].Place != "pbx" {
		t.Fatal(errs)
	}
}
