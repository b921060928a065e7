package desk

import (
	"slices"
	"time"
)

// seat is one agent's place: the tabs that listen to "me", one of which is the phone. Everything here is the hub's.
type seat struct {
	seq   uint64
	tabs  []*conn // in the order in which they came
	phone *conn
	day   Day
	told  time.Time // of the last message to all tabs
}

// seat puts a tab at its agent's place. The first one becomes the phone. Each message of this topic is whole, so that
// to resume is to get it once more.
func (h *hub) seat(c *conn) {
	s := h.seats[c.user.Agent]
	if s == nil {
		s = &seat{}
		h.seats[c.user.Agent] = s
	}
	s.replace(c)
	if !slices.Contains(s.tabs, c) {
		s.tabs = append(s.tabs, c)
	}
	s.day = h.Report.Day(c.user.Agent, h.Now())
	first := s.phone == nil
	if first {
		s.phone = c
	}
	h.tellTab(c.user.Agent, s, c, "snapshot")
	if first {
		h.Centre.DeskUp(c.user.Agent)
	}
}

// replace puts a reloaded tab in the place of its own earlier connection, which may take long to be seen as closed (a
// network that changed, a laptop that slept): the same tab stays the phone without being asked.
func (s *seat) replace(c *conn) {
	for i, t := range s.tabs {
		if t == c || c.tab == "" || t.tab != c.tab {
			continue
		}
		s.tabs[i] = c
		if s.phone == t {
			s.phone = c
		}
		t.close(byeElsewhere)
		return
	}
}

// unseat takes a tab away. When it was the phone, the tab that came last takes its place; when it was the last, the
// desk is lost.
func (h *hub) unseat(c *conn) {
	s := h.seats[c.user.Agent]
	if s == nil || !slices.Contains(s.tabs, c) {
		return
	}
	s.tabs = slices.DeleteFunc(s.tabs, func(t *conn) bool { return t == c })
	if s.phone != c {
		return
	}
	if len(s.tabs) == 0 {
		s.phone = nil
		h.Centre.DeskLost(c.user.Agent)
		return
	}
	s.phone = s.tabs[len(s.tabs)-1]
	h.tellSeat(c.user.Agent, s)
}

// takePhone makes this tab the phone.
func (h *hub) takePhone(c *conn) error {
	s := h.seats[c.user.Agent]
	if s == nil || !slices.Contains(s.tabs, c) {
		return refuse(Illegal, "Subscribe to the topic me first.")
	}
	if s.phone != c {
		s.phone = c
		h.tellSeat(c.user.Agent, s)
	}
	return nil
}

// tellSeat tells an agent's tabs where the agent stands, and of the day as it is by now.
func (h *hub) tellSeat(agent string, s *seat) {
	s.seq++
	s.told = h.Now()
	s.day = h.Report.Day(agent, s.told)
	for _, c := range s.tabs {
		h.tellTab(agent, s, c, "delta")
	}
}

func (h *hub) tellTab(agent string, s *seat, c *conn, kind string) {
	view := h.agents[agent]
	view.Agent = agent
	if view.State == "" {
		view.State = "signed-out"
	}
	c.send(pack(h.Log, Envelope{Topic: TopicMe, Epoch: h.epoch, Seq: s.seq, Type: kind},
		Me{AgentView: view, Day: s.day, OtherTab: s.phone != c}))
}

// tellDays tells agents whose figures moved without their state. The seconds of being ready move for all who wait, and no
// page shows them: they come with the next message.
func (h *hub) tellDays() {
	now := h.Now()
	for agent, s := range h.seats {
		if len(s.tabs) == 0 || now.Sub(s.told) < h.cfg.Heartbeat {
			continue
		}
		day := h.Report.Day(agent, now)
		day.Ready = s.day.Ready
		if day != s.day {
			h.tellSeat(agent, s)
		}
	}
}
