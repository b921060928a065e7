package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/acd/sim"
	"hotline/desk"
	"hotline/internal/config"
	"hotline/internal/staffing"
	"hotline/journal"
	"hotline/postgres"
	"hotline/ticket/history"
)

// ScenarioOptions say which days become a scenario.
type ScenarioOptions struct {
	Weeks   int    // so many weeks back
	Day     string // of the week, mon to sun; empty: every day
	Date    string // one day, 2026-11-20, instead of Weeks and Day
	Journal string // a state folder whose journal is read instead of the archive
	Calls   string // a file that gets the single calls of Date, which the scenario then replays
}

// Scenario writes the centre of a configuration as a scenario: its queues and agents, and calls, talks and patience as
// the archive or a journal has them.
func Scenario(ctx context.Context, file string, o ScenarioOptions, w io.Writer, say io.Writer) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	from, to, day, err := o.days(cfg.Zone, time.Now())
	if err != nil {
		return err
	}
	traffic, fold, err := o.traffic(ctx, cfg, from, to)
	if err != nil {
		return err
	}
	s, m := staffing.Measure(planned(cfg), traffic, day)
	if o.Calls != "" {
		if err := replay(s, fold, o, from); err != nil {
			return err
		}
	}
	fmt.Fprintf(say, "%d calls on %d days, from %s\n", m.Calls, m.Days, from.Format(time.DateOnly))
	for _, n := range m.Notes {
		fmt.Fprintln(say, "not measured:", missing[n])
	}
	return s.WriteYAML(w)
}

// missing is what the notes of a measurement mean.
var missing = map[desk.StaffingNote]string{
	desk.NoCalls:    "there were no calls: six an hour are assumed for each queue, from 9 to 17",
	desk.OtherDays:  "there were no calls on that day of the week: every day was taken",
	desk.NoTalks:    "a queue had no talks: three minutes are assumed",
	desk.NoPatience: "too few callers gave up in a queue: a patience of three minutes is assumed",
	desk.FewCalls:   "there were few calls: what is measured may be chance",
	desk.NoRoster:   "agents were ready or busy for less than an hour: all of the configuration are there all day",
	desk.NoWorkYet:  "the configuration has no agent with a queue",
}

// days are the stretch that is measured, and the weekday if only one counts.
func (o *ScenarioOptions) days(zone *time.Location, now time.Time) (from, to time.Time, day *time.Weekday, err error) {
	if o.Date != "" {
		from, err = time.ParseInLocation(time.DateOnly, o.Date, zone)
		if err != nil {
			return from, to, nil, fmt.Errorf("the date %q cannot be read: write it as 2026-11-20", o.Date)
		}
		return from, from.AddDate(0, 0, 1), nil, nil
	}
	if o.Calls != "" {
		return from, to, nil, errors.New("--calls replays one day: name it by --date 2026-11-20")
	}
	if o.Weeks < 1 || o.Weeks > 520 {
		return from, to, nil, fmt.Errorf("%d weeks: a number from 1 to 520", o.Weeks)
	}
	if o.Day != "" {
		for w := time.Sunday; w <= time.Saturday; w++ {
			if strings.EqualFold(w.String()[:3], o.Day) {
				day = &w
			}
		}
		if day == nil {
			return from, to, nil, fmt.Errorf("the day %q: one of mon, tue, wed, thu, fri, sat, sun", o.Day)
		}
	}
	now = now.In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	return today.AddDate(0, 0, -7*o.Weeks), now, day, nil
}

// traffic comes from the archive, or from a journal, which knows single calls, too.
func (o *ScenarioOptions) traffic(ctx context.Context, cfg *config.Config, from, to time.Time) (t history.Traffic, f *staffing.Fold, err error) {
	if o.Journal != "" {
		f, err = foldJournal(ctx, o.Journal, from, to)
		if err != nil {
			return t, nil, err
		}
		return f.Traffic(), f, nil
	}
	if o.Calls != "" {
		return t, nil, errors.New("--calls needs a journal, which knows single calls: name its state folder by --journal")
	}
	if cfg.Postgres.DSN.Reveal() == "" {
		return t, nil, errors.New("the configuration names no archive (postgres): give a journal by --journal STATE")
	}
	s, err := postgres.New(cfg.Postgres.DSN.Reveal(), nil)
	if err != nil {
		return t, nil, err
	}
	defer s.Close()
	t, err = s.Traffic(ctx, from, to)
	return t, nil, err
}

func foldJournal(ctx context.Context, state string, from, to time.Time) (*staffing.Fold, error) {
	dir := filepath.Join(state, "journal")
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("%s holds no journal: name the state folder of a centre: %w", state, err)
	}
	j, _, err := journal.Open(dir, journal.Options{})
	if errors.Is(err, journal.ErrLocked) {
		return nil, fmt.Errorf("a server runs on %s: leave --journal out to ask its archive, or give a copy of the folder: %w", state, err)
	}
	if err != nil {
		return nil, err
	}
	f := staffing.NewFold(from, to)
	err = read(ctx, j, f)
	return f, errors.Join(err, j.Close())
}

func read(ctx context.Context, j *journal.Journal, f *staffing.Fold) error {
	last, _ := j.Last()
	r := j.From(j.First())
	defer r.Close()
	for seq := uint64(0); seq < last; {
		batch, err := r.NextBatch(ctx, 1000)
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		for _, e := range batch {
			f.Apply(e.Record)
			seq = e.Record.Seq
		}
	}
	return nil
}

// replay puts the single calls into a file and makes the scenario read them.
func replay(s *sim.Scenario, f *staffing.Fold, o ScenarioOptions, midnight time.Time) error {
	calls := f.Calls()
	for queue, k := range s.Calls {
		k.Arrivals = sim.Arrivals{CSV: filepath.Base(o.Calls)}
		s.Calls[queue] = k
	}
	return writeFile(o.Calls, func(w io.Writer) error { return staffing.WriteCalls(w, calls, midnight.Add(s.Start)) })
}
