package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"time"
)

// Store is the folder of recordings. No name leads out of it, by dots or by links. Its methods may be called from any
// goroutine.
type Store struct {
	root *os.Root
	dir  string
}

const tempDir = ".tmp"

// OpenStore opens the folder, or makes it, and sweeps what a crash left half-made. One process may write in it.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("recordings: make the store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("recordings: open the store: %w", err)
	}
	if err := errors.Join(root.RemoveAll(tempDir), root.Mkdir(tempDir, 0o700)); err != nil {
		return nil, errors.Join(fmt.Errorf("recordings: sweep %s/%s: %w", dir, tempDir, err), root.Close())
	}
	return &Store{root: root, dir: dir}, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }

// note is the JSON beside a recording.
type note struct {
	ID       string        `json:"id"`
	Call     string        `json:"call"`
	Bytes    int64         `json:"bytes"`
	SHA256   string        `json:"sha256"`
	Duration time.Duration `json:"duration"`
	Channels int           `json:"channels"`
	Empty    bool          `json:"empty,omitempty"`
	At       time.Time     `json:"at"`
	Peaks    [][]byte      `json:"peaks"` // of each channel, 255 is full scale
}

var fileForm = regexp.MustCompile(`^[0-9]{4}/[0-9]{2}/[0-9]{2}/([A-Za-z0-9][A-Za-z0-9._-]{0,127})(\.opus|\.wav)$`)

func checkFile(file string) error {
	if !fileForm.MatchString(file) {
		return fmt.Errorf("file %q: %w", file, ErrName)
	}
	return nil
}

var mediaTypes = map[string]string{".opus": "audio/ogg", ".wav": "audio/wav"}

// Open opens a recording by the name that fact.RecordingStored gave it, and tells its media type.
func (s *Store) Open(file string) (io.ReadSeekCloser, string, error) {
	if err := checkFile(file); err != nil {
		return nil, "", err
	}
	f, err := s.root.Open(file)
	if err != nil {
		return nil, "", s.failed(file, err)
	}
	return f, mediaTypes[path.Ext(file)], nil
}

func (s *Store) failed(file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s in %s: %w", file, s.dir, ErrNotFound)
	}
	return fmt.Errorf("recordings: %w", err)
}

// Serve answers a request for a recording, or for a range of it. The caller has checked who asks.
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, file string) {
	f, kind, err := s.Open(file)
	if errors.Is(err, ErrName) || errors.Is(err, ErrNotFound) {
		http.Error(w, "no such recording", http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, "the recording cannot be read", http.StatusInternalServerError)
		return
	}
	defer f.Close() // only read
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", time.Time{}, f)
}

// Peaks is a waveform: per channel the loudest sample, 0 to 1, of each of as many equal stretches as there are values.
type Peaks struct {
	Duration float64     `json:"duration"` // seconds
	Channels [][]float32 `json:"channels"` // 0: the caller, 1: what the caller heard
}

// Peaks gives a recording's waveform with at most n values per channel.
func (s *Store) Peaks(file string, n int) (Peaks, error) {
	if err := checkFile(file); err != nil {
		return Peaks{}, err
	}
	about, err := s.readNote(file)
	if err != nil {
		return Peaks{}, err
	}
	p := Peaks{Duration: about.Duration.Seconds()}
	for _, all := range about.Peaks {
		p.Channels = append(p.Channels, fewer(all, n))
	}
	return p, nil
}

func fewer(all []byte, n int) []float32 {
	n = max(1, min(n, len(all)))
	out := make([]float32, n)
	for i, v := range all {
		at := i * n / len(all)
		out[at] = max(out[at], float32(v)/255)
	}
	return out
}

func notePath(file string) string { return strings.TrimSuffix(file, path.Ext(file)) + ".json" }

func (s *Store) readNote(file string) (note, error) {
	b, err := s.root.ReadFile(notePath(file))
	if err != nil {
		return note{}, s.failed(notePath(file), err)
	}
	var about note
	if err := json.Unmarshal(b, &about); err != nil {
		return note{}, fmt.Errorf("recordings: %s/%s: %w", s.dir, notePath(file), err)
	}
	return about, nil
}

