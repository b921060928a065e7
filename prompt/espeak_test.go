package prompt

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"hotline/fact"
)

// TestBothVoicesAreHeardOnATelephone makes real speech and measures what Asterisk will play.
func TestBothVoicesAreHeardOnATelephone(t *testing.T) {
	t.Parallel()
	for lang, spoken := range map[string]struct {
		voice string
		speed int
		text  string
	}{
		"zh": {"cmn-latn-pinyin", 160, "业务咨询，请按1；投诉举报，请按2；人工服务，请按0。"},
		"en": {"en-gb", 145, "For questions, press 1. To make a complaint, press 2."},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			engine, err := NewEspeak(t.Context(), spoken.voice, spoken.speed)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, Config{Engines: map[string]Engine{lang: engine}})
			media, length, err := s.Sound(t.Context(), fact.Phrase{Lang: lang, Text: spoken.text})
			if err != nil {
				t.Fatal(err)
			}
			file, err := os.ReadFile(strings.TrimPrefix(media, "sound:") + ".wav")
			if err != nil {
				t.Fatal(err)
			}
			sound, err := decodeWAV(file)
			if err != nil {
				t.Fatal(err)
			}
			if sound.rate != Rate || sound.length() != length || length.Seconds() < 2 || length.Seconds() > 20 {
				t.Fatalf("%d Hz, %s, announced as %s", sound.rate, sound.length(), length)
			}
			if db := 20 * math.Log10(sound.speechLevel()); db < -23 || db > -18 {
				t.Fatalf("speech at %.1f dB below full scale, want about -20", db)
			}
			for _, x := range sound.samples {
				if math.Abs(x) > ceiling+0.001 {
					t.Fatalf("a peak of %.2f would be clipped", x)
				}
			}
		})
	}
}

func TestTextIsNeverAnOptionOrACommand(t *testing.T) {
	t.Parallel()
	engine, err := NewEspeak(t.Context(), "en-gb", 150)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"--version", "-f /etc/passwd", "$(touch /tmp/x); `id`", "<voice name='x'>hello"} {
		if b, err := engine.Speak(t.Context(), text); err != nil || len(b) < 2000 {
			t.Errorf("%q gave %d bytes, %v", text, len(b), err)
		}
	}
}

func TestMissingVoiceIsAnErrorAtStart(t *testing.T) {
	t.Parallel()
	if _, err := NewEspeak(t.Context(), "klingonese", 150); err == nil {
		t.Fatal("a voice that is not there was accepted")
	}
}

func TestEspeakEndsWithItsContext(t *testing.T) {
	t.Parallel()
	engine, err := NewEspeak(t.Context(), "en-gb", 150)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := engine.Speak(ctx, "hello"); err == nil {
		t.Fatal("a cancelled engine spoke")
	}
}
