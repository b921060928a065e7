package ivr

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/calendar"
	"hotline/fact"
)

// Centre is what the flows of a configuration may refer to.
type Centre struct {
	// Languages of the centre; the first is the one that screens and labels use.
	Languages []string
	Zone      *time.Location
	// Queues by name, with their titles.
	Queues map[string]Text
	Hours  map[string]*calendar.Hours
	// Lines by the number that is called.
	Lines map[string]Line
	// MessageLimit and MessageSilence are for message nodes that have none.
	MessageLimit   time.Duration
	MessageSilence time.Duration
	// Phrases replace DefaultPhrases, by the same names.
	Phrases map[string]Text
}

// Line is one number that can be called.
type Line struct {
	Flow string
	// Open overrides every hours.<name> switch for calls on this line: "always", "never" or "".
	Open string
}

// Env is what Begin and Step know of the world outside.
type Env struct {
	Now    time.Time
	Caller fact.Party
	Line   string
}

// Book is all the flows of a configuration, checked. It is read only and may be used by many at once.
type Book struct {
	centre    Centre
	flows     map[string]Flow
	phrases   map[string]Text
	collected map[string]bool // variables that are spoken digit by digit
}

// LookupKinds are the questions a lookup node may ask, with the variables that a Found input brings.
var LookupKinds = map[string][]string{
	// ticket.spoken: the state of the case as a sentence in Args["lang"].
	"ticket": {"ticket.number", "ticket.spoken", "ticket.status"},
}

// DefaultPhrases are what a caller hears where neither the node nor the configuration has words of its own.
var DefaultPhrases = map[string]Text{
	"invalid": {"zh": "对不起，没有这个选项。", "en": "Sorry, that is not one of the choices."},
	"nothing": {"zh": "对不起，没有收到您的按键。", "en": "Sorry, we did not receive a key."},
	"short":   {"zh": "对不起，您输入的号码不完整。", "en": "Sorry, that number is not complete."},
}

// ErrGone says that the configuration was reloaded and no longer has the node where the caller stands.
var ErrGone = errors.New("the flow no longer has the caller's node")

// ErrIgnored says that the input does not concern the turn in force (a key in what must be heard, a timer that came late).
// Session and turn are returned as they were; there is nothing to record and nothing to do.
var ErrIgnored = errors.New("the input does not concern the turn in force")

// NewBook checks the flows against the centre and against themselves. With any Problem there is no book.
func NewBook(flows []Flow, c Centre) (*Book, []Problem) {
	b := &Book{centre: c, flows: map[string]Flow{}, phrases: spokenIn(c.Languages), collected: map[string]bool{}}
	maps.Copy(b.phrases, c.Phrases)
	for _, f := range flows {
		for _, n := range f.Nodes {
			if take, ok := n.Do.(*Collect); ok {
				b.collected[take.Into] = true
			}
		}
		b.flows[f.Name] = f
	}
	if problems := check(b, flows); len(problems) > 0 {
		return nil, problems
	}
	return b, nil
}

// spokenIn are the default phrases in the centre's languages alone.
func spokenIn(langs []string) map[string]Text {
	all := map[string]Text{}
	for name, text := range DefaultPhrases {
		all[name] = Text{}
		for _, l := range langs {
			if words, ok := text[l]; ok {
				all[name][l] = words
			}
		}
	}
	return all
}

// Flows lists the names of all flows, sorted.
func (b *Book) Flows() []string { return sortedKeys(b.flows) }

// Line is the flow of a number, and whether the number is known.
func (b *Book) Line(number string) (flow string, ok bool) {
	l, ok := b.centre.Lines[number]
	return l.Flow, ok
}

// Secret tells whether the keys that the session's node takes must not be recorded anywhere.
func (b *Book) Secret(s fact.Session) bool {
	take, ok := b.flows[s.Flow].Nodes[s.Node].Do.(*Collect)
	return ok && take.Secret
}

// Static lists every phrase that can be known beforehand, so that its sound can be made before the first call.
func (b *Book) Static() []fact.Phrase {
	var all []fact.Phrase
	add := func(key string, t Text) {
		for _, lang := range b.centre.Languages {
			if p := b.phrase(key, t, lang); p.File != "" {
				all = append(all, p)
			}
		}
	}
	for _, name := range sortedKeys(b.phrases) {
		add("ivr."+name, b.phrases[name])
	}
	for _, flow := range b.Flows() {
		f := b.flows[flow]
		for _, node := range sortedKeys(f.Nodes) {
			for _, s := range f.Nodes[node].Do.texts() {
				add(textKey(flow, node, s.field), s.text)
			}
		}
	}
	return all
}

// Range is how many digits a number has: "6" or "6-12".
type Range struct{ Min, Max int }

// UnmarshalText reads 6 or 6-12.
func (r *Range) UnmarshalText(b []byte) error {
	lo, hi, ranged := strings.Cut(string(b), "-")
	if !ranged {
		hi = lo
	}
	from, err1 := strconv.Atoi(strings.TrimSpace(lo))
	to, err2 := strconv.Atoi(strings.TrimSpace(hi))
	if err1 != nil || err2 != nil || from < 1 || to < from || to > MaxDigits {
		return fmt.Errorf("%q is no count of digits: write 6 or 6-12, at most %d", b, MaxDigits)
	}
	*r = Range{from, to}
	return nil
}

func (r Range) String() string {
	if r.Min == r.Max {
		return strconv.Itoa(r.Min)
	}
	return fmt.Sprintf("%d-%d", r.Min, r.Max)
}

// MaxDigits is the longest number a caller may be asked for.
const MaxDigits = 32

func isHours(s string) bool { return strings.HasPrefix(s, "hours.") }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
