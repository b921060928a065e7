//go:build e2e

package sip_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"hotline/internal/sandbox"
	"hotline/test/sip"
	"hotline/test/tone"
)

// pbx is the one Asterisk of these tests; 7xxx are numbers of the test's own.
var pbx *sandbox.Asterisk

const dialplan = `
[from-trunk](+)
; a tone from a prompt, a menu of one key, then another tone by absolute path
exten => 7001,1,Answer()
 same => n,Wait(0.3)
 same => n,Playback(hotline/t1000)
 same => n,WaitExten(10)
exten => 5,1,Playback(%[1]s/t1500)
 same => n,Wait(30)
; an echo
exten => 7002,1,Answer()
 same => n,Echo()
; refusals
exten => 7003,1,Hangup(17)
exten => 7004,1,Hangup(1)
exten => 7005,1,Hangup(34)
; rings for ever
exten => 7006,1,Ringing()
 same => n,Wait(60)
; answers and hangs up
exten => 7007,1,Answer()
 same => n,Wait(0.5)
 same => n,Hangup()
; a desk phone
exten => 7008,1,Dial(PJSIP/desk)
; 12345, under application names of their own
exten => 7011,1,Set(HOTLINE_APP=frozen)
 same => n,Goto(hotline-arrive,12345,1)
exten => 7012,1,Set(HOTLINE_APP=talking)
 same => n,Goto(hotline-arrive,12345,1)
exten => 7014,1,Set(HOTLINE_APP=renewed)
 same => n,Goto(hotline-arrive,12345,1)
exten => 7013,1,Set(HOTLINE_APP=nobody)
 same => n,Goto(hotline-arrive,12345,1)
`

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hotline-sip-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	sounds := filepath.Join(dir, "sounds")
	if err := os.Mkdir(sounds, 0o700); err != nil {
		panic(err)
	}
	for _, hz := range []float64{1000, 1500} {
		if err := tone.Sine(8000, hz, 2*time.Second).WriteWAV(filepath.Join(sounds, fmt.Sprintf("t%v.wav", hz))); err != nil {
			panic(err)
		}
	}
	if phonePort, err = sandbox.FreePort(); err != nil {
		panic(err)
	}
	pbx, err = sandbox.StartAsterisk(context.Background(), sandbox.AsteriskConfig{
		Dir: dir, SoundsDir: sounds, ExtraDialplan: fmt.Sprintf(dialplan, sounds),
		ExtraPJSIP: fmt.Sprintf("[desk](hotline-trunk)\naors = desk\n[desk]\ntype = aor\ncontact = sip:desk@127.0.0.1:%d\n", phonePort),
		Lease:      2 * time.Second, Sorry: "hotline/t1000",
	})
	if err != nil {
		panic(err)
	}
	code := m.Run()
	if err := pbx.Stop(); err != nil {
		fmt.Println(err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Println(err)
		code = 1
	}
	return code
}

var phonePort int

// patience is how long a test waits for what must come.
const patience = time.Minute

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

func call(t *testing.T, opt sip.Options) *sip.Caller {
	t.Helper()
	opt.Target = pbx.SIPAddress()
	if opt.From == "" {
		opt.From = "13800138000"
	}
	c, err := sip.Call(context.Background(), opt)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, c.Hangup())
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, err := c.Wait(ctx)
		assert.NoError(t, err)
	})
	return c
}

func TestACallerHearsThePromptPressesAKeyAndHearsTheNext(t *testing.T) {
	t.Parallel()
	for _, codec := range []sip.Codec{sip.PCMA, sip.PCMU} {
		c := call(t, sip.Options{To: "7001", ToneHz: 440, Codec: codec})
		ctx := within(t, patience)
		require.NoError(t, c.AwaitAnswer(ctx))
		require.NoError(t, c.Hear(ctx, 1000))
		require.NoError(t, c.HearNot(ctx, 1000))
		require.NoError(t, c.Press("5"))
		require.NoError(t, c.Hear(ctx, 1500))
		require.NoError(t, c.Hangup())
		ending, err := c.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, sip.HungUp, ending.Way)
		assert.Equal(t, []float64{1000, 1500}, c.Heard(c.AnsweredAt(), ending.At).Order(200*time.Millisecond, 440, 1000, 1500))
	}
}

func TestACallersOwnToneComesBackFromAnEcho(t *testing.T) {
	t.Parallel()
	c := call(t, sip.Options{To: "7002", ToneHz: 440})
	ctx := within(t, patience)
	require.NoError(t, c.AwaitAnswer(ctx))
	require.NoError(t, c.Hear(ctx, 440))
	c.Say(700)
	require.NoError(t, c.Hear(ctx, 700))
	require.NoError(t, c.HearNot(ctx, 440))
	c.GoDead(true)
	require.NoError(t, c.HearNot(ctx, 700))
}

func TestRefusedCallsAreNeverAnsweredAndSayWhy(t *testing.T) {
	t.Parallel()
	for number, status := range map[string]int{"7003": 486, "7004": 404, "7005": 503, "nobody": 404} {
		c := call(t, sip.Options{To: number})
		ending, err := c.Wait(within(t, patience))
		require.NoError(t, err)
		assert.Equal(t, sip.Refused, ending.Way, number)
		assert.Equal(t, status, ending.Status, number)
		assert.True(t, c.AnsweredAt().IsZero(), number)
	}
}

