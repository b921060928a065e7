package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Encoder makes files of sound. Implementations may be used by several goroutines.
type Encoder interface {
	// Extension of its files, with the dot; the store must know it.
	Extension() string
	// Encode reads interleaved samples to their end and writes the whole file.
	Encode(ctx context.Context, w io.WriteSeeker, pcm io.Reader, f Format) error
	// Length reads a whole file that Encode wrote, checks it, and tells how long it sounds.
	Length(r io.Reader) (d time.Duration, channels int, err error)
}

// NewEncoder gives Opus where opusenc is on the machine, and else WAV, with a word in the log. The format is "opus",
// "wav", or empty for opus.
func NewEncoder(format string, log *slog.Logger) (Encoder, error) {
	switch format {
	case "wav":
		return WAV{}, nil
	case "", "opus":
	default:
		return nil, fmt.Errorf("recordings: format %q: must be opus or wav", format)
	}
	path, err := exec.LookPath("opusenc")
	if err != nil {
		log.Warn("recordings are kept as WAV, which takes eight times the room: install opus-tools for Opus", "error", err)
		return WAV{}, nil
	}
	return &Opus{Program: path}, nil
}

// Opus encodes with opusenc of opus-tools; the file is Ogg (RFC 7845), each channel a stream of its own.
type Opus struct {
	Program string // default: opusenc, from the PATH
	// Bitrate of one channel in bit/s; default 16000, which is 7 MB per hour and channel.
	Bitrate int
	// Effort from 1 to 10: CPU against quality; default 5.
	Effort int
}

var _ Encoder = (*Opus)(nil)

// Extension implements Encoder.
func (*Opus) Extension() string { return ".opus" }

func (o *Opus) command(ctx context.Context, f Format) *exec.Cmd {
	program, rate, effort := o.Program, o.Bitrate, o.Effort
	if program == "" {
		program = "opusenc"
	}
	if rate == 0 {
		rate = 16000
	}
	if effort == 0 {
		effort = 5
	}
	cmd := exec.CommandContext(ctx, program, "--quiet", "--raw", "--raw-bits", "16", "--raw-chan", "1",
		"--raw-rate", strconv.Itoa(f.Rate), "--speech", "--framesize", "20", "--comp", strconv.Itoa(effort),
		"--bitrate", strconv.FormatFloat(float64(rate)/1000, 'f', 3, 64), "--discard-comments", "-", "-")
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// Encode implements Encoder.
func (o *Opus) Encode(ctx context.Context, w io.WriteSeeker, pcm io.Reader, f Format) error {
	ctx, cancel := context.WithCancel(ctx) // whatever ends first ends the programs
	defer cancel()
	switch f.Channels {
	case 1:
		return o.run(o.command(ctx, f), pcm, w)
	case 2:
	default:
		return fmt.Errorf("opus: %d channels: there may be one or two", f.Channels)
	}
	var in [2]*io.PipeReader
	var to [2]*io.PipeWriter
	var out [2]*io.PipeReader
	ran := make(chan error, 2)
	for i := range 2 {
		in[i], to[i] = io.Pipe()
		coded, from := io.Pipe()
		out[i] = coded
		go func() {
			err := o.run(o.command(ctx, f), in[i], from)
			_ = in[i].CloseWithError(ended(err))
			_ = from.CloseWithError(err)
			ran <- err
		}()
	}
	fed := make(chan error, 1)
	go func() {
		err := deal(pcm, to[0], to[1])
		_ = to[0].CloseWithError(err) // nil is the end
		_ = to[1].CloseWithError(err)
		fed <- err
	}()
	err := muxOpus(w, out[0], out[1])
	if err != nil {
		cancel()
	}
	for _, p := range out {
		_ = p.CloseWithError(ended(err))
	}
	first, second, feeding := <-ran, <-ran, <-fed
	// The cause first: a source that broke; then what the muxer saw, a failed program or a full disk; a program that was
	// ended because of either comes last.
	for _, cause := range []error{feeding, err, first, second} {
		if cause != nil && !errors.Is(cause, errEnded) {
			return cause
		}
	}
	return err
}

// errEnded: the other end of a pipe went away; it knows why.
var errEnded = errors.New("the other end has ended")

func ended(err error) error {
	if err == nil {
		return errEnded
	}
	return fmt.Errorf("%w: %w", errEnded, err)
}

func (o *Opus) run(cmd *exec.Cmd, in io.Reader, out io.Writer) error {
	var words bytes.Buffer
	source, target := &causeReader{r: in}, &causeWriter{w: out}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = source, target, &words
	err := cmd.Start()
	if err == nil {
		yield(cmd.Process.Pid)
		err = cmd.Wait()
	}
	if cause := errors.Join(source.err, target.err); cause != nil {
		return cause // rather than that the program was not pleased with half a file, or a broken pipe
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Path, err, strings.TrimSpace(words.String()))
	}
	return nil
}

