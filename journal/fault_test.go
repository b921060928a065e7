package journal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/journal"
	"hotline/journal/journaltest"
)

func TestTheLocalLogIsAJournal(t *testing.T) {
	for _, sync := range []journal.Fsync{journal.FsyncAlways, journal.FsyncInterval, journal.FsyncNever} {
		t.Run(string(sync), func(t *testing.T) {
			journaltest.Conformance(t, func(t *testing.T, dir string) (journal.Log, error) {
				j, _, err := journal.Open(dir, journal.Options{Fsync: sync, SegmentBytes: 4000})
				return j, err
			})
		})
	}
}

// on opens a log on a disk in memory; only the lock is on the real one.
func on(t testing.TB, d *journaltest.Disk, dir string, opt journal.Options) (*journal.Journal, journal.Recovered) {
	t.Helper()
	opt.FS = d
	j, found, err := journal.Open(dir, opt)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() }) // many tests have closed it
	return j, found
}

func appendTo(t testing.TB, j *journal.Journal, to uint64) {
	t.Helper()
	for last, _ := j.Last(); last < to; last++ {
		require.NoError(t, j.Append(t.Context(), journaltest.Record(last+1, 0)))
	}
}

func TestAWriteTornAtAnyByteIsCutAndKeptAside(t *testing.T) {
	t.Parallel()
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	name := filepath.Join(dir, "00000000000000000001.log")
	ends := []int{len(d.Bytes(name))}
	for seq := uint64(1); seq <= 6; seq++ {
		appendTo(t, j, seq)
		ends = append(ends, len(d.Bytes(name)))
	}
	require.NoError(t, j.Close())
	whole := d.Bytes(name)
	tails := []string{"", strings.Repeat("\x00", 100), strings.Repeat("torn", 30)}
	for size := ends[3]; size < len(whole); size++ {
		b := append(append([]byte(nil), whole[:size]...), tails[size%3]...)
		d.Put(name, b)
		last := 3
		for ends[last+1] <= size {
			last++
		}
		j, found := on(t, d, dir, journal.Options{})
		require.EqualValues(t, last, found.Last)
		require.EqualValues(t, len(b)-ends[last], found.CutBytes)
		require.Empty(t, found.Damage)
		if found.CutBytes > 0 {
			require.Equal(t, b[ends[last]:], d.Bytes(found.CutFile))
		}
		appendTo(t, j, uint64(last)+2)
		require.NoError(t, j.Close())
		j, found = on(t, d, dir, journal.Options{})
		require.True(t, found.Clean())
		journaltest.Holds(t, j, uint64(last)-1, uint64(last)+2)
		require.NoError(t, j.Close())
	}
}

func TestAFlippedBitCostsItsOwnRecordAndNeverChangesOne(t *testing.T) {
	t.Parallel()
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	name := filepath.Join(dir, "00000000000000000001.log")
	ends := []int{len(d.Bytes(name))}
	for seq := uint64(1); seq <= 5; seq++ {
		appendTo(t, j, seq)
		ends = append(ends, len(d.Bytes(name)))
	}
	require.NoError(t, j.Close())
	whole := d.Bytes(name)
	for at := ends[0]; at < len(whole); at++ {
		hit := uint64(1)
		for ends[hit] <= at {
			hit++
		}
		b := append([]byte(nil), whole...)
		b[at] ^= 1 << (at % 8)
		d.Put(name, b)
		j, found := on(t, d, dir, journal.Options{})
		if hit == 5 { // nothing behind it tells that it had been durable
			require.EqualValues(t, 4, found.Last)
			require.NotZero(t, found.CutBytes)
		} else {
			require.EqualValues(t, 5, found.Last)
			require.Len(t, found.Damage, 1)
			require.Equal(t, [2]uint64{hit, hit}, [2]uint64{found.Damage[0].From, found.Damage[0].To})
		}
		readAround(t, j, 1+uint64(at)%found.Last, found.Last, hit)
		require.NoError(t, j.Close())
	}
}

// readAround reads everything but the one damaged record, which must be told.
func readAround(t *testing.T, j *journal.Journal, from, to, damaged uint64) {
	t.Helper()
	r := j.From(from)
	defer r.Close()
	for seq := from; seq <= to; seq++ {
		e, err := r.Next(t.Context())
		if seq == damaged {
			var d *journal.DamageError
			require.ErrorAs(t, err, &d)
			require.ErrorIs(t, err, journal.ErrDamaged)
			require.Equal(t, [2]uint64{seq, seq}, [2]uint64{d.From, d.To})
			continue
		}
		require.NoError(t, err)
		require.Equal(t, journaltest.Record(seq, 0), e.Record)
	}
}

