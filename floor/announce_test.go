package floor

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/ivr"
)

// outage is a shift whose house may tell of a power outage to all, and of long waits in the queue consult.
func outage(t testing.TB, tell ...string) *shift {
	cfg := house(t)
	cfg.Langs = []string{"en", "zh"}
	cfg.Announcements = []Announcement{
		{Name: "outage", Text: map[string]string{"en": "The power is out.", "zh": "停电通知。"}, Lines: []string{"1"}},
		{Name: "long", Text: map[string]string{"en": "It takes long today.", "zh": "今日等待较长。"}, Queues: []string{"consult"}},
	}
	if len(tell) > 0 {
		cfg.Queues[0].Wait.Tell = tell
	}
	return &shift{t: t, f: New(cfg), now: monday}
}

func (s *shift) saidTo(call string) (texts []string) {
	for _, f := range s.seen {
		var say []fact.Phrase
		switch f := f.(type) {
		case fact.FlowStepped:
			if f.Call == call {
				say = f.Turn.Say
			}
		case fact.WaitTold:
			if f.Call == call {
				say = f.Say
			}
		}
		for _, p := range say {
			texts = append(texts, p.Text)
		}
	}
	return texts
}

func TestAnAnnouncementIsHeardAfterTheGreetingAndOnceByEverybody(t *testing.T) {
	s := outage(t, "place")
	s.must(Announce{Name: "outage", On: true, By: "boss"})
	s.must(Announce{Name: "outage", On: true, By: "boss"})
	require.Equal(t, []fact.AnnouncementSwitched{{Announcement: "outage", On: true, By: "boss"}}, ofKind[fact.AnnouncementSwitched](s.seen))
	s.queue("c1")
	require.Equal(t, []string{"Press 1, 2 or 3", "The power is out.", "One moment", "You are number 1 in the queue."}, s.saidTo("c1"))
	s.must(Key{Call: "c1", Digit: "3"}) // to another queue
	require.NotContains(t, s.saidTo("c1")[4:], "The power is out.")

	s.must(Arrived{Channel: "c2", Node: "a", Line: "2", Via: "sip"})
	require.Equal(t, []string{"Closed"}, s.saidTo("c2"), "another line")
	s.must(Announce{Name: "outage", By: "boss"})
	s.queue("c3")
	require.NotContains(t, s.saidTo("c3"), "The power is out.")
}

func TestAQueueTellsItsAnnouncementOnEntry(t *testing.T) {
	s := outage(t, "place")
	s.must(Announce{Name: "long", On: true, By: "boss"})
	s.queue("c1")
	require.Equal(t, []string{"It takes long today.", "You are number 1 in the queue."}, s.saidTo("c1")[2:])
	s.must(Spoken{Call: "c1", Prompt: s.f.Call("c1").Prompt})
	s.later(46 * time.Second)
	require.Len(t, s.saidTo("c1"), 5, "the place again, the news not")
	s.must(Gone{Call: "c1"})
	s.staff("li")
	s.queue("c2")
	require.NotContains(t, s.saidTo("c2"), "It takes long today.", "somebody is free: nobody is kept")
}

func TestWaitTellNamesAnAnnouncementThatIsAlwaysSaid(t *testing.T) {
	s := outage(t, "long", "place")
	s.queue("c1")
	each := []string{"It takes long today.", "You are number 1 in the queue."}
	require.Equal(t, each, s.saidTo("c1")[2:])
	s.must(Spoken{Call: "c1", Prompt: s.f.Call("c1").Prompt})
	s.later(46 * time.Second)
	require.Equal(t, each, s.saidTo("c1")[4:], "and each time")
	s.must(Announce{Name: "long", On: true, By: "boss"})
	s.queue("c2")
	require.Equal(t, []string{"It takes long today.", "You are number 2 in the queue."}, s.saidTo("c2")[2:], "not twice when it is switched on, too")
}

func TestACallerWithoutALanguageHearsTheNewsInEach(t *testing.T) {
	s := outage(t)
	s.must(Announce{Name: "outage", On: true, By: "boss"})
	s.must(Arrived{Channel: "c1", Node: "a", Line: "1", Via: "sip"})
	under := &step{Floor: s.f, now: s.now}
	names, say := under.news(s.f.Call("c1"), "", "")
	require.Equal(t, []string{"outage"}, names)
	require.Equal(t, []fact.Phrase{
		{Lang: "en", Text: "The power is out.", File: "announcements.outage"}, {Lang: "zh", Text: "停电通知。", File: "announcements.outage"},
	}, say)
}

