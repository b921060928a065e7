package prompt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/fact"
)

// fake speaks a tone, as long as the text.
type fake struct {
	name  string
	calls atomic.Int32
	gate  chan struct{} // nil: at once
	fail  error
}

func (f *fake) Name() string { return f.name }

func (f *fake) Speak(ctx context.Context, text string) ([]byte, error) {
	f.calls.Add(1)
	if f.gate != nil {
		select {
		case <-f.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if f.fail != nil {
		return nil, f.fail
	}
	p := pcm{rate: 22050}
	for i := range 2205 * len([]rune(text)) {
		p.samples = append(p.samples, 0.3*math.Sin(2*math.Pi*500*float64(i)/22050))
	}
	return p.encodeWAV(), nil
}

func open(t *testing.T, cfg Config) *Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func english(f *fake) map[string]Engine { return map[string]Engine{"en": f} }

func TestNothingIsMadeTwice(t *testing.T) {
	t.Parallel()
	engine := &fake{name: "a", gate: make(chan struct{})}
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, Engines: english(engine)})
	var wg sync.WaitGroup
	media := make([]string, 8)
	for i := range media {
		wg.Go(func() {
			var err error
			if media[i], _, err = s.Sound(t.Context(), fact.Phrase{Lang: "en", Text: "hello"}); err != nil {
				t.Error(err)
			}
		})
	}
	close(engine.gate)
	wg.Wait()
	for _, m := range media {
		if m != media[0] || !strings.HasPrefix(m, "sound:"+dir) {
			t.Fatalf("media %q", media)
		}
	}
	again := open(t, Config{Dir: dir, Engines: english(engine)}) // a restart
	if m, length, err := again.Sound(t.Context(), fact.Phrase{Lang: "en", Text: "hello"}); err != nil || m != media[0] || length != 500*time.Millisecond {
		t.Fatal(m, length, err)
	}
	if n := engine.calls.Load(); n != 1 {
		t.Fatalf("the engine spoke %d times", n)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, unfinished+"*")); len(left) > 0 {
		t.Fatal("left over:", left)
	}
}

func TestAnotherVoiceIsAnotherSound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := fact.Phrase{Lang: "en", Text: "hello"}
	a, _, err1 := open(t, Config{Dir: dir, Engines: english(&fake{name: "a"})}).Sound(t.Context(), p)
	b, _, err2 := open(t, Config{Dir: dir, Engines: english(&fake{name: "b"})}).Sound(t.Context(), p)
	if err1 != nil || err2 != nil || a == b {
		t.Fatal(a, b, err1, err2)
	}
}

