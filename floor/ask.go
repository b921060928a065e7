package floor

import (
	"maps"
	"slices"
	"strings"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// The dialog by which a waiting caller asks for a call back. The caller keeps the place and the music meanwhile; an agent
// who takes the call in the middle of it ends it. Each step is a fact, so that it goes on after a restart.
//
//	key or limit ──▶ confirm ──1──▶ promised
//	                  │ ▲ 2
//	                  ▼ │ #         * · too much silence · nothing but mistakes ──▶ wait on, or leave a message
//	                 number

const (
	// mostAskTries is how many mistakes and silences the dialog bears.
	mostAskTries = 3
	// mostKeyed is more than the longest number (E.164 has 15 digits) with a prefix to dial abroad.
	mostKeyed = 20
)

// canCallBack tells whether callers of this queue may have a call back.
func (f *Floor) canCallBack(queue string) bool {
	return f.cfg.Callbacks.Trunk != "" && f.cfg.Callbacks.Number != nil && !f.rules(queue).Callback.Off
}

// hint tells a waiting caller by which key a call back is to be had; nothing: by none.
func (s *step) hint(c *call.Call) []fact.Phrase {
	q := s.queues[c.Visit.Queue]
	if q == nil || c.Callback != "" || !s.canCallBack(q.ID) {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(q.Wait.Keys)) {
		if q.Wait.Keys[key] == acd.ToCallback && key >= "0" && key <= "9" {
			return []fact.Phrase{s.cfg.phrase("callback-hint", c.Session.Lang, key)}
		}
	}
	return nil
}

// ask begins the dialog. limit: the queue's limits led here, so that the caller cannot simply go on waiting.
func (s *step) ask(c *call.Call, why string, limit bool) {
	a := fact.CallbackAsked{Why: why, Limit: limit}
	number, ok := s.cfg.Callbacks.Number(c.Caller.Number)
	if c.Caller.Withheld || !ok || !s.cfg.Callbacks.permits(number) {
		s.askNumber(c, a)
		return
	}
	s.askConfirm(c, a, number)
}

func (s *step) askConfirm(c *call.Call, a fact.CallbackAsked, number string) {
	a.Step, a.Number, a.Digits = fact.AskConfirm, number, ""
	s.asks(c, a, s.questions(c, a))
}

func (s *step) askNumber(c *call.Call, a fact.CallbackAsked, before ...fact.Phrase) {
	a.Step, a.Number, a.Digits = fact.AskNumber, "", ""
	s.asks(c, a, append(before, s.questions(c, a)...))
}

// asks records a step of the dialog.
func (s *step) asks(c *call.Call, a fact.CallbackAsked, say []fact.Phrase) {
	a.Call, a.Visit, a.Say = c.ID, c.Visit.ID, say
	s.emit(a)
}

// questions are the words of the step that the dialog is in.
func (s *step) questions(c *call.Call, a fact.CallbackAsked) []fact.Phrase {
	lang := c.Session.Lang
	out := s.cfg.phrase("callback-star-wait", lang, "")
	if a.Limit {
		out = s.cfg.phrase("callback-star-message", lang, "")
	}
	if a.Step == fact.AskNumber {
		return []fact.Phrase{s.cfg.phrase("callback-number", lang, ""), out}
	}
	return []fact.Phrase{s.cfg.phrase("callback-confirm", lang, spell(s.cfg.Callbacks.Spoken(a.Number))), s.cfg.phrase("callback-keys", lang, ""), out}
}

// spell parts digits, so that they are said one by one.
func spell(digits string) string { return strings.Join(strings.Split(digits, ""), " ") }

// askKey: the caller pressed a key in the dialog.
func (s *step) askKey(c *call.Call, key string) {
	a := *c.Visit.Asking
	switch {
	case key == "*":
		s.askOver(c)
	case a.Step == fact.AskConfirm && key == "1":
		s.promise(c, a)
	case a.Step == fact.AskConfirm && key == "2":
		s.askNumber(c, a)
	case a.Step == fact.AskConfirm:
		s.askAgain(c, a)
	case key == "#":
		s.keyed(c, a)
	case len(a.Digits) >= mostKeyed:
		s.askAgain(c, a, s.cfg.phrase("callback-bad-number", c.Session.Lang, ""))
	default:
		a.Digits += key
		s.asks(c, a, nil)
	}
}

// keyed: the number is complete.
func (s *step) keyed(c *call.Call, a fact.CallbackAsked) {
	number, ok := s.cfg.Callbacks.Number(a.Digits)
	switch {
	case !ok:
		s.refuse(c, fact.RefusedNumber, "")
		s.askAgain(c, a, s.cfg.phrase("callback-bad-number", c.Session.Lang, ""))
	case !s.cfg.Callbacks.permits(number):
		s.refuse(c, fact.RefusedForbidden, "")
		s.askAgain(c, a, s.cfg.phrase("callback-not-permitted", c.Session.Lang, ""))
	default:
		s.askConfirm(c, a, number)
	}
}

// permits tells whether the house calls such numbers.
func (r *Callbacks) permits(number string) bool {
	begins := func(with string) bool { return strings.HasPrefix(number, with) }
	return slices.ContainsFunc(r.Permitted, begins) && !slices.ContainsFunc(r.Forbidden, begins) && !slices.Contains(r.Own, number)
}

// askAgain says the question once more after a mistake or a silence, unless there were too many.
func (s *step) askAgain(c *call.Call, a fact.CallbackAsked, before ...fact.Phrase) {
	if a.Tries++; a.Tries >= mostAskTries {
		s.askOver(c)
		return
	}
	a.Digits = ""
	s.asks(c, a, append(before, s.questions(c, a)...))
}

// askSilence: the caller said nothing for a while. A number that is keyed already counts as complete.
func (s *step) askSilence(c *call.Call) {
	a := *c.Visit.Asking
	if len(c.Saying) > 0 { // no end of the words was reported
		s.spoken(Spoken{Call: c.ID, Prompt: c.Prompt, Failed: "no end was reported"})
		return
	}
	if a.Digits != "" {
		s.keyed(c, a)
		return
	}
	s.askAgain(c, a)
}

// askOver ends the dialog without a promise: the caller goes on waiting, or leaves a message where the queue's limits let
// nobody wait.
func (s *step) askOver(c *call.Call, before ...fact.Phrase) {
	a := *c.Visit.Asking
	if a.Limit {
		s.asks(c, fact.CallbackAsked{Step: fact.AskOver, Why: a.Why, Limit: true}, nil)
		s.leaveMessage(c, a.Why, before...)
		return
	}
	say := append(before, s.cfg.phrase("callback-wait-on", c.Session.Lang, ""))
	s.asks(c, fact.CallbackAsked{Step: fact.AskOver, Why: a.Why}, say)
}

// refuse notes why a caller got no call back.
func (s *step) refuse(c *call.Call, why fact.CallbackRefusal, first string) {
	s.emit(fact.CallbackRefused{Call: c.ID, Visit: c.Visit.ID, Queue: c.Visit.Queue, Why: why, Callback: first})
}

// promise: the number is confirmed. The caller is told what comes of it, and hangs up with the place kept.
func (s *step) promise(c *call.Call, a fact.CallbackAsked) {
	v, rules, lang := c.Visit, &s.cfg.Callbacks, c.Session.Lang
	say := s.cfg.phrase("callback-promised", lang, "")
	switch first := s.openCallback(a.Number); {
	case !rules.permits(a.Number): // a reload took it away
		s.refuse(c, fact.RefusedForbidden, "")
		s.askNumber(c, a, s.cfg.phrase("callback-not-permitted", lang, ""))
		return
	case first != "":
		s.refuse(c, fact.RefusedOpen, first)
		say = s.cfg.phrase("callback-noted", lang, "")
	case rules.PerDay > 0 && s.requests(a.Number, s.now) >= rules.PerDay:
		s.refuse(c, fact.RefusedPerDay, "")
		s.askOver(c, s.cfg.phrase("callback-per-day", lang, ""))
		return
	default:
		who := c.Caller
		if who.Number != a.Number {
			who = fact.Party{Number: a.Number, Name: who.Name}
		}
		who.Withheld = false
		s.emit(fact.CallbackRequested{
			Callback: callbackOf(c.ID), Call: c.ID, Visit: v.ID, Queue: v.Queue, Number: a.Number, Caller: who, Line: c.Line, Node: c.Node,
			Lang: lang, Path: c.Session.Path, Priority: v.Priority, Boosts: v.Boosts, Since: v.Since, Expires: s.now.Add(rules.Expires), Ticket: c.Ticket,
		})
	}
	s.endVisit(c, fact.Callback, a.Why)
	s.sayThen(c, []fact.Phrase{say}, fact.Exit{Hangup: &fact.ToHangup{}})
}

// openCallback names the promise that a number has already; empty: none.
func (f *Floor) openCallback(number string) string {
	for id, b := range f.s.Callbacks {
		if b.Number == number {
			return id
		}
	}
	return ""
}
