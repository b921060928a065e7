//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/tone"
)

// Tab is one person's browser, with a tone as the microphone.
type Tab struct {
	t     *testing.T
	h     *House
	ctx   context.Context
	close func()
	Login string
}

// Browse opens a browser of its own whose microphone hears a tone; 0: nothing.
func (h *House) Browse(t *testing.T, hz float64) *Tab {
	t.Helper()
	dir, err := os.MkdirTemp("", "hotline-browser-")
	require.NoError(t, err)
	voice := filepath.Join(dir, "voice.wav")
	require.NoError(t, tone.Sine(48000, hz, 10*time.Second).WriteWAV(voice))
	opts := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	opts = append(opts,
		chromedp.ExecPath(chromium()), chromedp.WSURLReadTimeout(patience), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.Env("TMPDIR="+dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", voice), chromedp.Flag("allow-loopback-in-peer-connection", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", false), chromedp.WindowSize(1440, 900),
	)
	if strings.HasPrefix(h.URL, "https:") {
		opts = append(opts, chromedp.Flag("ignore-certificate-errors", true)) // what a person clicks away
	}
	var process *exec.Cmd
	opts = append(opts, chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
		process = cmd
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	}))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	tab := &Tab{t: t, h: h, ctx: ctx, close: func() {
		cancel()
		cancelAlloc()
		// Its helpers outlive it and write its profile; a folder that is removed under them comes back.
		if process != nil && process.Process != nil {
			if err := sandbox.EndGroup(process.Process.Pid, 30*time.Second); err != nil {
				t.Error(err)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}}
	h.tabs = append(h.tabs, tab)
	require.NoError(t, chromedp.Run(ctx,
		browser.SetPermission(&browser.PermissionDescriptor{Name: "microphone"}, browser.PermissionSettingGranted).WithOrigin(h.URL),
		emulation.SetLocaleOverride().WithLocale("en-US"),
		network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": "en"}),
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(plainMicrophone).Do(ctx)
			return err
		}),
	))
	return tab
}

// plainMicrophone lets a tone through: a browser's noise suppression takes what goes on and on for noise, and sends silence
// now and then.
const plainMicrophone = `{
	const open = MediaDevices.prototype.getUserMedia
	const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
	MediaDevices.prototype.getUserMedia = function (want) {
		return open.call(this, { ...want, audio: { ...want.audio, ...plain } })
	}
}`

func chromium() string {
	for _, p := range []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return "chromium"
}

// patience is how long a person looks and listens for what must come: long even on a busy machine.
const patience = 45 * time.Second

// do runs actions within that time.
func (b *Tab) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := chromedp.Run(ctx, actions...)
	for redrawn(err) && ctx.Err() == nil {
		err = chromedp.Run(ctx, actions...)
	}
	if err != nil {
		b.Shoot("failed")
		b.t.Fatalf("%s: %s: %v", b.Login, what, err)
	}
}

// redrawn tells that the page drew an element anew between our finding it and our touching it: nothing was done with it
// then, and a person would not have noticed.
func redrawn(err error) bool {
	var e *cdproto.Error
	return errors.As(err, &e) && e.Code == -32000 && regexp.MustCompile(`(?i)\bnode\b|content quads`).MatchString(e.Message)
}

func sel(testid string) string { return fmt.Sprintf(`[data-testid=%q]`, testid) }

// Go opens a page of the house.
func (b *Tab) Go(path string) { b.t.Helper(); b.do("go to "+path, chromedp.Navigate(b.h.URL+path)) }

// See waits until an element is to be seen.
func (b *Tab) See(testid string) {
	b.t.Helper()
	b.do("see "+testid, chromedp.WaitVisible(sel(testid), chromedp.ByQuery))
}

// SeeNot waits until an element is gone.
func (b *Tab) SeeNot(testid string) {
	b.t.Helper()
	b.do("see no more "+testid, chromedp.WaitNotPresent(sel(testid), chromedp.ByQuery))
}

// Click waits for an element and clicks it.
func (b *Tab) Click(testid string) {
	b.t.Helper()
	b.do("click "+testid, chromedp.WaitEnabled(sel(testid), chromedp.ByQuery), chromedp.Click(sel(testid), chromedp.ByQuery, chromedp.NodeVisible))
}

// Type types into a field.
func (b *Tab) Type(testid, text string) {
	b.t.Helper()
	b.do("type into "+testid, chromedp.WaitVisible(sel(testid), chromedp.ByQuery), chromedp.SendKeys(sel(testid), text, chromedp.ByQuery))
}

// Text is what an element says now.
func (b *Tab) Text(testid string) (s string) {
	b.t.Helper()
	b.do("read "+testid, chromedp.Text(sel(testid), &s, chromedp.ByQuery))
	return s
}

// Value is what a field holds.
func (b *Tab) Value(testid string) (s string) {
	b.t.Helper()
	b.do("value of "+testid, chromedp.Value(sel(testid), &s, chromedp.ByQuery))
	return s
}

