package softphone

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// ErrOffer marks every refusal of an offer that the browser's side can cure;
// the text says what is wrong and what to change. (HTTP: 400.)
var ErrOffer = errors.New("softphone: the offer was refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrOffer}, args...)...)
}

// offer is all that is taken from a browser's SDP. The rest (candidates,
// extensions, other codecs) goes no further: ICE-lite needs no candidates, and
// what is not passed on can neither make the server dial addresses nor reach
// code that nobody here needs.
type offer struct {
	mid         string
	ufrag, pwd  string
	fingerprint string // "sha-256 AB:CD…"
	audio       uint8  // the browser's payload type for our format
	keys        uint8  // and for telephone-event/8000
	source      uint32 // its SSRC, 0 when it did not say
}

// readOffer checks an offer: audio only, both directions, our codec and
// telephone-event on board, and everything DTLS and ICE need.
func readOffer(text string, limit int, format Format) (offer, error) {
	if len(text) > limit {
		return offer{}, refuse("%d bytes of SDP, at most %d are read; offer one audio section only", len(text), limit)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return offer{}, refuse("it is not SDP (send RTCPeerConnection.localDescription.sdp unchanged): %w", err)
	}
	if n := len(d.MediaDescriptions); n != 1 {
		return offer{}, refuse("it has %d media sections; a phone has exactly one, for audio", n)
	}
	m := d.MediaDescriptions[0]
	if m.MediaName.Media != "audio" {
		return offer{}, refuse("its only media is %q; a phone needs audio", m.MediaName.Media)
	}
	if protos := strings.Join(m.MediaName.Protos, "/"); protos != "UDP/TLS/RTP/SAVPF" && protos != "TCP/TLS/RTP/SAVPF" && protos != "TCP/DTLS/RTP/SAVPF" {
		return offer{}, refuse("its transport is %q; browsers use UDP/TLS/RTP/SAVPF", protos)
	}
	if _, ok := m.Attribute("rtcp-mux"); !ok {
		return offer{}, refuse("rtcp-mux is missing; set rtcpMuxPolicy to require (the default)")
	}
	for _, direction := range []string{"recvonly", "sendonly", "inactive"} {
		if _, ok := m.Attribute(direction); ok {
			return offer{}, refuse("its audio is %s; a phone speaks and listens: add the microphone's track before createOffer and keep the direction sendrecv", direction)
		}
	}
	var o offer
	if err := o.readTransport(&d, m); err != nil {
		return offer{}, err
	}
	if err := o.readCodecs(m, format); err != nil {
		return offer{}, err
	}
	if value, ok := m.Attribute("ssrc"); ok {
		number, _, _ := strings.Cut(value, " ")
		source, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return offer{}, refuse("a=ssrc:%.40q does not begin with a 32-bit number", value)
		}
		o.source = uint32(source)
	}
	return o, nil
}

// readTransport takes ICE and DTLS from the media section or, where it is
// silent, from the session (RFC 8839 §5.4, RFC 8122 §5).
func (o *offer) readTransport(d *sdp.SessionDescription, m *sdp.MediaDescription) error {
	attribute := func(name string) string {
		if value, ok := m.Attribute(name); ok {
			return value
		}
		value, _ := d.Attribute(name)
		return value
	}
	o.mid = attribute("mid")
	if o.mid == "" {
		o.mid = "0"
	}
	if len(o.mid) > 32 || !isToken(o.mid, "-_.+~!#$%&'*^`{|}") {
		return refuse("a=mid:%.40q is no token of at most 32 characters", o.mid)
	}
	o.ufrag, o.pwd = attribute("ice-ufrag"), attribute("ice-pwd")
	if len(o.ufrag) < 4 || len(o.ufrag) > 256 || !isToken(o.ufrag, "+/") {
		return refuse("a=ice-ufrag:%.40q is not 4 to 256 ICE characters (RFC 8839)", o.ufrag)
	}
	if len(o.pwd) < 22 || len(o.pwd) > 256 || !isToken(o.pwd, "+/") {
		return refuse("a=ice-pwd is not 22 to 256 ICE characters (RFC 8839)")
	}
	if setup := attribute("setup"); setup != "actpass" {
		return refuse("a=setup:%.20q; an offer says actpass (RFC 8842)", setup)
	}
	hash, sum, _ := strings.Cut(attribute("fingerprint"), " ")
	hash = strings.ToLower(hash)
	size := map[string]int{"sha-256": 32, "sha-384": 48, "sha-512": 64}[hash]
	if size == 0 {
		return refuse("a=fingerprint has hash %.20q; sha-256, sha-384 or sha-512 is needed (RFC 8122)", hash)
	}
	if len(sum) != 3*size-1 || !isFingerprint(sum) {
		return refuse("a=fingerprint is not %d hexadecimal bytes with colons between", size)
	}
	o.fingerprint = hash + " " + strings.ToUpper(sum)
	return nil
}

