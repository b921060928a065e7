package softphone

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Format is the one G.711 flavour an Exchange relays, in Asterisk's words: it
// is what the `format` of each externalMedia leg must say.
type Format string

// The formats that every browser and every Asterisk speak without transcoding.
const (
	ULaw Format = "ulaw" // PCMU, payload type 0
	ALaw Format = "alaw" // PCMA, payload type 8
)

// Config is what an Exchange needs to know. Zero values of Format and Limits
// take the defaults named beside them.
type Config struct {
	// Listen is the one address:port that browsers reach, UDP and, with TCP
	// set, ICE-TCP on the same number. An unspecified address (0.0.0.0 or
	// [::]) listens on every interface and then needs a port of its own.
	Listen string
	// TCP also takes ICE over TCP on Listen, for networks that block UDP.
	TCP bool
	// PublicIPs replace the local addresses in the answer's candidates when
	// the server stands behind a 1:1 NAT.
	PublicIPs []string
	// Loopback also offers 127.0.0.1: demo and tests, where the browser runs
	// on the same machine.
	Loopback bool

	// RTP is the fixed address:port of the RTP socket that faces Asterisk. It
	// must be an address that Asterisk can send to, hence not 0.0.0.0. Keep it
	// the same over restarts: old legs have audio again at once.
	RTP string
	// Format is what legs and browsers speak. Default ULaw.
	Format Format

	// TURN is handed to browsers (ICEServers); the server itself, being
	// ICE-lite, needs none.
	TURN TURN
	// Limits bound what browsers can ask for.
	Limits Limits

	// Changed, when set, hears of every change of a phone's State, in order
	// for each phone, from one goroutine of the Exchange. A slow Changed
	// delays nobody's audio: while it runs, further changes of a phone fold
	// into its newest status.
	Changed func(Status)

	// Pressed, when set, hears of every key that a browser's user pressed, once
	// each, when it is released; from the same goroutine as Changed. At most
	// 1000 wait for a slow one, further keys are lost, counted and logged.
	// Without Pressed, keys are relayed to the leg as telephone-events, payload
	// type 101. (Asterisk 22.10.1 drops those: chan_rtp gives externalMedia legs
	// no mapping for dynamic payload types, whatever rtp_use_dynamic says.)
	Pressed func(Press)

	// Logger defaults to slog.Default().
	Logger *slog.Logger
	// Registerer takes the metrics; nil keeps none.
	Registerer prometheus.Registerer
}

// Limits bound the Exchange. Zero means the default.
type Limits struct {
	// Phones at most, attached or linked. Default 1000.
	Phones int
	// OfferBytes is the longest SDP offer that is looked at. Default 32 KiB
	// (Chromium's audio-only offer has 2 to 6 KB).
	OfferBytes int
	// Silence is how long no RTP may come from a browser before its phone
	// counts as not alive. Default 2 s; a muted microphone sends on.
	Silence time.Duration
	// Queue is how many packets from Asterisk may wait for a browser whose
	// connection stalls; the oldest goes first. Default 32 (640 ms).
	Queue int
}

func (c Config) withDefaults() Config {
	if c.Format == "" {
		c.Format = ULaw
	}
	if c.Limits.Phones == 0 {
		c.Limits.Phones = 1000
	}
	if c.Limits.OfferBytes == 0 {
		c.Limits.OfferBytes = 32 << 10
	}
	if c.Limits.Silence == 0 {
		c.Limits.Silence = 2 * time.Second
	}
	if c.Limits.Queue == 0 {
		c.Limits.Queue = 32
	}
	if c.TURN.Lifetime == 0 {
		c.TURN.Lifetime = 12 * time.Hour
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// check names each wrong setting and what to write instead.
func (c Config) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("softphone: "+format, args...)) }

	if listen, err := netip.ParseAddrPort(c.Listen); err != nil {
		wrong("listen %q is no address:port (write for example 0.0.0.0:40000): %w", c.Listen, err)
	} else if listen.Addr().IsUnspecified() && listen.Port() == 0 {
		wrong("listen %q: an address for all interfaces needs a port (write for example %s:40000)", c.Listen, listen.Addr())
	}
	if rtp, err := netip.ParseAddrPort(c.RTP); err != nil {
		wrong("rtp %q is no address:port (write for example 127.0.0.1:40002): %w", c.RTP, err)
	} else if rtp.Addr().IsUnspecified() {
		wrong("rtp %q: Asterisk can't send to %s; name the address of this machine that Asterisk reaches", c.RTP, rtp.Addr())
	}
	for _, ip := range c.PublicIPs {
		if _, err := netip.ParseAddr(ip); err != nil {
			wrong("public_ips: %q is no IP address: %w", ip, err)
		}
	}
	if c.Format != ULaw && c.Format != ALaw {
		wrong("format %q: legs are %q or %q", c.Format, ULaw, ALaw)
	}
	for _, url := range c.TURN.URLs {
		if !strings.HasPrefix(url, "turn:") && !strings.HasPrefix(url, "turns:") && !strings.HasPrefix(url, "stun:") {
			wrong("turn: %q must start with turn:, turns: or stun:", url)
		}
	}
	if c.Limits.Phones < 0 || c.Limits.OfferBytes < 0 || c.Limits.Silence < 0 || c.Limits.Queue < 0 || c.TURN.Lifetime < 0 {
		wrong("limits must not be negative")
	}
	return errors.Join(errs...)
}

// codec is how a Format looks on the wire.
type codec struct {
	name    string // in SDP
	payload uint8  // RTP payload type towards Asterisk, static by RFC 3551
}

func (f Format) codec() codec {
	if f == ALaw {
		return codec{name: "PCMA", payload: 8}
	}
	return codec{name: "PCMU", payload: 0}
}
