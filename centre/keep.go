package centre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hotline/fact"
	"hotline/floor"
	"hotline/journal"
	"hotline/report"
)

const (
	// saveAgain is the time between tries to write what could not be written.
	saveAgain = time.Second
	// deciding and retrying are how long the loop waits for the journal: a disk that hangs must not stop the calls.
	deciding = 2 * time.Second
	retrying = 20 * time.Millisecond
	// atOnce bounds one write of what has waited.
	atOnce = 1000
)

// save appends what is not in the journal yet. When that fails live calls go on, and the records wait in bounded memory:
// from then on only the loop's ticker tries again.
func (c *Centre) save(patience time.Duration) {
	if len(c.unsaved) == 0 || c.provisional.Load() && patience == deciding {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	waited := len(c.unsaved)
	for len(c.unsaved) > 0 {
		// An earlier try may have gone through after we stopped waiting for it.
		for last, _ := c.cfg.Journal.Last(); len(c.unsaved) > 0 && c.unsaved[0].Seq <= last; {
			c.unsaved = c.unsaved[1:]
		}
		batch := c.unsaved[:min(len(c.unsaved), atOnce)]
		if len(batch) == 0 {
			break
		}
		if err := c.cfg.Journal.AppendBatch(ctx, batch); err != nil {
			if !c.provisional.Swap(true) {
				c.log.Error("the journal cannot be written: calls go on, facts wait in memory; free the disk or check the state folder",
					"err", err, "waiting", len(c.unsaved), "bound", c.cfg.MostUnsaved)
			}
			return
		}
		c.unsaved = c.unsaved[len(batch):]
	}
	c.unsaved = nil
	if c.provisional.Swap(false) {
		c.log.Info("the journal can be written again", "caught_up", waited)
	}
}

// full tells that so many facts wait for the journal that new calls must go to the safety net.
func (c *Centre) full() bool { return len(c.unsaved) > c.cfg.MostUnsaved/2 }

var errDecision = &floor.Illegal{Code: "internal", Text: "this could not be done; the call was ended to keep the others safe"}

// quarantine restores the floor without the step that failed, and takes the call that it was about off it.
func (c *Centre) quarantine(in floor.Input, why string) (rec fact.Record, err error) {
	if _, ok := in.(floor.Tick); ok {
		c.tripped = true
	}
	id, due := c.floor.Culprit(in)
	if err := c.rebuild(); err != nil {
		panic(fmt.Errorf("the floor cannot be restored after a failed decision: %w", err)) // the next start reads the journal anew
	}
	if id == "" || c.floor.Call(id) == nil {
		c.floor.Defuse(due)
		return fact.Record{}, errDecision
	}
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("a call can neither be served nor be ended; it is left to the dialplan's lease", "call", id, "panic", p)
			if e := c.rebuild(); e != nil {
				panic(errors.Join(fmt.Errorf("%v", p), e))
			}
			c.floor.Defuse(due)
			rec, err = fact.Record{}, errDecision
		}
	}()
	rec = c.floor.Quarantine(c.now(), id, why)
	if len(rec.Facts) > 0 {
		c.unsaved = append(c.unsaved, rec)
	}
	return rec, errDecision
}

// rebuild makes the floor anew from the journal and from what is not in it yet.
func (c *Centre) rebuild() error {
	unsaved := c.unsaved
	if err := c.restore(); err != nil {
		return err
	}
	for _, r := range unsaved {
		if r.Seq == c.floor.Seq()+1 {
			if err := c.floor.Replay(r); err != nil {
				return err
			}
		}
	}
	c.floor.TouchAll()
	return nil
}

// saved is what a checkpoint holds.
type saved struct {
	Floor   json.RawMessage `json:"floor"`
	Figures json.RawMessage `json:"figures"`
}

