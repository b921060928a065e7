package centre

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/ari"
	"hotline/ari/aritest"
	"hotline/call"
	"hotline/fact"
	"hotline/floor"
	"hotline/ivr"
	"hotline/journal"
	"hotline/journal/journaltest"
)

// house is a small centre: line 1 has a menu, line 2 takes messages, line 3 is always busy, line 4 leads straight into the
// queue "auto", whose agents are connected without being asked.
func house(t testing.TB) *floor.Config {
	t.Helper()
	text := func(s string) ivr.Text { return ivr.Text{"en": s} }
	flow := func(name string, nodes map[string]ivr.Do) ivr.Flow {
		f := ivr.Flow{Name: name, Start: "start", Nodes: map[string]ivr.Node{}}
		for n, do := range nodes {
			f.Nodes[n] = ivr.Node{Do: do}
		}
		return f
	}
	book, problems := ivr.NewBook([]ivr.Flow{
		flow("main", map[string]ivr.Do{
			"start": &ivr.Menu{Menu: text("menu"), Keys: map[string]ivr.To{"1": "consult", "3": "case", "4": "leave"}, Asking: ivr.Asking{Wait: time.Minute, Otherwise: "consult"}},
			"case":  &ivr.Collect{Collect: text("number"), Digits: ivr.Range{Min: 1, Max: 4}, Into: "number", Go: "look", Asking: ivr.Asking{Otherwise: "consult"}},
			"look":  &ivr.Lookup{Lookup: "ticket", Number: "$number", Found: "found", Missing: "start", Failed: "consult"},
			"found": &ivr.Hangup{Hangup: text("found")}, "consult": &ivr.Queue{Queue: "consult", Say: text("one moment")},
			"leave": &ivr.Message{Message: text("speak"), Limit: time.Minute, Silence: 3 * time.Second},
		}),
		flow("night", map[string]ivr.Do{"start": &ivr.Message{Message: text("closed"), Limit: time.Minute, Silence: 3 * time.Second, Ticket: "complaint"}}),
		flow("busy", map[string]ivr.Do{"start": &ivr.Refuse{Refuse: "busy"}}),
		flow("auto", map[string]ivr.Do{"start": &ivr.Queue{Queue: "auto"}}),
	}, ivr.Centre{
		Languages: []string{"en"}, Zone: time.UTC,
		Queues: map[string]ivr.Text{"consult": text("Questions"), "auto": text("Fast")},
		Lines:  map[string]ivr.Line{"1": {Flow: "main"}, "2": {Flow: "night"}, "3": {Flow: "busy"}, "4": {Flow: "auto"}},
	})
	require.Empty(t, problems)
	line := func(f string) floor.Line { return floor.Line{Flow: f, Lang: "en"} }
	var agents []acd.Agent
	for _, a := range []string{"li", "wang", "zhao", "sun"} {
		agents = append(agents, acd.Agent{ID: a, Queues: []acd.Membership{{Queue: "consult"}, {Queue: "auto"}}})
	}
	return &floor.Config{
		Hash: "test", Zone: time.UTC, Lang: "en", Book: book,
		Lines: map[string]floor.Line{"1": line("main"), "2": line("night"), "3": line("busy"), "4": line("auto")},
		Queues: []acd.Queue{
			{ID: "consult", Wait: acd.Wait{Tell: []string{"place"}, Keys: map[string]string{"2": "message"}}, WrapUp: acd.WrapUpRule{Limit: time.Minute}},
			{ID: "auto", WrapUp: acd.WrapUpRule{None: true}, Offer: acd.OfferRule{Auto: true}},
		},
		Agents: agents, NotReady: []floor.Reason{{Name: "break"}}, Rules: floor.DefaultRules(),
	}
}

// rig is a centre beside a scripted Asterisk, with a journal on a disk in memory that outlives a kill.
type rig struct {
	t     testing.TB
	srv   *aritest.Server
	disk  *journaltest.Disk
	dir   string
	alter func(*Config)
	media *phones
	tapes *tapes
	ahead atomic.Int64 // of the house's clock

	impatient bool // requests time out at once

	j    *journal.Journal
	conn *ari.Conn
	c    *Centre

	mu    sync.Mutex
	facts []fact.Fact // of this life
}

// newRig starts one. alter may change the configuration of each life.
func newRig(t testing.TB, alter func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, alter: alter}
	r.begin()
	return r
}

