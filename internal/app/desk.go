package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/call"
	"hotline/centre"
	"hotline/desk"
	"hotline/fact"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/report"
	"hotline/softphone"
)

// deskCentre is the loop as the desk sees it.
type deskCentre struct{ *centre.Centre }

func (d deskCentre) Do(ctx context.Context, c desk.CentreCommand) error {
	id := ""
	if c.ID != "" {
		id = c.Agent + "/" + c.ID
	}
	return d.Centre.Do(ctx, id, floor.Command{
		Agent: c.Agent, Do: c.Do, Offer: c.Offer, Call: c.Call, Reason: c.Reason, ToAgent: c.ToAgent, ToQueue: c.ToQueue,
		By: c.By, Queues: c.Queues, Skills: c.Skills, Reset: c.Reset, Callback: c.Callback,
	})
}

func (d deskCentre) Announce(ctx context.Context, a floor.Announce) error { return d.Enter(ctx, a) }

func (d deskCentre) Draft(ctx context.Context, f fact.TicketDrafted) error {
	return d.Enter(ctx, floor.Draft{Fact: f})
}

func (d deskCentre) Calls() []floor.CallLine { return d.Lines() }

func (d deskCentre) Watch(watcher func(desk.Update)) (desk.Update, func()) {
	now, cancel := d.Centre.Watch(func(u centre.Update) { watcher(deskUpdate(u)) })
	return deskUpdate(now), cancel
}

func deskUpdate(u centre.Update) desk.Update {
	p := u.Phases
	return desk.Update{Seq: u.Seq, At: u.At, Agents: u.Agents, Queues: u.Queues, Announcements: u.Announcements, Calls: &desk.CallCounts{
		IVR: p[call.Menu.String()], Waiting: p[call.Waiting.String()] + p[call.Joining.String()],
		Talking: p[call.Talking.String()] + p[call.Held.String()], Message: p[call.Message.String()],
	}}
}

// deskReport is the live fold as the desk shows it.
type deskReport struct {
	centre *centre.Centre
	cfg    func() *config.Config
}

func (d deskReport) Today(now time.Time) (t desk.Today) {
	cfg := d.cfg()
	t.Queues, t.Agents = map[string]desk.Figures{}, map[string]desk.Day{}
	d.centre.Figures(func(f *report.Fold) {
		for _, q := range cfg.ACDQueues() {
			sl := q.ServiceLevel
			t.Queues[q.ID] = deskFigures(f.Queue(q.ID, now), report.Formula(sl.Formula), sl.Within, sl.Target)
		}
		first := cfg.ACDQueues()[0].ServiceLevel
		t.Totals = deskFigures(f.Centre(now), report.Formula(first.Formula), first.Within, first.Target)
		for _, a := range cfg.ACDAgents() {
			t.Agents[a.ID] = deskDay(f.Agent(a.ID, now))
		}
		for _, m := range f.Minutes("", 60, now) {
			level, ok := report.ServiceLevel(report.Formula(first.Formula), m.Counts)
			x := desk.Minute{At: m.Start, Arrivals: int(m.Arrivals), Answered: int(m.Answered), Abandoned: int(m.Abandoned), Waiting: m.Waiting}
			if ok {
				x.ServiceLevel = &level
			}
			t.Minutes = append(t.Minutes, x)
		}
	})
	return t
}

func (d deskReport) Day(agent string, now time.Time) (day desk.Day) {
	d.centre.Figures(func(f *report.Fold) { day = deskDay(f.Agent(agent, now)) })
	return day
}

