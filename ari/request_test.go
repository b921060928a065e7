package ari_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/ari/aritest"
)

// asked is a link that is not started: it only asks.
func asked(t *testing.T, srv *aritest.Server, change ...func(*ari.Config)) *ari.Conn {
	t.Helper()
	cfg := srv.Config()
	for _, f := range change {
		f(&cfg)
	}
	c, err := ari.New(cfg, func(ari.Message) {})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	return c
}

func TestEachRequestIsSpelledAsAsteriskReadsIt(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	c := asked(t, srv)
	ctx := t.Context()
	const ch, br = "ch/1+2.3", "br 1"
	for _, one := range []struct {
		op, request, query string
		do                 func() error
	}{
		{"channels.answer", "POST /channels/ch/1+2.3/answer", "", func() error { return c.Answer(ctx, ch) }},
		{"channels.hangup", "DELETE /channels/ch/1+2.3", "reason_code=17", func() error { return c.Hangup(ctx, ch, ari.CauseBusy) }},
		{"channels.ring", "POST /channels/ch/1+2.3/ring", "", func() error { return c.Ring(ctx, ch) }},
		{"channels.ringStop", "DELETE /channels/ch/1+2.3/ring", "", func() error { return c.StopRing(ctx, ch) }},
		{"channels.continue", "POST /channels/ch/1+2.3/continue", "context=net&extension=s&priority=1", func() error { return c.Continue(ctx, ch, "net", "s", 1) }},
		{"channels.continue", "POST /channels/ch/1+2.3/continue", "", func() error { return c.Continue(ctx, ch, "", "", 0) }},
		{"channels.startMoh", "POST /channels/ch/1+2.3/moh", "mohClass=calm", func() error { return c.StartMOH(ctx, ch, "calm") }},
		{"channels.stopMoh", "DELETE /channels/ch/1+2.3/moh", "", func() error { return c.StopMOH(ctx, ch) }},
		{"channels.startSilence", "POST /channels/ch/1+2.3/silence", "", func() error { return c.StartSilence(ctx, ch) }},
		{"channels.stopSilence", "DELETE /channels/ch/1+2.3/silence", "", func() error { return c.StopSilence(ctx, ch) }},
		{"channels.hold", "POST /channels/ch/1+2.3/hold", "", func() error { return c.Hold(ctx, ch) }},
		{"channels.unhold", "DELETE /channels/ch/1+2.3/hold", "", func() error { return c.Unhold(ctx, ch) }},
		{"channels.mute", "POST /channels/ch/1+2.3/mute", "direction=in", func() error { return c.Mute(ctx, ch, ari.DirectionIn) }},
		{"channels.unmute", "DELETE /channels/ch/1+2.3/mute", "direction=both", func() error { return c.Unmute(ctx, ch, ari.DirectionBoth) }},
		{"channels.setVar", "POST /channels/ch/1+2.3/variable", "value=&variable=TIMEOUT%28absolute%29", func() error { return c.SetVar(ctx, ch, "TIMEOUT(absolute)", "") }},
		{"channels.getVar", "GET /channels/ch/1+2.3/variable", "variable=A", func() error { _, err := c.GetVar(ctx, ch, "A"); return err }},
		{"channels.sendDTMF", "POST /channels/ch/1+2.3/dtmf", "dtmf=1%23", func() error { return c.SendDTMF(ctx, ch, "1#") }},
		{"channels.transferProgress", "POST /channels/ch/1+2.3/transfer_progress", "states=channel_answered", func() error { return c.TransferProgress(ctx, ch, ari.TransferAnswered) }},
		{"channels.play", "POST /channels/ch/1+2.3/play/p1", "media=sound%3Aa%2Csound%3Ab", func() error { _, err := c.Play(ctx, ch, "p1", "sound:a", "sound:b"); return err }},
		{"channels.record", "POST /channels/ch/1+2.3/record", "beep=true&format=wav&ifExists=overwrite&maxDurationSeconds=2&maxSilenceSeconds=5&name=r%2F1&terminateOn=%23", func() error {
			_, err := c.Record(ctx, ch, "r/1", ari.RecordingOptions{Beep: true, Exists: "overwrite", MaxDuration: 1500 * time.Millisecond, MaxSilence: 5 * time.Second, Terminate: "#"})
			return err
		}},
		{"channels.snoop", "POST /channels/ch/1+2.3/snoop/s1", "app=hotline&appArgs=a%2Cb&spy=both&whisper=out", func() error {
			_, err := c.Snoop(ctx, ch, "s1", ari.SnoopOptions{AppArgs: "a,b", Spy: ari.DirectionBoth, Whisper: ari.DirectionOut})
			return err
		}},
		{"channels.dial", "POST /channels/ch/1+2.3/dial", "caller=c1&timeout=20", func() error { return c.Dial(ctx, ch, "c1", 20*time.Second) }},
		{"channels.get", "GET /channels/ch/1+2.3", "", func() error { _, err := c.Channel(ctx, ch); return err }},
		{"bridges.create", "POST /bridges", "bridgeId=br+1&name=n&type=mixing%2Cvideo_sfu", func() error { _, err := c.CreateBridge(ctx, br, ari.BridgeSoftmix, "n"); return err }},
		{"bridges.addChannel", "POST /bridges/br 1/addChannel", "absorbDTMF=true&channel=a%2Cb&inhibitConnectedLineUpdates=true&mute=true&role=participant", func() error {
			return c.AddChannel(ctx, br, ari.AddOptions{Mute: true, AbsorbDTMF: true, Role: "participant", InhibitConnectedLine: true}, "a", "b")
		}},
		{"bridges.removeChannel", "POST /bridges/br 1/removeChannel", "channel=a", func() error { return c.RemoveChannel(ctx, br, "a") }},
		{"bridges.startMoh", "POST /bridges/br 1/moh", "mohClass=calm", func() error { return c.StartBridgeMOH(ctx, br, "calm") }},
		{"bridges.stopMoh", "DELETE /bridges/br 1/moh", "", func() error { return c.StopBridgeMOH(ctx, br) }},
		{"bridges.play", "POST /bridges/br 1/play/p2", "media=sound%3Aa", func() error { _, err := c.PlayOnBridge(ctx, br, "p2", "sound:a"); return err }},
		{"bridges.record", "POST /bridges/br 1/record", "format=ulaw&name=r2", func() error {
			_, err := c.RecordBridge(ctx, br, "r2", ari.RecordingOptions{Format: "ulaw"})
			return err
		}},
		{"bridges.get", "GET /bridges/br 1", "", func() error { _, err := c.Bridge(ctx, br); return err }},
		{"bridges.destroy", "DELETE /bridges/br 1", "", func() error { return c.DestroyBridge(ctx, br) }},
		{"channels.originate", "POST /channels", "app=hotline&appArgs=x&callerId=%3C10%3E&channelId=o1&endpoint=PJSIP%2F10&timeout=20", func() error {
			_, err := c.Originate(ctx, ari.OriginateRequest{Endpoint: "PJSIP/10", ChannelID: "o1", AppArgs: "x", CallerID: "<10>", Timeout: 20, Variables: map[string]string{"A": "b"}})
			return err
		}},
		{"channels.create", "POST /channels/create", "app=hotline&appArgs=x&channelId=d1&endpoint=PJSIP%2F10&formats=ulaw&originator=c1&otherChannelId=d2", func() error {
			_, err := c.Create(ctx, ari.CreateRequest{ChannelID: "d1", Endpoint: "PJSIP/10", AppArgs: "x", OtherChannelID: "d2", Originator: "c1", Formats: "ulaw"})
			return err
		}},
		{"channels.externalMedia", "POST /channels/externalMedia", "app=hotline&channelId=e1&external_host=127.0.0.1%3A4000&format=ulaw", func() error {
			_, err := c.ExternalMedia(ctx, ari.ExternalMediaOptions{ChannelID: "e1", ExternalHost: "127.0.0.1:4000", Format: "ulaw"})
			return err
		}},
		{"playbacks.get", "GET /playbacks/p1", "", func() error { _, err := c.Playback(ctx, "p1"); return err }},
		{"playbacks.stop", "DELETE /playbacks/p1", "", func() error { return c.StopPlayback(ctx, "p1") }},
		{"recordings.getLive", "GET /recordings/live/r/1", "", func() error { _, err := c.LiveRecording(ctx, "r/1"); return err }},
		{"recordings.stop", "POST /recordings/live/r/1/stop", "", func() error { return c.StopRecording(ctx, "r/1") }},
		{"recordings.mute", "POST /recordings/live/r/1/mute", "", func() error { return c.MuteRecording(ctx, "r/1") }},
		{"recordings.unmute", "DELETE /recordings/live/r/1/mute", "", func() error { return c.UnmuteRecording(ctx, "r/1") }},
		{"recordings.listStored", "GET /recordings/stored", "", func() error { _, err := c.StoredRecordings(ctx); return err }},
		{"recordings.getStored", "GET /recordings/stored/r/1", "", func() error { _, err := c.StoredRecording(ctx, "r/1"); return err }},
		{"recordings.deleteStored", "DELETE /recordings/stored/r/1", "", func() error { return c.DeleteRecording(ctx, "r/1") }},
		{"recordings.file", "GET /recordings/stored/r/1/file", "", func() error { _, err := c.RecordingFile(ctx, "r/1"); return err }},
		{"applications.get", "GET /applications/hotline", "", func() error { _, err := c.Application(ctx, "hotline"); return err }},
		{"asterisk.info", "GET /asterisk/info", "", func() error { _, err := c.Info(ctx); return err }},
		{"asterisk.getGlobalVar", "GET /asterisk/variable", "variable=V", func() error { _, err := c.GlobalVar(ctx, "V"); return err }},
		{"asterisk.setGlobalVar", "POST /asterisk/variable", "variable=V&value=1", func() error { return c.SetGlobalVar(ctx, "V", "1") }},
		{"asterisk.ping", "GET /asterisk/ping", "", func() error { return c.Ping(ctx) }},
	} {
		err := one.do()
		require.False(t, ari.IsUnanswered(err), "%s: %v", one.op, err)
		all := srv.Requests()
		got := all[len(all)-1]
		require.Equal(t, one.op, got.Op)
		require.Equal(t, one.request, got.Method+" "+got.Path)
		want, err := url.ParseQuery(one.query)
		require.NoError(t, err)
		require.Equal(t, want, got.Query, one.op)
		if one.op == "channels.originate" {
			require.Equal(t, map[string]string{"A": "b"}, got.Variables)
		}
	}
}

