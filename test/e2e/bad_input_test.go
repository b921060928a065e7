//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"hotline/ari/aritest"
	"hotline/internal/sandbox"
	"hotline/test/house"
)

// What a person does wrong at the start, and what the program says then. A mistake in the configuration and a port that
// is taken end it with a word; a machine that is away does not: calls and archive come when it does.

// lone is a server of its own beside the shared Asterisk and PostgreSQL, by an edited configuration, not started yet.
func lone(t *testing.T, edit change) *House {
	t.Helper()
	c := common(t)
	db := database(t, c.Postgres.DSN())
	h, err := c.Beside(sample(func(yaml string) string {
		// Two servers of one name would take the application from each other.
		yaml = strings.Replace(yaml, "app: "+c.Asterisk.App()+"}", "app: lone}", 1)
		// Nor does an archive follow two journals.
		yaml = strings.Replace(yaml, c.Postgres.DSN(), db, 1)
		if edit != nil {
			yaml = edit(yaml)
		}
		return yaml
	}))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return &House{House: h}
}

// database makes an empty one in a cluster that is there, and gives the way to it.
func database(t *testing.T, dsn string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	name := "lone_" + strings.ToLower(rand.Text())
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	return strings.Replace(dsn, "dbname=hotline", "dbname="+name, 1)
}

func replaced(old, fresh string) change {
	return func(yaml string) string {
		if !strings.Contains(yaml, old) {
			panic("the sample centre has no " + old)
		}
		return strings.Replace(yaml, old, fresh, 1)
	}
}

// speech collects what a program says.
type speech struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (w *speech) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.Write(b)
}

func (w *speech) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

// await waits until the program has said something: what it says comes through a pipe, after the deed.
func (w *speech) await(t *testing.T, words string) {
	t.Helper()
	require.NoError(t, house.Await(t.Context(), 30*time.Second, words+" to be said", func() error {
		if s := w.String(); !strings.Contains(s, words) {
			return errors.New(s)
		}
		return nil
	}))
}

// runs starts the program; the test's end stops it.
func runs(t *testing.T, args ...string) (*sandbox.Process, *speech) {
	t.Helper()
	said := &speech{}
	cmd := exec.Command(house.Binary, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = said, said, t.TempDir()
	p, err := sandbox.StartProcess("hotline", cmd, syscall.SIGKILL)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := p.Stop(syscall.SIGTERM, 10*time.Second); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("hotline %s said:\n%s", strings.Join(args, " "), said)
		}
	})
	return p, said
}

// refuses runs the program, which must end by itself with an error that says each of these.
func refuses(t *testing.T, args []string, says ...string) {
	t.Helper()
	p, said := runs(t, args...)
	select {
	case <-p.Done():
	case <-time.After(time.Minute):
		t.Fatalf("hotline %s goes on", strings.Join(args, " "))
	}
	require.Error(t, p.Err(), "its exit status tells")
	for _, s := range says {
		require.Contains(t, said.String(), s)
	}
	require.NotContains(t, said.String(), "panic:")
	require.NotContains(t, said.String(), "goroutine ")
}

func TestAMistakeInTheConfigurationIsNamedByFileLineAndRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		edit change
		says []string
	}{
		"no YAML":                     {replaced("centre:\n", "centre: [\n"), []string{"hotline.yaml:"}},
		"unknown key":                 {replaced("wrap_up: {limit: 60s", "wrap_upp: {limit: 60s"), []string{"queues.consult.wrap_upp", "wrap_up"}},
		"flow that is not there":      {replaced("{flow: main, open: never", "{flow: mian, open: never"), []string{"mian", "main"}},
		"queue that is not there":     {replaced("queues: [consult, english]", "queues: [consult, englsh]"), []string{"englsh", "english"}},
		"skill that is not there":     {replaced("needs: {english: 5}", "needs: {englisch: 5}"), []string{"englisch", "english"}},
		"service level of no kind":    {replaced("formula: SL3", "formula: SL9"), []string{"SL9", "SL1"}},
		"length of time without unit": {replaced("wrap_up: {limit: 90s", "wrap_up: {limit: 90"), []string{"wrap_up"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := lone(t, c.edit)
			place := regexp.MustCompile(`hotline\.yaml:[0-9]+:[0-9]+: `)
			for _, args := range [][]string{{"check", h.Config()}, {"serve", "-c", h.Config()}} {
				refuses(t, args, c.says...)
				out, err := exec.Command(house.Binary, args...).CombinedOutput()
				require.Error(t, err)
				require.Regexp(t, place, string(out))
			}
		})
	}
}

func TestANodeThatIsNotThereIsFoundInItsFlow(t *testing.T) {
	h := lone(t, nil)
	flow := filepath.Join(h.Dir, "flows", "main.yaml")
	text, err := os.ReadFile(flow)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(flow, bytes.Replace(text, []byte("go: language"), []byte("go: languag"), 1), 0o600))
	refuses(t, []string{"check", h.Config()}, "main.yaml:", "languag", "language")
}

func TestServeWithoutMachinesSaysWhichAreMissing(t *testing.T) {
	sample, err := filepath.Abs(filepath.Join(house.Root, "configs/hotline.yaml"))
	require.NoError(t, err)
	refuses(t, []string{"serve", "-c", sample}, "pbx: [{name: a", "postgres: {dsn_file")
}