// readCodecs finds our format and telephone-event among the section's payload
// types; 0 and 8 need no rtpmap (RFC 3551).
func (o *offer) readCodecs(m *sdp.MediaDescription, format Format) error {
	names := map[string]string{"0": "PCMU/8000", "8": "PCMA/8000"}
	for _, a := range m.Attributes {
		if a.Key == "rtpmap" {
			if payload, name, ok := strings.Cut(a.Value, " "); ok {
				names[payload] = strings.TrimSuffix(name, "/1")
			}
		}
	}
	find := func(codec string) (uint8, bool) {
		for _, payload := range m.MediaName.Formats {
			if n, err := strconv.ParseUint(payload, 10, 7); err == nil && strings.EqualFold(names[payload], codec) {
				return uint8(n), true
			}
		}
		return 0, false
	}
	var heard []string
	for _, payload := range m.MediaName.Formats[:min(len(m.MediaName.Formats), 16)] {
		heard = append(heard, fmt.Sprintf("%.24s", names[payload]))
	}
	var ok bool
	want := format.codec().name + "/8000"
	if o.audio, ok = find(want); !ok {
		return refuse("it has no %s, the format of the telephone side (it has %s); put it into setCodecPreferences, or set the format to what browsers offer",
			want, strings.Join(heard, ", "))
	}
	if o.keys, ok = find("telephone-event/8000"); !ok {
		return refuse("it has no telephone-event/8000, so keys would be lost (it has %s); leave it in setCodecPreferences",
			strings.Join(heard, ", "))
	}
	if o.keys == o.audio {
		return refuse("payload type %d stands for two codecs", o.audio)
	}
	return nil
}

// sdp writes the offer anew with nothing in it but what was checked.
func (o offer) sdp(format Format) string {
	var b strings.Builder
	line := func(s string, args ...any) { fmt.Fprintf(&b, s+"\r\n", args...) }
	line("v=0")
	line("o=- 1 1 IN IP4 127.0.0.1")
	line("s=-")
	line("t=0 0")
	line("a=group:BUNDLE %s", o.mid)
	line("m=audio 9 UDP/TLS/RTP/SAVPF %d %d", o.audio, o.keys)
	line("c=IN IP4 0.0.0.0")
	line("a=mid:%s", o.mid)
	line("a=ice-ufrag:%s", o.ufrag)
	line("a=ice-pwd:%s", o.pwd)
	line("a=fingerprint:%s", o.fingerprint)
	line("a=setup:actpass")
	line("a=sendrecv")
	line("a=rtcp-mux")
	line("a=rtpmap:%d %s/8000", o.audio, format.codec().name)
	line("a=rtpmap:%d telephone-event/8000", o.keys)
	if o.source != 0 {
		line("a=ssrc:%d cname:browser", o.source)
		line("a=ssrc:%d msid:phone microphone", o.source)
	}
	return b.String()
}

// isToken allows letters, digits and the extra characters.
func isToken(s, extra string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(extra, rune(c)) {
			return false
		}
	}
	return true
}

func isFingerprint(s string) bool {
	for i := range len(s) {
		hex := isToken(s[i:i+1], "") && (s[i] <= '9' || s[i]|0x20 <= 'f')
		if colon := i%3 == 2; (colon && s[i] != ':') || (!colon && !hex) {
			return false
		}
	}
	return true
}
