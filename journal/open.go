package journal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

// Recovered tells what Open found.
type Recovered struct {
	Began    bool   // there was no log: a new stream was begun
	Segments int    // how many files the log has
	First    uint64 // the oldest record held
	Last     uint64 // the newest; First-1 when there is none
	// CutBytes of a torn end were cut off and put aside in CutFile; CutRecords whole records were among them, none of
	// which had been acknowledged as durable.
	CutBytes   int64
	CutRecords int
	CutFile    string
	// Damage was found among durable records of the last segment. It stays in place; the records around it are served.
	Damage []*DamageError
}

// Clean tells that nothing was found that an administrator should know.
func (r Recovered) Clean() bool { return r.CutBytes == 0 && len(r.Damage) == 0 }

// DamageError tells that the records From to To cannot be read.
type DamageError struct {
	File     string
	Offset   int64
	From, To uint64
}

// Error names the place.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s, byte %d: records %d to %d are damaged: restore the file from a copy, or go on behind them: %v",
		e.File, e.Offset, e.From, e.To, ErrDamaged)
}

// Unwrap gives ErrDamaged.
func (e *DamageError) Unwrap() error { return ErrDamaged }

// Open opens the log in dir, or begins one there, and takes the folder's lock: a second opener gets ErrLocked at once.
// A torn end is cut off and kept aside; Recovered tells of it.
func Open(dir string, opt Options) (*Journal, Recovered, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, Recovered{}, err
	}
	lock := opt.Lock
	if lock == nil {
		if lock, err = TryLock(dir); err != nil {
			return nil, Recovered{}, err
		}
	} else if filepath.Clean(lock.dir) != filepath.Clean(dir) {
		return nil, Recovered{}, fmt.Errorf("journal: the lock is for %s, not for %s", lock.dir, dir)
	}
	j := &Journal{dir: dir, opt: opt, fs: opt.FS, lock: lock, log: opt.Logger.With("journal", dir), stop: make(chan struct{})}
	j.idle = sync.NewCond(&j.mu)
	found, err := j.recover()
	if err == nil {
		j.meters, err = newMeters(opt.Registerer)
	}
	if err != nil {
		if j.file != nil {
			err = errors.Join(err, j.file.Close())
		}
		return nil, Recovered{}, errors.Join(fmt.Errorf("journal: open %s: %w", dir, err), lock.Release())
	}
	if opt.Fsync == FsyncInterval {
		j.done.Add(1)
		go j.syncNowAndThen()
	}
	return j, found, nil
}

// recover reads the folder: headers of all segments, frames of the last one.
func (j *Journal) recover() (Recovered, error) {
	if err := j.fs.MkdirAll(j.dir); err != nil {
		return Recovered{}, err
	}
	if err := j.readHeads(); err != nil {
		return Recovered{}, err
	}
	if len(j.segments) == 0 {
		return j.begin()
	}
	var found Recovered
	last := j.segments[len(j.segments)-1]
	unsure, from, err := j.scanLast(last, &found)
	if err != nil {
		return found, err
	}
	found.Segments = len(j.segments)
	found.First, found.Last = j.segments[0].first, j.durable.seq
	f, err := j.fs.Open(last.path, true)
	if err != nil {
		return found, err
	}
	j.file = f
	if found.CutBytes > 0 {
		if err := j.cut(last, &found); err != nil {
			return found, err
		}
	}
	// What the process before wrote may be in the page cache only, and if a sync of it failed, Linux calls the pages
	// clean and the next sync a success. Written once more it reaches the disk, or fails for us to see.
	if _, err := f.WriteAt(unsure, from); err != nil {
		return found, fmt.Errorf("write the end of %s again: %w", last.path, err)
	}
	if err := f.Sync(); err != nil {
		return found, fmt.Errorf("sync %s: %w", last.path, err)
	}
	if err := j.fs.SyncDir(j.dir); err != nil { // the names, too
		return found, fmt.Errorf("sync %s: %w", j.dir, err)
	}
	j.synced, j.tail = j.durable.seq, j.durable
	for _, d := range found.Damage {
		j.log.Error("journal: durable records are damaged", "file", d.File, "offset", d.Offset, "from", d.From, "to", d.To)
	}
	return found, nil
}