// checkpoint keeps the state, so that a start needs only the tail of the journal. The disk is not waited for: one that hangs
// must not stop the calls. While it is busy with one checkpoint there is no next.
func (c *Centre) checkpoint() {
	if c.keeping.Load() {
		return
	}
	seq, state, ok := c.snapshot()
	if !ok {
		return
	}
	c.keeping.Store(true)
	if !c.spawn(func() { defer c.keeping.Store(false); c.keep(seq, state) }) {
		c.keeping.Store(false)
	}
}

// snapshot is what a checkpoint holds; not ok while something is not in the journal yet.
func (c *Centre) snapshot() (seq uint64, state []byte, ok bool) {
	c.save(retrying)
	if len(c.unsaved) > 0 {
		return 0, nil, false
	}
	floorState, err := c.floor.Save()
	if err == nil {
		var figures []byte
		if figures, err = json.Marshal(c.fold); err == nil {
			state, err = json.Marshal(saved{floorState, figures})
		}
	}
	if err != nil {
		c.noCheckpoint(err)
	}
	return c.floor.Seq(), state, err == nil
}

// keep writes a checkpoint.
func (c *Centre) keep(seq uint64, state []byte) {
	if err := c.cfg.Journal.Checkpoint(seq, state); err != nil {
		c.noCheckpoint(err)
	}
}

func (c *Centre) noCheckpoint(err error) {
	c.log.Error("no checkpoint could be written; the next start will read more of the journal", "err", err)
}

// restore makes floor and figures from the newest checkpoint and the journal's tail.
func (c *Centre) restore() error {
	seq, b, err := c.cfg.Journal.LatestCheckpoint()
	if err != nil {
		return fmt.Errorf("read the checkpoint: %w", err)
	}
	var s saved
	fold := report.New(c.cfg.Zone)
	if seq > 0 {
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("checkpoint at record %d: %w", seq, err)
		}
		if err := json.Unmarshal(s.Figures, fold); err != nil {
			return fmt.Errorf("figures in the checkpoint at record %d: %w", seq, err)
		}
	}
	fl, err := floor.Restore(c.cfg.Floor, s.Floor)
	if err != nil {
		return err
	}
	if err := c.replay(fl, fold); err != nil {
		return err
	}
	c.floor = fl
	c.mu.Lock()
	if c.fold == nil {
		c.fold = fold
	}
	c.mu.Unlock()
	return nil
}

// longTail is how many records a start reads in some hundredths of a second. A server that is killed again and again before
// it has written a checkpoint would have more to read each time.
const longTail = 2000

// replay brings floor and figures to the journal's end. Records that are damaged are passed over, as the archive does: what
// stands behind them is taken as far as it fits, and Asterisk is asked what is true when its link comes up.
func (c *Centre) replay(fl *floor.Floor, fold *report.Fold) (err error) {
	last, _ := c.cfg.Journal.Last()
	r := c.cfg.Journal.From(fl.Seq() + 1)
	defer func() { err = errors.Join(err, r.Close()) }()
	damaged := false
	c.longTail = last-fl.Seq() > longTail
	for fl.Seq() < last {
		entries, err := r.NextBatch(context.Background(), atOnce)
		var damage *journal.DamageError
		switch {
		case errors.As(err, &damage):
			damaged = true
			c.log.Error("ALARM: the journal is damaged; calls go on without what the lost records said", "from", damage.From, "to", damage.To, "err", err)
			fl.Skip(damage.To)
			continue
		case err != nil:
			return fmt.Errorf("read the journal after record %d: %w", fl.Seq(), err)
		}
		for _, e := range entries {
			if !damaged {
				err = fl.Replay(e.Record)
			} else if unfit := fl.ReplayPast(e.Record); len(unfit) > 0 {
				c.log.Warn("behind the journal's damage: facts that do not fit are left out", "record", e.Record.Seq, "err", errors.Join(unfit...))
			}
			if err != nil {
				return err
			}
			fold.Apply(e.Record)
		}
	}
	if damaged {
		fl.Reconcile()
		fold.Settle(fl.Open())
	}
	return nil
}
