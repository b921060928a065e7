// Package fact is the closed list of things that happen in a call centre.
//
// Every step of the centre's loop ends in a Record: the facts that the step decided on, in order, under one
// sequence number. A Record is appended to the journal before anyone is told of it, and everything else is folded
// from records: the state of the floor, the live figures, the metrics, the rows in PostgreSQL.
//
//	input ──▶ decide ──▶ Record{Seq, At, Facts} ──▶ journal ──▶ floor · report · projector · desk
//
// The package holds types only. A fact's JSON keys are its wire format in the journal: a key may be added, but
// neither renamed nor given another meaning.
package fact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	quick "github.com/go-json-experiment/json"
	v1 "github.com/go-json-experiment/json/v1"
)

// Fact is one thing that happened. The set is closed: only this package declares facts.
type Fact interface {
	// Kind is the fact's name in the journal, `<subject>.<what happened>`.
	Kind() string
}

// Record is what one step of the loop decided, in order. Seq counts from 1 without holes within one stream.
// At never goes backwards from one record to the next.
type Record struct {
	Seq   uint64
	At    time.Time
	Facts []Fact
}

// MarshalJSON writes {"seq":7,"at":"…","facts":[{"k":"call.ended",…},…]}.
func (r Record) MarshalJSON() ([]byte, error) {
	raw := make([]json.RawMessage, len(r.Facts))
	for i, f := range r.Facts {
		b, err := Marshal(f)
		if err != nil {
			return nil, err
		}
		raw[i] = b
	}
	return json.Marshal(wire{Seq: r.Seq, At: r.At, Facts: raw})
}

// UnmarshalJSON reads what MarshalJSON wrote; a kind this version does not know is an error that names it.
func (r *Record) UnmarshalJSON(b []byte) error {
	w, err := read[wire](b)
	if err != nil {
		return err
	}
	r.Seq, r.At, r.Facts = w.Seq, w.At, make([]Fact, len(w.Facts))
	for i, raw := range w.Facts {
		f, err := Unmarshal(raw)
		if err != nil {
			return fmt.Errorf("record %d, fact %d: %w", w.Seq, i, err)
		}
		r.Facts[i] = f
	}
	return nil
}

type wire struct {
	Seq   uint64            `json:"seq"`
	At    time.Time         `json:"at"`
	Facts []json.RawMessage `json:"facts"`
}

// Marshal writes one fact as a JSON object whose key "k" is its kind.
func Marshal(f Fact) ([]byte, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("fact %s: %w", f.Kind(), err)
	}
	head := `{"k":"` + f.Kind() + `"`
	if string(body) == "{}" {
		return []byte(head + "}"), nil
	}
	return append([]byte(head+","), body[1:]...), nil
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(b []byte) (Fact, error) {
	if of, ok := readers[string(likelyKind(b))]; ok {
		return of(b)
	}
	head, err := read[struct {
		K string `json:"k"`
	}](b)
	if err != nil {
		return nil, err
	}
	of, ok := readers[head.K]
	if !ok {
		return nil, fmt.Errorf("unknown kind %q: written by a newer version of hotline?", head.K)
	}
	return of(b)
}

// likelyKind is the kind where Marshal writes it: at the front, and in plain letters.
func likelyKind(b []byte) []byte {
	rest, ok := bytes.CutPrefix(b, []byte(`{"k":"`))
	if !ok {
		return nil
	}
	kind, _, _ := bytes.Cut(rest, []byte{'"'})
	return kind
}

// Kinds lists every kind of fact, unsorted.
func Kinds() []string {
	kinds := make([]string, 0, len(readers))
	for k := range readers {
		kinds = append(kinds, k)
	}
	return kinds
}

var readers = map[string]func([]byte) (Fact, error){}

func register[T Fact]() {
	var zero T
	readers[zero.Kind()] = func(b []byte) (Fact, error) {
		f, err := read[T](b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", zero.Kind(), err)
		}
		return f, nil
	}
}

// read reads as encoding/json does (v1), by its authors' coming engine, which goes through the text once: in a third of the
// time. (It writes no faster.) What that cannot read is read by encoding/json, which says what is wrong.
func read[T any](b []byte) (v T, err error) {
	if err = quick.Unmarshal(b, &v, once); err == nil {
		return v, nil
	}
	var again T
	err = json.Unmarshal(b, &again)
	return again, err
}

var once = quick.JoinOptions(v1.DefaultOptionsV1(), v1.ReportErrorsWithLegacySemantics(false))
