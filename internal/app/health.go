package app

import (
	"hotline/ari"
	"hotline/desk"
)

// health tells how the server's parts are.
type health struct{ a *App }

// part is one of them, with what its alarm is made of.
type part struct {
	desk.Part
	kind  desk.AlarmKind
	node  string
	cause desk.AlarmCause
	why   string
}

func (h health) parts() []part {
	var parts []part
	h.a.nodes.Range(func(name, cause any) bool {
		p := part{kind: desk.LinkDown, node: name.(string), cause: cause.(desk.AlarmCause)} //nolint:forcetypeassert // nothing else is stored
		p.Name, p.Ready = "asterisk "+p.node, p.cause == ""
		if !p.Ready {
			p.Reason = "the link is down: " + linkDown(p.cause)
		}
		parts = append(parts, p)
		return true
	})
	db := part{Part: desk.Part{Name: "postgres"}, kind: desk.ArchiveDown}
	st := h.a.projector.Status()
	switch {
	case !h.a.prepared.Load():
		db.cause, db.Reason = desk.ArchiveStarts, "PostgreSQL does not answer yet: history and sign-in wait, calls are taken"
	case st.Stopped != nil:
		db.cause, db.Reason, db.why = desk.ArchiveStops, st.Stopped.Error(), st.Stopped.Error()
	case st.Away != nil:
		db.cause, db.Reason = desk.ArchiveLost, "PostgreSQL is away: history is delayed, calls are taken"
	default:
		db.Ready = true
	}
	j := part{Part: desk.Part{Name: "journal", Ready: !h.a.centre.Provisional()}, kind: desk.JournalDown}
	if !j.Ready {
		j.Reason = "the journal cannot be written: free the disk or check the state folder; calls go on, figures are provisional"
	}
	return append(parts, db, j)
}

func (h health) Parts() (parts []desk.Part) {
	for _, p := range h.parts() {
		parts = append(parts, p.Part)
	}
	return parts
}

func (h health) Alarms() []desk.Alarm {
	alarms := h.a.alarms.list()
	for _, p := range h.parts() {
		if !p.Ready {
			alarms = append(alarms, desk.Alarm{ID: p.Name, At: h.a.started, Kind: p.kind, Text: p.Reason, Cause: p.cause, Node: p.node, Why: p.why})
		}
	}
	return alarms
}

// linkDown says in words, with the remedy, why a link to Asterisk is down.
func linkDown(why desk.AlarmCause) string {
	switch ari.Reason(why) {
	case ari.Reason(desk.Connecting):
		return "not connected yet"
	case ari.ReasonUnauthorized:
		return "Asterisk refuses the user or the password, or the user is read-only: compare pbx in the configuration with ari.conf"
	case ari.ReasonTooOld:
		return "this Asterisk is too old: 20 or newer is needed, 22 is best"
	case ari.ReasonReplaced:
		return "another program has taken the application: let each hotline have an `app` of its own"
	}
	return string(why)
}
