package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"hotline/internal/config"
	"hotline/report"
	"hotline/ticket/history"
)

// ReportDay writes the queues' figures of one day out of the archive; an empty day is today, in the centre's zone.
// A visit belongs to the day on which its wait ended, as on the board.
func ReportDay(ctx context.Context, file, day string, w io.Writer) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	if day == "" {
		day = time.Now().In(cfg.Zone).Format(time.DateOnly)
	}
	from, err := time.ParseInLocation(time.DateOnly, day, cfg.Zone)
	if err != nil {
		return fmt.Errorf("the day %q cannot be read: write it as 2026-11-21", day)
	}
	s, err := archiveOf(cfg)
	if err != nil {
		return err
	}
	defer s.Close()
	figures, err := s.Figures(ctx, from, from.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	ended := map[string]history.QueueFigures{}
	for _, q := range figures {
		ended[q.Queue] = q
	}
	fmt.Fprintf(w, "%s, %s\n\n", day, cfg.Zone)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "queue\toffered\tanswered\tabandoned\tcallback\tmessage\toverflowed\tfailed\tanswer rate\tservice level\t")
	for _, q := range cfg.ACDQueues() {
		c := counted(ended[q.ID])
		formula := report.Formula(q.ServiceLevel.Formula)
		rate, known := 0.0, c.Offered() > 0
		if known {
			rate = float64(c.Answered) / float64(c.Offered())
		}
		level, has := report.ServiceLevel(formula, c)
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s (%s, %s)\t\n", q.ID, c.Offered(), c.Answered, c.Abandoned,
			c.Callback, c.Message, c.Overflowed, c.Failed, percent(rate, known), percent(level, has), formula, q.ServiceLevel.Within)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := reportTold(w, cfg, ended); err != nil {
		return err
	}
	return reportCallbacks(w, cfg, ended)
}

// reportTold writes how true the expected wait was, where callers were told one and answered.
func reportTold(w io.Writer, cfg *config.Config, ended map[string]history.QueueFigures) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	some := false
	for _, q := range cfg.ACDQueues() {
		f := ended[q.ID]
		if f.Told == 0 {
			continue
		}
		if !some {
			fmt.Fprintln(t, "\nexpected wait\ttold\twaited\terror\tbias\tcallers\t")
		}
		some = true
		n := float64(f.Told)
		fmt.Fprintf(t, "%s\t%.0f s\t%.0f s\t%.0f s\t%+.0f s\t%d\t\n", q.ID, f.ToldWait/n, f.ToldWaited/n, f.ToldOff/n, (f.ToldWaited-f.ToldWait)/n, f.Told)
	}
	return t.Flush()
}

// reportCallbacks writes what became of call backs, where there were any.
func reportCallbacks(w io.Writer, cfg *config.Config, ended map[string]history.QueueFigures) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	some := false
	for _, q := range cfg.ACDQueues() {
		f := ended[q.ID]
		if f.Promised+f.Reached+f.Unreached+f.Expired+f.Cancelled == 0 {
			continue
		}
		if !some {
			fmt.Fprintln(t, "\ncall-backs\tpromised\treached\tunreached\texpired\tcancelled\t")
		}
		some = true
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t\n", q.ID, f.Promised, f.Reached, f.Unreached, f.Expired, f.Cancelled)
	}
	return t.Flush()
}

func counted(q history.QueueFigures) report.Counts {
	return report.Counts{
		Answered: uint64(q.Answered), AnsweredWithin: uint64(q.AnsweredWithin),
		Abandoned: uint64(q.Abandoned), AbandonedWithin: uint64(q.AbandonedIn),
		Callback: uint64(q.Callbacks), Message: uint64(q.Messages), Overflowed: uint64(q.Overflowed), Failed: uint64(q.Failed),
	}
}

func percent(share float64, known bool) string {
	if !known {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}
