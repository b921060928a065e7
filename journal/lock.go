package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// lockPoll is how often a standby asks for the lock. flock cannot be waited for under a context.
const lockPoll = 25 * time.Millisecond

// Lock is the right to write in a journal's folder: a flock(2) that the kernel releases when its holder dies.
type Lock struct {
	mu   sync.Mutex
	dir  string
	file *os.File
}

// TryLock takes the folder's lock, or fails at once with ErrLocked.
func TryLock(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: make its folder: %w", err)
	}
	name := filepath.Join(dir, "lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: open the lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder, _ := os.ReadFile(name) // the id is only for the message
		_ = f.Close()
		return nil, fmt.Errorf("journal: %s is held by process %s: stop it first, or start as its standby: %w",
			dir, orUnknown(strings.TrimSpace(string(holder))), ErrLocked)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("journal: flock %s (is the folder on a local disk?): %w", name, err)
	}
	if err := writeHolder(f); err != nil {
		return nil, errors.Join(fmt.Errorf("journal: write %s: %w", name, err), f.Close())
	}
	return &Lock{dir: dir, file: f}, nil
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	if errors.Is(err, syscall.ENOSPC) {
		return nil // on a full disk the lock holds all the same
	}
	return err
}

func orUnknown(pid string) string {
	if pid == "" {
		return "(unknown)"
	}
	return pid
}

// WaitLock waits until the lock is free, as a standby does, or until ctx ends. Give the Lock to Open by Options.Lock.
func WaitLock(ctx context.Context, dir string) (*Lock, error) {
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		l, err := TryLock(dir)
		if !errors.Is(err, ErrLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// Release gives the lock back; it may be called twice.
func (l *Lock) Release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
