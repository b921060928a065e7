//go:build e2e

package faults

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/floor"
	"hotline/internal/sandbox"
	"hotline/people"
	"hotline/test/house"
)

// House is a whole hotline of a test's own, whose parts may be killed.
type House struct {
	*house.House
	Link  *link             // between the server and Asterisk
	desks sandbox.PortRange // of the desk phones
	t     *testing.T
}

const (
	seats  = 16 // with the phone in the browser
	phones = 3  // with a desk phone
	boss   = "boss"
)

func agentID(i int) string { return fmt.Sprintf("seat%02d", i) }
func phoneID(i int) string { return fmt.Sprintf("phone%02d", i) }

// control are pairs of SIP parties that Asterisk bridges without us: what happens to their sound is the machine's doing.
const control = `
[from-trunk](+)
exten => _90X1,1,Set(GLOBAL(CONTROL${EXTEN:2:1})=${CHANNEL})
 same => n,Answer()
 same => n,Wait(7200)
exten => _90X2,1,Answer()
 same => n,Bridge(${CONTROL${EXTEN:2:1}})
`

// endpoints are the desk phones as Asterisk knows them.
func (h *House) endpoints() string {
	var text strings.Builder
	for i := range phones {
		fmt.Fprintf(&text, "[%[1]s](hotline-phone)\naors = %[1]s\n[%[1]s]\ntype = aor\ncontact = sip:phone@127.0.0.1:%[2]d\n", phoneID(i), h.desks.First+i)
	}
	return text.String()
}

// open brings everything up but the server.
func open(t *testing.T) *House {
	t.Helper()
	return openLent(t, 6*time.Second)
}

// openLent is a house whose dialplan lends its calls for so long.
func openLent(t *testing.T, lease time.Duration) *House {
	t.Helper()
	h := &House{t: t}
	var err error
	h.desks, err = sandbox.FreePorts(phones)
	require.NoError(t, err)
	h.House, err = house.Open(t.Context(), house.Plan{
		Name: "faults", Lease: lease, Asterisk: sandbox.AsteriskConfig{RTPPorts: media, ExtraDialplan: control, ExtraPJSIP: h.endpoints()},
		Centre: centre, Flows: flows,
		Way: func(asterisk string) (addr string, err error) {
			if h.Link, err = newLink(asterisk); err != nil {
				return "", err
			}
			return h.Link.Addr(), nil
		},
	})
	require.NoError(t, err)
	t.Cleanup(h.close)
	crowd := []people.User{{Login: boss, Name: boss, Role: people.Supervisor}}
	for i := range seats {
		crowd = append(crowd, house.Agents(agentID(i))...)
	}
	for i := range phones {
		crowd = append(crowd, house.Agents(phoneID(i))...)
	}
	require.NoError(t, h.Admit(t.Context(), crowd...))
	return h
}

func (h *House) close() {
	assert.NoError(h.t, h.Stop())
	h.Link.Close()
	if err := h.Asterisk.Stop(); err != nil {
		h.t.Log(err) // it is slow to end with calls in it, on a busy machine
	}
	h.Leave(h.t)
	h.desks.Release()
}

// centre is one in which every phase is one step away: a line for the menu, one for the queue, one for messages.
func centre(machines string) (string, error) {
	var agents strings.Builder
	for i := range seats {
		fmt.Fprintf(&agents, "  %s: {name: {en: Agent %d}, skills: {any: 5}, queues: [first, second]}\n", agentID(i), i)
	}
	for i := range phones {
		fmt.Fprintf(&agents, "  %[1]s: {name: {en: Phone %[2]d}, skills: {any: 5}, queues: [desks], phone: PJSIP/%[1]s}\n", phoneID(i), i)
	}
	queue := `{title: {en: Q}, needs: {any: 1}, wait: {tell: [place, expected-wait], every: 7s}, wrap_up: {limit: 2s},
    limits: {waiting: 900}, offer: {ring: 5s, missed_limit: 9}}`
	return fmt.Sprintf(`
centre: {name: {en: Faults}, timezone: Asia/Shanghai, languages: [en], country_code: "86", area_code: "10"}
lines:
  "2001": {flow: menu, open: always, title: {en: menu}}
  "2002": {flow: person, open: always, title: {en: person}}
  "2003": {flow: note, open: always, title: {en: note}}
  "2004": {flow: desk, open: always, title: {en: desk}}
flows: flows/*.yaml
skills: [any]
queues:
  first: %s
  second: %s
  desks: %s
not_ready:
  break: {title: {en: Break}}
agents:
%ssupervisors:
  boss: {name: {en: Boss}}
messages: {limit: 2m, silence: 60s}
desk: {grace: 20s, media_grace: 20s}
prompts: {folder: %q, voices: {en: {engine: espeak-ng, voice: en-gb, speed: 170}}}
%s`, queue, queue, queue, agents.String(), house.Prompts, machines), nil
}

