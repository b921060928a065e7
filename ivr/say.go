package ivr

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"hotline/calendar"
	"hotline/fact"
)

// variable is $name or ${name.part} in a text.
var variable = regexp.MustCompile(`\$\{([a-z][a-z0-9_.]*)\}|\$([a-z][a-z0-9_]*)`)

// longestValue bounds what a variable may add to a text, in runes.
const longestValue = 500

// Variables that every flow has after a switch on hours that led to closed.
const (
	varOpens   = "opens"   // when it opens again, as one says it
	varHoliday = "holiday" // the holiday's name, or nothing
)

// variables lists the names used in a text.
func variables(text string) []string {
	var names []string
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

// textKey is the name under which a recorded file replaces a text: "main.menu", "main.menu.invalid".
func textKey(flow, node, field string) string {
	switch field {
	case "invalid", "nothing":
		return flow + "." + node + "." + field
	}
	return flow + "." + node
}

// phrase is the text in that language; a text without variables has a File, the key of the recording that may
// replace it.
func (b *Book) phrase(key string, t Text, lang string) fact.Phrase {
	text, ok := t[lang]
	if !ok {
		if text, ok = t[""]; !ok {
			lang = b.centre.Languages[0]
			text = t[lang]
		}
	}
	p := fact.Phrase{Lang: lang, Text: text}
	if text != "" && !variable.MatchString(text) {
		p.File = key
	}
	return p
}

// speak adds a text to what the turn says: in the caller's language, or in each one while none is chosen.
func (r *run) speak(key string, t Text) {
	langs := []string{r.s.Lang}
	if r.s.Lang == "" {
		langs = r.b.centre.Languages
	}
	if _, all := t[""]; all {
		langs = langs[:1]
	}
	for _, lang := range langs {
		p := r.b.phrase(key, t, lang)
		if p.Text = strings.TrimSpace(r.expand(p.Text, p.Lang)); p.Text != "" {
			r.say = append(r.say, p)
		}
	}
}

// expand puts the session's variables into a text.
func (r *run) expand(text, lang string) string {
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		name := strings.Trim(m, "${}")
		value := []rune(r.s.Vars[name])
		if len(value) > longestValue {
			value = value[:longestValue]
		}
		switch {
		case name == varOpens:
			return r.opens(lang)
		case name == varHoliday:
			return r.s.Vars[varHoliday+"."+lang]
		case r.b.collected[name]:
			return spell(value)
		}
		return string(value)
	})
}

// spell reads a number out digit by digit: "2 0 2 6".
func spell(value []rune) string {
	parts := make([]string, len(value))
	for i, d := range value {
		parts[i] = string(d)
	}
	return strings.Join(parts, " ")
}

// opens says when the hours last switched on open again.
func (r *run) opens(lang string) string {
	h := r.b.centre.Hours[r.s.Vars["hours"]]
	if h == nil {
		return ""
	}
	at, ok := h.Opens(r.env.Now)
	if !ok {
		return ""
	}
	return SpokenTime(at.In(h.Zone), r.env.Now.In(h.Zone), lang)
}

// SpokenTime is a coming moment as one says it on the telephone: 明天上午8点30分, Thursday 8 October at 8:30 a.m.
func SpokenTime(at, now time.Time, lang string) string {
	day, today := calendar.DateOf(at), calendar.DateOf(now)
	if lang == "zh" {
		var d string
		switch day {
		case today:
			d = "今天"
		case today.Plus(1):
			d = "明天"
		default:
			d = fmt.Sprintf("%d月%d日星期%s", int(at.Month()), at.Day(), []string{"日", "一", "二", "三", "四", "五", "六"}[at.Weekday()])
		}
		half, hour := "上午", at.Hour()
		switch {
		case hour < 6:
			half = "凌晨"
		case hour == 12:
			half = "中午"
		case hour >= 18:
			half, hour = "晚上", hour-12
		case hour > 12:
			half, hour = "下午", hour-12
		}
		if at.Minute() == 0 {
			return fmt.Sprintf("%s%s%d点", d, half, hour)
		}
		return fmt.Sprintf("%s%s%d点%d分", d, half, hour, at.Minute())
	}
	clock := at.Format("3:04 pm")
	if at.Minute() == 0 {
		clock = at.Format("3 pm")
	}
	switch day {
	case today:
		return "today at " + clock
	case today.Plus(1):
		return "tomorrow at " + clock
	}
	return at.Format("Monday 2 January") + " at " + clock
}
