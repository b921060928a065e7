package sandbox

import (
	"bytes"
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

// process is a child of ours. Its methods may be called from any goroutine.
type process struct {
	name string
	pid  int
	done chan struct{} // closed when it has been reaped
	err  error         // how it ended; read after done
}

// startProcess starts cmd so that the kernel sends it parentDeath when this
// program dies. The kernel ties that signal to the thread that forked, not to
// the process, so one locked thread forks and then stays to wait.
func startProcess(name string, cmd *exec.Cmd, parentDeath syscall.Signal) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = parentDeath
	cmd.SysProcAttr.Setpgid = true

	p := &process{name: name, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
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

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal sends s unless the process has ended; a pid is never signalled after
// it was reaped, since it may be somebody else's by then.
func (p *process) signal(s syscall.Signal) error {
	if !p.running() {
		return fmt.Errorf("%s is not running", p.name)
	}
	if err := syscall.Kill(p.pid, s); err != nil {
		return fmt.Errorf("signal %v to %s: %w", s, p.name, err)
	}
	return nil
}

// stop asks with s, waits for grace, then kills. It returns when the process is
// gone; the error says that it had to be killed.
func (p *process) stop(s syscall.Signal, grace time.Duration) error {
	if p == nil || !p.running() {
		return nil
	}
	if err := p.signal(s); err != nil && p.running() {
		return err
	}
	// A frozen process takes its signal when it goes on.
	if err := p.signal(syscall.SIGCONT); err != nil && p.running() {
		return err
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
	}
	if err := p.kill(); err != nil {
		return err
	}
	return fmt.Errorf("%s did not stop within %v and was killed", p.name, grace)
}

// kill ends the process as a power cut would, and waits until it is gone.
func (p *process) kill() error {
	if p == nil || !p.running() {
		return nil
	}
	if err := p.signal(syscall.SIGKILL); err != nil && p.running() {
		return err
	}
	<-p.done
	return nil
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
