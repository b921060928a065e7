// Package said has errors that can be said in another language than English: those that a person reads who writes a scenario
// or a queue. Such an error keeps what it was made of, and a Book has the same words in another language:
//
//	err := said.Errorf("queue %s: has no id", q)  ──Error()────────▶ queue consult: has no id
//	                                              ──In("zh", err)──▶ 队列 consult：没有标识
//
// The words of the configuration (needs, wrap_up, talk) stay as they are written there. The package is pure.
package said

import (
	"errors"
	"fmt"
	"strings"
)

// said is one error: a format of fmt.Errorf with what goes into it.
type said struct {
	error  // in English
	format string
	args   []any
}

// Errorf is fmt.Errorf for an error that can be said in other languages; each format is in every Book (a test looks).
func Errorf(format string, args ...any) error {
	return &said{fmt.Errorf(format, args...), format, args}
}

// Unwrap gives the errors that it was made of.
func (e *said) Unwrap() []error {
	var inner []error
	for _, a := range e.args {
		if err, ok := a.(error); ok {
			inner = append(inner, err)
		}
	}
	return inner
}

// Book is the formats in another language, by the English ones. One may name its arguments by number: %[2]d.
type Book map[string]string

// books by language.
var books = map[string]Book{"zh": chinese}

// Languages are those that there is a book of, beside English.
func Languages() []string { return []string{"zh"} }

// BookOf is the book of a language; nil: there is none.
func BookOf(lang string) Book { return books[lang] }

// In says an error in a language. What was said in English only is English still; several errors are a line each.
func In(lang string, err error) string {
	book, ok := books[lang]
	if !ok || err == nil {
		return text(err)
	}
	return book.say(err)
}

// InEach says an error in every language that it can be said in, beside English; nil: in none.
func InEach(err error) map[string]string {
	var all map[string]string
	for _, lang := range Languages() {
		if words := In(lang, err); words != text(err) {
			if all == nil {
				all = map[string]string{}
			}
			all[lang] = words
		}
	}
	return all
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (b Book) say(err error) string {
	switch e := err.(type) { //nolint:errorlint // the tree is walked here, layer by layer
	case *said:
		format, known := b[e.format]
		if !known {
			return e.Error()
		}
		args := make([]any, len(e.args))
		for i, a := range e.args {
			args[i] = a
			if inner, ok := a.(error); ok {
				args[i] = errors.New(b.say(inner))
			}
		}
		return fmt.Errorf(format, args...).Error()
	case interface{ Unwrap() []error }: // errors.Join
		var lines []string
		for _, inner := range e.Unwrap() {
			lines = append(lines, b.say(inner))
		}
		return strings.Join(lines, "\n")
	case interface{ Unwrap() error }: // that says nothing more than what it wraps
		if inner := e.Unwrap(); inner != nil && inner.Error() == err.Error() {
			return b.say(inner)
		}
	}
	return err.Error()
}
