package softphone

import (
	"context"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

func TestBrowserAndLegHearEachOtherUnchanged(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{ULaw, ALaw} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			x := newExchange(t, func(c *Config) { c.Format = format })
			l, b := newLeg(t, x), newBrowser(t, browserOptions{format: format})
			require.NoError(t, x.Link("agent:li", l.addr()))
			b.attach(x, "agent:li")

			b.keepSpeaking(tone(0x21))
			p, from := l.hear()
			require.Equal(t, tone(0x21), p.Payload)
			require.Equal(t, format.codec().payload, p.PayloadType)
			require.Equal(t, x.Addr(), from, "strict RTP believes the advertised socket only")

			l.keepSending(rtp.Packet{Header: rtp.Header{PayloadType: format.codec().payload, SSRC: 7}, Payload: tone(0x12)})
			require.Equal(t, tone(0x12), b.hear().Payload)
		})
	}
}

func TestReloadedPageSpeaksThroughTheSameLeg(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l := newLeg(t, x)
	require.NoError(t, x.Link("agent:li", l.addr()))

	before := newBrowser(t, browserOptions{})
	before.attach(x, "agent:li")
	before.keepSpeaking(tone(1))
	first := l.hearUntil(func(p rtp.Packet) bool { return p.Payload[0] == 1 })

	after := newBrowser(t, browserOptions{})
	after.attach(x, "agent:li")
	after.keepSpeaking(tone(2))
	last := first
	second := l.hearUntil(func(p rtp.Packet) bool {
		if p.Payload[0] == 2 {
			return true
		}
		last = p
		return false
	})
	require.Equal(t, first.SSRC, second.SSRC, "Asterisk sees one source")
	require.Positive(t, int16(second.SequenceNumber-last.SequenceNumber))
	require.Positive(t, int32(second.Timestamp-last.Timestamp))
	require.True(t, second.Marker)
	require.NotEqual(t, before.session, after.session)
	require.Equal(t, after.session, x.Status("agent:li").Session)

	// The old page's end, when it comes, does not touch the new one.
	x.Detach("agent:li", before.session)
	require.Equal(t, after.session, x.Status("agent:li").Session)
	x.Detach("agent:li", after.session)
	require.Empty(t, x.Status("agent:li").Session)
	require.Equal(t, l.addr(), x.Status("agent:li").Link, "the leg stays")
	x.Unlink("agent:li")
	require.Empty(t, x.Statuses())
}

func TestBrowserHearsOneStreamAcrossLegs(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	b := newBrowser(t, browserOptions{})
	b.attach(x, "agent:li")

	first, second := newLeg(t, x), newLeg(t, x)
	require.NoError(t, x.Link("agent:li", first.addr()))
	stop := first.keepSending(rtp.Packet{Header: rtp.Header{SSRC: 1, SequenceNumber: 65530, Timestamp: 1 << 20}, Payload: tone(1)})
	last := b.hear()
	stop()
	require.NoError(t, x.Link("agent:li", second.addr()))
	second.keepSending(rtp.Packet{Header: rtp.Header{SSRC: 2, SequenceNumber: 9, Timestamp: 3}, Payload: tone(2)})
	for {
		p := b.hear()
		require.Equal(t, last.SSRC, p.SSRC)
		require.EqualValues(t, 1, p.SequenceNumber-last.SequenceNumber)
		require.Positive(t, int32(p.Timestamp-last.Timestamp))
		if last = p; p.Payload[0] == 2 {
			require.True(t, p.Marker, "a new source begins")
			return
		}
	}
}

func TestKeysPassToTheLegAsTelephoneEvents(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l, b := newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("visitor:1", l.addr()))
	b.attach(x, "visitor:1")
	stop := b.keepSpeaking(tone(1))
	l.hear()
	stop()

	// Digit 5, as a browser sends it: one timestamp, the last packet thrice.
	b.stamp += slotSamples
	b.key(5, 10, 0, 160)
	b.key(5, 10, 1, 64)
	for range 3 {
		b.key(5, 0x8a, 2, 128)
	}
	var events []rtp.Packet
	l.hearUntil(func(p rtp.Packet) bool {
		if p.PayloadType == keyEvent {
			events = append(events, p)
		}
		return len(events) == 5
	})
	require.Equal(t, []byte{5, 10, 0, 160}, events[0].Payload)
	require.Equal(t, []byte{5, 0x8a, 2, 128}, events[4].Payload)
	for _, e := range events[1:] {
		require.Equal(t, events[0].Timestamp, e.Timestamp)
	}
}

func TestOnlyTheLinkedLegIsHeard(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l, stranger, b := newLeg(t, x), newLeg(t, x), newBrowser(t, browserOptions{})
	require.NoError(t, x.Link("agent:li", l.addr()))
	b.attach(x, "agent:li")

	stranger.keepSending(rtp.Packet{Payload: tone(66)})
	require.Eventually(t, func() bool { return x.counts.drops[dropStranger].Load() > 2 }, patience, time.Millisecond)
	l.keepSending(rtp.Packet{Payload: tone(1)})
	for range 10 {
		require.Equal(t, tone(1), b.hear().Payload)
	}
}

func TestALegsAddressBelongsToTheLatestPhone(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	l := newLeg(t, x)
	require.NoError(t, x.Link("agent:li", l.addr()))
	require.NoError(t, x.Link("agent:wang", l.addr()))
	require.False(t, x.Status("agent:li").Link.IsValid())
	require.Equal(t, l.addr(), x.Status("agent:wang").Link)
	require.Len(t, x.Statuses(), 1)
}

func TestPhonesAreLimited(t *testing.T) {
	t.Parallel()
	x := newExchange(t, func(c *Config) { c.Limits.Phones = 1 })
	l := newLeg(t, x)
	require.NoError(t, x.Link("agent:li", l.addr()))
	require.ErrorIs(t, x.Link("agent:wang", l.addr()), ErrFull)
	_, _, err := x.Attach(context.Background(), "agent:wang", newBrowser(t, browserOptions{}).offer())
	require.ErrorIs(t, err, ErrFull)
	x.Unlink("agent:li")
	require.NoError(t, x.Link("agent:wang", l.addr()), "a place that is free again")
}
