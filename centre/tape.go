package centre

import (
	"context"
	"time"

	"hotline/ari"
)

// A call is recorded by two snoops on the caller's leg: what the caller says, and what the caller hears. They are made
// when the call is offered, so that nothing has to be waited for between the accept and the first word.

const (
	// mostTapeFails is how often snooping or recording may be refused in a row: a talk without a recording is better
	// than no talk.
	mostTapeFails = 3
	// tapeAgain is when it is tried again during the talk.
	tapeAgain = 2 * time.Second
)

// tapeless tells that the call goes on without its recording for now.
func (l *lane) tapeless(name string) bool { return l.fails[name] >= mostTapeFails }

func (l *lane) snoop(ctx context.Context, o orders) error {
	for _, dir := range []ari.Direction{ari.DirectionIn, ari.DirectionOut} {
		if err := l.snoopOn(ctx, o.want.Channel, dir); err != nil {
			return err
		}
	}
	l.have.snoops = true
	return nil
}

// snoopEnters bounds the wait for a snoop's own StasisStart, whose event may be lost.
const snoopEnters = time.Second

func (l *lane) snoopOn(ctx context.Context, channel string, dir ari.Direction) error {
	id := snoopID(l.call, dir)
	started := l.c.waits.expect(id)
	defer l.c.waits.forget(id)
	if _, err := l.node.client.Snoop(ctx, channel, id, ari.SnoopOptions{Spy: dir, AppArgs: "snoop," + l.call}); err != nil {
		if _, e := l.node.client.Channel(ctx, id); e != nil {
			return err
		}
		return nil // it is there already
	}
	wait, cancel := context.WithTimeout(ctx, snoopEnters)
	defer cancel()
	if l.c.waits.await(wait, started) == nil {
		return nil
	}
	_, err := l.node.client.Channel(ctx, id)
	return err
}

func (l *lane) record(ctx context.Context, o orders) error {
	r := o.want.Record
	for _, side := range []struct {
		dir  ari.Direction
		name string
	}{{ari.DirectionIn, r.Left}, {ari.DirectionOut, r.Right}} {
		_, err := l.node.client.Record(ctx, snoopID(l.call, side.dir), side.name, ari.RecordingOptions{Format: "wav", Exists: "fail"})
		if err = l.unlessRecorded(ctx, side.name, err); err != nil {
			return err
		}
	}
	l.have.recording = true
	return nil
}

// unlessRecorded forgives a refusal when the recording is under way, or was, under this name.
func (l *lane) unlessRecorded(ctx context.Context, name string, err error) error {
	if !ari.IsConflict(err) {
		return err
	}
	state, e := l.recordingOf(ctx, name)
	if e != nil {
		return e
	}
	if state == notRecorded {
		return err
	}
	return nil
}

type tape int

const (
	notRecorded tape = iota
	recording
	closedFile
)

// recordingOf asks Asterisk, which has no list of recordings under way, for one.
func (l *lane) recordingOf(ctx context.Context, name string) (tape, error) {
	_, err := l.node.client.LiveRecording(ctx, name)
	if err == nil {
		return recording, nil
	}
	if !ari.IsNotFound(err) {
		return notRecorded, err
	}
	_, err = l.node.client.StoredRecording(ctx, name)
	switch {
	case err == nil:
		return closedFile, nil
	case ari.IsNotFound(err):
		return notRecorded, nil
	}
	return notRecorded, err
}

// recordMessage lets the caller speak to the recorder.
func (l *lane) recordMessage(ctx context.Context, o orders) error {
	m := o.want.Message
	if err := l.renew(ctx, o.want, m.Limit); err != nil {
		return err
	}
	_, err := l.node.client.Record(ctx, o.want.Channel, m.ID, ari.RecordingOptions{
		Format: "wav", MaxDuration: m.Limit, MaxSilence: m.Silence, Beep: true, Terminate: "#", Exists: "fail",
	})
	if ari.IsConflict(err) {
		if state, e := l.recordingOf(ctx, m.ID); e == nil && state == recording {
			err = nil
		}
	}
	if err == nil {
		l.have.message = m.ID
	}
	return err
}
