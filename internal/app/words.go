package app

import "hotline/ari"

// linkDown says in words, with the remedy, why a link to Asterisk is down.
func linkDown(r ari.Reason) string {
	switch r {
	case ari.ReasonUnauthorized:
		return "Asterisk refuses the user or the password, or the user is read-only: compare pbx in the configuration with ari.conf"
	case ari.ReasonTooOld:
		return "this Asterisk is too old: 20 or newer is needed, 22 is best"
	case ari.ReasonReplaced:
		return "another program has taken the application: let each hotline have an `app` of its own"
	}
	return string(r)
}
