// Package recording takes over what Asterisk has recorded: calls and messages.
//
//	Asterisk: ID-in.wav (what the caller says) ─┐  merge   ┌─▶ encoder ─▶ .tmp/… ─ verified ─▶ YYYY/MM/DD/ID.opus
//	          ID-out.wav (what the caller hears)┴─────────┴─▶ peaks, loudness ──────────────▶ YYYY/MM/DD/ID.json
//	                                                                                             │ both are on the disk:
//	          delete ◀───────────────────────────────────────────────────────────────────────────┘
//
// Asterisk keeps its files until ours are whole and durable, so nothing is lost by a crash, a full disk or a server
// that is away: the work is simply tried again. A Fetcher does that, in the background and for as long as the source
// exists. It is idempotent: a recording that is in the store already is reported again, not fetched again.
//
// A call is kept in stereo, left the caller's voice and right what the caller heard, a message in mono. The Store opens
// them for playing and forgets them when their time is over. A small JSON beside each has its length, its hash and the
// peaks for a waveform, made while it was merged.
package recording

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"hotline/fact"
)

// Job is one recording to be taken over.
type Job struct {
	Call      string
	Recording string // its id, and the file's name
	Node      string // the Asterisk that has it
	Left      string // the name there of what the caller says, or of the message
	Right     string // of what the caller hears; empty: a message
	// At is when it was made: it chooses the folder. Zero: read from an id that begins with seconds, as Asterisk's do,
	// else now.
	At time.Time
}

// Result is how a Job ended: Stored, or Lost when there is nothing to be had.
type Result struct {
	Job    Job
	Stored *fact.RecordingStored
	Lost   *fact.RecordingLost
	// Empty: there is nothing in it but silence.
	Empty bool
}

// Errors that callers tell apart by errors.Is.
var (
	// ErrNotFound: the store has no such recording.
	ErrNotFound = errors.New("no such recording")
	// ErrName: an id or a file's name that cannot be one of ours.
	ErrName = errors.New("not the name of a recording")
)

// Channels have no other characters in their ids, and no path can be made of these.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

func checkID(id string) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("recording %q: %w", id, ErrName)
	}
	return nil
}

func (j Job) check() error {
	for _, name := range []string{j.Recording, j.Left} {
		if err := checkID(name); err != nil {
			return err
		}
	}
	if j.Right == "" {
		return nil
	}
	return checkID(j.Right)
}

// names lists what the job has in Asterisk.
func (j Job) names() []string {
	if j.Right == "" {
		return []string{j.Left}
	}
	return []string{j.Left, j.Right}
}

var secondsForm = regexp.MustCompile(`(?:^|[^0-9])([12][0-9]{9})\.[0-9]`)

// madeAt is when the recording was made, as far as can be told; sure is false when that is only now.
func (j Job) madeAt(now time.Time) (at time.Time, sure bool) {
	if !j.At.IsZero() {
		return j.At, true
	}
	if m := secondsForm.FindStringSubmatch(j.Recording); m != nil {
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			return time.Unix(n, 0), true
		}
	}
	return now, false
}
