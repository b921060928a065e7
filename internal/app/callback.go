package app

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"hotline/floor"
	"hotline/internal/config"
)

// callbacks are the rules of calling back.
func callbacks(cfg *config.Config) floor.Callbacks {
	b, country, number := cfg.Callback, cfg.Centre.CountryCode, numberOf(cfg)
	return floor.Callbacks{
		Trunk: b.Endpoint(), CallerID: b.CallerID, Name: cfg.Centre.Name, First: b.First, Permitted: b.Permitted, Forbidden: b.Forbidden,
		Own: ownNumbers(cfg), PerDay: b.PerDay, Ring: b.Ring, Times: b.Retries.Times, After: b.Retries.After, Expires: b.Expires,
		Hours:  cfg.Calendars[b.Hours],
		Number: func(keyed string) (string, bool) { return callable(number(keyed), country) },
		Spoken: func(number string) string { return spokenDigits(number, country) },
	}
}

// callable tells whether a number in E.164 is one that a customer can have: emergency and short numbers are none.
func callable(number, country string) (string, bool) {
	n, err := phonenumbers.Parse(number, phonenumbers.GetRegionCodeForCountryCode(atoi(country)))
	if err != nil || !strings.HasPrefix(number, "+") || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.UAN, phonenumbers.VOICEMAIL, phonenumbers.PAGER:
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// ownNumbers are the house's lines as a customer would have to dial them from elsewhere: a hotline does not call itself.
func ownNumbers(cfg *config.Config) (own []string) {
	number := numberOf(cfg)
	for line := range cfg.Lines {
		plain := strings.TrimPrefix(line, "+")
		own = append(own, number(line), "+"+cfg.Centre.CountryCode+plain, "+"+cfg.Centre.CountryCode+cfg.Centre.AreaCode+plain)
	}
	slices.Sort(own)
	return slices.Compact(own)
}

// spokenDigits are the digits of a number as people here say it: without the own country's code.
func spokenDigits(number, country string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil || int(n.GetCountryCode()) != atoi(country) {
		return strings.TrimPrefix(number, "+")
	}
	return digitsOnly(phonenumbers.Format(n, phonenumbers.NATIONAL))
}

func digitsOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
