package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/journal"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// Record makes the record with this sequence; version tells apart what was tried several times.
func Record(seq uint64, version int) fact.Record {
	call := fmt.Sprintf("1795248000.%d", seq)
	return fact.Record{Seq: seq, At: noon.Add(time.Duration(seq) * time.Millisecond), Facts: []fact.Fact{
		fact.CallArrived{Call: call, Channel: call, Node: "a", Line: "12345", Caller: fact.Party{Number: "+8613800138000"}, Via: "sip"},
		fact.FlowStepped{Call: call, Input: fmt.Sprint("version ", version), Session: fact.Session{Flow: "main", Node: "menu"}},
	}}
}

// Records makes several.
func Records(from, to uint64, version int) []fact.Record {
	var rs []fact.Record
	for seq := from; seq <= to; seq++ {
		rs = append(rs, Record(seq, version))
	}
	return rs
}

// Conformance holds a store to what journal.Log promises. open opens the store in a folder that is the test's own: the
// same folder again after Close is the same log.
func Conformance(t *testing.T, open func(t *testing.T, dir string) (journal.Log, error)) {
	for name, test := range map[string]func(*suite){
		"what was appended is read back after a restart":           (*suite).readBack,
		"a record out of order is refused and leaves no trace":     (*suite).order,
		"a batch is taken whole or not at all":                     (*suite).batch,
		"several readers follow at their own pace":                 (*suite).readers,
		"a reader at the end waits, and ends with its context":     (*suite).waiting,
		"a reader ends when the log is closed":                     (*suite).closing,
		"one writer at a time":                                     (*suite).locked,
		"a position tells whether this is the log it came from":    (*suite).positions,
		"the latest checkpoint survives a restart":                 (*suite).checkpoints,
		"trim forgets nothing that is needed":                      (*suite).trim,
		"a batch of another length than it was read in is as good": (*suite).batches,
	} {
		t.Run(name, func(t *testing.T) {
			test(&suite{t, t.TempDir(), open})
		})
	}
}

type suite struct {
	*testing.T
	dir  string
	open func(*testing.T, string) (journal.Log, error)
}

func (s *suite) log() journal.Log {
	s.Helper()
	l, err := s.open(s.T, s.dir)
	require.NoError(s, err)
	s.Cleanup(func() { require.NoError(s, l.Close()) })
	return l
}

func (s *suite) fill(l journal.Log, to uint64) {
	s.Helper()
	for last, _ := l.Last(); last < to; last++ {
		require.NoError(s, l.Append(s.Context(), Record(last+1, 0)))
	}
}

// Holds reads the log from one record to another and compares each.
func Holds(t testing.TB, l journal.Log, from, to uint64) {
	t.Helper()
	r := l.From(from)
	defer r.Close()
	var prev journal.Hash
	for seq := from; seq <= to; seq++ {
		e, err := r.Next(t.Context())
		require.NoError(t, err)
		if d := cmp.Diff(Record(seq, 0), e.Record); d != "" {
			t.Fatal(d)
		}
		if seq > from {
			require.Equal(t, prev, e.Prev)
		}
		prev = e.Hash
	}
}

func (s *suite) readBack() {
	l := s.log()
	last, at := l.Last()
	require.Zero(s, last)
	require.True(s, at.IsZero())
	stream := l.Stream()
	require.NotEmpty(s, stream)
	s.fill(l, 40)
	Holds(s, l, 1, 40)
	where := l.Position()
	require.NoError(s, l.Close())
	l = s.log()
	require.Equal(s, stream, l.Stream())
	require.Equal(s, where, l.Position())
	last, at = l.Last()
	require.EqualValues(s, 40, last)
	require.True(s, at.Equal(Record(40, 0).At))
	s.fill(l, 50)
	Holds(s, l, 1, 50)
	Holds(s, l, 33, 50)
}

func (s *suite) order() {
	l := s.log()
	s.fill(l, 3)
	for _, seq := range []uint64{0, 1, 3, 5} {
		require.ErrorIs(s, l.Append(s.Context(), Record(seq, 9)), journal.ErrOrder, seq)
	}
	early := Record(4, 9)
	early.At = Record(2, 0).At
	require.ErrorIs(s, l.Append(s.Context(), early), journal.ErrOrder)
	s.fill(l, 5)
	Holds(s, l, 1, 5)
}

func (s *suite) batch() {
	l := s.log()
	require.NoError(s, l.AppendBatch(s.Context(), nil))
	require.NoError(s, l.AppendBatch(s.Context(), Records(1, 7, 0)))
	hole := append(Records(8, 9, 9), Record(11, 9))
	require.ErrorIs(s, l.AppendBatch(s.Context(), hole), journal.ErrOrder)
	last, _ := l.Last()
	require.EqualValues(s, 7, last)
	ended, cancel := context.WithCancel(s.Context())
	cancel()
	require.ErrorIs(s, l.AppendBatch(ended, Records(8, 9, 9)), context.Canceled)
	require.NoError(s, l.AppendBatch(s.Context(), Records(8, 20, 0)))
	Holds(s, l, 1, 20)
}

