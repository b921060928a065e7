package people

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// book is the file of who is signed in: a line for each session that begins or ends, begun anew at each start, and
// when it has become long, without what is over. It knows of a session what the store knows, the hash of its token: who reads it cannot come in with it.
//
// What it says is older than the store. A session in it was signed in once; whether it still is, the store is asked
// first, and only a store that is away or slow leaves it standing, as it does within one server's life.
type book struct {
	path  string
	file  *os.File
	lines int
	begun int // lines that it began with
}

// overdue is how many lines are added to a book, beyond one for each with which it began, before it is begun anew.
const overdue = 1000

// page is one line: the latest of a session counts.
type page struct {
	Session string    `json:"session"` // hex
	User    *User     `json:"user,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // without it the session is over
	Ended   bool      `json:"ended,omitempty"`  // signed out; kept, since the store may not know it
}

// openBook reads what an earlier server knew, and begins the book anew with what of it still holds. A book that cannot be
// read or written is done without.
func openBook(path string, now time.Time, log *slog.Logger) (*book, map[Key]sighting) {
	seen, err := readBook(path, now)
	if err != nil {
		log.Warn("who was signed in is not known: everybody is asked for in the archive", "file", path, "err", err)
	}
	b, err := newBook(path, seen)
	if err != nil {
		log.Warn("who is signed in cannot be noted for the next start, which will ask the archive instead: free the disk or check the file",
			"file", path, "err", err)
	}
	return b, seen
}

func readBook(path string, now time.Time) (map[Key]sighting, error) {
	seen := map[Key]sighting{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return seen, nil
	}
	if err != nil {
		return seen, err
	}
	for line := range bytes.Lines(text) {
		var p page
		var k Key
		if json.Unmarshal(line, &p) != nil || len(p.Session) != hex.EncodedLen(len(k)) {
			continue // the last line of a server that was killed; the store knows the rest
		}
		if _, err := hex.Decode(k[:], []byte(p.Session)); err != nil {
			continue
		}
		if !now.Before(p.Expires) || p.User == nil && !p.Ended {
			delete(seen, k)
			continue
		}
		s := sighting{expires: p.Expires, ended: p.Ended}
		if p.User != nil {
			s.user = *p.User
		}
		seen[k] = s
	}
	return seen, nil
}

// newBook writes a whole book beside the old one, and puts it in its place.
func newBook(path string, seen map[Key]sighting) (*book, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // for its owner only
	if err != nil {
		return nil, err
	}
	b := &book{path: path, file: f}
	for k, s := range seen {
		if err == nil {
			err = b.write(k, s)
		}
	}
	b.begun = b.lines
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return b, nil
}

// write adds a line. A book that is not there takes it and does nothing.
func (b *book) write(k Key, s sighting) error {
	if b == nil {
		return nil
	}
	p := page{Session: hex.EncodeToString(k[:]), Expires: s.expires, Ended: s.ended}
	if s.user.Login != "" {
		p.User = &s.user
	}
	line, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("a session in the book: %w", err)
	}
	b.lines++
	_, err = b.file.Write(append(line, '\n'))
	return err
}

// long tells that it is time to begin anew.
func (b *book) long() bool { return b != nil && b.lines > 2*b.begun+overdue }

func (b *book) end() error {
	if b == nil {
		return nil
	}
	return b.file.Close()
}
