//go:build e2e

package softphone

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/internal/sandbox"
)

// asterisk is a real one, with a link on which legs report that they are there.
type asterisk struct {
	t      *testing.T
	ari    *ari.Conn
	staged chan string
}

func startAsterisk(t *testing.T) *asterisk {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	server, err := sandbox.StartAsterisk(t.Context(), sandbox.AsteriskConfig{Dir: t.TempDir(), Log: quiet})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })

	a := &asterisk{t: t, staged: make(chan string, 16)}
	up := make(chan struct{}, 16)
	cfg := ari.DefaultConfig()
	cfg.URL, cfg.User, cfg.Password, cfg.App, cfg.Logger = server.ARIURL(), server.ARIUser(), server.ARIPassword(), server.App(), quiet
	a.ari, err = ari.New(cfg, func(m ari.Message) {
		switch m := m.(type) {
		case ari.Up:
			up <- struct{}{}
		case ari.Event:
			if start, ok := m.Event.(*ari.StasisStart); ok {
				a.staged <- start.Channel.ID
			}
		}
	})
	require.NoError(t, err)
	require.NoError(t, a.ari.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, a.ari.Stop()) })
	<-up
	return a
}

// leg makes an externalMedia leg that sends to host, and returns its address.
func (a *asterisk) leg(id string, host netip.AddrPort, format Format) netip.AddrPort {
	a.t.Helper()
	_, err := a.ari.ExternalMedia(a.t.Context(), ari.ExternalMediaOptions{ChannelID: id, ExternalHost: host.String(), Format: string(format)})
	require.NoError(a.t, err)
	require.Equal(a.t, id, <-a.staged)
	address, err := a.ari.GetVar(a.t.Context(), id, "UNICASTRTP_LOCAL_ADDRESS")
	require.NoError(a.t, err)
	port, err := a.ari.GetVar(a.t.Context(), id, "UNICASTRTP_LOCAL_PORT")
	require.NoError(a.t, err)
	remote, err := netip.ParseAddrPort(address + ":" + port)
	require.NoError(a.t, err)
	return remote
}

// One loud sample and one half as loud, as mu-law and A-law write them.
const (
	loudULaw, loudALaw = 0xa1, 0x88
	halfULaw, halfALaw = 0xb1, 0x98
)

// The caller speaks A-law, so Asterisk transcodes what it hears: the path on
// which sequence numbers that step back are heard as silence.
func TestACallMovesBetweenAgentsAndServersOnARealAsterisk(t *testing.T) {
	ctx := t.Context()
	a := startAsterisk(t)
	x := newExchange(t)
	caller := newLeg(t, x)
	caller.to = a.leg("caller", caller.addr(), ALaw)
	_, err := a.ari.CreateBridge(ctx, "call", ari.BridgeMixing, "")
	require.NoError(t, err)
	li, wang := a.leg("li", x.Addr(), ULaw), a.leg("wang", x.Addr(), ULaw)
	require.NoError(t, x.Link("agent:li", li))
	require.NoError(t, x.Link("agent:wang", wang))

	first, second := newBrowser(t, browserOptions{}), newBrowser(t, browserOptions{})
	second.seq, second.stamp = 100, 7 // far below the first's
	first.attach(x, "agent:li")
	second.attach(x, "agent:wang")
	first.keepSpeaking(tone(loudULaw))
	second.keepSpeaking(tone(halfULaw))
	caller.keepSending(rtp.Packet{Header: rtp.Header{PayloadType: 8}, Payload: tone(loudALaw)})

	hears := func(sound byte) {
		t.Helper()
		caller.hearUntil(func(p rtp.Packet) bool { return p.PayloadType == 8 && len(p.Payload) > 0 && p.Payload[0] == sound })
	}
	require.NoError(t, a.ari.AddChannel(ctx, "call", ari.AddOptions{}, "caller", "li"))
	hears(loudALaw)
	require.Equal(t, byte(loudULaw), first.hear().Payload[0])

	// A blind transfer.
	require.NoError(t, a.ari.RemoveChannel(ctx, "call", "li"))
	require.NoError(t, a.ari.AddChannel(ctx, "call", ari.AddOptions{}, "wang"))
	hears(halfALaw)
	require.Equal(t, byte(loudULaw), second.hear().Payload[0])

	// The server is restarted on its port; leg and caller know nothing of it.
	port := x.Addr().String()
	require.NoError(t, x.Stop(ctx))
	x = newExchange(t, func(c *Config) { c.RTP = port })
	require.NoError(t, x.Link("agent:wang", wang))
	again := newBrowser(t, browserOptions{})
	again.attach(x, "agent:wang")
	again.keepSpeaking(tone(loudULaw))
	hears(loudALaw)
	require.Equal(t, byte(loudULaw), again.hear().Payload[0])
}
