package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

// filesIn lists everything in a store.
func filesIn(t *testing.T, s *Store) (names []string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	}))
	return names
}

// failing is an Encoder on a disk that is full, until it is not.
type failing struct {
	Encoder
	why  func() error
	half bool // only after having written something
}

func (e failing) Encode(ctx context.Context, w io.WriteSeeker, pcm io.Reader, f Format) error {
	if err := e.why(); err != nil {
		if e.half {
			_, _ = w.Write([]byte("half")) // a test's disk
		}
		return err
	}
	return e.Encoder.Encode(ctx, w, pcm, f)
}

func TestAFullDiskLosesNothingAndRaisesAnAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPBX(), newStore(t)
		var room atomic.Bool
		full := func() error {
			if room.Load() {
				return nil
			}
			return &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
		}
		f, results := fetcher(t, p, Options{Store: s, Backoff: time.Second, MostWait: 8 * time.Second,
			Encoder: failing{WAV{}, full, true}})
		for i := range 5 {
			f.Fetch(call(p, fmt.Sprint("c", i), tone(440, time.Second), tone(1000, time.Second)))
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Empty(t, results)
		require.Empty(t, p.gone(), "Asterisk keeps what is not stored")
		require.Empty(t, filesIn(t, s), "no half recording stays")
		require.Equal(t, 5, f.Waiting())
		require.ErrorIs(t, f.Trouble(), syscall.ENOSPC)
		require.ErrorContains(t, f.Trouble(), "5 wait in Asterisk")
		require.InDelta(t, 5*(4+600/8), p.tries()/2, 10, "tried again for ever, but not wildly")

		room.Store(true)
		time.Sleep(9 * time.Second)
		for range 5 {
			r := <-results
			require.NotNil(t, r.Stored, r.Lost)
		}
		require.NoError(t, f.Trouble())
		require.Zero(t, f.Waiting())
		require.Empty(t, p.files)
	})
}

func TestATransferThatBreaksOffIsNotTakenForTheWhole(t *testing.T) {
	for _, enc := range []Encoder{WAV{}, &Opus{}} {
		t.Run(enc.Extension(), func(t *testing.T) {
			for _, at := range []int{0, 10, 44, 50, 5000, 15_999} {
				p, s := newPBX(), newStore(t)
				f, results := fetcher(t, p, Options{Store: s, Encoder: enc, Backoff: time.Millisecond})
				j := call(p, "c", tone(440, time.Second), tone(1000, time.Second))
				p.breaks[j.Right] = at
				f.Fetch(j)
				require.Eventually(t, func() bool { return f.Trouble() != nil }, 10*time.Second, time.Millisecond)
				require.ErrorContains(t, f.Trouble(), "broke off")
				require.Empty(t, p.gone())
				p.set(func(p *pbx) { clear(p.breaks) })
				r := <-results
				require.NotNil(t, r.Stored, r.Lost)
				require.Equal(t, time.Second, r.Stored.Duration)
			}
		})
	}
}

func TestATransferThatStandsStillIsGivenUpAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPBX(), newStore(t)
		f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}, Patience: time.Minute})
		j := call(p, "c", tone(440, time.Second), nil)
		p.hangs[j.Left] = true
		f.Fetch(j)
		time.Sleep(30 * time.Second)
		p.set(func(p *pbx) { clear(p.hangs) })
		synctest.Wait()
		require.Empty(t, results)
		time.Sleep(31 * time.Second)
		require.NotNil(t, (<-results).Stored)
	})
}

func TestAnAsteriskThatIsAwayIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPBX(), newStore(t)
		p.down = errors.New("connection refused")
		f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}, Backoff: time.Second})
		f.Fetch(call(p, "c", tone(440, time.Second), nil))
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		require.Empty(t, results)
		p.set(func(p *pbx) { p.down = nil })
		time.Sleep(time.Minute)
		require.NotNil(t, (<-results).Stored)
	})
}

