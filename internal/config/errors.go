package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Error is one thing that is wrong in a configuration.
type Error struct {
	File         string
	Line, Column int // 0 where the file as a whole is meant
	// Place is the way to the value: queues.complaint.needs.english.
	Place  string
	Reason string
	Remedy string
}

// Error is file:line:column: place: reason; remedy.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if e.Place != "" {
		b.WriteString(": " + e.Place)
	}
	b.WriteString(": " + e.Reason)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// Errors are all that is wrong, in the order of files and lines.
type Errors []*Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes each one visible to errors.As.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// pos is where a value stands.
type pos struct {
	file         string
	line, column int
}

// findings collects errors, and knows where each place stands.
type findings struct {
	at   map[string]pos
	file string // the main file, for what stands nowhere
	errs Errors
}

// wrong notes an error at a place, or at the nearest place above it that stands in a file.
func (f *findings) wrong(place, reason, remedy string) {
	p, near := pos{file: f.file}, place
	for {
		if at, ok := f.at[near]; ok {
			p = at
			break
		}
		cut := strings.LastIndexByte(near, '.')
		if cut < 0 {
			break
		}
		near = near[:cut]
	}
	f.errs = append(f.errs, &Error{File: p.file, Line: p.line, Column: p.column, Place: place, Reason: reason, Remedy: remedy})
}

// about tells whether something is wrong in a section.
func (f *findings) about(section string) bool {
	return slices.ContainsFunc(f.errs, func(e *Error) bool { return strings.HasPrefix(e.Place, section+".") })
}

// unknown notes a word that should be one of known.
func (f *findings) unknown(place, what, word string, known []string) {
	f.wrong(place, fmt.Sprintf("there is no %s %q", what, word), didYouMean(word, known))
}

// list is what was found, in order and each once.
func (f *findings) list() Errors {
	slices.SortStableFunc(f.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Place, b.Place), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.CompactFunc(f.errs, func(a, b *Error) bool { return *a == *b })
}

// didYouMean is a remedy: the nearest right word, or all of them.
func didYouMean(word string, known []string) string {
	if len(known) == 0 {
		return "there is none at all yet"
	}
	best, least := "", 1+max(2, utf8.RuneCountInString(word)/3)
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k))
		if len(word) > 2 && strings.HasPrefix(k, word) {
			d = min(d, 1)
		}
		if d < least || d == least && best != "" && common(word, k) > common(word, best) {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	const most = 12
	if len(known) > most {
		return "known are " + strings.Join(known[:most], ", ") + " and others"
	}
	return "known: " + strings.Join(known, ", ")
}

// common is how many bytes two words begin with alike: of two words equally near, one means that one.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// distance counts the edits (insert, delete, replace, swap neighbours) between two words.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 64 || len(t) > 64 {
		return 64
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
