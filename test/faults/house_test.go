//go:build e2e

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/floor"
	"hotline/internal/sandbox"
	"hotline/people"
	"hotline/postgres"
)

// House is a whole hotline of a test's own, whose parts may be killed.
type House struct {
	Asterisk *sandbox.Asterisk
	Postgres *sandbox.Postgres
	Link     *link // between the server and Asterisk
	URL      string

	t      *testing.T
	dir    string
	lease  time.Duration
	server *sandbox.Process
	store  *postgres.Store
	tokens map[string]string
	http   *http.Client
}

const (
	seats    = 16
	boss     = "boss"
	password = "a password of the tests"
)

// control is a pair of SIP parties that Asterisk bridges without us: what happens to their sound is the machine's doing.
const control = `
[from-trunk](+)
exten => 9001,1,Answer()
 same => n,Set(GLOBAL(CONTROL)=${CHANNEL})
 same => n,Wait(7200)
exten => 9002,1,Answer()
 same => n,Bridge(${CONTROL})
`

// open brings everything up but the server.
func open(t *testing.T) *House {
	t.Helper()
	return openLent(t, 6*time.Second)
}

// openLent is a house whose dialplan lends its calls for so long.
func openLent(t *testing.T, lease time.Duration) *House {
	t.Helper()
	dir, err := os.MkdirTemp("", "hotline-faults-")
	require.NoError(t, err)
	h := &House{t: t, dir: dir, lease: lease, tokens: map[string]string{}, http: &http.Client{Timeout: 10 * time.Second}}
	t.Cleanup(h.close)
	ctx := context.WithoutCancel(t.Context())
	quiet := slog.New(slog.DiscardHandler)
	h.Asterisk, err = sandbox.StartAsterisk(ctx, sandbox.AsteriskConfig{Dir: filepath.Join(dir, "asterisk"), Lease: lease, RTPPorts: media, ExtraDialplan: control, Log: quiet,
		Verbose: os.Getenv("HOTLINE_KEEP") != ""})
	require.NoError(t, err)
	h.Postgres, err = sandbox.StartPostgres(ctx, sandbox.PostgresConfig{Dir: filepath.Join(dir, "postgres"), Fast: true, Log: quiet})
	require.NoError(t, err)
	h.Link, err = newLink(strings.TrimSuffix(strings.TrimPrefix(h.Asterisk.ARIURL(), "http://"), "/ari"))
	require.NoError(t, err)
	require.NoError(t, h.configure())
	require.NoError(t, h.accounts(ctx))
	return h
}

