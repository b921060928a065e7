package desk

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"hotline/fact"
	"hotline/floor"
	"hotline/people"
	"hotline/people/peopletest"
	"hotline/ticket"
	"hotline/ticket/history"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// awayError is what a store that cannot be asked says.
type awayError struct{}

func (awayError) Error() string  { return "no PostgreSQL" }
func (awayError) Code() string   { return "unavailable" }
func (awayError) Public() string { return "The archive is away." }

// fakeCentre plays the loop: commands are written down, updates are what a test says.
type fakeCentre struct {
	mu        sync.Mutex
	commands  []CentreCommand
	drafts    []fact.TicketDrafted
	announced []floor.Announce
	refuse    error
	block     chan struct{} // commands wait for it
	desks     []string      // "up li", "lost li"
	watchers  map[int]func(Update)
	next      int
	agents    map[string]floor.AgentView
	queues    map[string]floor.QueueView
	calls     []floor.CallLine
}

func newFakeCentre() *fakeCentre {
	return &fakeCentre{watchers: map[int]func(Update){}, agents: map[string]floor.AgentView{}, queues: map[string]floor.QueueView{}}
}

func (c *fakeCentre) Do(ctx context.Context, cmd CentreCommand) error {
	c.mu.Lock()
	c.commands = append(c.commands, cmd)
	err, block := c.refuse, c.block
	c.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (c *fakeCentre) Announce(_ context.Context, a floor.Announce) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.announced = append(c.announced, a)
	return nil
}

func (c *fakeCentre) Draft(_ context.Context, f fact.TicketDrafted) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drafts = append(c.drafts, f)
	return c.refuse
}

func (c *fakeCentre) Callbacks() []floor.CallbackView {
	return []floor.CallbackView{{Callback: "cb-1", Queue: "consult", State: "waiting"}}
}

func (c *fakeCentre) DeskUp(agent string)   { c.note("up " + agent) }
func (c *fakeCentre) DeskLost(agent string) { c.note("lost " + agent) }

func (c *fakeCentre) note(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.desks = append(c.desks, s)
}

func (c *fakeCentre) noted() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.desks, ", ")
}

func (c *fakeCentre) done() []CentreCommand {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]CentreCommand(nil), c.commands...)
}

func (c *fakeCentre) Watch(f func(Update)) (Update, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.next
	c.next++
	c.watchers[id] = f
	whole := Update{At: time.Now()}
	for _, a := range c.agents {
		whole.Agents = append(whole.Agents, a)
	}
	for _, q := range c.queues {
		whole.Queues = append(whole.Queues, q)
	}
	return whole, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers, id)
	}
}

// tell makes one step of the floor.
func (c *fakeCentre) tell(u Update) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range u.Agents {
		c.agents[a.Agent] = a
	}
	for _, q := range u.Queues {
		c.queues[q.Queue] = q
	}
	for _, f := range c.watchers {
		f(u)
	}
}

func (c *fakeCentre) Calls() []floor.CallLine { return slices.Clone(c.calls) }

// fakeReport counts what a test says.
type fakeReport struct {
	mu    sync.Mutex
	today Today
}

func (f *fakeReport) set(change func(*Today)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.today)
}

func (f *fakeReport) Today(time.Time) Today {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.today
	t.Queues, t.Agents = maps.Clone(t.Queues), maps.Clone(t.Agents)
	return t
}

func (f *fakeReport) Day(agent string, now time.Time) Day { return f.Today(now).Agents[agent] }

// fakeStore is an archive in memory: tickets really, the rest as a test says.
type fakeStore struct {
	Store // what no test asks for panics
	mu    sync.Mutex
	fail  error
	files map[string]history.TicketFile
	// late tickets come in with Settled.
	late       map[string]history.TicketFile
	settleFail error
	// settling happens once, while somebody waits in Settled.
	settling   func()
	recordings map[string]history.Recording
	details    map[string]history.CallDetail
	marked     []string
	calls      history.CallQuery
	messages   int
}

func newFakeStore() *fakeStore {
	return &fakeStore{files: map[string]history.TicketFile{}, late: map[string]history.TicketFile{}, recordings: map[string]history.Recording{},
		details: map[string]history.CallDetail{}}
}

func (s *fakeStore) Settled(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if meanwhile := s.settling; meanwhile != nil {
		s.settling = nil
		s.mu.Unlock()
		meanwhile()
		s.mu.Lock()
	}
	if s.settleFail != nil {
		return s.settleFail
	}
	maps.Copy(s.files, s.late)
	return ctx.Err()
}