func TestWhatWasSwitchedOnSurvivesARestart(t *testing.T) {
	s := outage(t)
	require.ErrorContains(t, s.do(Announce{Name: "flood", On: true, By: "boss"}), `no announcement "flood"`)
	s.must(Announce{Name: "outage", On: true, By: "boss"})
	require.Equal(t, AnnouncementView{Announcement: "outage", On: true, Since: monday, By: "boss"}, s.f.Changed().Announcements[0])
	require.Nil(t, s.f.Changed().Announcements, "told once")
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	s.queue("c1")
	require.Contains(t, s.saidTo("c1"), "The power is out.")
	require.True(t, s.f.Announcements()[0].On)
}

func TestASurgeSwitchesAnAnnouncementOnAndOffAgain(t *testing.T) {
	s := outage(t)
	surge := Surged{Announcement: "outage", Standing: true, Since: monday}
	s.later(time.Minute)
	s.must(surge)
	s.must(surge)
	require.Equal(t, []fact.AnnouncementSwitched{{Announcement: "outage", On: true, Surge: true}}, ofKind[fact.AnnouncementSwitched](s.seen))
	require.Equal(t, AnnouncementView{Announcement: "outage", On: true, Since: s.now, Surge: true}, s.f.Announcements()[0])
	s.queue("c1")
	require.Contains(t, s.saidTo("c1"), "The power is out.")
	s.must(Surged{Announcement: "outage"})
	require.False(t, s.f.Announcements()[0].On)
	s.must(Surged{Announcement: "outage"})
	s.must(Surged{Announcement: "flood", Standing: true})
	require.Len(t, ofKind[fact.AnnouncementSwitched](s.seen), 2, "what is off stays off, and there is no flood")
}

func TestASupervisorsHandGoesBeforeASurge(t *testing.T) {
	s := outage(t)
	surge := Surged{Announcement: "outage", Standing: true, Since: monday}
	s.later(time.Minute)
	s.must(surge)
	s.must(Announce{Name: "outage", By: "boss"})
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	s.must(surge)
	require.False(t, s.f.Announcements()[0].On, "who switched it off in the surge has heard of it")
	s.later(time.Hour)
	surge.Since = s.now
	s.must(surge)
	require.True(t, s.f.Announcements()[0].On, "the next surge is another one")

	s.must(Announce{Name: "outage", By: "boss"})
	s.must(Announce{Name: "outage", On: true, By: "boss"})
	s.must(Surged{Announcement: "outage"})
	require.True(t, s.f.Announcements()[0].On, "what a supervisor has switched on stays")
}

// announced is how the ledger of the model check knows news: what is on, and to everybody once.
func (l *ledger) announced(call string, names []string) error {
	for _, n := range names {
		if !l.on[n] {
			return fmt.Errorf("%s is announced while it is off", n)
		}
		if slices.Contains(l.calls[call].announced, n) {
			return fmt.Errorf("%s is announced to the same caller twice", n)
		}
		l.calls[call].announced = append(l.calls[call].announced, n)
	}
	return nil
}

func TestTheHouseSpeaksInTheWordsOfItsConfiguration(t *testing.T) {
	s := begin(t)
	s.f.cfg.Phrases = map[string]ivr.Text{
		"place":       {"en": "$place callers are to be served, you among them."},
		"please-wait": {"": "…"},
	}
	require.Equal(t, "3 callers are to be served, you among them.", s.f.cfg.phrase("place", "en", "3").Text)
	require.Equal(t, fact.Phrase{Lang: "zh", Text: "…", File: "floor.please-wait"}, s.f.cfg.phrase("please-wait", "zh", ""), "a recording still goes before")
	require.Equal(t, "zh", s.f.cfg.phrase("thank-you", "zh", "").Lang, "what the configuration does not name is ours")
	require.Equal(t, "en", s.f.cfg.phrase("thank-you", "de", "").Lang)
	s.f.cfg.Langs = []string{"en", "zh"}
	require.Contains(t, s.f.cfg.Static(), fact.Phrase{Lang: "en", Text: "10 callers are to be served, you among them."}, "it is spoken beforehand")
	for name, variable := range Phrases() {
		for lang, text := range words[name] {
			require.Equal(t, variable != "", strings.Contains(text, "$"), "%s in %s", name, lang)
			require.Contains(t, text, variable, "%s in %s", name, lang)
		}
	}
}
