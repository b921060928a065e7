package tone_test

import (
	"math"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/test/tone"
)

func join(sounds ...tone.Sound) tone.Sound {
	whole := tone.Sound{Rate: sounds[0].Rate}
	for _, s := range sounds {
		whole.Samples = append(whole.Samples, s.Samples...)
	}
	return whole
}

func TestAToneIsHeardAtItsPitchAndNowhereElse(t *testing.T) {
	s := tone.Sine(8000, 440, time.Second)
	assert.InDelta(t, -9, s.Level(440), 0.2)
	for _, other := range []float64{400, 480, 1000, 1500} {
		assert.Less(t, s.Level(other), -40.0, "%v Hz", other)
	}
	assert.InDelta(t, -9, s.Loudness(), 0.2)
	assert.Equal(t, tone.Silence, tone.Sound{Rate: 8000}.Level(440))
}

func TestSpansTellWhoSpokeWhen(t *testing.T) {
	s := join(
		tone.Sine(8000, 1000, 2*time.Second),
		tone.Sine(8000, 0, time.Second),
		tone.Sine(8000, 1500, 3*time.Second))
	assert.Equal(t, []tone.Span{
		{From: 0, To: 2 * time.Second, Hz: 1000},
		{From: 2 * time.Second, To: 3 * time.Second},
		{From: 3 * time.Second, To: 6 * time.Second, Hz: 1500},
	}, s.Spans(440, 1000, 1500))
	assert.Equal(t, []float64{1000, 1500}, s.Order(time.Second, 440, 1000, 1500))
	assert.Equal(t, []float64{1500}, s.Order(2500*time.Millisecond, 440, 1000, 1500))
}

func TestG711LosesLittle(t *testing.T) {
	for sample := math.MinInt16; sample <= math.MaxInt16; sample += 7 {
		allowed := math.Max(math.Abs(float64(sample))/16, 16)
		assert.InDelta(t, sample, tone.ALawDecode(tone.ALawEncode(int16(sample))), allowed, "A-law of %d", sample)
		if math.Abs(float64(sample)) < 32000 {
			assert.InDelta(t, sample, tone.ULawDecode(tone.ULawEncode(int16(sample))), allowed, "µ-law of %d", sample)
		}
	}
	for b := range 256 {
		assert.Equal(t, byte(b), tone.ALawEncode(tone.ALawDecode(byte(b))))
	}
	assert.Equal(t, byte(0xd5), tone.ALawEncode(0), "silence as carriers send it")
	assert.Equal(t, byte(0xff), tone.ULawEncode(0))
}

func TestARecordingsSidesAreTold(t *testing.T) {
	dir := t.TempDir()
	left, right := filepath.Join(dir, "left.wav"), filepath.Join(dir, "right.wav")
	require.NoError(t, tone.Sine(8000, 440, time.Second).WriteWAV(left))
	require.NoError(t, tone.Sine(8000, 1000, time.Second).WriteWAV(right))
	one, err := tone.Read(t.Context(), left)
	require.NoError(t, err)
	require.Len(t, one, 1)
	assert.Equal(t, tone.Sine(8000, 440, time.Second), one[0])

	if _, err := exec.LookPath("opusenc"); err != nil {
		t.Fatal("opus-tools is missing: make test installs it as root")
	}
	stereo, opus := filepath.Join(dir, "both.wav"), filepath.Join(dir, "both.opus")
	for _, args := range [][]string{
		{"sox", "-M", left, right, stereo},
		{"opusenc", "--quiet", stereo, opus},
	} {
		out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for _, file := range []string{stereo, opus} {
		sides, err := tone.Read(t.Context(), file)
		require.NoError(t, err)
		require.Len(t, sides, 2)
		assert.True(t, sides[0].Has(440) && !sides[0].Has(1000), "left of %s", file)
		assert.True(t, sides[1].Has(1000) && !sides[1].Has(440), "right of %s", file)
	}
}

func TestWhatIsNoWAVIsRefused(t *testing.T) {
	for _, file := range []string{"", "RIFF", "RIFF....WAVE", "RIFF....WAVEfmt \x02\x00\x00\x00xx", "RIFF....WAVEdata\x00\x00\x00\x00"} {
		_, err := tone.DecodeWAV([]byte(file))
		assert.Error(t, err, "%q", file)
	}
}