func TestRequestWithoutAnIDIsNotSent(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	c := asked(t, srv)
	err := c.Hangup(t.Context(), "", ari.CauseNormal)
	require.ErrorIs(t, err, ari.ErrInvalid)
	require.False(t, ari.IsUnanswered(err))
	require.Empty(t, srv.Requests())
}

func TestErrorsTellWhatMayHaveHappened(t *testing.T) {
	t.Parallel()
	is := map[string]func(error) bool{
		"not found": ari.IsNotFound, "conflict": ari.IsConflict, "unauthorized": ari.IsUnauthorized,
		"unanswered": ari.IsUnanswered, "unreachable": ari.IsUnreachable,
	}
	for name, c := range map[string]struct {
		fault aritest.Fault
		want  []string
	}{
		"not found":           {aritest.Fault{Status: 404, Message: "Channel not found"}, []string{"not found"}},
		"a channel that left": {aritest.Fault{Status: 400, Message: "Channel not found"}, []string{"not found"}},
		"bad parameter":       {aritest.Fault{Status: 400, Message: "Invalid"}, nil},
		"taken":               {aritest.Fault{Status: 409, Message: "exists"}, []string{"conflict"}},
		"not in Stasis":       {aritest.Fault{Status: 422, Message: "Channel not in Stasis application"}, []string{"conflict"}},
		"wrong state":         {aritest.Fault{Status: 412, Message: "Channel in invalid state"}, []string{"conflict"}},
		"broken server":       {aritest.Fault{Status: 500, Message: "Allocation failed"}, nil},
		"read-only user":      {aritest.Fault{Status: 403}, []string{"unauthorized"}},
		"cut before":          {aritest.Fault{Cut: aritest.CutBefore}, []string{"unanswered"}},
		"cut after":           {aritest.Fault{Cut: aritest.CutAfter}, []string{"unanswered"}},
		"too slow":            {aritest.Fault{Delay: time.Minute}, []string{"unanswered"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := aritest.New(t)
			conn := asked(t, srv, func(cfg *ari.Config) {
				if c.fault.Delay > 0 {
					cfg.RequestTimeout = 50 * time.Millisecond
				}
			})
			srv.Inject(c.fault)
			err := conn.Answer(t.Context(), "c1")
			var e *ari.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "channels.answer", e.Op)
			require.Equal(t, "a", e.Node)
			var got []string
			for what, says := range is {
				if says(err) {
					got = append(got, what)
				}
			}
			require.ElementsMatch(t, c.want, got, "%v", err)
		})
	}
}

