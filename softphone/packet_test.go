package softphone

import (
	"bytes"
	"math"
	"testing"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

func FuzzPacketsAreReadAsTheStandardSays(f *testing.F) {
	for _, p := range []rtp.Packet{
		{Header: rtp.Header{Version: 2, Marker: true, PayloadType: 0, SequenceNumber: 1, Timestamp: 2, SSRC: 3}, Payload: tone(9)},
		{Header: rtp.Header{Version: 2, PayloadType: keyEvent, CSRC: []uint32{1, 2}}, Payload: []byte{5, 0, 0, 1}},
		{Header: rtp.Header{Version: 2, Padding: true, PaddingSize: 4}, Payload: []byte{1}},
		{Header: rtp.Header{Version: 2, Extension: true, ExtensionProfile: 0xBEDE, Extensions: []rtp.Extension{}}, Payload: []byte{1}},
	} {
		b, err := p.Marshal()
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		var ours packet
		ok := ours.parse(b)
		if !ok {
			return
		}
		if !bytes.Contains(b, ours.payload) {
			t.Fatal("a payload that was not there")
		}
		// A second opinion, where it has one.
		var theirs rtp.Packet
		if err := theirs.Unmarshal(b); err == nil {
			require.Equal(t, theirs.SequenceNumber, ours.seq)
			require.Equal(t, theirs.Timestamp, ours.stamp)
			require.Equal(t, theirs.SSRC, ours.source)
			require.Equal(t, theirs.PayloadType, ours.format)
			require.True(t, bytes.Equal(theirs.Payload, ours.payload))
		}
		// What we write is read back the same.
		var again packet
		require.True(t, again.parse(ours.appendTo(nil)))
		require.True(t, bytes.Equal(ours.payload, again.payload))
		again.payload, ours.payload = nil, nil
		require.Equal(t, ours, again)
	})
}

func TestLevelsAreThoseOfG711(t *testing.T) {
	t.Parallel()
	for _, table := range []struct {
		format  Format
		loudest byte
		silence byte
	}{{ULaw, 0x80, 0xff}, {ALaw, 0x2a ^ 0x80, 0xd5}} {
		p := powersOf[table.format]
		require.InDelta(t, 0, dBov(p.mean(tone(table.loudest))), 1, "full scale")
		require.LessOrEqual(t, dBov(p.mean(tone(table.silence))), -70, "silence")
		for b := range 128 {
			require.Equal(t, p[b], p[b|0x80], "the sign has no power")
		}
	}
	require.EqualValues(t, 32124*32124, powersOf[ULaw][0x80])
	require.EqualValues(t, 32256*32256, powersOf[ALaw][0x2a])
	require.Equal(t, floor, dBov(0))
	require.Equal(t, 0, dBov(math.MaxInt16*math.MaxInt16))
	require.Zero(t, powersOf[ULaw].mean(nil))
}
