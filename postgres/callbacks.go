package postgres

import (
	"hotline/fact"
)

// callback keeps the promises of calls back. What they come to stands in the time lines of the call that asked and of the
// attempts.
func (a *applying) callback(f fact.Fact) {
	switch f.(type) {
	case fact.CallbackRequested, fact.CallbackPostponed, fact.CallbackEnded:
		a.lists = true
	}
	switch f := f.(type) {
	case fact.CallbackRequested:
		a.queue(`INSERT INTO callbacks (callback, call, queue, number, since, asked, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			f.Callback, f.Call, f.Queue, f.Number, f.Since, a.at, f.Expires)
		a.mark(f, f.Call, "", f.Queue, f.Callback)
	case fact.CallbackRefused:
		a.mark(f, f.Call, "", f.Queue, string(f.Why))
	case fact.CallbackTried:
		a.mark(f, f.Call, "", "", f.Callback)
	case fact.CallbackDialled:
		a.mark(f, f.Call, f.Agent, f.Queue, "")
	case fact.CallbackPostponed:
		if f.Dialled {
			a.queue(`UPDATE callbacks SET tries = tries + 1 WHERE callback = $1`, f.Callback)
		}
		if f.Call != "" {
			a.mark(f, f.Call, "", f.Queue, string(f.Why))
		}
	case fact.CallbackEnded:
		a.queue(`UPDATE callbacks SET ended = $2, result = $3, waited_us = $4, tries = $5, agent = $6, ended_by = $7 WHERE callback = $1`,
			f.Callback, a.at, string(f.Result), usec(f.Waited), f.Tries, f.Agent, f.By)
		if f.Call != "" {
			a.mark(f, f.Call, f.Agent, f.Queue, string(f.Result))
		}
	}
}
