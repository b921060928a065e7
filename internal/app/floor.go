package app

import (
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
		Agents: cfg.ACDAgents(), Book: cfg.Book, NotReady: cfg.Reasons(), Rules: rules,
	}
}

// lineOf finds the configured line for a dialled number as a carrier may write it: with or without +, country and area
// code. Unknown numbers come back as they are, and are refused.
func lineOf(cfg *config.Config) func(string) string {
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
		return dialled
	}
}

// numberOf gives E.164 for a caller's number: +8613800138000 for 13800138000, 013800138000 and 8613800138000.
func numberOf(cfg *config.Config) func(string) string {
	region := phonenumbers.GetRegionCodeForCountryCode(atoi(cfg.Centre.CountryCode))
	return func(signalled string) string {
		for _, try := range []string{signalled, strings.TrimPrefix(signalled, "0"), "+" + strings.TrimPrefix(signalled, "+"), "0" + cfg.Centre.AreaCode + signalled} {
			n, err := phonenumbers.Parse(try, region)
			if err == nil && phonenumbers.IsValidNumber(n) {
				return phonenumbers.Format(n, phonenumbers.E164)
			}
		}
		return signalled
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
