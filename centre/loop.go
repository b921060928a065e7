package centre

import (
	"fmt"
	"runtime/debug"
	"time"

	"hotline/fact"
	"hotline/floor"
)

// mostAtOnce is how many inputs share one write of the journal.
const mostAtOnce = 256

// run is the loop.
func (c *Centre) run() {
	defer close(c.stopped)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	checkpoint := time.NewTicker(c.cfg.CheckpointEvery)
	if c.longTail {
		checkpoint.Reset(time.Second)
	}
	defer checkpoint.Stop()
	retry := time.NewTicker(saveAgain)
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
			checkpoint.Reset(c.cfg.CheckpointEvery)
		case <-retry.C:
			c.save(retrying)
		case <-c.ctx.Done():
			if !c.killed.Load() {
				c.finish()
			}
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
	least := time.Duration(0)
	if c.tripped { // a deadline's work failed: whatever comes of it must not come at once, for ever
		least, c.tripped = saveAgain, false
	}
	t.Reset(max(least, at.Sub(c.now())))
}

// finish takes what is already in the inbox, so that no fact that Asterisk told is lost, and leaves a checkpoint.
func (c *Centre) finish() {
	for {
		select {
		case it := <-c.inbox:
			c.turn(it)
		default:
			if seq, state, ok := c.snapshot(); ok {
				c.keep(seq, state)
			}
			if n := len(c.unsaved); n > 0 {
				c.log.Error("facts are lost: the journal could not be written until the end; the next start asks Asterisk for what is true", "records", n)
			}
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
	for n := 1; more; n++ {
		var err error
		switch {
		case it.read != nil:
		case it.do != nil:
			it.do()
			records = append(records, c.extra...)
			c.extra = nil
		default:
			var rec fact.Record
			if rec, err = c.step(it); len(rec.Facts) > 0 {
				records = append(records, rec)
			}
		}
		if it.reply != nil || it.read != nil {
			answers = append(answers, answer{it, err})
		}
		if more = n < mostAtOnce; more { // what is taken out is dealt with
			select {
			case it = <-c.inbox:
			default:
				more = false
			}
		}
	}
	if len(records) > 0 {
		c.save(deciding)
	}
	c.tell(records)
	for _, a := range answers {
		if a.it.read != nil {
			a.it.read()
		}
		if a.it.reply != nil {
			a.it.reply <- a.err
		}
	}
}

// step decides on one input. A panic changes nothing: the floor is restored without the step, and the call that the
// decision was about is taken out of the loop's hands.
func (c *Centre) step(it item) (rec fact.Record, err error) {
	id := commandID{id: it.id}
	if it.id != "" {
		if cmd, ok := it.in.(floor.Command); ok {
			id.agent = cmd.Agent
		}
		if err, ok := c.done[id]; ok {
			return fact.Record{}, err
		}
		defer func() { c.remember(id, err) }()
	}
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("a decision failed; the floor is restored without it", "input", fmt.Sprintf("%T %+v", it.in, it.in),
				"panic", p, "stack", string(debug.Stack()))
			rec, err = c.quarantine(it.in, fmt.Sprint(p))
		}
	}()
	rec, err = c.floor.Step(c.now(), it.in)
	if c.trip != nil {
		c.trip(it.in)
	}
	if len(rec.Facts) > 0 {
		c.unsaved = append(c.unsaved, rec)
	}
	return rec, err
}

// mostRemembered is how many results of commands are kept.
const mostRemembered = 4096

// remember keeps the result of a command, for a desk that asks again after a lost answer.
func (c *Centre) remember(id commandID, err error) {
	c.done[id] = err
	c.doneIDs = append(c.doneIDs, id)
	if len(c.doneIDs) > mostRemembered {
		delete(c.done, c.doneIDs[0])
		c.doneIDs = c.doneIDs[1:]
	}
}

// tell passes on what is decided and written: figures, watchers, lanes, recordings.
func (c *Centre) tell(records []fact.Record) {
	changed := c.floor.Changed()
	c.mu.Lock()
	for _, r := range records {
		c.fold.Apply(r)
	}
	watchers := c.watchers
	c.mu.Unlock()
	for _, id := range changed.Calls {
		c.drive(id)
	}
	for _, a := range changed.Agents {
		c.driveLeg(a.Agent)
	}
	c.fetch(changed.Closed, records)
	if len(records) == 0 && len(changed.Agents) == 0 && len(changed.Queues) == 0 && changed.Announcements == nil {
		return
	}
	u := Update{Seq: c.floor.Seq(), At: c.floor.At(), Records: records, Agents: changed.Agents, Queues: changed.Queues, Phases: c.floor.Phases(), Announcements: changed.Announcements}
	for _, w := range watchers {
		w.tell(u)
	}
}

// fetch hands over recordings whose files are closed, each once in the life of this process.
func (c *Centre) fetch(closed []floor.Pending, records []fact.Record) {
	for _, p := range closed {
		if !c.fetched[p.Recording] {
			c.fetched[p.Recording] = true
			c.cfg.Recordings.Fetch(p)
		}
	}
	for _, r := range records {
		for _, f := range r.Facts {
			switch f := f.(type) {
			case fact.RecordingStored:
				delete(c.fetched, f.Recording)
			case fact.RecordingLost:
				delete(c.fetched, f.Recording)
			}
		}
	}
}