func TestDamageInAnOldSegmentIsToldByTheReaderAndPassedOver(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{SegmentBytes: 2500})
	appendTo(t, j, 40)
	require.NoError(t, j.Close())
	names := d.Names(".log")
	require.Greater(t, len(names), 4)
	b := d.Bytes(names[1])
	b[len(b)-20] ^= 0xff // the segment's last record
	d.Put(names[1], b)
	j, found := on(t, d, dir, journal.Options{})
	require.True(t, found.Clean(), "only the last segment is read at the start")
	var third uint64
	_, err := fmt.Sscanf(filepath.Base(names[2]), "%d.log", &third)
	require.NoError(t, err)
	readAround(t, j, 1, 40, third-1)

	// A batch ends before the damage, and tells it with the next call.
	r := j.From(1)
	defer r.Close()
	entries, err := r.NextBatch(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, entries, int(third-2))
	_, err = r.NextBatch(t.Context(), 100)
	require.ErrorIs(t, err, journal.ErrDamaged)
	entries, err = r.NextBatch(t.Context(), 100)
	require.NoError(t, err)
	require.Equal(t, third, entries[0].Record.Seq)

	// A header that is gone costs nothing but the check of the chain across it.
	b = d.Bytes(names[2])
	b[20] ^= 1
	d.Put(names[2], b)
	require.NoError(t, j.Close())
	j, _ = on(t, d, dir, journal.Options{})
	readAround(t, j, 1, 40, third-1)
}

func TestARecordInAnotherOnesPlaceIsNoticed(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	name := filepath.Join(dir, "00000000000000000001.log")
	appendTo(t, j, 1)
	one := len(d.Bytes(name))
	appendTo(t, j, 2)
	two := len(d.Bytes(name))
	appendTo(t, j, 4)
	require.NoError(t, j.Close())
	// Whole frames with right sums, from another log that has other records before them.
	other, elsewhere := journaltest.NewDisk(), t.TempDir()
	k, _ := on(t, other, elsewhere, journal.Options{})
	require.NoError(t, k.AppendBatch(t.Context(), journaltest.Records(1, 2, 0)))
	require.NoError(t, k.Close())
	foreign := other.Bytes(filepath.Join(elsewhere, "00000000000000000001.log"))
	b := d.Bytes(name)
	copy(b[one:two], foreign[one:two])
	d.Put(name, b)
	j, found := on(t, d, dir, journal.Options{})
	require.Len(t, found.Damage, 1)
	readAround(t, j, 1, 4, 2)
}

func TestAFullDiskStopsAppendsUntilThereIsRoom(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{SegmentBytes: 3000})
	appendTo(t, j, 3)
	for room := range int64(2000) {
		last, _ := j.Last()
		d.Room(room)
		err := j.AppendBatch(t.Context(), journaltest.Records(last+1, last+4, 1))
		if err == nil {
			t.Fatal("four records fit into", room)
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
		now, _ := j.Last()
		require.Equal(t, last, now)
		if room%100 == 0 {
			d.Room(-1)
			appendTo(t, j, last+1)
		}
		if room > 1200 {
			break
		}
	}
	d.Room(-1)
	last, _ := j.Last()
	journaltest.Holds(t, j, 1, last)
	require.NoError(t, j.Close())
	j, found := on(t, d, dir, journal.Options{})
	require.True(t, found.Clean(), "%+v", found)
	journaltest.Holds(t, j, 1, last)
}

func TestWhoWaitsForADiskThatHangsWaitsNoLongerThanTheyWant(t *testing.T) {
	for _, op := range []string{"write", "sync"} {
		t.Run(op, func(t *testing.T) {
			d, dir := journaltest.NewDisk(), t.TempDir()
			j, _ := on(t, d, dir, journal.Options{})
			appendTo(t, j, 1)
			ctx, giveUp := context.WithCancel(t.Context())
			thaw := make(chan struct{})
			d.Fail(func(asked, _ string) error {
				if asked == op {
					giveUp() // not before the disk hangs
					<-thaw
				}
				return nil
			})
			require.ErrorIs(t, j.AppendBatch(ctx, journaltest.Records(2, 3, 0)), context.Canceled)
			last, _ := j.Last()
			require.Equal(t, uint64(1), last)
			close(thaw)
			require.NoError(t, j.Append(t.Context(), journaltest.Record(4, 0)), "what hung is written first")
			journaltest.Holds(t, j, 1, 4)
		})
	}
}

func TestAReadOnlyOrBrokenFolderIsNamed(t *testing.T) {
	for _, op := range []string{"mkdir", "list", "create", "write", "sync", "rename", "syncdir"} {
		d := journaltest.NewDisk()
		d.Fail(func(o, _ string) error {
			if o == op {
				return syscall.EROFS
			}
			return nil
		})
		dir := t.TempDir()
		_, _, err := journal.Open(dir, journal.Options{FS: d})
		require.ErrorIs(t, err, syscall.EROFS, op)
		require.ErrorContains(t, err, dir)
		d.Fail(nil)
		j, _ := on(t, d, dir, journal.Options{}) // the lock was given back
		appendTo(t, j, 1)
	}
}