// begin starts a new stream in an empty folder.
func (j *Journal) begin() (Recovered, error) {
	if err := j.refuseOrphans(); err != nil {
		return Recovered{}, err
	}
	id := make([]byte, streamLen/2)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process instead
	j.stream = hex.EncodeToString(id)
	j.durable = mark{hash: seedHash(j.stream)}
	s, f, err := makeSegment(j.fs, j.dir, j.stream, j.durable)
	if err != nil {
		return Recovered{}, err
	}
	j.segments, j.file, j.tail = []*segment{s}, f, j.durable
	return Recovered{Began: true, Segments: 1, First: 1}, nil
}

// refuseOrphans fails when there are checkpoints and no log: somebody moved the log away, and a new one beside them
// would give old sequence numbers to new calls.
func (j *Journal) refuseOrphans() error {
	files, err := j.fs.List(j.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name, checkpointSuffix) {
			return fmt.Errorf("there is the checkpoint %s but no segment of a log: put the segments back, or move the checkpoints away to begin anew: %w", f.Name, ErrDamaged)
		}
	}
	return nil
}

// readHeads finds the segments, and sweeps files that were never finished.
func (j *Journal) readHeads() error {
	files, err := j.fs.List(j.dir)
	if err != nil {
		return err
	}
	var broken []string
	for _, info := range files {
		path := filepath.Join(j.dir, info.Name)
		if strings.HasSuffix(info.Name, tempSuffix) {
			if err := j.fs.Remove(path); err != nil {
				return fmt.Errorf("sweep %s: %w", path, err)
			}
			continue
		}
		first, ok := segmentFirst(info.Name)
		if !ok {
			continue
		}
		s, stream, err := readHead(j.fs, path, first)
		switch {
		case errors.Is(err, errHead):
			broken = append(broken, path)
			s.prev.seq = first - 1
		case err != nil:
			return err
		case j.stream == "":
			j.stream = stream
		case j.stream != stream:
			return fmt.Errorf("%s is of stream %s, the segments before it are of %s: move the files that are not of this log away: %w", path, stream, j.stream, ErrForeign)
		}
		j.segments = append(j.segments, s)
	}
	sort.Slice(j.segments, func(a, b int) bool { return j.segments[a].first < j.segments[b].first })
	if len(broken) > 0 && (j.stream == "" || broken[len(broken)-1] == j.segments[len(j.segments)-1].path) {
		return fmt.Errorf("%s: %w: restore it from a copy, or move it away to lose its records: %w", broken[len(broken)-1], errHead, ErrDamaged)
	}
	for _, path := range broken {
		j.log.Error("journal: a segment's header is damaged; its records are read all the same", "file", path)
	}
	return nil
}

// scanLast reads every frame of the last segment, and decides what of it is the log. It returns the part of that, and
// its place, which nothing says had reached the disk.
func (j *Journal) scanLast(s *segment, found *Recovered) (unsure []byte, from int64, err error) {
	b := make([]byte, s.end)
	f, err := j.fs.Open(s.path, false)
	if err != nil {
		return nil, 0, err
	}
	_, err = f.ReadAt(b, 0)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", s.path, err)
	}
	scan := scanFrames(b, s.prev)
	from = scan.end
	for i, at := range scan.frames {
		s.note(at.seq, at.off)
		if at.seq > scan.synced && (i == 0 || scan.frames[i-1].seq <= scan.synced) {
			from = at.off
		}
	}
	s.end, j.durable = scan.end, scan.last
	for _, d := range scan.damage {
		d.File = s.path
	}
	found.Damage = scan.damage
	found.CutBytes, found.CutRecords = int64(len(b))-scan.end, scan.cut
	return b[from:scan.end], from, nil
}

