//go:build e2e

package sandbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/internal/sandbox"
)

// TestMain lets TestNothingOutlivesAKilledParent run this binary as the parent.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SANDBOX_PARENT_DIR"); dir != "" {
		parent(dir)
		return
	}
	os.Exit(m.Run())
}

// parent starts both servers, says where they are and waits to be killed.
func parent(dir string) {
	a, err := sandbox.StartAsterisk(context.Background(), sandbox.AsteriskConfig{Dir: filepath.Join(dir, "asterisk")})
	if err != nil {
		panic(err)
	}
	p, err := sandbox.StartPostgres(context.Background(), sandbox.PostgresConfig{Dir: filepath.Join(dir, "postgres"), Fast: true})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d\t%s\n", a.SIPPort(), p.DSN())
	select {}
}

func TestNothingOutlivesAKilledParent(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SANDBOX_PARENT_DIR="+t.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	port, dsn, _ := strings.Cut(strings.TrimSpace(line), "\t")
	sip, err := strconv.Atoi(port)
	require.NoError(t, err)
	require.Error(t, sandbox.PortBusy(sip))
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())

	require.Eventually(t, func() bool { return sandbox.PortBusy(sip) == nil }, 20*time.Second, 20*time.Millisecond, "asterisk lives on")
	require.Eventually(t, func() bool {
		conn, err := pgx.Connect(t.Context(), dsn)
		if err == nil {
			assert.NoError(t, conn.Close(t.Context()))
		}
		return err != nil
	}, 20*time.Second, 20*time.Millisecond, "postgres lives on")
}

func startAsterisk(t *testing.T, cfg sandbox.AsteriskConfig) *sandbox.Asterisk {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	a, err := sandbox.StartAsterisk(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Stop()) })
	return a
}

func TestAsteriskStartsCleanAndKnowsItsModules(t *testing.T) {
	t.Parallel()
	began := time.Now()
	a := startAsterisk(t, sandbox.AsteriskConfig{})
	t.Logf("up after %v", time.Since(began))

	log, err := os.ReadFile(a.LogFile())
	require.NoError(t, err)
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "WARNING") || strings.Contains(line, "ERROR") {
			t.Errorf("a clean start has nothing to complain of, but: %s", line)
		}
	}

	for _, module := range []string{"chan_pjsip", "chan_rtp", "app_stasis", "res_ari_channels", "res_stasis_snoop", "bridge_holding", "app_queue"} {
		out, err := a.CLI(t.Context(), "module show like "+module)
		require.NoError(t, err)
		assert.Contains(t, out, "Running", module)
	}
}

func TestPostgresKeepsItsDataThroughKillAndRestart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p, err := sandbox.StartPostgres(ctx, sandbox.PostgresConfig{Dir: t.TempDir(), Fast: true})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Stop()) })

	within := time.Minute
	exec := func(sql string) error {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		conn, err := pgx.Connect(ctx, p.DSN())
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, sql)
		return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
	}
	require.NoError(t, exec("create table kept (n int)"))
	require.NoError(t, p.Kill(ctx))
	require.Error(t, exec("select 1"))
	require.NoError(t, p.Restart(ctx))
	require.NoError(t, exec("insert into kept values (1)"))

	require.NoError(t, p.Freeze())
	within = 2 * time.Second
	require.Error(t, exec("select 1"), "a frozen server answers nobody")
	within = time.Minute
	require.NoError(t, p.Thaw())
	require.NoError(t, exec("select 1"))

	require.NoError(t, p.Stop())
	require.NoError(t, p.Stop(), "a second stop is nothing new")
}

func TestAsteriskSaysWhichPortIsTaken(t *testing.T) {
	t.Parallel()
	a := startAsterisk(t, sandbox.AsteriskConfig{})
	_, err := sandbox.StartAsterisk(t.Context(), sandbox.AsteriskConfig{Dir: t.TempDir(), SIPPort: a.SIPPort()})
	require.ErrorContains(t, err, "the SIP port is taken")
}

func TestAsteriskComesBackOnItsPorts(t *testing.T) {
	t.Parallel()
	a := startAsterisk(t, sandbox.AsteriskConfig{})
	url := a.ARIURL()
	require.NoError(t, a.Kill())
	<-a.Done()
	require.NoError(t, a.Restart(t.Context()))
	require.Equal(t, url, a.ARIURL())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/channels", nil)
	require.NoError(t, err)
	req.SetBasicAuth(a.ARIUser(), a.ARIPassword())
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func TestALongFolderNameStillStarts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	a := startAsterisk(t, sandbox.AsteriskConfig{Dir: filepath.Join(dir, "asterisk")})
	_, err := a.CLI(t.Context(), "core show uptime")
	require.NoError(t, err)
	p, err := sandbox.StartPostgres(t.Context(), sandbox.PostgresConfig{Dir: filepath.Join(dir, "postgres"), Fast: true})
	require.NoError(t, err)
	require.NoError(t, p.Stop())
}
