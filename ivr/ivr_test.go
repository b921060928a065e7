package ivr

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/calendar"
	"hotline/fact"
)

var shanghai = time.FixedZone("CST", 8*60*60)

// centre is open on weekdays from 9 to 17, and has a holiday on 1 October.
func centre() Centre {
	office := &calendar.Hours{Zone: shanghai, Days: map[calendar.Date]calendar.Day{
		{Year: 2026, Month: time.October, Day: 1}: {Name: map[string]string{"zh": "国庆节", "en": "National Day"}},
	}}
	for d := time.Monday; d <= time.Friday; d++ {
		office.Week[d] = []calendar.Span{{From: 9 * 60, To: 17 * 60}}
	}
	return Centre{
		Languages:    []string{"zh", "en"},
		Zone:         shanghai,
		Queues:       map[string]Text{"consult": {"zh": "咨询", "en": "Questions"}, "complaint": {"zh": "投诉", "en": "Complaints"}},
		Hours:        map[string]*calendar.Hours{"office": office},
		Lines:        map[string]Line{"12345": {Flow: "main"}, "12346": {Flow: "main", Open: "never"}, "12347": {Flow: "main", Open: "always"}},
		MessageLimit: 2 * time.Minute, MessageSilence: 5 * time.Second,
	}
}

func both(zh, en string) Text { return Text{"zh": zh, "en": en} }

func node(do Do) Node { return Node{Do: do} }

// flows are a small hotline with every kind of node.
func flows() []Flow {
	return []Flow{{
		Name: "main", Title: both("主流程", "Main"), Start: "hours",
		Anywhere: map[string]To{"0": "consult"},
		Nodes: map[string]Node{
			"hours":    node(&Switch{Switch: "hours.office", Open: "greeting", Closed: "night", Holiday: "holiday"}),
			"greeting": node(&Say{Say: both("您好", "Welcome"), Go: "language"}),
			"language": node(&Menu{
				Menu: both("中文请按一", "For English press 2"), Keys: map[string]To{"1": "zh", "2": "en"},
				Asking: Asking{Silence: "zh"},
			}),
			"zh": node(&Language{Language: "zh", Go: "menu"}),
			"en": node(&Language{Language: "en", Go: "menu"}),
			"menu": node(&Menu{
				Menu: both("请选择", "Choose"), Keys: map[string]To{"1": "consult", "2": "complaint", "3": "case", "4": "card", "5": "law"},
				Asking: Asking{Tries: 2, Otherwise: "consult", Wait: 5 * time.Second},
			}),
			"consult":   node(&Queue{Queue: "consult"}),
			"complaint": node(&Queue{Queue: "complaint", Priority: 5, Say: both("正在转接", "One moment")}),
			"case": {Label: both("查询", "My case"), Do: &Collect{
				Collect: both("请输入工单号", "Enter your number"), Digits: Range{4, 6}, Into: "number", Go: "tell",
				Asking: Asking{Otherwise: "consult", Wait: 8 * time.Second},
			}},
			"tell":    node(&Lookup{Lookup: "ticket", Number: "$number", Found: "found", Missing: "missing", Failed: "failed"}),
			"found":   node(&Say{Say: Text{"": "${ticket.spoken}"}, Go: "bye"}),
			"missing": node(&Say{Say: both("没有$number", "There is no $number."), Go: "menu"}),
			"failed":  node(&Say{Say: both("无法查询", "We cannot tell."), Go: "bye"}),
			"card": node(&Collect{
				Collect: both("请输入卡号", "Enter your card"), Digits: Range{4, 4}, Into: "card", Secret: true, Go: "bye",
				Asking: Asking{Otherwise: "bye"},
			}),
			"law":     node(&Say{Say: both("本通话将被录音", "This call is recorded"), MustHear: true, Go: "consult"}),
			"bye":     node(&Hangup{Hangup: both("再见", "Goodbye")}),
			"night":   node(&Message{Message: both("我们${opens}上班", "We are back ${opens}"), Ticket: "complaint"}),
			"holiday": node(&Message{Message: both("今天是${holiday}", "Today is ${holiday}"), Limit: time.Minute, Silence: 3 * time.Second}),
		},
	}}
}

func book(t *testing.T) *Book {
	t.Helper()
	b, problems := NewBook(flows(), centre())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return b
}

// monday is a working day at ten.
var monday = time.Date(2026, time.September, 28, 10, 0, 0, 0, shanghai)