func TestWhatIsNowhereIsLostAfterSomeTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPBX(), newStore(t)
		reg := prometheus.NewPedanticRegistry()
		f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}, MissingFor: 3, Registerer: reg})
		f.Fetch(Job{Call: "c", Recording: "c", Left: "c-in", Right: "c-out"})
		r := <-results
		require.Nil(t, r.Stored)
		require.Equal(t, "c", r.Lost.Recording)
		require.NotEmpty(t, r.Lost.Why)
		require.Zero(t, f.Waiting())
		require.EqualValues(t, 2, testutil.ToFloat64(f.meters.retries))
		problems, err := testutil.GatherAndLint(reg)
		require.NoError(t, err)
		require.Empty(t, problems)
	})
}

func TestAStoredRecordingIsReportedAlsoWhenItCannotBeDeletedInAsterisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPBX(), newStore(t)
		p.noDel = errors.New("500 Internal Server Error")
		f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}, Backoff: time.Second, DeleteFor: 3})
		f.Fetch(call(p, "c", tone(440, time.Second), nil))
		r := <-results
		require.NotNil(t, r.Stored, r.Lost)
		require.Equal(t, 1, p.tries(), "what is stored is not fetched again")
	})
}

func TestACrashAtAnyPlaceEndsInTheSameRecording(t *testing.T) {
	p, s := newPBX(), newStore(t)
	take := func(j Job) Result {
		f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
		defer f.Stop()
		f.Fetch(j)
		return <-results
	}
	sound := tone(440, time.Second)
	j := call(p, "c", sound, sound)
	once := take(j)
	require.NotNil(t, once.Stored, once.Lost)

	// Stored and deleted, but the fact was never written.
	require.Equal(t, once.Stored, take(j).Stored)
	// Stored, and one side deleted.
	p.files[j.Right] = wavOf(sound)
	require.Equal(t, once.Stored, take(j).Stored)
	require.Empty(t, p.files)
	// The note has its name, the sound has none yet.
	j = call(p, "c", sound, sound)
	require.NoError(t, s.root.Remove(once.Stored.File))
	require.Equal(t, once.Stored, take(j).Stored)
	// The sound is torn: a power cut before it was on the disk.
	j = call(p, "c", sound, sound)
	require.NoError(t, os.Truncate(filepath.Join(s.dir, once.Stored.File), 1000))
	require.Equal(t, once.Stored, take(j).Stored)
	// In the middle of writing: the next start sweeps it.
	require.NoError(t, s.writeFile(tempDir+"/d.wav", []byte("half")))
	again, err := OpenStore(s.dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, again.Close()) })
	require.ElementsMatch(t, []string{once.Stored.File, notePath(once.Stored.File)}, filesIn(t, again))
	// An id without a time, taken up again three days later.
	j.At = time.Time{}
	now := calledAt.AddDate(0, 0, 3)
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}, Now: func() time.Time { return now }})
	f.Fetch(j)
	require.Equal(t, once.Stored, (<-results).Stored)
}

func TestTheSameRecordingIsNotWorkedOnTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPBX(), newStore(t)
		f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}, Workers: 4})
		j := call(p, "c", tone(440, time.Second), nil)
		for range 10 {
			f.Fetch(j)
		}
		<-results
		synctest.Wait()
		require.Empty(t, results)
		require.Equal(t, 1, p.tries())
	})
}

func TestStopEndsAStandingTransferAndKeepsTheSource(t *testing.T) {
	for _, enc := range []Encoder{WAV{}, &Opus{}} {
		p, s := newPBX(), newStore(t)
		f, results := fetcher(t, p, Options{Store: s, Encoder: enc})
		j := call(p, "c", tone(440, time.Second), tone(440, time.Second))
		p.hangs[j.Left] = true
		f.Fetch(j)
		require.Eventually(t, func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.fetched == 2 }, 10*time.Second, time.Millisecond)
		f.Stop()
		f.Stop()
		f.Fetch(j)
		require.Empty(t, results)
		require.Empty(t, p.gone())
		require.Empty(t, filesIn(t, s))
	}
}

