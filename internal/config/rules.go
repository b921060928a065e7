package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"hotline/acd"
	"hotline/calendar"
	"hotline/ivr"
)

// longestKeep bounds times that would otherwise be slips of the pen.
const longestKeep = 100 * 365 * 24 * time.Hour

// rules check what decoding cannot: values, and names across sections.
func (l *loading) rules(c *Config, flows []ivr.Flow) {
	l.centre(c)
	l.phrases(c)
	l.hours(c)
	l.lines(c, flows)
	l.skills(c)
	l.queues(c)
	l.callers(c)
	l.announcements(c)
	l.alarms(c)
	l.callbacks(c)
	l.people(c)
	l.sound(c)
	l.links(c)
	if !l.about("centre") { // without languages and a zone no text can be judged
		l.book(c, flows)
	}
}

func (l *loading) oneOf(place, what, word string, known ...string) {
	if !slices.Contains(known, word) {
		l.unknown(place, what, word, known)
	}
}

func (l *loading) name(place, name string) {
	if !word.MatchString(name) {
		l.wrong(place, fmt.Sprintf("%q is no name", name), "use small letters, digits, _ and -")
	}
}

// title wants each language of the centre.
func (l *loading) title(c *Config, place string, t ivr.Text, needed bool) {
	if len(t) == 0 {
		if needed {
			l.wrong(place, "the name is missing", "add it, by language: {zh: …, en: …}")
		}
		return
	}
	for _, lang := range sorted(t) {
		if lang != "" && !slices.Contains(c.Centre.Languages, lang) {
			l.unknown(place+"."+lang, "language", lang, c.Centre.Languages)
		}
	}
	if _, all := t[""]; all {
		return
	}
	for _, lang := range c.Centre.Languages {
		if t[lang] == "" {
			l.wrong(place, "the text is missing in "+lang, "add "+lang+": …")
		}
	}
}

func (l *loading) between(place string, d, least, most time.Duration) {
	if d < least || d > most {
		l.wrong(place, fmt.Sprintf("%s is outside %s to %s", d, least, most), "")
	}
}

