//go:build e2e

package e2e

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/test/house"
	"hotline/test/sip"
)

// soundIn is how soon an agent in a call hears the caller again. A quick round on a busy machine only catches a page that
// does not find its call by itself.
func soundIn() time.Duration {
	if proof() {
		return 3 * time.Second
	}
	return 12 * time.Second
}

// proof tells that the full counts are wanted, and rounds how often something is tried.
func proof() bool { return os.Getenv("PROOF") != "" }

func rounds(short, full int) int {
	if proof() {
		return full
	}
	return short
}

// inTalk is a house of the test's own in which a browser agent (1000 Hz) talks with a caller (440 Hz).
func inTalk(t *testing.T) (h *House, lina *Tab, caller *sip.Caller, ticket string) {
	t.Helper()
	h = ownPatient(t)
	lina = h.Agent(t, "lina", 1000)
	caller = h.Waiter(t, "13800138001")
	lina.See("offer")
	lina.Click("accept")
	lina.Hears(440)
	require.NoError(t, caller.Hear(t.Context(), 1000))
	return h, lina, caller, lina.Text("ticket-id")
}

// TestAReloadedTabHasTheSameCall: the agent's tab is reloaded again and again in one call. It is one call, one talk and one
// ticket with all its text, and each time the agent hears the caller again without touching anything.
func TestAReloadedTabHasTheSameCall(t *testing.T) {
	h, lina, caller, ticket := inTalk(t)
	ctx := t.Context()
	n, worst := rounds(3, 20), time.Duration(0)
	var words strings.Builder
	for i := range n {
		word := fmt.Sprintf("word%d ", i)
		words.WriteString(word)
		lina.Append("ticket-happened", word) // not saved yet when the page goes
		began := time.Now()
		lina.do("reload", chromedp.Reload())
		took := lina.soundAgain(began)
		worst = max(worst, took)
		assert.LessOrEqual(t, took, soundIn(), "reload %d", i)
		require.Equal(t, ticket, lina.Text("ticket-id"))
		lina.EventuallyHolds("ticket-happened", words.String())
		require.NoError(t, caller.Hear(ctx, 1000))
	}
	t.Logf("%d reloads; worst: the agent heard the caller again after %s", n, worst.Round(time.Millisecond))
	h.oneCall(t, lina, caller, ticket, words.String())
}

// TestAPageThatSendsNoSoundConnectsAnew: a phone that calls itself connected and sends nothing, as when another program has
// taken the microphone. The caller hears music, and the page mends itself.
func TestAPageThatSendsNoSoundConnectsAnew(t *testing.T) {
	h, lina, caller, ticket := inTalk(t)
	ctx := t.Context()
	lina.do("say nothing", chromedp.Evaluate(`window.hotline.phone.connection.sender.replaceTrack(null)`, nil, awaitPromise))
	require.NoError(t, caller.HearNot(ctx, 1000))
	lina.See("phone-fault")
	lina.Shoot("unheard")
	require.NoError(t, caller.Hear(ctx, 1000))
	lina.Hears(440)
	lina.SeeNot("phone-fault")
	h.oneCall(t, lina, caller, ticket, "")
}

// TestAKilledServerGivesTheTabItsCallBack: kill -9 while a browser agent talks, again and again.
func TestAKilledServerGivesTheTabItsCallBack(t *testing.T) {
	h, lina, caller, ticket := inTalk(t)
	ctx := t.Context()
	n, worst := rounds(2, 10), time.Duration(0)
	for i := range n {
		require.NoError(t, h.Kill())
		lina.HearsNot(440)
		require.NoError(t, h.Serve(ctx))
		took := lina.soundAgain(time.Now())
		worst = max(worst, took)
		assert.LessOrEqual(t, took, soundIn(), "kill %d", i)
		require.Equal(t, ticket, lina.Text("ticket-id"))
		require.NoError(t, caller.Hear(ctx, 1000))
	}
	t.Logf("%d kills; worst: the agent heard the caller again %s after the server was ready", n, worst.Round(time.Millisecond))
	lina.Type("ticket-happened", "all well")
	lina.Eventually("ticket-saved", "says saved", func(s string) bool { return strings.Contains(strings.ToLower(s), "saved") })
	h.oneCall(t, lina, caller, ticket, "all well")
}

