package desk

import (
	"net/http"

	"hotline/floor"
	"hotline/people"
)

// AnnouncementSwitch is the body of PUT /api/announcements/{announcement}.
type AnnouncementSwitch struct {
	On bool `json:"on"`
}

// AnnouncementInfo is an announcement as configured.
type AnnouncementInfo struct {
	Announcement string
	Title, Text  map[string]string // by language
}

// BoardAnnouncement is what a supervisor may let callers be told at once, and whether they are.
type BoardAnnouncement struct {
	floor.AnnouncementView
	Title map[string]string `json:"title"`
	Text  map[string]string `json:"text"`
	// ByNames are the name of who switched it on, by language.
	ByNames map[string]string `json:"by_names,omitempty"`
}

// boardAnnouncements puts what is on beside what is configured.
func boardAnnouncements(views []floor.AnnouncementView, configured []AnnouncementInfo, names map[string]map[string]string) []BoardAnnouncement {
	infos := index(configured, func(a AnnouncementInfo) string { return a.Announcement })
	all := make([]BoardAnnouncement, 0, len(views))
	for _, v := range views {
		all = append(all, BoardAnnouncement{AnnouncementView: v, Title: infos[v.Announcement].Title, Text: infos[v.Announcement].Text, ByNames: names[v.By]})
	}
	return all
}

// announce switches an announcement. Who did it is in the journal, so it may be done while the audit is away.
func (d *Desk) announce(w http.ResponseWriter, r *asked) error {
	name, err := word("announcement", r.PathValue("announcement"))
	if err != nil {
		return err
	}
	var s AnnouncementSwitch
	if err := read(r, &s); err != nil {
		return err
	}
	if err := d.Centre.Announce(r.Context(), floor.Announce{Name: name, On: s.On, By: r.user.Login}); err != nil {
		return err
	}
	words := map[bool]string{true: "on", false: "off"}[s.On]
	if err := d.audit(r.Context(), r, people.AnnouncementSwitched, name, words); err != nil {
		d.Log.Error("an announcement was switched, which is in the journal, but not in the audit", "login", r.user.Login, "announcement", name, "switched", words, "err", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