var (
	digits   = regexp.MustCompile(`^[0-9]+$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)
	number   = regexp.MustCompile(`^\+?[0-9]{1,20}$`)
	endpoint = regexp.MustCompile(`^PJSIP/[A-Za-z0-9_.-]{1,79}$`)
)

func (l *loading) centre(c *Config) {
	if len(c.Centre.Languages) == 0 {
		l.wrong("centre.languages", "there is no language", "write languages: [zh, en]")
	}
	for i, lang := range c.Centre.Languages {
		place := fmt.Sprintf("centre.languages.%d", i)
		if !language.MatchString(lang) {
			l.wrong(place, fmt.Sprintf("%q is no language", lang), "write zh, en")
		}
		if slices.Index(c.Centre.Languages, lang) != i {
			l.wrong(place, lang+" stands there twice", "delete one")
		}
	}
	l.title(c, "centre.name", c.Centre.Name, true)
	zone, err := time.LoadLocation(c.Centre.Timezone)
	if err != nil || c.Centre.Timezone == "" || c.Centre.Timezone == "Local" {
		l.wrong("centre.timezone", fmt.Sprintf("%q is no time zone", c.Centre.Timezone), "write a name such as Asia/Shanghai")
		zone = time.UTC
	}
	c.Zone = zone
	if !digits.MatchString(c.Centre.CountryCode) {
		l.wrong("centre.country_code", fmt.Sprintf("%q is no country code", c.Centre.CountryCode), `write "86"`)
	}
	if a := c.Centre.AreaCode; a != "" && !digits.MatchString(a) {
		l.wrong("centre.area_code", fmt.Sprintf("%q is no area code", a), `write "10" or "021"`)
	}
}

// hours makes the calendars.
func (l *loading) hours(c *Config) {
	c.Calendars = map[string]*calendar.Hours{}
	for _, name := range sorted(c.Hours) {
		place, h := "hours."+name, c.Hours[name]
		l.name(place, name)
		out := &calendar.Hours{Zone: c.Zone, Days: map[calendar.Date]calendar.Day{}}
		given := map[time.Weekday]string{}
		for _, days := range sorted(h.Week) {
			weekdays, err := calendar.ParseWeekdays(days)
			if err != nil {
				l.wrong(place+"."+days, err.Error(), didYouMean(days, []string{"holidays", "daily", "mon-fri"}))
				continue
			}
			spans, err := calendar.ParseSpans(h.Week[days])
			if err != nil {
				l.wrong(place+"."+days, err.Error(), "")
			}
			for _, d := range weekdays {
				if other, twice := given[d]; twice {
					l.wrong(place+"."+days, fmt.Sprintf("%s is in %s too", d, other), "give each weekday once")
				}
				given[d], out.Week[d] = days, spans
			}
		}
		l.holidays(c, place+".holidays", h.Holidays, out)
		c.Calendars[name] = out
	}
}

func (l *loading) holidays(c *Config, place string, h Holidays, out *calendar.Hours) {
	if h.Set != "" {
		set, ok := calendar.Sets[h.Set]
		if !ok {
			l.unknown(place, "set of holidays", h.Set, sorted(calendar.Sets))
		}
		for date, day := range set {
			out.Days[date] = day
		}
	}
	for _, key := range sorted(h.Days) {
		at, day := place+".days."+key, h.Days[key]
		first, last, ranged := strings.Cut(key, "/")
		if !ranged {
			last = first
		}
		from, err := calendar.ParseDate(first)
		if err != nil {
			l.wrong(at, err.Error(), "or as 2026-10-01/2026-10-07")
			continue
		}
		to, err := calendar.ParseDate(last)
		if err != nil {
			l.wrong(at, err.Error(), "or as 2026-10-01/2026-10-07")
			continue
		}
		spans, err := calendar.ParseSpans(day.Open)
		if err != nil {
			l.wrong(at+".open", err.Error(), "")
		}
		l.title(c, at+".name", day.Name, false)
		count := 0
		for date := from; ; date = date.Plus(1) {
			if count++; count > 400 {
				l.wrong(at, "the days end before they begin, or last for more than a year", "write the first day, a slash and the last")
				break
			}
			out.Days[date] = calendar.Day{Name: day.Name, Work: day.Work, Spans: spans}
			if date == to {
				break
			}
		}
	}
}

func (l *loading) lines(c *Config, flows []ivr.Flow) {
	if len(c.Lines) == 0 {
		l.wrong("lines", "no number can be called", `add lines: {"12345": {flow: main}}`)
	}
	var names []string
	for _, f := range flows {
		names = append(names, f.Name)
	}
	for _, n := range sorted(c.Lines) {
		place, line := "lines."+n, c.Lines[n]
		if !number.MatchString(n) {
			l.wrong(place, fmt.Sprintf("%q is no number", n), "write the digits, with + in front or without")
		}
		if !slices.Contains(names, line.Flow) {
			l.unknown(place+".flow", "flow", line.Flow, names)
		}
		if line.Open != "" {
			l.oneOf(place+".open", "way of being open", line.Open, "always", "never")
		}
		if line.Language != "" && !slices.Contains(c.Centre.Languages, line.Language) {
			l.unknown(place+".language", "language", line.Language, c.Centre.Languages)
		}
		l.title(c, place+".title", line.Title, false)
	}
	if c.CallerPage.Enabled {
		if _, ok := c.Lines[c.CallerPage.Line]; !ok {
			l.unknown("caller_page.line", "line", c.CallerPage.Line, sorted(c.Lines))
		}
		if c.CallerPage.PerMinute < 1 || c.CallerPage.AtOnce < 1 {
			l.wrong("caller_page", "nobody could call", "set per_minute and at_once to 1 or more, or enabled: false")
		}
	}
}

// skills wants each skill known, and somebody who has it.
func (l *loading) skills(c *Config) {
	has := map[string]bool{}
	for _, login := range sorted(c.Agents) {
		for _, skill := range sorted(c.Agents[login].Skills) {
			has[skill] = true
			if !slices.Contains(c.Skills, skill) {
				l.unknown("agents."+login+".skills."+skill, "skill", skill, c.Skills)
			}
		}
	}
	for i, skill := range c.Skills {
		place := fmt.Sprintf("skills.%d", i)
		l.name(place, skill)
		if slices.Index(c.Skills, skill) != i {
			l.wrong(place, skill+" stands there twice", "delete one")
		}
		if !has[skill] {
			l.wrong(place, fmt.Sprintf("nobody has the skill %q", skill), "give it to an agent, or delete it")
		}
	}
	for _, name := range sorted(c.Queues) {
		q := c.Queues[name]
		for _, skill := range sorted(q.Needs) {
			if !slices.Contains(c.Skills, skill) {
				l.unknown("queues."+name+".needs."+skill, "skill", skill, c.Skills)
			}
		}
	}
}

func (l *loading) queues(c *Config) {
	if len(c.Queues) == 0 {
		l.wrong("queues", "there is no queue", "name at least one: whom a reload leaves without a queue, or without a flow, waits in the first")
	}
	queues := make([]acd.Queue, 0, len(c.Queues))
	for _, name := range inOrder(l.findings, "queues", c.Queues) {
		place, q := "queues."+name, c.Queues[name]
		q.ID = name
		queues = append(queues, q)
		l.name(place, name)
		l.title(c, place+".title", q.Title, true)
		for i, what := range q.Wait.Tell {
			l.oneOf(fmt.Sprintf("%s.wait.tell.%d", place, i), "announcement", what, append([]string{"place", "expected-wait"}, sorted(c.Announcements)...)...)
		}
		if q.Recording.Keep != "" && !days.MatchString(q.Recording.Keep) {
			l.wrong(place+".recording.keep", fmt.Sprintf("%q is no number of days", q.Recording.Keep), "write 180d")
		}
		l.destinations(place+".wait.keys", q.Wait.Keys, c)
		l.destinations(place+".limits.when", q.Limits.When, c)
	}
	agents := make([]acd.Agent, 0, len(c.Agents))
	for _, login := range inOrder(l.findings, "agents", c.Agents) {
		a := c.Agents[login]
		for i, m := range a.Queues {
			if _, ok := c.Queues[m.Queue]; !ok {
				l.unknown(fmt.Sprintf("agents.%s.queues.%d", login, i), "queue", m.Queue, sorted(c.Queues))
			}
		}
		agents = append(agents, acd.Agent{ID: login, Skills: a.Skills, Queues: a.Queues})
	}
	if len(l.errs) > 0 {
		return // acd would say the same again, without the nearest word
	}
	for _, err := range acd.Check(queues, agents) {
		place, reason := l.placeIn(err.Error())
		l.wrong(place, reason, "")
	}
}

func (l *loading) destinations(place string, m map[string]string, c *Config) {
	for _, key := range sorted(m) {
		if to, ok := strings.CutPrefix(m[key], "queue:"); ok {
			if _, there := c.Queues[to]; !there {
				l.unknown(place+"."+key, "queue", to, sorted(c.Queues))
			}
			continue
		}
		l.oneOf(place+"."+key, "destination", m[key], acd.ToMessage, acd.ToCallback, acd.ToEnd, "queue:<name>")
	}
}

// placeIn finds the place that acd's words "queue complaint: wait keys 5: …" speak of, as deep as the files go.
func (l *loading) placeIn(words string) (place, reason string) {
	subject, rest, ok := strings.Cut(words, ": ")
	kind, id, named := strings.Cut(subject, " ")
	if !ok || !named {
		return "queues", words
	}
	place = kind + "s." + id
	where, what, deeper := strings.Cut(rest, ": ")
	if !deeper {
		return place, rest
	}
	for part := range strings.FieldsSeq(strings.ReplaceAll(where, ",", "")) {
		if _, known := l.at[place+"."+part]; !known {
			return place, rest
		}
		place += "." + part
	}
	return place, what
}

func (l *loading) people(c *Config) {
	roles := map[string]string{}
	login := func(section, login string, name ivr.Text) {
		place := section + "." + login
		l.name(place, login)
		l.title(c, place+".name", name, true)
		if other, taken := roles[login]; taken {
			l.wrong(place, fmt.Sprintf("%s stands in %s too", login, other), "a login has one role: the higher one may do all of the lower")
		}
		roles[login] = section
	}
	for _, id := range sorted(c.Agents) {
		login("agents", id, c.Agents[id].Name)
		if team := c.Agents[id].Team; team != "" {
			l.name("agents."+id+".team", team)
		}
		if p := c.Agents[id].Phone; p != "" && !endpoint.MatchString(p) {
			l.wrong("agents."+id+".phone", fmt.Sprintf("%q is no endpoint", p), "write PJSIP/ and the endpoint's name in pjsip.conf: PJSIP/1001")
		}
	}
	for _, id := range sorted(c.Supervisors) {
		login("supervisors", id, c.Supervisors[id].Name)
		for i, q := range c.Supervisors[id].Queues {
			if _, there := c.Queues[q]; !there {
				l.unknown(fmt.Sprintf("supervisors.%s.queues.%d", id, i), "queue", q, sorted(c.Queues))
			}
		}
	}
	for _, id := range sorted(c.Admins) {
		login("admins", id, c.Admins[id].Name)
	}
	for _, reason := range sorted(c.NotReady) {
		place, r := "not_ready."+reason, c.NotReady[reason]
		l.name(place, reason)
		l.title(c, place+".title", r.Title, true)
		l.between(place+".limit", r.Limit, 0, 24*time.Hour)
		if r.AtOnce < 0 {
			l.wrong(place+".at_once", "it is negative", "leave it out for no limit")
		}
	}
	l.between("desk.grace", c.Desk.Grace, time.Second, time.Hour)
	l.between("desk.media_grace", c.Desk.MediaGrace, time.Second, time.Hour)
	l.between("desk.session", c.Desk.Session, time.Minute, 7*24*time.Hour)
}

func (l *loading) sound(c *Config) {
	for _, lang := range c.Centre.Languages {
		v, ok := c.Prompts.Voices[lang]
		if !ok {
			l.wrong("prompts.voices", "nobody speaks "+lang, "add "+lang+": {engine: espeak-ng, voice: …}")
			continue
		}
		place := "prompts.voices." + lang
		l.oneOf(place+".engine", "engine", v.Engine, "espeak-ng")
		if v.Voice == "" {
			l.wrong(place+".voice", "the voice is missing", "espeak-ng --voices lists them")
		}
		if v.Speed < 80 || v.Speed > 300 {
			l.wrong(place+".speed", fmt.Sprintf("%d words a minute", v.Speed), "use 80 to 300")
		}
	}
	if c.Prompts.Megabyte < 1 || c.Prompts.Megabyte > 1<<20 {
		l.wrong("prompts.megabyte", fmt.Sprintf("%d MB", c.Prompts.Megabyte), "use 1 or more; 512 is plenty")
	}
	if r := c.Prompts.Recorded; r != "" {
		if found, err := l.glob(l.join(l.dir, r)); err != nil || len(found) == 0 {
			l.wrong("prompts.recorded", fmt.Sprintf("there is no folder %q", r), "make it, or leave the key out")
		}
	}
	l.oneOf("prompts.asterisk", "way to the sounds", c.Prompts.Asterisk, "path", "http")
	if c.Prompts.Asterisk == "http" {
		l.webAddress("prompts.url", c.Prompts.URL)
	}
	l.oneOf("recording.format", "format", c.Recording.Format, "opus", "wav")
	l.between("recording.keep", c.Recording.Keep, 24*time.Hour, longestKeep)
	l.between("messages.keep", c.Messages.Keep, 24*time.Hour, longestKeep)
	l.between("messages.limit", c.Messages.Limit, 5*time.Second, 30*time.Minute)
	l.between("messages.silence", c.Messages.Silence, time.Second, time.Minute)
}

// book makes the flows' book.
func (l *loading) book(c *Config, flows []ivr.Flow) {
	centre := ivr.Centre{
		Languages: c.Centre.Languages, Zone: c.Zone, Queues: map[string]ivr.Text{}, Hours: c.Calendars,
		Lines: map[string]ivr.Line{}, MessageLimit: c.Messages.Limit, MessageSilence: c.Messages.Silence, Phrases: flowPhrases(c.Phrases),
	}
	for name, q := range c.Queues {
		centre.Queues[name] = q.Title
	}
	for n, line := range c.Lines {
		centre.Lines[n] = ivr.Line{Flow: line.Flow, Open: line.Open}
	}
	book, problems := ivr.NewBook(flows, centre)
	for _, p := range problems {
		remedy := p.Remedy
		if p.Known != nil {
			remedy = didYouMean(p.Word, p.Known)
		}
		l.wrong(p.Place, p.Reason, remedy)
	}
	c.Book = book
}

func sorted[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
