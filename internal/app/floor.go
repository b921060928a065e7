package app

import (
	"maps"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"hotline/call"
	"hotline/fact"
	"hotline/floor"
	"hotline/internal/config"
)

// floorConfig is the part of the configuration that decisions need.
func floorConfig(cfg *config.Config) *floor.Config {
	lines := make(map[string]floor.Line, len(cfg.Lines))
	for number, l := range cfg.Lines {
		lines[number] = floor.Line{Flow: l.Flow, Lang: l.Language}
	}
	rules := floor.DefaultRules()
	rules.DeskGrace, rules.MediaGrace = cfg.Desk.Grace, cfg.Desk.MediaGrace
	rules.Message = fact.ToMessage{Limit: cfg.Messages.Limit, Silence: cfg.Messages.Silence}
	rules.Bounds = call.DefaultBounds()
	queues := cfg.ACDQueues()
	for i := range queues {
		queues[i].Recording.Off = queues[i].Recording.Off || cfg.Recording.Off
	}
	return &floor.Config{
		Hash: cfg.Hash, Zone: cfg.Zone, Lang: cfg.Centre.Languages[0], Lines: lines, Queues: queues,
		Agents: cfg.ACDAgents(), Phones: cfg.Phones(), Book: cfg.Book, NotReady: reasons(cfg), Teams: teams(cfg),
		Callers: callers(cfg), Rules: rules, Callbacks: callbacks(cfg),
		Announcements: announcements(cfg), Langs: cfg.Centre.Languages, Phrases: cfg.Phrases,
	}
}

// announcements are what supervisors may switch on, and what queues tell by name.
func announcements(cfg *config.Config) (all []floor.Announcement) {
	for _, name := range cfg.Announced() {
		a := cfg.Announcements[name]
		all = append(all, floor.Announcement{Name: name, Text: a.Text, Lines: a.Lines, Queues: a.Queues})
	}
	return all
}

// reasons are why an agent may be not ready, with their quotas.
func reasons(cfg *config.Config) (all []floor.Reason) {
	for _, name := range cfg.Reasons() {
		all = append(all, floor.Reason{Name: name, AtOnce: cfg.NotReady[name].AtOnce})
	}
	return all
}

// callers are the rules for who calls, with all numbers in E.164.
func callers(cfg *config.Config) floor.Callers {
	of := floor.Callers{Numbers: map[string]int{}, Prefixes: map[string]int{}, Repeat: floor.Repeat(cfg.Callers.Repeat)}
	number := numberOf(cfg)
	for _, name := range slices.Sorted(maps.Keys(cfg.Callers.Lists)) {
		l := cfg.Callers.Lists[name]
		of.Lists = append(of.Lists, floor.CallerList{Name: name, Priority: l.Priority, Queue: l.Queue, Agent: l.Agent})
		for _, n := range l.Numbers {
			n = config.PlainNumber(n)
			if begin, isPrefix := strings.CutSuffix(n, "*"); isPrefix {
				if !strings.HasPrefix(begin, "+") { // as it is dialled here: 010… and 138…
					begin = "+" + cfg.Centre.CountryCode + strings.TrimPrefix(begin, "0")
				}
				of.Prefixes[begin] = len(of.Lists) - 1
				continue
			}
			of.Numbers[number(n)] = len(of.Lists) - 1
		}
	}
	return of
}

// teams are those whose quotas the agents count in.
func teams(cfg *config.Config) map[string]string {
	of := make(map[string]string, len(cfg.Agents))
	for login, a := range cfg.Agents {
		of[login] = a.Team
	}
	return of
}