// caller walks through a book.
type caller struct {
	t   *testing.T
	b   *Book
	s   fact.Session
	now fact.Turn
	env Env
}

func call(t *testing.T, line string, at time.Time) *caller {
	t.Helper()
	c := &caller{t: t, b: book(t), env: Env{Now: at, Line: line}}
	flow, ok := c.b.Line(line)
	if !ok {
		t.Fatal("no line", line)
	}
	var err error
	if c.s, c.now, err = c.b.Begin(flow, "", c.env); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *caller) does(inputs ...Input) *caller {
	c.t.Helper()
	for _, in := range inputs {
		var err error
		if c.s, c.now, err = c.b.Step(c.s, c.now, in, c.env); err != nil {
			c.t.Fatalf("%+v: %v", in, err)
		}
	}
	return c
}

// presses keys one by one; "-" is silence, "." the end of what is said.
func (c *caller) presses(keys string) *caller {
	c.t.Helper()
	for _, k := range keys {
		switch k {
		case '-':
			c.does(Input{Kind: Silence})
		case '.':
			c.does(Input{Kind: Spoken})
		default:
			c.does(Input{Kind: Key, Key: string(k)})
		}
	}
	return c
}

// hears is what the turn says, one phrase after the other.
func (c *caller) hears() string {
	var all []string
	for _, p := range c.now.Say {
		all = append(all, p.Lang+":"+p.Text)
	}
	return strings.Join(all, " ")
}

func (c *caller) want(hears string) *caller {
	c.t.Helper()
	if got := c.hears(); got != hears {
		c.t.Fatalf("heard %q, want %q", got, hears)
	}
	return c
}

func (c *caller) queue(name string) *caller {
	c.t.Helper()
	if c.now.Exit == nil || c.now.Exit.Queue == nil || c.now.Exit.Queue.Queue != name {
		c.t.Fatalf("not in queue %s: %+v", name, c.now)
	}
	return c
}

func TestEverythingIsSaidInEachLanguageUntilOneIsChosen(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday)
	c.want("zh:您好 en:Welcome zh:中文请按一 en:For English press 2")
	if !c.now.Barge || c.now.Wait != DefaultWait {
		t.Fatalf("%+v", c.now)
	}
	c.presses("2").want("en:Choose")
	if c.now.Wait != 5*time.Second {
		t.Fatal(c.now.Wait)
	}
}

func TestSilentCallerGetsTheFirstLanguageAndThenAPerson(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("-").want("zh:请选择")
	c.presses("-").want("zh:对不起，没有收到您的按键。 zh:请选择")
	c.presses("-").queue("consult")
}

func TestKeyThatTheMenuLacksIsAnsweredPolitely(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("29").want("en:Sorry, that is not one of the choices. en:Choose")
	if c.now.Say[0].File != "ivr.invalid" || c.now.Say[1].File != "main.menu" {
		t.Fatalf("recordings could not replace %+v", c.now.Say)
	}
	c.presses("#").queue("consult")
}

func TestTriesBeginAnewInTheNextMenu(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("298")
	c.queue("consult")
	c = call(t, "12345", monday).presses("29").presses("3")
	if c.s.Tries != 0 {
		t.Fatal(c.s.Tries)
	}
}

func TestZeroReachesAPersonFromAnywhere(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]string{
		"while the greeting plays": "0",
		"in the menu":              "20",
		"instead of a number":      "230-",
		"instead of a number, #":   "230#",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call(t, "12345", monday).presses(keys).queue("consult")
		})
	}
}

func TestZeroInsideANumberIsADigit(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("230012#")
	if c.now.Lookup == nil || c.now.Lookup.Args["number"] != "0012" {
		t.Fatalf("%+v", c.now)
	}
}

func TestNumberEndsByKeyByLengthOrBySilence(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"231234#", "23123456", "231234-"} {
		c := call(t, "12345", monday).presses(keys)
		if c.now.Lookup == nil || c.now.Lookup.Kind != "ticket" || c.now.Lookup.Args["lang"] != "en" {
			t.Fatalf("%s: %+v", keys, c.now)
		}
	}
	c := call(t, "12345", monday).presses("2312")
	if len(c.now.Say) != 0 || c.now.Wait != BetweenKeys || !c.now.Barge {
		t.Fatalf("between the digits: %+v", c.now)
	}
	c.presses("#").want("en:Sorry, that number is not complete. en:Enter your number")
	c.presses("5678#")
	if got := c.now.Lookup.Args["number"]; got != "5678" {
		t.Fatal(got)
	}
	c = call(t, "12345", monday).presses("2312*").want("en:Enter your number").presses("5678#")
	if got := c.now.Lookup.Args["number"]; got != "5678" {
		t.Fatal("* did not begin again:", got)
	}
}

