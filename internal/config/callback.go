package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"hotline/acd"
)

var (
	endpointName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	prefix       = regexp.MustCompile(`^\+[0-9]{1,15}$`)
)

// Endpoint is what Asterisk is asked to dial: PJSIP/{number}@carrier for a trunk that is named carrier.
func (c Callback) Endpoint() string {
	if endpointName.MatchString(c.Trunk) {
		return "PJSIP/{number}@" + c.Trunk
	}
	return c.Trunk
}

// callbacks checks calling back, and that nothing leads to it where it is not done.
func (l *loading) callbacks(c *Config) {
	b := &c.Callback
	if b.Permitted == nil {
		b.Permitted = []string{"+" + c.Centre.CountryCode}
	}
	for _, list := range []struct {
		place string
		of    []string
	}{{"callback.permitted", b.Permitted}, {"callback.forbidden", b.Forbidden}} {
		for i, p := range list.of {
			if !prefix.MatchString(p) {
				l.wrong(fmt.Sprintf("%s.%d", list.place, i), fmt.Sprintf("%q is no beginning of a number", p), `write it with the country code: "+86", "+8610"`)
			}
		}
	}
	if e := b.Endpoint(); e != "" && (!strings.Contains(e, "/") || !strings.Contains(e, "{number}") && !strings.Contains(e, "{digits}")) {
		l.wrong("callback.trunk", fmt.Sprintf("%q does not say where the number goes", b.Trunk), "write the name of a PJSIP endpoint, or PJSIP/{number}@carrier")
	}
	if b.CallerID != "" && !number.MatchString(b.CallerID) {
		l.wrong("callback.caller_id", fmt.Sprintf("%q is no number", b.CallerID), "write the digits, with + in front or without")
	}
	l.oneOf("callback.first", "one to be called first", b.First, "agent", "customer")
	if b.PerDay < 1 || b.PerDay > 100 {
		l.wrong("callback.per_day", fmt.Sprintf("%d a day", b.PerDay), "use 1 to 100")
	}
	l.between("callback.ring", b.Ring, 5*time.Second, 2*time.Minute)
	l.between("callback.expires", b.Expires, time.Minute, 30*24*time.Hour)
	if b.Retries.Times < 0 || b.Retries.Times > 20 {
		l.wrong("callback.retries.times", fmt.Sprintf("%d times", b.Retries.Times), "use 0 to 20")
	}
	if b.Retries.Times > 0 && len(b.Retries.After) == 0 {
		l.wrong("callback.retries.after", "there is no time between the tries", "write after: [5m, 15m]")
	}
	for i, d := range b.Retries.After {
		l.between(fmt.Sprintf("callback.retries.after.%d", i), d, 10*time.Second, 7*24*time.Hour)
	}
	if b.Hours != "" && c.Hours[b.Hours].Week == nil {
		l.unknown("callback.hours", "set of opening hours", b.Hours, sorted(c.Hours))
	}
	if b.Trunk == "" {
		l.nothingLeadsToCallback(c)
	}
}

func (l *loading) nothingLeadsToCallback(c *Config) {
	lost := func(place string, m map[string]string) {
		for _, key := range sorted(m) {
			if m[key] == acd.ToCallback {
				l.wrong(place+"."+key, "this leads to a call back, but there is no trunk to call by", "add callback: {trunk: …}, or write message")
			}
		}
	}
	for _, name := range sorted(c.Queues) {
		q, place := c.Queues[name], "queues."+name
		if q.Callback.Off {
			continue // there it is a message
		}
		lost(place+".wait.keys", q.Wait.Keys)
		lost(place+".limits.when", q.Limits.When)
		for i, r := range q.Limits.Overflow {
			lost(fmt.Sprintf("%s.limits.overflow.%d", place, i), map[string]string{"to": r.To})
		}
	}
}
