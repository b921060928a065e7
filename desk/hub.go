package desk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"reflect"
	"sync"
	"time"

	"hotline/floor"
	"hotline/people"
)

// hub owns the topics and who listens to them, in one goroutine. The centre's loop reaches it through inbox, which never
// blocks and is bounded by the number of agents and queues; connections reach it through ops.
type hub struct {
	Needs
	cfg   Config
	inbox inbox
	ops   chan func()
	lists listsTopic

	up, quit chan struct{}
	running  *sync.WaitGroup // the desk's: each connection counts

	// Owned by run.
	agents        map[string]floor.AgentView
	queues        map[string]floor.QueueView
	counts        CallCounts
	announcements []floor.AnnouncementView
	conns         map[*conn]bool
	seats         map[string]*seat
	wall          boardTopic
	epoch         string
}

// inbox gathers updates until the hub comes for them: of each agent and queue only the latest state matters.
type inbox struct {
	mu            sync.Mutex
	agents        map[string]floor.AgentView
	queues        map[string]floor.QueueView
	counts        *CallCounts
	announcements []floor.AnnouncementView
	wake          chan struct{}
}

func (b *inbox) put(u Update) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range u.Agents {
		b.agents[a.Agent] = a
	}
	for _, q := range u.Queues {
		b.queues[q.Queue] = q
	}
	if u.Calls != nil {
		b.counts = u.Calls
	}
	if u.Announcements != nil {
		b.announcements = u.Announcements
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) take() (u changes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	u = changes{b.agents, b.queues, b.counts, b.announcements}
	b.agents, b.queues, b.counts, b.announcements = map[string]floor.AgentView{}, map[string]floor.QueueView{}, nil, nil
	return u
}

// changes are what an inbox gathered.
type changes struct {
	agents        map[string]floor.AgentView
	queues        map[string]floor.QueueView
	counts        *CallCounts
	announcements []floor.AnnouncementView
}

func newHub(cfg Config, n Needs, running *sync.WaitGroup) *hub {
	h := &hub{Needs: n, cfg: cfg, ops: make(chan func()), up: make(chan struct{}), quit: make(chan struct{}), running: running,
		agents: map[string]floor.AgentView{}, queues: map[string]floor.QueueView{},
		conns: map[*conn]bool{}, seats: map[string]*seat{}, epoch: newEpoch(),
		inbox: inbox{agents: map[string]floor.AgentView{}, queues: map[string]floor.QueueView{}, wake: make(chan struct{}, 1)},
		lists: listsTopic{changed: make(chan struct{}, 1), counted: make(chan counted), open: map[string]int{}}}
	h.wall = boardTopic{ring: make([]boardDelta, 0, cfg.Resume), most: cfg.Resume}
	return h
}

// newEpoch tells one run of the server from another: its numbers do not continue the last one's.
func newEpoch() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (h *hub) run() {
	whole, cancel := h.Centre.Watch(h.inbox.put)
	defer cancel()
	h.apply(changes{
		index(whole.Agents, func(a floor.AgentView) string { return a.Agent }),
		index(whole.Queues, func(q floor.QueueView) string { return q.Queue }), whole.Calls, whole.Announcements,
	})
	pace, beat := time.NewTicker(h.cfg.Pace), time.NewTicker(h.cfg.Heartbeat)
	defer pace.Stop()
	defer beat.Stop()
	defer h.lists.running.Wait()
	close(h.up)
	for {
		select {
		case <-h.quit:
			h.farewell()
			return
		case op := <-h.ops:
			op()
		case <-h.inbox.wake:
			h.apply(h.inbox.take())
		case <-pace.C:
			if h.wall.dirty {
				h.tellBoard()
			}
		case <-beat.C:
			h.tellDays()
			h.tellBoard()
			h.countLists()
		case <-h.lists.changed:
			h.lists.version++
			h.lists.want = true
			if h.Now().Sub(h.lists.at) >= h.cfg.Heartbeat {
				h.countLists()
			}
		case c := <-h.lists.counted:
			h.tellLists(c)
		}
	}
}

func index[T any](list []T, key func(T) string) map[string]T {
	m := make(map[string]T, len(list))
	for _, v := range list {
		m[key(v)] = v
	}
	return m
}

