package prompt

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// recent is how long a sound that was asked for may still be playing: it is not deleted meanwhile.
const recent = 10 * time.Minute

// fileName is what the store's own files are called.
var fileName = regexp.MustCompile(`^[0-9a-f]{24}\.wav$`)

// unfinished marks the files that are being written.
const unfinished = ".part-"

// kept is a sound in the folder.
type kept struct {
	bytes  int64
	length time.Duration
	used   time.Time
	pinned bool // made by Warm
}

// takeUp finds the sounds of earlier runs, and clears away what an end in the middle left.
func (s *Store) takeUp() error {
	entries, err := os.ReadDir(s.cfg.Dir)
	if err != nil {
		return fmt.Errorf("prompts: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(s.cfg.Dir, e.Name())
		if strings.HasPrefix(e.Name(), unfinished) {
			if info, err := e.Info(); err == nil && s.cfg.Now().Sub(info.ModTime()) < recent {
				continue // another server on this folder may be writing it: a standby opens it, too
			}
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("prompts: %w", err)
			}
			continue
		}
		if !fileName.MatchString(e.Name()) {
			continue
		}
		info, err := e.Info()
		if err != nil || info.Size() <= wavHeader {
			continue // it will be made again, over this one
		}
		s.kept[strings.TrimSuffix(e.Name(), ".wav")] = &kept{
			bytes: info.Size(), length: lengthOf(info.Size()), used: info.ModTime(),
		}
		s.bytes += info.Size()
	}
	return nil
}

// have finds a sound and marks it as used. One that somebody deleted is not there.
func (s *Store) have(name string, pin bool) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[name]
	if !ok {
		return 0, false
	}
	info, err := os.Stat(s.file(name))
	if err != nil || info.Size() != k.bytes {
		delete(s.kept, name)
		s.bytes -= k.bytes
		return 0, false
	}
	k.used = s.cfg.Now()
	k.pinned = k.pinned || pin
	return k.length, true
}

func (s *Store) file(name string) string { return filepath.Join(s.cfg.Dir, name+".wav") }

// keep writes a sound beside its place and moves it there, so that nobody ever plays half of one.
func (s *Store) keep(name string, sound pcm, pin bool) error {
	file := sound.encodeWAV()
	if err := s.makeRoom(int64(len(file))); err != nil {
		return err
	}
	err := func() error {
		f, err := os.CreateTemp(s.cfg.Dir, unfinished)
		if err != nil {
			return err
		}
		defer os.Remove(f.Name()) // gone already when all went well
		_, err = f.Write(file)
		err = errors.Join(err, f.Chmod(0o644), f.Close()) // Asterisk may be another user
		if err != nil {
			return err
		}
		return os.Rename(f.Name(), s.file(name))
	}()
	if err != nil {
		return fmt.Errorf("prompts: the sound cannot be kept: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[name] = &kept{bytes: int64(len(file)), length: sound.length(), used: s.cfg.Now(), pinned: pin}
	s.bytes += int64(len(file))
	return nil
}

// makeRoom deletes the sounds that were not used for longest, those of Warm last, until there is room for one more.
func (s *Store) makeRoom(need int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+need <= s.cfg.Bytes {
		return nil
	}
	names := make([]string, 0, len(s.kept))
	for name := range s.kept {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := s.kept[a], s.kept[b]
		if x.pinned != y.pinned {
			if y.pinned {
				return -1
			}
			return 1
		}
		return cmp.Or(x.used.Compare(y.used), strings.Compare(a, b))
	})
	before := s.cfg.Now().Add(-recent)
	for _, name := range names {
		k := s.kept[name]
		if k.used.After(before) {
			continue
		}
		if err := os.Remove(s.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("prompts: %w", err)
		}
		delete(s.kept, name)
		// A tenth more than needed, so that the next ones need not look again.
		if s.bytes -= k.bytes; s.bytes+need <= s.cfg.Bytes-s.cfg.Bytes/10 {
			return nil
		}
	}
	if s.bytes+need <= s.cfg.Bytes {
		return nil
	}
	return ErrFull
}

// Size is how many sounds there are, and how many bytes they take.
func (s *Store) Size() (sounds int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept), s.bytes
}
