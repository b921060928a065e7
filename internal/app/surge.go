package app

import (
	"context"
	"fmt"
	"time"

	"hotline/desk"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/report"
)

func surgeRule(s config.Surge) report.SurgeRule {
	return report.SurgeRule{Over: s.Over, Times: s.Times, Least: s.Least, Usual: float64(s.Usual)}
}

// surge looks at a line; where the alarm is switched off nothing is one.
func surge(f *report.Fold, line string, s config.Surge, now time.Time) report.Surge {
	x := f.Surge(line, surgeRule(s), now)
	x.Standing = x.Standing && s.Times > 0
	return x
}

// surges raises an alarm for each line on which many more call than usual, and tells since when any does.
func (a *alarms) surges(f *report.Fold, cfg *config.Config, now time.Time) (since time.Time, standing bool) {
	rule := cfg.Alarms.Surge
	lines := map[string]bool{}
	for number := range cfg.Lines {
		id := "surge " + number
		s := surge(f, number, rule, now)
		if !s.Standing {
			continue
		}
		lines[id] = true
		a.put(desk.Alarm{
			ID: id, At: s.Since, Kind: desk.Surge, Line: number, Count: s.Arrived, Usual: s.Usual, Over: rule.Over.Seconds(), Announcement: rule.Announce,
			Text: fmt.Sprintf("line %s: %d calls in the last %s, usual are %.0f", number, s.Arrived, rule.Over, s.Usual),
		})
	}
	for _, x := range a.list() { // oldest first
		switch {
		case x.Kind != desk.Surge:
		case !lines[x.ID]:
			a.clear(x.ID)
		case !standing: // since the alarm began: a surge is not looked at for longer than two hours
			since, standing = x.At, true
		}
	}
	return since, standing
}

// surgeTold has the announcement switched that the house lets go on and off with a surge. One that went on by itself goes off
// also when the configuration has changed its mind.
func (a *App) surgeTold(ctx context.Context, since time.Time, standing bool) {
	rule := a.cfg.Load().Alarms.Surge
	for _, x := range a.centre.Shot().Announcements {
		on := standing && rule.ByItself && x.Announcement == rule.Announce
		if on == x.On || !on && !x.Surge {
			continue
		}
		if err := a.centre.Enter(ctx, floor.Surged{Announcement: x.Announcement, Standing: on, Since: since}); err != nil && ctx.Err() == nil {
			a.log.Error("an announcement does not follow the surge of calls; it is tried again", "announcement", x.Announcement, "err", err)
		}
	}
}
