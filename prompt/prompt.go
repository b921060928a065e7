// Package prompt makes sound of what is to be said, so that Asterisk can play it.
//
//	Phrase ─▶ Store.Sound ─▶ a recording? ──▶ convert ─┐
//	            │            a tone?       ──▶ make    ─┼─▶ level ─▶ <hash>.wav ─▶ "sound:/…/<hash>"
//	            │            a text        ──▶ Engine  ─┘   8 kHz, 16 bit, mono
//	            └──────────── made before: the same <hash>.wav, at once
//
// A sound is named by what it was made of (engine, voice, text, or the recording's bytes), so it never goes stale and
// nothing is made twice. Files are plain PCM .wav: with .ulaw or .alaw files Debian's Asterisk falls silent when a
// transcoding path meets a sequence number that steps back.
package prompt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/singleflight"

	"hotline/fact"
)

// Engine speaks one language. It is called by several goroutines at once.
type Engine interface {
	// Name is of engine, voice and settings: another name, another sound.
	Name() string
	// Speak gives the text as a .wav file of 16-bit PCM, mono, at any rate. It honours ctx.
	Speak(ctx context.Context, text string) ([]byte, error)
}

// Config of a Store.
type Config struct {
	// Dir keeps the sounds; it is made if missing.
	Dir string
	// Recorded is a folder of recordings that replace texts, <Recorded>/<language>/<Phrase.File>.wav; empty: none.
	Recorded string
	// Engines by language. The language "" is spoken by Fallback's engine.
	Engines map[string]Engine
	// Fallback is the language whose engine speaks what has no engine of its own.
	Fallback string
	// Media makes the name of a file in Dir (without .wav) what ARI's play wants; nil is ByPath(Dir).
	Media func(name string) string
	// AtOnce is how many engines may run at once; 0 is one for each processor.
	AtOnce int
	// Bytes bounds Dir; 0 is 512 MiB. At the bound the sounds that were not asked for longest go, those of Warm last
	// of all; while everything was in use within the last minutes, new ones fail with ErrFull.
	Bytes int64
	// Timeout bounds the making of one sound; 0 is 15 s.
	Timeout time.Duration
	Logger  *slog.Logger     // nil: slog.Default()
	Now     func() time.Time // nil: time.Now
}

// LongestText bounds what is spoken in one go, in runes.
const LongestText = 2000

// ErrFull says that the sounds take all the room they may, and all are in use.
var ErrFull = errors.New("no room for another sound: all that there are were used in the last minutes; raise prompts.megabyte")

// ByPath is Media for an Asterisk that sees the folder under this (absolute) path.
func ByPath(dir string) func(string) string {
	return func(name string) string { return "sound:" + strings.TrimSuffix(dir, "/") + "/" + name }
}

// ByHTTP is Media for an Asterisk elsewhere, which fetches from this address (see Handler) and keeps what it fetched.
// It needs Asterisk's res_http_media_cache.
func ByHTTP(url string) func(string) string {
	return func(name string) string { return "sound:" + strings.TrimSuffix(url, "/") + "/" + name + ".wav" }
}

// Store makes and keeps sounds. Its methods may be called from any goroutine.
type Store struct {
	cfg   Config
	log   *slog.Logger
	slots chan struct{}
	once  singleflight.Group

	mu    sync.Mutex
	kept  map[string]*kept // by name
	bytes int64
	// recorded remembers the sound's name of each recording, until the file changes.
	recorded map[string]recorded
}

type recorded struct {
	size    int64
	changed time.Time
	name    string
}

// Open takes up the sounds that are there.
func Open(cfg Config) (*Store, error) {
	if cfg.AtOnce <= 0 {
		cfg.AtOnce = runtime.NumCPU()
	}
	if cfg.Bytes <= 0 {
		cfg.Bytes = 512 << 20
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("prompts: %w", err)
	}
	cfg.Dir = dir
	if cfg.Media == nil {
		cfg.Media = ByPath(dir)
	}
	if cfg.Recorded != "" {
		if info, err := os.Stat(cfg.Recorded); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("prompts: the folder of recordings %s cannot be read: make it, or leave prompts.recorded out", cfg.Recorded)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("prompts: %w", err)
	}
	s := &Store{
		cfg: cfg, log: cfg.Logger, slots: make(chan struct{}, cfg.AtOnce), kept: map[string]*kept{}, recorded: map[string]recorded{},
	}
	return s, s.takeUp()
}

// Sound is what Asterisk should play for the phrase, and how long that takes. What was made before is found at once;
// otherwise the caller waits for the engine. When ctx ends first the sound is still made, for the next one who asks.
func (s *Store) Sound(ctx context.Context, p fact.Phrase) (media string, length time.Duration, err error) {
	return s.sound(ctx, p, false)
}

