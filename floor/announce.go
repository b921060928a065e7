package floor

import (
	"fmt"
	"slices"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// What callers are told beside the flow. A supervisor switches an announcement on at once (power is out in the east); then
// callers of its lines hear it after the greeting, in the language that they have chosen by then, and callers of its queues
// when they begin to wait: everybody once. A queue's wait.tell may name one that is always said there.

// Announcement is one text.
type Announcement struct {
	Name   string
	Text   map[string]string // by language; under "" the same in all
	Lines  []string          // whose callers hear it; neither lines nor queues: all callers
	Queues []string
}

// Switched is an announcement that is on.
type Switched struct {
	Since time.Time
	By    string
	Surge bool `json:",omitempty"` // by nobody: it goes off again with the surge
}

// Announce switches an announcement.
type Announce struct {
	Name string
	On   bool
	By   string
}

func (Announce) input() {}

// Surged tells whether a surge stands, and since when, for which the house has this announcement switched on by itself. It
// may be told again and again.
type Surged struct {
	Announcement string
	Standing     bool
	Since        time.Time
}

func (Surged) input() {}

func (f *Floor) announcement(name string) *Announcement {
	i := slices.IndexFunc(f.cfg.Announcements, func(a Announcement) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &f.cfg.Announcements[i]
}

func (s *step) announce(in Announce) error {
	if s.announcement(in.Name) == nil {
		return &Illegal{Code: "not-found", Text: fmt.Sprintf("there is no announcement %q", in.Name), Place: "announcement"}
	}
	if _, on := s.s.On[in.Name]; on != in.On {
		s.emit(fact.AnnouncementSwitched{Announcement: in.Name, On: in.On, By: in.By})
	}
	return nil
}

// surged goes by what people want: what a supervisor has switched on stays on after the surge, and what a supervisor has
// switched off in a surge stays off in it.
func (s *step) surged(in Surged) {
	now, on := s.s.On[in.Announcement]
	switch {
	case s.announcement(in.Announcement) == nil: // the configuration has changed
	case in.Standing && !on && !s.s.Off[in.Announcement].After(in.Since):
		s.emit(fact.AnnouncementSwitched{Announcement: in.Announcement, On: true, Surge: true})
	case !in.Standing && on && now.Surge:
		s.emit(fact.AnnouncementSwitched{Announcement: in.Announcement, Surge: true})
	}
}

func (f *Floor) applyAnnouncement(x fact.AnnouncementSwitched, at time.Time) {
	f.touchedAnnouncements = true
	switch {
	case x.On:
		put(&f.s.On, x.Announcement, Switched{Since: at, By: x.By, Surge: x.Surge})
		return
	case !x.Surge:
		put(&f.s.Off, x.Announcement, at)
	}
	delete(f.s.On, x.Announcement)
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}

// phrases are the announcement in a language; in each one while the caller has chosen none.
func (a *Announcement) phrases(lang string, all []string) (say []fact.Phrase) {
	langs := []string{lang}
	if lang == "" {
		langs = all
	}
	if text, same := a.Text[""]; same {
		return []fact.Phrase{{Lang: langs[0], Text: text, File: "announcements." + a.Name}}
	}
	for _, l := range langs {
		if a.Text[l] == "" {
			l = all[0]
		}
		say = append(say, fact.Phrase{Lang: l, Text: a.Text[l], File: "announcements." + a.Name})
	}
	return say
}

// news are the announcements that are on, meant for this caller here and not heard yet. queue is empty in the flow.
func (s *step) news(c *call.Call, queue, lang string) (names []string, say []fact.Phrase) {
	for i := range s.cfg.Announcements {
		a := &s.cfg.Announcements[i]
		_, on := s.s.On[a.Name]
		everywhere := len(a.Lines)+len(a.Queues) == 0
		meant := everywhere || slices.Contains(a.Lines, c.Line) || queue != "" && slices.Contains(a.Queues, queue)
		if on && meant && !slices.Contains(c.Announced, a.Name) {
			names = append(names, a.Name)
			say = append(say, a.phrases(lang, s.langs())...)
		}
	}
	return names, say
}

func (f *Floor) langs() []string {
	if len(f.cfg.Langs) > 0 {
		return f.cfg.Langs
	}
	return []string{f.cfg.Lang}
}

// withNews lets a caller who has heard the greeting hear the news before what the flow says next.
func (s *step) withNews(c *call.Call, session fact.Session, turn *fact.Turn, input string) []string {
	refused := turn.Exit != nil && turn.Exit.Hangup != nil && turn.Exit.Hangup.Refuse != ""
	if input == "begin" || refused || turn.Lookup != nil || turn.Exit != nil && turn.Exit.Queue != nil && len(turn.Say) == 0 {
		return nil // the greeting goes before; the queue tells it itself
	}
	names, say := s.news(c, "", session.Lang)
	turn.Say = append(say, turn.Say...)
	return names
}

// newsOf is what a queue says on entry, and where it says so each time: what wait.tell names, and the news.
func (s *step) newsOf(c *call.Call, q *acd.Queue, entry bool) (names []string, say []fact.Phrase) {
	if entry {
		names, say = s.news(c, q.ID, c.Session.Lang)
	}
	for _, what := range q.Wait.Tell {
		if a := s.announcement(what); a != nil && !slices.Contains(names, what) {
			say = append(say, a.phrases(c.Session.Lang, s.langs())...)
		}
	}
	return names, say
}

// AnnouncementView is an announcement as the board shows it.
type AnnouncementView struct {
	Announcement string    `json:"announcement"`
	On           bool      `json:"on"`
	Since        time.Time `json:"since,omitzero"`
	By           string    `json:"by,omitempty"`
	// Surge: nobody switched it on; it is on as long as the surge lasts.
	Surge bool `json:"surge,omitempty"`
}

// Announcements are all of the configuration, in its order; never nil.
func (f *Floor) Announcements() []AnnouncementView {
	all := make([]AnnouncementView, 0, len(f.cfg.Announcements))
	for _, a := range f.cfg.Announcements {
		on, is := f.s.On[a.Name]
		all = append(all, AnnouncementView{Announcement: a.Name, On: is, Since: on.Since, By: on.By, Surge: on.Surge})
	}
	return all
}

// Phrases are the announcements in every language, so that their sound is there before the first caller.
func (a Announcement) Phrases(langs []string) []fact.Phrase { return a.phrases("", langs) }