func (r *rig) begin() {
	r.t.Helper()
	r.srv, r.disk, r.dir = aritest.New(r.t), journaltest.NewDisk(), r.t.TempDir()
	r.media = &phones{on: map[string]netip.AddrPort{}, rests: map[string]bool{}}
	r.srv.AutoFinish(-1)
	r.tapes = &tapes{r: r, fetched: map[string]int{}}
	r.start()
	r.t.Cleanup(r.kill)
}

func (r *rig) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

// later lets the house's clock go on at once.
func (r *rig) later(d time.Duration) {
	r.ahead.Add(int64(d))
	r.c.Submit(floor.Tick{})
}

// start begins a life: journal, link, centre.
func (r *rig) start() {
	r.t.Helper()
	j, _, err := journal.Open(r.dir, journal.Options{FS: r.disk, Fsync: journal.FsyncNever})
	require.NoError(r.t, err)
	r.j = j
	cfg := Config{
		Floor: house(r.t), Version: "test", Zone: time.UTC, Journal: j, Media: r.media, Speech: speech{}, Lookups: archive{},
		Recordings: r.tapes, Opener: "sound:opener", Logger: slog.New(slog.DiscardHandler), Now: r.now,
	}
	if r.alter != nil {
		r.alter(&cfg)
	}
	var c *Centre
	link := r.srv.Config()
	link.RequestTimeout, link.Unheard = 2*time.Second, Unheard
	if r.impatient {
		link.RequestTimeout = 250 * time.Millisecond
	}
	conn, err := ari.New(link, func(m ari.Message) { c.Heard(m) })
	require.NoError(r.t, err)
	c, err = New(cfg, map[string]ari.Client{"a": conn})
	require.NoError(r.t, err)
	r.mu.Lock()
	r.conn, r.c, r.facts = conn, c, nil
	r.mu.Unlock()
	c.Start()
	c.Watch(func(u Update) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, rec := range u.Records {
			r.facts = append(r.facts, rec.Facts...)
		}
	})
	require.NoError(r.t, conn.Start(context.Background()))
	r.linked()
}

func (r *rig) linked() {
	r.t.Helper()
	r.srv.WaitFor("the link", func() bool { return r.c.nodes["a"].up() })
}

// kill ends the process as kill -9 does: requests are cut, nothing is finished.
func (r *rig) kill() {
	r.t.Helper()
	if r.c == nil {
		return
	}
	r.c.killed.Store(true)
	r.c.cancel()
	r.c.cancelRequests()
	require.NoError(r.t, r.conn.Stop())
	r.c.Stop()
	require.NoError(r.t, r.j.Close())
	r.c = nil
}

func (r *rig) wait(what string, cond func() bool) {
	r.t.Helper()
	r.srv.WaitFor(what, cond)
}

// dial lets somebody call a line.
func (r *rig) dial(id, line string) {
	r.t.Helper()
	r.srv.Call(id, aritest.Caller{Number: "13800138000", Exten: line, Args: args(line)})
}

func args(line string) []string { return []string{"in", line, "13800138000", "open", "trunk", "", "1"} }

// phase waits until a call has come so far.
func (r *rig) phase(id string, p call.Phase) {
	r.t.Helper()
	r.wait(fmt.Sprintf("%s to be %s", id, p), func() bool { got, _ := r.c.Phase(id); return got == p })
}

// gone waits until a call has ended and nothing is left of it in Asterisk or here.
func (r *rig) gone(ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		r.wait(id+" to end", func() bool {
			p, _ := r.c.Phase(id)
			return p == call.Unknown && r.ended(id)
		})
		r.wait("nothing of "+id+" to be left", func() bool { return len(r.left(id)) == 0 })
	}
}

// hangsUp: these callers do, and nothing is left of their calls.
func (r *rig) hangsUp(ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		r.srv.Hangup(id)
	}
	r.gone(ids...)
}

// ended tells whether the journal has the call's end.
func (r *rig) ended(id string) bool {
	for _, rec := range r.log() {
		for _, f := range rec.Facts {
			if e, ok := f.(fact.CallEnded); ok && e.Call == id {
				return true
			}
		}
	}
	return false
}

