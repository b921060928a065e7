//go:build e2e

package seat

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/desk"
	"hotline/test/house"
	"hotline/test/tone"
)

// Phone is the audio of a page without a browser: one connection that speaks PCMU and listens.
type Phone struct {
	pc     *webrtc.PeerConnection
	mic    *webrtc.TrackLocalStaticRTP
	failed chan struct{} // closed when the connection is of no use any more
	once   sync.Once
	ear    *Ear
	spoken sync.WaitGroup
}

// Voice is what a phone says.
type Voice struct {
	Hz    float64       // 0: silence
	Every time.Duration // between two packets; 0 is 20 ms, as in a talk. Seldom ones keep a silent phone alive at less cost
}

// Attach gives the server a phone for somebody who is signed in. ear may be nil: then nobody listens.
func Attach(ctx context.Context, h *house.House, login string, v Voice, ear *Ear) (*Phone, error) {
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	media := &webrtc.MediaEngine{}
	pcmu := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}
	keys := webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000}
	for _, c := range []webrtc.RTPCodecParameters{{RTPCodecCapability: pcmu, PayloadType: 0}, {RTPCodecCapability: keys, PayloadType: 126}} {
		if err := media.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, err
		}
	}
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	p := &Phone{pc: pc, failed: make(chan struct{}), ear: ear}
	if err := p.connect(ctx, h, login, pcmu); err != nil {
		return nil, fmt.Errorf("attach the phone of %s: %w (%v)", login, err, pc.Close())
	}
	p.spoken.Go(func() { p.speak(v) })
	return p, nil
}

func (p *Phone) connect(ctx context.Context, h *house.House, login string, codec webrtc.RTPCodecCapability) (err error) {
	if p.mic, err = webrtc.NewTrackLocalStaticRTP(codec, "mic", "agent"); err != nil {
		return err
	}
	if _, err := p.pc.AddTrack(p.mic); err != nil {
		return err
	}
	if p.ear != nil {
		p.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.ear.listen(track) })
	}
	p.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateDisconnected || s == webrtc.PeerConnectionStateClosed {
			p.fail()
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
	var got desk.PhoneAnswer
	if err := h.As(ctx, login, http.MethodPost, "/api/phone", desk.PhoneOffer{SDP: p.pc.LocalDescription().SDP}, &got); err != nil {
		return err
	}
	return p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: got.SDP})
}

const frame = 20 * time.Millisecond

// speak says what the phone has to say until it is closed.
func (p *Phone) speak(v Voice) {
	every := v.Every
	if every == 0 {
		every = frame
	}
	step := int(every.Seconds() * 8000)
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
			packet.Payload[i] = tone.ULawEncode(tone.At(8000, v.Hz, n*step+i)) // silence is a tone of 0 Hz
		}
		packet.SequenceNumber, packet.Timestamp = uint16(n), uint32(n*step)
		if p.mic.WriteRTP(&packet) != nil {
			return // closed
		}
		timer.Reset(time.Until(began.Add(time.Duration(n) * every)))
	}
}

// Failed is closed when the connection is of no use any more.
func (p *Phone) Failed() <-chan struct{} { return p.failed }

func (p *Phone) fail() { p.once.Do(func() { close(p.failed) }) }

// Close hangs up, and returns when the voice is silent.
func (p *Phone) Close() {
	p.fail()
	p.pc.Close() // a connection whose other end was killed complains, rightly
	p.spoken.Wait()
}
