//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
)

// TestACallerIsServedWithoutAMouse: ready, the offer, hold, the transfer, the end, the ticket and the wrap-up, by keys alone.
func TestACallerIsServedWithoutAMouse(t *testing.T) {
	h := own(t) // where nobody is ready yet
	ctx := t.Context()
	says := func(word string) func(string) bool { return func(s string) bool { return s == word } }

	lina := h.Browse(t, 1000)
	lina.SignIn("lina", "/desk?lang=en")
	lina.See("ready") // the phone is on
	lina.Alt("r")
	lina.Eventually("presence-state", "ready", says("Ready"))

	caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: "12347", From: "13800138000", ToneHz: 440})
	require.NoError(t, err)
	t.Cleanup(func() { _ = caller.Hangup() }) // it may have ended
	require.NoError(t, caller.AwaitAnswer(ctx))
	require.NoError(t, caller.HearSomething(ctx))
	require.NoError(t, caller.Press("11"))
	lina.See("offer")
	lina.Keys("accept", kb.Enter)
	lina.Hears(440)

	lina.FocusedOn("ticket-happened")
	lina.Keys("write into the ticket", "The lamp is out")
	require.Equal(t, "The lamp is out", lina.Value("ticket-happened"))
	lina.Alt("h")
	lina.See("held-since")
	lina.Alt("h")
	lina.Hears(440)

	wangwei := h.Agent(t, "wangwei", 1500)
	lina.Alt("t")
	lina.FocusedOn("transfer-search")
	lina.Keys("look for a colleague", "wangwei")
	lina.Keys("pass the call on", kb.Enter)
	wangwei.See("offer")
	wangwei.Keys("accept", kb.Enter)
	wangwei.Hears(440)
	lina.See("wrap-up")
	lina.Alt("d")
	lina.Eventually("presence-state", "ready again", says("Ready"))

	wangwei.FocusedOn("ticket-happened")
	require.Equal(t, "The lamp is out", wangwei.Value("ticket-happened"))
	ticket := wangwei.Attribute("ticket-id", "data-ticket")
	wangwei.Keys("write on", " since Monday")
	wangwei.Alt("e")
	wangwei.See("wrap-up")
	wangwei.Keys("go to what becomes of the ticket, and close it", kb.Tab+kb.Tab+kb.ArrowRight)
	wangwei.Alt("d")
	wangwei.SeeNot("wrap-up")
	require.NoError(t, house.Await(ctx, patience, "the ticket to be closed", func() error {
		var now struct{ State, Happened string }
		wangwei.API("GET", "/api/tickets/"+ticket, &now)
		if now.State != "closed" || now.Happened != "The lamp is out since Monday" {
			return fmt.Errorf("it is %+v", now)
		}
		return nil
	}))
}

// Keys presses keys wherever the focus is.
func (b *Tab) Keys(what, keys string) {
	b.t.Helper()
	b.do(what, chromedp.KeyEvent(keys))
}

// Alt presses a letter with Alt: one of the desk's own keys. A keyboard makes no character of it.
func (b *Tab) Alt(letter string) {
	b.t.Helper()
	code := strings.ToUpper(letter)
	key := func(kind input.KeyType) *input.DispatchKeyEventParams {
		return input.DispatchKeyEvent(kind).WithModifiers(input.ModifierAlt).WithKey(letter).WithCode("Key" + code).WithWindowsVirtualKeyCode(int64(code[0]))
	}
	b.do("press Alt + "+letter, key(input.KeyRawDown), key(input.KeyUp))
}

// FocusedOn waits until the focus is on an element: the page puts it there by itself.
func (b *Tab) FocusedOn(testid string) {
	b.t.Helper()
	b.do("find the focus on "+testid, chromedp.WaitVisible(sel(testid)+":focus", chromedp.ByQuery))
}

// Attribute is one of an element.
func (b *Tab) Attribute(testid, name string) (s string) {
	b.t.Helper()
	b.do("read "+testid, chromedp.AttributeValue(sel(testid), name, &s, nil, chromedp.ByQuery))
	return s
}
