package ari_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

// Most of these were sent by Asterisk 22.10.1; the last eleven follow its rest-api/events.json.
//
//go:embed testdata/events.jsonl
var realEvents []byte

func frames() [][]byte { return bytes.Split(bytes.TrimSpace(realEvents), []byte("\n")) }

func TestEventsOfRealAsteriskAreRead(t *testing.T) {
	kinds := map[string]bool{}
	for _, frame := range frames() {
		e, err := ari.Decode("a", frame)
		require.NoError(t, err, "%s", frame)
		_, generic := e.(*ari.Generic)
		require.False(t, generic, "%s", frame)
		require.Equal(t, "a", e.GetNode(), "events carry our name for the node")
		require.NotEmpty(t, e.GetApplication())
		kinds[e.GetType()] = true
		if !strings.HasPrefix(e.GetType(), "Application") && e.GetType() != "ChannelUserevent" {
			require.NotEmpty(t, e.Keys(), "%s", frame)
		}
		require.False(t, timestamp(t, frame).IsZero())
		requireReadAsByStandard(t, frame, e)
	}
	require.Len(t, kinds, ari.EventTypes(), "each type of event with a struct has an example")
}

func timestamp(t *testing.T, frame []byte) time.Time {
	t.Helper()
	var d ari.EventData
	require.NoError(t, json.Unmarshal(frame, &d))
	return time.Time(d.Timestamp)
}

func TestEventTellsWhatTheHouseNeeds(t *testing.T) {
	one := func(kind string) ari.EventBody {
		for _, frame := range frames() {
			if strings.Contains(string(frame[:40]), `"`+kind+`"`) {
				e, err := ari.Decode("a", frame)
				require.NoError(t, err)
				return e
			}
		}
		t.Fatalf("no example of %s", kind)
		return nil
	}
	transfer := one("ChannelTransfer").(*ari.ChannelTransfer)
	require.Equal(t, "8002", transfer.ReferTo.Requested.Destination)
	require.Equal(t, "c2", transfer.ReferTo.Destination.ID)
	require.Len(t, transfer.Keys(), 2)

	failed := one("RecordingFailed").(*ari.RecordingFailed)
	require.Equal(t, "Unable to open file", failed.Recording.Cause)
	require.Equal(t, 3*time.Second, time.Duration(failed.Recording.Duration))
	require.Equal(t, "r9", failed.Keys()[0].ID)

	require.Equal(t, 1240, one("ChannelTalkingFinished").(*ari.ChannelTalkingFinished).DurationMS)
	require.NotZero(t, one("ChannelDestroyed").(*ari.ChannelDestroyed).Cause)
	require.NotEmpty(t, one("ChannelDtmfReceived").(*ari.ChannelDtmfReceived).Digit)
	entered := one("ChannelEnteredBridge").(*ari.ChannelEnteredBridge)
	require.Contains(t, entered.Bridge.Channels, entered.Channel.ID)
}

func TestUnknownEventIsKeptWhole(t *testing.T) {
	frame := `{"type":"ChannelToneDetected","application":"hotline","timestamp":"2026-11-21T22:52:15.171+0000","channel":{"id":"c1"},"bridge":{"id":"b1"}}`
	e, err := ari.Decode("a", []byte(frame))
	require.NoError(t, err)
	g, ok := e.(*ari.Generic)
	require.True(t, ok)
	require.JSONEq(t, frame, string(g.Raw))
	require.Equal(t, "c1", g.Keys().Channels().First().ID)
	require.Equal(t, "b1", g.Keys().Bridges().First().ID)

	e, err = ari.Decode("a", []byte(`{"type":"Odd","channel":"a word"}`))
	require.NoError(t, err)
	require.Empty(t, e.Keys())
}

func TestMalformedFrameIsAnErrorThatNamesTheEvent(t *testing.T) {
	for frame, want := range map[string]string{
		``:           "event",
		`{`:          "event",
		`[]`:         "event",
		`null`:       "without a type",
		`{"a":1}`:    "without a type",
		`{"type":7}`: "event",
		`{"type":"StasisStart","args":"no list"}`:                   "event StasisStart",
		`{"type":"StasisStart","timestamp":"yesterday"}`:            "event StasisStart",
		`{"type":"ChannelDestroyed","channel":{"id":5}}`:            "event ChannelDestroyed",
		`{"type":"StasisStart","args":[]}`:                          "no id",
		`{"type":"PlaybackFinished","playback":{}}`:                 "no id",
		`{"type":"RecordingFinished","recording":{"duration":"x"}}`: "event RecordingFinished",
	} {
		_, err := ari.Decode("a", []byte(frame))
		require.ErrorContains(t, err, want, "%s", frame)
	}
}

// requireReadAsByStandard compares an event with what encoding/json makes of its frame.
func requireReadAsByStandard(t *testing.T, frame []byte, e ari.EventBody) {
	t.Helper()
	if _, generic := e.(*ari.Generic); generic {
		require.True(t, json.Valid(frame))
		return
	}
	same := reflect.New(reflect.TypeOf(e).Elem()).Interface().(ari.EventBody)
	require.NoError(t, json.Unmarshal(frame, same))
	reflect.ValueOf(same).Elem().FieldByName("Node").SetString("a")
	require.Equal(t, same, e, "%s", frame)
}

func FuzzDecodeNeverPanicsAndKeepsTheType(f *testing.F) {
	for _, frame := range frames() {
		f.Add(frame)
	}
	f.Add([]byte(`{"type":"StasisStart","channel":null,"replace_channel":{}}`))
	f.Add([]byte(`{"type":"Odd","channel":{"id":1}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		e, err := ari.Decode("a", frame)
		if err != nil {
			require.Nil(t, e)
			return
		}
		require.NotEmpty(t, e.GetType())
		require.Equal(t, "a", e.GetNode())
		requireReadAsByStandard(t, frame, e)
		for _, k := range e.Keys() {
			require.NotEmpty(t, k.ID)
			require.NotEmpty(t, k.Kind)
		}
	})
}

func TestATypeOfSomethingElseIsNotTakenForTheEvents(t *testing.T) {
	for _, frame := range []string{
		`{"channel":{"id":"c1","type":"StasisEnd"},"type":"StasisStart","args":["in"]}`,
		`{"channel":{"id":"c1","name":"\"type\":\"StasisEnd\""},"type":"StasisStart","args":["in"]}`,
		`{"type":"StasisEnd","channel":{"id":"c1"},"args":["in"],"type":"StasisStart"}`,
		"{\n \"type\": \"StasisStart\", \"channel\": {\"id\": \"c1\"}, \"args\": [\"in\"]}",
	} {
		e, err := ari.Decode("a", []byte(frame))
		require.NoError(t, err)
		start, ok := e.(*ari.StasisStart)
		require.True(t, ok, "%T of %s", e, frame)
		require.Equal(t, "c1", start.Channel.ID)
		require.Equal(t, []string{"in"}, start.Args)
		require.Equal(t, "a", start.Node)
	}
}

func BenchmarkDecode(b *testing.B) {
	lines := bytes.Split(bytes.TrimSpace(realEvents), []byte("\n"))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ari.Decode("a", lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}
