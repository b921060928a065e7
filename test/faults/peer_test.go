//go:build e2e

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/desk"
	"hotline/test/tone"
)

// peer is the audio of a page without a browser: one PeerConnection that says a tone in PCMU and listens.
type peer struct {
	pc     *webrtc.PeerConnection
	mic    *webrtc.TrackLocalStaticRTP
	failed chan struct{} // closed when the connection is of no use any more
	once   sync.Once
	ear    *ear
}

// ear keeps when an agent heard something, from one peer to the next.
type ear struct {
	mu    sync.Mutex
	heard []time.Time // moments of audible packets
}

func (e *ear) hear(at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.heard) > 50*60 {
		e.heard = append(e.heard[:0], e.heard[len(e.heard)-50*30:]...)
	}
	e.heard = append(e.heard, at)
}

// since is the first audible packet after a moment.
func (e *ear) since(t time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, at := range e.heard {
		if at.After(t) {
			return at, true
		}
	}
	return time.Time{}, false
}

const frame = 20 * time.Millisecond

// attach makes a peer and gives it to the server as the agent's phone.
func (a *Agent) attach(ctx context.Context) (*peer, error) {
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(loopbackOnly)
	media := &webrtc.MediaEngine{}
	pcmu := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: pcmu, PayloadType: 0}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	keys := webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: keys, PayloadType: 126}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{})).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	p := &peer{pc: pc, failed: make(chan struct{}), ear: &a.ear}
	if err := p.connect(ctx, a, pcmu); err != nil {
		return nil, fmt.Errorf("attach %s: %w (%v)", a.login, err, pc.Close())
	}
	return p, nil
}

func (p *peer) connect(ctx context.Context, a *Agent, codec webrtc.RTPCodecCapability) (err error) {
	if p.mic, err = webrtc.NewTrackLocalStaticRTP(codec, "mic", "agent"); err != nil {
		return err
	}
	if _, err := p.pc.AddTrack(p.mic); err != nil {
		return err
	}
	p.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.listen(track) })
	p.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateDisconnected || s == webrtc.PeerConnectionStateClosed {
			p.once.Do(func() { close(p.failed) })
		}
	})
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	body, err := json.Marshal(desk.PhoneOffer{SDP: p.pc.LocalDescription().SDP})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.h.URL+"/api/phone", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	text, status, err := a.h.do(req, a.token)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%d: %s", status, text)
	}
	var answer desk.PhoneAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	return p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP})
}

// listen notes what is loud enough to be a voice.
func (p *peer) listen(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		for _, b := range packet.Payload {
			if s := tone.ULawDecode(b); s > 1000 {
				p.ear.hear(time.Now())
				break
			}
		}
	}
}

// speak says the agent's tone until the peer is closed.
func (p *peer) speak(hz float64) {
	packet := rtp.Packet{Header: rtp.Header{Version: 2}, Payload: make([]byte, 160)}
	timer := time.NewTimer(0)
	defer timer.Stop()
	began := time.Now()
	for n := 1; ; n++ {
		select {
		case <-p.failed:
			return
		case <-timer.C:
		}
		for i := range packet.Payload {
			packet.Payload[i] = tone.ULawEncode(tone.At(8000, hz, n*160+i))
		}
		packet.SequenceNumber, packet.Timestamp = uint16(n), uint32(n*160)
		if p.mic.WriteRTP(&packet) != nil {
			return // closed
		}
		timer.Reset(time.Until(began.Add(time.Duration(n) * frame)))
	}
}

func (p *peer) close() {
	p.once.Do(func() { close(p.failed) })
	p.pc.Close() // a connection whose other end was killed complains, rightly
}
