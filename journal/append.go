package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hotline/fact"
)

// batch is what one write commits: everything that was appended while the write before it was under way.
type batch struct {
	buf     []byte
	offsets []indexed // relative to buf
	last    mark
	waiting []func(error)
}

var batches = sync.Pool{New: func() any { return new(batch) }}

func newBatch() *batch {
	b := batches.Get().(*batch)
	clear(b.waiting)
	b.buf, b.offsets, b.waiting = b.buf[:0], b.offsets[:0], b.waiting[:0]
	return b
}

func (b *batch) free() {
	if cap(b.buf) < 4<<20 { // a rare giant is not kept
		batches.Put(b)
	}
}

// Append is described at Log.
func (j *Journal) Append(ctx context.Context, r fact.Record) error {
	return j.AppendBatch(ctx, []fact.Record{r})
}

// AppendBatch is described at Log. When ctx ends while the write is under way the outcome is unknown: Last tells it.
// Batches that several goroutines append at the same time are committed by one write.
func (j *Journal) AppendBatch(ctx context.Context, rs []fact.Record) error {
	if len(rs) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	lead, err := j.accept(rs, func(err error) { done <- err })
	if err != nil {
		return err
	}
	switch {
	case !lead:
	case ctx.Done() == nil:
		j.commitPending()
	default:
		go j.commitRest() // a disk that hangs holds its writer for as long as it likes, and ctx ends before
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Submit is AppendBatch for a caller that goes on meanwhile. An error that is known at once is returned, and then
// committed is not called; otherwise it is called once, from another goroutine, in the order of submission. The next
// write waits for it to return.
func (j *Journal) Submit(rs []fact.Record, committed func(error)) error {
	if len(rs) == 0 {
		return errors.New("journal: nothing was submitted")
	}
	lead, err := j.accept(rs, committed)
	if err == nil && lead {
		go j.commitRest()
	}
	return err
}

// accept encodes the records behind what was accepted before. If lead is told, nobody is writing and the caller must.
func (j *Journal) accept(rs []fact.Record, done func(error)) (lead bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return false, ErrClosed
	}
	b := j.pending
	if b == nil {
		b = newBatch()
	}
	tail, length, count := j.tail, len(b.buf), len(b.offsets)
	for _, r := range rs {
		off := len(b.buf)
		if err = follows(tail, r); err == nil {
			b.buf, tail, err = appendFrame(b.buf, r, tail.hash, j.synced)
		}
		if err != nil {
			b.buf, b.offsets = b.buf[:length], b.offsets[:count]
			if j.pending == nil {
				b.free()
			}
			return false, fmt.Errorf("journal: append: %w", err)
		}
		b.offsets = append(b.offsets, indexed{r.Seq, int64(off)})
	}
	b.waiting = append(b.waiting, done)
	b.last, j.tail, j.pending = tail, tail, b
	lead = !j.writing
	j.writing = true
	return lead, nil
}

func follows(tail mark, r fact.Record) error {
	if r.Seq != tail.seq+1 {
		return fmt.Errorf("record %d would follow %d: %w", r.Seq, tail.seq, ErrOrder)
	}
	if tail.seq > 0 && r.At.UnixNano() < tail.at {
		return fmt.Errorf("record %d is of %s, the one before it of %s: %w", r.Seq,
			r.At.UTC().Format(time.RFC3339Nano), time.Unix(0, tail.at).UTC().Format(time.RFC3339Nano), ErrOrder)
	}
	return nil
}

// commitPending commits what is pending. What came meanwhile is left to another goroutine, so that an appender waits
// for its own records only.
func (j *Journal) commitPending() {
	if j.commit() {
		go j.commitRest()
	}
}

func (j *Journal) commitRest() {
	for j.commit() {
	}
}

// commit makes one write of what is pending, and tells whether there is more. The caller has the right to write.
func (j *Journal) commit() (more bool) {
	j.mu.Lock()
	b := j.pending
	j.pending = nil
	j.mu.Unlock()

	err := j.write(b)

	j.mu.Lock()
	told := b.waiting
	if err == nil {
		j.durable = b.last
		j.tell()
	} else {
		// Whatever was accepted behind this batch would leave a hole.
		if j.pending != nil {
			told = append(told, j.pending.waiting...)
			j.pending.free()
			j.pending = nil
		}
		j.tail = j.durable
	}
	j.mu.Unlock()

	for _, done := range told {
		done(err)
	}
	b.free()

	j.mu.Lock()
	defer j.mu.Unlock()
	if j.pending != nil {
		return true
	}
	j.writing = false
	j.idle.Broadcast()
	return false
}

// write puts a batch at the end of the growing segment, and on the disk if the setting says so. After an error the
// log is as it was before.
func (j *Journal) write(b *batch) error {
	j.disk.Lock()
	defer j.disk.Unlock()
	began := time.Now()
	if err := j.rollIfDue(); err != nil {
		j.meters.failed("roll")
		return err
	}
	s := j.growing()
	off := s.end
	_, err := j.file.WriteAt(b.buf, off)
	if err != nil {
		j.meters.failed("write")
		err = fmt.Errorf("journal: write to %s: %w", s.path, err)
	} else if j.opt.Fsync == FsyncAlways {
		if err = j.file.Sync(); err != nil {
			// Linux may have dropped the pages and will call the next fsync a success: this file's end is not to be
			// built upon any more.
			j.mustRoll = true
			j.meters.failed("sync")
			err = fmt.Errorf("journal: sync %s: %w", s.path, err)
		}
	}
	if err != nil {
		if cut := j.file.Truncate(off); cut != nil {
			j.mustRoll = true
			err = errors.Join(err, fmt.Errorf("take back the write: %w", cut))
		}
		return err
	}
	j.mu.Lock()
	for _, o := range b.offsets {
		s.note(o.seq, off+o.off)
	}
	s.end = off + int64(len(b.buf))
	if j.opt.Fsync == FsyncAlways {
		j.synced = b.last.seq
	}
	j.mu.Unlock()
	j.meters.committed(len(b.offsets), len(b.buf), time.Since(began))
	return nil
}

// growing is the last segment; its end changes only while disk is held.
func (j *Journal) growing() *segment {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.segments[len(j.segments)-1]
}

// rollIfDue goes on in a new segment when the growing one is long enough, or when it must. disk is held.
func (j *Journal) rollIfDue() error {
	old := j.growing()
	if !j.mustRoll && (old.end < j.opt.SegmentBytes || old.end == segmentHead) {
		return nil
	}
	if err := j.syncHeld(); err != nil {
		j.log.Error("journal: a finished segment could not be synced; a power cut may damage it", "file", old.path, "error", err)
	}
	j.mu.Lock()
	last := j.durable
	j.mu.Unlock()
	s, f, err := makeSegment(j.fs, j.dir, j.stream, last)
	if err != nil {
		if errors.Is(err, errUnsure) {
			j.mustRoll = true
		}
		if j.mustRoll {
			return fmt.Errorf("journal: %w", err)
		}
		j.meters.failed("roll")
		j.log.Warn("journal: no new segment; going on in the old one", "file", old.path, "error", err)
		return nil
	}
	if err := j.file.Close(); err != nil {
		j.log.Error("journal: close a finished segment", "file", old.path, "error", err)
	}
	j.mu.Lock()
	if s.first == old.first { // nothing was ever acknowledged in the old one, and the new file has taken its name
		j.segments = j.segments[:len(j.segments)-1]
	}
	j.segments = append(j.segments, s)
	j.mu.Unlock()
	j.file, j.mustRoll = f, false
	return nil
}

// syncHeld puts on the disk what was acknowledged; disk is held.
func (j *Journal) syncHeld() error {
	j.mu.Lock()
	upTo, need := j.durable.seq, j.synced < j.durable.seq
	path := j.segments[len(j.segments)-1].path
	j.mu.Unlock()
	if !need {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		j.mustRoll = true
		j.meters.failed("sync")
		return fmt.Errorf("sync %s: %w", path, err)
	}
	j.mu.Lock()
	j.synced = max(j.synced, upTo)
	j.mu.Unlock()
	return nil
}

func (j *Journal) syncNowAndThen() {
	defer j.done.Done()
	tick := time.NewTicker(j.opt.FsyncEvery)
	defer tick.Stop()
	for {
		select {
		case <-j.stop:
			return
		case <-tick.C:
		}
		j.disk.Lock()
		if err := j.syncHeld(); err != nil {
			j.log.Error("journal: background sync; the last records may not survive a power cut", "error", err)
		}
		j.disk.Unlock()
	}
}
