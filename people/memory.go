package people

import (
	"context"
	"errors"
	"time"
)

// What the door remembers of sessions. One that was confirmed lately is believed; an older one is asked for again, and
// whoever came with it waits a moment for the answer: no longer, since an agent whose desk comes back has a caller on the
// phone. The question goes on meanwhile, and its answer counts as soon as it is there.

// fresh is how long a session is believed without asking the store again.
const fresh = 10 * time.Second

// askAgain is how long somebody waits for the store to confirm a session that was seen before.
const askAgain = 300 * time.Millisecond

// askLimit is how long the store may take for it altogether, before it counts as away.
const askLimit = 3 * time.Second

// seenKept bounds the sessions in memory.
const seenKept = 20000

type sighting struct {
	user    User
	expires time.Time
	at      time.Time // zero: in an earlier life of this server
	ended   bool      // signed out, perhaps while the store was away
}

// question is one that the store is being asked.
type question struct {
	done chan struct{}
	err  error // when done
}

// ask asks the store for a session, and remembers the answer.
func (d *Door) ask(ctx context.Context, k Key, now time.Time) (User, error) {
	session, u, err := d.store.Session(ctx, k, now)
	switch {
	case err == nil && u.Disabled, errors.Is(err, ErrNotFound):
		d.mu.Lock()
		defer d.mu.Unlock()
		if !d.seen[k].ended {
			d.drop(k)
		}
		return User{}, ErrNotSignedIn
	case err != nil:
		return User{}, err
	}
	d.remember(k, u, session.Expires, now)
	return u, nil
}

// again asks for a session that was seen before. It stands when the store is away, or slow.
func (d *Door) again(ctx context.Context, k Key) (User, error) {
	q := d.question(k)
	patience := time.NewTimer(askAgain)
	defer patience.Stop()
	select {
	case <-q.done:
		if q.err != nil && !away(q.err) {
			return User{}, q.err
		}
	case <-patience.C:
	case <-ctx.Done():
		return User{}, ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, seen := d.seen[k]
	now := d.now()
	if !seen || s.ended || !now.Before(s.expires) {
		return User{}, ErrNotSignedIn
	}
	s.at = now // so that not every request waits for a store that hangs
	d.seen[k] = s
	return s.user, nil
}

// question gives what the store is being asked about a session: once, however many wait for it.
func (d *Door) question(k Key) *question {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q := d.asking[k]; q != nil {
		return q
	}
	q := &question{done: make(chan struct{})}
	d.asking[k] = q
	d.questions.Go(func() {
		ctx, cancel := context.WithTimeout(d.open, askLimit)
		defer cancel()
		_, q.err = d.ask(ctx, k, d.now())
		if err := q.err; err != nil && !away(err) && !errors.Is(err, ErrNotSignedIn) {
			d.log.Warn("a session could not be asked for", "err", err) // nobody may be waiting for the answer any more
		}
		d.mu.Lock()
		delete(d.asking, k)
		d.mu.Unlock()
		close(q.done)
	})
	return q
}

func (d *Door) remember(k Key, u User, expires, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.seen) >= seenKept {
		for old, s := range d.seen {
			if !now.Before(s.expires) || len(d.seen) >= seenKept {
				delete(d.seen, old)
			}
		}
	}
	old := d.seen[k]
	if old.ended { // signed out while the store was being asked
		return
	}
	u.Hash = ""
	s := sighting{user: u, expires: expires, at: now}
	d.seen[k] = s
	if old.user != u || !old.expires.Equal(expires) {
		d.write(k, s)
	}
}

// drop forgets a session that is over; mu is held.
func (d *Door) drop(k Key) {
	if _, seen := d.seen[k]; seen {
		delete(d.seen, k)
		d.write(k, sighting{})
	}
}

// write notes a session in the book; mu is held. A book that cannot be written costs its purpose only: the next start waits
// for the store.
func (d *Door) write(k Key, s sighting) {
	err := d.book.write(k, s)
	if err == nil && d.book.long() {
		err = d.beginAnew()
	}
	if err != nil {
		d.log.Warn("who is signed in cannot be noted for the next start, which will ask the archive instead: free the disk or check the file",
			"err", err)
	}
}

// beginAnew writes the book again without the sessions that are over; mu is held.
func (d *Door) beginAnew() error {
	now := d.now()
	for k, s := range d.seen {
		if !now.Before(s.expires) {
			delete(d.seen, k)
		}
	}
	b, err := newBook(d.book.path, d.seen)
	if err != nil {
		d.book.lines = 0 // not again with every line
		return err
	}
	old := d.book
	d.book = b
	return old.end()
}