func (s *Store) sound(ctx context.Context, p fact.Phrase, pin bool) (string, time.Duration, error) {
	m, err := s.maker(p)
	if err != nil {
		return "", 0, err
	}
	if length, ok := s.have(m.name, pin); ok {
		return s.cfg.Media(m.name), length, nil
	}
	made := s.once.DoChan(m.name, func() (any, error) {
		if _, ok := s.have(m.name, pin); ok {
			return nil, nil
		}
		return nil, s.produce(m, pin)
	})
	select {
	case r := <-made:
		if r.Err != nil {
			return "", 0, r.Err
		}
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	length, ok := s.have(m.name, pin)
	if !ok {
		return "", 0, fmt.Errorf("prompts: %s.wav went away while it was made", m.name)
	}
	return s.cfg.Media(m.name), length, nil
}

// Warm makes all the phrases beforehand, and keeps them before others. Progress, if given, hears of each one done, one
// at a time. It goes on after a failure, and returns all of them.
func (s *Store) Warm(ctx context.Context, phrases []fact.Phrase, progress func(done, total int)) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  []error
		done  int
		queue = make(chan fact.Phrase)
	)
	for range s.cfg.AtOnce {
		wg.Go(func() {
			for p := range queue {
				_, _, err := s.sound(ctx, p, true)
				mu.Lock()
				if done++; progress != nil {
					progress(done, len(phrases))
				}
				if err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	var stopped error
	for _, p := range phrases {
		select {
		case queue <- p:
			continue
		case <-ctx.Done():
			stopped = ctx.Err()
		}
		break
	}
	close(queue)
	wg.Wait()
	return errors.Join(append(errs, stopped)...)
}

// maker makes one sound.
type maker struct {
	name string
	what string // for messages
	asIs bool   // a tone is made for the telephone already, and one of them is silence
	make func(ctx context.Context) (pcm, error)
}

// key is what a recording may be called: what ivr and floor name their phrases.
var key = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_-]+)*$`)

var languageName = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]+)*$`)

// maker decides what a phrase is made of: a tone, a recording, a text.
func (s *Store) maker(p fact.Phrase) (maker, error) {
	if t, ok := tones[p.File]; ok {
		return maker{
			name: nameOf("tone", p.File, recipe), what: p.File, asIs: true,
			make: func(context.Context) (pcm, error) { return t(), nil },
		}, nil
	}
	if m, ok, err := s.recording(p); ok || err != nil {
		return m, err
	}
	text := strings.TrimSpace(p.Text)
	if text == "" {
		return maker{}, fmt.Errorf("prompts: there is no recording %q in %q, and no text to speak", p.File, p.Lang)
	}
	if utf8.RuneCountInString(text) > LongestText {
		return maker{}, fmt.Errorf("prompts: a text of more than %d characters: %.60q…", LongestText, text)
	}
	engine, ok := s.cfg.Engines[p.Lang]
	if !ok {
		if engine, ok = s.cfg.Engines[s.cfg.Fallback]; !ok {
			return maker{}, fmt.Errorf("prompts: nobody speaks %q: add it to prompts.voices", p.Lang)
		}
	}
	return maker{
		name: nameOf("text", engine.Name(), text, recipe), what: text,
		make: func(ctx context.Context) (pcm, error) {
			file, err := engine.Speak(ctx, text)
			if err != nil {
				return pcm{}, err
			}
			return decodeWAV(file)
		},
	}, nil
}

// largestRecording bounds what is read of a recording.
const largestRecording = 64 << 20

// recording finds the file that replaces the phrase.
func (s *Store) recording(p fact.Phrase) (m maker, ok bool, err error) {
	if s.cfg.Recorded == "" || !key.MatchString(p.File) || !languageName.MatchString(p.Lang) {
		return maker{}, false, nil
	}
	path := filepath.Join(s.cfg.Recorded, p.Lang, p.File+".wav")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return maker{}, false, nil
	}
	if err != nil {
		return maker{}, false, fmt.Errorf("prompts: recording: %w", err)
	}
	if info.Size() > largestRecording {
		return maker{}, false, fmt.Errorf("prompts: recording %s is larger than %d MiB", path, largestRecording>>20)
	}
	s.mu.Lock()
	known := s.recorded[path]
	s.mu.Unlock()
	if known.name == "" || known.size != info.Size() || !known.changed.Equal(info.ModTime()) {
		file, err := os.ReadFile(path)
		if err != nil {
			return maker{}, false, fmt.Errorf("prompts: recording: %w", err)
		}
		known = recorded{info.Size(), info.ModTime(), nameOf("file", string(file), recipe)}
		s.mu.Lock()
		s.recorded[path] = known
		s.mu.Unlock()
	}
	return maker{name: known.name, what: path, make: func(context.Context) (pcm, error) {
		file, err := os.ReadFile(path)
		if err != nil {
			return pcm{}, err
		}
		sound, err := decodeWAV(file)
		if err != nil {
			return pcm{}, fmt.Errorf("%s: %w: save it as 16-bit PCM .wav", path, err)
		}
		return sound, nil
	}}, true, nil
}

// nameOf is the name of a sound made of these parts.
func nameOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s,", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// produce makes a sound and puts it in place.
func (s *Store) produce(m maker, pin bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Timeout)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return fmt.Errorf("prompts: %.60q waited %s for its turn", m.what, s.cfg.Timeout)
	}
	began := s.cfg.Now()
	sound, err := m.make(ctx)
	if err != nil {
		return fmt.Errorf("prompts: %.60q: %w", m.what, err)
	}
	if !m.asIs {
		if sound, err = sound.forTelephone(); err != nil {
			return fmt.Errorf("prompts: %.60q: %w", m.what, err)
		}
	}
	if err := s.keep(m.name, sound, pin); err != nil {
		return err
	}
	s.log.Debug("prompt made", "sound", m.name, "text", m.what, "length", sound.length(), "took", s.cfg.Now().Sub(began))
	return nil
}
