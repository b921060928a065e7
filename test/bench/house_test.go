//go:build e2e

package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/internal/sandbox"
	"hotline/test/house"
)

// rig is one Asterisk with both centres on it.
type rig struct {
	*house.House
	phones int // the port of app_queue's desk phones
	agents int // of each centre
	t      *testing.T
}

const (
	lease = 15 * time.Second

	// The numbers that are called.
	toQueue  = "7001" // app_queue
	toOurs   = "2002" // the same for hotline: a line that goes straight to its queue
	noAgent  = "7003" // app_queue without agents
	ourNone  = "2003" // hotline's queue without agents
	toMusic  = "7002" // a holding bridge with music, and nothing else
	appMusic = "bench-music"
)

// queueApp is app_queue's side: the quickest it can be told to be. autofill and ringinuse let it use every agent at
// once, retry is the least time between two looks at the agents.
func queueApp(agents, port int) (queues, pjsip, dialplan string) {
	var q, p strings.Builder
	q.WriteString("autofill = yes\nshared_lastcall = no\n[bench]\nstrategy = leastrecent\nmusicclass = default\ntimeout = 15\nretry = 1\nwrapuptime = 0\n" +
		"ringinuse = no\nautopause = no\nannounce-position = no\nannounce-holdtime = no\njoinempty = yes\nleavewhenempty = no\nreportholdtime = no\nsetinterfacevar = no\n")
	rules := q.String()[strings.Index(q.String(), "strategy"):]
	for i := range agents {
		fmt.Fprintf(&q, "member => PJSIP/%s\n", phone(i))
		fmt.Fprintf(&p, "[%[1]s](hotline-trunk)\naors = %[1]s\n[%[1]s]\ntype = aor\ncontact = sip:%[1]s@127.0.0.1:%[2]d\nqualify_frequency = 0\n", phone(i), port)
	}
	q.WriteString("[nobody]\n" + rules)
	return q.String(), p.String(), fmt.Sprintf(`
[from-trunk](+)
exten => %s,1,Answer()
 same => n,Queue(bench)
 same => n,Hangup()
exten => %s,1,Answer()
 same => n,Queue(nobody)
 same => n,Hangup()
exten => %s,1,Answer()
 same => n,Stasis(%s)
 same => n,Hangup()
`, toQueue, noAgent, toMusic, appMusic)
}

func phone(i int) string   { return fmt.Sprintf("phone%03d", i) }
func agentID(i int) string { return fmt.Sprintf("seat%03d", i) }

// open brings both centres up, with so many agents each; hotline's are not signed in yet. hotline runs as it is shipped:
// fsync, checkpoints, projector, figures.
func open(t *testing.T, agents int) *rig {
	t.Helper()
	h := &rig{t: t, agents: agents}
	var err error
	h.phones, err = sandbox.FreePort()
	require.NoError(t, err)
	queues, pjsip, dialplan := queueApp(agents, h.phones)
	h.House, err = house.Open(t.Context(), house.Plan{
		Name: "bench", Lease: lease, Centre: centre(agents), Flows: flows,
		Asterisk: sandbox.AsteriskConfig{RTPPorts: media, ExtraQueues: queues, ExtraPJSIP: pjsip, ExtraDialplan: dialplan},
	})
	require.NoError(t, err)
	t.Cleanup(h.close)
	var seats []string
	for i := range agents {
		seats = append(seats, agentID(i))
	}
	require.NoError(t, h.Admit(t.Context(), house.Agents(seats...)...))
	require.NoError(t, h.Serve(t.Context()))
	return h
}

func (h *rig) close() {
	if err := h.Stop(); err != nil {
		h.t.Error(err)
	}
	if err := h.Asterisk.Stop(); err != nil {
		h.t.Log(err) // it is slow to end with calls in it, on a busy machine
	}
	h.Leave(h.t)
	sandbox.PortRange{First: h.phones, Last: h.phones}.Release()
}

// centre has one queue that nobody needs to accept from and that nothing is recorded in: what app_queue does, and no more.
func centre(seats int) func(machines string) (string, error) {
	return func(machines string) (string, error) {
		var agents strings.Builder
		for i := range seats {
			fmt.Fprintf(&agents, "  %s: {name: {en: Agent %d}, skills: {any: 5}, queues: [bench]}\n", agentID(i), i)
		}
		return fmt.Sprintf(`
centre: {name: {en: Bench}, timezone: Asia/Shanghai, languages: [en], country_code: "86", area_code: "10"}
lines:
  "%s": {flow: straight, open: always, title: {en: straight}}
  "%s": {flow: nobody, open: always, title: {en: nobody}}
flows: flows/*.yaml
skills: [any]
queues:
  bench: {title: {en: Bench}, needs: {any: 1}, wrap_up: {none: true}, offer: {auto: true}, recording: {off: true}}
  nobody: {title: {en: Nobody}, needs: {any: 1}, recording: {off: true}}
agents:
  absent: {name: {en: Absent}, skills: {any: 5}, queues: [nobody]}
%sprompts: {voices: {en: {engine: espeak-ng, voice: en-gb, speed: 170}}}
%s`, toOurs, ourNone, agents.String(), machines), nil
	}
}

var flows = fstest.MapFS{
	"straight.yaml": {Data: []byte("flow: straight\ntitle: {en: Straight}\nstart: q\nnodes:\n  q: {queue: bench}\n")},
	"nobody.yaml":   {Data: []byte("flow: nobody\ntitle: {en: Nobody}\nstart: q\nnodes:\n  q: {queue: nobody}\n")},
}

// metrics is a page of hotline's figures.
func (h *rig) metrics() house.Metrics {
	h.t.Helper()
	m, err := h.Metrics()
	require.NoError(h.t, err)
	return m
}

// await asks seldom, for asking costs, too.
func (h *rig) await(atMost time.Duration, what string, ask func() error) {
	h.t.Helper()
	require.NoError(h.t, house.AwaitSlowly(h.t.Context(), atMost, 200*time.Millisecond, what, ask))
}

// settle waits until no call is live and the archive has all that the journal has: what a call costs has been paid.
func (h *rig) settle() {
	h.t.Helper()
	h.await(time.Minute, "Asterisk to have no call left", func() error {
		if n := len(h.inCalls()); n > 0 {
			return fmt.Errorf("%d channels", n)
		}
		return nil
	})
	h.await(time.Minute, "the calls to end and the archive to have them", h.Archived)
}

// inCalls lists Asterisk's channels, without the nailed-up legs of our agents.
func (h *rig) inCalls() (ids []string) {
	h.t.Helper()
	var list []struct{ ID string }
	require.NoError(h.t, h.ARI(http.MethodGet, "/channels", &list))
	for _, c := range list {
		if !strings.HasPrefix(c.ID, "leg-") {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// hangUp ends all calls, as Asterisk.
func (h *rig) hangUp() {
	h.t.Helper()
	for _, id := range h.inCalls() {
		if err := h.ARI(http.MethodDelete, "/channels/"+id, nil); err != nil {
			h.t.Logf("hang up %s: %v", id, err) // it may have ended by itself
		}
	}
}
