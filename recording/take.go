package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hotline/fact"
)

// errGone: neither the source nor the store has it.
var errGone = errors.New("the files are no longer in Asterisk")

// take brings one recording into the store, or finds it there, and then deletes it at the source. It may be called again
// at any time, and after a crash at any place, with the same result. When stored is set and err too, only the deletion
// failed.
func (f *Fetcher) take(ctx context.Context, j Job) (stored *fact.RecordingStored, empty bool, err error) {
	at, sure := j.madeAt(f.opt.Now())
	back := 0
	if !sure {
		back = 31 // another try may have stored it before, on its own day
	}
	file, about, ok := f.opt.Store.find(j.Recording, at, back)
	source, err := f.opt.Source(j.Node)
	if !ok {
		if err == nil {
			file, about, err = f.fetch(ctx, source, j, at)
		}
		if err != nil {
			return nil, false, err
		}
	}
	stored = &fact.RecordingStored{Call: j.Call, Recording: j.Recording, File: file, Bytes: about.Bytes,
		Duration: about.Duration, SHA256: about.SHA256, Channels: about.Channels}
	if err != nil {
		return stored, about.Empty, err
	}
	for _, name := range j.names() {
		if e := source.Delete(ctx, name); e != nil && !gone(e) {
			err = errors.Join(err, fmt.Errorf("delete %s: %w", name, e))
		}
	}
	return stored, about.Empty, err
}

func (f *Fetcher) fetch(ctx context.Context, source Source, j Job, at time.Time) (string, note, error) {
	var sides []*wavReader
	missing := 0
	for _, name := range j.names() {
		body, err := source.Stored(ctx, name)
		if err != nil && gone(err) {
			sides = append(sides, nil)
			missing++
			continue
		}
		if err != nil {
			return "", note{}, fmt.Errorf("fetch %s: %w", name, err)
		}
		defer body.Close() // only read
		side, err := newWAVReader(body)
		if err != nil {
			return "", note{}, fmt.Errorf("fetch %s: %w", name, err)
		}
		sides = append(sides, side)
	}
	if missing == len(sides) {
		return "", note{}, errGone
	}
	m, err := newMerged(sides)
	if err != nil {
		return "", note{}, fmt.Errorf("merge %v: %w", j.names(), err)
	}
	if missing > 0 {
		f.log.Warn("one side of a recording is missing in Asterisk; it is kept as silence", "call", j.Call, "recording", j.Recording)
	}
	return f.opt.Store.put(j.Recording, j.Call, at, f.opt.Encoder, m, func(w io.WriteSeeker) error {
		return f.opt.Encoder.Encode(ctx, w, m, m.format)
	})
}
