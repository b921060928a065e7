package tone

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Read reads the channels of a recording, left first: .wav with 16-bit samples,
// or .opus and .ogg through opusdec.
func Read(ctx context.Context, path string) ([]Sound, error) {
	var file []byte
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".wav":
		file, err = os.ReadFile(path)
	case ".opus", ".ogg":
		cmd := exec.CommandContext(ctx, "opusdec", "--quiet", "--force-wav", path, "-")
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		if file, err = cmd.Output(); err != nil {
			err = fmt.Errorf("opusdec: %w: %s", err, complaint.Bytes())
		}
	default:
		err = errors.New("neither .wav nor .opus")
	}
	if err != nil {
		return nil, fmt.Errorf("sound file %s: %w", path, err)
	}
	sounds, err := DecodeWAV(file)
	if err != nil {
		return nil, fmt.Errorf("sound file %s: %w", path, err)
	}
	return sounds, nil
}

// DecodeWAV reads a RIFF file of 16-bit PCM. A data chunk whose length was never
// filled in (a stream) reaches to the end.
func DecodeWAV(file []byte) ([]Sound, error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return nil, errors.New("not a WAV file")
	}
	var channels, rate int
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:8]))
		body := rest[8:]
		size = min(size, len(body))
		switch name {
		case "fmt ":
			if size < 16 {
				return nil, errors.New("format chunk too short")
			}
			if bits := binary.LittleEndian.Uint16(body[14:]); bits != 16 {
				return nil, fmt.Errorf("%d bits per sample, want 16", bits)
			}
			channels = int(binary.LittleEndian.Uint16(body[2:]))
			rate = int(binary.LittleEndian.Uint32(body[4:]))
		case "data":
			if channels == 0 || rate == 0 {
				return nil, errors.New("data before format")
			}
			return split(body[:size], channels, rate), nil
		}
		rest = body[min(size+size%2, len(body)):]
	}
	return nil, errors.New("no data chunk")
}

func split(data []byte, channels, rate int) []Sound {
	sounds := make([]Sound, channels)
	frames := len(data) / 2 / channels
	for c := range sounds {
		sounds[c] = Sound{Rate: rate, Samples: make([]int16, frames)}
		for i := range frames {
			sounds[c].Samples[i] = int16(binary.LittleEndian.Uint16(data[2*(i*channels+c):]))
		}
	}
	return sounds
}

// WriteWAV writes one channel, for Chromium's --use-file-for-fake-audio-capture
// and for prompts.
func (s Sound) WriteWAV(path string) error {
	var b bytes.Buffer
	size := uint32(2 * len(s.Samples))
	b.WriteString("RIFF")
	header := []any{
		size + 36, [8]byte([]byte("WAVEfmt ")), uint32(16), uint16(1), uint16(1),
		uint32(s.Rate), uint32(2 * s.Rate), uint16(2), uint16(16), [4]byte([]byte("data")), size, s.Samples,
	}
	for _, field := range header {
		if err := binary.Write(&b, binary.LittleEndian, field); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
