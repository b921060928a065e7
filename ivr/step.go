package ivr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/calendar"
	"hotline/fact"
)

// InputKind is what happened to a caller in a flow.
type InputKind string

// The kinds of input.
const (
	Key          InputKind = "key"           // Input.Key was pressed; at any time
	Silence      InputKind = "silence"       // the turn's Wait ran out after the prompt or the last key
	Spoken       InputKind = "spoken"        // everything the turn says was heard
	Found        InputKind = "found"         // the turn's lookup has an answer: Input.Vars
	Missing      InputKind = "missing"       // the turn's lookup says there is none
	LookupFailed InputKind = "lookup-failed" // nobody could tell in time
)

// Input is one thing that happened.
type Input struct {
	Kind InputKind
	Key  string // one of 0-9 * #
	Vars map[string]string
}

const (
	// mostNodes bounds the nodes of one step. A checked flow never comes near it.
	mostNodes = 100
	// longestPath bounds Session.Path for a caller who walks round in menus: the first step and the last ones stay.
	longestPath = 60
	// thisNumber stands in Session.Hidden for the digits being keyed now.
	thisNumber = ""
)

// Begin puts a caller at the start of a flow. An empty lang means that the caller has not chosen one.
func (b *Book) Begin(flow, lang string, env Env) (fact.Session, fact.Turn, error) {
	f, ok := b.flows[flow]
	if !ok {
		return fact.Session{}, fact.Turn{}, fmt.Errorf("flow %q: %w", flow, ErrGone)
	}
	r := run{b: b, env: env, s: fact.Session{Flow: flow, Lang: lang}}
	t, err := r.enter(f.Start)
	return r.s, t, err
}

// Step takes the caller on from the turn in force. It changes neither its arguments nor what they point to. The errors
// are ErrIgnored, which is no failure, and ErrGone.
//
// The turn that comes back says what to do next: play Say (a key stops it when Barge is set), then wait for Wait, run
// the Lookup, or leave by the Exit. A turn with Wait that says nothing means: go on waiting, silently, from this key on.
func (b *Book) Step(s fact.Session, t fact.Turn, in Input, env Env) (fact.Session, fact.Turn, error) {
	if t.Exit != nil {
		return s, t, ErrIgnored
	}
	node, ok := b.flows[s.Flow].Nodes[s.Node]
	if !ok {
		return s, t, fmt.Errorf("flow %q, node %q: %w", s.Flow, s.Node, ErrGone)
	}
	r := run{b: b, env: env, s: s}
	r.s.Vars, r.s.Hidden, r.s.Path = maps.Clone(s.Vars), maps.Clone(s.Hidden), slices.Clone(s.Path)
	next, err := r.take(node, t, in)
	if err != nil {
		return s, t, err
	}
	return r.s, next, nil
}

// run is one Begin or Step at work.
type run struct {
	b   *Book
	env Env
	s   fact.Session
	say []fact.Phrase // to be said before whatever comes next
}

// take sorts an input by what the turn in force waits for.
func (r *run) take(n Node, t fact.Turn, in Input) (fact.Turn, error) {
	switch in.Kind {
	case Key:
		if t.Lookup == nil && t.Barge && len(in.Key) == 1 && strings.Contains(allKeys, in.Key) {
			return r.key(n, in.Key)
		}
	case Silence:
		if t.Wait > 0 {
			return r.silence(n)
		}
	case Spoken:
		if t.Wait == 0 && t.Lookup == nil {
			return r.leaveSaid(n)
		}
	case Found, Missing, LookupFailed:
		if ask, ok := n.Do.(*Lookup); ok && t.Lookup != nil {
			return r.answer(ask, in)
		}
	}
	return t, ErrIgnored
}

// leaveSaid goes on from a node whose words are over, or were skipped.
func (r *run) leaveSaid(n Node) (fact.Turn, error) {
	switch do := n.Do.(type) {
	case *Say:
		return r.enter(do.Go)
	case *Lookup:
		return r.ask(do), nil
	case *Menu, *Collect: // a reload made a question of what was a statement
		return r.enter(To(r.s.Node))
	}
	return fact.Turn{}, fmt.Errorf("flow %q, node %q says nothing: %w", r.s.Flow, r.s.Node, ErrGone)
}

func (r *run) answer(ask *Lookup, in Input) (fact.Turn, error) {
	switch in.Kind {
	case Found:
		for name, value := range in.Vars {
			r.set(name, value)
		}
		return r.enter(ask.Found)
	case Missing:
		return r.enter(ask.Missing)
	}
	return r.enter(ask.Failed)
}

// key is a key that the turn listens to.
func (r *run) key(n Node, key string) (fact.Turn, error) {
	anywhere, everywhere := r.flow().Anywhere[key]
	switch do := n.Do.(type) {
	case *Menu:
		to, ok := do.Keys[key]
		if !ok {
			to, ok = anywhere, everywhere
		}
		if !ok {
			return r.fail(do.Asking, "invalid", do.Invalid)
		}
		return r.choose(key, to)
	case *Collect:
		return r.digit(do, key)
	}
	if everywhere {
		return r.choose(key, anywhere)
	}
	return r.leaveSaid(n)
}

