//go:build e2e

// Package e2e tries the whole hotline on the real thing: the plain binary, Asterisk, PostgreSQL, SIP callers that SIPp
// makes, and Chromium as the agents' desks.
//
//	SIPp ─▶ Asterisk ◀─ARI─▶ hotline serve ◀─HTTP, websocket, WebRTC─▶ Chromium
//	              (a private one)     │
//	                             PostgreSQL (a private one)
//
// One house is shared by the tests that leave it as they found it; those that kill things open one of their own.
package e2e

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"flag"
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

	"hotline/internal/sandbox"
)

// root is the repository.
const root = "../.."

var (
	binary string // bin/hotline as built by TestMain
	prompt string // sounds made once for all houses
	shared *House
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hotline-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary, prompt = filepath.Join(dir, "hotline"), filepath.Join(dir, "prompts")
	build := exec.Command("go", "build", "-o", binary, "./cmd/hotline")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	if _, err := os.Stat(filepath.Join(root, "web/dist/index.html")); err != nil {
		fmt.Fprintln(os.Stderr, "the browser apps are not built: run make web")
		return 1
	}
	code := m.Run()
	if shared != nil {
		if err := shared.close(); err != nil {
			fmt.Fprintln(os.Stderr, "closing the shared house:", err)
			code = 1
		}
	}
	return code
}

// House is a whole hotline of a test's own.
type House struct {
	Asterisk *sandbox.Asterisk
	Postgres *sandbox.Postgres
	URL      string

	dir      string
	server   *sandbox.Process
	log      *os.File
	password map[string]string
	tabs     []*Tab
}

// common is the house that tests share.
func common(t *testing.T) *House {
	t.Helper()
	if shared == nil {
		h, err := open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		shared = h
	}
	t.Cleanup(func() { shared.closeTabs(t) })
	return shared
}

// own is a house that the test may break.
func own(t *testing.T) *House {
	t.Helper()
	return ownBy(t, nil)
}