func TestDeletedSoundIsMadeAgain(t *testing.T) {
	t.Parallel()
	engine := &fake{name: "a"}
	s := open(t, Config{Engines: english(engine)})
	p := fact.Phrase{Lang: "en", Text: "hello"}
	media, _, err := s.Sound(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(strings.TrimPrefix(media, "sound:") + ".wav"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Sound(t.Context(), p); err != nil || engine.calls.Load() != 2 {
		t.Fatal(err, engine.calls.Load())
	}
}

func TestCallerWhoHangsUpDoesNotSpoilTheSoundForTheNext(t *testing.T) {
	t.Parallel()
	engine := &fake{name: "a", gate: make(chan struct{})}
	s := open(t, Config{Engines: english(engine)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := fact.Phrase{Lang: "en", Text: "hello"}
	if _, _, err := s.Sound(ctx, p); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(engine.gate)
	if _, _, err := s.Sound(t.Context(), p); err != nil || engine.calls.Load() != 1 {
		t.Fatal(err, engine.calls.Load())
	}
}

func TestRecordingReplacesText(t *testing.T) {
	t.Parallel()
	recordings := t.TempDir()
	if err := os.Mkdir(filepath.Join(recordings, "en"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(recordings, "en", "main.menu.wav")
	record := func(seconds float64) {
		p := pcm{rate: 44100}
		for i := range int(seconds * 44100) {
			p.samples = append(p.samples, 0.01*math.Sin(2*math.Pi*300*float64(i)/44100))
		}
		if err := os.WriteFile(path, p.encodeWAV(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	record(1)
	engine := &fake{name: "a"}
	s := open(t, Config{Recorded: recordings, Engines: english(engine)})
	p := fact.Phrase{Lang: "en", Text: "hello", File: "main.menu"}
	_, length, err := s.Sound(t.Context(), p)
	if err != nil || length != time.Second || engine.calls.Load() != 0 {
		t.Fatal(length, err, engine.calls.Load())
	}
	record(2) // a new recording is heard without a restart
	if _, length, err = s.Sound(t.Context(), p); err != nil || length != 2*time.Second {
		t.Fatal(length, err)
	}
	p.File = "main.other"
	if _, _, err = s.Sound(t.Context(), p); err != nil || engine.calls.Load() != 1 {
		t.Fatal("the text was not spoken:", err)
	}
}

func TestPhraseCannotReachOutOfTheRecordings(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "x.wav"), tones[Beep]().encodeWAV(), 0o600); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(outside, "en")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, Config{Recorded: inside, Engines: english(&fake{name: "a"})})
	for _, p := range []fact.Phrase{{Lang: "..", File: "x"}, {Lang: "en", File: "../x"}, {Lang: "en", File: "../../x"}, {File: "/etc/passwd"}} {
		if media, _, err := s.Sound(t.Context(), p); err == nil {
			t.Errorf("%+v was played: %s", p, media)
		}
	}
}

func TestWhatCannotBeSaidIsNamed(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Engines: english(&fake{name: "a", fail: errors.New("hoarse")})})
	for want, p := range map[string]fact.Phrase{
		"hoarse":       {Lang: "en", Text: "hello"},
		"nobody":       {Lang: "fr", Text: "bonjour"},
		"no text":      {Lang: "en", Text: "  "},
		"more than":    {Lang: "en", Text: strings.Repeat("x", LongestText+1)},
		"no recording": {Lang: "en", File: "main.menu"},
	} {
		if _, _, err := s.Sound(t.Context(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestSilentSpeechIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := (pcm{rate: Rate, samples: make([]float64, Rate)}).forTelephone(); !errors.Is(err, errSilent) {
		t.Fatal(err)
	}
}

func TestUnusedSoundsMakeRoomAndWarmOnesStay(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	engine := &fake{name: "a"}
	s := open(t, Config{Engines: english(engine), Bytes: 10_000, Now: clock})
	say := func(text string) error {
		_, _, err := s.Sound(t.Context(), fact.Phrase{Lang: "en", Text: text})
		return err
	}
	warm := []fact.Phrase{{Lang: "en", Text: "w"}}
	if err := s.Warm(t.Context(), warm, nil); err != nil { // 1.6 kB
		t.Fatal(err)
	}
	pass(time.Second)
	for _, text := range []string{"a1", "b1"} { // 3.2 kB each
		if err := say(text); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
	}
	if err := say("c1"); !errors.Is(err, ErrFull) {
		t.Fatal("sounds that may be playing were deleted:", err)
	}
	pass(recent)
	if err := say("c1"); err != nil {
		t.Fatal(err)
	}
	if _, bytes := s.Size(); bytes > 10_000 {
		t.Fatal(bytes, "bytes are more than allowed")
	}
	before := engine.calls.Load()
	if err := say("w"); err != nil || engine.calls.Load() != before {
		t.Fatal("the warm one went before the others", err)
	}
}

func TestWarmTellsItsProgressAndGoesOnAfterFailures(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Engines: english(&fake{name: "a"}), AtOnce: 3})
	var phrases []fact.Phrase
	for i := range 10 {
		phrases = append(phrases, fact.Phrase{Lang: "en", Text: fmt.Sprint("text ", i)})
	}
	phrases[3] = fact.Phrase{Lang: "fr", Text: "bonjour"}
	var seen []int
	err := s.Warm(t.Context(), phrases, func(done, total int) {
		if total != 10 {
			t.Error(total)
		}
		seen = append(seen, done)
	})
	if err == nil || !strings.Contains(err.Error(), "fr") {
		t.Fatal("the failure is not told:", err)
	}
	if len(seen) != 10 || seen[9] != 10 {
		t.Fatal(seen)
	}
	if n, _ := s.Size(); n != 9 {
		t.Fatal(n, "sounds")
	}
}

func TestTonesNeedNoEngine(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for _, file := range []string{Beep, Zip} {
		if _, length, err := s.Sound(t.Context(), fact.Phrase{File: file}); err != nil || length < 200*time.Millisecond {
			t.Fatal(file, length, err)
		}
	}
}

func TestRemoteAsteriskFetchesSoundsAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, Engines: english(&fake{name: "a"}), Media: ByHTTP("http://10.0.0.1/prompts/")})
	media, _, err := s.Sound(t.Context(), fact.Phrase{Lang: "en", Text: "hello"})
	if err != nil || !strings.HasPrefix(media, "sound:http://10.0.0.1/prompts/") {
		t.Fatal(media, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.wav"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	got := get("GET", "/prompts/"+filepath.Base(media))
	if got.Code != 200 || got.Header().Get("Content-Type") != "audio/wav" || got.Body.Len() != 8044 {
		t.Fatal(got.Code, got.Header(), got.Body.Len())
	}
	for path, code := range map[string]int{
		"/prompts/secret.wav": 404, "/prompts/": 404, "/prompts/000000000000000000000000.wav": 404,
		"/prompts/..%2f..%2fetc%2fpasswd": 404,
	} {
		if w := get("GET", path); w.Code != code {
			t.Error(path, w.Code)
		}
	}
	if w := get("DELETE", "/prompts/"+filepath.Base(media)); w.Code != 405 {
		t.Error(w.Code)
	}
}
