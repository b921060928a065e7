package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/fact"
	"hotline/journal"
)

// Log is what the projector follows; *journal.Journal.
type Log interface {
	Stream() string
	Last() (seq uint64, at time.Time)
	Check(p journal.Position) error
	From(seq uint64) journal.Reader
}

// Status is how far the projector is.
type Status struct {
	Applied uint64 // the last record whose facts are in the tables; 0 before it knows
	Head    uint64 // the last record of the log
	// Behind is how much older Applied is than Head.
	Behind time.Duration
	// Away is why the archive cannot be written at the moment; it is being tried again. Nil: it can.
	Away error
	// Stopped is why the log and the archive do not belong together: a person must decide. It is looked at again now and
	// then. Nil: they do.
	Stopped error
	// Unapplied counts the facts that the tables refused since the start; they stand in the table unapplied.
	Unapplied int
}

// How the projector works.
const (
	batch = 256 // records per transaction
	// gather is the least time between two transactions, unless somebody waits for the archive: at a few calls a second
	// each record would have one of its own, and a transaction costs more than what is in it.
	gather     = 200 * time.Millisecond
	backoffMin = 100 * time.Millisecond
	backoffMax = 5 * time.Second
	recheck    = 30 * time.Second // after a stop
	applyLimit = time.Minute      // for one transaction

	migrateLimit = 10 * time.Minute
)

// Projector follows the log and brings its facts into the tables. Run it once; its other methods may be called from any
// goroutine.
type Projector struct {
	store *Store
	src   Log
	log   *slog.Logger
	// listsChanged is called after messages or tickets changed.
	listsChanged func()

	hurry chan struct{} // somebody waits

	mu      sync.Mutex
	st      Status
	at      time.Time // of Applied
	changed chan struct{}
}

