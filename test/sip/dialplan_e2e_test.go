//go:build e2e

package sip_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/test/sip"
	"hotline/test/tone"
)

// These tests are about configs/asterisk/hotline/extensions.conf: what it hands
// to the application, and what it does for the caller when nobody takes him.

// application is the simplest thing that may sit behind Stasis().
type application struct {
	t      *testing.T
	starts chan start
}

type start struct {
	Type    string   `json:"type"`
	Args    []string `json:"args"`
	Channel struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"channel"`
}

// connect takes the calls of one application name.
func connect(t *testing.T, name string) *application {
	t.Helper()
	at := strings.Replace(pbx.ARIURL(), "http://", "ws://", 1) + "/events?app=" + name
	header := http.Header{}
	req := http.Request{Header: header}
	req.SetBasicAuth(pbx.ARIUser(), pbx.ARIPassword())
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), at, header)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	a := &application{t: t, starts: make(chan start, 100)}
	go func() {
		for {
			var event start
			if ws.ReadJSON(&event) != nil {
				return // the test is over
			}
			if event.Type == "StasisStart" {
				a.starts <- event
			}
		}
	}()
	t.Cleanup(func() { assert.NoError(t, ws.Close()) })
	return a
}

func (a *application) next() start {
	a.t.Helper()
	select {
	case s := <-a.starts:
		return s
	case <-time.After(patience):
		a.t.Fatal("no call came to the application")
		return start{}
	}
}

func (a *application) ask(method, path string, query url.Values) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, pbx.ARIURL()+path+"?"+query.Encode(), nil)
	require.NoError(a.t, err)
	req.SetBasicAuth(pbx.ARIUser(), pbx.ARIPassword())
	resp, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	require.NoError(a.t, resp.Body.Close())
	require.Less(a.t, resp.StatusCode, 300, "%s %s: %s", method, path, body)
}

func TestTheApplicationLearnsWhoCallsWhomAndWhetherTheNumberIsWithheld(t *testing.T) {
	app := connect(t, "hotline")
	for _, c := range []struct {
		name string
		opt  sip.Options
		args []string
	}{
		{"a national number", sip.Options{To: "12345", From: "13800138000"},
			[]string{"in", "12345", "13800138000", "open", "demo", "", "1"}},
		{"E.164 with its plus, both ways", sip.Options{To: "+861012345", From: "+8613800138000"},
			[]string{"in", "+861012345", "+8613800138000", "open", "demo", "", "1"}},
		{"withheld by a Privacy header", sip.Options{To: "12345", From: "13800138000", Withheld: true},
			[]string{"in", "12345", "13800138000", "withheld", "demo", "", "1"}},
		{"forwarded from another number", sip.Options{To: "12345", From: "13800138000", Headers: []string{"Diversion: <sip:4008001234@127.0.0.1>"}},
			[]string{"in", "12345", "13800138000", "open", "demo", "4008001234", "1"}},
		{"a name that would shift the arguments", sip.Options{To: "12345", From: "138,withheld,x"},
			[]string{"in", "12345", "138withheldx", "open", "demo", "", "1"}},
		{"a number with an attempt behind it", sip.Options{To: "12345,x", From: "anonymous"},
			[]string{"in", "12345", "anonymous", "withheld", "demo", "", "1"}},
	} {
		caller := call(t, c.opt)
		s := app.next()
		assert.Equal(t, c.args, s.Args, c.name)
		assert.Equal(t, "Ring", s.Channel.State, "%s: nothing answers before the application", c.name)
		app.ask("DELETE", "/channels/"+s.Channel.ID, url.Values{"reason_code": {"1"}})
		ending, err := caller.Wait(within(t, patience))
		require.NoError(t, err)
		assert.Equal(t, 404, ending.Status, c.name)
	}
}

func TestACallNobodyRenewsComesBackUnderItsOwnName(t *testing.T) {
	t.Parallel()
	app := connect(t, "frozen")
	caller := call(t, sip.Options{To: "7011", ToneHz: 440})
	first := app.next()
	app.ask("POST", "/channels/"+first.Channel.ID+"/answer", nil)
	require.NoError(t, caller.AwaitAnswer(within(t, patience)))
	for try := 2; try <= 3; try++ {
		again := app.next()
		assert.Equal(t, first.Channel.ID, again.Channel.ID)
		assert.Equal(t, fmt.Sprint(try), again.Args[6])
	}
	// Three tries are enough: a word, and a message.
	require.NoError(t, caller.Hear(within(t, patience), 1000))
	require.NoError(t, caller.Hangup())
}

func TestARenewedCallHasAllItsTriesAgain(t *testing.T) {
	t.Parallel()
	app := connect(t, "renewed")
	call(t, sip.Options{To: "7014"})
	s := app.next()
	require.Equal(t, "1", s.Args[6])
	s = app.next() // nobody renewed it
	require.Equal(t, "2", s.Args[6])
	app.ask("POST", "/channels/"+s.Channel.ID+"/variable", url.Values{"variable": {"TIMEOUT(absolute)"}, "value": {"5"}})
	require.Equal(t, "2", app.next().Args[6], "what befell it earlier does not count")
}

func TestALeaseClearedWhileTheCallerTalksNeverRunsOut(t *testing.T) {
	t.Parallel()
	app := connect(t, "talking")
	caller := call(t, sip.Options{To: "7012"})
	s := app.next()
	app.ask("POST", "/channels/"+s.Channel.ID+"/answer", nil)
	app.ask("POST", "/channels/"+s.Channel.ID+"/variable", url.Values{"variable": {"TIMEOUT(absolute)"}, "value": {"0"}})
	select {
	case <-app.starts:
		t.Fatal("the call came back though its lease was cleared")
	case <-caller.Ended():
		t.Fatal("the call ended though its lease was cleared")
	case <-time.After(4 * time.Second): // twice the lease
	}
}

func TestACallerWhomNobodyTakesLeavesAMessageUnderHisNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ to, from, who string }{
		{"7013", "13911112222", "13911112222"},
		{"7013", "anonymous", "withheld"},
	} {
		caller := call(t, sip.Options{To: c.to, From: c.from, ToneHz: 440})
		ctx := within(t, patience)
		require.NoError(t, caller.AwaitAnswer(ctx))
		require.NoError(t, caller.Hear(ctx, 1000), "the word")
		require.NoError(t, caller.HearNot(ctx, 1000))
		pattern := filepath.Join(pbx.MessageDir(), "*_12345_"+c.who+".wav")
		require.Eventually(t, func() bool {
			found, err := filepath.Glob(pattern)
			require.NoError(t, err)
			return len(found) == 1 && longerThan(t, found[0], 20_000)
		}, patience, 50*time.Millisecond, "a second and more of the message")
		require.NoError(t, caller.Hangup())
		_, err := caller.Wait(ctx)
		require.NoError(t, err)
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.Len(t, found, 1)
		// Asterisk writes the length into the file a moment after the hang-up.
		require.Eventually(t, func() bool {
			sounds, err := tone.Read(ctx, found[0])
			require.NoError(t, err)
			return sounds[0].Duration() > time.Second && sounds[0].Between(300*time.Millisecond, time.Second).Has(440)
		}, patience, 20*time.Millisecond, "the caller's voice is in it")
	}
}

func longerThan(t *testing.T, path string, bytes int64) bool {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size() > bytes
}
