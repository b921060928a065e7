// Package ivr is what a caller hears before an agent: the model of a flow, its checks, its interpreter and its picture.
//
//	flows (YAML, read by internal/config) ─▶ NewBook ─▶ Book ── Begin(flow) ─▶ Session, Turn
//	                                            │                                   │
//	                                            └─▶ []Problem       Step(Session, Turn, Input) ◀─ keys, silence,
//	                                                                       │                      all said, found
//	                                                                       └─▶ Session, Turn … until Turn.Exit
//
// A flow is a graph of nodes. Some only lead on (switch, language, flow), some speak (say), some listen (menu,
// collect), one asks the outside world (lookup) and some end the flow (queue, message, hangup, refuse). A Step runs
// through nodes until something is to be said, awaited or looked up, or the flow is left. A checked flow has no way
// round that a caller who does nothing could go for ever.
//
// The package is pure: it keeps nothing, starts nothing and is given the time.
package ivr

import "time"

// Text is what is said, by language ("zh", "en"). The text of language "" is said whatever the language is.
type Text map[string]string

// To is where a flow goes next: the name of a node of the same flow. Empty where the way is not given.
type To string

// Flow is one graph of nodes.
type Flow struct {
	Name  string `yaml:"flow"`
	Title Text   `yaml:"title"`
	Start To     `yaml:"start"`
	// Anywhere are keys that work in every menu which does not use them itself, while something is said, and in a
	// collect node when nothing else was keyed: 0 for a person.
	Anywhere map[string]To   `yaml:"anywhere"`
	Nodes    map[string]Node `yaml:"nodes"`
}

// Node is one step of a flow.
type Node struct {
	// Label is what choosing this node means, for the agent's screen; a queue has its title without it.
	Label Text
	Do    Do
	// Place is where the node stands in its flow, "nodes.menu.keys.3", for error messages; empty: nodes.<name>.
	Place string
}

// Do is what a node does: one of the structs below. Their first field is the node's head, by which a file tells them
// apart.
type Do interface {
	// ways are all the ways that lead on within the flow.
	ways() []way
	// texts are all that it may say.
	texts() []saying
}

type way struct {
	field string
	to    To
	// byKey: only a caller who pressed something goes this way.
	byKey bool
	// optional ways may be missing.
	optional bool
}

type saying struct {
	field    string
	text     Text
	optional bool
}

// Switch leads on by the time, the line or what is known of the caller.
type Switch struct {
	// Switch is hours.<name>, line, language, region or time.
	Switch string `yaml:"switch"`
	// Open, Closed and Holiday are the ways of hours.<name>; without Holiday a closed holiday is Closed.
	Open    To `yaml:"open"`
	Closed  To `yaml:"closed"`
	Holiday To `yaml:"holiday"`
	// Cases are the ways of the others: a line, a language, a region, a span such as 08:00-12:00.
	Cases     map[string]To `yaml:"cases"`
	Otherwise To            `yaml:"otherwise"`
}

// Language sets the caller's language. Before the first one everything is said in each of the centre's languages.
type Language struct {
	Language string `yaml:"language"`
	Go       To     `yaml:"go"`
}

// Jump goes on at the start of another flow.
type Jump struct {
	To string `yaml:"flow"`
}

// Say says something and goes on. A key skips it unless it must be heard.
type Say struct {
	Say      Text `yaml:"say"`
	MustHear bool `yaml:"must_hear"`
	Go       To   `yaml:"go"`
}

// Menu offers a choice by one key.
type Menu struct {
	Menu Text          `yaml:"menu"`
	Keys map[string]To `yaml:"keys"`
	Asking
}

// Collect takes a number from the caller, key by key; * begins again.
type Collect struct {
	Collect Text `yaml:"collect"`
	// Digits is how many, 6 or 6-12; the longest length ends the number by itself.
	Digits Range `yaml:"digits"`
	// End is the key that ends a number: "#" where it is not given.
	End  string `yaml:"end"`
	Into string `yaml:"into"`
	// Secret digits (card numbers) are never journalled, shown or said.
	Secret bool `yaml:"secret"`
	Go     To   `yaml:"go"`
	Asking
}

// Asking is what menus and collects have in common: how long they wait, and what comes of no answer or a wrong one.
type Asking struct {
	// Wait is the silence allowed after the prompt; 0 is DefaultWait.
	Wait time.Duration `yaml:"wait"`
	// Tries is how often the caller may fail; 0 is DefaultTries.
	Tries int `yaml:"tries"`
	// Otherwise is where the flow goes after the last failed try.
	Otherwise To `yaml:"otherwise"`
	// Silence, if given, is where it goes at the first silence.
	Silence To `yaml:"silence"`
	// Invalid and Nothing replace the centre's phrases for a wrong key and for no key.
	Invalid Text `yaml:"invalid"`
	Nothing Text `yaml:"nothing"`
}

// What a menu or collect node does where its flow does not say.
const (
	DefaultWait  = 6 * time.Second
	DefaultTries = 3
	// BetweenKeys is the longest pause inside a number.
	BetweenKeys = 4 * time.Second
)