func TestEndOfThePromptDoesNotAnswerTheQuestion(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"", "2", "23", "2312", "231234#"} {
		c := call(t, "12345", monday).presses(keys)
		if _, _, err := c.b.Step(c.s, c.now, Input{Kind: Spoken}, c.env); !errors.Is(err, ErrIgnored) {
			t.Fatalf("after %q: %v", keys, err)
		}
	}
}

func TestLookupAnswersAreSaidAndNumbersSpelled(t *testing.T) {
	t.Parallel()
	asked := func() *caller { return call(t, "12345", monday).presses("231234#") }
	asked().does(Input{Kind: Found, Vars: map[string]string{"ticket.spoken": "It is being worked on."}}).
		want("en:It is being worked on. en:Goodbye")
	asked().does(Input{Kind: Missing}).want("en:There is no 1 2 3 4. en:Choose")
	c := asked().does(Input{Kind: LookupFailed}).want("en:We cannot tell. en:Goodbye")
	if c.now.Exit == nil || c.now.Exit.Hangup == nil {
		t.Fatalf("%+v", c.now)
	}
	if _, _, err := c.b.Step(c.s, c.now, Input{Kind: Key, Key: "1"}, c.env); !errors.Is(err, ErrIgnored) {
		t.Fatal("a key changed an exit:", err)
	}
}

func TestWhatMustBeHeardIsNotSkipped(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("25").want("en:This call is recorded")
	for _, in := range []Input{{Kind: Key, Key: "0"}, {Kind: Silence}, {Kind: Found}, {Kind: "levitated"}} {
		if _, _, err := c.b.Step(c.s, c.now, in, c.env); !errors.Is(err, ErrIgnored) {
			t.Fatalf("%+v: %v", in, err)
		}
	}
	c.presses(".").queue("consult")
}

func TestSecretDigitsAreNotKept(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("24")
	if !c.b.Secret(c.s) {
		t.Fatal("not secret")
	}
	c.presses("98")
	if c.s.Digits != "**" || c.s.Hidden[""] != "98" {
		t.Fatalf("%+v", c.s)
	}
	c.presses("76")
	if c.s.Vars["card"] != "****" || c.s.Hidden["card"] != "9876" || strings.Contains(c.s.Path[len(c.s.Path)-2].Key, "9") {
		t.Fatalf("%+v", c.s)
	}
}

func TestSecretDigitsLostInARestartAreAskedForAgain(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("2498")
	c.s.Hidden = nil // what the journal brings back
	c.presses("76").want("en:Enter your card")
	c.presses("1234")
	if c.s.Hidden["card"] != "1234" {
		t.Fatalf("%+v", c.s)
	}
}

func TestAfterHoursAMessageIsTaken(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, time.September, 29, 20, 0, 0, 0, shanghai)
	c := call(t, "12345", evening).want("zh:我们明天上午9点上班 en:We are back tomorrow at 9 am")
	if d := cmp.Diff(c.now.Exit.Message, &fact.ToMessage{Limit: 2 * time.Minute, Silence: 5 * time.Second, Category: "complaint"}); d != "" {
		t.Fatal(d)
	}
}

func TestHolidayIsToldByItsName(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", time.Date(2026, time.October, 1, 10, 0, 0, 0, shanghai))
	c.want("zh:今天是国庆节 en:Today is National Day")
	if c.now.Exit.Message.Limit != time.Minute {
		t.Fatal(c.now.Exit.Message)
	}
}

func TestLineCanBeAlwaysOpenOrAlwaysClosed(t *testing.T) {
	t.Parallel()
	if c := call(t, "12346", monday); c.now.Exit == nil || c.now.Exit.Message == nil {
		t.Fatalf("the closed line is open: %+v", c.now)
	}
	call(t, "12347", time.Date(2026, time.October, 1, 3, 0, 0, 0, shanghai)).presses("1").want("zh:请选择")
}