func (s *suite) readers() {
	l := s.log()
	const n = 120
	s.fill(l, 30)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			r := l.From(uint64(i*10 + 1))
			defer r.Close()
			for seq := uint64(i*10 + 1); seq <= n; seq++ {
				e, err := r.Next(s.Context())
				if err != nil || e.Record.Seq != seq {
					s.Errorf("record %d: got %d, %v", seq, e.Record.Seq, err)
					return
				}
				if last, _ := l.Last(); last < seq {
					s.Errorf("record %d was read, the log ends with %d", seq, last)
				}
			}
		})
	}
	for seq := uint64(31); seq <= n; seq += 3 {
		require.NoError(s, l.AppendBatch(s.Context(), Records(seq, seq+2, 0)))
	}
	all.Wait()
}

func (s *suite) waiting() {
	l := s.log()
	s.fill(l, 2)
	r := l.From(3)
	defer r.Close()
	ctx, cancel := context.WithCancel(s.Context())
	ended := make(chan error)
	go func() { _, err := r.Next(ctx); ended <- err }()
	cancel()
	require.ErrorIs(s, <-ended, context.Canceled)
	s.fill(l, 3)
	e, err := r.Next(s.Context())
	require.NoError(s, err)
	require.EqualValues(s, 3, e.Record.Seq, "the reader goes on where it was")
	ahead := l.From(9)
	defer ahead.Close()
	_, err = ahead.Next(s.Context())
	require.ErrorIs(s, err, journal.ErrAhead)
}

func (s *suite) closing() {
	l := s.log()
	s.fill(l, 2)
	r := l.From(3)
	ended := make(chan error)
	go func() { _, err := r.Next(s.Context()); ended <- err }()
	require.NoError(s, l.Close())
	require.ErrorIs(s, <-ended, journal.ErrClosed)
	require.NoError(s, r.Close())
	require.ErrorIs(s, l.Append(s.Context(), Record(3, 0)), journal.ErrClosed)
	require.NoError(s, l.Close())
}

func (s *suite) locked() {
	l := s.log()
	_, err := s.open(s.T, s.dir)
	require.ErrorIs(s, err, journal.ErrLocked)
	s.fill(l, 1)
	require.NoError(s, l.Close())
	s.fill(s.log(), 2)
}

func (s *suite) positions() {
	l := s.log()
	require.NoError(s, l.Check(journal.Position{}))
	require.NoError(s, l.Check(l.Position()))
	s.fill(l, 20)
	p := l.Position()
	s.fill(l, 40)
	require.NoError(s, l.Check(p))
	ahead, other, changed := p, p, p
	ahead.Seq = 41
	other.Stream = "another"
	changed.Hash[3] ^= 1
	require.ErrorIs(s, l.Check(ahead), journal.ErrAhead)
	require.ErrorIs(s, l.Check(other), journal.ErrForeign)
	require.ErrorIs(s, l.Check(changed), journal.ErrForeign)
}

func (s *suite) checkpoints() {
	l := s.log()
	seq, state, err := l.LatestCheckpoint()
	require.NoError(s, err)
	require.Zero(s, seq)
	require.Empty(s, state)
	require.Error(s, l.Checkpoint(0, nil))
	s.fill(l, 12)
	require.Error(s, l.Checkpoint(13, nil), "a state ahead of the log")
	for _, at := range []uint64{5, 9, 12, 12} {
		require.NoError(s, l.Checkpoint(at, fmt.Append(nil, "state ", at)))
	}
	require.NoError(s, l.Close())
	seq, state, err = s.log().LatestCheckpoint()
	require.NoError(s, err)
	require.EqualValues(s, 12, seq)
	require.Equal(s, "state 12", string(state))
}

func (s *suite) trim() {
	l := s.log()
	s.fill(l, 200)
	for _, at := range []uint64{110, 150, 190} {
		require.NoError(s, l.Checkpoint(at, nil))
	}
	future := noon.Add(time.Hour)
	for _, c := range []struct {
		before time.Time
		needed uint64
		most   uint64 // that first may be
	}{{noon, 200, 1}, {future, 1, 1}, {future, 60, 60}, {noon.Add(80 * time.Millisecond), 200, 80}, {future, 200, 111}} {
		first, err := l.Trim(c.before, c.needed)
		require.NoError(s, err)
		require.LessOrEqual(s, first, c.most)
		Holds(s, l, first, 200)
		if first > 1 {
			r := l.From(first - 1)
			_, err = r.Next(s.Context())
			require.ErrorIs(s, err, journal.ErrTrimmed)
			require.NoError(s, r.Close())
		}
	}
	s.fill(l, 210)
	Holds(s, l, 120, 210)
}

func (s *suite) batches() {
	l := s.log()
	s.fill(l, 10)
	r := l.From(1)
	defer r.Close()
	var got []uint64
	for len(got) < 10 {
		entries, err := r.NextBatch(s.Context(), 4)
		require.NoError(s, err)
		require.LessOrEqual(s, len(entries), 4)
		for _, e := range entries {
			got = append(got, e.Record.Seq)
		}
	}
	require.Equal(s, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, got)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err := r.NextBatch(ctx, 4)
	require.True(s, errors.Is(err, context.Canceled))
}
