package recording

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tone is so much of a sine, at half of full scale.
func tone(hz float64, d time.Duration) []int16 {
	s := make([]int16, int(d.Seconds()*8000))
	for i := range s {
		s[i] = int16(16000 * math.Sin(2*math.Pi*hz*float64(i)/8000))
	}
	return s
}

func silence(d time.Duration) []int16 { return make([]int16, int(d.Seconds()*8000)) }

func join(parts ...[]int16) (all []int16) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// wavOf is what Asterisk would have written.
func wavOf(s []int16) []byte {
	b := putWAVHead(Format{Rate: 8000, Channels: 1}, int64(2*len(s)))
	for _, v := range s {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// strength of a tone in samples, 0 to about 1 for what tone makes.
func strength(s []int16, hz float64) float64 {
	var re, im float64
	for i, v := range s {
		at := 2 * math.Pi * hz * float64(i) / 8000
		re += float64(v) * math.Cos(at)
		im += float64(v) * math.Sin(at)
	}
	return 2 * math.Hypot(re, im) / float64(len(s)) / 16000
}

// pbx is a Source in memory, with its faults.
type pbx struct {
	mu      sync.Mutex
	files   map[string][]byte
	fetched int
	deleted []string
	down    error           // of every request
	breaks  map[string]int  // transfers break off after so many bytes
	hangs   map[string]bool // transfers stand still
	noDel   error
}

func (p *pbx) Stored(ctx context.Context, name string) (io.ReadCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down != nil {
		return nil, p.down
	}
	b, ok := p.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	p.fetched++
	var r io.Reader = bytes.NewReader(b)
	if n, ok := p.breaks[name]; ok {
		r = io.MultiReader(io.LimitReader(r, int64(n)), broken{})
	}
	if p.hangs[name] {
		r = io.MultiReader(io.LimitReader(r, 2000), standing{ctx})
	}
	return io.NopCloser(r), nil
}

func (p *pbx) Delete(_ context.Context, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := errors.Join(p.down, p.noDel); err != nil {
		return err
	}
	if _, ok := p.files[name]; !ok {
		return fs.ErrNotExist
	}
	delete(p.files, name)
	p.deleted = append(p.deleted, name)
	return nil
}

func (p *pbx) set(change func(*pbx)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *pbx) tries() (n int) {
	p.set(func(p *pbx) { n = p.fetched })
	return n
}

func (p *pbx) gone() (names []string) {
	p.set(func(p *pbx) { names = append(names, p.deleted...) })
	return names
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type standing struct{ ctx context.Context }

func (s standing) Read([]byte) (int, error) { <-s.ctx.Done(); return 0, s.ctx.Err() }

var calledAt = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// call is a job whose files the pbx has.
func call(p *pbx, id string, left, right []int16) Job {
	j := Job{Call: id, Recording: id, Node: "a", Left: id + "-in", At: calledAt}
	p.mu.Lock()
	defer p.mu.Unlock()
	if right != nil {
		j.Right = id + "-out"
		p.files[j.Right] = wavOf(right)
	}
	p.files[j.Left] = wavOf(left)
	return j
}

func newPBX() *pbx {
	return &pbx{files: map[string][]byte{}, breaks: map[string]int{}, hangs: map[string]bool{}}
}

func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := OpenStore(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// fetcher is one whose results come to a channel.
func fetcher(t testing.TB, p *pbx, opt Options) (*Fetcher, chan Result) {
	t.Helper()
	results := make(chan Result, 100)
	opt.Results = func(r Result) { results <- r }
	if opt.Source == nil {
		opt.Source = func(node string) (Source, error) { return p, nil }
	}
	if opt.Backoff == 0 {
		opt.Backoff = time.Millisecond
	}
	f, err := NewFetcher(opt)
	require.NoError(t, err)
	t.Cleanup(f.Stop)
	return f, results
}

// decode gives the channels of a stored Opus file, by another program than made it.
func decode(t testing.TB, s *Store, file string, channels int) [][]int16 {
	t.Helper()
	in, kind, err := s.Open(file)
	require.NoError(t, err)
	require.Equal(t, "audio/ogg", kind)
	defer in.Close()
	cmd := exec.Command("opusdec", "--quiet", "--rate", "8000", "--no-dither", "-", "-")
	cmd.Stdin = in
	b, err := cmd.Output()
	require.NoError(t, err, "opusdec of opus-tools is needed")
	out := make([][]int16, channels)
	for i := 0; i+2*channels <= len(b); i += 2 * channels {
		for c := range out {
			out[c] = append(out[c], int16(binary.LittleEndian.Uint16(b[i+2*c:])))
		}
	}
	return out
}

func TestACallIsKeptInStereoWithEachPartyInItsOwnChannel(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s, Logger: slog.New(slog.DiscardHandler)})
	// The caller speaks all the time; an agent (1000 Hz), then another (1500 Hz).
	j := call(p, "1795248000.12", tone(440, 4*time.Second), join(tone(1000, 2*time.Second), tone(1500, 2*time.Second)))
	j.At = time.Time{}
	f.Fetch(j)
	r := <-results
	require.NotNil(t, r.Stored, r.Lost)
	require.Equal(t, "2026/11/21/1795248000.12.opus", r.Stored.File)
	require.Equal(t, 4*time.Second, r.Stored.Duration)
	require.Equal(t, 2, r.Stored.Channels)
	require.Len(t, r.Stored.SHA256, 64)
	require.False(t, r.Empty)
	require.ElementsMatch(t, []string{j.Left, j.Right}, p.gone())
	require.Less(t, r.Stored.Bytes, int64(30_000))

	ch := decode(t, s, r.Stored.File, 2)
	require.InDelta(t, 4*8000, len(ch[0]), 80)
	first, second := [2]int{800, 15200}, [2]int{16800, 31200}
	for _, want := range []struct {
		channel int
		part    [2]int
		hz      float64
		there   bool
	}{
		{0, first, 440, true}, {0, second, 440, true}, {1, first, 1000, true}, {1, second, 1500, true},
		{0, first, 1000, false}, {0, second, 1500, false}, {1, first, 440, false}, {1, second, 440, false}, {1, second, 1000, false},
	} {
		got := strength(ch[want.channel][want.part[0]:want.part[1]], want.hz)
		if want.there {
			require.Greater(t, got, 0.7, "%+v", want)
		} else {
			require.Less(t, got, 0.005, "%+v: one party is heard in the other's channel", want)
		}
	}
}

func TestAMessageIsKeptInMono(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s})
	f.Fetch(call(p, "1.1-m1", tone(440, time.Second), nil))
	r := <-results
	require.NotNil(t, r.Stored, r.Lost)
	require.Equal(t, 1, r.Stored.Channels)
	require.Greater(t, strength(decode(t, s, r.Stored.File, 1)[0], 440), 0.7)
}

