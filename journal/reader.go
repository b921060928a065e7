package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

const readChunk = 64 << 10

// reader walks the segments with a file of its own, so that a segment that is trimmed under it stays readable.
type reader struct {
	j    *Journal
	next uint64 // the sequence that Next will return
	seg  *segment
	file File
	off  int64  // where buf begins in the file
	buf  []byte // read and not yet taken
	prev Hash   // the hash before next, if linked
	// linked: prev is known, so the chain can be checked.
	linked bool
	closed bool
}

// From is described at Log.
func (j *Journal) From(seq uint64) Reader { return &reader{j: j, next: max(seq, 1)} }

// Close is described at Reader.
func (r *reader) Close() error {
	r.closed = true
	return r.leave()
}

func (r *reader) leave() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file, r.seg, r.buf = nil, nil, nil
	return err
}

// Next is described at Reader.
func (r *reader) Next(ctx context.Context) (Entry, error) {
	if r.closed {
		return Entry{}, ErrClosed
	}
	if err := r.j.waitFor(ctx, r.next); err != nil {
		return Entry{}, err
	}
	f, err := r.frame()
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Prev: r.prev, Hash: f.hash}
	if err := e.Record.UnmarshalJSON(f.payload); err != nil {
		// Not passed over: the same call fails again until a version runs that can read it.
		return Entry{}, errors.Join(fmt.Errorf("journal: %s: %w", r.seg.path, err), r.leave())
	}
	r.next, r.prev, r.linked = f.seq+1, f.hash, true
	return e, nil
}

// NextBatch is described at Reader.
func (r *reader) NextBatch(ctx context.Context, most int) ([]Entry, error) {
	e, err := r.Next(ctx)
	if err != nil {
		return nil, err
	}
	entries := []Entry{e}
	for len(entries) < most {
		if last, _ := r.j.Last(); last < r.next {
			break
		}
		at := *r
		if e, err = r.Next(ctx); err != nil {
			// What was read is good; the error comes again with the next call.
			r.next, r.prev, r.linked = at.next, at.prev, at.linked
			if err := r.leave(); err != nil {
				return entries, err
			}
			break
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// frame reads the frame of r.next, which is durable.
func (r *reader) frame() (frame, error) {
	for {
		s, end, last, err := r.j.holding(r.next)
		if err != nil {
			return frame{}, err
		}
		if s != r.seg {
			if err := r.enter(s); err != nil {
				return frame{}, err
			}
		}
		f, err := r.take(end)
		if errors.Is(err, errBadFrame) {
			if err := r.pass(end, last); err != nil {
				return frame{}, err
			}
			continue
		}
		if err != nil {
			return frame{}, err
		}
		if f.seq < r.next { // on the way from an indexed frame to the one asked for
			r.prev, r.linked = f.hash, true
			continue
		}
		if f.seq > r.next || r.linked && r.prev.then(f.payload) != f.hash {
			r.off, r.buf = r.off-int64(f.size), nil
			if err := r.pass(end, last); err != nil {
				return frame{}, err
			}
			continue
		}
		return f, nil
	}
}

// holding finds the segment of a durable record, where its frames end, and its last sequence.
func (j *Journal) holding(seq uint64) (s *segment, end int64, last uint64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if first := j.segments[0].first; seq < first {
		return nil, 0, 0, fmt.Errorf("record %d is asked for, the log in %s begins with %d: %w", seq, j.dir, first, ErrTrimmed)
	}
	i := len(j.segments) - 1
	last = j.durable.seq
	for j.segments[i].first > seq {
		last = j.segments[i].first - 1
		i--
	}
	return j.segments[i], j.segments[i].end, last, nil
}

// enter opens a segment near the wanted record.
func (r *reader) enter(s *segment) error {
	fresh := r.seg == nil
	if err := r.leave(); err != nil {
		return err
	}
	f, err := r.j.fs.Open(s.path, false)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("record %d was in %s: %w", r.next, s.path, ErrTrimmed)
	}
	if err != nil {
		return fmt.Errorf("journal: open a segment: %w", err)
	}
	r.j.mu.Lock()
	// From the record before, whose hash the wanted one follows: the index may lead straight to the wanted one.
	seq, off := s.near(max(s.first, r.next-1))
	prev := s.prev
	r.j.mu.Unlock()
	r.file, r.seg, r.off = f, s, off
	if fresh || seq != r.next {
		r.linked = false
	}
	if seq == s.first && prev != (mark{seq: s.first - 1}) { // the header is whole
		r.prev, r.linked = prev.hash, true
	}
	return nil
}

// take reads the frame at r.off.
func (r *reader) take(end int64) (frame, error) {
	for {
		f, err := readFrame(r.buf)
		if err == nil {
			r.buf = r.buf[f.size:]
			r.off += int64(f.size)
			return f, nil
		}
		if !errors.Is(err, errShort) {
			return frame{}, err
		}
		have := r.off + int64(len(r.buf))
		if have >= end {
			return frame{}, errBadFrame
		}
		n := min(max(readChunk, int64(f.size)), end-r.off)
		if n <= int64(len(r.buf)) {
			n = min(int64(len(r.buf))+readChunk, end-r.off)
		}
		b := make([]byte, n)
		k := copy(b, r.buf)
		if _, err := r.file.ReadAt(b[k:], have); err != nil {
			return frame{}, fmt.Errorf("journal: read %s: %w", r.seg.path, err)
		}
		r.buf = b
	}
}

// pass looks for the next whole frame behind damage at r.off, and tells what is gone; nil when the wanted record was
// not hit.
func (r *reader) pass(end int64, last uint64) error {
	d := &DamageError{File: r.seg.path, Offset: r.off, From: r.next, To: last}
	b := make([]byte, max(0, end-r.off-1))
	if _, err := r.file.ReadAt(b, r.off+1); err != nil && len(b) > 0 {
		return fmt.Errorf("journal: read %s behind damage: %w", r.seg.path, err)
	}
	n, f, ok := seekFrame(b, r.next)
	ok = ok && f.seq <= last
	if ok {
		d.To = f.seq - 1
		r.off, r.buf = r.off+1+int64(n), nil
	} else if err := r.leave(); err != nil {
		return err
	}
	r.next, r.linked = d.To+1, false
	if d.To < d.From {
		return nil
	}
	return d
}

// hashAt is the running hash after a record.
func (j *Journal) hashAt(seq uint64) (Hash, error) {
	j.mu.Lock()
	first, last, before := j.segments[0].first, j.durable, j.segments[0].prev
	j.mu.Unlock()
	switch {
	case seq == last.seq:
		return last.hash, nil
	case seq > last.seq:
		return Hash{}, fmt.Errorf("record %d is asked for, the log in %s ends with %d: %w", seq, j.dir, last.seq, ErrAhead)
	case seq == first-1:
		return before.hash, nil
	}
	r := &reader{j: j, next: seq}
	f, err := r.frame()
	return f.hash, errors.Join(err, r.leave())
}
