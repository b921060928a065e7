//go:build e2e

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/require"

	"hotline/desk"
)

// agent is a desk without a browser: signed in, followed by websocket, with a phone that is alive. The queue accepts for
// it; it talks for a time and ends the call.
type agent struct {
	h     *house
	login string
	team  *team

	ws *websocket.Conn
	pc *webrtc.PeerConnection

	mu    sync.Mutex // of writing
	sent  int
	state atomic.Value // string
}

// team are hotline's agents of the bench.
type team struct {
	agents []*agent
	talk   atomic.Int64                   // how long a talk lasts
	ending atomic.Pointer[func(string)]   // hears of each end before it is sent; may be nil
	fail   func(format string, as ...any) // a desk that cannot go on

	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
}

// sound is how often a phone sends a packet: often enough to be alive. Neither side's agents speak: what the sound of a
// talk costs is the same relay in Asterisk for both.
const sound = 500 * time.Millisecond

// staff signs everybody in, and returns when all are ready with a phone that is alive.
func (h *house) staff() *team {
	h.t.Helper()
	m := &team{}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.fail = func(format string, as ...any) {
		if m.ctx.Err() == nil {
			h.t.Errorf(format, as...)
		}
	}
	h.t.Cleanup(m.leave)
	for i := range h.agents {
		a := &agent{h: h, login: seat(i), team: m}
		m.agents = append(m.agents, a)
		require.NoError(h.t, a.begin(), "the desk of %s", a.login)
	}
	h.await(30*time.Second, "all agents to be ready", func() error {
		if n := h.metrics().sum("hotline_softphone_phones_alive"); int(n) < h.agents {
			return fmt.Errorf("%v phones are alive", n)
		}
		for _, a := range m.agents {
			if s := a.state.Load(); s != "ready" {
				return fmt.Errorf("%s is %v", a.login, s)
			}
		}
		return nil
	})
	return m
}

func (m *team) leave() {
	m.cancel()
	for _, a := range m.agents {
		if a.ws != nil {
			a.ws.Close()
		}
		if a.pc != nil {
			a.pc.Close() // the other end may be gone already
		}
	}
	m.all.Wait()
}

func (a *agent) begin() error {
	token, err := a.h.signIn(a.login)
	if err != nil {
		return err
	}
	header := http.Header{"Origin": {a.h.url}, "Cookie": {cookie + "=" + token}}
	var resp *http.Response
	if a.ws, resp, err = websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(a.h.url, "http")+"/api/ws", header); err != nil {
		return err
	}
	resp.Body.Close()
	if err := a.say(desk.Envelope{V: 1, Type: "subscribe", Topic: desk.TopicMe, ID: "s", Data: json.RawMessage("{}")}); err != nil {
		return err
	}
	a.team.all.Go(a.follow)
	return a.attach(token)
}

func (a *agent) say(e desk.Envelope) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ws.WriteJSON(e)
}

func (a *agent) command(do, callID string) error {
	data, err := json.Marshal(desk.Command{Do: do, Call: callID})
	if err != nil {
		return err
	}
	a.sent++
	return a.say(desk.Envelope{V: 1, Type: "command", ID: fmt.Sprintf("%s-%d", a.login, a.sent), Data: data})
}

// follow reads the desk and does what is to be done.
func (a *agent) follow() {
	var timer *time.Timer
	ended := "" // the call whose end was sent
	for {
		_, text, err := a.ws.ReadMessage()
		if err != nil {
			a.team.fail("%s: %v", a.login, err)
			return
		}
		var e desk.Envelope
		if err := json.Unmarshal(text, &e); err != nil {
			a.team.fail("%s: %v in %s", a.login, err, text)
			return
		}
		if e.Topic != desk.TopicMe {
			continue
		}
		var me desk.Me
		if err := json.Unmarshal(e.Data, &me); err != nil {
			a.team.fail("%s: %v in %s", a.login, err, text)
			return
		}
		a.state.Store(me.State)
		switch {
		case me.State == "not-ready":
			if err := a.command("ready", ""); err != nil {
				a.team.fail("%s: %v", a.login, err)
			}
		case me.State == "talking" && me.Call != nil && me.Call.Call != ended:
			if timer != nil {
				timer.Stop()
			}
			ended = me.Call.Call
			id := ended
			timer = time.AfterFunc(time.Duration(a.team.talk.Load()), func() {
				if told := a.team.ending.Load(); told != nil {
					(*told)(a.login)
				}
				if err := a.command("end", id); err != nil {
					a.team.fail("%s: %v", a.login, err)
				}
			})
		}
	}
}

// attach gives the server a peer as the agent's phone, which sends a packet now and then.
func (a *agent) attach(token string) error {
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	media := &webrtc.MediaEngine{}
	pcmu := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: pcmu, PayloadType: 0}, webrtc.RTPCodecTypeAudio); err != nil {
		return err
	}
	keys := webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000}
	err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: keys, PayloadType: 126}, webrtc.RTPCodecTypeAudio)
	if err != nil {
		return err
	}
	a.pc, err = webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{})).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	mic, err := webrtc.NewTrackLocalStaticRTP(pcmu, "mic", "agent")
	if err != nil {
		return err
	}
	if _, err := a.pc.AddTrack(mic); err != nil {
		return err
	}
	offer, err := a.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(a.pc)
	if err := a.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	answer, err := a.offer(token, a.pc.LocalDescription().SDP)
	if err != nil {
		return err
	}
	if err := a.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	a.team.all.Go(func() { a.breathe(mic) })
	return nil
}

func (a *agent) offer(token, sdp string) (answer string, err error) {
	body, err := json.Marshal(desk.PhoneOffer{SDP: sdp})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(a.team.ctx, http.MethodPost, a.h.url+"/api/phone", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.AddCookie(&http.Cookie{Name: cookie, Value: token})
	resp, err := a.h.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", resp.Status, text)
	}
	var got desk.PhoneAnswer
	err = json.Unmarshal(text, &got)
	return got.SDP, err
}

// breathe sends a packet of silence now and then, until the team leaves.
func (a *agent) breathe(mic *webrtc.TrackLocalStaticRTP) {
	p := rtp.Packet{Header: rtp.Header{Version: 2}, Payload: bytes.Repeat([]byte{0xff}, 160)}
	tick := time.NewTicker(sound)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-a.team.ctx.Done():
			return
		}
		p.SequenceNumber++
		p.Timestamp += uint32(sound.Seconds() * 8000)
		if err := mic.WriteRTP(&p); err != nil {
			return // closed: leave does that
		}
	}
}

// hear sets who hears of the ends; nil: nobody.
func (m *team) hear(told func(string)) {
	if told == nil {
		m.ending.Store(nil)
		return
	}
	m.ending.Store(&told)
}

// talkFor sets how long talks last from now on.
func (m *team) talkFor(d time.Duration) { m.talk.Store(int64(d)) }