func TestLogsThatDoNotBelongTogetherAreRefused(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	appendTo(t, j, 3)
	require.NoError(t, j.Checkpoint(3, []byte("state")))
	require.NoError(t, j.Close())
	name := d.Names(".log")[0]
	b := d.Bytes(name)

	require.NoError(t, d.Remove(name))
	_, _, err := journal.Open(dir, journal.Options{FS: d})
	require.ErrorIs(t, err, journal.ErrDamaged)
	require.ErrorContains(t, err, "put the segments back")

	other := journaltest.NewDisk()
	elsewhere := t.TempDir()
	k, _ := on(t, other, elsewhere, journal.Options{SegmentBytes: 1000})
	appendTo(t, k, 9)
	require.NoError(t, k.Close())
	foreign := other.Names(".log")[2]
	d.Put(name, b)
	d.Put(filepath.Join(dir, filepath.Base(foreign)), other.Bytes(foreign))
	_, _, err = journal.Open(dir, journal.Options{FS: d})
	require.ErrorIs(t, err, journal.ErrForeign)

	require.NoError(t, d.Remove(filepath.Join(dir, filepath.Base(foreign))))
	b[3] ^= 1
	d.Put(name, b)
	_, _, err = journal.Open(dir, journal.Options{FS: d})
	require.ErrorIs(t, err, journal.ErrDamaged)
	require.ErrorContains(t, err, name)
}

func TestACheckpointAheadOfALogThatLostItsEndIsPassedOver(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	appendTo(t, j, 3)
	require.NoError(t, j.Checkpoint(3, []byte("at 3")))
	appendTo(t, j, 5)
	require.NoError(t, j.Checkpoint(5, []byte("at 5")))
	where := j.Position()
	require.NoError(t, j.Close())
	name := d.Names(".log")[0]
	b := d.Bytes(name)
	d.Put(name, b[:len(b)-10])
	j, found := on(t, d, dir, journal.Options{})
	require.EqualValues(t, 4, found.Last)
	seq, state, err := j.LatestCheckpoint()
	require.NoError(t, err)
	require.EqualValues(t, 3, seq)
	require.Equal(t, "at 3", string(state))
	require.ErrorIs(t, j.Check(where), journal.ErrAhead, "the projector has seen more than the log holds")
	require.NoError(t, j.Append(t.Context(), journaltest.Record(5, 7)))
	require.ErrorIs(t, j.Check(where), journal.ErrForeign, "and notices when its record is another one now")
}

func TestANewerVersionsRecordStopsTheReaderAtItsPlace(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	appendTo(t, j, 1)
	unknown := journaltest.Record(2, 0)
	unknown.Facts = []fact.Fact{levitated{}}
	require.NoError(t, j.Append(t.Context(), unknown))
	appendTo(t, j, 3)
	r := j.From(2)
	defer r.Close()
	for range 2 {
		_, err := r.Next(t.Context())
		require.ErrorContains(t, err, "call.levitated")
		require.NotErrorIs(t, err, journal.ErrDamaged)
	}
}

type levitated struct{}

func (levitated) Kind() string { return "call.levitated" }

func TestWhatIsWrittenBehindAFailedWriteFailsWithIt(t *testing.T) {
	d, dir := journaltest.NewDisk(), t.TempDir()
	j, _ := on(t, d, dir, journal.Options{})
	appendTo(t, j, 1)
	reached, release := make(chan struct{}), make(chan struct{})
	d.Fail(nil)
	first := make(chan error, 1)
	second := make(chan error, 1)
	// The first batch's callback holds the writer, so that the next two share a write; that one fails.
	require.NoError(t, j.Submit(journaltest.Records(2, 2, 0), func(err error) {
		close(reached)
		<-release
		first <- err
	}))
	<-reached
	d.Fail(func(op, _ string) error {
		if op == "write" {
			return syscall.EIO
		}
		return nil
	})
	require.NoError(t, j.Submit(journaltest.Records(3, 4, 0), func(err error) { second <- err }))
	third := make(chan error, 1)
	require.NoError(t, j.Submit(journaltest.Records(5, 5, 0), func(err error) { third <- err }))
	close(release)
	require.NoError(t, <-first)
	require.ErrorIs(t, <-second, syscall.EIO)
	require.ErrorIs(t, <-third, syscall.EIO)
	d.Fail(nil)
	appendTo(t, j, 6)
	journaltest.Holds(t, j, 1, 6)
}