// yield lets a program run when nobody else wants to: after a restart many recordings wait, and the calls go on meanwhile. One
// that has ended already needs no mercy.
func yield(pid int) { _ = syscall.Setpriority(syscall.PRIO_PROCESS, pid, 15) }

// causeReader remembers why a source broke: os/exec would take its end for the end of the sound.
type causeReader struct {
	r   io.Reader
	err error
}

func (c *causeReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// causeWriter remembers why a target broke.
type causeWriter struct {
	w   io.Writer
	err error
}

func (c *causeWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil {
		c.err = err
	}
	return n, err
}

// deal gives the left samples to one writer and the right ones to another.
func deal(pcm io.Reader, left, right io.Writer) error {
	b := make([]byte, 4*960)
	var sides [2][]byte
	for {
		n, err := io.ReadFull(pcm, b)
		sides[0], sides[1] = sides[0][:0], sides[1][:0]
		for i := 0; i+4 <= n; i += 4 {
			sides[0] = append(sides[0], b[i:i+2]...)
			sides[1] = append(sides[1], b[i+2:i+4]...)
		}
		for i, w := range []io.Writer{left, right} {
			if _, err := w.Write(sides[i]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Length implements Encoder: every page's sum, and the count of samples.
func (*Opus) Length(r io.Reader) (time.Duration, int, error) {
	s, err := newOpusStream(r)
	if err != nil {
		return 0, 0, err
	}
	var samples uint64
	for {
		b, err := s.packet()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		n, err := packetSamples(b)
		if err != nil {
			return 0, 0, err
		}
		samples += n
	}
	if s.granule > samples || s.granule < s.preSkip() {
		return 0, 0, fmt.Errorf("%w: it ends at sample %d, its packets at %d", errOgg, s.granule, samples)
	}
	return time.Duration(s.granule-s.preSkip()) * time.Second / 48000, s.channels(), nil
}

// WAV keeps the samples as they are.
type WAV struct{}

var _ Encoder = WAV{}

// Extension implements Encoder.
func (WAV) Extension() string { return ".wav" }

// Encode implements Encoder.
func (WAV) Encode(_ context.Context, w io.WriteSeeker, pcm io.Reader, f Format) error {
	if _, err := w.Write(putWAVHead(f, 0)); err != nil {
		return err
	}
	n, err := io.Copy(onlyWriter{w}, pcm)
	if err != nil {
		return err
	}
	if _, err := w.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = w.Write(putWAVHead(f, n))
	return err
}

type onlyWriter struct{ io.Writer }

// Length implements Encoder.
func (WAV) Length(r io.Reader) (time.Duration, int, error) {
	head := make([]byte, wavHead)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, 0, noSound(err)
	}
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return 0, 0, err
	}
	f := Format{Channels: int(head[22]), Rate: int(head[24]) | int(head[25])<<8 | int(head[26])<<16}
	if f.Channels == 0 || f.Rate == 0 || string(putWAVHead(f, n)) != string(head) {
		return 0, 0, fmt.Errorf("%w: its header does not fit its %d bytes", errSound, n)
	}
	return time.Duration(n) * time.Second / time.Duration(f.bytesPerSecond()), f.Channels, nil
}