// choose follows a key, and writes it on the path.
func (r *run) choose(key string, to To) (fact.Turn, error) {
	r.mark(key, r.b.label(r.s.Flow, to))
	return r.enter(to)
}

// digit is a key while a number is collected.
func (r *run) digit(do *Collect, key string) (fact.Turn, error) {
	switch {
	case key == do.end():
		return r.number(do)
	case key == "*" || key == "#":
		return r.beginAgain(key)
	}
	r.keep(do, key)
	if len(r.s.Digits) == do.Digits.Max {
		return r.number(do)
	}
	return fact.Turn{Barge: true, Wait: BetweenKeys}, nil
}

func (r *run) beginAgain(key string) (fact.Turn, error) {
	if to, ok := r.flow().Anywhere[key]; ok && r.s.Digits == "" {
		return r.choose(key, to)
	}
	r.forget()
	return r.listen()
}

// keep adds a digit to the number; of a secret one only its length stands in what is journalled.
func (r *run) keep(do *Collect, key string) {
	if !do.Secret {
		r.s.Digits += key
		return
	}
	r.s.Digits += "*"
	r.hide(thisNumber, r.s.Hidden[thisNumber]+key)
}

func (r *run) forget() {
	r.s.Digits = ""
	delete(r.s.Hidden, thisNumber)
}

// number ends the collecting: by the end key, by the longest length or by silence.
func (r *run) number(do *Collect) (fact.Turn, error) {
	digits := r.s.Digits
	if do.Secret && len(r.s.Hidden[thisNumber]) != len(digits) {
		// The hidden digits did not survive a restart: ask for them all again.
		r.forget()
		return r.listen()
	}
	if len(digits) < do.Digits.Min {
		if to, ok := r.flow().Anywhere[digits]; ok && !do.Secret {
			return r.choose(digits, to)
		}
		if digits == "" {
			return r.fail(do.Asking, "nothing", do.Nothing)
		}
		return r.fail(do.Asking, "short", do.Invalid)
	}
	if do.Secret {
		r.hide(do.Into, r.s.Hidden[thisNumber])
	}
	r.set(do.Into, digits)
	r.forget()
	r.mark(digits, "")
	return r.enter(do.Go)
}

// silence is the end of the turn's Wait.
func (r *run) silence(n Node) (fact.Turn, error) {
	switch do := n.Do.(type) {
	case *Menu:
		if do.Silence != "" {
			return r.enter(do.Silence)
		}
		return r.fail(do.Asking, "nothing", do.Nothing)
	case *Collect:
		if r.s.Digits == "" && do.Silence != "" {
			return r.enter(do.Silence)
		}
		return r.number(do)
	}
	return r.leaveSaid(n) // a reload made a statement of what was a question
}

// fail counts a failed try, and asks again or gives up.
func (r *run) fail(a Asking, phrase string, own Text) (fact.Turn, error) {
	r.s.Tries++
	r.forget()
	if to, ok := a.afterTries(r.s.Tries); ok {
		return r.enter(to)
	}
	if len(own) > 0 {
		r.speak(textKey(r.s.Flow, r.s.Node, phrase), own)
	} else {
		r.speak("ivr."+phrase, r.b.phrases[phrase])
	}
	return r.listen()
}

func (a Asking) afterTries(failed int) (To, bool) {
	most := a.Tries
	if most == 0 {
		most = DefaultTries
	}
	if failed < most {
		return "", false
	}
	if a.Otherwise == "" {
		return a.Silence, true
	}
	return a.Otherwise, true
}

func (a Asking) wait() time.Duration {
	if a.Wait == 0 {
		return DefaultWait
	}
	return a.Wait
}

func (n *Collect) end() string {
	if n.End == "" {
		return "#"
	}
	return n.End
}

// listen puts the question of the node where the caller stands.
func (r *run) listen() (fact.Turn, error) {
	node := r.flow().Nodes[r.s.Node]
	switch do := node.Do.(type) {
	case *Menu:
		r.speak(textKey(r.s.Flow, r.s.Node, "menu"), do.Menu)
		return fact.Turn{Say: r.say, Barge: true, Wait: do.wait()}, nil
	case *Collect:
		r.speak(textKey(r.s.Flow, r.s.Node, "collect"), do.Collect)
		return fact.Turn{Say: r.say, Barge: true, Wait: do.wait()}, nil
	}
	return fact.Turn{}, fmt.Errorf("flow %q, node %q asks nothing: %w", r.s.Flow, r.s.Node, ErrGone)
}

func (r *run) ask(do *Lookup) fact.Turn {
	args := map[string]string{"lang": r.b.Lang(r.s)}
	for _, name := range variables(do.Number) {
		args["number"] += r.s.Vars[name]
	}
	return fact.Turn{Lookup: &fact.Lookup{Kind: do.Lookup, Args: args}}
}

