// Package journaltest holds what tests of a journal need: one conformance suite for every store behind journal.Log, and a
// Disk that fails in the ways disks do.
package journaltest

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"hotline/journal"
)

// Disk is a file layer in memory that knows what has reached the platter. What was written and not synced may be lost
// in a PowerCut, sector by sector; names that were made or removed and not synced may be lost in the order of their
// making. After a sync that failed, the writes before it are never going to reach the platter, though later syncs
// succeed: that is how Linux does it.
type Disk struct {
	mu      sync.Mutex
	names   map[string]*inode
	durable map[string]*inode
	ops     []func(map[string]*inode) // on names since the last SyncDir

	room   int64 // bytes that may still be written; negative: any
	faults func(op, name string) error
}

var _ journal.FS = (*Disk)(nil)

type inode struct {
	data    []byte
	durable []byte
	dirty   [][2]int // from, to
	mod     time.Time
}

// NewDisk makes an empty one.
func NewDisk() *Disk {
	return &Disk{names: map[string]*inode{}, durable: map[string]*inode{}, room: -1}
}

// Room sets how many bytes may be written until the disk is full; negative: any number.
func (d *Disk) Room(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Fail has every operation ask before it is done. Its names are mkdir, list, open, create, rename, remove, syncdir,
// read, write, truncate, sync. A write that fails so may have been done in part; nil ends the faults.
func (d *Disk) Fail(ask func(op, name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = ask
}

func (d *Disk) asked(op, name string) error {
	if d.faults == nil {
		return nil
	}
	return d.faults(op, name)
}

// sector is what a disk writes as a whole; smaller than a real one so that small files are torn in many places.
const sector = 64

// PowerCut loses what is not on the platter, as far as chance wants it.
func (d *Disk) PowerCut(chance *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := map[string]*inode{}
	for name, n := range d.durable {
		names[name] = n
	}
	for _, op := range d.ops[:chance.IntN(len(d.ops)+1)] {
		op(names)
	}
	for _, n := range names {
		n.cut(chance)
	}
	d.names, d.ops = names, nil
	d.durable = map[string]*inode{}
	for name, n := range names {
		d.durable[name] = n
	}
	d.faults, d.room = nil, -1
}

func (n *inode) cut(chance *rand.Rand) {
	left := slices.Clone(n.durable)
	if len(n.data) != len(left) && chance.IntN(2) == 0 {
		size := len(n.data)
		if size > len(left) {
			size = len(left) + chance.IntN(size-len(left)+1)
		}
		left = resize(left, size)
	}
	for _, r := range n.dirty {
		for at := r[0] / sector * sector; at < r[1]; at += sector {
			if chance.IntN(2) == 0 {
				from, to := max(at, r[0]), min(at+sector, r[1], len(left), len(n.data))
				if from < to {
					copy(left[from:to], n.data[from:to])
				}
			}
		}
	}
	n.data, n.durable, n.dirty = left, slices.Clone(left), nil
}

func resize(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size]
	}
	return append(b, make([]byte, size-len(b))...)
}

// Bytes is a file's content.
func (d *Disk) Bytes(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.names[name]; n != nil {
		return slices.Clone(n.data)
	}
	return nil
}

// Put sets a file's content, durably: to plant damage.
func (d *Disk) Put(name string, b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := &inode{data: slices.Clone(b), durable: slices.Clone(b)}
	d.names[name], d.durable[name] = n, n
}

// Names lists the files whose names end so.
func (d *Disk) Names(suffix string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for name := range d.names {
		if strings.HasSuffix(name, suffix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// MkdirAll implements journal.FS.
func (d *Disk) MkdirAll(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked("mkdir", dir)
}

// List implements journal.FS.
func (d *Disk) List(dir string) ([]journal.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.asked("list", dir); err != nil {
		return nil, err
	}
	var out []journal.FileInfo
	for name, n := range d.names {
		if filepath.Dir(name) == filepath.Clean(dir) {
			out = append(out, journal.FileInfo{Name: filepath.Base(name), Size: int64(len(n.data)), ModTime: n.mod})
		}
	}
	slices.SortFunc(out, func(a, b journal.FileInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Open implements journal.FS.
func (d *Disk) Open(name string, _ bool) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.asked("open", name); err != nil {
		return nil, err
	}
	n := d.names[name]
	if n == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{d: d, n: n, name: name}, nil
}

// Create implements journal.FS.
func (d *Disk) Create(name string) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.asked("create", name); err != nil {
		return nil, err
	}
	n := &inode{}
	d.change(func(names map[string]*inode) { names[name] = n })
	return &file{d: d, n: n, name: name}, nil
}

func (d *Disk) change(op func(map[string]*inode)) {
	op(d.names)
	d.ops = append(d.ops, op)
}

// Rename implements journal.FS.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.asked("rename", from); err != nil {
		return err
	}
	n := d.names[from]
	if n == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	d.change(func(names map[string]*inode) {
		delete(names, from)
		names[to] = n
	})
	return nil
}

// Remove implements journal.FS.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.asked("remove", name); err != nil {
		return err
	}
	if d.names[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	d.change(func(names map[string]*inode) { delete(names, name) })
	return nil
}

// SyncDir implements journal.FS.
func (d *Disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.asked("syncdir", dir); err != nil {
		return err
	}
	for _, op := range d.ops {
		op(d.durable)
	}
	d.ops = nil
	return nil
}

type file struct {
	d    *Disk
	n    *inode
	name string
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.asked("read", f.name); err != nil {
		return 0, err
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.asked("write", f.name)
	if err != nil {
		p = p[:len(p)/2]
	}
	if grown := off + int64(len(p)) - int64(len(f.n.data)); f.d.room >= 0 && grown > 0 {
		if grown > f.d.room {
			p = p[:max(0, int64(len(p))-grown+f.d.room)]
			err = errors.Join(err, &fs.PathError{Op: "write", Path: f.name, Err: syscall.ENOSPC})
			grown = f.d.room
		}
		f.d.room -= grown
	}
	if end := int(off) + len(p); end > len(f.n.data) {
		f.n.data = resize(f.n.data, end)
	}
	copy(f.n.data[off:], p)
	f.n.dirty = append(f.n.dirty, [2]int{int(off), int(off) + len(p)})
	return len(p), err
}

func (f *file) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.asked("truncate", f.name); err != nil {
		return err
	}
	if freed := int64(len(f.n.data)) - size; f.d.room >= 0 {
		f.d.room += freed
	}
	f.n.data = resize(f.n.data, int(size))
	return nil
}

func (f *file) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.asked("sync", f.name)
	if err == nil {
		f.n.durable = resize(f.n.durable, len(f.n.data))
		for _, r := range f.n.dirty {
			if to := min(r[1], len(f.n.data)); r[0] < to {
				copy(f.n.durable[r[0]:to], f.n.data[r[0]:to])
			}
		}
	}
	f.n.dirty = nil
	return err
}

func (f *file) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.n.data)), nil
}

func (f *file) Close() error { return nil }
