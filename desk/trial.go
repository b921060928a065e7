package desk

// ScenarioList answers GET /api/staffing/scenarios.
type ScenarioList struct {
	Scenarios []Scenario `json:"scenarios"`
	// MostCalls and MostAgents are what one trial may have, all runs together; Seconds how long it may take.
	MostCalls  int     `json:"most_calls"`
	MostAgents int     `json:"most_agents"`
	Seconds    float64 `json:"seconds"`
}

// Scenario is a call centre and a day of it, as docs/simulator.md describes the text.
type Scenario struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Text string `json:"text"` // YAML
}

// CentreScenario answers GET /api/staffing/centre: this house's own queues and agents, and calls as they were measured.
type CentreScenario struct {
	Text  string `json:"text"`  // YAML
	Days  int    `json:"days"`  // so many days with calls went into it
	Calls int    `json:"calls"` // that came in on them
	// Notes are what could not be measured and was assumed.
	Notes []StaffingNote `json:"notes"`
}

// StaffingNote is something that the archive does not know yet.
type StaffingNote string

// The closed list of what may be missing.
const (
	NoCalls     StaffingNote = "no-calls"    // none at all: six an hour are assumed for each queue, from 9 to 17
	OtherDays   StaffingNote = "other-days"  // none on that day of the week: all days were taken
	NoTalks     StaffingNote = "no-talks"    // of a queue: three minutes are assumed
	NoPatience  StaffingNote = "no-patience" // fewer than five gave up in a queue: three minutes are assumed
	FewCalls    StaffingNote = "few-calls"   // fewer than fifty in all: what is measured may be chance
	NoRoster    StaffingNote = "no-roster"   // nobody was ready or busy for an hour: everybody is taken to be there all day
	NoWorkYet   StaffingNote = "no-agents"   // the configuration has no agent with a queue
	ArchiveAway StaffingNote = "archive-away"
)

// StaffingNotes lists them.
var StaffingNotes = []StaffingNote{NoCalls, OtherDays, FewCalls, NoTalks, NoPatience, NoRoster, NoWorkYet, ArchiveAway}

// ScenarioText is the body of POST /api/staffing/check.
type ScenarioText struct {
	Text string `json:"text"`
}

// Sketch answers it: what a page needs to draw of a scenario. An error's place is the text.
type Sketch struct {
	Name     string        `json:"name"`
	Interval float64       `json:"interval"` // seconds
	Begins   []string      `json:"begins"`   // of each interval, the time of day
	Runs     int           `json:"runs"`
	Calls    float64       `json:"calls"` // expected in all runs
	Queues   []SketchQueue `json:"queues"`
	Groups   []SketchGroup `json:"groups"`
	// Slips are what is legal and yet seldom meant, in the simulator's words: a roster that ends before the calls do.
	Slips []string `json:"slips"`
	// SlipsIn are the slips in other languages than English, by language.
	SlipsIn map[string][]string `json:"slips_in,omitempty"`
}

// SketchQueue is a queue of a scenario, with the calls expected in each interval.
type SketchQueue struct {
	Queue   string    `json:"queue"`
	Within  float64   `json:"within"` // seconds
	Target  float64   `json:"target"` // 0..1
	Formula string    `json:"formula"`
	Calls   []float64 `json:"calls"`
	// Hopeless: nobody could ever take some of its calls, for want of agents or of a skill.
	Hopeless bool `json:"hopeless,omitempty"`
}

// SketchGroup is a group of agents who are alike, with how many are there in each interval.
type SketchGroup struct {
	Group  string    `json:"group"`
	Queues []string  `json:"queues"`
	AtWork []float64 `json:"at_work"`
	Most   int       `json:"most"`
}

// TrialOrder is the body of POST /api/staffing/trials: a scenario to be run, and a question about it.
type TrialOrder struct {
	Text string `json:"text"`
	// Agents are how many more (or, below 0, fewer) of each group there would be, and Calls how many times as many calls:
	// the scenario is run as it is and as it would be, under the same luck.
	Agents map[string]int `json:"agents,omitempty"`
	Calls  float64        `json:"calls,omitempty"` // 0 and 1: as many
	Runs   int            `json:"runs,omitempty"`  // instead of the scenario's
	// Staff asks another question: how many of this group each interval needs for Target.
	Staff  string  `json:"staff,omitempty"`
	Target float64 `json:"target,omitempty"` // 0..1; absent: the strictest of the queues' own
}

