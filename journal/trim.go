package journal

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Trim is described at Log. It forgets whole segments, oldest first, and cut-off ends of before that time.
func (j *Journal) Trim(before time.Time, needed uint64) (uint64, error) {
	j.upkeep.Lock()
	defer j.upkeep.Unlock()
	kept, err := j.checkpoints()
	if err != nil {
		return j.First(), fmt.Errorf("journal: trim: %w", err)
	}
	if len(kept) == 0 {
		return j.First(), nil // everything is needed to rebuild the state
	}
	needed = min(needed, kept[0]+1)
	for {
		path := j.forgettable(before, needed)
		if path == "" {
			break
		}
		// The file goes first: a removal that fails leaves the log as it was.
		if err := j.fs.Remove(path); err != nil {
			return j.First(), fmt.Errorf("journal: trim: %w", err)
		}
		j.mu.Lock()
		j.segments = j.segments[1:]
		j.mu.Unlock()
		j.log.Info("journal: a segment was forgotten", "file", path)
	}
	return j.First(), j.sweepDamaged(before)
}

// forgettable is the oldest segment's file, if all of its records are older than before and none is needed.
func (j *Journal) forgettable(before time.Time, needed uint64) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.segments) < 2 {
		return ""
	}
	next := j.segments[1]
	if next.first > needed || next.prev.at >= before.UnixNano() {
		return ""
	}
	return j.segments[0].path
}

func (j *Journal) sweepDamaged(before time.Time) error {
	files, err := j.fs.List(j.dir)
	if err != nil {
		return fmt.Errorf("journal: trim: %w", err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name, damagedSuffix) && f.ModTime.Before(before) {
			if err := j.fs.Remove(filepath.Join(j.dir, f.Name)); err != nil {
				return fmt.Errorf("journal: trim: %w", err)
			}
		}
	}
	return nil
}