// configure writes a centre in which every phase is one step away: a line for the menu, one for the queue, one for
// messages.
func (h *House) configure() error {
	ports, err := sandbox.FreePorts(3)
	if err != nil {
		return err
	}
	h.URL = "http://127.0.0.1:" + strconv.Itoa(ports.First)
	var agents strings.Builder
	for i := range seats {
		fmt.Fprintf(&agents, "  %s: {name: {en: Agent %d}, skills: {any: 5}, queues: [first, second]}\n", seat(i), i)
	}
	queue := `{title: {en: Q}, needs: {any: 1}, wait: {tell: [place], every: 7s}, wrap_up: {limit: 2s},
    limits: {waiting: 900}, offer: {ring: 5s, missed_limit: 9}}`
	files := map[string]string{
		"hotline.yaml": fmt.Sprintf(`
centre: {name: {en: Faults}, timezone: Asia/Shanghai, languages: [en], country_code: "86", area_code: "10"}
lines:
  "2001": {flow: menu, open: always, title: {en: menu}}
  "2002": {flow: person, open: always, title: {en: person}}
  "2003": {flow: note, open: always, title: {en: note}}
flows: flows/*.yaml
skills: [any]
queues:
  first: %s
  second: %s
not_ready:
  break: {title: {en: Break}}
agents:
%ssupervisors:
  boss: {name: {en: Boss}}
messages: {limit: 2m, silence: 60s}
desk: {grace: 20s, media_grace: 20s}
prompts: {folder: %q, voices: {en: {engine: espeak-ng, voice: en-gb, speed: 170}}}
pbx: [{name: a, ari: %q, user: %s, password: %q, app: %s}]
postgres: {dsn: %q}
http: {listen: %q}
softphone: {listen: "127.0.0.1:%d", rtp: "127.0.0.1:%d", loopback: true}
state: %q
`, queue, queue, agents.String(), prompts, "http://"+h.Link.Addr()+"/ari", h.Asterisk.ARIUser(), h.Asterisk.ARIPassword(), h.Asterisk.App(),
			h.Postgres.DSN(), strings.TrimPrefix(h.URL, "http://"), ports.First+1, ports.First+2, h.state()),
		"flows/menu.yaml": `
flow: menu
title: {en: Menu}
start: top
nodes:
  top: {menu: {en: "For a person, press one. To leave a message, press two. To hear this again, press three."}, keys: {1: {queue: first}, 2: note, 3: top}, wait: 5s, tries: 9, otherwise: {queue: second}}
  note: {message: {en: Please speak after the tone.}, limit: 2m, silence: 60s, ticket: complaint}
`,
		"flows/person.yaml": "flow: person\ntitle: {en: Person}\nstart: q\nnodes:\n  q: {queue: first, say: {en: One moment.}}\n",
		"flows/note.yaml":   "flow: note\ntitle: {en: Note}\nstart: n\nnodes:\n  n: {message: {en: Please speak after the tone.}, limit: 2m, silence: 60s, ticket: complaint}\n",
	}
	for name, text := range files {
		path := filepath.Join(h.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) state() string { return filepath.Join(h.dir, "state") }

func seat(i int) string { return fmt.Sprintf("seat%02d", i) }

// accounts makes one for each person; all have the same password, and one that is quickly checked.
func (h *House) accounts(ctx context.Context) error {
	var err error
	if h.store, err = postgres.New(h.Postgres.DSN(), slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	if err := h.store.Migrate(ctx); err != nil {
		return err
	}
	cfg := people.DefaultConfig()
	cfg.Cost.Memory, cfg.Cost.Time = 64, 1
	door, err := people.NewDoor(h.store, cfg, nil, time.Now)
	if err != nil {
		return err
	}
	for i := range seats {
		if err := door.Add(ctx, people.User{Login: seat(i), Name: seat(i), Role: people.Agent, Agent: seat(i)}, password, "test"); err != nil {
			return err
		}
	}
	return door.Add(ctx, people.User{Login: boss, Name: boss, Role: people.Supervisor}, password, "test")
}

// Start is a start of the server, timed.
type Start struct {
	Began time.Time // the process was started
	Alive time.Time // its web server answers: the process is up
	Ready time.Time // the link to Asterisk and the archive are there too
}

// Serve starts the server and returns when its web server answers.
func (h *House) Serve() (s Start) {
	h.t.Helper()
	s.Began = time.Now()
	h.server = h.launch("server.log")
	h.await(30*time.Second, "the server to be alive", func() error { return h.answers(h.URL + "/healthz") })
	s.Alive = time.Now()
	return s
}

// AwaitReady waits until the server takes calls.
func (h *House) AwaitReady() time.Time {
	h.t.Helper()
	h.await(30*time.Second, "the server to be ready", func() error { return h.answers(h.URL + "/readyz") })
	return time.Now()
}

func (h *House) launch(logfile string, more ...string) *sandbox.Process {
	h.t.Helper()
	log, err := os.OpenFile(filepath.Join(h.dir, logfile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(h.t, err)
	defer log.Close() // the child has its own
	cmd := exec.Command(binary, append([]string{"serve", "-c", filepath.Join(h.dir, "hotline.yaml"), "--lease", h.lease.String()}, more...)...)
	cmd.Stdout, cmd.Stderr = log, log
	p, err := sandbox.StartProcess("hotline", cmd, syscall.SIGKILL)
	require.NoError(h.t, err)
	return p
}

func (h *House) answers(url string) error {
	if !h.server.Running() {
		return final{fmt.Errorf("the server ended: %v", h.server.Err())}
	}
	body, status, err := h.get(url, "")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%d: %s", status, body)
	}
	return err
}

// get asks the server, as somebody who is signed in when token says so.
func (h *House) get(url, token string) (body []byte, status int, err error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, err
	}
	return h.do(req, token)
}

func (h *House) do(req *http.Request, token string) (body []byte, status int, err error) {
	if token != "" {
		req.AddCookie(&http.Cookie{Name: cookie, Value: token})
	}
	resp, err := h.http.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return body, resp.StatusCode, err
}

const cookie = "hotline"

// signIn gives the person's session; it outlives the server, as it does in a browser.
func (h *House) signIn(login string) string {
	h.t.Helper()
	if h.tokens[login] != "" {
		return h.tokens[login]
	}
	body, err := json.Marshal(desk.SignIn{Login: login, Password: password})
	require.NoError(h.t, err)
	resp, err := h.http.Post(h.URL+"/api/session", "application/json", bytes.NewReader(body))
	require.NoError(h.t, err)
	defer resp.Body.Close()
	require.Equal(h.t, http.StatusOK, resp.StatusCode)
	for _, c := range resp.Cookies() {
		if c.Name == cookie {
			h.tokens[login] = c.Value
		}
	}
	require.NotEmpty(h.t, h.tokens[login], "no session cookie")
	return h.tokens[login]
}

// Live lists the calls that the server owns, by id.
func (h *House) Live() (map[string]floor.CallLine, error) {
	body, status, err := h.get(h.URL+"/api/live", h.tokens[boss])
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("/api/live: %d %s", status, body)
	}
	var list desk.LiveCalls
	if err := json.Unmarshal(body, &list); err != nil {
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
	h.asterisk("/channels", &list)
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
	h.asterisk("/bridges", &list)
	return list
}

func (h *House) asterisk(path string, into any) {
	h.t.Helper()
	req, err := http.NewRequest(http.MethodGet, h.Asterisk.ARIURL()+path, nil)
	require.NoError(h.t, err)
	req.SetBasicAuth(h.Asterisk.ARIUser(), h.Asterisk.ARIPassword())
	resp, err := h.http.Do(req)
	require.NoError(h.t, err)
	defer resp.Body.Close()
	require.Equal(h.t, http.StatusOK, resp.StatusCode)
	require.NoError(h.t, json.NewDecoder(resp.Body).Decode(into))
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
	body, _, err := h.get(h.URL+"/metrics", "")
	require.NoError(h.t, err)
	series := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^`+family+`(?:\{(.*)\})? (\S+)$`).FindAllStringSubmatch(string(body), -1) {
		v, err := strconv.ParseFloat(m[2], 64)
		require.NoError(h.t, err)
		series[m[1]] = v
	}
	return series
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
	h.await(60*time.Second, "the archive to have everything", func() error {
		want, got := h.metric("hotline_journal_position")[""], h.metric("hotline_projector_position")[""]
		if want == 0 || want != got {
			return fmt.Errorf("journal at %v, archive at %v", want, got)
		}
		return nil
	})
}

// final ends an await at once.
type final struct{ error }

// await asks until there is no error; a failure tells the last one.
func (h *House) await(atMost time.Duration, what string, ask func() error) {
	h.t.Helper()
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		var now final
		if errors.As(err, &now) {
			require.FailNow(h.t, "waited for "+what, err.Error())
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			require.FailNow(h.t, fmt.Sprintf("waited %s for %s", atMost, what), err.Error())
		}
	}
}

// stop ends the server in order. One that does not end within 15 s is asked where it hangs: SIGQUIT makes Go tell.
func (h *House) stop() {
	if !h.server.Running() {
		return
	}
	require.NoError(h.t, h.server.Signal(syscall.SIGTERM))
	select {
	case <-h.server.Done():
		return
	case <-time.After(15 * time.Second):
	}
	require.NoError(h.t, h.server.Signal(syscall.SIGQUIT))
	<-h.server.Done()
	log, err := os.ReadFile(filepath.Join(h.dir, "server.log"))
	require.NoError(h.t, err)
	require.FailNow(h.t, "the server does not stop", "%s", log[max(0, len(log)-60_000):])
}

func (h *House) close() {
	if h.t.Failed() {
		log, err := os.ReadFile(filepath.Join(h.dir, "server.log"))
		h.t.Logf("the server said last (%v):\n%s", err, log[max(0, len(log)-4000):])
	}
	h.stop()
	if h.store != nil {
		h.store.Close()
	}
	if h.Link != nil {
		h.Link.Close()
	}
	if h.Asterisk != nil {
		if err := h.Asterisk.Stop(); err != nil {
			h.t.Log(err) // it is slow to end with calls in it, on a busy machine
		}
	}
	if h.Postgres != nil {
		require.NoError(h.t, h.Postgres.Stop())
	}
	if os.Getenv("HOTLINE_KEEP") == "" {
		require.NoError(h.t, os.RemoveAll(h.dir))
	} else {
		h.t.Logf("kept: %s", h.dir)
	}
}