// left is what Asterisk holds of a call.
func (r *rig) left(id string) (left []string) {
	for _, c := range r.srv.Channels() {
		if c.ID == id || strings.HasPrefix(c.ID, id+"-") {
			left = append(left, "channel "+c.ID)
		}
	}
	for _, b := range r.srv.Bridges() {
		if strings.HasPrefix(b.ID, id+"-") || slices.Contains(b.Channels, id) {
			left = append(left, "bridge "+b.ID)
		}
	}
	for name := range r.srv.LiveRecordings() {
		if strings.HasPrefix(name, id+"-") {
			left = append(left, "recording "+name)
		}
	}
	return left
}

// say ends the prompt that a caller hears, once it is heard.
func (r *rig) say(id string) {
	r.t.Helper()
	var playing []string
	r.wait(id+" to hear something", func() bool {
		playing = r.srv.Channel(id).Playbacks()
		return len(playing) > 0
	})
	r.srv.FinishPlayback(playing[0])
}

// enqueue brings a caller of line 1 into the queue.
func (r *rig) enqueue(id string) {
	r.t.Helper()
	r.dial(id, "1")
	r.wait(id+" to hear the menu", func() bool { return len(r.srv.Channel(id).Playing) > 0 })
	r.srv.DTMF(id, "1")
	r.wait(id+" to hear: one moment", func() bool { return slices.Contains(r.srv.Channel(id).Playing, "sound:one moment") })
	r.say(id)
	r.phase(id, call.Waiting)
	r.wait(id+" to hear music", func() bool { return r.srv.Channel(id).Bridge == "hold-consult" })
}

// staff signs agents in and makes them ready.
func (r *rig) staff(agents ...string) {
	r.t.Helper()
	for _, a := range agents {
		r.c.DeskUp(a)
		r.c.MediaUp(a, true)
		r.wait(a+"'s leg", func() bool { return r.agent(a).Leg })
		r.must(floor.Command{Agent: a, Do: "ready"})
	}
}

func (r *rig) agent(id string) (v floor.AgentView) {
	r.c.ask(func() { v = r.c.floor.AgentView(id) })
	return v
}

func (r *rig) state(agent, state string) {
	r.t.Helper()
	r.wait(agent+" to be "+state, func() bool { return r.agent(agent).State == state })
}

func (r *rig) must(cmd floor.Command) {
	r.t.Helper()
	require.NoError(r.t, r.c.Do(context.Background(), "", cmd))
}

// legOf is the agent's channel in Asterisk.
func (r *rig) legOf(agent string) (leg string) {
	r.c.ask(func() { leg = r.c.floor.Agent(agent).Leg })
	return leg
}

// talk brings a caller together with an agent who is ready.
func (r *rig) talk(id, agent string) {
	r.t.Helper()
	r.enqueue(id)
	r.state(agent, "offered")
	r.must(floor.Command{Agent: agent, Do: "accept"})
	r.talks(id, agent)
}

// talks waits until caller and agent hear one another.
func (r *rig) talks(id, agent string) {
	r.t.Helper()
	r.phase(id, call.Talking)
	r.wait(id+" and "+agent+" to hear one another", func() bool { return r.together(id, agent) })
}

// with is who is in the bridge that the caller is in.
func (r *rig) with(id string) []string { return r.srv.Bridge(r.srv.Channel(id).Bridge).Channels }

func (r *rig) together(id, agent string) bool {
	in := r.with(id)
	return slices.Contains(in, r.legOf(agent)) && len(in) == 2 && r.srv.Channel(id).Music == "" && r.media.speaks(agent)
}

func (r *rig) seen() []fact.Fact {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.facts)
}

// log is everything that the journal holds.
func (r *rig) log() (records []fact.Record) {
	r.t.Helper()
	last, _ := r.j.Last()
	rd := r.j.From(1)
	defer func() { require.NoError(r.t, rd.Close()) }()
	for uint64(len(records)) < last {
		entries, err := rd.NextBatch(context.Background(), 1000)
		require.NoError(r.t, err)
		for _, e := range entries {
			records = append(records, e.Record)
		}
	}
	return records
}

// book is what the journal says of calls and agents in the end.
type book struct {
	endings  map[string]fact.Ending
	outcomes map[string]fact.Outcome // by visit
	entered  map[string]time.Time
	talks    map[string]fact.TalkEnd
	tickets  map[string]string // by ticket: the call
	stored   map[string]int
	open     []string
}