// lineOf finds the configured line for a dialled number, however the configuration and the carrier write it: with or
// without +, country and area code. Unknown numbers come back as they are, and are refused.
func lineOf(cfg *config.Config) func(string) string {
	whole := map[string]string{}
	for _, n := range slices.Sorted(maps.Keys(cfg.Lines)) {
		whole[wholeNumber(cfg, n)] = n
	}
	return func(dialled string) string {
		country, area := cfg.Centre.CountryCode, cfg.Centre.AreaCode
		plain := strings.TrimPrefix(dialled, "+")
		for _, n := range []string{
			dialled, plain,
			strings.TrimPrefix(plain, country),
			strings.TrimPrefix(plain, country+area),
			strings.TrimPrefix(plain, "0"+area),
		} {
			if _, ok := cfg.Lines[n]; ok {
				return n
			}
		}
		for _, n := range []string{wholeNumber(cfg, dialled), "+" + plain, "+" + country + plain} {
			if line, ok := whole[n]; ok {
				return line
			}
		}
		return dialled
	}
}

// wholeNumber completes a number that is written as it is dialled here: +498912345 for 08912345, 00498912345 and, where the
// area code is 89, 12345. No table of numbers is asked, since a hotline's may be shorter than any of the country.
func wholeNumber(cfg *config.Config, n string) string {
	if strings.HasPrefix(n, "+") {
		return n
	}
	if abroad, ok := strings.CutPrefix(n, "00"); ok {
		return "+" + abroad
	}
	if national, ok := strings.CutPrefix(n, "0"); ok {
		return "+" + cfg.Centre.CountryCode + national
	}
	return "+" + cfg.Centre.CountryCode + strings.TrimPrefix(cfg.Centre.AreaCode, "0") + n
}

// shortestLocal is how long a number without its area code is at least; shorter ones, and those that begin with 1, are
// services (10086, 95598) and stay as they are.
const shortestLocal = 7

// numberOf gives E.164 for a caller's number: +8613800138000 for 13800138000, 013800138000 and 8613800138000. A number that
// is none stays as it was signalled.
func numberOf(cfg *config.Config) func(string) string {
	read := readNumber(cfg)
	return func(signalled string) string {
		if n := read(signalled); n != nil {
			return phonenumbers.Format(n, phonenumbers.E164)
		}
		return signalled
	}
}

// callerOf gives a caller's number as numberOf does, and names the place that it belongs to: 北京市 for +861065551234 and for
// the mobile numbers given out there.
func callerOf(cfg *config.Config) func(string) (number, region string) {
	read, lang := readNumber(cfg), cfg.Centre.Languages[0]
	return func(signalled string) (number, region string) {
		n := read(signalled)
		if n == nil {
			return signalled, ""
		}
		region, err := phonenumbers.GetGeocodingForNumber(n, lang)
		if err != nil {
			region = ""
		}
		return phonenumbers.Format(n, phonenumbers.E164), region
	}
}

// readNumber reads a number in the ways in which carriers write them; nil: it is none. Reading is slow (regular
// expressions, some 15 µs): no way is tried twice.
func readNumber(cfg *config.Config) func(signalled string) *phonenumbers.PhoneNumber {
	region := phonenumbers.GetRegionCodeForCountryCode(atoi(cfg.Centre.CountryCode))
	return func(signalled string) *phonenumbers.PhoneNumber {
		tries := []string{signalled, strings.TrimPrefix(signalled, "0"), "+" + strings.TrimPrefix(signalled, "+")}
		if len(signalled) >= shortestLocal && !strings.HasPrefix(signalled, "1") {
			tries = append(tries, "0"+cfg.Centre.AreaCode+signalled)
		}
		for i, try := range tries {
			if slices.Contains(tries[:i], try) {
				continue
			}
			if n, err := phonenumbers.Parse(try, region); err == nil && phonenumbers.IsValidNumber(n) {
				return n
			}
		}
		return nil
	}
}

// readRegions reads the tables of numbers and places, which takes a tenth of a second, so that the loop does not wait for it
// when the first caller comes.
func readRegions(cfg *config.Config) {
	country := phonenumbers.GetRegionCodeForCountryCode(atoi(cfg.Centre.CountryCode))
	if n := phonenumbers.GetExampleNumber(country); n != nil {
		callerOf(cfg)(phonenumbers.Format(n, phonenumbers.E164))
	}
}

func atoi(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}
