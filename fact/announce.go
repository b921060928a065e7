package fact

// AnnouncementSwitched: a supervisor lets callers be told something, or no longer. It holds over restarts and reloads.
type AnnouncementSwitched struct {
	Announcement string `json:"announcement"`
	On           bool   `json:"on"`
	By           string `json:"by"`
}

func init() { register[AnnouncementSwitched]() }

// Kind is the fact's name in the journal.
func (AnnouncementSwitched) Kind() string { return "announcement.switched" }
