package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"hotline/fact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// record makes the record with this sequence; its facts tell sequences apart.
func record(seq uint64) fact.Record {
	return fact.Record{Seq: seq, At: noon.Add(time.Duration(seq) * time.Millisecond), Facts: []fact.Fact{
		fact.CallArrived{Call: fmt.Sprintf("1732190400.%d", seq), Channel: "x", Node: "a", Line: "12345",
			Caller: fact.Party{Number: "+8613800138000"}, Via: "sip"},
		fact.CallAnswered{Call: fmt.Sprintf("1732190400.%d", seq)},
	}}
}

func records(from, to uint64) []fact.Record {
	var rs []fact.Record
	for seq := from; seq <= to; seq++ {
		rs = append(rs, record(seq))
	}
	return rs
}

func open(t *testing.T, dir string, opt Options) (*Journal, Recovered) {
	t.Helper()
	j, found, err := Open(dir, opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j, found
}

// fill appends record by record up to a sequence.
func fill(t *testing.T, j *Journal, to uint64) {
	t.Helper()
	last, _ := j.Last()
	for seq := last + 1; seq <= to; seq++ {
		require.NoError(t, j.Append(t.Context(), record(seq)))
	}
}

// holds reads the log from one record to another and compares each.
func holds(t *testing.T, j *Journal, from, to uint64) {
	t.Helper()
	r := j.From(from)
	defer r.Close()
	for seq := from; seq <= to; seq++ {
		e, err := r.Next(t.Context())
		require.NoError(t, err)
		if d := cmp.Diff(record(seq), e.Record); d != "" {
			t.Fatal(d)
		}
	}
}

func TestLogIsReadBackAcrossSegmentsAndRestarts(t *testing.T) {
	dir := t.TempDir()
	for round := range uint64(4) {
		j, found := open(t, dir, Options{SegmentBytes: 2000, Fsync: FsyncNever})
		require.Equal(t, round == 0, found.Began)
		require.True(t, found.Clean())
		require.Equal(t, round*20, found.Last)
		fill(t, j, (round+1)*20)
		holds(t, j, 1, (round+1)*20)
		holds(t, j, 7, (round+1)*20)
		require.NoError(t, j.Close())
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*.log"))
	require.NoError(t, err)
	require.Greater(t, len(segments), 10)
}

func TestSecondOpenerIsTurnedAwayAtOnceAndAStandbyTakesOver(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	_, _, err := Open(dir, Options{})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, fmt.Sprint(os.Getpid()))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = WaitLock(ctx, dir)
	require.ErrorIs(t, err, context.Canceled)

	got := make(chan *Lock)
	go func() {
		l, err := WaitLock(t.Context(), dir)
		if err != nil {
			t.Error(err)
		}
		got <- l
	}()
	fill(t, j, 3)
	require.NoError(t, j.Close())
	next, found := open(t, dir, Options{Lock: <-got})
	require.EqualValues(t, 3, found.Last)
	fill(t, next, 4)
}

func TestReaderWaitsForTheNextRecordAndSeesOnlyWhatIsDurable(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{SegmentBytes: 3000})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			r := j.From(1)
			defer r.Close()
			for seq := uint64(1); seq <= 200; seq++ {
				e, err := r.Next(t.Context())
				if err != nil || e.Record.Seq != seq {
					t.Errorf("record %d: got %d, %v", seq, e.Record.Seq, err)
					return
				}
				if last, _ := j.Last(); last < seq {
					t.Errorf("record %d was read, the log ends with %d", seq, last)
				}
			}
		})
	}
	for seq := uint64(1); seq <= 200; seq += 5 {
		require.NoError(t, j.AppendBatch(t.Context(), records(seq, seq+4)))
	}
	readers.Wait()

	r := j.From(201)
	ended := make(chan error)
	go func() { _, err := r.Next(t.Context()); ended <- err }()
	require.NoError(t, j.Close())
	require.ErrorIs(t, <-ended, ErrClosed)
	require.NoError(t, r.Close())
}

func TestRecordsOutOfOrderAreRefusedAndLeaveNoTrace(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	fill(t, j, 2)
	require.ErrorIs(t, j.Append(t.Context(), record(4)), ErrOrder)
	require.ErrorIs(t, j.Append(t.Context(), record(2)), ErrOrder)
	early := record(3)
	early.At = noon
	require.ErrorIs(t, j.Append(t.Context(), early), ErrOrder)
	require.ErrorIs(t, j.AppendBatch(t.Context(), []fact.Record{record(3), record(5)}), ErrOrder)
	last, at := j.Last()
	require.EqualValues(t, 2, last)
	require.Equal(t, record(2).At, at)
	fill(t, j, 5)
	holds(t, j, 1, 5)
}

func TestSubmittedBatchesAreCommittedInOrderWhileTheCallerGoesOn(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	var order []int
	done := make(chan struct{})
	for i := range 100 {
		require.NoError(t, j.Submit(records(uint64(i*3+1), uint64(i*3+3)), func(err error) {
			if err != nil {
				t.Error(err)
			}
			order = append(order, i)
			if i == 99 {
				close(done)
			}
		}))
	}
	<-done
	require.IsIncreasing(t, order)
	require.Len(t, order, 100)
	holds(t, j, 1, 300)
	require.ErrorIs(t, j.Submit(records(1, 1), nil), ErrOrder)
}

