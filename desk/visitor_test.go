package desk

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (o *office) visit() (code int, v VisitorAnswer) {
	o.t.Helper()
	code, body, _ := o.ask("", "POST", "/api/visitor", `{"sdp":"offer","lang":"zh"}`)
	require.NoError(o.t, json.Unmarshal([]byte(body), &v))
	return code, v
}

func (o *office) visitorIs(token, query string) (code int, v Visitor) {
	o.t.Helper()
	code, body, _ := o.ask("", "GET", "/api/visitor/"+token+query, "")
	require.NoError(o.t, json.Unmarshal([]byte(body), &v))
	return code, v
}

func TestAVisitorCallsFromAPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code, v := o.visit()
	require.Equal(t, 200, code)
	require.Equal(t, "answer to offer", v.SDP)
	code, s := o.visitorIs(v.Token, "")
	require.Equal(t, 200, code)
	require.Equal(t, VisitorConnecting, s.Phase)

	var asking sync.WaitGroup
	asking.Go(func() {
		_, newer := o.visitorIs(v.Token, "?after=1")
		require.Equal(t, VisitorWaiting, newer.Phase)
	})
	require.NoError(t, o.visits.set(visitorKey(v.Token), VisitorWaiting))
	asking.Wait()

	code, _, _ = o.ask("", "POST", "/api/visitor/"+v.Token+"/hangup", "")
	require.Equal(t, 204, code)
	_, s = o.visitorIs(v.Token, "")
	require.Equal(t, VisitorEnded, s.Phase)
	require.Zero(t, o.phones.count(), "its audio is gone")
	for _, path := range []string{"/api/visitor/guess", "/api/visitor/guess?after=1"} {
		code, _, _ = o.ask("", "GET", path, "")
		require.Equal(t, 404, code)
	}
	code, _, _ = o.ask("", "GET", "/api/visitor/"+v.Token+"?after=x", "")
	require.Equal(t, 400, code)
}

func TestThePublicCannotTakeAllLines(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Visitors.PerAddress, c.Visitors.AtOnce = 3, 2 })
	_, first := o.visit()
	_, _ = o.visit()
	code, _ := o.visit()
	require.Equal(t, 429, code, "two at once")
	code, _, _ = o.ask("", "POST", "/api/visitor/"+first.Token+"/hangup", "")
	require.Equal(t, 204, code)
	code, third := o.visit()
	require.Equal(t, 200, code)
	_, _, _ = o.ask("", "POST", "/api/visitor/"+third.Token+"/hangup", "")
	code, _ = o.visit()
	require.Equal(t, 429, code, "three from one address")
	o.pass(DefaultConfig().Visitors.Window)
	o.Desk.visitors.sweepOnce()
	code, _ = o.visit()
	require.Equal(t, 200, code)
}

func TestAPageThatWentAwayLosesItsCall(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, v := o.visit()
	o.pass(DefaultConfig().Visitors.Silent - time.Second)
	o.Desk.visitors.sweepOnce()
	code, _ := o.visitorIs(v.Token, "") // it was asked for: another minute
	require.Equal(t, 200, code)
	o.pass(DefaultConfig().Visitors.Silent)
	o.Desk.visitors.sweepOnce()
	require.Equal(t, VisitorEnded, o.visits.state[visitorKey(v.Token)].Phase)
	code, _ = o.visitorIs(v.Token, "")
	require.Equal(t, 404, code)
}

func TestAVisitorWhoCannotBeServedLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.visits.fail = awayError{}
	code, _ := o.visit()
	require.Equal(t, 503, code)
	require.Zero(t, o.phones.count())
	require.Empty(t, o.Desk.visitors.live)
	o.phones.fail = Refuse(BadRequest, "not SDP", nil)
	code, _ = o.visit()
	require.Equal(t, 400, code)
	require.Empty(t, o.Desk.visitors.live)
	code, _, _ = o.ask("", "POST", "/api/visitor", `{"sdp":"offer","lang":"xx"}`)
	require.Equal(t, 400, code)
}

func TestTheCallerPageCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Visitors.On = false })
	code, _ := o.visit()
	require.Equal(t, 403, code)
	_, body, _ := o.ask("", "GET", "/api/centre", "")
	require.Contains(t, body, `"caller_page":false`)
}