// Eventually waits until an element's text is as wanted.
func (b *Tab) Eventually(testid string, what string, ok func(string) bool) {
	b.t.Helper()
	var last string
	err := house.Await(b.t.Context(), patience, testid+" "+what, func() error {
		last = b.textNow(testid)
		if ok(last) {
			return nil
		}
		return fmt.Errorf("it says %q", last)
	})
	if err != nil {
		b.Shoot("failed")
		b.t.Fatalf("%s: %v", b.Login, err)
	}
}

func (b *Tab) textNow(testid string) string {
	var s string
	b.do("look at "+testid, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q)?.textContent ?? ""`, sel(testid)), &s))
	return s
}

// Hears waits until the peak of what the browser plays is a tone; 0: waits until that tone is not the peak any more.
func (b *Tab) Hears(hz float64) {
	b.t.Helper()
	b.hears(hz, true)
}

// HearsNot waits until it is not heard any more.
func (b *Tab) HearsNot(hz float64) {
	b.t.Helper()
	b.hears(hz, false)
}

// HearsSomething waits until anything is heard: a prompt, or music.
func (b *Tab) HearsSomething() {
	b.t.Helper()
	require.NoError(b.t, house.Await(b.t.Context(), patience, b.Login+" hears something", func() (err error) {
		var hz float64
		b.do("listen", chromedp.Evaluate(`window.hotline?.phone?.peakHz() ?? 0`, &hz))
		if hz < 80 {
			err = fmt.Errorf("hears %.0f Hz", hz)
		}
		return err
	}))
}

func (b *Tab) hears(hz float64, want bool) {
	b.t.Helper()
	var last float64
	run := 0
	err := house.Await(b.t.Context(), patience, fmt.Sprintf("%s hears %.0f Hz: %v", b.Login, hz, want), func() error {
		b.do("listen", chromedp.Evaluate(`window.hotline?.phone?.peakHz() ?? 0`, &last))
		if (math.Abs(last-hz) < 60) != want {
			run = 0
			return fmt.Errorf("hears %.0f Hz", last)
		}
		if run++; run < 5 {
			return fmt.Errorf("not long enough yet")
		}
		return nil
	})
	if err != nil {
		b.Shoot("failed")
		b.t.Fatal(err)
	}
}

// SignIn signs a person in on the desk or the board.
func (b *Tab) SignIn(login, path string) {
	b.t.Helper()
	b.Login = login
	b.Go("/login")
	b.Type("login-name", login)
	b.Type("login-password", b.h.Password(login))
	b.Click("login-submit")
	b.SeeNot("login-form")
	if path != "" {
		b.Go(path)
	}
}

// Agent opens a desk, with the phone on and the agent ready.
func (h *House) Agent(t *testing.T, login string, hz float64) *Tab {
	t.Helper()
	b := h.Browse(t, hz)
	b.SignIn(login, "/desk")
	b.BeReady()
	return b
}

// BeReady presses Ready, unless the agent is still ready from before: a desk may be away for a while. The phone starts
// by itself where the microphone is permitted.
func (b *Tab) BeReady() {
	b.t.Helper()
	err := house.Await(b.t.Context(), patience, b.Login+" to be ready", func() error {
		var state string
		b.do("be ready", chromedp.Evaluate(fmt.Sprintf(
			`(document.querySelector(%q)?.click(), document.querySelector(%q)?.textContent ?? "")`,
			sel("ready")+":enabled", sel("presence-state")), &state))
		if state == "Ready" || state == "就绪" {
			return nil
		}
		return fmt.Errorf("the desk says %q", state)
	})
	if err != nil {
		b.Shoot("failed")
		b.t.Fatal(err)
	}
}

// Shoot saves what the browser shows when HOTLINE_SHOTS names a folder.
func (b *Tab) Shoot(name string) {
	dir := os.Getenv("HOTLINE_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		png, err = page.CaptureScreenshot().Do(ctx)
		return err
	})); err != nil {
		b.t.Logf("no screenshot: %v", err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(b.t.Name(), "/", "-")+"-"+b.Login+"-"+name+".png"), png, 0o644); err != nil {
		b.t.Log(err)
	}
}

// Get reads an answer into v, from within the page.
func (b *Tab) Get(path string, v any) error {
	b.t.Helper()
	b.API("GET", path, v)
	return nil
}

// API asks the server as the signed-in person, from within the page.
func (b *Tab) API(method, path string, into any) {
	b.t.Helper()
	var body string
	js := fmt.Sprintf(`fetch(%q, {method: %q}).then(r => r.text().then(t => { if (!r.ok) throw new Error(r.status + " " + t); return t }))`, path, method)
	b.do(method+" "+path, chromedp.Evaluate(js, &body, awaitPromise))
	if into != nil {
		require.NoError(b.t, json.Unmarshal([]byte(body), into), body)
	}
}