func (s *fakeStore) Ticket(_ context.Context, id string) (history.TicketFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return history.TicketFile{}, s.fail
	}
	f, ok := s.files[id]
	if !ok {
		return f, refuse(NotFound, "no ticket")
	}
	return f, nil
}

func (s *fakeStore) EditTicket(ctx context.Context, id string, e ticket.Edit, by string, at time.Time) (ticket.Ticket, error) {
	f, err := s.Ticket(ctx, id)
	if err != nil {
		return ticket.Ticket{}, err
	}
	next, change, err := ticket.Apply(f.Ticket, e, f.Changes[min(max(e.Version-1, 0), len(f.Changes)):], by, at)
	if err != nil || change == nil {
		return next, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Ticket, f.Changes = next, append(f.Changes, *change)
	s.files[id] = f
	return next, nil
}

func (s *fakeStore) Tickets(context.Context, history.TicketQuery) ([]ticket.Ticket, string, error) {
	return nil, "", s.fail
}

func (s *fakeStore) Calls(_ context.Context, q history.CallQuery) ([]history.Call, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = q
	return nil, "", s.fail
}

func (s *fakeStore) Call(_ context.Context, id string) (history.CallDetail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.details[id]
	if !ok {
		return c, refuse(NotFound, "no call "+id)
	}
	return c, nil
}

func (s *fakeStore) OfNumber(_ context.Context, number string, _ int) (history.OfNumber, error) {
	return history.OfNumber{Number: number}, s.fail
}

func (s *fakeStore) Messages(context.Context, bool, int) ([]history.Message, error) {
	return nil, s.fail
}

func (s *fakeStore) MarkMessage(_ context.Context, id string, done bool, by string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	word := map[bool]string{true: "done", false: "undone"}[done]
	s.marked = append(s.marked, word+" "+id+" "+by)
	s.messages--
	return s.fail
}

func (s *fakeStore) Recording(_ context.Context, id string) (history.Recording, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.recordings[id]
	if !ok {
		return r, refuse(NotFound, "no recording")
	}
	return r, nil
}

func (s *fakeStore) Lists(_ context.Context, owners []string) (int, map[string]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := map[string]int{}
	for _, f := range s.files {
		open[f.Ticket.Owner]++
	}
	return s.messages, open, s.fail
}

type fakeAudio struct{}

type sound struct{ *bytes.Reader }

func (sound) Close() error { return nil }

func (fakeAudio) Open(file string) (io.ReadSeekCloser, string, error) {
	if file == "" {
		return nil, "", refuse(NotFound, "no file")
	}
	return sound{bytes.NewReader([]byte("OggS-sound"))}, "audio/ogg", nil
}

func (fakeAudio) Peaks(context.Context, string) (Peaks, error) {
	return Peaks{Duration: 1, Channels: [][]float32{{0, 1}, {1, 0}}}, nil
}

// fakePhone writes down who attached.
type fakePhone struct {
	mu       sync.Mutex
	attached map[string]string
	fail     error
	// meanwhile happens while a browser is being answered.
	meanwhile func()
}

func (p *fakePhone) Attach(_ context.Context, key, offer string) (string, string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return "", "", p.fail
	}
	p.attached[key] = offer
	if p.meanwhile != nil {
		p.meanwhile()
	}
	return "answer to " + offer, "s-" + key, nil
}

func (p *fakePhone) Detach(key, session string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if session == "s-"+key {
		delete(p.attached, key)
	}
}

func (p *fakePhone) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.attached)
}

// fakeVisitors are calls that wait until they are hung up.
type fakeVisitors struct {
	mu    sync.Mutex
	state map[string]Visitor
	news  chan struct{}
	fail  error
}

func (v *fakeVisitors) Begin(_ context.Context, key, _ string) error {
	return v.set(key, VisitorConnecting)
}

func (v *fakeVisitors) set(key string, p VisitorPhase) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fail != nil {
		return v.fail
	}
	v.state[key] = Visitor{Seq: v.state[key].Seq + 1, Phase: p}
	close(v.news)
	v.news = make(chan struct{})
	return nil
}

func (v *fakeVisitors) HangUp(key string) { _ = v.set(key, VisitorEnded) }