// scanned is what a segment's bytes hold.
type scanned struct {
	frames []indexed
	last   mark
	end    int64
	synced uint64 // was on the disk for certain
	damage []*DamageError
	cut    int // whole frames behind end
}

// scanFrames walks a segment's bytes. Where a frame is unreadable it looks for the next whole one, and every frame
// tells what was on the disk when it was written: an unreadable record that was on the disk is damage, to be told and
// passed over. One that was not is a write that a crash tore, and the log ends before it, whatever came to the disk
// behind it.
func scanFrames(b []byte, prev mark) scanned {
	type gap struct {
		DamageError
		frames int  // before it
		last   mark // before it
	}
	out := scanned{last: prev, end: segmentHead}
	var gaps []gap
	pos := segmentHead
	for pos < len(b) {
		f, err := readFrame(b[pos:])
		fits := err == nil && f.seq == out.last.seq+1
		if fits && (len(gaps) == 0 || gaps[len(gaps)-1].To != out.last.seq) {
			fits = out.last.hash.then(f.payload) == f.hash
		}
		if !fits {
			n, next, ok := seekFrame(b[pos+1:], out.last.seq+2)
			if !ok {
				break
			}
			gaps = append(gaps, gap{DamageError{Offset: int64(pos), From: out.last.seq + 1, To: next.seq - 1}, len(out.frames), out.last})
			out.last.seq = next.seq - 1 // its hash is unknown; the frame behind the gap is believed
			pos += 1 + n
			continue
		}
		out.synced = max(out.synced, f.synced)
		out.frames = append(out.frames, indexed{f.seq, int64(pos)})
		out.last = f.mark
		pos += f.size
		out.end = int64(pos)
	}
	for i := range gaps {
		g := &gaps[i]
		if g.From > out.synced {
			out.cut = len(out.frames) - g.frames
			out.frames, out.last, out.end = out.frames[:g.frames], g.last, g.Offset
			break
		}
		out.damage = append(out.damage, &g.DamageError)
	}
	return out
}

// cut takes the torn end off the last segment, and keeps it in a file of its own.
func (j *Journal) cut(s *segment, found *Recovered) error {
	tail := make([]byte, found.CutBytes)
	if _, err := j.file.ReadAt(tail, s.end); err != nil {
		return fmt.Errorf("read the torn end of %s: %w", s.path, err)
	}
	aside := filepath.Join(j.dir, fmt.Sprintf("%020d-%d%s", s.first, s.end, damagedSuffix))
	f, err := writeWhole(j.fs, j.dir, aside, tail)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("keep the torn end of %s aside: %w", s.path, err)
	}
	if err := j.file.Truncate(s.end); err != nil {
		return fmt.Errorf("cut the torn end of %s: %w", s.path, err)
	}
	found.CutFile = aside
	j.log.Warn("journal: a torn end was cut off", "file", s.path, "bytes", found.CutBytes, "records", found.CutRecords, "kept_in", aside)
	return nil
}

const damagedSuffix = ".damaged"

// waitFor blocks until the record is durable.
func (j *Journal) waitFor(ctx context.Context, seq uint64) error {
	for {
		j.mu.Lock()
		switch {
		case j.durable.seq >= seq:
			j.mu.Unlock()
			return nil
		case seq > j.tail.seq+1:
			defer j.mu.Unlock()
			return fmt.Errorf("record %d is asked for, the log in %s ends with %d: %w", seq, j.dir, j.tail.seq, ErrAhead)
		case j.closed && !j.writing:
			j.mu.Unlock()
			return ErrClosed
		}
		if j.news == nil {
			j.news = make(chan struct{})
		}
		news := j.news
		j.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