// taken holds a TCP and a UDP port of the same number until the test ends.
func taken(t *testing.T) (port int) {
	t.Helper()
	port, err := sandbox.FreePort()
	require.NoError(t, err)
	at := fmt.Sprintf("127.0.0.1:%d", port)
	ln, err := net.Listen("tcp", at)
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	udp, err := net.ListenPacket("udp", at)
	require.NoError(t, err)
	t.Cleanup(func() { _ = udp.Close() })
	return port
}

func TestABusyPortIsNamedWithItsSetting(t *testing.T) {
	port := taken(t)
	for setting, of := range map[string]*regexp.Regexp{
		"http.listen":      regexp.MustCompile(`http: \{listen: "[^"]*"`),
		"softphone.listen": regexp.MustCompile(`softphone: \{listen: "[^"]*"`),
		"softphone.rtp":    regexp.MustCompile(`rtp: "[^"]*"`),
	} {
		t.Run(setting, func(t *testing.T) {
			h := lone(t, func(yaml string) string {
				return of.ReplaceAllStringFunc(yaml, func(s string) string {
					return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(s, fmt.Sprintf("127.0.0.1:%d", port))
				})
			})
			refuses(t, []string{"serve", "-c", h.Config()}, setting, fmt.Sprint(port))
		})
	}
}

func TestADemoOnABusyPortSaysHowToMoveIt(t *testing.T) {
	refuses(t, []string{"demo", "--state", t.TempDir(), "--port", fmt.Sprint(taken(t))}, "--port", "taken")
}

func TestADemoOnTheStateFolderOfARunningServerIsRefused(t *testing.T) {
	h := lone(t, nil)
	runs(t, "serve", "-c", h.Config())
	require.NoError(t, house.Await(t.Context(), time.Minute, "the first to be up", func() error { _, _, err := house.Get(h.URL + "/healthz"); return err }))
	refuses(t, []string{"demo", "--state", h.State(), "--port", "0"}, "another hotline runs on the state folder", "--state")
}

// part waits until /readyz says so of one part of the server.
func (h *House) part(t *testing.T, name string, ready bool, reason string) {
	t.Helper()
	require.NoError(t, house.Await(t.Context(), time.Minute, name+" to be told in /readyz", func() error {
		body, status, err := house.Get(h.URL + "/readyz")
		if err != nil {
			return err
		}
		var r struct {
			Parts []struct {
				Name, Reason string
				Ready        bool
			}
		}
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return err
		}
		for _, p := range r.Parts {
			if p.Name == name && p.Ready == ready && strings.Contains(p.Reason, reason) && (ready || status == http.StatusServiceUnavailable) {
				return nil
			}
		}
		return errors.New(body)
	}))
}

func TestAnAsteriskThatRefusesThePasswordIsTold(t *testing.T) {
	c := common(t)
	h := lone(t, replaced(c.Asterisk.ARIPassword(), "wrong"))
	_, said := runs(t, "serve", "-c", h.Config())
	h.part(t, "asterisk a", false, "ari.conf")
	said.await(t, "unauthorized")
}

func TestAnAsteriskThatIsTooOldIsTold(t *testing.T) {
	old := aritest.New(t)
	old.Version("18.26.4")
	at := old.Config()
	h := lone(t, func(yaml string) string {
		return regexp.MustCompile(`(?m)^pbx: .*$`).ReplaceAllString(yaml,
			fmt.Sprintf("pbx: [{name: a, ari: %q, user: %s, password: %q, app: %s}]", at.URL, at.User, at.Password, at.App))
	})
	_, said := runs(t, "serve", "-c", h.Config())
	h.part(t, "asterisk a", false, "too old")
	said.await(t, "18.26.4")
}

func TestWithoutPostgreSQLAtItsStartTheServerIsUpAndSignsPeopleInWhenItComes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pg")
	away := fmt.Sprintf("host='%s' port=5432 user=hotline dbname=hotline sslmode=disable", dir)
	h := lone(t, func(yaml string) string {
		return regexp.MustCompile(`(?m)^postgres: .*$`).ReplaceAllString(yaml, fmt.Sprintf("postgres: {dsn: %q}", away))
	})
	_, said := runs(t, "serve", "-c", h.Config(), "--lease", lease.String())
	h.part(t, "postgres", false, "PostgreSQL")
	h.part(t, "asterisk a", true, "")
	said.await(t, "calls are taken")

	resp, err := http.Post(h.URL+"/api/session", "application/json", strings.NewReader(`{"login":"lina","password":"anything"}`))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "not that the password is wrong")

	pg, err := sandbox.StartPostgres(context.WithoutCancel(t.Context()), sandbox.PostgresConfig{Dir: dir, Fast: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pg.Stop()) })
	require.Equal(t, away, pg.DSN(), "where the configuration said it would be")
	h.part(t, "postgres", true, "")
}

func TestADaysReportHasEachQueueAndRefusesADayThatIsNone(t *testing.T) {
	h := common(t)
	out, err := exec.Command(house.Binary, "report", "-c", h.Config(), "2001-02-03").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, says := range []string{"2001-02-03, Asia/Shanghai", "service level", "consult", "complaint", "english", "– (SL3, 20s)"} {
		require.Contains(t, string(out), says)
	}
	refuses(t, []string{"report", "-c", h.Config(), "yesterday"}, "yesterday", "2026-11-21")
}
