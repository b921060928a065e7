package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

const (
	segmentMagic  = "HOTLINE1"
	segmentHead   = 80
	segmentSuffix = ".log"
	tempSuffix    = ".new"
	streamLen     = 32 // hexadecimal digits of 16 random bytes
	indexEvery    = 256
)

// segment is one file of the log. first and path never change; the rest is guarded by Journal.mu.
type segment struct {
	first uint64
	path  string
	prev  mark  // the record before the first one
	end   int64 // where the next frame goes; in a finished segment the end of the last
	index []indexed
	count int // frames behind the last indexed one
}

// indexed remembers where one frame of about indexEvery lies, so that readers need not scan a segment from its head.
type indexed struct {
	seq uint64
	off int64
}

func segmentName(first uint64) string { return fmt.Sprintf("%020d%s", first, segmentSuffix) }

func segmentFirst(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil && n > 0
}

// note indexes the frame that begins at off.
func (s *segment) note(seq uint64, off int64) {
	if s.count%indexEvery == 0 {
		s.index = append(s.index, indexed{seq, off})
	}
	s.count++
}

// near is the offset of a frame at or before seq.
func (s *segment) near(seq uint64) (uint64, int64) {
	i := sort.Search(len(s.index), func(i int) bool { return s.index[i].seq > seq })
	if i == 0 {
		return s.first, segmentHead
	}
	return s.index[i-1].seq, s.index[i-1].off
}

// head encodes the segment's header:
//
//	magic [8] │ crc32c u32 │ spare u32 │ first u64 │ time before i64 │ hash before [16] │ stream [32]
func (s *segment) head(stream string) []byte {
	b := make([]byte, segmentHead)
	copy(b, segmentMagic)
	binary.LittleEndian.PutUint64(b[16:], s.first)
	binary.LittleEndian.PutUint64(b[24:], uint64(s.prev.at))
	copy(b[32:], s.prev.hash[:])
	copy(b[48:], stream)
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b[12:], castagnoli))
	return b
}

var errHead = errors.New("the segment's header is damaged")

// readHead reads the header of the segment at path.
func readHead(fs FS, path string, first uint64) (*segment, string, error) {
	f, err := fs.Open(path, false)
	if err != nil {
		return nil, "", err
	}
	b := make([]byte, segmentHead)
	size, err := f.Size()
	if err == nil && size >= segmentHead {
		_, err = f.ReadAt(b, 0)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, "", fmt.Errorf("read %s: %w", path, err)
	}
	s := &segment{first: first, path: path, end: size}
	if string(b[:8]) != segmentMagic || crc32.Checksum(b[12:], castagnoli) != binary.LittleEndian.Uint32(b[8:]) ||
		binary.LittleEndian.Uint64(b[16:]) != first {
		return s, "", errHead
	}
	s.prev = mark{seq: first - 1, at: int64(binary.LittleEndian.Uint64(b[24:]))}
	copy(s.prev.hash[:], b[32:])
	return s, string(b[48 : 48+streamLen]), nil
}

// errUnsure: a file got its name, but the name may not last. Nothing was lost by it, but for a segment it means that
// the one before must not grow any more: after a crash this one may be there, and be taken for what follows.
var errUnsure = errors.New("the new file may not outlast a power cut")

// makeSegment puts a new, empty segment on the disk: under its name only when its header is durable.
func makeSegment(fs FS, dir, stream string, prev mark) (*segment, File, error) {
	s := &segment{first: prev.seq + 1, prev: prev, end: segmentHead}
	s.path = filepath.Join(dir, segmentName(s.first))
	f, err := writeWhole(fs, dir, s.path, s.head(stream))
	if err != nil {
		return nil, nil, fmt.Errorf("begin segment %s: %w", s.path, err)
	}
	return s, f, nil
}

// writeWhole makes a file appear under its name with all of its content, durably, or not at all. The file is returned
// open.
func writeWhole(fs FS, dir, path string, content []byte) (File, error) {
	temp := path + tempSuffix
	f, err := fs.Create(temp)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = fs.Rename(temp, path)
	}
	if err != nil {
		_ = fs.Remove(temp) // a left-over is also swept at the next start
		return nil, errors.Join(err, f.Close())
	}
	if err := fs.SyncDir(dir); err != nil {
		return nil, errors.Join(errUnsure, err, f.Close())
	}
	return f, nil
}