// enter goes to a node and on through all that need nothing from the caller.
func (r *run) enter(to To) (fact.Turn, error) {
	for range mostNodes {
		node, ok := r.arrive(to)
		if !ok {
			return fact.Turn{}, fmt.Errorf("flow %q, node %q: %w", r.s.Flow, to, ErrGone)
		}
		switch do := node.Do.(type) {
		case *Switch:
			to = r.decide(do)
		case *Language:
			r.s.Lang = do.Language
			to = do.Go
		case *Jump:
			r.s.Flow = do.To
			to = r.flow().Start
		case *Say:
			r.speak(textKey(r.s.Flow, r.s.Node, "say"), do.Say)
			if do.MustHear {
				return fact.Turn{Say: r.say}, nil
			}
			to = do.Go
		case *Menu, *Collect:
			return r.listen()
		case *Lookup:
			if len(r.say) > 0 {
				return fact.Turn{Say: r.say, Barge: true}, nil
			}
			return r.ask(do), nil
		default:
			return r.exit(node.Do), nil
		}
	}
	return fact.Turn{}, fmt.Errorf("flow %q, node %q: %d nodes without a word from the caller: %w", r.s.Flow, to, mostNodes, ErrGone)
}

// exit leaves the flow by one of its ends.
func (r *run) exit(do Do) fact.Turn {
	var e fact.Exit
	switch do := do.(type) {
	case *Queue:
		r.s.Lang = r.b.Lang(r.s)
		r.speak(textKey(r.s.Flow, r.s.Node, "say"), do.Say)
		e.Queue = &fact.ToQueue{Queue: do.Queue, Priority: do.Priority}
	case *Message:
		r.speak(textKey(r.s.Flow, r.s.Node, "message"), do.Message)
		e.Message = &fact.ToMessage{Limit: do.Limit, Silence: do.Silence, Category: do.Ticket, Queue: do.Queue}
		if do.Limit == 0 {
			e.Message.Limit = r.b.centre.MessageLimit
		}
		if do.Silence == 0 {
			e.Message.Silence = r.b.centre.MessageSilence
		}
	case *Hangup:
		r.speak(textKey(r.s.Flow, r.s.Node, "hangup"), do.Hangup)
		e.Hangup = &fact.ToHangup{}
	case *Refuse:
		e.Hangup = &fact.ToHangup{Refuse: do.Refuse}
	}
	return fact.Turn{Say: r.say, Exit: &e}
}

// decide chooses the way out of a switch.
func (r *run) decide(do *Switch) To {
	if name, ok := strings.CutPrefix(do.Switch, "hours."); ok {
		return r.decideHours(do, name)
	}
	value := ""
	switch do.Switch {
	case "line":
		value = r.env.Line
	case "language":
		value = r.s.Lang
	case "region":
		value = r.env.Caller.Region
	case "time":
		local := r.env.Now.In(r.b.centre.Zone)
		now := calendar.Clock(local.Hour()*60 + local.Minute())
		for _, name := range sortedKeys(do.Cases) {
			spans, _ := calendar.ParseSpans(name) // checked
			for _, span := range spans {
				if span.From <= now && now < span.To {
					return do.Cases[name]
				}
			}
		}
	}
	if to, ok := do.Cases[value]; ok {
		return to
	}
	return do.Otherwise
}

func (r *run) decideHours(do *Switch, name string) To {
	h := r.b.centre.Hours[name]
	switch r.b.centre.Lines[r.env.Line].Open {
	case "always":
		return do.Open
	case "never":
		return do.Closed
	}
	state := h.At(r.env.Now)
	if state.Open {
		return do.Open
	}
	r.set("hours", name)
	for lang, holiday := range state.Holiday {
		r.set(varHoliday+"."+lang, holiday)
	}
	if state.Holiday != nil && do.Holiday != "" {
		return do.Holiday
	}
	return do.Closed
}

// arrive makes a node the one where the caller stands.
func (r *run) arrive(to To) (Node, bool) {
	node, ok := r.flow().Nodes[string(to)]
	if !ok {
		return Node{}, false
	}
	r.s.Node, r.s.Tries = string(to), 0
	r.forget()
	if len(r.s.Path) == longestPath {
		r.s.Path = slices.Delete(r.s.Path, 1, 2)
	}
	r.s.Path = append(r.s.Path, fact.PathStep{Node: string(to)})
	return node, true
}

func (r *run) flow() Flow { return r.b.flows[r.s.Flow] }

func (r *run) mark(key, label string) {
	if n := len(r.s.Path); n > 0 {
		r.s.Path[n-1].Key, r.s.Path[n-1].Label = key, label
	}
}

func (r *run) set(name, value string) {
	if r.s.Vars == nil {
		r.s.Vars = map[string]string{}
	}
	r.s.Vars[name] = value
}

func (r *run) hide(name, value string) {
	if r.s.Hidden == nil {
		r.s.Hidden = map[string]string{}
	}
	r.s.Hidden[name] = value
}

// Lang is the language the caller chose, or the centre's first.
func (b *Book) Lang(s fact.Session) string {
	if s.Lang != "" {
		return s.Lang
	}
	return b.centre.Languages[0]
}
