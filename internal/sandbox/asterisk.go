package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	asteriskUp   = 30 * time.Second // longest start on a busy machine; 1 s is usual
	asteriskDown = 5 * time.Second  // from TERM to KILL
)

// AsteriskConfig says what a private Asterisk should be. Only Dir must be set.
type AsteriskConfig struct {
	Dir  string // all that it writes; made if missing, kept by Stop
	Root string // the root it runs from; "" is what FindAsterisk finds

	SIPPort  int       // UDP; 0 is a free one
	ARIPort  int       // TCP; 0 is a free one
	RTPPorts PortRange // zero is 600 free ones
	ownRTP   bool      // they are given back when it ends

	ARIUser     string // "" is "hotline"
	ARIPassword string // "" is a random one
	App         string // the application of Stasis(); "" is "hotline"

	Lease     time.Duration // how long the dialplan lends a call, ≥ 1 s; 0 is 15 s
	RingGroup string        // who the net rings: dial string, may be empty
	Sorry     string        // what the net says: sounds joined by '&'; "" is stock English

	SoundsDir    string // rendered prompts, playable as sound:hotline/NAME; "" for none
	RecordingDir string // where ARI recordings land; "" is Dir/spool/recording
	MessageDir   string // where the net's messages land; "" is RecordingDir, where they are found over ARI

	ExtraDialplan string // whole contexts for extensions.conf
	ExtraPJSIP    string // whole sections for pjsip.conf
	ExtraQueues   string // whole sections for queues.conf
	ExtraModules  string // load lines for modules.conf

	Verbose bool // Dir/log/full as well: every step of the dialplan
	Log     *slog.Logger
}

// Asterisk is a running private Asterisk. Its methods may be called from any
// goroutine; one of Stop, Kill and Restart works at a time.
type Asterisk struct {
	cfg     AsteriskConfig
	in      installation
	runDir  string
	cleanup func() error

	mu   sync.Mutex
	proc *Process
}

// StartAsterisk renders the configuration into cfg.Dir, starts Asterisk and
// returns when ARI answers and the SIP port is open. A busy port, a missing
// installation and a bad extra dialplan are errors that say so.
func StartAsterisk(ctx context.Context, cfg AsteriskConfig) (*Asterisk, error) {
	cfg, err := cfg.withDefaults(ctx)
	if err != nil {
		return nil, fmt.Errorf("private asterisk: %w", err)
	}
	a := &Asterisk{cfg: cfg}
	if a.in, err = inspect(ctx, cfg.Root); err != nil {
		return nil, fmt.Errorf("private asterisk from %s: %w", cfg.Root, err)
	}
	if a.runDir, a.cleanup, err = shortDir(filepath.Join(cfg.Dir, "run"), "asterisk.ctl"); err != nil {
		return nil, fmt.Errorf("private asterisk: %w", err)
	}
	if err := a.render(); err != nil {
		return nil, errors.Join(fmt.Errorf("private asterisk in %s: %w", cfg.Dir, err), a.cleanup())
	}
	if err := a.launch(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("private asterisk in %s: %w", cfg.Dir, err), a.cleanup())
	}
	cfg.Log.Info("private asterisk is up", "version", a.in.version, "root", cfg.Root, "ari", a.ARIURL(), "sip", a.SIPAddress())
	return a, nil
}

func (cfg AsteriskConfig) withDefaults(ctx context.Context) (AsteriskConfig, error) {
	var err error
	if cfg.Dir == "" {
		return cfg, errors.New("no folder given")
	}
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return cfg, err
	}
	if strings.ContainsAny(cfg.Dir, ";\n\"") {
		return cfg, fmt.Errorf("the path %q has a character that Asterisk's configuration cannot hold", cfg.Dir)
	}
	if cfg.Root == "" {
		if cfg.Root, err = FindAsterisk(ctx); err != nil {
			return cfg, err
		}
	}
	for _, port := range []*int{&cfg.SIPPort, &cfg.ARIPort} {
		if *port == 0 {
			if *port, err = FreePort(); err != nil {
				return cfg, err
			}
		}
	}
	if cfg.RTPPorts == (PortRange{}) {
		// Asterisk tries the next port when one is taken, so the range need not
		// be all free: it is only kept apart from other instances' ranges.
		if cfg.RTPPorts, err = FreePorts(600); err != nil {
			return cfg, err
		}
		cfg.ownRTP = true
	}
	if cfg.ARIPassword == "" {
		cfg.ARIPassword = rand.Text()
	}
	if cfg.Lease == 0 {
		cfg.Lease = 15 * time.Second
	}
	defaults := []struct {
		field    *string
		fallback string
	}{
		{&cfg.ARIUser, "hotline"},
		{&cfg.App, "hotline"},
		{&cfg.Sorry, "an-error-has-occurred&vm-intro"},
		{&cfg.RecordingDir, filepath.Join(cfg.Dir, "recording")},
		{&cfg.MessageDir, cmp.Or(cfg.RecordingDir, filepath.Join(cfg.Dir, "recording"))},
	}
	for _, d := range defaults {
		if *d.field == "" {
			*d.field = d.fallback
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg, nil
}

// launch starts the program and waits until it serves, or says why it does not.
func (a *Asterisk) launch(ctx context.Context) error {
	if err := udpBusy(a.cfg.SIPPort); err != nil {
		return fmt.Errorf("the SIP port is taken: %w", err)
	}
	if err := tcpBusy(a.cfg.ARIPort); err != nil {
		return fmt.Errorf("the ARI port is taken: %w", err)
	}
	cmd := a.command(context.WithoutCancel(ctx), "-f")
	console, err := os.Create(filepath.Join(a.cfg.Dir, "log", "console"))
	if err != nil {
		return err
	}
	defer console.Close() // the child has its own
	cmd.Stdout, cmd.Stderr = console, console
	proc, err := StartProcess("asterisk", cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	if err := a.awaitUp(ctx, proc); err != nil {
		return errors.Join(fmt.Errorf("%w\n%s\n%s", err, tail(console.Name(), 10), tail(a.LogFile(), 20)), proc.Kill())
	}
	a.proc = proc
	return nil
}

func (a *Asterisk) awaitUp(ctx context.Context, proc *Process) error {
	// ARI answers 503 until every module is up.
	if err := proc.await(ctx, asteriskUp, "an answer from ARI", a.answers); err != nil {
		return err
	}
	// Asterisk goes on without a SIP port when it cannot have it.
	if udpBusy(a.cfg.SIPPort) == nil {
		return fmt.Errorf("it has not opened the SIP port %d", a.cfg.SIPPort)
	}
	return nil
}

// answers asks ARI once. Not listening yet and not booted yet are no errors;
// any other answer than 200 will not get better by waiting.
func (a *Asterisk) answers(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.ARIURL()+"/asterisk/info?only=system", nil)
	if err != nil {
		return false, err
	}
	req.SetBasicAuth(a.cfg.ARIUser, a.cfg.ARIPassword)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, nil
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return json.Valid(body), nil
	case http.StatusServiceUnavailable, http.StatusNotFound: // 404: res_ari is not loaded yet
		return false, nil
	}
	return false, fmt.Errorf("ARI at %s says %s: %s", a.ARIURL(), resp.Status, body)
}

