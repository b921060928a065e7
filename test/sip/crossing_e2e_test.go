//go:build e2e

package sip_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// TestByesThatCross: the other side hangs up in the same moment, and answers the caller's BYE before or behind its own.
func TestByesThatCross(t *testing.T) {
	t.Parallel()
	for name, answersFirst := range map[string]bool{"its own first": false, "its answer first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := sip.Call(t.Context(), sip.Options{Target: crossing(t, answersFirst), To: "1", From: "13800138000"})
			require.NoError(t, err)
			ctx := within(t, 10*time.Second)
			require.NoError(t, c.AwaitAnswer(ctx))
			require.NoError(t, c.Hangup())
			ending, err := c.Wait(ctx)
			require.NoError(t, err)
			assert.Equal(t, sip.HungUp, ending.Way)
		})
	}
}

// crossing is a telephone that answers, and hangs up when it hears that the caller does.
func crossing(t *testing.T, answersFirst bool) (address string) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	over := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-over })
	go func() {
		defer close(over)
		data := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDP(data)
			if err != nil {
				return // closed
			}
			say := func(message string) {
				_, err := conn.WriteToUDP([]byte(strings.ReplaceAll(strings.ReplaceAll(message, "\r\n", "\n"), "\n", "\r\n")), from)
				assert.NoError(t, err)
			}
			text := string(data[:n])
			field := func(name string) string { // a header, whole
				_, rest, _ := strings.Cut(text, "\r\n"+name+":")
				value, _, _ := strings.Cut(rest, "\r\n")
				return name + ":" + value + "\n"
			}
			dialogue := field("From") + strings.TrimSpace(field("To")) + ";tag=there\n" + field("Call-ID")
			switch {
			case strings.HasPrefix(text, "INVITE"):
				say("SIP/2.0 100 Trying\n" + field("Via") + field("From") + field("To") + field("Call-ID") + field("CSeq") + "Content-Length: 0\n\n")
				sdp := strings.ReplaceAll("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 8\n", "\n", "\r\n")
				say(fmt.Sprintf("SIP/2.0 200 OK\n%s%s%sContact: <sip:there@%s>\nContent-Type: application/sdp\nContent-Length: %d\n\n%s",
					field("Via"), dialogue, field("CSeq"), conn.LocalAddr(), len(sdp), sdp))
			case strings.HasPrefix(text, "BYE"):
				yes := "SIP/2.0 200 OK\n" + field("Via") + field("From") + field("To") + field("Call-ID") + field("CSeq") + "Content-Length: 0\n\n"
				bye := fmt.Sprintf("BYE sip:13800138000@%s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-there\nFrom:%s\nTo:%s\n%sCSeq: 1 BYE\nMax-Forwards: 70\nContent-Length: 0\n\n",
					from, conn.LocalAddr(), strings.TrimSpace(strings.TrimPrefix(field("To"), "To:")), strings.TrimSpace(strings.TrimPrefix(field("From"), "From:")), field("Call-ID"))
				if answersFirst {
					say(yes)
					say(bye)
				} else {
					say(bye)
					say(yes)
				}
			}
		}
	}()
	return conn.LocalAddr().String()
}