func (v *fakeVisitors) State(ctx context.Context, key string, after uint64) (Visitor, error) {
	for {
		v.mu.Lock()
		s, ok, news := v.state[key], v.state[key].Seq > 0, v.news
		v.mu.Unlock()
		if !ok {
			return s, refuse(NotFound, "no call")
		}
		if s.Seq > after {
			return s, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return s, nil
		}
	}
}

type fakeHealth struct {
	mu     sync.Mutex
	parts  []Part
	alarms []Alarm
}

func (h *fakeHealth) Parts() []Part { h.mu.Lock(); defer h.mu.Unlock(); return h.parts }
func (h *fakeHealth) Alarms() []Alarm {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.alarms
}

// office is a desk with everything around it.
type office struct {
	*Desk
	t          *testing.T
	centre     *fakeCentre
	report     *fakeReport
	store      *fakeStore
	phones     *fakePhone
	visits     *fakeVisitors
	staffing   *fakeStaffing
	health     *fakeHealth
	people     *peopletest.Store
	url        string
	mu         sync.Mutex
	passed     time.Duration
	sessions   map[string]string // token by login
	supervised *supervised
}

// supervised says whose queues are whose.
type supervised struct {
	mu     sync.Mutex
	queues map[string][]string
}

func (s *supervised) get() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queues
}

func (s *supervised) by(login string, queues ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.queues)
	if next == nil {
		next = map[string][]string{}
	}
	next[login] = queues
	s.queues = next
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.passed += d
}

func newOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	o := &office{t: t, supervised: &supervised{}, centre: newFakeCentre(), report: &fakeReport{}, store: newFakeStore(), people: peopletest.NewStore(),
		phones: &fakePhone{attached: map[string]string{}}, staffing: &fakeStaffing{}, health: &fakeHealth{}, sessions: map[string]string{},
		visits: &fakeVisitors{state: map[string]Visitor{}, news: make(chan struct{})}}
	now := func() time.Time {
		o.mu.Lock()
		defer o.mu.Unlock()
		return time.Now().Add(o.passed)
	}
	doors := people.DefaultConfig()
	doors.Cost = people.Cost{Memory: 64, Time: 1, Threads: 1}
	door, err := people.NewDoor(o.people, doors, slog.New(slog.DiscardHandler), now)
	require.NoError(t, err)
	for _, u := range []people.User{{Login: "li", Name: "李娜", Role: people.Agent, Agent: "li"}, {Login: "wang", Role: people.Agent, Agent: "wang"},
		{Login: "boss", Role: people.Supervisor}, {Login: "head", Role: people.Supervisor}, {Login: "root", Role: people.Admin}} {
		require.NoError(t, door.Add(t.Context(), u, "password-"+u.Login, "setup"))
	}
	cfg := DefaultConfig()
	cfg.Pace, cfg.Heartbeat = 10*time.Millisecond, 50*time.Millisecond
	for _, c := range change {
		c(&cfg)
	}
	o.Desk, err = New(cfg, Needs{Centre: o.centre, Report: o.report, Phone: o.phones, Visitors: o.visits, Store: o.store, Audio: fakeAudio{}, Staffing: o.staffing,
		Health: o.health, Door: door, Now: now, Web: fstest.MapFS{}, House: func() House {
			return House{Centre: CentreInfo{Name: map[string]string{"zh": "热线"}, Languages: []string{"zh", "en"}, CallerPage: true}, NotReady: []NotReadyInfo{{Reason: "break", Limit: 900}},
				Supervised: o.supervised.get()}
		}})
	require.NoError(t, err)
	o.Start()
	srv := httptest.NewServer(o.Handler())
	o.url = srv.URL
	t.Cleanup(func() {
		o.Stop()
		srv.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return o
}

// as signs in, once.
func (o *office) as(login string) string {
	o.t.Helper()
	if tok := o.sessions[login]; tok != "" || login == "" {
		return tok
	}
	code, _, cookies := o.ask("", "POST", "/api/session", `{"login":"`+login+`","password":"password-`+login+`"}`)
	require.Equal(o.t, http.StatusOK, code)
	o.sessions[login] = cookies[0].Value
	return cookies[0].Value
}

// ask sends one request as somebody ("": nobody) and gives the answer.
func (o *office) ask(login, method, path, body string, headers ...string) (code int, answer string, cookies []*http.Cookie) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, strings.NewReader(body))
	require.NoError(o.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if tok := o.as(login); tok != "" {
		req.AddCookie(&http.Cookie{Name: cookie, Value: tok})
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(o.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(o.t, err)
	return res.StatusCode, string(b), res.Cookies()
}