// NewProjector gives a projector of src into store. listsChanged may be nil; it must not block.
func NewProjector(store *Store, src Log, listsChanged func(), log *slog.Logger) *Projector {
	if listsChanged == nil {
		listsChanged = func() {}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Projector{store: store, src: src, log: log, listsChanged: listsChanged, changed: make(chan struct{}), hurry: make(chan struct{}, 1)}
}

// Status tells how far it is.
func (p *Projector) Status() Status {
	head, at := p.src.Last()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.st
	s.Head = head
	if s.Applied < head && !p.at.IsZero() {
		s.Behind = at.Sub(p.at)
	}
	return s
}

// Settled returns when every record that was in the log at the call has its rows. An *Error, unavailable, when ctx ends
// before.
func (p *Projector) Settled(ctx context.Context) error {
	head, _ := p.src.Last()
	for {
		p.mu.Lock()
		applied, changed, away, stopped := p.st.Applied, p.changed, p.st.Away, p.st.Stopped
		p.mu.Unlock()
		if applied >= head {
			return nil
		}
		if stopped != nil {
			return &Error{code: "unavailable", public: "The archive has stopped following; an administrator must look at it.", cause: stopped}
		}
		select {
		case p.hurry <- struct{}{}:
		default: // it is told already
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return &Error{code: "unavailable", public: "The archive is behind.", cause: errors.Join(ctx.Err(), away)}
		}
	}
}

// Run follows the log until ctx ends or the log is closed. It migrates the archive first, as soon as it can be reached.
func (p *Projector) Run(ctx context.Context) {
	wait := backoffMin
	migrated := false
	for ctx.Err() == nil {
		progress := p.Status().Applied
		err := p.attempt(ctx, &migrated)
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		pause := wait
		wait = min(2*wait, backoffMax)
		if errors.As(err, new(*stop)) {
			p.log.Error("ALARM: the archive does not follow any more: the log is not the one it followed", "err", err)
			p.note(func(s *Status) { s.Stopped, s.Away = err, nil })
			pause = recheck
		} else {
			p.log.Warn("archive away; trying again", "err", err, "in", pause)
			p.note(func(s *Status) { s.Away = err })
		}
		if p.Status().Applied > progress {
			wait = backoffMin
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// stop is an error that trying again does not mend.
type stop struct{ error }

func (e *stop) Unwrap() error { return e.error }

func (p *Projector) attempt(ctx context.Context, migrated *bool) error {
	if !*migrated {
		if err := p.migrate(ctx); err != nil {
			return err
		}
		*migrated = true
	}
	pos, at, err := p.position(ctx)
	if err != nil {
		return err
	}
	if err := p.src.Check(pos); err != nil {
		return &stop{fmt.Errorf("the archive stands at record %d of stream %s: %w", pos.Seq, pos.Stream, err)}
	}
	p.advanced(pos.Seq, at)
	r := p.src.From(pos.Seq + 1)
	defer r.Close() // only read
	for {
		entries, err := r.NextBatch(ctx, batch)
		var damage *journal.DamageError
		switch {
		case errors.As(err, &damage):
			if pos, err = p.pass(ctx, pos, r, damage); err != nil {
				return err
			}
			continue
		case errors.Is(err, journal.ErrTrimmed), errors.Is(err, journal.ErrAhead):
			return &stop{err}
		case err != nil:
			return err
		}
		if first := entries[0]; first.Record.Seq != pos.Seq+1 || pos.Seq > 0 && first.Prev != pos.Hash {
			return &stop{fmt.Errorf("record %d follows %s, the archive stands at record %d, %s", first.Record.Seq, first.Prev, pos.Seq, pos.Hash)}
		}
		if err := p.apply(ctx, pos, entries); err != nil {
			return err
		}
		last := entries[len(entries)-1]
		pos = journal.Position{Stream: p.src.Stream(), Seq: last.Record.Seq, Hash: last.Hash}
		p.advanced(pos.Seq, last.Record.At)
		if len(entries) < batch {
			p.rest(ctx)
		}
	}
}

// rest lets records gather for the next transaction.
func (p *Projector) rest(ctx context.Context) {
	timer := time.NewTimer(gather)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.hurry:
	case <-ctx.Done():
	}
}

func (p *Projector) migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, migrateLimit)
	defer cancel()
	return p.store.Migrate(ctx)
}

// position reads where the archive stands; the zero position in an empty one.
func (p *Projector) position(ctx context.Context) (pos journal.Position, at time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	var hash []byte
	var seq int64
	err = p.store.pool.QueryRow(ctx, `SELECT stream, seq, hash, at FROM followed`).Scan(&pos.Stream, &seq, &hash, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return journal.Position{}, time.Time{}, nil
	}
	if err != nil {
		return pos, at, told(err)
	}
	pos.Seq = uint64(seq)
	if copy(pos.Hash[:], hash) != len(pos.Hash) {
		return pos, at, &stop{fmt.Errorf("the archive's hash of record %d is %d bytes long", seq, len(hash))}
	}
	return pos, at, nil
}

// apply brings entries into the tables in one transaction. When the tables refuse a fact, the records go one by one, and
// the refused fact is kept in unapplied with an alarm: one odd fact must not stop the rest.
func (p *Projector) apply(ctx context.Context, from journal.Position, entries []journal.Entry) error {
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	lists, err := p.transaction(ctx, from, entries)
	if err == nil {
		if lists {
			p.listsChanged()
		}
		return nil
	}
	if !refused(err) {
		return told(err)
	}
	for _, e := range entries {
		if err := p.oneByOne(ctx, from, e); err != nil {
			return told(err)
		}
		from = journal.Position{Stream: p.src.Stream(), Seq: e.Record.Seq, Hash: e.Hash}
	}
	p.listsChanged()
	return nil
}

func (p *Projector) transaction(ctx context.Context, from journal.Position, entries []journal.Entry) (lists bool, err error) {
	a := applying{s: p.store, b: &pgx.Batch{}}
	for _, e := range entries {
		a.record(e.Record)
	}
	last := entries[len(entries)-1]
	err = pgx.BeginFunc(ctx, p.store.pool, func(tx pgx.Tx) error {
		if err := p.step(ctx, tx, from, last); err != nil {
			return err
		}
		return a.run(ctx, tx)
	})
	return a.lists, err
}

// step moves the position within the transaction; another projector that moved it first makes this one stop.
func (p *Projector) step(ctx context.Context, tx pgx.Tx, from journal.Position, to journal.Entry) error {
	sql, args := `INSERT INTO followed (stream, seq, hash, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		[]any{p.src.Stream(), int64(to.Record.Seq), to.Hash[:], to.Record.At}
	if from.Seq > 0 {
		sql = `UPDATE followed SET seq = $2, hash = $3, at = $4 WHERE stream = $1 AND seq = $5 AND hash = $6`
		args = append(args, int64(from.Seq), from.Hash[:])
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != 1 {
		return &stop{fmt.Errorf("somebody else moved the archive's position away from record %d: are two servers writing to one archive?", from.Seq)}
	}
	return err
}

// oneByOne applies one record, each fact within a savepoint.
func (p *Projector) oneByOne(ctx context.Context, from journal.Position, e journal.Entry) error {
	failed := 0
	err := pgx.BeginFunc(ctx, p.store.pool, func(tx pgx.Tx) error {
		if err := p.step(ctx, tx, from, e); err != nil {
			return err
		}
		n, err := p.factByFact(ctx, tx, e.Record)
		failed = n
		return err
	})
	if err == nil {
		p.note(func(s *Status) { s.Unapplied += failed })
	}
	return err
}

// factByFact applies each fact within a savepoint, and keeps those that the tables refuse.
func (p *Projector) factByFact(ctx context.Context, tx pgx.Tx, r fact.Record) (failed int, err error) {
	for i, f := range r.Facts {
		a := applying{s: p.store, b: &pgx.Batch{}}
		a.fact(r, i, f)
		err := pgx.BeginFunc(ctx, tx, func(save pgx.Tx) error { return a.run(ctx, save) })
		if err == nil {
			continue
		}
		if !refused(err) {
			return failed, err
		}
		p.log.Error("ALARM: the archive refused a fact; it is kept in the table unapplied", "seq", r.Seq, "n", i, "kind", f.Kind(), "err", err)
		failed++
		if err := keepUnapplied(ctx, tx, r, i, f.Kind(), f, err); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

func keepUnapplied(ctx context.Context, tx pgx.Tx, r fact.Record, n int, kind string, f fact.Fact, why error) error {
	text := ""
	if f != nil {
		b, err := fact.Marshal(f)
		if err != nil {
			return err
		}
		text = string(b)
	}
	_, err := tx.Exec(ctx, `INSERT INTO unapplied (seq, n, at, kind, fact, error) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		int64(r.Seq), n, r.At, kind, clean(text), clean(why.Error()))
	return err
}

