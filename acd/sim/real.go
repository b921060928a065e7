package sim

import (
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/acd/said"
)

// Call is one real call. Times that are not known are drawn from the call type's distributions.
type Call struct {
	At       time.Duration
	Talk     time.Duration // -1 = not known
	WrapUp   time.Duration // -1 = not known
	Patience time.Duration // -1 = not known
}

func earlier(a, b Call) int { return cmp.Compare(a.At, b.At) }

// ReadCalls reads real calls from CSV. The first line names the columns: at (needed), and type, talk, wrap_up and
// patience where they are known. Times are seconds (93.5), durations (1m33s) or clocks (08:01:33); at counts from the
// start of the run, and a clock there is the time of day, which start is, too. An empty cell is not known; a row with an
// empty at, or with a type other than the one asked for, is left out.
func ReadCalls(r io.Reader, kind string, start time.Duration) ([]Call, error) {
	f, err := readFile(r, start)
	if err != nil {
		return nil, err
	}
	return f.of(kind), nil
}

// file is a CSV of real calls.
type file struct {
	calls    map[string][]Call // by type; under "" where the type is not given
	typed    bool              // there is a column type
	timeless int               // rows without a time
}

// of are the calls of a type: all where the file names none.
func (f *file) of(kind string) []Call {
	if !f.typed {
		kind = ""
	}
	calls := slices.Clone(f.calls[kind])
	slices.SortStableFunc(calls, earlier)
	return append([]Call{}, calls...)
}

func readFile(r io.Reader, start time.Duration) (*file, error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, said.Errorf("the file is empty; its first line names the columns: at, type, talk, wrap_up and patience")
	}
	if err != nil {
		return nil, said.Errorf("the first line, which names the columns: %w", err)
	}
	columns := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		switch {
		case slices.Contains([]string{"at", "type", "talk", "wrap_up", "patience"}, name):
			columns[name] = i
		case strings.ContainsAny(name, ";\t"):
			return nil, said.Errorf("line 1: the columns are parted by something else: write commas, as in %s", "at,type,talk")
		default:
			return nil, said.Errorf("line 1: column %q; there are at, type, talk, wrap_up and patience", name)
		}
	}
	if _, ok := columns["at"]; !ok {
		return nil, said.Errorf("line 1: no column is called at")
	}
	f := &file{calls: map[string][]Call{}}
	_, f.typed = columns["type"]
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err // it names the line
		}
		line, _ := in.FieldPos(0)
		cell := func(name string) string {
			if i, ok := columns[name]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		if cell("at") == "" {
			f.timeless++
			continue
		}
		c := Call{}
		for name, to := range map[string]*time.Duration{"at": &c.At, "talk": &c.Talk, "wrap_up": &c.WrapUp, "patience": &c.Patience} {
			*to = -1
			if text := cell(name); text != "" {
				var clock bool
				if *to, clock, err = parseTime(text); err != nil {
					return nil, said.Errorf("line %d, %s: %w", line, name, err)
				}
				if clock && name == "at" {
					*to = (*to - start + 24*time.Hour) % (24 * time.Hour)
				}
			}
		}
		f.calls[cell("type")] = append(f.calls[cell("type")], c)
	}
}

// parseTime reads a time, and tells whether it was written as a clock.
func parseTime(text string) (d time.Duration, clock bool, err error) {
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 && s <= longest.Seconds() {
		return time.Duration(math.Round(s * 1e9)), false, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 && d <= longest {
		return d, false, nil
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Sub(t.Truncate(24 * time.Hour)), true, nil
		}
	}
	return 0, false, said.Errorf("%q is no time; write seconds (93.5), a duration (1m33s) or a clock (08:01:33)", text)
}

// readFiles gives each kind of call its real calls, and notes what of the files nobody has: rows that are left out must
// not be missed in silence.
func (s *Scenario) readFiles(files fs.FS) error {
	read := map[string]*file{}
	kinds := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Calls)) {
		t := s.Calls[name]
		path := t.Arrivals.CSV
		if path == "" {
			continue
		}
		if read[path] == nil {
			f, err := openCalls(files, path, s.Start)
			if err != nil {
				return said.Errorf("calls %s: %s: %w", name, path, err)
			}
			read[path] = f
		}
		kinds[path] = append(kinds[path], name)
		t.Arrivals.calls = read[path].of(name)
		s.Calls[name] = t
	}
	for _, path := range slices.Sorted(maps.Keys(read)) {
		f := read[path]
		if f.timeless > 0 {
			s.leftOut = append(s.leftOut, said.Errorf("%s: rows without a time (at) are left out: %d", path, f.timeless))
		}
		for _, kind := range slices.Sorted(maps.Keys(f.calls)) {
			if f.typed && !slices.Contains(kinds[path], kind) {
				s.leftOut = append(s.leftOut, said.Errorf("%s: calls of the type %q are left out, since no kind of that name reads the file: %d", path, kind, len(f.calls[kind])))
			}
		}
	}
	return nil
}

func openCalls(files fs.FS, path string, start time.Duration) (*file, error) {
	if files == nil {
		return nil, said.Errorf("no files can be opened here")
	}
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	calls, err := readFile(f, start)
	return calls, errors.Join(err, f.Close())
}
