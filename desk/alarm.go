package desk

import (
	"time"

	"hotline/floor"
)

// Alarm is something the supervisor should know now. Text is English, for programs and logs; pages say it in their reader's
// language from the kind and its particulars.
type Alarm struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Kind  AlarmKind `json:"kind"`
	Queue string    `json:"queue,omitempty"`
	Text  string    `json:"text"`
	// Count is how many callers wait whom nobody suits; of a surge: how many have called lately; of what falls behind: how
	// many records or recordings wait, how many facts were refused.
	Count int `json:"count,omitempty"`
	// Of a surge: on which line, over how many seconds calls are counted, how many are usual in them, and the announcement
	// that the house has for it.
	Line         string  `json:"line,omitempty"`
	Over         float64 `json:"over,omitempty"`
	Usual        float64 `json:"usual,omitempty"`
	Announcement string  `json:"announcement,omitempty"`
	// Of a service level: what it is lately, and what it should be, 0..1.
	Level  float64 `json:"level,omitempty"`
	Target float64 `json:"target,omitempty"`
	// Of an overrun: who, why not ready, and how many seconds that may last.
	Agent  string  `json:"agent,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Limit  float64 `json:"limit,omitempty"`
	// Cause is why an Asterisk or the archive is away; Node names the Asterisk.
	Cause AlarmCause `json:"cause,omitempty"`
	Node  string     `json:"node,omitempty"`
	// Trouble is what the watchdog found, About the id of the call, agent, channel or bridge. In which phase or state that
	// is, since when, and when something was due; By is how many seconds late, of a clock how far the house is ahead of it,
	// below zero behind. Mended: it is being put right by itself.
	Trouble floor.TroubleKind `json:"trouble,omitempty"`
	About   string            `json:"about,omitempty"`
	State   string            `json:"state,omitempty"`
	Since   time.Time         `json:"since,omitzero"`
	Due     time.Time         `json:"due,omitzero"`
	By      float64           `json:"by,omitempty"`
	Full    bool              `json:"full,omitempty"` // the disk of the recordings is
	Mended  bool              `json:"mended,omitempty"`
	// Faults are what is wrong with how an Asterisk was set up, Modules those that it does not run.
	Faults  []SetupFault `json:"faults,omitempty"`
	Modules []string     `json:"modules,omitempty"`
	// Why is what an error says, or what a queue lacks; WhyIn that in other languages than English, where it can be said.
	Why   string            `json:"why,omitempty"`
	WhyIn map[string]string `json:"why_in,omitempty"`
}

// AlarmKind is a word of the closed list of what the board raises an alarm for.
type AlarmKind string

// The kinds of alarms.
const (
	LowLevel      AlarmKind = "service-level"
	NobodySuits   AlarmKind = "nobody-suits"
	Overrun       AlarmKind = "overrun" // not ready for longer than the reason allows
	Surge         AlarmKind = "surge"
	LinkDown      AlarmKind = "asterisk"
	ArchiveDown   AlarmKind = "postgres"
	JournalDown   AlarmKind = "journal"
	ConfigRefused AlarmKind = "config"
	SetupFaulty   AlarmKind = "setup"    // an Asterisk that would fail callers in silence: see Alarm.Faults
	Watchdog      AlarmKind = "watchdog" // see Alarm.Trouble
)

// AlarmKinds lists them.
var AlarmKinds = []AlarmKind{LowLevel, NobodySuits, Overrun, Surge, LinkDown, ArchiveDown, JournalDown, ConfigRefused, SetupFaulty, Watchdog}

// AlarmCause is a word of the closed list of why a part is away. A link's are those of ari.Reason.
type AlarmCause string

// The causes that are not a link's.
const (
	Connecting    AlarmCause = "connecting"     // no link since the start
	ArchiveStarts AlarmCause = "archive-starts" // no answer since the start
	ArchiveLost   AlarmCause = "archive-away"
	ArchiveStops  AlarmCause = "archive-stops" // it does not belong to this journal: a person must decide
)

// AlarmCauses lists them.
var AlarmCauses = []AlarmCause{
	Connecting, ArchiveStarts, ArchiveLost, ArchiveStops,
	"reset", "stalled", "half-open", "deaf", "replaced", "refused", "unauthorized", "too-old", "snapshot", "overflow",
}

// SetupFault is a word of the closed list of what may be wrong with how an Asterisk was set up.
type SetupFault string

// The faults.
const (
	NoModules SetupFault = "modules"    // it does not run all that is needed
	NativeRTP SetupFault = "native-rtp" // it runs bridge_native_rtp: recordings may be silent
	NoBeep    SetupFault = "beep"       // nobody can leave a message
)

// SetupFaults lists them.
var SetupFaults = []SetupFault{NoModules, NativeRTP, NoBeep}