func TestAProjectorNoticesAForeignLog(t *testing.T) {
	one, _ := open(t, t.TempDir(), Options{SegmentBytes: 1000})
	two, _ := open(t, t.TempDir(), Options{})
	fill(t, one, 30)
	fill(t, two, 30)
	at := one.Position()
	fill(t, one, 60)
	require.NoError(t, one.Check(at))
	require.NoError(t, one.Check(Position{}))
	require.NoError(t, one.Check(one.Position()))
	require.ErrorIs(t, two.Check(at), ErrForeign)
	at.Stream = two.Stream()
	require.ErrorIs(t, two.Check(at), ErrForeign)
	at = one.Position()
	at.Seq++
	require.ErrorIs(t, one.Check(at), ErrAhead)

	r := one.From(31)
	defer r.Close()
	e, err := r.Next(t.Context())
	require.NoError(t, err)
	was := e.Prev
	r2 := one.From(30)
	defer r2.Close()
	e, err = r2.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, was, e.Hash)
	ahead := one.From(62)
	defer ahead.Close()
	_, err = ahead.Next(t.Context())
	require.ErrorIs(t, err, ErrAhead)
}

func TestCheckpointsFallBackToTheEarlierOne(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{SegmentBytes: 2000})
	seq, state, err := j.LatestCheckpoint()
	require.NoError(t, err)
	require.Zero(t, seq)
	require.Empty(t, state)
	for _, at := range []uint64{10, 20, 30, 40} {
		fill(t, j, at)
		require.NoError(t, j.Checkpoint(at, fmt.Appendf(nil, "state %d", at)))
	}
	require.ErrorIs(t, j.Checkpoint(41, nil), ErrAhead)
	kept, err := j.checkpoints()
	require.NoError(t, err)
	require.Equal(t, []uint64{20, 30, 40}, kept)

	seq, state, err = j.LatestCheckpoint()
	require.NoError(t, err)
	require.EqualValues(t, 40, seq)
	require.Equal(t, "state 40", string(state))

	require.NoError(t, os.Truncate(j.checkpointPath(40), 85))
	b, err := os.ReadFile(j.checkpointPath(30))
	require.NoError(t, err)
	b[len(b)-1] ^= 1
	require.NoError(t, os.WriteFile(j.checkpointPath(30), b, 0o600))
	seq, state, err = j.LatestCheckpoint()
	require.NoError(t, err)
	require.EqualValues(t, 20, seq)
	require.Equal(t, "state 20", string(state))
}

func TestTrimKeepsWhatTheProjectorAndTheCheckpointsNeed(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{SegmentBytes: 1000, Checkpoints: 2})
	fill(t, j, 100)
	later := noon.Add(time.Hour)
	first, err := j.Trim(later, 90)
	require.NoError(t, err)
	require.EqualValues(t, 1, first, "without a checkpoint all is needed")

	require.NoError(t, j.Checkpoint(50, nil))
	require.NoError(t, j.Checkpoint(95, nil))
	first, err = j.Trim(later, 20)
	require.NoError(t, err)
	require.Greater(t, first, uint64(10))
	require.LessOrEqual(t, first, uint64(20))
	holds(t, j, 20, 100)
	first, err = j.Trim(noon.Add(30*time.Millisecond), 100)
	require.NoError(t, err)
	require.LessOrEqual(t, first, uint64(30))
	first, err = j.Trim(later, 100)
	require.NoError(t, err)
	require.Greater(t, first, uint64(40))
	require.LessOrEqual(t, first, uint64(51))
	holds(t, j, 51, 100)
	r := j.From(1)
	defer r.Close()
	_, err = r.Next(t.Context())
	require.ErrorIs(t, err, ErrTrimmed)
}

// TestAReaderKnowsWhatItsFirstRecordFollows: a projector begins where it stood, which may be anywhere, and compares.
func TestAReaderKnowsWhatItsFirstRecordFollows(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{Fsync: FsyncNever})
	const last = 2*indexEvery + 3
	fill(t, j, last)
	var hashes []Hash
	r := j.From(1)
	defer r.Close()
	for range last {
		e, err := r.Next(t.Context())
		require.NoError(t, err)
		hashes = append(hashes, e.Hash)
	}
	for seq := uint64(2); seq <= last; seq++ {
		r := j.From(seq)
		e, err := r.Next(t.Context())
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Equal(t, hashes[seq-2], e.Prev, "record %d", seq)
	}
}

func TestAfterCloseNothingIsTaken(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{Fsync: FsyncInterval, FsyncEvery: time.Millisecond})
	fill(t, j, 2)
	require.NoError(t, j.Close())
	require.NoError(t, j.Close())
	require.True(t, errors.Is(j.Append(t.Context(), record(3)), ErrClosed))
}