func TestAProgramThatFailsIsNamed(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "opusenc")
	require.NoError(t, os.WriteFile(bad, []byte("#!/bin/sh\necho out of order >&2\nexit 3\n"), 0o700))
	for _, channels := range []int{1, 2} {
		pcm := strings.NewReader(strings.Repeat("abcd", 100_000))
		err := (&Opus{Program: bad}).Encode(t.Context(), nowhere{}, pcm, Format{Rate: 8000, Channels: channels})
		require.ErrorContains(t, err, "out of order")
		require.ErrorContains(t, err, bad)
	}
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error)    { return len(p), nil }
func (nowhere) Seek(int64, int) (int64, error) { return 0, nil }

func TestADiskThatFillsWhileOpusIsWrittenIsTheCauseThatIsTold(t *testing.T) {
	for _, channels := range []int{1, 2} {
		pcm := strings.NewReader(strings.Repeat("abcd", 1_000_000))
		err := (&Opus{}).Encode(t.Context(), fullAfter{new(int)}, pcm, Format{Rate: 8000, Channels: channels})
		require.ErrorIs(t, err, syscall.ENOSPC)
	}
}

type fullAfter struct{ n *int }

func (f fullAfter) Write(p []byte) (int, error) {
	if *f.n += len(p); *f.n > 10_000 {
		return 0, syscall.ENOSPC
	}
	return len(p), nil
}
func (fullAfter) Seek(int64, int) (int64, error) { return 0, nil }

func TestWithoutOpusencRecordingsAreKeptAsWAVAndTheLogSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var words strings.Builder
	enc, err := NewEncoder("opus", slog.New(slog.NewTextHandler(&words, nil)))
	require.NoError(t, err)
	require.Equal(t, WAV{}, enc)
	require.Equal(t, 1, strings.Count(words.String(), "install opus-tools"))
	_, err = NewEncoder("mp3", slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, `"mp3": must be opus or wav`)
}

func TestSoundThatIsNoneStaysWhereItIs(t *testing.T) {
	good := wavOf(tone(440, time.Second))
	for name, b := range map[string][]byte{
		"nothing":       {},
		"half a header": good[:30],
		"stereo":        append(putWAVHead(Format{Rate: 8000, Channels: 2}, 4), 1, 2, 3, 4),
		"no wave":       []byte(strings.Repeat("GSM 06.10", 20)),
		"too fast":      append(putWAVHead(Format{Rate: 192000, Channels: 1}, 4), 1, 2, 3, 4),
		"endless chunk": append(append([]byte(nil), good[:12]...), 'L', 'I', 'S', 'T', 255, 255, 255, 127, 0),
	} {
		t.Run(name, func(t *testing.T) {
			p, s := newPBX(), newStore(t)
			f, _ := fetcher(t, p, Options{Store: s, Encoder: WAV{}, Backoff: time.Hour, MostWait: time.Hour})
			p.files["c"] = b
			f.Fetch(Job{Call: "c", Recording: "c", Left: "c"})
			require.Eventually(t, func() bool { return f.Trouble() != nil }, 10*time.Second, time.Millisecond)
			require.ErrorIs(t, f.Trouble(), errSound)
			require.Empty(t, p.gone())
			require.Empty(t, filesIn(t, s))
		})
	}
}

func FuzzSound(f *testing.F) {
	good := wavOf(tone(440, 20*time.Millisecond))
	f.Add(good)
	f.Add(good[:50])
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x02\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := newWAVReader(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		m, err := newMerged([]*wavReader{w, nil})
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, m)
		if err != nil || n != m.samples*4 {
			t.Fatal(n, m.samples, err)
		}
	})
}

func FuzzOgg(f *testing.F) {
	f.Add([]byte("OggS"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := (&Opus{}).Length(strings.NewReader(string(b))); err == nil && len(b) < 50 {
			t.Fatal("too little to be a file")
		}
	})
}
