package centre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"hotline/fact"
	"hotline/floor"
	"hotline/report"
)

// mostAtOnce is how many inputs share one write of the journal.
const mostAtOnce = 256

// run is the loop.
func (c *Centre) run() {
	defer close(c.stopped)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	checkpoint := time.NewTicker(c.cfg.CheckpointEvery)
	defer checkpoint.Stop()
	retry := time.NewTicker(time.Second)
	defer retry.Stop()
	for {
		c.arm(timer)
		select {
		case it := <-c.inbox:
			c.turn(it)
		case <-timer.C:
			c.turn(item{in: floor.Tick{}})
		case <-checkpoint.C:
			c.checkpoint()
		case <-retry.C:
			if len(c.unsaved) > 0 {
				c.save()
			}
		case <-c.ctx.Done():
			c.finish()
			return
		}
	}
}

// arm sets the timer to the floor's next deadline.
func (c *Centre) arm(t *time.Timer) {
	at, ok := c.floor.NextDue()
	if !ok {
		t.Reset(time.Hour)
		return
	}
	t.Reset(max(0, at.Sub(c.cfg.Now())))
}

// finish takes what is already in the inbox, so that no fact that Asterisk told is lost, and leaves a checkpoint.
func (c *Centre) finish() {
	for {
		select {
		case it := <-c.inbox:
			c.turn(it)
		default:
			c.checkpoint()
			return
		}
	}
}

type answer struct {
	it  item
	err error
}

// turn takes one item and all that wait behind it, up to a limit: one write of the journal for all of them.
func (c *Centre) turn(first item) {
	var records []fact.Record
	var answers []answer
	it, more := first, true
	for n := 0; more && n < mostAtOnce; n++ {
		if it.do != nil {
			it.do()
			records = append(records, c.extra...)
			c.extra = nil
		} else {
			rec, err := c.step(it)
			if len(rec.Facts) > 0 {
				records = append(records, rec)
			}
			answers = append(answers, answer{it, err})
		}
		select {
		case it = <-c.inbox:
		default:
			more = false
		}
	}
	if len(records) > 0 {
		c.save()
	}
	c.tell(records)
	for _, a := range answers {
		if a.it.reply != nil {
			a.it.reply <- a.err
		}
	}
}

// step decides on one input. A panic changes nothing: the floor is restored without the step, and the call that the
// input was about is taken out of the loop's hands.
func (c *Centre) step(it item) (rec fact.Record, err error) {
	if it.id != "" {
		if err, ok := c.done[it.id]; ok {
			return fact.Record{}, err
		}
	}
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("a decision failed; the floor is restored without it", "input", fmt.Sprintf("%T %+v", it.in, it.in),
				"panic", p, "stack", string(debug.Stack()))
			rec, err = c.quarantine(it.in, fmt.Sprint(p))
		}
		if it.id != "" {
			c.remember(it.id, err)
		}
	}()
	rec, err = c.floor.Step(c.cfg.Now(), it.in)
	if len(rec.Facts) > 0 {
		c.unsaved = append(c.unsaved, rec)
	}
	return rec, err
}

// remember keeps the result of a command, for a desk that asks again after a lost answer.
func (c *Centre) remember(id string, err error) {
	if _, ok := c.done[id]; ok {
		return
	}
	c.done[id] = err
	c.doneIDs = append(c.doneIDs, id)
	if len(c.doneIDs) > 4096 {
		delete(c.done, c.doneIDs[0])
		c.doneIDs = c.doneIDs[1:]
	}
}

var errDecision = &floor.Illegal{Code: "internal", Text: "this could not be done; the call was ended to keep the others safe"}

