package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a child that ends with us. Its methods may be called from any
// goroutine, on a nil Process too: nothing runs then.
type Process struct {
	name string
	os   *os.Process
	done chan struct{} // closed when it has been reaped
	err  error         // how it ended; read after done
}

// StartProcess starts cmd in a process group of its own, so that the kernel sends
// it parentDeath when this program dies; name is for errors. The kernel ties that
// signal to the thread that forked, not to the process, so one locked thread
// forks and then stays to wait.
func StartProcess(name string, cmd *exec.Cmd, parentDeath syscall.Signal) (*Process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = parentDeath
	cmd.SysProcAttr.Setpgid = true

	p := &Process{name: name, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		p.os = cmd.Process
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// Running tells whether it has not ended yet.
func (p *Process) Running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// PID is its process id, which is also its group's.
func (p *Process) PID() int { return p.os.Pid }

// Done is closed when it has ended and Err may be asked.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells how it ended, in exec.Cmd's words; nil is exit status 0. Only after Done.
func (p *Process) Err() error { return p.err }

// await asks until the process is up; an error of the asking, its end, or the end of the time is the answer then.
func (p *Process) await(ctx context.Context, atMost time.Duration, what string, up func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, atMost, fmt.Errorf("waited %v for %s", atMost, what))
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := up(ctx); ok || err != nil {
			return err
		}
		select {
		case <-p.done:
			return p.ended()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// ended describes an end that came too soon.
func (p *Process) ended() error {
	if p.err == nil {
		return fmt.Errorf("%s ended at its start, with status 0", p.name)
	}
	return fmt.Errorf("%s ended at its start: %w", p.name, p.err)
}

// Signal sends s; that the process has ended already is an error.
func (p *Process) Signal(s syscall.Signal) error {
	if p == nil {
		return errors.New("nothing is running")
	}
	if err := p.os.Signal(s); err != nil {
		return fmt.Errorf("signal %v to %s: %w", s, p.name, err)
	}
	return nil
}

// Stop asks with s, waits for grace, then kills. It returns when the process is
// gone; the error says that it had to be killed.
func (p *Process) Stop(s syscall.Signal, grace time.Duration) error {
	if !p.Running() {
		return nil
	}
	// A frozen process takes its signal when it goes on.
	for _, each := range []syscall.Signal{s, syscall.SIGCONT} {
		if err := p.Signal(each); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
	}
	if err := p.Kill(); err != nil {
		return err
	}
	return fmt.Errorf("%s did not stop within %v and was killed", p.name, grace)
}

// Kill ends the process as a crash would, and waits until it is gone.
func (p *Process) Kill() error {
	if !p.Running() {
		return nil
	}
	if err := p.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	return nil
}

// EndGroup kills what is left of a process group, and returns when nothing of it runs any more: a program whose helpers
// outlive it may write until then.
func EndGroup(pgid int, within time.Duration) error {
	if pgid <= 1 {
		return fmt.Errorf("%d is no process group of ours", pgid)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(within); ; {
		err := syscall.Kill(-pgid, syscall.SIGKILL) // to those, too, that were born meanwhile
		switch {
		case errors.Is(err, syscall.ESRCH):
			return nil
		case err != nil:
			return fmt.Errorf("kill process group %d: %w", pgid, err)
		}
		select {
		case <-tick.C:
		case <-late:
			return fmt.Errorf("process group %d was killed and still runs after %v", pgid, within)
		}
	}
}

// children lists the processes whose parent is pid.
func children(pid int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var found []int
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it ended while we looked
		}
		if err != nil {
			return nil, err
		}
		// proc(5): pid (name) state ppid …, and the name may hold anything.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		found = append(found, child)
	}
	return found, nil
}

// tail is the end of a log file, for an error that must say why.
func tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return strings.Join(all, "\n")
}

// shortDir gives a folder in which a socket of that name fits the 107 bytes
// that a Unix socket's path may have: dir itself, or a fresh one under the
// system's temporary folder, which cleanup removes.
func shortDir(dir, socket string) (short string, cleanup func() error, err error) {
	if len(filepath.Join(dir, socket)) <= 107 {
		return dir, func() error { return nil }, os.MkdirAll(dir, 0o700)
	}
	short, err = os.MkdirTemp("", "hotline-")
	return short, func() error { return os.RemoveAll(short) }, err
}
