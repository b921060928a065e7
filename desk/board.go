package desk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"hotline/floor"
)

// boardTopic is the topic "board": what was told last, and the deltas that led there. It is the hub's.
type boardTopic struct {
	seq   uint64
	last  Board
	dirty bool
	ring  []boardDelta // oldest first
	most  int
}

type boardDelta struct {
	seq uint64
	msg []byte
}

// keep puts a delta into the ring, over the oldest when it is full.
func (b *boardTopic) keep(seq uint64, msg []byte) {
	if b.most == 0 {
		return
	}
	if len(b.ring) == b.most {
		b.ring = slices.Delete(b.ring, 0, 1+b.most/8) // not one by one: that would move the whole ring each time
	}
	b.ring = append(b.ring, boardDelta{seq, msg})
}

// since gives the deltas after seq; false: they are gone.
func (b *boardTopic) since(seq uint64) ([]boardDelta, bool) {
	if seq == b.seq {
		return nil, true
	}
	i := slices.IndexFunc(b.ring, func(d boardDelta) bool { return d.seq == seq+1 })
	if i < 0 {
		return nil, false
	}
	return b.ring[i:], true
}

// listeners are the connections that want the board.
func (h *hub) listeners(topic string) []*conn {
	var l []*conn
	for c := range h.conns {
		if c.topics[topic] {
			l = append(l, c)
		}
	}
	return l
}

// showBoard brings a connection up to the board as it stands.
func (h *hub) showBoard(c *conn, from Subscribe) {
	if len(h.listeners(TopicBoard)) == 0 {
		h.advance() // nobody listened: what was told last is old
	}
	c.topics[TopicBoard] = true
	if missed, ok := h.wall.since(from.Seq); ok && from.Epoch == h.epoch {
		for _, d := range missed {
			c.send(d.msg)
		}
		return
	}
	c.send(pack(h.Log, Envelope{Topic: TopicBoard, Epoch: h.epoch, Seq: h.wall.seq, Type: "snapshot"}, h.wall.last))
}

// tellBoard sends what changed, and the time, to those who listen. When nobody does, nothing is worked out.
func (h *hub) tellBoard() {
	l := h.listeners(TopicBoard)
	if len(l) == 0 {
		return
	}
	msg := h.advance()
	for _, c := range l {
		c.send(msg)
	}
}

// advance works out the board as it stands and keeps the step there as a delta, for all who listen.
func (h *hub) advance() []byte {
	next := h.wholeBoard()
	delta := difference(h.wall.last, next)
	h.wall.seq++
	h.wall.last, h.wall.dirty = next, false
	msg := pack(h.Log, Envelope{Topic: TopicBoard, Epoch: h.epoch, Seq: h.wall.seq, Type: "delta"}, delta)
	h.wall.keep(h.wall.seq, msg)
	return msg
}

// board is the board as it stands, for those without a websocket.
func (h *hub) board(ctx context.Context) (b Board, err error) {
	if !h.ask(ctx, func() { b = h.wholeBoard() }) {
		return b, errDown
	}
	return b, nil
}

func (h *hub) wholeBoard() Board {
	now := h.Now()
	today := h.Report.Today(now)
	counts := h.counts
	b := Board{At: now, Queues: make(map[string]BoardQueue, len(h.queues)), Agents: make(map[string]BoardAgent, len(h.agents)),
		Totals: &today.Totals, Minutes: today.Minutes, Calls: &counts, Alarms: h.Health.Alarms()}
	for id, q := range h.queues {
		b.Queues[id] = BoardQueue{QueueView: q, Figures: today.Queues[id]}
	}
	house, limits := h.House(), map[string]float64{}
	for _, r := range house.NotReady {
		limits[r.Reason] = r.Limit
	}
	configured := index(house.Agents, func(c Colleague) string { return c.Agent })
	for id, a := range h.agents {
		b.Agents[id] = boardAgent(a, configured[id], today.Agents[id], limits)
	}
	b.Announcements = boardAnnouncements(h.announcements, house.Announcements, house.Names)
	b.Alarms = list(slices.Concat(b.Alarms, overruns(b.Agents, now)))
	return b
}

// overruns are those who are not ready for longer than the reason allows, the longest first.
func overruns(agents map[string]BoardAgent, now time.Time) (found []Alarm) {
	for _, a := range agents {
		end := a.Since.Add(time.Duration(a.Limit * float64(time.Second)))
		if a.Limit == 0 || !end.Before(now) {
			continue
		}
		found = append(found, Alarm{
			ID: "overrun " + a.Agent, At: end, Kind: Overrun, Agent: a.Agent, Reason: a.Reason, Limit: a.Limit,
			Text: fmt.Sprintf("%s: %s for longer than %s", a.Agent, a.Reason, end.Sub(a.Since)),
		})
	}
	slices.SortFunc(found, func(x, y Alarm) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	return found
}

func boardAgent(a floor.AgentView, as Colleague, day Day, limits map[string]float64) BoardAgent {
	row := BoardAgent{Agent: a.Agent, State: a.State, Since: a.Since, Reason: a.Reason, Phone: a.Desk && a.Media && a.Leg, Day: day,
		Pending: a.Pending, Line: a.Line}
	row.Queues, row.Skills = as.Memberships, as.Skills
	if a.Changed != nil && a.Changed.Queues != nil {
		row.Queues, row.Moved = a.Changed.Queues, true
	}
	if a.Changed != nil && a.Changed.Skills != nil {
		row.Skills, row.Trained = a.Changed.Skills, true
	}
	row.Queues = list(row.Queues)
	if row.Skills == nil {
		row.Skills = map[string]int{}
	}
	if a.State == "not-ready" {
		row.Limit = limits[a.Reason]
	}
	switch {
	case a.Call != nil:
		row.Queue, row.Call = a.Call.Queue, a.Call.Call
	case a.Offer != nil:
		row.Queue, row.Call = a.Offer.Queue, a.Offer.Call
	}
	return row
}

// difference is what must be laid over old to get next; At is always there.
func difference(old, next Board) Board {
	d := Board{At: next.At, Queues: changed(old.Queues, next.Queues), Agents: changed(old.Agents, next.Agents)}
	if !reflect.DeepEqual(old.Totals, next.Totals) {
		d.Totals = next.Totals
	}
	before := map[time.Time]Minute{}
	for _, m := range old.Minutes {
		before[m.At] = m
	}
	for _, m := range next.Minutes {
		if b, ok := before[m.At]; !ok || !reflect.DeepEqual(b, m) {
			d.Minutes = append(d.Minutes, m)
		}
	}
	if !reflect.DeepEqual(old.Calls, next.Calls) {
		d.Calls = next.Calls
	}
	if !reflect.DeepEqual(old.Announcements, next.Announcements) {
		d.Announcements = next.Announcements
	}
	if !slices.EqualFunc(old.Alarms, next.Alarms, func(x, y Alarm) bool { return reflect.DeepEqual(x, y) }) {
		d.Alarms = next.Alarms
	}
	return d
}

func changed[T any](old, next map[string]T) map[string]T {
	m := maps.Clone(next)
	maps.DeleteFunc(m, func(id string, v T) bool {
		o, ok := old[id]
		return ok && reflect.DeepEqual(o, v)
	})
	return m
}
