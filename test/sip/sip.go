// Package sip is the world outside: callers who ring the hotline, and desk
// phones, for tests against a real Asterisk.
//
//	test ── Call / CallMany ──▶ sipp ◀══ SIP ══▶ Asterisk
//	  │  ◀── events, a line each ──┘                ▲
//	  │  ── "hang up": an INFO ────┘                │
//	  └── stream: tones, keys, ears ◀══ RTP ════════┘
//
// The SIP stack is SIPp's: nobody here wrote it, so it does not share our
// misunderstandings. SIPp cannot say what was heard, so the SDP names a port of
// this program: it sends a tone in G.711 and keys by RFC 4733, each packet at its
// time, and keeps all that arrives with the moment it came.
//
// SIPp tells each step through a pipe; an INFO that the driver sends it within the
// dialogue means "hang up now", whether it rings or talks.
package sip

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"text/template"
	"time"

	"hotline/internal/sandbox"
)

//go:embed scenario/*.xml
var scenarios embed.FS

// sipp is one SIPp process with one or more calls in it.
type sipp struct {
	dir     string // its files; removed when it has ended
	port    int    // its SIP port
	proc    *sandbox.Process
	pipe    *os.File
	control *net.UDPConn

	ports sandbox.PortRange // of its own, given back when it has ended
	over  chan struct{}     // closed when it has ended and everybody knows
}

// startSIPp renders a scenario and starts SIPp on a port (0: a free one); told gets each line of the log,
// split at the semicolons, in order; ended comes after the last line.
func startSIPp(ctx context.Context, port int, scenario string, values any, args []string, told func(event string, fields []string), ended func(error)) (*sipp, error) {
	program, err := exec.LookPath("sipp")
	if err != nil {
		return nil, errors.New("sipp is missing: install the package sip-tester (make test does, as root)")
	}
	s := &sipp{port: port}
	if s.dir, err = os.MkdirTemp("", "hotline-sipp-"); err != nil {
		return nil, err
	}
	if err := s.start(ctx, program, scenario, values, args); err != nil {
		return nil, errors.Join(fmt.Errorf("start sipp: %w", err), s.close(), os.RemoveAll(s.dir))
	}
	s.over = make(chan struct{})
	left.add(s)
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(s.pipe)
		for lines.Scan() {
			event, rest, _ := strings.Cut(lines.Text(), ";")
			if event == lastLine {
				return
			}
			if event != "" {
				told(event, strings.Split(rest, ";"))
			}
		}
	}()
	go func() {
		<-s.proc.Done()
		// Our own line behind SIPp's last tells the reader that it has read all.
		_, err := s.pipe.WriteString(lastLine + "\n")
		<-read
		ended(errors.Join(s.verdict(), err, s.close()))
		close(s.over)
	}()
	return s, nil
}

const lastLine = "that was all"

func (s *sipp) start(ctx context.Context, program, scenario string, values any, args []string) error {
	page, err := template.ParseFS(scenarios, "scenario/"+scenario)
	if err != nil {
		return err
	}
	var rendered bytes.Buffer
	if err := page.Execute(&rendered, values); err != nil {
		return err
	}
	if err := os.WriteFile(s.file("scenario.xml"), bytes.TrimSpace(rendered.Bytes()), 0o600); err != nil {
		return err
	}
	if err := syscall.Mkfifo(s.file("events"), 0o600); err != nil {
		return err
	}
	if s.pipe, err = os.OpenFile(s.file("events"), os.O_RDWR, 0); err != nil {
		return err
	}
	// Four for its sound, though the sound is ours (left to itself it looks among the same hundred ports as every other
	// SIPp, and ends when those are taken), one for its keys, one for SIP.
	if s.ports, err = sandbox.FreePorts(6); err != nil {
		return err
	}
	if s.port == 0 {
		s.port = s.ports.Last
	}
	if s.control, err = net.DialUDP("udp4", nil, &net.UDPAddr{IP: loopback, Port: s.port}); err != nil {
		return err
	}
	args = append([]string{
		"-sf", s.file("scenario.xml"), "-i", "127.0.0.1", "-p", strconv.Itoa(s.port),
		"-mp", strconv.Itoa(s.ports.First), "-ci", "127.0.0.1", "-cp", strconv.Itoa(s.ports.Last - 1), "-nostdin", "-skip_rlimit",
		"-trace_logs", "-log_file", s.file("events"), "-trace_err", "-error_file", s.file("errors"),
		"-trace_stat", "-stf", s.file("statistics"), "-fd", "1",
	}, args...)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = s.dir
	screen, err := os.Create(s.file("screen"))
	if err != nil {
		return err
	}
	defer screen.Close() // the child has its own
	cmd.Stdout, cmd.Stderr = screen, screen
	s.proc, err = sandbox.StartProcess("sipp", cmd, syscall.SIGKILL)
	return err
}

