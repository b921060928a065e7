// Package journal is the local, append-only log of what was decided: the centre appends a record of facts before
// anyone is told of them, and everything else follows the log.
//
//	centre ──AppendBatch──▶ ┌─ 00000000000000000001.log ─┐ ┌─ 00000000000000131072.log ─┐ ··▶ growing at its end
//	                        │ header · frame · frame · … │ │ header · frame · frame · … │
//	                        └────────────────────────────┘ └────────────────────────────┘
//	                             ▲                  ▲                      ▲
//	     start: checkpoint + tail┘        projector ┘              standby ┘      (each a Reader, at its own pace)
//
// A segment is a file named after its first sequence number. Its header names the stream (a random id made when the
// log was begun), and carries the hash and the time before its first record, so that opening a log of any length
// reads the headers and scans only the last segment. A frame is one record:
//
//	length u32 │ crc32c u32 │ seq u64 │ at i64 (Unix ns) │ unsynced u32 │ spare u32 │ hash [16]byte │ payload JSON
//
// The hash runs: it is taken over the hash before it and the payload, starting from the stream's id. Whoever keeps
// (stream, sequence, hash) of the last record it took — a Position — can tell on its return whether this is still the
// log it followed; see Journal.Check.
//
// Beside the segments the folder holds `lock` (flock: one writer), `….checkpoint` files, and `….damaged` files: what
// was cut off a segment's torn end, kept for a look.
//
// # What survives what
//
// With FsyncAlways a record is acknowledged after fsync and survives a power cut. With FsyncInterval and FsyncNever
// it is acknowledged after write and survives the death of the process; a power cut may cost what was written since
// the last fsync. A torn tail is cut when the log is opened and told in Recovered. Damage further in (a flipped bit
// in a record that had been made durable) is never cut: the records around it stay, a Reader reports it as a
// *DamageError that names the sequences that are gone, and goes on behind it when asked again.
package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/fact"
)

// Fsync says when the operating system is asked to put what was written on the disk.
type Fsync string

// The closed list of settings.
const (
	FsyncAlways   Fsync = "always"   // before an append is acknowledged
	FsyncInterval Fsync = "interval" // in the background, every FsyncEvery
	FsyncNever    Fsync = "never"    // when a segment is finished, at checkpoints and at the end
)

// Options of a journal; the zero value of each field means its default.
type Options struct {
	Fsync        Fsync         // default FsyncAlways
	FsyncEvery   time.Duration // for FsyncInterval; default 100 ms
	SegmentBytes int64         // a segment that has reached it is finished; default 64 MiB
	Checkpoints  int           // how many checkpoints are kept; default 3
	Lock         *Lock         // a lock taken before by WaitLock; default: Open takes it or fails with ErrLocked
	Logger       *slog.Logger
	Registerer   prometheus.Registerer
	FS           FS // the file layer; default: the operating system
}

