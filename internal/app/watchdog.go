package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/centre"
	"hotline/desk"
	"hotline/floor"
	"hotline/report"
)

// watchEvery is how often the watchdog looks.
const watchEvery = 10 * time.Second

const (
	// mostBehind is how old the oldest record may be that the archive does not have.
	mostBehind = time.Minute
	// mostOff is by how much the house's time may differ from the machine's clock.
	mostOff = 30 * time.Second
)

// watchdog looks every 10 s for what should not be: named in a metric, put right where that is safe, on the board while it
// stands.
type watchdog struct {
	app   *App
	dog   *centre.Watchdog
	count *prometheus.CounterVec
	known map[string]bool // what the last look found
}

func (a *App) startWatchdog() error {
	w := &watchdog{app: a, dog: centre.NewWatchdog(a.centre), known: map[string]bool{}, count: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hotline_watchdog_found_total", Help: "What should not be and was found by looking, by kind; counted once while it stands.",
	}, []string{"kind"})}
	for _, k := range floor.TroubleKinds {
		w.count.WithLabelValues(string(k))
	}
	off := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hotline_clock_off_seconds", Help: "By how much the house's time, which never jumps, is ahead of the machine's clock.",
	}, func() float64 { return a.centre.ClockOff().Seconds() })
	if err := errors.Join(a.registry.Register(w.count), a.registry.Register(off)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a.onStop("watchdog", func(context.Context) error { cancel(); <-done; return nil })
	go func() {
		defer close(done)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-tick.C:
				asleep := time.Since(last) > 2*watchEvery
				last = time.Now()
				if asleep { // frozen, and everything is late with us: the next look tells what is still so
					continue
				}
				w.report(append(w.dog.Look(ctx), w.lags()...))
				var since time.Time
				var surging bool
				a.centre.Figures(func(f *report.Fold) {
					a.alarms.levels(f, a.cfg.Load(), time.Now())
					since, surging = a.alarms.surges(f, a.cfg.Load(), time.Now())
				})
				a.surgeTold(ctx, since, surging)
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

// report counts what is new and shows what stands.
func (w *watchdog) report(found []floor.Trouble) {
	now := map[string]bool{}
	for _, t := range found {
		id := "watchdog " + string(t.Kind) + " " + t.ID
		now[id] = true
		if !w.known[id] {
			w.count.WithLabelValues(string(t.Kind)).Inc()
		}
		w.app.alarms.put(troubled(id, t))
	}
	for id := range w.known {
		if !now[id] {
			w.app.alarms.clear(id)
		}
	}
	w.known = now
}

// troubled is the alarm of a trouble.
func troubled(id string, t floor.Trouble) desk.Alarm {
	text := strings.TrimSpace(string(t.Kind)+" "+t.ID) + ": " + t.Text
	if t.Mended {
		text += " (being put right)"
	}
	return desk.Alarm{
		ID: id, Kind: desk.Watchdog, Text: text, Trouble: t.Kind, About: t.ID, State: t.State, Since: t.Since, Due: t.Due, Agent: t.Agent,
		Node: t.Node, Count: t.Count, By: t.By.Seconds(), Full: t.Full, Why: t.Why, Mended: t.Mended,
	}
}

// lags are what falls behind. That PostgreSQL is away, or the journal cannot be written, has an alarm of its own at once;
// here it is counted.
func (w *watchdog) lags() (found []floor.Trouble) {
	a := w.app
	if a.centre.Provisional() {
		found = append(found, floor.Trouble{Kind: floor.JournalLag, Text: "facts wait in memory because the journal cannot be written"})
	}
	st := a.projector.Status()
	if st.Behind > mostBehind {
		found = append(found, floor.Trouble{Kind: floor.ProjectorLag, Text: fmt.Sprintf("the archive is %s behind, %d records", st.Behind.Round(time.Second), st.Head-st.Applied),
			Particulars: floor.Particulars{By: st.Behind.Round(time.Second), Count: int(st.Head - st.Applied)}})
	}
	if st.Unapplied > 0 {
		found = append(found, floor.Trouble{Kind: floor.Unapplied, Text: fmt.Sprintf("the archive refused %d facts since the start: an engineer should look at the table unapplied", st.Unapplied),
			Particulars: floor.Particulars{Count: st.Unapplied}})
	}
	if err := a.fetcher.Trouble(); err != nil {
		found = append(found, floor.Trouble{Kind: floor.RecordingLag, Text: err.Error(), Particulars: floor.Particulars{
			Count: a.fetcher.Waiting(), Full: errors.Is(err, syscall.ENOSPC), Why: err.Error()}})
	}
	if t, off := offClock(a.centre.ClockOff()); off {
		found = append(found, t)
	}
	return found
}

// offClock: the machine's clock was set, and what is journalled and shown follows it slowly.
func offClock(off time.Duration) (t floor.Trouble, is bool) {
	if off.Abs() < mostOff {
		return t, false
	}
	where := "ahead of"
	if off < 0 {
		where = "behind"
	}
	return floor.Trouble{Kind: floor.ClockOff, Text: fmt.Sprintf(
		"the times of calls are %s %s the machine's clock, which was set; they come nearer by a second in a minute (is the clock right, and NTP on? see \"The clock\" in docs/operations.md)",
		off.Abs().Round(time.Second), where), Particulars: floor.Particulars{By: off.Round(time.Second)}}, true
}
