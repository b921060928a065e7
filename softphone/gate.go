package softphone

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

const (
	mimeKeys = "audio/telephone-event"

	iceInterrupted = 4 * time.Second  // without any packet of the browser
	iceFailed      = 12 * time.Second // after that: the session ends, the page attaches anew
	iceKeepalive   = 2 * time.Second

	tcpReadPackets  = 64
	tcpWriteBytes   = 64 << 10 // 6 s of audio: beyond it packets are dropped, not waited for
	certificateLife = 20 * 365 * 24 * time.Hour
)

// gate is the side that faces browsers: the sockets that all share, and what
// every PeerConnection is made from.
type gate struct {
	api         *webrtc.API
	certificate webrtc.Certificate
	closers     []func() error
}

func (g *gate) close() error {
	var errs []error
	for i := len(g.closers) - 1; i >= 0; i-- {
		errs = append(errs, g.closers[i]())
	}
	return errors.Join(errs...)
}

func openGate(ctx context.Context, cfg Config, log *slog.Logger) (_ *gate, err error) {
	g := &gate{}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
		}
	}()
	if g.certificate, err = newCertificate(time.Now()); err != nil {
		return nil, err
	}

	var settings webrtc.SettingEngine
	settings.LoggerFactory = pionLog{log}
	settings.SetLite(true)
	settings.SetICETimeouts(iceInterrupted, iceFailed, iceKeepalive)
	settings.SetIncludeLoopbackCandidate(cfg.Loopback)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetFireOnTrackBeforeFirstRTP(true)
	settings.SetDTLSInsecureSkipHelloVerify(true) // ICE has checked the address: a round trip less
	// GCM costs a third of CM per packet; CM is for browsers without it.
	settings.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	// As the DTLS server we choose between the two.
	if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, fmt.Errorf("softphone: DTLS role: %w", err)
	}
	if len(cfg.PublicIPs) > 0 {
		rule := webrtc.ICEAddressRewriteRule{External: cfg.PublicIPs, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteReplace}
		if err := settings.SetICEAddressRewriteRules(rule); err != nil {
			return nil, fmt.Errorf("softphone: public_ips: %w", err)
		}
	}
	if err := g.openSockets(ctx, cfg, &settings); err != nil {
		return nil, err
	}

	var media webrtc.MediaEngine
	for _, c := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mimeAudio(cfg.Format), ClockRate: 8000}, PayloadType: webrtc.PayloadType(cfg.Format.codec().payload)},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mimeKeys, ClockRate: 8000}, PayloadType: keyEvent},
	} {
		if err := media.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("softphone: register %s: %w", c.MimeType, err)
		}
	}
	// The default interceptors would cost four allocations per packet for the
	// reports that report.go writes itself.
	g.api = webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(&media), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	return g, nil
}

func mimeAudio(f Format) string { return "audio/" + f.codec().name }

// openSockets opens the one port for browsers, UDP and, if wanted, TCP.
func (g *gate) openSockets(ctx context.Context, cfg Config, settings *webrtc.SettingEngine) error {
	listen, err := netip.ParseAddrPort(cfg.Listen)
	if err != nil {
		return fmt.Errorf("softphone: listen %q: %w", cfg.Listen, err)
	}
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	log := settings.LoggerFactory.NewLogger("ice")
	if listen.Addr().IsUnspecified() {
		// A socket per interface: an answer must leave from the address that was asked.
		options := []ice.UDPMuxFromPortOption{ice.UDPMuxFromPortWithLogger(log), ice.UDPMuxFromPortWithReadBufferSize(socketBuffer), ice.UDPMuxFromPortWithWriteBufferSize(socketBuffer)}
		if cfg.Loopback {
			options = append(options, ice.UDPMuxFromPortWithLoopback())
		}
		if listen.Addr().Is4() {
			options = append(options, ice.UDPMuxFromPortWithNetworks(ice.NetworkTypeUDP4))
		}
		mux, err := ice.NewMultiUDPMuxFromPort(int(listen.Port()), options...)
		if err != nil {
			return fmt.Errorf("softphone.listen: %s cannot be opened (is another server running? else set a free port): %w", listen, err)
		}
		g.closers = append(g.closers, mux.Close)
		settings.SetICEUDPMux(mux)
	} else {
		udp, err := listenUDP(ctx, "listen", cfg.Listen)
		if err != nil {
			return err
		}
		mux := webrtc.NewICEUDPMux(log, udp)
		g.closers = append(g.closers, mux.Close)
		settings.SetICEUDPMux(mux)
		listen = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	}
	if cfg.TCP {
		var config net.ListenConfig
		listener, err := config.Listen(ctx, "tcp", listen.String())
		if err != nil {
			return fmt.Errorf("softphone: open listen %s for TCP (set another port, or tcp: false): %w", listen, err)
		}
		mux := ice.NewTCPMuxDefault(ice.TCPMuxParams{
			Listener: listener, Logger: log,
			ReadBufferSize: tcpReadPackets, WriteBufferSize: tcpWriteBytes,
		})
		g.closers = append(g.closers, mux.Close)
		settings.SetICETCPMux(mux)
		networks = append(networks, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	settings.SetNetworkTypes(networks)
	return nil
}

// newCertificate makes the certificate that all sessions share. Browsers know
// it by the fingerprint in the answer, so only pion looks at its dates; pion's
// own would stop a server that runs for more than a month.
func newCertificate(now time.Time) (webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("softphone: make a key: %w", err)
	}
	certificate, err := webrtc.NewCertificate(key, x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "softphone"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(certificateLife),
	})
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("softphone: make a certificate: %w", err)
	}
	return *certificate, nil
}
