package fact

// AnnouncementSwitched: callers are told something from now on, or no longer: by a supervisor, or because of a surge. It
// holds over restarts and reloads.
type AnnouncementSwitched struct {
	Announcement string `json:"announcement"`
	On           bool   `json:"on"`
	By           string `json:"by"`
	Surge        bool   `json:"surge,omitempty"` // nobody did it: a surge began, or is over
}

func init() { register[AnnouncementSwitched]() }

// Kind is the fact's name in the journal.
func (AnnouncementSwitched) Kind() string { return "announcement.switched" }