// Trial is a scenario being run, or its end: POST /api/staffing/trials and GET /api/staffing/trials/{id}. With ?after=N the
// latter waits for a Seq above N, at most 25 s.
type Trial struct {
	ID    string     `json:"id"`
	Seq   uint64     `json:"seq"`
	Phase TrialPhase `json:"phase"`
	Staff string     `json:"staff,omitempty"` // the group whose numbers are looked for; absent: the order was a "what if"
	Done  int        `json:"done"`            // of Of: runs, or rounds of the search for a roster
	Of    int        `json:"of"`
	// Problem is why it failed, in the simulator's words.
	Problem string `json:"problem,omitempty"`
	// ProblemIn is the problem in other languages than English, by language.
	ProblemIn map[string]string `json:"problem_in,omitempty"`
	As        *TrialTable       `json:"as,omitempty"` // as the scenario is
	If        *TrialTable       `json:"if,omitempty"` // as it would be
	Plan      *TrialPlan        `json:"plan,omitempty"`
	Took      float64           `json:"took,omitempty"` // seconds
}

// TrialPhase is how far a trial has come.
type TrialPhase string

// The closed list of a trial's phases.
const (
	TrialWaiting   TrialPhase = "waiting" // for another one to end
	TrialRunning   TrialPhase = "running"
	TrialDone      TrialPhase = "done"
	TrialFailed    TrialPhase = "failed"
	TrialCancelled TrialPhase = "cancelled"
)

// TrialPhases lists them.
var TrialPhases = []TrialPhase{TrialWaiting, TrialRunning, TrialDone, TrialFailed, TrialCancelled}

// Over reports whether nothing more will happen.
func (p TrialPhase) Over() bool { return p == TrialDone || p == TrialFailed || p == TrialCancelled }

// TrialTable is what a scenario came to.
type TrialTable struct {
	Queues []TrialRow `json:"queues"`
	Total  TrialRow   `json:"total"` // all queues together, by SL3
	Groups []TrialRow `json:"groups"`
}

// TrialRow is a queue or a group of agents: the whole, and each interval.
type TrialRow struct {
	Name    string      `json:"name"`
	Formula string      `json:"formula,omitempty"` // SL1..SL4
	Whole   TrialSpan   `json:"whole"`
	Spans   []TrialSpan `json:"spans"`
}

// TrialSpan is the figures of a stretch of time. Absent is what has no base. Rates are 0..1, waits seconds.
type TrialSpan struct {
	Offered      *Estimate `json:"offered,omitempty"`
	ServiceLevel *Estimate `json:"service_level,omitempty"`
	AbandonRate  *Estimate `json:"abandon_rate,omitempty"`
	ASA          *Estimate `json:"asa,omitempty"`
	MeanWait     *Estimate `json:"mean_wait,omitempty"`
	Waiting      *Estimate `json:"waiting,omitempty"` // how many at a time
	AtWork       *Estimate `json:"at_work,omitempty"`
	Occupancy    *Estimate `json:"occupancy,omitempty"`
}

// Estimate is a mean over the runs, and half of its 95 % confidence interval (absent: one run).
type Estimate struct {
	Mean float64  `json:"mean"`
	Half *float64 `json:"half,omitempty"`
}

// TrialPlan says how many agents of a group each interval needs.
type TrialPlan struct {
	Group  string         `json:"group"`
	Target float64        `json:"target"`
	Rows   []TrialPlanRow `json:"rows"`
}

// TrialPlanRow is one interval: by Erlang C and A, which see it alone, and by simulation of the whole day.
type TrialPlanRow struct {
	Begins       string    `json:"begins"` // time of day
	Calls        float64   `json:"calls"`
	Erlangs      float64   `json:"erlangs"`
	ErlangC      int       `json:"erlang_c"`
	ErlangA      *int      `json:"erlang_a,omitempty"` // absent: some callers never give up
	Agents       int       `json:"agents"`
	ServiceLevel *Estimate `json:"service_level,omitempty"`
}