func TestPathTellsTheAgentWhatWasChosen(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("132468#").does(Input{Kind: Missing}).presses("2").queue("complaint")
	want := []fact.PathStep{
		{Node: "hours"},
		{Node: "greeting"},
		{Node: "language", Key: "1", Label: "中文"},
		{Node: "zh"},
		{Node: "menu", Key: "3", Label: "查询"},
		{Node: "case", Key: "2468"},
		{Node: "tell"},
		{Node: "missing"},
		{Node: "menu", Key: "2", Label: "投诉"},
		{Node: "complaint"},
	}
	if d := cmp.Diff(want, c.s.Path); d != "" {
		t.Fatal(d)
	}
	if c.now.Exit.Queue.Priority != 5 || c.hears() != "zh:正在转接" {
		t.Fatalf("%+v", c.now)
	}
}

func TestCallerInAQueueHasALanguage(t *testing.T) {
	t.Parallel()
	if c := call(t, "12345", monday).presses("0").queue("consult"); c.s.Lang != "zh" {
		t.Fatal(c.s.Lang)
	}
}

func TestPathOfARestlessCallerStaysShort(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("1")
	for range 200 {
		c.presses("31234#").does(Input{Kind: Missing})
	}
	if len(c.s.Path) > longestPath || c.s.Path[0].Node != "hours" {
		t.Fatal(len(c.s.Path), c.s.Path[0])
	}
}

func TestStepChangesNothingItWasGiven(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday).presses("2412")
	before := c.s
	before.Path, before.Hidden = slices.Clone(c.s.Path), map[string]string{"": "12"}
	held := c.s
	c.presses("34")
	if d := cmp.Diff(before, held); d != "" {
		t.Fatal(d)
	}
}

func TestReloadThatTookTheNodeAwayIsAnError(t *testing.T) {
	t.Parallel()
	c := call(t, "12345", monday)
	c.s.Node = "gone"
	if _, _, err := c.b.Step(c.s, c.now, Input{Kind: Key, Key: "1"}, c.env); !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
	if _, _, err := c.b.Begin("gone", "", c.env); !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
}

func TestStaticPhrasesCanBeMadeBeforehand(t *testing.T) {
	t.Parallel()
	var files []string
	for _, p := range book(t).Static() {
		if p.Text == "" || strings.Contains(p.Text, "$") {
			t.Errorf("%+v", p)
		}
		files = append(files, p.Lang+"/"+p.File)
	}
	for _, want := range []string{"zh/main.menu", "en/main.menu", "en/ivr.nothing", "zh/main.bye"} {
		if !slices.Contains(files, want) {
			t.Errorf("%s is missing in %v", want, files)
		}
	}
}

func TestTimesAreSpokenAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.September, 30, 20, 0, 0, 0, shanghai)
	for _, c := range []struct {
		at     time.Time
		zh, en string
	}{
		{time.Date(2026, time.September, 30, 21, 0, 0, 0, shanghai), "今天晚上9点", "today at 9 pm"},
		{time.Date(2026, time.October, 1, 8, 30, 0, 0, shanghai), "明天上午8点30分", "tomorrow at 8:30 am"},
		{time.Date(2026, time.October, 8, 14, 5, 0, 0, shanghai), "10月8日星期四下午2点5分", "Thursday 8 October at 2:05 pm"},
		{time.Date(2026, time.October, 8, 12, 0, 0, 0, shanghai), "10月8日星期四中午12点", "Thursday 8 October at 12 pm"},
		{time.Date(2026, time.October, 8, 0, 30, 0, 0, shanghai), "10月8日星期四凌晨0点30分", "Thursday 8 October at 12:30 am"},
	} {
		if got := SpokenTime(c.at, now, "zh"); got != c.zh {
			t.Errorf("%q, want %q", got, c.zh)
		}
		if got := SpokenTime(c.at, now, "en"); got != c.en {
			t.Errorf("%q, want %q", got, c.en)
		}
	}
}

func TestFlowIsDrawn(t *testing.T) {
	t.Parallel()
	b := book(t)
	for _, draw := range []func(string) (string, error){b.Mermaid, b.Dot} {
		picture, err := draw("main")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"hours.office", "queue consult", "anywhere", "请选择"} {
			if !strings.Contains(picture, want) {
				t.Errorf("%q is not in\n%s", want, picture)
			}
		}
		if _, err := draw("gone"); err == nil {
			t.Error("a flow that is not there was drawn")
		}
	}
}
