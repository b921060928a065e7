package softphone

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// chromium is an offer of Chromium 156 with the codecs of web/src/phone.
const chromium = "v=0\r\n" +
	"o=- 660089594906805889 2 IN IP4 127.0.0.1\r\n" +
	"s=-\r\n" +
	"t=0 0\r\n" +
	"a=group:BUNDLE 0\r\n" +
	"a=extmap-allow-mixed\r\n" +
	"a=msid-semantic: WMS\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 0 8 126\r\n" +
	"c=IN IP4 0.0.0.0\r\n" +
	"a=rtcp:9 IN IP4 0.0.0.0\r\n" +
	"a=candidate:1 1 udp 2122260223 192.0.2.7 51000 typ host generation 0\r\n" +
	"a=ice-ufrag:ubAD\r\n" +
	"a=ice-pwd:NBKuG7CsOTEsqchCmD8DwUKT\r\n" +
	"a=ice-options:trickle\r\n" +
	"a=fingerprint:sha-256 EF:1D:58:99:58:99:79:FF:B4:FC:66:F7:BF:2D:E7:D1:4E:38:80:B6:6E:2C:50:41:2D:8E:C5:E0:6D:C7:9E:7D\r\n" +
	"a=setup:actpass\r\n" +
	"a=mid:0\r\n" +
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" +
	"a=sendrecv\r\n" +
	"a=msid:- d12bd611-f36c-4a43-a8f7-703622db0c03\r\n" +
	"a=rtcp-mux\r\n" +
	"a=rtcp-rsize\r\n" +
	"a=rtpmap:0 PCMU/8000\r\n" +
	"a=rtpmap:8 PCMA/8000\r\n" +
	"a=rtpmap:126 telephone-event/8000\r\n" +
	"a=ssrc:360590167 cname:EUhaTj8QAtc5GXkl\r\n" +
	"a=ssrc:360590167 msid:- d12bd611-f36c-4a43-a8f7-703622db0c03\r\n"

const enough = 32 << 10

func TestABrowsersOfferIsTakenWithoutItsCandidates(t *testing.T) {
	t.Parallel()
	o, err := readOffer(chromium, enough, ULaw)
	require.NoError(t, err)
	require.Equal(t, uint8(0), o.audio)
	require.Equal(t, uint8(126), o.keys)
	require.Equal(t, uint32(360590167), o.source)
	clean := o.sdp(ULaw)
	require.NotContains(t, clean, "candidate", "the server dials nobody")
	require.NotContains(t, clean, "PCMA")
	again, err := readOffer(clean, enough, ULaw)
	require.NoError(t, err)
	require.Equal(t, o, again)

	o, err = readOffer(chromium, enough, ALaw)
	require.NoError(t, err)
	require.Equal(t, uint8(8), o.audio)
}

func TestARefusedOfferSaysWhatToChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ replace, by, says string }{
		"no SDP":                   {chromium, "hello", "is not SDP"},
		"empty":                    {chromium, "", "0 media sections"},
		"too long":                 {"a=rtcp-rsize\r\n", "a=" + strings.Repeat("x", enough) + "\r\n", "at most 32768"},
		"no media":                 {chromium[strings.Index(chromium, "m=audio"):], "", "0 media sections"},
		"video too":                {"a=rtcp-rsize\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "2 media sections"},
		"video only":               {"m=audio", "m=video", "needs audio"},
		"plain RTP":                {"UDP/TLS/RTP/SAVPF", "RTP/AVP", "UDP/TLS/RTP/SAVPF"},
		"no rtcp-mux":              {"a=rtcp-mux\r\n", "", "rtcpMuxPolicy"},
		"no microphone":            {"a=sendrecv", "a=recvonly", "add the microphone's track"},
		"no PCMU":                  {"SAVPF 0 8 126", "SAVPF 8 126", "no PCMU/8000"},
		"opus only":                {"a=rtpmap:0 PCMU/8000", "a=rtpmap:0 opus/48000/2", "setCodecPreferences"},
		"no keypad":                {"a=rtpmap:126 telephone-event/8000\r\n", "", "no telephone-event/8000"},
		"keypad for opus only":     {"telephone-event/8000", "telephone-event/48000", "no telephone-event/8000"},
		"one number, two codecs":   {"SAVPF 0 8 126\r\n", "SAVPF 126\r\na=rtpmap:126 PCMU/8000\r\n", "no PCMU/8000"},
		"no ufrag":                 {"a=ice-ufrag:ubAD\r\n", "", "ice-ufrag"},
		"a ufrag with a line end":  {"a=ice-ufrag:ubAD", "a=ice-ufrag:ub\tAD", "ice-ufrag"},
		"short password":           {"NBKuG7CsOTEsqchCmD8DwUKT", "short", "ice-pwd"},
		"answering":                {"setup:actpass", "setup:active", "actpass"},
		"weak fingerprint":         {"a=fingerprint:sha-256", "a=fingerprint:md5", "sha-256"},
		"cut fingerprint":          {":9E:7D", "", "32 hexadecimal bytes"},
		"not hexadecimal":          {":9E:7D", ":9E:7Z", "32 hexadecimal bytes"},
		"fingerprint not in bytes": {":9E:7D", ":9E77D", "32 hexadecimal bytes"},
		"SSRC is no number":        {"a=ssrc:360590167 cname", "a=ssrc:x cname", "32-bit number"},
		"SSRC too large":           {"a=ssrc:360590167 cname", "a=ssrc:99999999999 cname", "32-bit number"},
		"mid is no token":          {"a=mid:0", "a=mid:a b", "no token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(chromium, c.replace, c.by, 1)
			require.NotEqual(t, chromium, text, "the case changes nothing")
			_, err := readOffer(text, enough, ULaw)
			require.ErrorIs(t, err, ErrOffer)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestTheRefusalNamesTheCodecsThatWereOffered(t *testing.T) {
	t.Parallel()
	text := strings.Replace(chromium, "SAVPF 0 8 126", "SAVPF 111 9", 1) + "a=rtpmap:111 opus/48000/2\r\na=rtpmap:9 G722/8000\r\n"
	_, err := readOffer(text, enough, ALaw)
	require.ErrorContains(t, err, "PCMA/8000")
	require.ErrorContains(t, err, "opus/48000/2, G722/8000")
}

func FuzzAnOfferIsRefusedOrClean(f *testing.F) {
	f.Add(chromium)
	f.Add("")
	f.Add(strings.ReplaceAll(chromium, "\r\n", "\n"))
	o, err := readOffer(chromium, enough, ULaw)
	require.NoError(f, err)
	f.Add(o.sdp(ULaw))
	f.Fuzz(func(t *testing.T, text string) {
		o, err := readOffer(text, enough, ULaw)
		if err != nil {
			require.ErrorIs(t, err, ErrOffer)
			return
		}
		clean := o.sdp(ULaw)
		again, err := readOffer(clean, enough, ULaw)
		require.NoError(t, err, fmt.Sprintf("%q became %q", text, clean))
		require.Equal(t, o, again)
	})
}