func deskFigures(f report.QueueFigures, formula report.Formula, within time.Duration, target float64) desk.Figures {
	s := f.Today
	return desk.Figures{
		CallbacksPromised: int(s.Callbacks.Promised), CallbacksReached: int(s.Callbacks.Reached), CallbacksUnreached: int(s.Callbacks.Unreached),
		CallbacksExpired: int(s.Callbacks.Expired), CallbacksOpen: f.Promised, CallbackWait: s.CallbackWait.Ptr(),
		Offered: int(s.OfferedVisits), Answered: int(s.Answered), AnsweredWithin: int(s.AnsweredWithin), Abandoned: int(s.Abandoned),
		Messages: int(s.Outcome(fact.Message)), Overflowed: int(s.Outcome(fact.Overflowed)),
		AnswerRate: s.AnswerRate.Ptr(), ServiceLevel: s.ServiceLevels[formula].Ptr(), Formula: string(formula),
		Threshold: within.Seconds(), Target: target, ASA: s.ASA.Ptr(), AHT: s.AHT.Ptr(),
		Told: int(s.Told), ExpectedOff: s.ExpectedOff.Ptr(), ExpectedLate: s.ExpectedLate.Ptr(),
	}
}

func deskDay(f report.AgentFigures) desk.Day {
	d := desk.Day{
		Answered: int(f.Today.Answered), Missed: int(f.Today.Missed + f.Today.Rejected),
		Talk: (f.Today.Talk + f.Today.Hold).Seconds(), Ready: f.Today.In[report.Ready].Seconds(),
	}
	if aht := f.Today.AHT().Ptr(); aht != nil {
		d.AHT = *aht
	}
	return d
}

// deskPhone is the browsers' audio. Agents' phones and visitors' share one exchange, under keys of their own kinds.
type deskPhone struct{ *softphone.Exchange }

func (d deskPhone) Attach(ctx context.Context, key, offer string) (answer, session string, err error) {
	answer, session, err = d.Exchange.Attach(ctx, phoneKey(key), offer)
	switch {
	case errors.Is(err, softphone.ErrOffer):
		err = desk.Refuse(desk.BadRequest, "The browser's audio offer cannot be taken: "+err.Error(), err)
	case errors.Is(err, softphone.ErrFull):
		err = desk.Refuse(desk.Unavailable, "All phones are in use. Try again later.", err)
	}
	return answer, session, err
}

func (d deskPhone) Detach(key, session string) { d.Exchange.Detach(phoneKey(key), session) }

const visitorPrefix = "visitor-"

func phoneKey(key string) string {
	if strings.HasPrefix(key, visitorPrefix) {
		return key
	}
	return centre.PhoneKey(key)
}

// visitors are calls from the caller page.
type visitors struct {
	centre *centre.Centre
	line   func() string

	mu    sync.Mutex
	calls map[string]*visit // by key
	byID  map[string]string // key by call
}

type visit struct {
	call  string
	state desk.Visitor
	news  chan struct{} // closed at every change
	gone  time.Time     // when the audio went; zero: it flows
}

func newVisitors(line func() string) *visitors {
	return &visitors{line: line, calls: map[string]*visit{}, byID: map[string]string{}}
}

func (v *visitors) Begin(ctx context.Context, key, _ string) error {
	v.mu.Lock()
	now := time.Now()
	v.calls[key] = &visit{news: make(chan struct{}), state: desk.Visitor{Seq: 1, Phase: desk.VisitorConnecting, Since: now}}
	v.byID[centre.VisitorCall(key)] = key
	v.calls[key].call = centre.VisitorCall(key)
	v.mu.Unlock()
	if err := v.centre.Visit(ctx, key, v.line()); err != nil {
		v.mu.Lock()
		delete(v.byID, v.calls[key].call)
		delete(v.calls, key)
		v.mu.Unlock()
		return err
	}
	return nil
}

func (v *visitors) HangUp(key string) {
	v.mu.Lock()
	x := v.calls[key]
	v.mu.Unlock()
	if x != nil {
		v.centre.HangUp(x.call)
	}
}

func (v *visitors) State(ctx context.Context, key string, after uint64) (desk.Visitor, error) {
	for {
		v.mu.Lock()
		x := v.calls[key]
		if x == nil {
			v.mu.Unlock()
			return desk.Visitor{}, &floor.Illegal{Code: "not-found", Text: "there is no such call"}
		}
		state, news := x.state, x.news
		v.mu.Unlock()
		if state.Seq > after {
			return state, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return state, nil
		}
	}
}

