package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/floor"
)

func TestASupervisorSwitchesAnAnnouncementAndTheBoardShowsIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.centre.tell(Update{Announcements: []floor.AnnouncementView{{Announcement: "outage"}}})
	boss := o.tab("boss")
	whole := read1[Board](t, boss.subscribe(TopicBoard, "{}"))
	require.Len(t, whole.Announcements, 1)
	require.False(t, whole.Announcements[0].On)

	code, body, _ := o.ask("boss", "PUT", "/api/announcements/outage", `{"on":true}`)
	require.Equal(t, 204, code, body)
	require.Equal(t, []floor.Announce{{Name: "outage", On: true, By: "boss"}}, o.centre.announced)
	code, _, _ = o.ask("li", "PUT", "/api/announcements/outage", `{"on":true}`)
	require.Equal(t, 403, code, "not for agents")

	o.centre.tell(Update{Announcements: []floor.AnnouncementView{{Announcement: "outage", On: true, Since: time.Now(), By: "boss"}}})
	d := boss.until(func(e Envelope) bool { return strings.Contains(string(e.Data), `"on":true`) })
	require.Equal(t, "boss", read1[Board](t, d).Announcements[0].By)
	o.centre.tell(Update{Announcements: []floor.AnnouncementView{}})
	boss.until(func(e Envelope) bool { return strings.Contains(string(e.Data), `"announcements":[]`) })
}