func (s *sipp) file(name string) string { return filepath.Join(s.dir, name) }

// verdict is nil when every call went one of the scenario's ways.
func (s *sipp) verdict() error {
	err := s.proc.Err()
	if err == nil {
		return nil
	}
	complaint, read := os.ReadFile(s.file("errors"))
	if errors.Is(read, fs.ErrNotExist) {
		complaint, read = os.ReadFile(s.file("screen"))
	}
	return errors.Join(fmt.Errorf("sipp: %w: %s", err, bytes.TrimSpace(complaint)), read)
}

func (s *sipp) close() error {
	var errs []error
	if s.pipe != nil {
		errs = append(errs, s.pipe.Close())
	}
	if s.control != nil {
		errs = append(errs, s.control.Close())
	}
	s.ports.Release()
	return errors.Join(errs...)
}

// remove deletes SIPp's files.
func (s *sipp) remove() error {
	left.mu.Lock()
	delete(left.all, s)
	left.mu.Unlock()
	return os.RemoveAll(s.dir)
}

// left are those whose files are there.
var left leftover

type leftover struct {
	mu  sync.Mutex
	all map[*sipp]bool
}

func (l *leftover) add(s *sipp) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[*sipp]bool{}
	}
	l.all[s] = true
}

// End is for the end of a test program: it kills each SIPp that runs still, as one does whose test ended a moment ago, and
// returns when its files are removed.
func End() error {
	left.mu.Lock()
	all := slices.Collect(maps.Keys(left.all))
	left.mu.Unlock()
	var errs []error
	for _, s := range all {
		errs = append(errs, s.proc.Kill())
		<-s.over
		if !kept() {
			errs = append(errs, s.remove())
		}
	}
	return errors.Join(errs...)
}

// kept tells that what has failed leaves its files behind, to be looked at.
func kept() bool { return os.Getenv("HOTLINE_KEEP") != "" }

// command sends a request into a call of SIPp's, from us.
func (s *sipp) command(method, callID string) error {
	// SIPp finds the call by its Call-ID alone; the rest only has to parse.
	_, err := fmt.Fprintf(s.control, "%s sip:sipp@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-driver-%d\r\n"+
		"From: <sip:driver@127.0.0.1>;tag=driver\r\nTo: <sip:sipp@127.0.0.1>;tag=sipp\r\nCall-ID: %s\r\nCSeq: 9 %s\r\nContent-Length: 0\r\n\r\n",
		method, s.port, s.control.LocalAddr(), time.Now().UnixNano(), callID, method)
	if err != nil {
		return fmt.Errorf("tell sipp to %s: %w", method, err)
	}
	return nil
}

var loopback = net.IPv4(127, 0, 0, 1)

// quit asks SIPp to place no more calls and to end when the last is over ("q" at its control port).
func (s *sipp) quit() error {
	to, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: loopback, Port: s.ports.Last - 1})
	if err != nil {
		return err
	}
	defer to.Close()
	_, err = to.Write([]byte("q"))
	return err
}