// saw follows the facts of visitors' calls. It is called from the loop.
func (v *visitors) saw(u centre.Update) {
	for _, r := range u.Records {
		for _, f := range r.Facts {
			v.fact(f, r.At)
		}
	}
}

func (v *visitors) fact(f fact.Fact, at time.Time) {
	switch f := f.(type) {
	case fact.FlowStepped:
		v.set(f.Call, desk.VisitorListening, "", at)
	case fact.VisitBegan:
		v.set(f.Call, desk.VisitorWaiting, "", at)
	case fact.TalkBegan:
		v.set(f.Call, desk.VisitorTalking, "", at)
	case fact.TalkHeld:
		v.set(f.Call, desk.VisitorHeld, "", at)
	case fact.TalkRetrieved:
		v.set(f.Call, desk.VisitorTalking, "", at)
	case fact.MessageBegan:
		v.set(f.Call, desk.VisitorRecording, "", at)
	case fact.CallEnded:
		v.set(f.Call, desk.VisitorEnded, string(f.Ending), at)
	}
}

func (v *visitors) set(callID string, p desk.VisitorPhase, why string, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, ok := v.byID[callID]
	if !ok {
		return
	}
	x := v.calls[key]
	if x.state.Phase == p {
		return
	}
	x.state = desk.Visitor{Seq: x.state.Seq + 1, Phase: p, Since: at, Reason: why}
	close(x.news)
	x.news = make(chan struct{})
	if p == desk.VisitorEnded {
		delete(v.byID, callID)
		time.AfterFunc(2*time.Minute, func() {
			v.mu.Lock()
			delete(v.calls, key)
			v.mu.Unlock()
		})
	}
}

// visitorSilence is how long a visitor's audio may be away before the call is taken for ended.
const visitorSilence = 10 * time.Second

// heard follows a visitor's audio: a page that is gone hangs up.
func (v *visitors) heard(s softphone.Status) {
	v.mu.Lock()
	x := v.calls[s.Key]
	if x == nil || x.state.Phase == desk.VisitorEnded {
		v.mu.Unlock()
		return
	}
	if s.Alive {
		x.gone = time.Time{}
		v.mu.Unlock()
		return
	}
	since := time.Now()
	x.gone = since
	v.mu.Unlock()
	time.AfterFunc(visitorSilence, func() {
		v.mu.Lock()
		still := x.gone.Equal(since)
		v.mu.Unlock()
		if still {
			v.centre.HangUp(x.call)
		}
	})
}

// media is what the centre needs of the exchange.
type media struct{ *softphone.Exchange }

func (m media) Addr() netip.AddrPort { return m.Exchange.Addr() }