// judge reads the journal and demands that everything that began has one end.
func (r *rig) judge() book {
	r.t.Helper()
	b := book{map[string]fact.Ending{}, map[string]fact.Outcome{}, map[string]time.Time{}, map[string]fact.TalkEnd{}, map[string]string{}, map[string]int{}, nil}
	open := map[string]bool{}
	begin := func(what string) {
		r.t.Helper()
		require.False(r.t, open[what], "%s began twice", what)
		open[what] = true
	}
	end := func(what string) {
		r.t.Helper()
		require.True(r.t, open[what], "%s ended twice, or never began", what)
		delete(open, what)
	}
	for _, rec := range r.log() {
		for _, f := range rec.Facts {
			switch f := f.(type) {
			case fact.CallArrived:
				_, again := b.endings[f.Call]
				require.False(r.t, again, "call %s arrived after its end", f.Call)
				begin("call " + f.Call)
			case fact.CallEnded:
				end("call " + f.Call)
				b.endings[f.Call] = f.Ending
			case fact.VisitBegan:
				begin("visit " + f.Visit)
				b.entered[f.Visit] = rec.At
			case fact.VisitEnded:
				end("visit " + f.Visit)
				b.outcomes[f.Visit] = f.Outcome
			case fact.Offered:
				begin("offer " + f.Offer)
				begin("offer to " + f.Agent)
			case fact.OfferEnded:
				if f.Result != fact.OfferAccepted {
					end("offer " + f.Offer)
					end("offer to " + f.Agent)
				}
			case fact.TalkBegan:
				for what := range open { // the offer that was accepted
					if strings.HasPrefix(what, "offer "+f.Call+"-o") {
						end(what)
					}
				}
				end("offer to " + f.Agent)
				begin("talk " + f.Talk)
				begin("talk of " + f.Agent)
			case fact.TalkEnded:
				end("talk " + f.Talk)
				end("talk of " + f.Agent)
				b.talks[f.Talk] = f.How
			case fact.TicketOpened:
				require.Empty(r.t, b.tickets[f.Ticket], "ticket %s", f.Ticket)
				b.tickets[f.Ticket] = f.Call
			case fact.MessageBegan:
				begin("message " + f.Message)
			case fact.MessageEnded:
				end("message " + f.Message)
			case fact.RecordingStored:
				b.stored[f.Recording]++
				require.Equal(r.t, 1, b.stored[f.Recording], "recording %s", f.Recording)
			}
		}
	}
	for what := range open {
		b.open = append(b.open, what)
	}
	slices.Sort(b.open)
	return b
}

// phones stands for the browsers' audio.
type phones struct {
	mu    sync.Mutex
	on    map[string]netip.AddrPort
	rests map[string]bool
}

func (*phones) Addr() netip.AddrPort { return netip.MustParseAddrPort("127.0.0.1:4000") }

func (p *phones) Link(key string, remote netip.AddrPort) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on[key] = remote
	return nil
}

func (p *phones) Unlink(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.on, key)
}

func (p *phones) Rest(key string, rest bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rests[key] = rest
}

// speaks tells whether the agent's voice would reach the leg.
func (p *phones) speaks(agent string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.rests[PhoneKey(agent)]
}

func (p *phones) linked(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.on[key].IsValid()
}

// speech says each text by its own name.
type speech struct{}

func (speech) Sound(_ context.Context, p fact.Phrase) (string, time.Duration, error) {
	if p.Text == "unspeakable" {
		return "", 0, errors.New("no voice")
	}
	return "sound:" + p.Text, time.Second, nil
}

type archive struct{}

func (archive) Lookup(_ context.Context, l fact.Lookup) (map[string]string, bool, error) {
	return nil, l.Args["number"] == "7", nil
}

// tapes fetches recordings at once.
type tapes struct {
	r       *rig
	mu      sync.Mutex
	fetched map[string]int
	hold    bool // take the order, but never deliver
}

func (f *tapes) Fetch(p floor.Pending) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fetched[p.Recording]++
	if !f.hold {
		c := f.r.c
		go c.Stored(fact.RecordingStored{Call: p.Call, Recording: p.Recording, File: p.Recording + ".ogg"})
	}
}

func (f *tapes) asked(recording string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fetched[recording]
}

func (f *tapes) deliver() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hold = false
}
