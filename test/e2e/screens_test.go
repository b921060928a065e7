//go:build e2e

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// TestEveryScreenInBothLanguages walks through the screens on the real thing. With HOTLINE_SCREENS it leaves their
// pictures there: `make screenshots` puts them into docs.
func TestEveryScreenInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) { screens(t, lang) })
	}
}

// words are what the header says of an agent, by language.
var words = map[string]map[string]string{
	"en": {"ready": "Ready"},
	"zh": {"ready": "就绪"},
}

func screens(t *testing.T, lang string) {
	h := own(t)
	ctx := t.Context()
	boss := h.Browse(t, 0)
	boss.Go("/login?lang=" + lang)
	boss.See("login-form")
	boss.picture(lang, "sign-in")
	boss.SignIn("huangmei", "/board?lang="+lang)
	boss.See("board-queue-consult-offered")
	boss.picture(lang, "board-empty")

	visitor := h.Browse(t, 0)
	visitor.Login = "visitor"
	visitor.Go("/call?lang=" + lang)
	visitor.See("caller-call")
	visitor.picture(lang, "caller-page")

	lina := h.Browse(t, 1000)
	lina.SignIn("lina", "/desk?lang="+lang)
	lina.Click("ready")
	lina.Eventually("presence-state", "ready", func(s string) bool { return s == words[lang]["ready"] })
	lina.picture(lang, "desk-idle")

	call := func(from, keys string) *sip.Caller {
		c, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: from, ToneHz: 440})
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Hangup() })
		require.NoError(t, c.AwaitAnswer(ctx))
		require.NoError(t, c.HearSomething(ctx))
		require.NoError(t, c.Press(keys))
		return c
	}
	first := call("13800138000", "12")
	lina.See("offer")
	lina.picture(lang, "offer")
	lina.Click("accept")
	lina.See("ticket-id")
	lina.Type("ticket-happened", map[string]string{"en": "The street light at 12 Heping Road has been out since Monday.", "zh": "和平路12号门前的路灯从周一起一直不亮，晚上出行不便。"}[lang])
	lina.Type("ticket-asked", map[string]string{"en": "Repair it, and call back when it is done.", "zh": "尽快修复，并电话回复。"}[lang])
	lina.Hears(440)
	for _, from := range []string{"13900139001", "13900139002", "01065551234"} {
		call(from, "11")
	}
	lina.picture(lang, "in-call")
	boss.Eventually("board-queue-consult-waiting", "to be 3", func(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "3") })
	boss.picture(lang, "board-busy")
	require.NoError(t, first.Hangup())
	lina.See("wrap-up")
	lina.picture(lang, "wrap-up")
}

// picture leaves what the browser shows in HOTLINE_SCREENS, when that is set. The animations of the page are over after
// half a second.
func (b *Tab) picture(lang, name string) {
	b.t.Helper()
	dir := os.Getenv("HOTLINE_SCREENS")
	if dir == "" {
		return
	}
	talkFor(500 * time.Millisecond)
	var png []byte
	b.do("take a picture", chromedp.EmulateViewport(1440, 900), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		png, err = page.CaptureScreenshot().Do(ctx)
		return err
	}))
	require.NoError(b.t, os.MkdirAll(dir, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, lang+"-"+name+".png"), png, 0o644))
}
