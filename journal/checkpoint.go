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
	checkpointMagic  = "HOTLCKP1"
	checkpointHead   = 80
	checkpointSuffix = ".checkpoint"
)

// Checkpoint is described at Log. The file appears whole or not at all; older ones than the last few are removed.
func (j *Journal) Checkpoint(seq uint64, state []byte) error {
	j.upkeep.Lock()
	defer j.upkeep.Unlock()
	err := j.checkpoint(seq, state)
	if err != nil {
		j.meters.failed("checkpoint")
		return fmt.Errorf("journal: checkpoint at %d: %w", seq, err)
	}
	return nil
}

func (j *Journal) checkpoint(seq uint64, state []byte) error {
	if seq == 0 {
		return errors.New("there is no record yet")
	}
	hash, err := j.hashAt(seq)
	if err != nil {
		return err
	}
	// A state on the disk must not have seen a record that is not.
	j.disk.Lock()
	err = j.syncHeld()
	j.disk.Unlock()
	if err != nil {
		return err
	}
	f, err := writeWhole(j.fs, j.dir, j.checkpointPath(seq), j.encodeCheckpoint(seq, hash, state))
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	kept, err := j.checkpoints()
	if err != nil {
		return err
	}
	for len(kept) > j.opt.Checkpoints {
		if err := j.fs.Remove(j.checkpointPath(kept[0])); err != nil {
			return err
		}
		kept = kept[1:]
	}
	return nil
}

// encodeCheckpoint writes
//
//	magic [8] │ crc32c u32 │ spare u32 │ seq u64 │ length u64 │ hash [16] │ stream [32] │ state
func (j *Journal) encodeCheckpoint(seq uint64, hash Hash, state []byte) []byte {
	b := make([]byte, checkpointHead, checkpointHead+len(state))
	copy(b, checkpointMagic)
	binary.LittleEndian.PutUint64(b[16:], seq)
	binary.LittleEndian.PutUint64(b[24:], uint64(len(state)))
	copy(b[32:], hash[:])
	copy(b[48:], j.stream)
	b = append(b, state...)
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b[12:], castagnoli))
	return b
}

func (j *Journal) checkpointPath(seq uint64) string {
	return filepath.Join(j.dir, fmt.Sprintf("%020d%s", seq, checkpointSuffix))
}

// checkpoints lists the sequences of those on the disk, oldest first.
func (j *Journal) checkpoints() ([]uint64, error) {
	files, err := j.fs.List(j.dir)
	if err != nil {
		return nil, err
	}
	var seqs []uint64
	for _, f := range files {
		digits, ok := strings.CutSuffix(f.Name, checkpointSuffix)
		if !ok {
			continue
		}
		if seq, err := strconv.ParseUint(digits, 10, 64); err == nil {
			seqs = append(seqs, seq)
		}
	}
	sort.Slice(seqs, func(a, b int) bool { return seqs[a] < seqs[b] })
	return seqs, nil
}

// LatestCheckpoint is described at Log. It passes over checkpoints that are damaged, or that do not fit this log, and
// says so in the log file; it fails when none is left and the log no longer begins with record 1.
func (j *Journal) LatestCheckpoint() (uint64, []byte, error) {
	seqs, err := j.checkpoints()
	if err != nil {
		return 0, nil, fmt.Errorf("journal: look for checkpoints: %w", err)
	}
	var why error
	for i := len(seqs) - 1; i >= 0; i-- {
		state, err := j.readCheckpoint(seqs[i])
		if err == nil {
			return seqs[i], state, nil
		}
		j.log.Warn("journal: a checkpoint is passed over", "file", j.checkpointPath(seqs[i]), "error", err)
		why = errors.Join(why, err)
	}
	if first := j.First(); first > 1 {
		return 0, nil, errors.Join(fmt.Errorf("journal: %s begins with record %d and has no checkpoint to begin from: restore one from a copy: %w", j.dir, first, ErrDamaged), why)
	}
	return 0, nil, nil
}

func (j *Journal) readCheckpoint(seq uint64) ([]byte, error) {
	path := j.checkpointPath(seq)
	f, err := j.fs.Open(path, false)
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	var b []byte
	if err == nil && size >= checkpointHead {
		b = make([]byte, size)
		_, err = f.ReadAt(b, 0)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(b) < checkpointHead || string(b[:8]) != checkpointMagic ||
		crc32.Checksum(b[12:], castagnoli) != binary.LittleEndian.Uint32(b[8:]) ||
		binary.LittleEndian.Uint64(b[16:]) != seq {
		return nil, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	at := Position{Stream: string(b[48:80]), Seq: seq, Hash: Hash(b[32:48])}
	// A damaged record under the checkpoint is no reason to give up the state that has it in it.
	if err := j.Check(at); err != nil && !errors.Is(err, ErrDamaged) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b[checkpointHead:], nil
}