func (o Options) withDefaults() (Options, error) {
	switch o.Fsync {
	case "":
		o.Fsync = FsyncAlways
	case FsyncAlways, FsyncInterval, FsyncNever:
	default:
		return o, fmt.Errorf("journal: fsync %q: must be always, interval or never", o.Fsync)
	}
	if o.FsyncEvery <= 0 {
		o.FsyncEvery = 100 * time.Millisecond
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.Checkpoints <= 0 {
		o.Checkpoints = 3
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.FS == nil {
		o.FS = OS{}
	}
	return o, nil
}

// Errors that callers tell apart by errors.Is.
var (
	// ErrLocked: another process (or another Journal in this one) has the folder open.
	ErrLocked = errors.New("the journal's folder is in use")
	// ErrClosed: the journal was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrTrimmed: the record asked for is older than the log.
	ErrTrimmed = errors.New("the log no longer holds this record")
	// ErrAhead: the record asked for is beyond the end of the log: the asker has seen what this log never held.
	ErrAhead = errors.New("the log ends before this record")
	// ErrForeign: the position belongs to another log, or to records that this one lost.
	ErrForeign = errors.New("the position is not of this log")
	// ErrOrder: a record is out of sequence, or its time lies before the record before it.
	ErrOrder = errors.New("the record is out of order")
	// ErrDamaged: records that were in the log cannot be read; *DamageError tells which.
	ErrDamaged = errors.New("the log is damaged")
)

// Position is a place in a log: the last record that somebody took from it. The zero Position is before everything.
type Position struct {
	Stream string
	Seq    uint64
	Hash   Hash
}

// Entry is a record as read from the log, with the running hash before and after it.
type Entry struct {
	Record fact.Record
	Prev   Hash
	Hash   Hash
}

// Reader walks a log from one record on. It is for one goroutine; several Readers do not disturb each other.
type Reader interface {
	// Next returns the next durable record, waiting for it at the end of the log. Errors: ctx's, ErrClosed once the
	// journal is closed and all was read, ErrTrimmed, ErrAhead, or a *DamageError, after which Next goes on behind the
	// damage.
	Next(ctx context.Context) (Entry, error)
	// NextBatch waits for one record like Next, and adds up to most-1 that are already there.
	NextBatch(ctx context.Context, most int) ([]Entry, error)
	io.Closer
}

// Log is what the application needs of a journal; *Journal is the one on local disk, and journaltest.Conformance holds
// any other store to the same behaviour.
type Log interface {
	// Stream is the log's random id; it changes only when a log is begun anew.
	Stream() string
	// Append commits one record. Its Seq must follow the last one without a hole and its At must not lie before it.
	Append(ctx context.Context, r fact.Record) error
	// AppendBatch commits several records by one write: after an error none of them is in the log.
	AppendBatch(ctx context.Context, rs []fact.Record) error
	// Last tells the last durable record; 0 when the log is empty.
	Last() (seq uint64, at time.Time)
	// Position is Last as a place to come back to.
	Position() Position
	// Check tells whether p is a place in this log: nil, ErrForeign, ErrAhead, or ErrTrimmed when nobody can know.
	Check(p Position) error
	// From reads from the record with this sequence on.
	From(seq uint64) Reader
	// Checkpoint keeps a state that has all records up to seq in it.
	Checkpoint(seq uint64, state []byte) error
	// LatestCheckpoint is the newest one that is whole and fits this log; seq 0: there is none, begin with record 1.
	LatestCheckpoint() (seq uint64, state []byte, err error)
	// Trim forgets records from before the given time, but none that is needed: neither one from needed on, nor one
	// after the oldest kept checkpoint. It tells the first sequence still held.
	Trim(before time.Time, needed uint64) (first uint64, err error)
	Close() error
}

// Journal is a Log in a folder of the local disk. Its methods may be called from any goroutine.
type Journal struct {
	dir    string
	opt    Options
	log    *slog.Logger
	fs     FS
	lock   *Lock
	meters *meters
	stream string

	mu       sync.Mutex
	segments []*segment // by first sequence; the last one grows
	durable  mark       // the last record that was acknowledged
	synced   uint64     // the last sequence known to be on the disk
	tail     mark       // the last record that was accepted, acknowledged or not
	pending  *batch     // accepted and not yet being written
	writing  bool       // somebody is committing
	idle     *sync.Cond // writing became false
	news     chan struct{}
	closed   bool

	// disk is held while the growing segment's file is written, synced or exchanged. Lock order: disk before mu.
	disk     sync.Mutex
	file     File
	mustRoll bool // the growing segment's end cannot be trusted: go on in a new one

	upkeep sync.Mutex // one checkpoint or trim at a time

	stop chan struct{} // ends the background fsync
	done sync.WaitGroup
}

// mark is a record's place in the chain.
type mark struct {
	seq  uint64
	at   int64 // Unix ns
	hash Hash
}

var _ Log = (*Journal)(nil)

// Stream is described at Log.
func (j *Journal) Stream() string { return j.stream }

// Last is described at Log.
func (j *Journal) Last() (uint64, time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.durable.seq == 0 {
		return 0, time.Time{}
	}
	return j.durable.seq, time.Unix(0, j.durable.at).UTC()
}

// Position is described at Log.
func (j *Journal) Position() Position {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Position{Stream: j.stream, Seq: j.durable.seq, Hash: j.durable.hash}
}

// Check is described at Log.
func (j *Journal) Check(p Position) error {
	if p == (Position{}) {
		return nil
	}
	if p.Stream != j.stream {
		return fmt.Errorf("position is of stream %s, the log in %s is stream %s: %w", p.Stream, j.dir, j.stream, ErrForeign)
	}
	h, err := j.hashAt(p.Seq)
	if err != nil {
		return err
	}
	if h != p.Hash {
		return fmt.Errorf("record %d was %s, in %s it is %s: %w", p.Seq, p.Hash, j.dir, h, ErrForeign)
	}
	return nil
}

// First is the sequence of the oldest record held; for an empty log the one that will come first.
func (j *Journal) First() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.segments[0].first
}

// Close commits what was accepted, syncs, and gives the folder back. Readers read to the end and then get ErrClosed.
// It may be called twice.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	for j.writing {
		j.idle.Wait()
	}
	j.tell()
	j.mu.Unlock()

	close(j.stop)
	j.done.Wait()
	j.disk.Lock()
	defer j.disk.Unlock()
	err := j.syncHeld()
	err = errors.Join(err, j.file.Close(), j.lock.Release())
	j.meters.unregister(j.opt.Registerer)
	if err != nil {
		return fmt.Errorf("closing the journal in %s: %w", j.dir, err)
	}
	return nil
}

// tell wakes those who wait for records; mu is held.
func (j *Journal) tell() {
	if j.news != nil {
		close(j.news)
		j.news = nil
	}
}
