package recording

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/fact"
)

// Options of a Fetcher. Store, Source and Results are needed; the rest has defaults.
type Options struct {
	Store  *Store
	Source func(node string) (Source, error)
	// Results is called once for each job, from a worker's goroutine.
	Results func(Result)
	Encoder Encoder // default: NewEncoder("opus")
	Workers int     // how many recordings are fetched at the same time; default 2, or 1 where two cores must do

	Backoff    time.Duration // before the second try, doubled for each further one; default 1 s
	MostWait   time.Duration // between tries; default 1 min
	Patience   time.Duration // for one try; default 10 min
	MissingFor int           // so many tries find nothing at the source before the recording counts as lost; default 3
	DeleteFor  int           // so many tries to delete at the source before the job ends all the same; default 5

	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (o Options) withDefaults() (Options, error) {
	if o.Store == nil || o.Source == nil || o.Results == nil {
		return o, errors.New("recordings: a fetcher needs a store, a source and somebody who takes the results")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Encoder == nil {
		enc, err := NewEncoder("opus", o.Logger)
		if err != nil {
			return o, err
		}
		o.Encoder = enc
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Workers = orElse(o.Workers, min(2, max(1, runtime.NumCPU()/2))) // a talk takes two encoders
	o.Backoff = orElse(o.Backoff, time.Second)
	o.MostWait = orElse(o.MostWait, time.Minute)
	o.Patience = orElse(o.Patience, 10*time.Minute)
	o.MissingFor = orElse(o.MissingFor, 3)
	o.DeleteFor = orElse(o.DeleteFor, 5)
	return o, nil
}

func orElse[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

// Fetcher takes recordings over, a few at a time, each tried again until it is stored or has gone from its source. What
// waits is held in memory, a few hundred bytes each, and is as much as Asterisk's disk holds; it is handed over anew
// after a restart.
type Fetcher struct {
	opt    Options
	log    *slog.Logger
	meters *meters
	cancel context.CancelFunc
	ctx    context.Context
	done   sync.WaitGroup

	mu      sync.Mutex
	known   map[string]*work // by recording, until its result is told
	due     queue
	wake    chan struct{} // closed when due has changed
	trouble map[string]error
	stopped bool
}

// work is a job with its tries.
type work struct {
	Job
	at      time.Time // the next try
	tries   int
	missing int
	deletes int
}

// NewFetcher starts the workers. Stop ends them.
func NewFetcher(opt Options) (*Fetcher, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	f := &Fetcher{opt: opt, log: opt.Logger, known: map[string]*work{}, trouble: map[string]error{}, wake: make(chan struct{})}
	if f.meters, err = newMeters(opt.Registerer, f.Waiting); err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	for range opt.Workers {
		f.done.Go(f.serve)
	}
	return f, nil
}

// Stop ends the workers, within a try's end: what is half done is done again after the next start.
func (f *Fetcher) Stop() {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	f.cancel()
	f.done.Wait()
	f.meters.unregister(f.opt.Registerer)
}

// Fetch hands a job over. It never waits. A recording that is being worked on is not taken twice. A job that cannot be
// one of ours comes back as lost.
func (f *Fetcher) Fetch(j Job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped || f.known[j.Recording] != nil {
		return
	}
	w := &work{Job: j, at: f.opt.Now()}
	f.known[j.Recording] = w
	f.enqueue(w)
}

// enqueue puts work in line; mu is held.
func (f *Fetcher) enqueue(w *work) {
	heap.Push(&f.due, w)
	close(f.wake)
	f.wake = make(chan struct{})
}

// Waiting is how many recordings are not stored yet.
func (f *Fetcher) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.known)
}

// Trouble is why recordings wait, for an alarm: nil when the last try of each went well. errors.Is(err, syscall.ENOSPC)
// tells a full disk.
func (f *Fetcher) Trouble() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, err := range f.trouble {
		if errors.Is(err, syscall.ENOSPC) {
			return fmt.Errorf("the disk of the recordings is full, %d wait in Asterisk until there is room: %w", len(f.known), err)
		}
	}
	for _, err := range f.trouble {
		return fmt.Errorf("%d of %d recordings could not be taken over yet, such as: %w", len(f.trouble), len(f.known), err)
	}
	return nil
}

// serve is a worker.
func (f *Fetcher) serve() {
	for {
		w := f.next()
		if w == nil {
			return
		}
		f.try(w)
	}
}

// next waits for work that is due; nil when the fetcher stops.
func (f *Fetcher) next() *work {
	for {
		f.mu.Lock()
		wait := time.Hour
		if len(f.due) > 0 {
			wait = f.due[0].at.Sub(f.opt.Now())
			if wait <= 0 {
				w := heap.Pop(&f.due).(*work)
				f.mu.Unlock()
				return w
			}
		}
		wake := f.wake
		f.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-f.ctx.Done():
			timer.Stop()
			return nil
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
		if f.ctx.Err() != nil {
			return nil
		}
	}
}

func (f *Fetcher) try(w *work) {
	ctx, cancel := context.WithTimeout(f.ctx, f.opt.Patience)
	defer cancel()
	w.tries++
	err := w.check()
	if err != nil {
		f.lose(w, err)
		return
	}
	stored, empty, err := f.take(ctx, w.Job)
	if f.ctx.Err() != nil {
		return // stopping; the job comes again
	}
	switch {
	case stored != nil && err == nil:
		f.finish(w, stored, empty)
	case stored != nil:
		w.deletes++
		if w.deletes < f.opt.DeleteFor {
			f.again(w, err)
			return
		}
		f.log.Warn("a stored recording stays in Asterisk, too: delete it there", "call", w.Call, "recording", w.Recording, "error", err)
		f.finish(w, stored, empty)
	case errors.Is(err, errGone):
		w.missing++
		if w.missing < f.opt.MissingFor {
			f.again(w, err)
			return
		}
		f.lose(w, err)
	default:
		f.again(w, err)
	}
}

func (f *Fetcher) finish(w *work, stored *fact.RecordingStored, empty bool) {
	f.forget(w)
	f.meters.stored(stored)
	f.log.Info("a recording is stored", "call", w.Call, "recording", w.Recording, "file", stored.File, "bytes", stored.Bytes)
	f.opt.Results(Result{Job: w.Job, Stored: stored, Empty: empty})
}

func (f *Fetcher) lose(w *work, why error) {
	f.forget(w)
	f.meters.lost.Inc()
	f.log.Error("a recording is lost", "call", w.Call, "recording", w.Recording, "error", why)
	f.opt.Results(Result{Job: w.Job, Lost: &fact.RecordingLost{Call: w.Call, Recording: w.Recording, Why: why.Error()}})
}

func (f *Fetcher) forget(w *work) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.known, w.Recording)
	delete(f.trouble, w.Recording)
}

// again puts the work back in line, for later each time.
func (f *Fetcher) again(w *work, err error) {
	wait := f.opt.MostWait
	if w.tries < 30 {
		wait = min(wait, f.opt.Backoff<<(w.tries-1))
	}
	f.meters.retries.Inc()
	level := slog.LevelDebug
	if w.tries == 3 || w.tries%100 == 0 { // worth waking up for, but not each time
		level = slog.LevelError
	}
	f.log.Log(f.ctx, level, "a recording could not be taken over; it stays in Asterisk", "call", w.Call, "recording", w.Recording,
		"tries", w.tries, "again_in", wait, "error", err)
	f.mu.Lock()
	defer f.mu.Unlock()
	w.at = f.opt.Now().Add(wait)
	f.trouble[w.Recording] = err
	f.enqueue(w)
}

// queue is a heap of work by its next try.
type queue []*work

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, k int) bool { return q[i].at.Before(q[k].at) }
func (q queue) Swap(i, k int)      { q[i], q[k] = q[k], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*work)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return w
}