func TestSilenceIsNoMessage(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
	quiet := silence(2 * time.Second)
	for i := range quiet {
		quiet[i] = int16(i%2*120 - 60) // line noise at −54.7 dBFS
	}
	key := join(quiet, tone(941, 200*time.Millisecond), quiet) // '#'
	word := join(quiet, tone(300, 400*time.Millisecond), quiet)
	for i, m := range []struct {
		sound []int16
		empty bool
	}{{quiet, true}, {key, true}, {word, false}, {nil, true}} {
		f.Fetch(call(p, fmt.Sprint("m", i), m.sound, nil))
		r := <-results
		require.NotNil(t, r.Stored, r.Lost)
		require.Equal(t, m.empty, r.Empty, i)
	}
}

func TestAShorterOrMissingSideIsFilledWithSilence(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
	f.Fetch(call(p, "short", tone(440, 2*time.Second), tone(1000, time.Second)))
	r := <-results
	require.NotNil(t, r.Stored, r.Lost)
	require.Equal(t, 2*time.Second, r.Stored.Duration)

	j := call(p, "half", tone(440, time.Second), tone(1000, time.Second))
	delete(p.files, j.Right)
	f.Fetch(j)
	r = <-results
	require.NotNil(t, r.Stored, r.Lost)
	require.Equal(t, 2, r.Stored.Channels)
	peaks, err := s.Peaks(r.Stored.File, 10)
	require.NoError(t, err)
	require.InDelta(t, 0.49, peaks.Channels[0][5], 0.02)
	require.Zero(t, peaks.Channels[1][5])
}

func TestARecorderThatWasKilledLeavesAReadableFile(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
	j := call(p, "killed", tone(440, time.Second), nil)
	binary.LittleEndian.PutUint32(p.files[j.Left][40:], 0) // the length was never written
	f.Fetch(j)
	r := <-results
	require.NotNil(t, r.Stored, r.Lost)
	require.Equal(t, time.Second, r.Stored.Duration)
}

func TestPeaksFollowTheSoundWhateverItsLength(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
	for _, n := range []int{1, 30, 100} {
		half := time.Duration(n) * time.Second / 2
		f.Fetch(call(p, fmt.Sprint("len", n), join(silence(half), tone(440, half)), tone(440, 2*half)))
		r := <-results
		require.NotNil(t, r.Stored, r.Lost)
		peaks, err := s.Peaks(r.Stored.File, 100)
		require.NoError(t, err)
		require.Equal(t, (2 * half).Seconds(), peaks.Duration)
		require.Len(t, peaks.Channels, 2)
		require.Len(t, peaks.Channels[0], 100)
		for i := range 100 {
			want := 0.49
			if i < 49 {
				want = 0
			}
			if i < 49 || i > 51 {
				require.InDelta(t, want, peaks.Channels[0][i], 0.02, "second %d of %d", i, n)
			}
			require.InDelta(t, 0.49, peaks.Channels[1][i], 0.02)
		}
	}
}