func (c *Centre) quarantine(in floor.Input, why string) (fact.Record, error) {
	unsaved := c.unsaved
	if err := c.restore(); err != nil {
		c.log.Error("the floor cannot be restored", "err", err)
		panic(err)
	}
	for _, r := range unsaved {
		if r.Seq == c.floor.Seq()+1 {
			if err := c.floor.Replay(r); err != nil {
				panic(err)
			}
		}
	}
	c.unsaved = unsaved
	c.floor.TouchAll()
	id := floor.CallOf(in)
	if id == "" {
		return fact.Record{}, errDecision
	}
	rec := c.floor.Quarantine(c.cfg.Now(), id, why)
	if len(rec.Facts) > 0 {
		c.unsaved = append(c.unsaved, rec)
	}
	return rec, errDecision
}

// save appends what is not in the journal yet. When that fails live calls go on, and the records wait in bounded
// memory for the next try.
func (c *Centre) save() {
	if len(c.unsaved) == 0 {
		return
	}
	err := c.cfg.Journal.AppendBatch(context.Background(), c.unsaved)
	if err == nil {
		if c.provisional.Swap(false) {
			c.log.Info("the journal can be written again", "caught_up", len(c.unsaved))
		}
		c.unsaved = nil
		return
	}
	if !c.provisional.Swap(true) {
		c.log.Error("the journal cannot be written: calls go on, facts wait in memory; free the disk or check the state folder",
			"err", err, "waiting", len(c.unsaved), "bound", c.cfg.MostUnsaved)
	}
}

// full tells that so many facts wait for the journal that new calls must go to the safety net.
func (c *Centre) full() bool { return len(c.unsaved) > c.cfg.MostUnsaved/2 }

// tell passes on what is decided and written: figures, watchers, lanes.
func (c *Centre) tell(records []fact.Record) {
	changed := c.floor.Changed()
	c.mu.Lock()
	for _, r := range records {
		c.fold.Apply(r)
	}
	watchers := make([]func(Update), 0, len(c.watchers))
	for _, w := range c.watchers {
		watchers = append(watchers, w)
	}
	c.mu.Unlock()
	for _, id := range changed.Calls {
		c.drive(id)
	}
	for _, a := range changed.Agents {
		c.driveLeg(a.Agent)
	}
	if len(records) > 0 {
		for _, p := range c.floor.Pending() {
			if !c.fetched[p.Recording] {
				c.fetched[p.Recording] = true
				c.cfg.Recordings.Fetch(p)
			}
		}
	}
	if len(records) == 0 && len(changed.Agents) == 0 && len(changed.Queues) == 0 {
		return
	}
	u := Update{Seq: c.floor.Seq(), At: c.floor.At(), Records: records, Agents: changed.Agents, Queues: changed.Queues, Phases: c.floor.Phases()}
	for _, w := range watchers {
		w(u)
	}
}

// saved is what a checkpoint holds.
type saved struct {
	Floor   json.RawMessage `json:"floor"`
	Figures json.RawMessage `json:"figures"`
}

// checkpoint keeps the state, so that a start needs only the tail of the journal.
func (c *Centre) checkpoint() {
	c.save()
	if len(c.unsaved) > 0 {
		return
	}
	floorState, err := c.floor.Save()
	if err == nil {
		var figures []byte
		if figures, err = json.Marshal(c.fold); err == nil {
			var b []byte
			if b, err = json.Marshal(saved{floorState, figures}); err == nil {
				err = c.cfg.Journal.Checkpoint(c.floor.Seq(), b)
			}
		}
	}
	if err != nil {
		c.log.Error("no checkpoint could be written; the next start will read more of the journal", "err", err)
	}
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
	last, _ := c.cfg.Journal.Last()
	r := c.cfg.Journal.From(seq + 1)
	for fl.Seq() < last {
		entries, err := r.NextBatch(context.Background(), 1000)
		if err != nil {
			return errors.Join(fmt.Errorf("read the journal after record %d: %w", fl.Seq(), err), r.Close())
		}
		for _, e := range entries {
			if err := fl.Replay(e.Record); err != nil {
				return errors.Join(err, r.Close())
			}
			fold.Apply(e.Record)
		}
	}
	c.floor = fl
	c.mu.Lock()
	if c.fold == nil {
		c.fold = fold
	}
	c.mu.Unlock()
	return r.Close()
}
