package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"hotline/internal/config"
	"hotline/prompt"
)

// Serve runs a centre by its configuration until ctx ends, or until it must not go on. SIGHUP reads the configuration
// again.
func Serve(ctx context.Context, file string, opt Options) error {
	tuneCollector()
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	missing := cfg.ForServe()
	if len(cfg.PBX) == 0 || cfg.Postgres.DSN.Reveal() == "" {
		return missing
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	opt.Reread = func() (*config.Config, error) { return config.Load(file) }
	a, err := Start(ctx, cfg, opt)
	if err != nil && ctx.Err() != nil {
		return nil // told to end before it served: a standby
	}
	if err != nil {
		return err
	}
	a.log.Info("hotline is up", "address", a.Addr(), "took", time.Since(a.began).Round(time.Millisecond))
	for _, m := range missing {
		a.log.Warn("the configuration is one to try out, not to serve with", "place", m.Place, "reason", m.Reason, "remedy", m.Remedy)
	}
	for {
		select {
		case <-again:
			_ = a.Reload(ctx, file) // it has told why not; the old configuration serves
		case err := <-a.failed:
			a.log.Error("hotline must stop at once", "err", err)
			return errors.Join(err, a.Stop())
		case <-ctx.Done():
			a.log.Info("hotline is stopping")
			began := time.Now()
			err := a.Stop()
			a.log.Info("hotline has stopped", "took", time.Since(began).Round(time.Millisecond))
			return err
		}
	}
}

// Check writes what is wrong in a configuration, or what a right one holds, and which voices this machine lacks: that is
// no mistake, since hotline may run on another one.
func Check(ctx context.Context, file string, w io.Writer) error {
	if !config.Check(file, w) {
		return errors.New("the configuration has errors")
	}
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	for _, lang := range slices.Sorted(maps.Keys(cfg.Prompts.Voices)) {
		v := cfg.Prompts.Voices[lang]
		if _, err := prompt.NewEspeak(ctx, v.Voice, v.Speed); err != nil {
			fmt.Fprintf(w, "note: on this machine hotline would not start: prompts.voices.%s: %s\n", lang, err)
		}
	}
	return nil
}

// Picture draws a flow for Graphviz; without a flow's name it lists them.
func Picture(file, flow string, w io.Writer) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	if flow == "" {
		_, err = fmt.Fprintln(w, strings.Join(cfg.Book.Flows(), "\n"))
		return err
	}
	dot, err := cfg.Book.Dot(flow)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, dot)
	return err
}

// Welcome is what a new user of the demo reads.
func Welcome(d *Demo, took time.Duration) string {
	var b strings.Builder
	url := "http://" + strings.Replace(d.Addr(), "127.0.0.1", "localhost", 1)
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("")
	line("  hotline is up after %.1f s. Ctrl-C ends it and all that it started.", took.Seconds())
	line("")
	line("  agents' desk   %s/desk     sign in as an agent, allow the microphone, press Ready", url)
	line("  caller page    %s/call     in another window: a call from the browser, to %s", url, d.Config.CallerPage.Line)
	line("  board          %s/board    sign in as a supervisor", url)
	for _, n := range slices.Sorted(maps.Keys(d.Config.Lines)) {
		l := d.Config.Lines[n]
		open := map[string]string{"always": "always open", "never": "always closed", "": "as the flow " + l.Flow + " says"}[l.Open]
		line("  a SIP phone    sip:%s@%s     %s", n, d.Asterisk.SIPAddress(), open)
	}
	line("  metrics        %s/metrics", url)
	line("")
	line("  login        password         role")
	for _, l := range d.Logins {
		line("  %-12s %-16s %-12s %s", l.Login, l.Password, l.Role, l.Name)
	}
	line("")
	line("  state  %s   (calls, recordings, passwords; remove it to begin anew)", d.Config.State)
	line("  log    %s", d.Log)
	return b.String()
}
