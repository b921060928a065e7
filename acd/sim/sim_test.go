package sim

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func city(t *testing.T) *Scenario {
	t.Helper()
	f, err := os.Open("testdata/city.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := Load(f, os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExampleRunsAndItsFiguresAddUp(t *testing.T) {
	t.Parallel()
	s := city(t)
	s.Replications = 4
	told := 0
	r := Run(s, func(done, of int) { told += of - done })
	if told != 3+2+1 {
		t.Errorf("the progress was not told: %d", told)
	}
	for _, row := range append(r.Queues, r.Total) {
		f := row.Whole
		if got, want := f[Answered].Mean+f[Abandoned].Mean+f[Overflowed].Mean, f[Arrived].Mean; math.Abs(got-want) > 1e-9 || want == 0 {
			t.Errorf("%s: %v ended of %v that arrived", row.Name, got, want)
		}
		ended := 0.0
		for _, part := range row.Intervals {
			ended += part[Offered].Mean
		}
		if math.Abs(ended-f[Offered].Mean) > 1e-9 {
			t.Errorf("%s: the intervals add up to %v of %v", row.Name, ended, f[Offered].Mean)
		}
	}
	if g, _ := r.Group("juniors"); math.Abs(g.Intervals[2][AtWork].Mean-11) > 0.5 || g.Intervals[2][AtWork].Mean < 11 {
		t.Errorf("%v juniors at work at 9:00, want 11 and who ends a call", g.Intervals[2][AtWork].Mean)
	}
	if g, ok := r.Group("nobody"); ok {
		t.Errorf("a group that is not there: %+v", g)
	}
	var table, list strings.Builder
	if err := r.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"City hotline", "complaint", "SL3", "seniors", "±"} {
		if !strings.Contains(table.String(), words) {
			t.Errorf("no %q in\n%s", words, table.String())
		}
	}
	if err := r.WriteCSV(&list); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(list.String())).ReadAll()
	if err != nil || len(rows) != 1+5*9 || rows[2][2] != "08:00" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestSameSeedGivesTheSameFigures(t *testing.T) {
	t.Parallel()
	text := func(seed uint64) string {
		s := city(t)
		s.Replications, s.Seed = 2, seed
		var out strings.Builder
		if err := Run(s, nil).WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first, again, other := text(1), text(1), text(2)
	if first != again {
		t.Error("the same seed gave other figures")
	}
	if first == other {
		t.Error("another seed gave the same figures")
	}
}

// TestFixedScenarioIsDecidedStepByStep is a day small enough to follow by hand.
func TestFixedScenarioIsDecidedStepByStep(t *testing.T) {
	t.Parallel()
	s := load(t, `
length: 10m
queues:
  q: {needs: {tax: 5}, relax: [{after: 30s, tax: 1}], limits: {waiting: 2, when: {full: "queue:v"}}}
  v: {limits: {wait: 1m, when: {wait: message}}}
calls:
  q: {arrivals: {at: [0s, 10s, 20s, 21s, 22s]}, talk: {constant: 1m}, wrap_up: {constant: 10s}}
agents:
  - {name: li, count: 1, skills: {tax: 8}, queues: [{queue: q}]}
  - {name: wang, count: 1, skills: {tax: 1}, queues: [{queue: q}], shifts: [{from: 5s, to: 45s}], answer: {constant: 2s}}
`)
	var got []string
	Decisions(s, func(d Decision) { got = append(got, d.At.String()+" "+d.Caller+" "+d.Reason.String()) })
	want := []string{
		"0s 0000000001 li: tax 8 ≥ 5, idle 0s, the only one",
		"40s 0000000002 wang: tax 1 ≥ 1, relaxed 1×, idle 35s, the only one",
		"1m10s 0000000003 li: tax 8 ≥ 1, relaxed 1×, idle 0s, the only one",
	}
	if !slices.Equal(got, want) {
		t.Errorf("decided\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s.Replications = 1
	r := Run(s, nil)
	q, _ := r.Queue("q")
	v, _ := r.Queue("v")
	if f := q.Whole; f[Answered].Mean != 3 || f[Overflowed].Mean != 2 || f[ASA].Mean != (0+32+50)/3.0 {
		t.Errorf("q: %v answered, %v sent on, ASA %v", f[Answered].Mean, f[Overflowed].Mean, f[ASA].Mean)
	}
	if f := v.Whole; f[Overflowed].Mean != 2 || f[LongestWait].Mean != 60 {
		t.Errorf("v: %v sent on, longest wait %v", f[Overflowed].Mean, f[LongestWait].Mean)
	}
	wang, _ := r.Group("wang") // at work from 0:05 to the end of the call at 1:52
	if got, want := wang.Whole[AtWork].Mean*600, 107.0; math.Abs(got-want) > 1e-6 {
		t.Errorf("wang at work for %v s, want %v", got, want)
	}
	if got, want := wang.Whole[Occupancy].Mean, 72/107.0; math.Abs(got-want) > 1e-9 {
		t.Errorf("wang busy %v of the time, want %v", got, want)
	}
}

func TestCallersWhomNobodyServesEndTheRun(t *testing.T) {
	t.Parallel()
	for name, yaml := range map[string]string{
		"no agents":    "agents: []",
		"wrong skills": "agents: [{name: a, count: 3, queues: [{queue: q}]}]",
		"gone home":    "agents: [{name: a, count: 3, skills: {tax: 5}, queues: [{queue: q}], shifts: [{from: 0s, to: 1ns}]}]",
	} {
		r := Run(load(t, "length: 1h\nreplications: 2\nqueues: {q: {needs: {tax: 3}}}\ncalls: {q: {arrivals: {calls: 10, per: 1m}}}\n"+yaml), nil)
		if f := r.Queues[0].Whole; f[Answered].Mean != 0 || f[Abandoned].Mean < 500 || !math.IsNaN(f[ASA].Mean) {
			t.Errorf("%s: %v answered, %v abandoned", name, f[Answered].Mean, f[Abandoned].Mean)
		}
	}
	r := Run(load(t, `
length: 1h
queues: {a: {limits: {when: {nobody: "queue:b"}}}, b: {limits: {when: {nobody: "queue:a"}}}}
calls: {a: {arrivals: {at: [0s]}}}
`), nil) // queues that send each other their callers
	if f := r.Total.Whole; f[Overflowed].Mean != maxHops+1 {
		t.Errorf("%v times sent on", f[Overflowed].Mean)
	}
}

func TestAgentsAreAtWorkAlsoAfterTheLastCall(t *testing.T) {
	t.Parallel()
	s := load(t, strings.Replace(fine, "{calls: 1, per: 1m}", "{at: [1s]}", 1))
	r := Run(s, nil)
	if f := r.Groups[0]; f.Whole[AtWork].Mean != 1 || f.Intervals[1][AtWork].Mean != 1 {
		t.Errorf("%v at work, %v in the second half", f.Whole[AtWork].Mean, f.Intervals[1][AtWork].Mean)
	}
}

func TestAHundredThousandCallersWhomNobodyServesAreNoTrouble(t *testing.T) {
	t.Parallel()
	s := load(t, `
length: 1h
replications: 1
queues: {q: {needs: {tax: 5}, relax: [{after: 30s, tax: 3}, {after: 1m, tax: 1}]}}
calls: {q: {arrivals: {interval: 1h, counts: [100000]}, talk: {exponential: 2m}}}
agents: [{name: a, count: 1, queues: [{queue: q}]}]
`)
	r := Run(s, nil)
	if f := r.Queues[0].Whole; f[Abandoned].Mean < 99_000 || f[Answered].Mean != 0 {
		t.Errorf("%v abandoned, %v answered", f[Abandoned].Mean, f[Answered].Mean)
	}
	var out strings.Builder
	if err := r.WriteTable(&out); err != nil || !strings.Contains(out.String(), "mind: calls q: nobody will ever take them: queue q: needs tax 1 even after") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestWhatIsLegalAndSeldomMeantIsSaid(t *testing.T) {
	t.Parallel()
	for words, text := range map[string]string{
		"": fine,
		"calls q: 3 counts of 30m go on beyond the length, 1h": strings.Replace(fine, "{calls: 1, per: 1m}", "{interval: 30m, counts: [1, 2, 3]}", 1),
		"calls q: none come in":                                strings.Replace(fine, "{calls: 1, per: 1m}", "{at: []}", 1),
		"agents a: the roster ends at 00:30, before":           strings.Replace(fine, "count: 1", "roster: [1]", 1),
	} {
		slips := load(t, text).Slips()
		if words == "" && len(slips) > 0 || words != "" && (len(slips) != 1 || !strings.Contains(slips[0].Error(), words)) {
			t.Errorf("%v, want words on %q", slips, words)
		}
	}
}

func TestARunHoldsNoMoreThanTheCallsThatAreGoingOn(t *testing.T) {
	t.Parallel()
	s := load(t, strings.Replace(strings.Replace(fine, "length: 1h", "length: 300h", 1), "per: 1m}", "per: 1m}, talk: {constant: 30s}, patience: {exponential: 1m}", 1))
	r := newRun(s, 0, nil)
	r.simulate()
	if calls := r.count; calls < 17_000 || len(r.calls) > 30 || cap(r.events.heap) > 100 {
		t.Errorf("after %d calls %d places are held, and room for %d events", calls, len(r.calls), cap(r.events.heap))
	}
}

func TestCallsThatNobodyCouldEverTakeAreNamed(t *testing.T) {
	t.Parallel()
	for words, text := range map[string]string{
		"":                      fine,
		"no agent is a member":  strings.Replace(fine, "count: 1", "count: 0", 1),
		"needs tax 3 even":      strings.Replace(fine, "{q: {}}", "{q: {needs: {tax: 5}, relax: [{after: 1s, tax: 3}]}}", 1),
		"needs english 7 even":  strings.Replace(fine, "per: 1m}", "per: 1m}, needs: {english: 7}", 1),
		"needs english 2, tax ": strings.Replace(strings.Replace(fine, "{q: {}}", "{q: {needs: {tax: 5}, relax: [{after: 1s, tax: 1}]}}", 1), "per: 1m}", "per: 1m}, needs: {english: 2, tax: 4}", 1),
	} {
		errs := load(t, text).Hopeless()
		if words == "" && len(errs) > 0 || words != "" && (len(errs) != 1 || !strings.Contains(errs["q"].Error(), words)) {
			t.Errorf("%v, want words on %q", errs, words)
		}
	}
}

func TestARealDayIsReadByTheClockAndNothingOfItIsLeftOutInSilence(t *testing.T) {
	t.Parallel()
	day := fstest.MapFS{"day.csv": {Data: []byte("at,type\n08:00:30,q\n09:59,q\n10:00,q\n07:00,q\n08:01,\n08:02,x\n08:03,x\n,q\n")}}
	text := strings.Replace(strings.Replace(fine, "{calls: 1, per: 1m}", "{csv: day.csv}", 1), "length: 1h", "start: 8h\nlength: 2h", 1)
	s, err := Load(strings.NewReader(text), day)
	if err != nil {
		t.Fatal(err)
	}
	if calls := s.Calls["q"].Arrivals.calls; len(calls) != 4 || calls[0].At != 30*time.Second || calls[3].At != 23*time.Hour {
		t.Errorf("read %v", calls)
	}
	var told []string
	for _, err := range s.Slips() {
		told = append(told, err.Error())
	}
	want := []string{
		"day.csv: rows without a time (at) are left out: 1",
		`day.csv: calls of the type "" are left out, since no kind of that name reads the file: 1`,
		`day.csv: calls of the type "x" are left out, since no kind of that name reads the file: 2`,
		"calls q: those after the length, 2h, are left out: 2 of 4",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

func TestRealCallsAreReadWithTheirHoles(t *testing.T) {
	t.Parallel()
	calls, err := ReadCalls(strings.NewReader("\ufefftype, at, talk, patience\n"+
		"a, 00:01:30, 93.5,\na, 5s,, 2m\nb, 1, 1, 1\na,,7,\na, 00:02, 0, 0\n"), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []Call{
		{At: 5 * time.Second, Talk: -1, WrapUp: -1, Patience: 2 * time.Minute},
		{At: 90 * time.Second, Talk: 93500 * time.Millisecond, WrapUp: -1, Patience: -1},
		{At: 2 * time.Minute, WrapUp: -1},
	}
	if !slices.Equal(calls, want) {
		t.Errorf("read %v, want %v", calls, want)
	}
	for words, text := range map[string]string{
		"the file is empty":         "",
		"write commas":              "at;talk\n1;2\n",
		"no column is called at":    "talk\n1\n",
		`column "when"`:             "when\n1\n",
		`line 3, talk: "x" is no`:   "at,talk\n1,1\n2,x\n",
		`line 2, at: "-5" is no`:    "at\n-5\n",
		`line 2, at: "NaN" is no`:   "at\nNaN\n",
		"wrong number of fields":    "at,talk\n1\n",
		`line 2, at: "1e300" is no`: "at\n1e300\n",
		`line 2, at: "25:00" is no`: "at\n25:00\n",
	} {
		if _, err := ReadCalls(strings.NewReader(text), "", 0); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want words on %q", text, err, words)
		}
	}
}

const fine = `
length: 1h
queues: {q: {}}
calls: {q: {arrivals: {calls: 1, per: 1m}}}
agents: [{name: a, count: 1, queues: [{queue: q}]}]
`

func TestEachMistakeInAScenarioHasItsWords(t *testing.T) {
	t.Parallel()
	change := func(from, to string) string { return strings.Replace(fine, from, to, 1) }
	arrivals := func(to string) string { return change("{calls: 1, per: 1m}", to) }
	call := func(more string) string { return change("per: 1m}", "per: 1m}, "+more) }
	agent := func(more string) string { return change("count: 1", more) }
	for words, text := range map[string]string{
		"is empty":                            "",
		`line 2: there is no key "long" here`: change("length", "long"),
		`line 2: "long" is no time; write it`: change("1h", "long"),
		`line 5: "many" is no whole number`:   change("count: 1", "count: many"),
		`line 4: "some" is no number`:         arrivals("{calls: some, per: 1m}"),
		`line 4: "3" is no list`:              arrivals("{at: 3}"),
		`line 4: has not the keys that`:       arrivals("[1]"),
		`line 1: did not find expected`:       change("length: 1h", "{length: 1h"),
		"length: 0s":                          change("1h", "0s"),
		"warm_up: 2h0m0s must be shorter":     "warm_up: 2h\n" + fine,
		"no time of day":                      "start: 25h\n" + fine,
		"interval: 1ms":                       "interval: 1ms\n" + fine,
		"replications: -1":                    "replications: -1\n" + fine,
		"calls: none are given":               change("calls: {q", "#"),
		`there is no queue "r"`:               call("queue: r"),
		"arrivals: none are given":            arrivals("{}"),
		"give one of calls and per":           arrivals("{calls: 1, per: 1m, at: [1s]}"),
		"-1 calls per 1m0s":                   arrivals("{calls: -1, per: 1m}"),
		".nan calls":                          arrivals("{calls: .nan, per: 1m}"),
		"1 calls per 0s":                      arrivals("{calls: 1}"),
		"an interval of 0s":                   arrivals("{counts: [1]}"),
		"count 2 is -1":                       arrivals("{interval: 1m, counts: [1, -1]}"),
		"busyness 11":                         arrivals("{calls: 1, per: 1m, busyness: 11}"),
		`each "week"`:                         arrivals("{calls: 1, per: 1m, each: week}"),
		"at -1s":                              arrivals("{at: [-1s]}"),
		"arrivals: 3.6e+10 calls in 10 runs":  arrivals("{calls: 1e6, per: 1s}"),
		"file does not exist":                 arrivals("{csv: gone.csv}"),
		"bad.csv: line 2":                     arrivals("{csv: bad.csv}"),
		"calls q: talk: give one of":          call("talk: {constant: 1s, exponential: 1s}"),
		"calls q: wrap_up: -1s":               call("wrap_up: {constant: -1s}"),
		"at least one time":                   call("talk: {empirical: []}"),
		"patience: gamma: mean and sd":        call("patience: {gamma: {mean: 1m}}"),
		"periods inside":                      call("talk: {periods: [{periods: []}]}"),
		"period 1: until 0s":                  call("talk: {periods: [{constant: 1s}, {constant: 1s}]}"),
		"period 1: lognormal":                 call("talk: {periods: [{lognormal: {}}]}"),
		"agents a: count -1":                  agent("count: -1"),
		"agents a: count 1: give a count":     agent("count: 1, roster: [1]"),
		"roster: -1":                          agent("roster: [-1]"),
		"shift 1: 2h0m0s to 1h0m0s":           agent("count: 1, shifts: [{from: 2h, to: 1h}]"),
		"answer: give one of":                 agent("count: 1, answer: {constant: 1s, exponential: 1s}"),
		"speed -1":                            agent("count: 1, speed: -1"),
		"agents: 2000000 are more":            agent("count: 2000000"),
		"agents a: is there twice":            change("}]}]", "}]}, {name: a}]"),
		`agents a: there is no queue "z"`:     change("queue: q}]}", "queue: z}]}"),
		"agent a: skill x: level 0":           agent("count: 1, skills: {x: 0}"),
		`queue q: select: "best"`:             change("{q: {}}", "{q: {select: best}}"),
	} {
		files := fstest.MapFS{"bad.csv": &fstest.MapFile{Data: []byte("at\nsoon\n")}}
		words = strings.ReplaceAll(words, ".nan", "NaN")
		if _, err := Load(strings.NewReader(text), files); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v\nwant words on %q", err, words)
		}
	}
	s := load(t, fine)
	if err := s.SetCalls("nobody", nil); err == nil {
		t.Error("calls of a type that is not there were taken")
	}
	if err := s.SetCalls("q", []Call{{At: time.Minute}, {At: time.Second}}); err != nil {
		t.Fatal(err)
	}
	if r := Run(s, nil); r.Queues[0].Whole[Answered].Mean != 2 {
		t.Errorf("%v of 2 given calls answered", r.Queues[0].Whole[Answered].Mean)
	}
}

func TestStaffingKeepsThePromiseInEveryInterval(t *testing.T) {
	t.Parallel()
	s := load(t, `
start: 8h
length: 3h
interval: 1h
replications: 8
seed: 1
queues: {q: {service_level: {within: 20s}}}
calls: {q: {arrivals: {interval: 1h, counts: [60, 0, 200]}, talk: {lognormal: {mean: 3m, sd: 3m}}, patience: {exponential: 3m}}}
agents: [{name: a, count: 1, queues: [{queue: q}]}]
`)
	rounds := 0
	p, err := StaffDay(s, "a", 0.85, func(int, int) { rounds++ })
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 2} {
		r := p.Rows[i]
		if !(r.ServiceLevel.Mean >= 0.85) || r.Agents < int(r.Erlangs) || r.ErlangA > r.ErlangC || r.Agents > r.ErlangC+3 {
			t.Errorf("%+v", r)
		}
	}
	if rounds == 0 || s.Agents[0].Count != 1 || s.Agents[0].Roster != nil {
		t.Error("the scenario was changed, or no progress told")
	}
	var out strings.Builder
	if err := p.WriteTable(&out); err != nil || !strings.Contains(out.String(), "10:00") {
		t.Errorf("%v\n%s", err, out.String())
	}
	for words, f := range map[string]func() error{
		"no group":   func() error { _, err := StaffDay(s, "b", 0.85, nil); return err },
		"write 0.85": func() error { _, err := StaffDay(s, "a", 85, nil); return err },
		"has the group the skills": func() error {
			s := load(t, strings.Replace(fine, "{q: {}}", "{q: {needs: {x: 1}}}", 1))
			s.Replications, s.Length = 1, 10*time.Minute
			_, err := StaffDay(s, "a", 0.85, nil)
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want words on %q", err, words)
		}
	}
}