func TestNobodyListeningIsUnreachable(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	c := asked(t, srv)
	srv.Close()
	err := c.Answer(t.Context(), "c1")
	require.True(t, ari.IsUnreachable(err), "%v", err)
	require.True(t, ari.IsUnanswered(err))
	_, err = c.Probe(t.Context())
	require.ErrorContains(t, err, "is it running")
}

func TestUnansweredRequestIsNeverRepeatedByTheLink(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	_, ear := link(t, srv)
	_, at := ear.AwaitUp(t, 0)
	srv.Call("c1", aritest.Caller{Number: "1"})
	aritest.AwaitEvent[*ari.StasisStart](t, ear, at, "the call", nil)
	srv.AutoFinish(-1)
	c := asked(t, srv)
	require.NoError(t, c.Ping(t.Context()), "a connection that is used again")
	srv.Inject(aritest.Fault{Op: "channels.play", Cut: aritest.CutAfter})
	_, err := c.Play(t.Context(), "c1", "p1", "sound:hello")
	require.True(t, ari.IsUnanswered(err), "%v", err)
	require.Equal(t, 1, srv.Count("channels.play"))
	p, err := c.Playback(t.Context(), "p1")
	require.NoError(t, err, "asking shows that it was done")
	require.Equal(t, "playing", p.State)
}

