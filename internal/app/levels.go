package app

import (
	"fmt"
	"time"

	"hotline/desk"
	"hotline/internal/config"
	"hotline/report"
)

// levels raises an alarm for each queue that lately answered fewer callers in time than it promises, by the formula of its
// own. Where too few have called, chance alone would do it.
func (a *alarms) levels(f *report.Fold, cfg *config.Config, now time.Time) {
	queues := map[string]bool{}
	for _, q := range cfg.ACDQueues() {
		id := "service-level " + q.ID
		queues[id] = true
		var lately report.Counts
		for _, m := range f.Minutes(q.ID, int(cfg.Alarms.Over/time.Minute), now) {
			lately.Add(m.Counts)
		}
		formula := report.Formula(q.ServiceLevel.Formula)
		level, known := report.ServiceLevel(formula, lately)
		if !known || lately.Answered+lately.Abandoned < uint64(cfg.Alarms.Least) || level >= q.ServiceLevel.Target {
			a.clear(id)
			continue
		}
		a.put(desk.Alarm{
			ID: id, Kind: desk.LowLevel, Queue: q.ID, Level: level, Target: q.ServiceLevel.Target,
			Text: fmt.Sprintf("queue %s: %.1f %% in time over the last %s (%s), the target is %.0f %%", q.ID, 100*level, cfg.Alarms.Over, formula, 100*q.ServiceLevel.Target),
		})
	}
	for _, x := range a.list() {
		if x.Kind == "service-level" && !queues[x.ID] { // a reload took the queue away
			a.clear(x.ID)
		}
	}
}