// apply takes in what changed; the agents concerned are told at once, the board at its pace.
func (h *hub) apply(u changes) {
	if len(u.agents)+len(u.queues) == 0 && u.counts == nil && u.announcements == nil {
		return
	}
	maps.Copy(h.queues, u.queues)
	if u.counts != nil {
		h.counts = *u.counts
	}
	if u.announcements != nil {
		h.announcements = u.announcements
	}
	for id, a := range u.agents {
		if reflect.DeepEqual(a, h.agents[id]) {
			continue // a step of the call that its agent does not see
		}
		h.agents[id] = a
		if s := h.seats[id]; s != nil {
			h.tellSeat(id, s)
		}
	}
	h.wall.dirty = true
}

// ask runs f in the hub's goroutine and returns when it is done; false: the hub is not up. What the floor told before the
// question is in the answer.
func (h *hub) ask(ctx context.Context, f func()) bool {
	select {
	case <-h.up:
	default:
		return false
	}
	ran := make(chan struct{})
	select {
	case h.ops <- func() { h.apply(h.inbox.take()); f(); close(ran) }:
		<-ran
		return true
	case <-h.quit:
		return false
	case <-ctx.Done():
		return false
	}
}

// context ends with the hub, or after at most that long.
func (h *hub) context(most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	go func() {
		select {
		case <-h.quit:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// farewell tells everybody that the server goes; they will be back.
func (h *hub) farewell() {
	for c := range h.conns {
		c.close("restart")
	}
}

// join takes in a connection; Desk.Stop waits until it is over.
func (h *hub) join(ctx context.Context, c *conn) bool {
	return h.ask(ctx, func() {
		h.conns[c] = true
		h.running.Add(1)
	})
}

// tabs is how many connections somebody has.
func (h *hub) tabs(ctx context.Context, login string) (n int) {
	h.ask(ctx, func() {
		for c := range h.conns {
			if c.user.Login == login {
				n++
			}
		}
	})
	return n
}

// leave forgets a connection. It may be called when the hub is down.
func (h *hub) leave(c *conn) {
	h.ask(context.Background(), func() {
		delete(h.conns, c)
		h.unseat(c)
	})
}

// bye closes the websockets of a session that is over.
func (h *hub) bye(token, why string) {
	h.byeAll(why, func(c *conn) bool { return c.token == token })
}

// byeAll closes those websockets.
func (h *hub) byeAll(why string, those func(*conn) bool) {
	h.ask(context.Background(), func() {
		for c := range h.conns {
			if those(c) {
				c.close(why)
			}
		}
	})
}

func (h *hub) subscribe(ctx context.Context, c *conn, id, topic string, from Subscribe) error {
	var err error
	ok := h.ask(ctx, func() {
		if !h.conns[c] {
			return
		}
		switch topic {
		case TopicMe:
			if c.user.Agent == "" {
				err = errNoSeat
				return
			}
			c.reply(id, nil)
			h.seat(c)
		case TopicBoard:
			if !c.user.Role.May(people.Supervisor) {
				err = refuse(Forbidden, "The board is for supervisors.")
				return
			}
			c.reply(id, nil)
			h.showBoard(c, from)
		case TopicLists:
			c.reply(id, nil)
			h.showLists(c)
		default:
			err = wrong("topic", "There is no topic of this name: me, board, lists.")
		}
	})
	if !ok {
		return errDown
	}
	return err
}

func (h *hub) unsubscribe(ctx context.Context, c *conn, topic string) error {
	ok := h.ask(ctx, func() {
		switch topic {
		case TopicMe:
			h.unseat(c)
		default:
			delete(c.topics, topic)
		}
	})
	if !ok {
		return errDown
	}
	return nil
}

var errDown = &refusal{code: Unavailable, after: 2, public: "The server is going down or coming up. Try again."}

// pack writes one message.
func pack(log *slog.Logger, e Envelope, data any) []byte {
	e.V = 1
	b, err := json.Marshal(struct {
		Envelope
		Data any `json:"data,omitempty"` // goes before the Envelope's, and is written in the same go
	}{e, data})
	if err != nil { // our own types: a mistake in this package
		log.Error("websocket message not written", "topic", e.Topic, "err", err)
		return nil
	}
	return b
}
