package aritest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

// Target is an Asterisk, real or scripted, and the people around it.
type Target interface {
	Config() ari.Config
	// Call lets somebody dial in: a channel with this id enters the application, unanswered, with number and
	// exten as arguments.
	Call(t testing.TB, id, number, exten string)
	// Press lets an answered caller press keys; Leave lets the caller hang up.
	Press(t testing.TB, id, digits string)
	Leave(t testing.TB, id string)
}

// What a Target must have: a file that lasts a moment, one that lasts for more than ten seconds, and one
// that is not there; endpoints that ring for ever, are busy, and answer at once.
const (
	ShortMedia   = "sound:beep"
	LongMedia    = "sound:demo-congrats"
	MissingMedia = "sound:no-such-file"
	RingEndpoint = "Local/ring@conformance"
	BusyEndpoint = "Local/busy@conformance"
	WaitEndpoint = "Local/wait@conformance"
)

// Dialplan is what a real Asterisk needs in extensions.conf to be a Target.
const Dialplan = `[conformance]
exten => wait,1,Answer()
 same => n,Wait(3600)
exten => ring,1,Ringing()
 same => n,Wait(3600)
exten => busy,1,Hangup(17)
exten => _stasis-.,1,Stasis(${EXTEN:7},${CALLERID(num)},12345)
 same => n,Hangup()
`

// Conformance holds what the house relies on in an Asterisk. It takes the application for as long as it runs.
func Conformance(t *testing.T, target Target) {
	s := &suite{target: target, run: fmt.Sprintf("cf%08x", rand.Uint32())}
	c, err := ari.New(target.Config(), s.ear.Hear)
	require.NoError(t, err)
	require.NoError(t, c.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	s.ear.AwaitUp(t, 0)
	s.Conn = c
	for _, part := range [][]trial{callTrials, promptTrials, bridgeTrials, legTrials, recordingTrials, linkTrials} {
		for _, one := range part {
			t.Run(one.name, func(t *testing.T) { one.run(t, s) })
		}
	}
}

// trial is one sentence about Asterisk.
type trial struct {
	name string
	run  func(*testing.T, *suite)
}

// suite is the link that the trials share.
type suite struct {
	*ari.Conn
	target Target
	ear    Ear
	run    string
	made   int
}

// id makes an id that was never used and is no prefix of another.
func (s *suite) id(kind string) string {
	s.made++
	return fmt.Sprintf("%s.%s-%03d", s.run, kind, s.made)
}

// call lets somebody dial in and waits for them. They are gone after the trial.
func (s *suite) call(t *testing.T) (id string, at int) {
	t.Helper()
	id, at = s.id("caller"), s.ear.Mark()
	s.target.Call(t, id, "1001", "12345")
	_, at = s.started(t, id, at)
	s.leavesNothing(t, id)
	return id, at
}

// answered is call, answered.
func (s *suite) answered(t *testing.T) (id string, at int) {
	t.Helper()
	id, at = s.call(t)
	require.NoError(t, s.Answer(t.Context(), id))
	_, at = AwaitEvent(t, &s.ear, at, "the answered call", func(e *ari.ChannelStateChange) bool {
		return e.Channel.ID == id && e.Channel.IsUp()
	})
	return id, at
}

func (s *suite) started(t *testing.T, id string, mark int) (*ari.StasisStart, int) {
	t.Helper()
	return AwaitEvent(t, &s.ear, mark, "StasisStart of "+id, func(e *ari.StasisStart) bool { return e.Channel.ID == id })
}

func (s *suite) ended(t *testing.T, id string, mark int) int {
	t.Helper()
	_, at := AwaitEvent(t, &s.ear, mark, "StasisEnd of "+id, func(e *ari.StasisEnd) bool { return e.Channel.ID == id })
	return at
}

func (s *suite) destroyed(t *testing.T, id string, mark int) (*ari.ChannelDestroyed, int) {
	t.Helper()
	return AwaitEvent(t, &s.ear, mark, "ChannelDestroyed of "+id, func(e *ari.ChannelDestroyed) bool { return e.Channel.ID == id })
}

// sounds lets frames pass on a channel: without any, a snoop on it lingers after its StasisEnd, and its id
// stays taken, until the channel itself ends.
func (s *suite) sounds(t *testing.T, id string) {
	t.Helper()
	require.NoError(t, s.StartSilence(t.Context(), id))
}

// leavesNothing hangs a channel up after the trial and waits until Asterisk has forgotten it.
func (s *suite) leavesNothing(t *testing.T, id string) {
	t.Cleanup(func() {
		ctx := context.Background()
		err := s.Hangup(ctx, id, ari.CauseNormal)
		require.True(t, err == nil || ari.IsNotFound(err), "%v", err)
		s.eventually(t, id+" to be gone", func() bool {
			_, err := s.Channel(ctx, id)
			return ari.IsNotFound(err)
		})
	})
}

// bridge makes a bridge that is gone after the trial.
func (s *suite) bridge(t *testing.T, kind ari.BridgeType) string {
	t.Helper()
	id := s.id("bridge")
	_, err := s.CreateBridge(t.Context(), id, kind, "conformance")
	require.NoError(t, err)
	t.Cleanup(func() {
		err := s.DestroyBridge(context.Background(), id)
		require.True(t, err == nil || ari.IsNotFound(err), "%v", err)
	})
	return id
}

// eventually asks again and again until cond holds.
func (s *suite) eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	require.Eventually(t, cond, 20*time.Second, 10*time.Millisecond, what)
}

// status is what Asterisk answers to a request that ari has no method for.
func (s *suite) status(t *testing.T, method, path string) int {
	t.Helper()
	cfg := s.target.Config()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(cfg.URL, "/")+path, nil)
	require.NoError(t, err)
	req.SetBasicAuth(cfg.User, cfg.Password)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	return resp.StatusCode
}

// heard counts the events from mark on that fit.
func heard[E ari.EventBody](s *suite, mark int, fits func(E) bool) (n int) {
	for _, m := range s.ear.Heard()[mark:] {
		if e, ok := m.(ari.Event); ok {
			if body, ok := e.Event.(E); ok && fits(body) {
				n++
			}
		}
	}
	return n
}