// house is the configured part of what pages show.
func house(cfg *config.Config) desk.House {
	h := desk.House{Centre: desk.CentreInfo{
		Name: cfg.Centre.Name, Languages: cfg.Centre.Languages, Timezone: cfg.Centre.Timezone, Line: cfg.CallerPage.Line,
		Hours: hoursInWords(cfg), CallerPage: cfg.CallerPage.Enabled,
	}}
	for _, q := range cfg.ACDQueues() {
		h.Queues = append(h.Queues, desk.QueueInfo{
			Queue: q.ID, Title: q.Title, Threshold: q.ServiceLevel.Within.Seconds(), Target: q.ServiceLevel.Target, Formula: string(q.ServiceLevel.Formula),
		})
	}
	for _, r := range cfg.Reasons() {
		x := cfg.NotReady[r]
		h.NotReady = append(h.NotReady, desk.NotReadyInfo{Reason: r, Title: x.Title, Limit: x.Limit.Seconds(), AtOnce: x.AtOnce})
	}
	for _, a := range cfg.ACDAgents() {
		c := desk.Colleague{Agent: a.ID, Name: nameOf(cfg.Agents[a.ID].Name, cfg, a.ID), Names: inEach(cfg.Agents[a.ID].Name, cfg), Skills: a.Skills}
		for _, m := range a.Queues {
			c.Queues = append(c.Queues, m.Queue)
			c.Memberships = append(c.Memberships, fact.Membership(m))
		}
		h.Agents = append(h.Agents, c)
	}
	h.Names = map[string]map[string]string{}
	for login, a := range cfg.Agents {
		h.Names[login] = inEach(a.Name, cfg)
	}
	h.Supervised = map[string][]string{}
	for login, s := range cfg.Supervisors {
		h.Names[login] = inEach(s.Name, cfg)
		if len(s.Queues) > 0 {
			h.Supervised[login] = s.Queues
		}
	}
	for login, p := range cfg.Admins {
		h.Names[login] = inEach(p.Name, cfg)
	}
	h.Skills = cfg.Skills
	for _, name := range cfg.Announced() {
		a := cfg.Announcements[name]
		h.Announcements = append(h.Announcements, desk.AnnouncementInfo{Announcement: name, Title: inEach(a.Title, cfg), Text: inEach(a.Text, cfg)})
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Callers.Lists)) {
		h.Lists = append(h.Lists, desk.CallerListInfo{List: name, Title: inEach(cfg.Callers.Lists[name].Title, cfg)})
	}
	return h
}

// inEach is a text by the centre's languages; one that was written once is the same in all.
func inEach(text map[string]string, cfg *config.Config) map[string]string {
	all := make(map[string]string, len(cfg.Centre.Languages))
	for _, l := range cfg.Centre.Languages {
		all[l] = cmp.Or(text[l], text[""])
	}
	return all
}

// nameOf is a name in the centre's first language, or the login.
func nameOf(names map[string]string, cfg *config.Config, login string) string {
	if n := names[cfg.Centre.Languages[0]]; n != "" {
		return n
	}
	for _, l := range cfg.Centre.Languages {
		if n := names[l]; n != "" {
			return n
		}
	}
	return cmp.Or(names[""], login)
}

// hoursInWords is the opening hours of the caller page's line, by language.
func hoursInWords(cfg *config.Config) map[string]string {
	line, ok := cfg.Lines[cfg.CallerPage.Line]
	if !ok {
		return nil
	}
	switch line.Open {
	case "always":
		return map[string]string{"zh": "全天 24 小时", "en": "Around the clock"}
	case "never":
		return map[string]string{"zh": "暂停服务", "en": "Closed"}
	}
	return hoursWords(cfg.Hours[cfg.Book.HoursOf(cfg.CallerPage.Line)].Week)
}

var weekdays = []struct{ key, zh, en string }{
	{"mon", "周一", "Mon"}, {"tue", "周二", "Tue"}, {"wed", "周三", "Wed"}, {"thu", "周四", "Thu"}, {"fri", "周五", "Fri"}, {"sat", "周六", "Sat"}, {"sun", "周日", "Sun"},
}

func hoursWords(week map[string]string) map[string]string {
	var zh, en []string
	for _, d := range weekdays {
		for key, hours := range week {
			if !strings.HasPrefix(key, d.key) {
				continue
			}
			kz, ke := key, key
			for _, w := range weekdays {
				kz, ke = strings.ReplaceAll(kz, w.key, w.zh), strings.ReplaceAll(ke, w.key, w.en)
			}
			zh = append(zh, strings.ReplaceAll(kz, "-", "至")+" "+strings.ReplaceAll(hours, "-", "–"))
			en = append(en, strings.ReplaceAll(ke, "-", "–")+" "+strings.ReplaceAll(hours, "-", "–"))
		}
	}
	if len(zh) == 0 {
		return nil
	}
	return map[string]string{"zh": strings.Join(zh, "，"), "en": strings.Join(en, ", ")}
}
