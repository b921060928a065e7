package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/floor"
	"hotline/people"
)

// tab is a browser's tab at the other end of a websocket.
type tab struct {
	t  *testing.T
	ws *websocket.Conn
}

func (o *office) dial(login string, headers ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{"Origin": {o.url}}
	if login != "" {
		h.Set("Cookie", cookie+"="+o.as(login))
	}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(o.url, "http")+"/api/ws", h)
}

func (o *office) tab(login string) *tab {
	o.t.Helper()
	ws, res, err := o.dial(login)
	require.NoError(o.t, err)
	res.Body.Close()
	o.t.Cleanup(func() { ws.Close() })
	return &tab{t: o.t, ws: ws}
}

func (c *tab) say(text string) {
	c.t.Helper()
	require.NoError(c.t, c.ws.WriteMessage(websocket.TextMessage, []byte(text)))
}

// next reads one message, at most for some seconds.
func (c *tab) next() Envelope {
	c.t.Helper()
	require.NoError(c.t, c.ws.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, b, err := c.ws.ReadMessage()
	require.NoError(c.t, err)
	var e Envelope
	require.NoError(c.t, json.Unmarshal(b, &e))
	require.Equal(c.t, 1, e.V)
	return e
}

// until reads on to the first message that is wanted.
func (c *tab) until(wanted func(Envelope) bool) Envelope {
	c.t.Helper()
	for {
		if e := c.next(); wanted(e) {
			return e
		}
	}
}

func ofType(kind string) func(Envelope) bool { return func(e Envelope) bool { return e.Type == kind } }

func (c *tab) reply() Reply {
	c.t.Helper()
	return read1[Reply](c.t, c.until(ofType("reply")))
}

func read1[T any](t *testing.T, e Envelope) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(e.Data, &v), string(e.Data))
	return v
}

func (c *tab) subscribe(topic, data string) Envelope {
	c.t.Helper()
	c.say(fmt.Sprintf(`{"v":1,"type":"subscribe","topic":%q,"id":"s","data":%s}`, topic, data))
	r := c.reply()
	require.True(c.t, r.OK, r.Error)
	return c.next()
}

func (c *tab) me() Me {
	c.t.Helper()
	return read1[Me](c.t, c.until(func(e Envelope) bool { return e.Topic == TopicMe }))
}

func TestAnOfferIsOnTheDeskAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "ready"}}})
	li := o.tab("li")
	first := li.subscribe(TopicMe, "{}")
	require.Equal(t, "snapshot", first.Type)
	require.False(t, read1[Me](t, first).OtherTab)
	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "offered",
		Offer: &floor.OfferView{Offer: "o1", Caller: fact.Party{Number: "+861"}}}, {Agent: "wang", State: "ready"}}})
	e := li.until(ofType("delta"))
	require.Equal(t, first.Epoch, e.Epoch)
	require.Equal(t, first.Seq+1, e.Seq)
	require.Equal(t, "o1", read1[Me](t, e).Offer.Offer)

	li.say(`{"v":1,"type":"command","id":"c1","data":{"do":"accept","offer":"o1"}}`)
	require.True(t, li.reply().OK)
	require.Equal(t, []CentreCommand{{ID: "c1", Agent: "li", Command: Command{Do: "accept", Offer: "o1"}}}, o.centre.done())
}

func TestACommandThatTheFloorRefusesSaysWhy(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	o.centre.refuse = &floor.Illegal{Code: "illegal", Text: "nobody is on the phone", Place: "do"}
	for text, code := range map[string]Code{
		`{"v":1,"type":"command","id":"1","data":{"do":"hold"}}`:       Illegal,
		`{"v":1,"type":"command","id":"2","data":{"do":"levitate"}}`:   BadRequest,
		`{"v":1,"type":"command","data":{"do":"hold"}}`:                BadRequest, // no id
		`{"v":1,"type":"command","id":"3","data":{"doo":"hold"}}`:      BadRequest,
		`{"v":1,"type":"command","id":"4"}`:                            BadRequest,
		`{"v":1,"type":"subscribe","id":"5","topic":"gossip"}`:         BadRequest,
		`{"v":1,"type":"subscribe","id":"6","topic":"board"}`:          Forbidden,
		`{"v":1,"type":"command","id":"7","data":{"do":"take-phone"}}`: Illegal,
		`{"v":1,"type":"subscribe","id":"8","topic":"me","data":[]}`:   BadRequest,
	} {
		li.say(text)
		r := li.reply()
		require.False(t, r.OK, text)
		require.Equal(t, code, r.Error.Code, text)
	}
	boss := o.tab("boss")
	boss.say(`{"v":1,"type":"command","id":"1","data":{"do":"ready"}}`)
	require.Equal(t, Forbidden, boss.reply().Error.Code, "no seat, no commands")
	boss.say(`{"v":1,"type":"ping","id":"p"}`)
	require.Equal(t, "p", boss.until(ofType("pong")).ID)
}