// ownBy is one with a configuration of its own.
func ownBy(t *testing.T, edit change) *House {
	t.Helper()
	h, err := open(t.Context(), edit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.closeTabs(t)
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// change edits the sample configuration before the house opens.
type change func(yaml string) string

// open brings everything up. Nothing of it outlives the test program.
func open(ctx context.Context, edit change) (h *House, err error) {
	return openWith(ctx, edit, "", staff...)
}

// staff are those whom most tests sign in.
var staff = []string{"lina", "wangwei", "zhangmin", "liuyang", "huangmei", "admin"}

// openWith is a house with more endpoints in its Asterisk, and accounts for those people.
func openWith(ctx context.Context, edit change, pjsip string, logins ...string) (h *House, err error) {
	dir, err := os.MkdirTemp("", "hotline-house-")
	if err != nil {
		return nil, err
	}
	h = &House{dir: dir, password: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	quiet := slog.New(slog.DiscardHandler)
	ctx = context.WithoutCancel(ctx)
	if h.Asterisk, err = sandbox.StartAsterisk(ctx, sandbox.AsteriskConfig{Dir: filepath.Join(dir, "asterisk"), Lease: lease, ExtraPJSIP: pjsip, Log: quiet}); err != nil {
		return h, err
	}
	if h.Postgres, err = sandbox.StartPostgres(ctx, sandbox.PostgresConfig{Dir: filepath.Join(dir, "postgres"), Fast: true, Log: quiet}); err != nil {
		return h, err
	}
	if err = h.configure(edit); err != nil {
		return h, err
	}
	if err = h.accounts(ctx, logins); err != nil {
		return h, err
	}
	return h, h.Serve(ctx)
}

const lease = 5 * time.Second

// configure writes the sample centre with this house's machines.
func (h *House) configure(edit change) error {
	if err := os.CopyFS(filepath.Join(h.dir, "flows"), os.DirFS(filepath.Join(root, "configs/flows"))); err != nil {
		return err
	}
	sample, err := os.ReadFile(filepath.Join(root, "configs/hotline.yaml"))
	if err != nil {
		return err
	}
	ports, err := sandbox.FreePorts(3)
	if err != nil {
		return err
	}
	// Visitors may call often, and a line whose hours decide nothing.
	text := strings.Replace(string(sample), `line: "12345", per_minute: 3`, `line: "12347", per_minute: 100`, 1)
	text = strings.Replace(text, "prompts:\n", "prompts:\n  folder: "+prompt+"\n", 1)
	text += fmt.Sprintf(`
pbx: [{name: a, ari: %q, user: %s, password: %q, app: %s}]
postgres: {dsn: %q}
http: {listen: "127.0.0.1:%d"}
softphone: {listen: "127.0.0.1:%d", rtp: "127.0.0.1:%d", loopback: true}
state: %q
`, h.Asterisk.ARIURL(), h.Asterisk.ARIUser(), h.Asterisk.ARIPassword(), h.Asterisk.App(), h.Postgres.DSN(), ports.First, ports.First+1, ports.First+2, filepath.Join(h.dir, "state"))
	if edit != nil {
		text = edit(text)
	}
	scheme := "http"
	if regexp.MustCompile(`(?m)^http: .*tls:`).MatchString(text) {
		scheme = "https"
	}
	h.URL = scheme + "://localhost:" + strconv.Itoa(ports.First)
	return os.WriteFile(h.config(), []byte(text), 0o600)
}

func (h *House) config() string { return filepath.Join(h.dir, "hotline.yaml") }

// accounts makes one for each person.
func (h *House) accounts(ctx context.Context, logins []string) error {
	for _, login := range logins {
		b := make([]byte, 8)
		rand.Read(b)
		h.password[login] = hex.EncodeToString(b)
		cmd := exec.CommandContext(ctx, binary, "user", "-c", h.config(), login)
		cmd.Env = append(os.Environ(), "HOTLINE_PASSWORD="+h.password[login])
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("hotline user %s: %w\n%s", login, err, out)
		}
	}
	return nil
}

// Serve starts the server and returns when it takes calls.
func (h *House) Serve(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(h.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	h.log = log
	cmd := exec.Command(binary, "serve", "-c", h.config(), "--lease", lease.String())
	cmd.Stdout, cmd.Stderr = log, log
	if h.server, err = sandbox.StartProcess("hotline", cmd, syscall.SIGKILL); err != nil {
		return err
	}
	return h.await(ctx, time.Minute, "the server to be ready", func() error {
		select {
		case <-h.server.Done():
			return stop{fmt.Errorf("the server ended: %v\n%s", h.server.Err(), h.ServerLog())}
		default:
		}
		body, status, err := get(h.URL + "/readyz")
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return errors.New(body)
		}
		return nil
	})
}

// Kill ends the server as a crash would.
func (h *House) Kill() error {
	err := h.server.Kill()
	return errors.Join(err, h.log.Close())
}

// stop ends an await at once.
type stop struct{ error }

// await asks until there is no error; a failure tells the last one.
func (h *House) await(ctx context.Context, atMost time.Duration, what string, ask func() error) error {
	return await(ctx, atMost, what, ask)
}

func await(ctx context.Context, atMost time.Duration, what string, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		var now stop
		if errors.As(err, &now) {
			return fmt.Errorf("waited for %s: %w", what, now.error)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s: %w", atMost, what, err)
		}
	}
}

// web takes the self-signed certificates of houses that speak HTTPS.
var web = http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

func get(url string) (body string, status int, err error) {
	resp, err := web.Get(url)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), resp.StatusCode, err
}

// ServerLog is the end of what the server said.
func (h *House) ServerLog() string {
	b, err := os.ReadFile(filepath.Join(h.dir, "server.log"))
	if err != nil {
		return err.Error()
	}
	if len(b) > 6000 {
		b = b[len(b)-6000:]
	}
	return string(b)
}

func (h *House) closeTabs(t *testing.T) {
	t.Helper()
	for _, tab := range h.tabs {
		tab.close()
	}
	h.tabs = nil
	if t.Failed() {
		t.Logf("the server said last:\n%s", h.ServerLog())
	}
}

func (h *House) close() error {
	var errs []error
	if h.server != nil {
		errs = append(errs, ignoreEnded(h.server.Stop(syscall.SIGTERM, 10*time.Second)))
	}
	if h.Asterisk != nil {
		errs = append(errs, h.Asterisk.Stop())
	}
	if h.Postgres != nil {
		errs = append(errs, h.Postgres.Stop())
	}
	if os.Getenv("HOTLINE_KEEP") == "" {
		errs = append(errs, os.RemoveAll(h.dir))
	}
	return errors.Join(errs...)
}

// ignoreEnded: a server that a test killed has ended already.
func ignoreEnded(err error) error {
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Metric reads one series of /metrics, written as Prometheus writes it; a missing one is 0.
func (h *House) Metric(t *testing.T, series string) float64 {
	t.Helper()
	body, _, err := get(h.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)$`).FindStringSubmatch(body)
	if m == nil {
		return 0
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