// Lookup asks something outside; the caller hears nothing meanwhile.
type Lookup struct {
	Lookup string `yaml:"lookup"` // the kind: see LookupKinds
	// Number is what is looked up, "$number".
	Number  string `yaml:"number"`
	Found   To     `yaml:"found"`
	Missing To     `yaml:"missing"`
	// Failed is taken when nobody could tell in time.
	Failed To `yaml:"failed"`
}

// Queue leaves the flow to wait for an agent.
type Queue struct {
	Queue    string `yaml:"queue"`
	Priority int    `yaml:"priority"`
	Say      Text   `yaml:"say"`
}

// Message leaves the flow to record a message after a beep.
type Message struct {
	Message Text          `yaml:"message"`
	Limit   time.Duration `yaml:"limit"`
	// Silence of this length ends it.
	Silence time.Duration `yaml:"silence"`
	// Ticket is the category of the ticket that the message becomes.
	Ticket string `yaml:"ticket"`
	// Queue is whose agents work it; empty: everyone's.
	Queue string `yaml:"queue"`
}

// Hangup says goodbye and ends the call.
type Hangup struct {
	Hangup Text `yaml:"hangup"`
}

// Refuse ends a call that was never answered. It can only be reached before anything is said.
type Refuse struct {
	Refuse string `yaml:"refuse"` // busy, congestion, unallocated
}

// Heads are the kinds of nodes by the key that a file writes them with; each call returns a new one.
var Heads = map[string]func() Do{
	"switch":   func() Do { return &Switch{} },
	"language": func() Do { return &Language{} },
	"flow":     func() Do { return &Jump{} },
	"say":      func() Do { return &Say{} },
	"menu":     func() Do { return &Menu{} },
	"collect":  func() Do { return &Collect{} },
	"lookup":   func() Do { return &Lookup{} },
	"queue":    func() Do { return &Queue{} },
	"message":  func() Do { return &Message{} },
	"hangup":   func() Do { return &Hangup{} },
	"refuse":   func() Do { return &Refuse{} },
}

// HeadOrder lists Heads so that the first one found in a node is its kind: a queue node may have a say as well.
var HeadOrder = []string{
	"switch", "menu", "collect", "lookup", "message", "queue", "hangup", "refuse", "flow", "language", "say",
}

func (n *Switch) ways() []way {
	if isHours(n.Switch) {
		return []way{{field: "open", to: n.Open}, {field: "closed", to: n.Closed}, {field: "holiday", to: n.Holiday, optional: true}}
	}
	return append(keyed("cases", n.Cases, false), way{field: "otherwise", to: n.Otherwise})
}
func (n *Language) ways() []way { return []way{{field: "go", to: n.Go}} }
func (n *Jump) ways() []way     { return nil }
func (n *Say) ways() []way      { return []way{{field: "go", to: n.Go}} }
func (n *Menu) ways() []way     { return append(keyed("keys", n.Keys, true), n.Asking.ways()...) }
func (n *Collect) ways() []way {
	return append([]way{{field: "go", to: n.Go, byKey: true}}, n.Asking.ways()...)
}
func (n *Lookup) ways() []way {
	return []way{{field: "found", to: n.Found}, {field: "missing", to: n.Missing}, {field: "failed", to: n.Failed}}
}
func (n *Queue) ways() []way   { return nil }
func (n *Message) ways() []way { return nil }
func (n *Hangup) ways() []way  { return nil }
func (n *Refuse) ways() []way  { return nil }

func (a *Asking) ways() []way {
	return []way{{field: "otherwise", to: a.Otherwise, optional: a.Silence != ""}, {field: "silence", to: a.Silence, optional: true}}
}

func keyed(field string, m map[string]To, byKey bool) []way {
	ways := make([]way, 0, len(m)+2)
	for _, k := range sortedKeys(m) {
		ways = append(ways, way{field: field + "." + k, to: m[k], byKey: byKey})
	}
	return ways
}

func (n *Switch) texts() []saying   { return nil }
func (n *Language) texts() []saying { return nil }
func (n *Jump) texts() []saying     { return nil }
func (n *Say) texts() []saying      { return []saying{{field: "say", text: n.Say}} }
func (n *Menu) texts() []saying {
	return append([]saying{{field: "menu", text: n.Menu}}, n.Asking.texts()...)
}
func (n *Collect) texts() []saying {
	return append([]saying{{field: "collect", text: n.Collect}}, n.Asking.texts()...)
}
func (n *Lookup) texts() []saying  { return nil }
func (n *Queue) texts() []saying   { return []saying{{"say", n.Say, true}} }
func (n *Message) texts() []saying { return []saying{{field: "message", text: n.Message}} }
func (n *Hangup) texts() []saying  { return []saying{{"hangup", n.Hangup, true}} }
func (n *Refuse) texts() []saying  { return nil }

func (a *Asking) texts() []saying {
	return []saying{{"invalid", a.Invalid, true}, {"nothing", a.Nothing, true}}
}
