package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"hotline/floor"
	"hotline/ivr"
)

// The house's own words are of two rooms: the flows' (a wrong key, no key) and the floor's (the place in the queue, calling
// back). In the file they are one table.

// flowPhrases are those of the flows, whose texts the flows' book checks.
func flowPhrases(all map[string]ivr.Text) map[string]ivr.Text {
	of := maps.Clone(all)
	maps.DeleteFunc(of, func(name string, _ ivr.Text) bool {
		_, ok := ivr.DefaultPhrases[name]
		return !ok
	})
	return of
}

// phrases wants known names, each language, and the one thing in the middle that the phrase is there to tell.
func (l *loading) phrases(c *Config) {
	house := floor.Phrases()
	for _, name := range sorted(c.Phrases) {
		place, text := "phrases."+name, c.Phrases[name]
		if _, ok := ivr.DefaultPhrases[name]; ok {
			continue
		}
		value, ok := house[name]
		if !ok {
			known := append(sorted(ivr.DefaultPhrases), sorted(house)...)
			l.unknown(place, "phrase", name, known)
			continue
		}
		l.title(c, place, text, true)
		for _, lang := range sorted(text) {
			at := strings.TrimSuffix(place+"."+lang, ".")
			if value != "" && !strings.Contains(text[lang], value) {
				l.wrong(at, "the text does not say "+value, "write "+value+" where it is to be said")
			}
			if rest := strings.ReplaceAll(text[lang], cmp.Or(value, "$$"), ""); strings.Contains(rest, "$") {
				l.wrong(at, "nothing but "+cmp.Or(value, "the text itself")+" can be said here", "leave out what else begins with $")
			}
		}
	}
}

// Foreign are the languages of the centre in which the house has no words for something that its callers may hear, each with
// the names of these phrases: they are said in English.
func (c *Config) Foreign() map[string][]string {
	of := map[string][]string{}
	for name := range floor.Phrases() {
		if c.Callback.Trunk == "" && strings.HasPrefix(name, "callback-") {
			continue
		}
		for _, lang := range c.Centre.Languages {
			text := c.Phrases[name]
			if text[lang] == "" && text[""] == "" && !floor.Speaks(lang) {
				of[lang] = append(of[lang], name)
			}
		}
	}
	for _, names := range of {
		slices.Sort(names)
	}
	return of
}