// command runs the installation's asterisk with this instance's configuration.
func (a *Asterisk) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append(append([]string{}, a.in.program...), "-C", filepath.Join(a.cfg.Dir, "etc", "asterisk.conf")), args...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Dir = a.cfg.Dir
	cmd.Env = append(os.Environ(),
		// A hostname that /etc/hosts lacks would cost each INVITE a DNS time-out
		// of 5-10 s. Nothing here needs DNS: no attempt, no wait (resolv.conf(5)).
		"RES_OPTIONS=attempts:0",
		// The machine's OpenSSL configuration may be of another age than the root.
		"OPENSSL_CONF=/dev/null",
	)
	return cmd
}

// CLI runs one command of Asterisk's console and gives what it printed.
func (a *Asterisk) CLI(ctx context.Context, command string) (string, error) {
	out, err := a.command(ctx, "-r", "-x", command).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asterisk console %q: %w: %s", command, err, out)
	}
	return string(out), nil
}

// Stop ends Asterisk and its calls. It may be called twice; the folder stays.
func (a *Asterisk) Stop() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := errors.Join(a.proc.Stop(syscall.SIGTERM, asteriskDown), a.cleanup())
	if a.cfg.ownRTP {
		a.cfg.RTPPorts.Release()
	}
	return err
}

// Kill ends Asterisk as a crash would (SIGKILL).
func (a *Asterisk) Kill() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.proc.Kill()
}

// Freeze stops Asterisk's clock (SIGSTOP) until Thaw: connections stay open and
// nothing answers.
func (a *Asterisk) Freeze() error { return a.current().Signal(syscall.SIGSTOP) }

// Thaw lets a frozen Asterisk go on.
func (a *Asterisk) Thaw() error { return a.current().Signal(syscall.SIGCONT) }

// Restart ends Asterisk, if it runs, and starts it again on the same ports.
func (a *Asterisk) Restart(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.proc.Stop(syscall.SIGTERM, asteriskDown); err != nil {
		return err
	}
	if err := os.MkdirAll(a.runDir, 0o700); err != nil {
		return err
	}
	return a.launch(ctx)
}

// Done is closed when the Asterisk that runs now has ended, wanted or not.
func (a *Asterisk) Done() <-chan struct{} { return a.current().done }

// CPU is the time that the Asterisk that runs now has had a processor.
func (a *Asterisk) CPU() (time.Duration, error) { return a.current().CPU() }

func (a *Asterisk) current() *Process {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.proc
}

// ARIURL is the base of ARI's requests, without a slash at its end.
func (a *Asterisk) ARIURL() string { return fmt.Sprintf("http://127.0.0.1:%d/ari", a.cfg.ARIPort) }

// ARIUser and ARIPassword are the credentials for ARIURL.
func (a *Asterisk) ARIUser() string { return a.cfg.ARIUser }

// ARIPassword belongs to ARIUser.
func (a *Asterisk) ARIPassword() string { return a.cfg.ARIPassword }

// App is the name under which calls are offered to Stasis.
func (a *Asterisk) App() string { return a.cfg.App }

// SIPPort is the UDP port of 127.0.0.1 to call.
func (a *Asterisk) SIPPort() int { return a.cfg.SIPPort }

// SIPAddress is host and port to call: sip:12345@ADDRESS.
func (a *Asterisk) SIPAddress() string { return fmt.Sprintf("127.0.0.1:%d", a.cfg.SIPPort) }

// RecordingDir is where ARI's recordings land.
func (a *Asterisk) RecordingDir() string { return a.cfg.RecordingDir }

// MessageDir is where the messages of the safety net land.
func (a *Asterisk) MessageDir() string { return a.cfg.MessageDir }

// LogFile holds Asterisk's notices, warnings and errors.
func (a *Asterisk) LogFile() string { return filepath.Join(a.cfg.Dir, "log", "messages") }

// CallRecords is Asterisk's own list of calls (CDR), one line of CSV each.
func (a *Asterisk) CallRecords() string {
	return filepath.Join(a.cfg.Dir, "log", "cdr-csv", "Master.csv")
}

// Version is what the program says of itself.
func (a *Asterisk) Version() string { return a.in.version }

// PID for profiling (temporary).
func (a *Asterisk) PID() int { return a.current().PID() }
