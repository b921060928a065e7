package aritest

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/ari"
)

// playback is media for a channel or a bridge, one file after the other.
type playback struct {
	ari.Playback
	media   []string
	at      int // which of media is heard
	app     string
	channel *channel
	bridge  *bridge
	done    bool
}

// recording is one under way.
type recording struct {
	ari.LiveRecording
	o       recordOptions
	began   time.Time
	app     string
	channel *channel
	muted   bool
}

type recordOptions struct {
	maxDuration time.Duration
	terminate   string
}

// stored is a recording whose file is closed.
type stored struct {
	ari.StoredRecording
	data  []byte
	order int
}

// play queues media behind what is heard already.
func (s *Server) play(p *playback) {
	queue := p.queue()
	*queue = append(*queue, p)
	s.plays[p.ID] = append(s.plays[p.ID], p)
	if len(*queue) == 1 {
		s.startPlayback(p)
	}
}

func (p *playback) queue() *[]*playback {
	if p.channel != nil {
		return &p.channel.playing
	}
	return &p.bridge.playing
}

// startPlayback lets the file at p.at be heard, and ends it when its time has come.
func (s *Server) startPlayback(p *playback) {
	p.State, p.MediaURI = "playing", p.media[p.at]
	s.emit(p.app, &ari.PlaybackStarted{Playback: p.Playback})
	length := s.mediaLength(p.MediaURI)
	if length == Missing {
		s.after(0, func() { s.finish(p, "failed") })
	}
	if length >= 0 {
		at := p.at
		s.after(length, func() {
			if !p.done && p.at == at {
				s.nextMedia(p)
			}
		})
	}
}

// nextMedia goes on to the playback's next file, or ends it.
func (s *Server) nextMedia(p *playback) {
	if p.at+1 == len(p.media) {
		s.finish(p, "done")
		return
	}
	p.State = "continuing"
	s.emit(p.app, &ari.PlaybackContinuing{Playback: p.Playback})
	p.at++
	s.startPlayback(p)
}

// finish ends a playback, and starts the one that waited behind it.
func (s *Server) finish(p *playback, state string) {
	if p.done {
		return
	}
	queue := p.queue()
	heard := len(*queue) > 0 && (*queue)[0] == p
	p.done, p.State = true, state
	*queue = slices.DeleteFunc(*queue, func(o *playback) bool { return o == p })
	s.plays[p.ID] = slices.DeleteFunc(s.plays[p.ID], func(o *playback) bool { return o == p })
	if len(s.plays[p.ID]) == 0 {
		delete(s.plays, p.ID)
	}
	s.emit(p.app, &ari.PlaybackFinished{Playback: p.Playback})
	if heard && len(*queue) > 0 && (p.channel == nil || !p.channel.ending) {
		s.startPlayback((*queue)[0])
	}
}

// record begins a recording.
func (s *Server) record(r *recording) {
	s.live[r.Name] = r
	s.after(0, func() {
		if s.live[r.Name] != r {
			return
		}
		r.State, r.began = "recording", time.Now()
		s.emit(r.app, &ari.RecordingStarted{Recording: r.LiveRecording})
		if r.o.maxDuration > 0 {
			s.after(r.o.maxDuration, func() { s.endRecording(r, true) })
		}
	})
}

// endRecording ends a recording; a kept one has a file of silence, as long as it was.
func (s *Server) endRecording(r *recording, keep bool) {
	if s.live[r.Name] != r {
		return
	}
	delete(s.live, r.Name)
	if r.channel != nil {
		r.channel.recording = nil
	}
	length := time.Duration(0)
	switch {
	case s.recordingLength >= 0:
		length = s.recordingLength
	case !r.began.IsZero():
		length = time.Since(r.began)
	}
	r.State, r.Duration = "done", ari.DurationSec(length.Truncate(time.Second))
	if !keep {
		r.State = "canceled"
	} else {
		s.store(r.Name, r.Format, silence(length))
	}
	s.emit(r.app, &ari.RecordingFinished{Recording: r.LiveRecording})
}

func (s *Server) store(name, format string, data []byte) {
	s.order++
	s.stored[name] = &stored{StoredRecording: ari.StoredRecording{Name: name, Format: format}, data: data, order: s.order}
}

// silence is a WAV file of 8 kHz, 16 bit, one channel.
func silence(length time.Duration) []byte {
	const rate = 8000
	n := uint32(length.Milliseconds()) * rate / 1000 * 2
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, v := range []any{36 + n, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate),
		uint16(2), uint16(16), []byte("data"), n, make([]byte, n)} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a bytes.Buffer takes all
	}
	return b.Bytes()
}

// key ends a recording that was told to end by it.
func (s *Server) key(c *channel, digit string) {
	if r := c.recording; r != nil && (r.o.terminate == "any" || r.o.terminate == digit) {
		s.endRecording(r, true)
	}
}

// newPlayback reads a play request's parameters.
func newPlayback(id, media, app string) *playback {
	return &playback{Playback: ari.Playback{ID: id, Language: "en", State: "queued"}, media: strings.Split(media, ","), app: app}
}

func wholeSeconds(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
