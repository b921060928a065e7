package prompt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Espeak speaks with the program espeak-ng: robotic, clear, and on every machine.
type Espeak struct {
	program string
	voice   string
	speed   int // words a minute
}

var _ Engine = (*Espeak)(nil)

// NewEspeak finds espeak-ng and makes sure that it has the voice ("cmn-latn-pinyin", "en-gb") and can read with it.
func NewEspeak(ctx context.Context, voice string, speed int) (*Espeak, error) {
	program, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, fmt.Errorf("prompts: espeak-ng is not installed: apt-get install espeak-ng: %w", err)
	}
	e := &Espeak{program: program, voice: voice, speed: speed}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := e.Speak(ctx, "1"); err != nil {
		return nil, fmt.Errorf("prompts: voice %q: %w: espeak-ng --voices lists them", voice, err)
	}
	return e, e.readsChinese(ctx)
}

// readsChinese makes sure that a Chinese voice does not spell its characters: the voice cmn of espeak-ng 1.51 looks a
// character's pinyin up and then reads that out as English letters, tone number and all.
func (e *Espeak) readsChinese(ctx context.Context) error {
	if !strings.HasPrefix(e.voice, "cmn") && !strings.HasPrefix(e.voice, "zh") {
		return nil
	}
	cmd := exec.CommandContext(ctx, e.program, "-v", e.voice, "-q", "-x", "--stdin")
	cmd.Stdin = strings.NewReader("业务咨询")
	phonemes, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("prompts: voice %q: %w", e.voice, err)
	}
	if strings.Contains(string(phonemes), "(en)") {
		return fmt.Errorf("prompts: this espeak-ng reads Chinese as English letters with the voice %q: use cmn-latn-pinyin", e.voice)
	}
	return nil
}

// Name is of program, voice and speed.
func (e *Espeak) Name() string { return fmt.Sprintf("espeak-ng %s %d", e.voice, e.speed) }

// largestSpeech bounds what the program may answer: ten minutes.
const largestSpeech = 10 * 60 * 22050 * 2

// Speak runs the program once. The text goes in by its standard input and never comes near a shell or an option.
func (e *Espeak) Speak(ctx context.Context, text string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, e.program,
		"-v", e.voice, "-s", strconv.Itoa(e.speed), "-b", "1", "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(text)
	out := &limited{most: largestSpeech}
	var complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &limited{most: 4096, Buffer: &complaint}
	cmd.WaitDelay = time.Second
	out.Buffer = &bytes.Buffer{}
	err := cmd.Run()
	switch words := strings.TrimSpace(complaint.String()); {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("espeak-ng took too long: %w", ctx.Err())
	case err != nil && words != "":
		return nil, fmt.Errorf("espeak-ng: %s (%w)", words, err)
	case err != nil:
		return nil, fmt.Errorf("espeak-ng: %w", err)
	}
	return out.Bytes(), nil
}

// limited takes so many bytes and then fails, which ends the program.
type limited struct {
	*bytes.Buffer
	most int
}

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > l.most {
		return 0, errors.New("more than a prompt can be")
	}
	return l.Buffer.Write(b)
}