var flows = fstest.MapFS{
	"menu.yaml": {Data: []byte(`
flow: menu
title: {en: Menu}
start: top
nodes:
  top: {menu: {en: "For a person, press one. To leave a message, press two. To hear this again, press three."}, keys: {1: {queue: first}, 2: note, 3: top}, wait: 5s, tries: 9, otherwise: {queue: second}}
  note: {message: {en: Please speak after the tone.}, limit: 2m, silence: 60s, ticket: complaint}
`)},
	"person.yaml": {Data: []byte("flow: person\ntitle: {en: Person}\nstart: q\nnodes:\n  q: {queue: first, say: {en: One moment.}}\n")},
	"desk.yaml":   {Data: []byte("flow: desk\ntitle: {en: Desk}\nstart: q\nnodes:\n  q: {queue: desks, say: {en: One moment.}}\n")},
	"note.yaml": {Data: []byte("flow: note\ntitle: {en: Note}\nstart: n\nnodes:\n" +
		"  n: {message: {en: Please speak after the tone.}, limit: 2m, silence: 60s, ticket: complaint}\n")},
}

// Serve starts the server and returns when its web server answers.
func (h *House) Serve() house.Start {
	h.t.Helper()
	s, err := h.Start(h.t.Context())
	require.NoError(h.t, err)
	return s
}

// AwaitReady waits until the server takes calls.
func (h *House) AwaitReady() time.Time {
	h.t.Helper()
	require.NoError(h.t, h.House.AwaitReady(h.t.Context()))
	return time.Now()
}

// await waits as house does, and fails the test.
func (h *House) await(atMost time.Duration, what string, ask func() error) {
	h.t.Helper()
	require.NoError(h.t, house.Await(h.t.Context(), atMost, what, ask))
}

// signIn lets somebody in.
func (h *House) signIn(login string) {
	h.t.Helper()
	_, err := h.SignIn(h.t.Context(), login)
	require.NoError(h.t, err)
}

// asBoss reads what the supervisor sees at a path.
func (h *House) asBoss(path string, into any) error {
	return h.As(h.t.Context(), boss, http.MethodGet, path, nil, into)
}

// Live lists the calls that the server owns, by id.
func (h *House) Live() (map[string]floor.CallLine, error) {
	var list desk.LiveCalls
	if err := h.asBoss("/api/live", &list); err != nil {
		return nil, err
	}
	live := map[string]floor.CallLine{}
	for _, c := range list.Calls {
		live[c.Call] = c
	}
	return live, nil
}

// MustLive is Live of a server that must answer.
func (h *House) MustLive() map[string]floor.CallLine {
	h.t.Helper()
	live, err := h.Live()
	require.NoError(h.t, err)
	return live
}

func phases(live map[string]floor.CallLine) map[string]int {
	n := map[string]int{}
	for _, c := range live {
		n[c.Phase]++
	}
	return n
}

// channel is a channel as Asterisk lists it.
type channel struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Dialplan struct {
		Context string `json:"context"`
		Exten   string `json:"exten"`
		App     string `json:"app_name"`
	} `json:"dialplan"`
}

// Channels are Asterisk's own, asked past the link.
func (h *House) Channels() []channel {
	h.t.Helper()
	var list []channel
	require.NoError(h.t, h.ARI(http.MethodGet, "/channels", &list))
	return list
}

// bridge is a bridge as Asterisk lists it.
type bridge struct {
	ID       string   `json:"id"`
	Channels []string `json:"channels"`
}

// Bridges are Asterisk's own, asked past the link.
func (h *House) Bridges() (list []bridge) {
	h.t.Helper()
	require.NoError(h.t, h.ARI(http.MethodGet, "/bridges", &list))
	return list
}

// callers are the channels of callers that are in the application.
func (h *House) callers() (ids []string) {
	h.t.Helper()
	for _, c := range h.Channels() {
		if c.Dialplan.App == "Stasis" && c.Dialplan.Context == "hotline-in" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// metric reads the series of a family, by their labels as Prometheus writes them.
func (h *House) metric(family string) map[string]float64 {
	h.t.Helper()
	m, err := h.Metrics()
	require.NoError(h.t, err)
	return m.Family(family)
}

// Settle waits until no call is live and the archive has all that the journal has.
func (h *House) Settle() {
	h.t.Helper()
	h.await(60*time.Second, "the calls to end", func() error {
		live, err := h.Live()
		if err == nil && len(live) > 0 {
			err = fmt.Errorf("%d live: %v", len(live), live)
		}
		return err
	})
	h.await(60*time.Second, "the archive to have everything", h.Archived)
}
