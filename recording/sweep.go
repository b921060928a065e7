package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Kept is a recording in the store, as the sweep shows it.
type Kept struct {
	ID   string
	Call string
	File string
	At   time.Time
	// Bytes it takes.
	Bytes int64
}

// Swept tells what a sweep did.
type Swept struct {
	Kept, Removed int
	Freed         int64 // bytes
}

// Sweep forgets the recordings whose time is over: until is not after now, and hold is not set. A recording of which
// keep does not know anything should be kept. One failure does not end the sweep; all are returned.
func (s *Store) Sweep(ctx context.Context, now time.Time, keep func(Kept) (until time.Time, hold bool)) (Swept, error) {
	var done Swept
	var failed error
	err := fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed = errors.Join(failed, err)
		if err != nil || d == nil {
			return fs.SkipDir // what cannot be listed is left for the next time
		}
		if d.IsDir() {
			if name == tempDir {
				return fs.SkipDir
			}
			return nil
		}
		if !fileForm.MatchString(name) {
			return nil
		}
		failed = errors.Join(failed, s.sweepOne(name, d, now, keep, &done))
		return nil
	})
	if err = errors.Join(err, failed); err != nil {
		return done, fmt.Errorf("recordings: sweep of %s: %w", s.dir, err)
	}
	return done, nil
}

func (s *Store) sweepOne(file string, d fs.DirEntry, now time.Time, keep func(Kept) (time.Time, bool), done *Swept) error {
	k, err := s.kept(file, d)
	if err != nil {
		return err
	}
	if until, hold := keep(k); hold || until.After(now) {
		done.Kept++
		return nil
	}
	if err := s.Remove(file); err != nil {
		return err
	}
	s.removeEmpty(path.Dir(file))
	done.Removed++
	done.Freed += k.Bytes
	return nil
}

func (s *Store) kept(file string, d fs.DirEntry) (Kept, error) {
	info, err := d.Info()
	if err != nil {
		return Kept{}, err
	}
	k := Kept{File: file, ID: strings.TrimSuffix(path.Base(file), path.Ext(file)), At: info.ModTime(), Bytes: info.Size()}
	if about, err := s.readNote(file); err == nil {
		k.Call, k.At = about.Call, about.At
	} else if day, err := time.Parse("2006/01/02", path.Dir(file)); err == nil {
		k.At = day
	}
	return k, nil
}

// removeEmpty removes a day's folder, its month's and its year's, as far as nothing is in them.
func (s *Store) removeEmpty(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		if s.root.Remove(dir) != nil {
			return // not empty
		}
	}
}