func TestOfSeveralTabsOneIsThePhone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, second := o.tab("li"), o.tab("li")
	first.subscribe(TopicMe, "{}")
	require.True(t, read1[Me](t, second.subscribe(TopicMe, "{}")).OtherTab)
	require.Equal(t, "up li", o.centre.noted())

	second.say(`{"v":1,"type":"command","id":"1","data":{"do":"take-phone"}}`)
	require.True(t, first.me().OtherTab)
	require.False(t, second.me().OtherTab)
	second.ws.Close() // the phone goes: the other tab takes over, the desk is never lost
	require.False(t, first.me().OtherTab)
	require.Equal(t, "up li", o.centre.noted())
	first.ws.Close()
	require.Eventually(t, func() bool { return o.centre.noted() == "up li, lost li" }, 20*time.Second, time.Millisecond)

	again := o.tab("li")
	again.subscribe(TopicMe, "{}")
	again.say(`{"v":1,"type":"unsubscribe","topic":"me","id":"u"}`)
	require.True(t, again.reply().OK)
	require.Equal(t, "up li, lost li, up li, lost li", o.centre.noted())
}

func TestTheDayMovesWithoutTheState(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	li.subscribe(TopicMe, "{}")
	o.report.set(func(d *Today) { d.Agents = map[string]Day{"li": {Answered: 7}} })
	require.Equal(t, 7, li.me().Day.Answered)
}

func TestSecondsOfBeingReadyComeWithTheNextMessage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	seen := li.subscribe(TopicMe, "{}").Seq
	for second := range 3 {
		o.report.set(func(d *Today) { d.Agents = map[string]Day{"li": {Ready: float64(second)}} })
		o.pass(time.Second)
		require.True(t, o.hub.ask(t.Context(), o.hub.tellDays))
	}
	o.report.set(func(d *Today) { d.Agents = map[string]Day{"li": {Ready: 9, Missed: 1}} })
	e := li.until(ofType("delta"))
	require.Equal(t, seen+1, e.Seq)
	require.Equal(t, Day{Ready: 9, Missed: 1}, read1[Me](t, e).Day)
}

func TestAStepThatTheAgentDoesNotSeeIsNotTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	seen := li.subscribe(TopicMe, "{}").Seq
	for _, state := range []string{"ready", "ready", "ready", "talking"} {
		o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: state, Offer: &floor.OfferView{Offer: "o1"}}}})
		o.report.set(func(d *Today) { d.Agents = map[string]Day{"li": {Answered: 7}} })
		code, _, _ := o.ask("boss", "GET", "/api/board", "") // the hub has heard of it
		require.Equal(t, 200, code)
	}
	require.Equal(t, "ready", li.me().State)
	e := li.until(ofType("delta"))
	require.Equal(t, seen+2, e.Seq)
	require.Equal(t, "talking", read1[Me](t, e).State)
	require.Equal(t, 7, read1[Me](t, e).Day.Answered, "the day comes with it")
}

func TestTheBoardIsWholeThenChangesOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.centre.tell(Update{Queues: []floor.QueueView{{Queue: "consult", Waiting: 1}, {Queue: "complaint"}},
		Agents: []floor.AgentView{{Agent: "li", State: "not-ready", Reason: "break", Since: time.Now()}}, Calls: &CallCounts{Waiting: 1}})
	o.health.alarms = []Alarm{{ID: "a", Kind: "postgres"}}
	boss := o.tab("boss")
	e := boss.subscribe(TopicBoard, "{}")
	require.Equal(t, "snapshot", e.Type)
	whole := read1[Board](t, e)
	require.Len(t, whole.Queues, 2)
	require.InDelta(t, 900, whole.Agents["li"].Limit, 0, "how long a break may be")
	require.Equal(t, 1, whole.Calls.Waiting)
	require.Len(t, whole.Alarms, 1)

	o.health.mu.Lock()
	o.health.alarms = nil
	o.health.mu.Unlock()
	o.centre.tell(Update{Queues: []floor.QueueView{{Queue: "consult", Waiting: 2}}})
	o.report.set(func(d *Today) { d.Totals.Offered = 5; d.Minutes = []Minute{{Arrivals: 5}} })
	d := boss.until(func(e Envelope) bool { return strings.Contains(string(e.Data), "consult") })
	require.Equal(t, "delta", d.Type)
	part := read1[Board](t, d)
	require.Equal(t, 2, part.Queues["consult"].Waiting)
	require.NotContains(t, part.Queues, "complaint")
	require.Empty(t, part.Agents)
	require.Contains(t, string(d.Data), `"alarms":[]`, "the alarm is over")
	require.Equal(t, 5, part.Totals.Offered)
	require.Len(t, part.Minutes, 1)

	code, body, _ := o.ask("boss", "GET", "/api/board", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"waiting":2`)
}

func TestABreakThatLastsTooLongIsAnAlarmUntilItIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	long := floor.AgentView{Agent: "li", State: "not-ready", Reason: "break", Since: time.Now().Add(-16 * time.Minute)}
	o.centre.tell(Update{Agents: []floor.AgentView{long,
		{Agent: "wang", State: "not-ready", Reason: "break", Since: time.Now()},
		{Agent: "zhao", State: "ready", Since: time.Now().Add(-time.Hour), Line: &floor.LineView{Reason: "break", Place: 1}}}})
	boss := o.tab("boss")
	whole := read1[Board](t, boss.subscribe(TopicBoard, "{}"))
	require.Len(t, whole.Alarms, 1)
	a := whole.Alarms[0]
	require.Equal(t, []string{"overrun", "li", "break"}, []string{string(a.Kind), a.Agent, a.Reason})
	require.WithinDuration(t, long.Since.Add(15*time.Minute), a.At, 0)
	require.Equal(t, 1, whole.Agents["zhao"].Line.Place)

	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "ready", Since: time.Now()}}})
	boss.until(func(e Envelope) bool { return strings.Contains(string(e.Data), `"alarms":[]`) })
}

func TestAQuietBoardStillShowsThatItLives(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	boss := o.tab("boss")
	last := boss.subscribe(TopicBoard, "{}").Seq
	for range 2 {
		e := boss.next()
		require.Equal(t, last+1, e.Seq, "no number is left out")
		last = e.Seq
	}
}

func TestABoardComesBackByItsNumbers(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Resume = 4 })
	o.centre.tell(Update{Queues: []floor.QueueView{{Queue: "consult"}}})
	stays, goes := o.tab("boss"), o.tab("root")
	stays.subscribe(TopicBoard, "{}")
	seen := goes.subscribe(TopicBoard, "{}")
	goes.ws.Close()
	o.centre.tell(Update{Queues: []floor.QueueView{{Queue: "consult", Waiting: 9}}})
	stays.until(func(e Envelope) bool { return strings.Contains(string(e.Data), `"waiting":9`) })

	back := o.tab("root")
	e := back.subscribe(TopicBoard, fmt.Sprintf(`{"epoch":%q,"seq":%d}`, seen.Epoch, seen.Seq))
	require.Equal(t, "delta", e.Type)
	require.Equal(t, seen.Seq+1, e.Seq)
	require.Equal(t, "snapshot", o.tab("root").subscribe(TopicBoard, fmt.Sprintf(`{"epoch":"other","seq":%d}`, seen.Seq)).Type)
	for range 6 { // further than the ring remembers
		stays.next()
	}
	require.Equal(t, "snapshot", o.tab("root").subscribe(TopicBoard, fmt.Sprintf(`{"epoch":%q,"seq":%d}`, seen.Epoch, seen.Seq)).Type)
	require.Equal(t, "snapshot", o.tab("root").subscribe(TopicBoard, fmt.Sprintf(`{"epoch":%q,"seq":%d}`, seen.Epoch, seen.Seq+1000)).Type)
}

func TestDeltasLaidOverTheSnapshotAreTheBoard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	boss := o.tab("boss")
	mine := read1[Board](t, boss.subscribe(TopicBoard, "{}"))
	for i := range 30 {
		o.centre.tell(Update{Queues: []floor.QueueView{{Queue: fmt.Sprint("q", i%3), Waiting: i}}, Agents: []floor.AgentView{{Agent: "li", State: "ready", Since: time.Unix(int64(i), 0)}}})
		o.report.set(func(d *Today) { d.Totals.Answered = i })
	}
	boss.until(func(e Envelope) bool {
		d := read1[Board](t, e)
		for q, row := range d.Queues {
			if mine.Queues == nil {
				mine.Queues = map[string]BoardQueue{}
			}
			mine.Queues[q] = row
		}
		if d.Totals != nil {
			mine.Totals = d.Totals
		}
		return mine.Totals.Answered == 29 && mine.Queues["q2"].Waiting == 29
	})
	now, err := o.hub.board(t.Context())
	require.NoError(t, err)
	require.Equal(t, now.Queues, mine.Queues)
	require.Equal(t, now.Totals, mine.Totals)
}

func TestListsCountWhatIsMine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.files[anID] = opened(anID)
	o.store.messages = 2
	li := o.tab("li")
	l := read1[Lists](t, li.subscribe(TopicLists, "{}"))
	require.Equal(t, 2, l.Messages)
	require.Equal(t, 1, l.Open)
	code, _, _ := o.ask("wang", "POST", "/api/messages/m1/done", "")
	require.Equal(t, 204, code)
	after := read1[Lists](t, li.next())
	require.Equal(t, 1, after.Messages)
	require.Greater(t, after.Version, l.Version)
}

func TestListsComeWhenTheArchiveDoes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.fail = awayError{}
	li := o.tab("li")
	li.say(`{"v":1,"type":"subscribe","topic":"lists","id":"s"}`)
	require.True(t, li.reply().OK)
	o.store.mu.Lock()
	o.store.fail = nil
	o.store.mu.Unlock()
	require.Equal(t, TopicLists, li.next().Topic)
}

func TestAWebsocketIsForOurOwnPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Origins = []string{"https://desk.example.org"} })
	for origin, want := range map[string]int{"https://evil.example": 403, "": 403, "null": 403, "ftp://" + strings.TrimPrefix(o.url, "http://"): 403, "https://desk.example.org": 101} {
		ws, res, err := o.dial("li", "Origin", origin)
		require.Equal(t, want, res.StatusCode, origin)
		if err == nil {
			ws.Close()
		}
		res.Body.Close()
	}
	_, res, err := o.dial("")
	require.Error(t, err)
	res.Body.Close()
	require.Equal(t, 401, res.StatusCode)
	code, _, _ := o.ask("li", "GET", "/api/ws", "", "Origin", o.url)
	require.Equal(t, 400, code, "no websocket")
}

func TestNonsenseIsAnsweredAndEndsInAGoodbye(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	for _, bad := range []string{"", "x", "[]", `{"v":2,"type":"ping"}`, `{"v":1,"type":"shout"}`, `{"v":1,"type":"ping","x":1}`,
		`{"v":1,"type":"ping"} {}`, `{"v":1,"type":"ping","id":"` + strings.Repeat("x", 65) + `"}`, `{"v":1,"seq":-1}`} {
		li.say(bad)
		require.Equal(t, BadRequest, li.reply().Error.Code)
	}
	require.NoError(t, li.ws.WriteMessage(websocket.BinaryMessage, []byte{0}))
	require.Equal(t, byeAbuse, read1[Bye](t, li.until(ofType("bye"))).Reason)

	huge := o.tab("li")
	huge.say(strings.Repeat("x", largestMessage+1))
	for {
		if _, _, err := huge.ws.ReadMessage(); err != nil {
			break
		}
	}
}

func TestASlowPageIsToldByeAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Queue = 4 })
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if tcp, ok := c.(*net.TCPConn); ok && err == nil {
			err = tcp.SetReadBuffer(4096)
		}
		return c, err
	}}
	ws, res, err := dialer.Dial("ws"+strings.TrimPrefix(o.url, "http")+"/api/ws", http.Header{"Origin": {o.url}, "Cookie": {cookie + "=" + o.as("li")}})
	require.NoError(t, err)
	res.Body.Close()
	defer ws.Close()
	require.NoError(t, ws.WriteMessage(websocket.TextMessage, []byte(`{"v":1,"type":"subscribe","topic":"me","id":"s"}`)))
	require.Eventually(t, func() bool { return o.centre.noted() == "up li" }, 20*time.Second, time.Millisecond)
	// It never reads. The floor goes on, and at some point the page is dropped.
	big := strings.Repeat("x", 64<<10)
	require.Eventually(t, func() bool {
		o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "not-ready", Reason: big, Since: time.Now()}}})
		return o.centre.noted() == "up li, lost li"
	}, 20*time.Second, time.Millisecond)
}

func TestSigningOutClosesTheTabs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	li.subscribe(TopicMe, "{}")
	code, _, _ := o.ask("li", "DELETE", "/api/session", "")
	require.Equal(t, 204, code)
	require.Equal(t, byeSignedOut, read1[Bye](t, li.until(ofType("bye"))).Reason)
}

func TestATabWhoseRightsChangedIsSentToSignInAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li := o.tab("li")
	li.subscribe(TopicMe, "{}")
	var c *conn
	require.True(t, o.hub.ask(t.Context(), func() {
		for c = range o.hub.conns {
		}
	}))
	c.stillSignedIn()
	require.NoError(t, o.people.PutUser(t.Context(), people.User{Login: "li", Role: people.Agent, Disabled: true}))
	o.pass(time.Minute)
	c.stillSignedIn()
	require.Equal(t, byeSignedOut, read1[Bye](t, li.until(ofType("bye"))).Reason)
}

func TestStoppingSaysGoodbyeAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.centre.block = make(chan struct{}) // a command under way does not hold the stop up
	defer close(o.centre.block)
	li := o.tab("li")
	li.subscribe(TopicMe, "{}")
	li.say(`{"v":1,"type":"command","id":"1","data":{"do":"ready"}}`)
	require.Eventually(t, func() bool { return len(o.centre.done()) == 1 }, 20*time.Second, time.Millisecond)
	o.Stop()
	o.Stop()
	require.Equal(t, byeRestart, read1[Bye](t, li.until(ofType("bye"))).Reason)
	code, _, _ := o.ask("boss", "GET", "/api/board", "")
	require.Equal(t, 503, code)
	_, res, err := o.dial("li")
	if err == nil {
		res.Body.Close() // upgraded, and told bye at once
	}
}

func TestBeforeItIsStartedTheDeskSaysSo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d, err := New(DefaultConfig(), o.Needs)
	require.NoError(t, err)
	_, err = d.hub.board(t.Context())
	require.ErrorIs(t, err, errDown)
	d.ListsChanged()
	d.Stop()
	_, err = New(DefaultConfig(), Needs{})
	require.ErrorContains(t, err, "Needs")
}

func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(`{"v":1,"type":"command","id":"1","data":{"do":"ready"}}`))
	f.Add([]byte(`{"v":1,"type":"subscribe","topic":"board","data":{"epoch":"x","seq":18446744073709551615}}`))
	f.Add([]byte(`{"v":1e0,"type":"ping"}`))
	f.Fuzz(func(t *testing.T, msg []byte) {
		var e Envelope
		err := envelope(msg, &e)
		if err != nil {
			if wire, _ := tell(err); wire.Code != BadRequest || wire.Message == "" {
				t.Fatalf("%v became %+v", err, wire)
			}
			return
		}
		if e.V != 1 || len(e.ID) > 64 {
			t.Fatalf("let through: %+v", e)
		}
		var cmd Command
		_ = strict(e.Data, &cmd) // must not panic
	})
}