func TestCancelledRequestReturnsAtOnce(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	c := asked(t, srv)
	srv.Inject(aritest.Fault{Delay: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- c.Ping(ctx) }()
	srv.WaitFor("the request", func() bool { return len(srv.Requests()) == 1 })
	cancel()
	err := <-result
	require.True(t, ari.IsUnanswered(err))
	require.ErrorIs(t, err, context.Canceled)
}

func TestRecordingIsStreamedForLongerThanARequestMayTake(t *testing.T) {
	t.Parallel()
	srv := aritest.New(t)
	c := asked(t, srv, func(cfg *ari.Config) { cfg.RequestTimeout = 100 * time.Millisecond })
	want := make([]byte, 1<<20)
	copy(want, "RIFF")
	srv.SetRecording("r1", want)
	var file io.ReadCloser
	srv.WaitFor("the file to be opened", func() (ok bool) { // on a busy machine that may take longer than the bound
		var err error
		file, err = c.RecordingFile(t.Context(), "r1")
		return err == nil
	})
	<-time.After(150 * time.Millisecond) // longer than the bound, which is on the start alone
	got, err := io.ReadAll(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Equal(t, want, got)

	srv.Inject(aritest.Fault{Op: "recordings.file", Delay: time.Minute})
	_, err = c.RecordingFile(t.Context(), "r1")
	require.True(t, ari.IsUnanswered(err), "%v", err)
}

func TestTooOldAsteriskIsNamed(t *testing.T) {
	t.Parallel()
	for version, old := range map[string]bool{
		"18.26.4": true, "certified-18.9-cert4": true, "certified/18.9-cert4": true, "19.8.1": true,
		"20.0.0": false, "22.10.1~dfsg+~cs6": false, "certified-20.7-cert2": false, "GIT-master-abc": false, "23.0.0-rc1": false,
	} {
		err := ari.CheckVersion(version)
		require.Equal(t, old, errors.Is(err, ari.ErrTooOld), "%s: %v", version, err)
		if old {
			require.ErrorContains(t, err, version)
		}
	}
}