// pass goes on behind records that the log lost, and keeps a note of them. What comes next may speak of what was lost, and be
// refused for that.
func (p *Projector) pass(ctx context.Context, pos journal.Position, r journal.Reader, damage *journal.DamageError) (journal.Position, error) {
	var lost []*journal.DamageError
	var next journal.Entry
	for damage != nil { // one place may be followed by another
		p.log.Error("ALARM: the log is damaged; the archive will lack these records", "from", damage.From, "to", damage.To, "err", damage)
		lost, damage = append(lost, damage), nil
		var err error
		if next, err = r.Next(ctx); err != nil && !errors.As(err, &damage) {
			return pos, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	failed := len(lost)
	err := pgx.BeginFunc(ctx, p.store.pool, func(tx pgx.Tx) error {
		if err := p.step(ctx, tx, pos, next); err != nil {
			return err
		}
		for _, d := range lost {
			if err := keepUnapplied(ctx, tx, fact.Record{Seq: d.From, At: next.Record.At}, 0, "log.damaged", nil, d); err != nil {
				return err
			}
		}
		n, err := p.factByFact(ctx, tx, next.Record)
		failed += n
		return err
	})
	if err != nil {
		return pos, told(err)
	}
	p.note(func(s *Status) { s.Unapplied += failed })
	p.listsChanged()
	p.advanced(next.Record.Seq, next.Record.At)
	return journal.Position{Stream: p.src.Stream(), Seq: next.Record.Seq, Hash: next.Hash}, nil
}

func (p *Projector) advanced(seq uint64, at time.Time) {
	p.mu.Lock()
	p.at = at
	p.mu.Unlock()
	p.note(func(s *Status) { s.Applied, s.Away, s.Stopped = seq, nil, nil })
}

// note changes the status and wakes those who wait for it.
func (p *Projector) note(change func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.st)
	close(p.changed)
	p.changed = make(chan struct{})
}