func TestACallerWithOpusOnlyIsRefused(t *testing.T) {
	t.Parallel()
	c := call(t, sip.Options{To: "7002", Codec: sip.Opus})
	ending, err := c.Wait(within(t, patience))
	require.NoError(t, err)
	assert.Equal(t, 488, ending.Status)
}

func TestAnInviteWithoutSDPIsACallLikeAnyOther(t *testing.T) {
	t.Parallel()
	c := call(t, sip.Options{To: "7002", ToneHz: 440, OfferInACK: true})
	ctx := within(t, patience)
	require.NoError(t, c.AwaitAnswer(ctx))
	require.NoError(t, c.Hear(ctx, 440))
}

func TestACallerGivesUpWhileItRings(t *testing.T) {
	t.Parallel()
	c := call(t, sip.Options{To: "7006"})
	ctx := within(t, patience)
	select {
	case <-c.Ringing():
	case <-ctx.Done():
		require.FailNow(t, "it never rang")
	}
	require.NoError(t, c.Hangup())
	ending, err := c.Wait(ctx)
	require.NoError(t, err)
	assert.Equal(t, sip.Cancelled, ending.Way)
}

func TestTheOtherSideHangsUp(t *testing.T) {
	t.Parallel()
	c := call(t, sip.Options{To: "7007"})
	ending, err := c.Wait(within(t, patience))
	require.NoError(t, err)
	assert.Equal(t, sip.Dismissed, ending.Way)
}

func TestADeskPhoneRefusesThenTalksToTheCaller(t *testing.T) {
	t.Parallel()
	phone, err := sip.PlugIn(context.Background(), sip.PhoneOptions{Port: phonePort, ToneHz: 1000})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, phone.Unplug()) })
	ctx := within(t, patience)

	busy := call(t, sip.Options{To: "7008"})
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
	require.Error(t, phone.Hangup())
	require.NoError(t, phone.Refuse())
	ending, err := busy.Wait(ctx)
	require.NoError(t, err)
	assert.Equal(t, 486, ending.Status)
	require.NoError(t, phone.Await(ctx, sip.PhoneIdle))

	gone := call(t, sip.Options{To: "7008"})
	require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
	require.NoError(t, gone.Hangup())
	require.NoError(t, phone.Await(ctx, sip.PhoneIdle))

	for _, callerHangsUp := range []bool{true, false} {
		c := call(t, sip.Options{To: "7008", ToneHz: 440})
		require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
		assert.Contains(t, phone.From(), "13800138000")
		require.NoError(t, phone.Answer())
		require.NoError(t, phone.Await(ctx, sip.PhoneTalking))
		require.NoError(t, c.Hear(ctx, 1000))
		require.NoError(t, phone.Hear(ctx, 440))
		if callerHangsUp {
			require.NoError(t, c.Hangup())
		} else {
			require.NoError(t, phone.Hangup())
		}
		require.NoError(t, phone.Await(ctx, sip.PhoneIdle))
		_, err := c.Wait(ctx)
		require.NoError(t, err)
	}
}

func TestManyCallersAtOnceAreEachCounted(t *testing.T) {
	t.Parallel()
	var many sip.Many
	for i := range 60 {
		opt := sip.Options{Target: pbx.SIPAddress(), To: "7002", From: fmt.Sprintf("138%08d", i), Deaf: true, Hold: 500 * time.Millisecond}
		switch i % 4 {
		case 1:
			opt.To = "7003"
		case 2:
			opt.To, opt.GiveUp = "7006", 300*time.Millisecond
		case 3:
			opt.To = "7007"
			opt.Hold = 0
		}
		many.Calls = append(many.Calls, opt)
	}
	many.Rate = 30
	run, err := sip.CallMany(context.Background(), many)
	require.NoError(t, err)
	count, err := run.Wait(within(t, patience))
	require.NoError(t, err)
	assert.Equal(t, sip.Count{Created: 60, Successful: 60}, count)
	assert.Equal(t, map[sip.Way]int{sip.HungUp: 15, sip.Refused: 15, sip.Cancelled: 15, sip.Dismissed: 15}, run.Ways())
}

// A caller may give up in the very millisecond of the answer.
func TestACallerWhoGivesUpAroundTheAnswerLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var many sip.Many
	for i := range 40 {
		many.Calls = append(many.Calls, sip.Options{
			Target: pbx.SIPAddress(), To: "7002", From: fmt.Sprintf("139%08d", i), Deaf: true,
			GiveUp: time.Duration(i%20) * 500 * time.Microsecond, Hold: time.Millisecond,
		})
	}
	many.Rate = 20
	run, err := sip.CallMany(context.Background(), many)
	require.NoError(t, err)
	count, err := run.Wait(within(t, patience))
	require.NoError(t, err)
	assert.Equal(t, 40, count.Successful)
	ways := run.Ways()
	assert.Equal(t, 40, ways[sip.HungUp]+ways[sip.Cancelled], "%v", ways)
}
