//go:build e2e

package bench

import (
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
	"hotline/internal/sandbox"
	"hotline/people"
	"hotline/postgres"
)

// house is one Asterisk with both centres on it.
type house struct {
	asterisk *sandbox.Asterisk
	postgres *sandbox.Postgres
	server   *sandbox.Process
	url      string
	phones   int // the port of app_queue's desk phones

	t      *testing.T
	dir    string
	agents int
	http   *http.Client
}

const (
	password = "a password of the bench"
	cookie   = "hotline"
	lease    = 15 * time.Second

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

func phone(i int) string { return fmt.Sprintf("phone%03d", i) }
func seat(i int) string  { return fmt.Sprintf("seat%03d", i) }

// open brings both centres up, with so many agents each; hotline's are not signed in yet.
func open(t *testing.T, agents int) *house {
	t.Helper()
	dir, err := os.MkdirTemp("", "hotline-bench-")
	require.NoError(t, err)
	h := &house{t: t, dir: dir, agents: agents, http: &http.Client{Timeout: 10 * time.Second}}
	t.Cleanup(h.close)
	ctx := context.WithoutCancel(t.Context())
	quiet := slog.New(slog.DiscardHandler)
	h.phones, err = sandbox.FreePort()
	require.NoError(t, err)
	queues, pjsip, dialplan := queueApp(agents, h.phones)
	h.asterisk, err = sandbox.StartAsterisk(ctx, sandbox.AsteriskConfig{Dir: filepath.Join(dir, "asterisk"), Lease: lease, RTPPorts: media,
		ExtraQueues: queues, ExtraPJSIP: pjsip, ExtraDialplan: dialplan, Log: quiet})
	require.NoError(t, err)
	h.postgres, err = sandbox.StartPostgres(ctx, sandbox.PostgresConfig{Dir: filepath.Join(dir, "postgres"), Fast: true, Log: quiet})
	require.NoError(t, err)
	require.NoError(t, h.configure())
	require.NoError(t, h.accounts(ctx))
	h.serve()
	return h
}

// configure writes a centre with one queue that nobody needs to accept from and that nothing is recorded in: what
// app_queue does, and no more.
func (h *house) configure() error {
	ports, err := sandbox.FreePorts(3)
	if err != nil {
		return err
	}
	h.url = "http://127.0.0.1:" + strconv.Itoa(ports.First)
	var agents strings.Builder
	for i := range h.agents {
		fmt.Fprintf(&agents, "  %s: {name: {en: Agent %d}, skills: {any: 5}, queues: [bench]}\n", seat(i), i)
	}
	files := map[string]string{
		"hotline.yaml": fmt.Sprintf(`
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
pbx: [{name: a, ari: %q, user: %s, password: %q, app: %s}]
postgres: {dsn: %q}
http: {listen: %q}
softphone: {listen: "127.0.0.1:%d", rtp: "127.0.0.1:%d", loopback: true}
state: %q
`, toOurs, ourNone, agents.String(), h.asterisk.ARIURL(), h.asterisk.ARIUser(), h.asterisk.ARIPassword(), h.asterisk.App(),
			h.postgres.DSN(), strings.TrimPrefix(h.url, "http://"), ports.First+1, ports.First+2, filepath.Join(h.dir, "state")),
		"flows/straight.yaml": "flow: straight\ntitle: {en: Straight}\nstart: q\nnodes:\n  q: {queue: bench}\n",
		"flows/nobody.yaml":   "flow: nobody\ntitle: {en: Nobody}\nstart: q\nnodes:\n  q: {queue: nobody}\n",
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

// accounts makes one for each agent, with a password that is quickly checked.
func (h *house) accounts(ctx context.Context) error {
	store, err := postgres.New(h.postgres.DSN(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	cfg := people.DefaultConfig()
	cfg.Cost.Memory, cfg.Cost.Time = 64, 1
	door, err := people.NewDoor(store, cfg, nil, time.Now)
	if err != nil {
		return err
	}
	for i := range h.agents {
		if err := door.Add(ctx, people.User{Login: seat(i), Name: seat(i), Role: people.Agent, Agent: seat(i)}, password, "bench"); err != nil {
			return err
		}
	}
	return nil
}

// serve starts hotline as it is shipped: fsync, checkpoints, projector, figures.
func (h *house) serve() {
	h.t.Helper()
	log, err := os.Create(filepath.Join(h.dir, "server.log"))
	require.NoError(h.t, err)
	defer log.Close() // the child has its own
	cmd := exec.Command(binary, "serve", "-c", filepath.Join(h.dir, "hotline.yaml"), "--lease", lease.String())
	cmd.Stdout, cmd.Stderr = log, log
	h.server, err = sandbox.StartProcess("hotline", cmd, syscall.SIGKILL)
	require.NoError(h.t, err)
	h.await(time.Minute, "the server to be ready", func() error {
		if !h.server.Running() {
			return final{fmt.Errorf("the server ended: %w", h.server.Err())}
		}
		body, status, err := h.get("/readyz")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%d: %s", status, body)
		}
		return err
	})
}

func (h *house) get(path string) (body []byte, status int, err error) {
	resp, err := h.http.Get(h.url + path)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return body, resp.StatusCode, err
}

// signIn gives the person's session.
func (h *house) signIn(login string) (token string, err error) {
	body, err := json.Marshal(desk.SignIn{Login: login, Password: password})
	if err != nil {
		return "", err
	}
	resp, err := h.http.Post(h.url+"/api/session", "application/json", strings.NewReader(string(body)))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.Name == cookie {
			return c.Value, nil
		}
	}
	text, err := io.ReadAll(resp.Body)
	return "", errors.Join(fmt.Errorf("sign in %s: %s: %s", login, resp.Status, text), err)
}

// metrics is one page of /metrics.
type metrics string

func (h *house) metrics() metrics {
	h.t.Helper()
	body, _, err := h.get("/metrics")
	require.NoError(h.t, err)
	return metrics(body)
}

// sum adds the series of a family.
func (m metrics) sum(family string) (sum float64) {
	for _, s := range regexp.MustCompile(`(?m)^`+family+`(?:\{.*\})? (\S+)$`).FindAllStringSubmatch(string(m), -1) {
		v, err := strconv.ParseFloat(s[1], 64)
		if err != nil {
			panic(err) // the regular expression takes numbers only in our own page
		}
		sum += v
	}
	return sum
}

// settle waits until no call is live and the archive has all that the journal has: what a call costs has been paid. It
// asks seldom, for asking costs, too.
func (h *house) settle() {
	h.t.Helper()
	h.await(time.Minute, "Asterisk to have no call left", func() error {
		if n := len(h.inCalls()); n > 0 {
			return fmt.Errorf("%d channels", n)
		}
		return nil
	})
	h.await(time.Minute, "the calls to end and the archive to have them", func() error {
		m := h.metrics()
		live, at, applied := m.sum("hotline_calls"), m.sum("hotline_journal_position"), m.sum("hotline_projector_position")
		if live > 0 || at != applied {
			return fmt.Errorf("%v live, journal at %v, archive at %v", live, at, applied)
		}
		return nil
	})
}

// inCalls lists Asterisk's channels, without the nailed-up legs of our agents.
func (h *house) inCalls() (ids []string) {
	h.t.Helper()
	var list []struct{ ID string }
	require.NoError(h.t, h.ask(http.MethodGet, "/channels", &list))
	for _, c := range list {
		if !strings.HasPrefix(c.ID, "leg-") {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// hangUp ends all calls, as Asterisk.
func (h *house) hangUp() {
	h.t.Helper()
	for _, id := range h.inCalls() {
		if err := h.ask(http.MethodDelete, "/channels/"+id, nil); err != nil {
			h.t.Logf("hang up %s: %v", id, err) // it may have ended by itself
		}
	}
}

// ask asks Asterisk, past hotline.
func (h *house) ask(method, path string, into any) error {
	req, err := http.NewRequest(method, h.asterisk.ARIURL()+path, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(h.asterisk.ARIUser(), h.asterisk.ARIPassword())
	resp, err := h.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, body)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(body, into)
	}
	return err
}

// final ends an await at once.
type final struct{ error }

// await asks until there is no error; a failure tells the last one.
func (h *house) await(atMost time.Duration, what string, ask func() error) {
	h.t.Helper()
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
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

func (h *house) close() {
	if h.server != nil {
		if err := h.server.Stop(syscall.SIGTERM, 15*time.Second); err != nil {
			h.t.Error(err)
		}
	}
	if h.t.Failed() {
		log, err := os.ReadFile(filepath.Join(h.dir, "server.log"))
		h.t.Logf("the server said last (%v):\n%s", err, log[max(0, len(log)-4000):])
	}
	if h.asterisk != nil {
		if err := h.asterisk.Stop(); err != nil {
			h.t.Log(err) // it is slow to end with calls in it, on a busy machine
		}
	}
	if h.postgres != nil {
		require.NoError(h.t, h.postgres.Stop())
	}
	if os.Getenv("HOTLINE_KEEP") != "" {
		h.t.Logf("kept: %s", h.dir)
		return
	}
	require.NoError(h.t, os.RemoveAll(h.dir))
}