// find looks for a recording that is whole, from the day it should be in so many days back.
func (s *Store) find(id string, at time.Time, back int) (file string, about note, ok bool) {
	for days := 0; days >= -back; days-- {
		for _, ext := range []string{".opus", ".wav"} {
			file := fileName(id, at.AddDate(0, 0, days), ext)
			about, err := s.readNote(file)
			if err != nil {
				continue
			}
			if size, sum, err := s.measure(file); err == nil && size == about.Bytes && sum == about.SHA256 {
				return file, about, true
			}
		}
	}
	return "", note{}, false
}

func fileName(id string, at time.Time, ext string) string {
	return at.UTC().Format("2006/01/02/") + id + ext
}

func (s *Store) measure(file string) (size int64, sum string, err error) {
	f, err := s.root.Open(file)
	if err != nil {
		return 0, "", err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return size, hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// put writes a recording by means of write, checks what came to the disk, and only then gives it its name, beside its
// note. When put returns without an error both are durable.
func (s *Store) put(id, call string, at time.Time, enc Encoder, m *merged, write func(io.WriteSeeker) error) (string, note, error) {
	file := fileName(id, at, enc.Extension())
	temp, tempNote := path.Join(tempDir, id+enc.Extension()), path.Join(tempDir, id+".json")
	defer func() {
		_ = s.root.Remove(temp) // gone already, or swept at the next start
		_ = s.root.Remove(tempNote)
	}()
	about, err := s.writeSound(temp, enc, m, write)
	if err != nil {
		return "", note{}, err
	}
	about.ID, about.Call, about.At = id, call, at.UTC()
	b, err := json.Marshal(about)
	if err != nil {
		return "", note{}, err
	}
	if err := s.writeFile(tempNote, b); err != nil {
		return "", note{}, err
	}
	day := path.Dir(file)
	if err := s.root.MkdirAll(day, 0o700); err != nil {
		return "", note{}, err
	}
	if err := s.root.Rename(tempNote, notePath(file)); err != nil {
		return "", note{}, err
	}
	if err := s.root.Rename(temp, file); err != nil {
		return "", note{}, err
	}
	for dir := day; ; dir = path.Dir(dir) {
		if err := s.syncDir(dir); err != nil {
			return "", note{}, err
		}
		if dir == "." {
			return file, about, nil
		}
	}
}

func (s *Store) writeSound(temp string, enc Encoder, m *merged, write func(io.WriteSeeker) error) (note, error) {
	f, err := s.root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return note{}, err
	}
	defer f.Close() // an error is seen by Sync
	if err := write(f); err != nil {
		return note{}, err
	}
	if err := f.Sync(); err != nil {
		return note{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return note{}, err
	}
	h := sha256.New()
	d, channels, err := enc.Length(io.TeeReader(f, h))
	if err != nil {
		return note{}, fmt.Errorf("what was written is not whole: %w", err)
	}
	if off := (d - m.duration()).Abs(); off > 100*time.Millisecond || channels != m.format.Channels {
		return note{}, fmt.Errorf("what was written is %s in %d channels, the source %s in %d", d, channels, m.duration(), m.format.Channels)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return note{}, err
	}
	about := note{Bytes: size, SHA256: hex.EncodeToString(h.Sum(nil)), Duration: m.duration(), Channels: channels, Empty: m.loud.empty()}
	for i := range m.peaks {
		about.Peaks = append(about.Peaks, m.peaks[i].bytes())
	}
	return about, nil
}

func (s *Store) writeFile(name string, b []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Remove forgets one recording; it is no error when it is gone already.
func (s *Store) Remove(file string) error {
	if err := checkFile(file); err != nil {
		return err
	}
	for _, name := range []string{file, notePath(file)} { // the note last: without it the sound would stay unnoticed
		if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("recordings: forget: %w", err)
		}
	}
	return nil
}
