package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// FS is the file layer under a journal, so that tests can fill the disk, tear a write or flip a bit.
type FS interface {
	MkdirAll(dir string) error
	// List returns the plain files of a folder.
	List(dir string) ([]FileInfo, error)
	// Open opens an existing file, for reading and, if write is set, for writing.
	Open(name string, write bool) (File, error)
	// Create makes a file that must not exist yet, or empties one that does.
	Create(name string) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes creations, renames and removals in a folder durable.
	SyncDir(dir string) error
}

// File is an open file of an FS. A short WriteAt returns how much was written, and an error.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
	Size() (int64, error)
}

// FileInfo is one entry of a folder.
type FileInfo struct {
	Name    string
	Size    int64
	ModTime time.Time
}

// OS is the operating system's file layer.
type OS struct{}

var _ FS = OS{}

// MkdirAll makes the folder, for its owner only: a journal holds callers' numbers.
func (OS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

// List is described at FS.
func (OS) List(dir string) ([]FileInfo, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since it was listed
		}
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			files = append(files, FileInfo{Name: e.Name(), Size: info.Size(), ModTime: info.ModTime()})
		}
	}
	return files, nil
}

// Open is described at FS.
func (OS) Open(name string, write bool) (File, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	return wrap(os.OpenFile(name, flag, 0o600))
}

// Create is described at FS.
func (OS) Create(name string) (File, error) {
	return wrap(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600))
}

// Rename is described at FS.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove is described at FS.
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir is described at FS.
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type osFile struct{ *os.File }

func wrap(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