// TestASecondTabAsksBeforeItTakesThePhone: the first tab stays the phone until somebody says otherwise; then the call goes
// on in the second one.
func TestASecondTabAsksBeforeItTakesThePhone(t *testing.T) {
	h, first, caller, ticket := inTalk(t)
	ctx := t.Context()

	second := first.Another()
	second.Go("/desk")
	second.See("other-tab")
	require.Equal(t, ticket, second.Text("ticket-id"), "it shows the call")
	first.Hears(440)
	require.NoError(t, caller.Hear(ctx, 1000))

	second.Click("take-phone")
	second.Hears(440)
	first.See("other-tab")
	first.HearsNot(440)
	require.NoError(t, caller.Hear(ctx, 1000))
	require.Equal(t, ticket, second.Text("ticket-id"))
	h.oneCall(t, second, caller, ticket, "")
}

// Another is a second tab of the same browser.
func (b *Tab) Another() *Tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	tab := &Tab{t: b.t, h: b.h, ctx: ctx, close: cancel, Login: b.Login}
	b.h.tabs = append([]*Tab{tab}, b.h.tabs...) // closed before its browser
	require.NoError(b.t, chromedp.Run(ctx))
	return tab
}

// soundAgain is how long after began the page plays the caller's tone again.
func (b *Tab) soundAgain(began time.Time) time.Duration {
	b.t.Helper()
	var first time.Time
	err := house.Await(b.t.Context(), patience, b.Login+" to hear the caller again", func() error {
		var hz float64
		b.do("listen", chromedp.Evaluate(`window.hotline?.phone?.peakHz() ?? 0`, &hz))
		if math.Abs(hz-440) > 60 {
			first = time.Time{}
			return fmt.Errorf("hears %.0f Hz", hz)
		}
		if first.IsZero() {
			first = time.Now()
		}
		if time.Since(first) < 150*time.Millisecond {
			return fmt.Errorf("not long enough yet")
		}
		return nil
	})
	if err != nil {
		b.Shoot("failed")
		b.t.Fatal(err)
	}
	return first.Sub(began)
}

// Append types behind what a text field holds.
func (b *Tab) Append(testid, text string) {
	b.t.Helper()
	b.do("go to the end of "+testid, chromedp.WaitVisible(sel(testid), chromedp.ByQuery), chromedp.Evaluate(
		fmt.Sprintf(`(e => { e.focus(); e.setSelectionRange(e.value.length, e.value.length) })(document.querySelector(%q))`, sel(testid)), nil),
		chromedp.KeyEvent(text))
}

// EventuallyHolds waits until a field holds a text.
func (b *Tab) EventuallyHolds(testid, text string) {
	b.t.Helper()
	err := house.Await(b.t.Context(), patience, testid+" to hold its text", func() error {
		if now := b.Value(testid); now != text {
			return fmt.Errorf("it holds %q, not %q", now, text)
		}
		return nil
	})
	if err != nil {
		b.Shoot("failed")
		b.t.Fatalf("%s: %v", b.Login, err)
	}
}

// oneCall ends the talk: all that happened was one call with one answered visit and one ticket, whose text is what was typed.
func (h *House) oneCall(t *testing.T, b *Tab, caller *sip.Caller, ticket, happened string) {
	t.Helper()
	require.NoError(t, caller.Hangup())
	b.Click("wrap-up-done")
	b.Eventually("presence-state", "ready", func(s string) bool { return s == "Ready" })
	require.EqualValues(t, 1, h.Metric(t, `hotline_queue_offered_total{queue="consult"}`))
	require.EqualValues(t, 1, h.Metric(t, `hotline_queue_answered_total{queue="consult"}`))
	require.EqualValues(t, 1, h.Metric(t, `hotline_calls_ended_total{ending="caller"}`))
	var list struct{ Tickets []struct{ ID string } }
	b.API("GET", "/api/tickets", &list)
	require.Len(t, list.Tickets, 1)
	var file struct {
		Happened string
		Calls    []struct{ Call string }
	}
	require.NoError(t, house.Await(t.Context(), 20*time.Second, "what was typed to be saved", func() error {
		b.API("GET", "/api/tickets/"+strings.TrimPrefix(ticket, "Ticket "), &file)
		if file.Happened != happened {
			return fmt.Errorf("the ticket says %q, not %q", file.Happened, happened)
		}
		return nil
	}))
	require.Len(t, file.Calls, 1)
}
