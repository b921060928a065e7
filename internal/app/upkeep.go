package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hotline/floor"
	"hotline/internal/config"
	"hotline/recording"
)

// upkeepEvery is how often what is over is forgotten; upkeepFirst is when that begins after a start.
const (
	upkeepEvery = time.Hour
	upkeepFirst = time.Minute
)

// startUpkeep forgets, each hour, what the configuration says is kept no longer: records of the journal, recordings,
// sessions.
func (a *App) startUpkeep() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a.onStop("upkeep", func(context.Context) error { cancel(); <-done; return nil })
	go func() {
		defer close(done)
		next := time.NewTimer(upkeepFirst)
		defer next.Stop()
		for {
			select {
			case <-next.C:
			case <-ctx.Done():
				return
			}
			a.upkeep(ctx, time.Now())
			next.Reset(upkeepEvery)
		}
	}()
}

// upkeep is one round. What fails is tried again with the next one.
func (a *App) upkeep(ctx context.Context, now time.Time) {
	for _, part := range []struct {
		name string
		do   func(context.Context, time.Time) error
	}{{"journal", a.trimJournal}, {"recordings", a.sweepRecordings}, {"sessions", a.store.ForgetSessions}} {
		if err := part.do(ctx, now); err != nil && ctx.Err() == nil {
			a.log.Warn("what is over could not be forgotten; it is tried again", "what", part.name, "in", upkeepEvery, "err", err)
		}
	}
}

// trimJournal forgets segments older than journal.keep, but nothing that the archive has not applied.
func (a *App) trimJournal(_ context.Context, now time.Time) error {
	applied := a.projector.Status().Applied
	if applied == 0 {
		return nil // nobody knows yet what the archive has
	}
	_, err := a.journal.Trim(now.Add(-a.cfg.Load().Journal.Keep), applied+1)
	return err
}

// sweepRecordings deletes the recordings and messages whose time is over. That it is deleted is journalled before, so
// that a recording which is gone is never shown as one that could be played.
func (a *App) sweepRecordings(ctx context.Context, now time.Time) error {
	rules := keepRules(a.cfg.Load())
	swept, err := a.recs.Sweep(ctx, now, func(k recording.Kept) (until time.Time, hold bool) {
		keep, err := rules.of(k, now, func(call string) (string, error) { return a.store.QueueOf(ctx, call) })
		if err != nil {
			return until, true // nobody knows whose rule holds: the archive is away
		}
		if until = k.At.Add(keep); until.After(now) {
			return until, false
		}
		err = a.centre.Enter(ctx, floor.Expired{
			Call: k.Call, Recording: k.ID, Why: fmt.Sprintf("deleted: it was kept for %d days, as configured", int(keep.Hours()/24)),
		})
		return until, err != nil
	})
	if swept.Removed > 0 {
		a.log.Info("recordings whose time was over are deleted", "deleted", swept.Removed, "bytes", swept.Freed, "kept", swept.Kept)
	}
	return err
}

// keeping is how long recordings are kept.
type keeping struct {
	talks, messages time.Duration
	queues          map[string]time.Duration // talks of queues with a rule of their own
	shortest        time.Duration            // of talks
}

func keepRules(cfg *config.Config) keeping {
	r := keeping{talks: cfg.Recording.Keep, messages: cfg.Messages.Keep, shortest: cfg.Recording.Keep, queues: map[string]time.Duration{}}
	for _, q := range cfg.ACDQueues() {
		if days, err := strconv.Atoi(strings.TrimSuffix(q.Recording.Keep, "d")); err == nil {
			r.queues[q.ID] = time.Duration(days) * 24 * time.Hour
			r.shortest = min(r.shortest, r.queues[q.ID])
		}
	}
	return r
}

// of gives how long a recording is kept. The call's queue is asked for only when it can make a difference.
func (r keeping) of(k recording.Kept, now time.Time, queueOf func(call string) (string, error)) (time.Duration, error) {
	switch {
	case isMessage(k):
		return r.messages, nil
	case len(r.queues) == 0 || k.At.Add(r.shortest).After(now):
		return r.talks, nil
	}
	queue, err := queueOf(k.Call)
	if own, ok := r.queues[queue]; ok && err == nil {
		return own, nil
	}
	return r.talks, err
}

// isMessage tells a message's recording (CALL-m1, CALL-n1) from a talk's (CALL-r1).
func isMessage(k recording.Kept) bool {
	kind := strings.TrimPrefix(k.ID, k.Call+"-")
	return strings.HasPrefix(kind, "m") || strings.HasPrefix(kind, "n")
}
