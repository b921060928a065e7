package app

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"

	"hotline/acd/sim"
)

// SimulateOptions is what may be asked of a scenario.
type SimulateOptions struct {
	CSV          string  // a file that gets every figure; empty: none
	Chart        string  // a file that gets the figures by interval as charts, .svg or .html; empty: none
	Staff        string  // a group: how many of it each interval needs, instead of the figures
	Target       float64 // of Staff: the share of callers answered in time; 0: the strictest of the queues' own
	Seed         *uint64 // instead of the scenario's
	Replications int     // instead of the scenario's; 0: those
	// Progress is told how much is done, of at most so much.
	Progress func(what string, done, of int)
}

// Simulate runs the scenario in a file and writes its figures, or a plan of staff.
func Simulate(ctx context.Context, file string, o SimulateOptions, w io.Writer) error {
	if err := chartable(o.Chart); err != nil {
		return err
	}
	if o.Target != 0 && o.Staff == "" {
		return errors.New("--target is a target of --staff GROUP: name the group whose agents are looked for")
	}
	s, err := loadScenario(file)
	if err != nil {
		return err
	}
	if o.Seed != nil {
		s.Seed = *o.Seed
	}
	if o.Replications != 0 {
		s.Replications = o.Replications
	}
	if err := s.Check(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if o.Staff != "" {
		return staff(ctx, s, o, w)
	}
	result, err := away(ctx, "simulating", o.Progress, func(tell func(done, of int)) (*sim.Result, error) { return sim.Run(s, tell), nil })
	if err != nil {
		return err
	}
	return write(result, o, w)
}

// outcome is what can be written of a result or a plan.
type outcome interface {
	WriteTable(w io.Writer) error
	WriteCSV(w io.Writer) error
	WriteSVG(w io.Writer) error
}

func write(x outcome, o SimulateOptions, w io.Writer) error {
	if o.CSV != "" {
		if err := writeFile(o.CSV, x.WriteCSV); err != nil {
			return err
		}
	}
	if o.Chart != "" {
		draw := x.WriteSVG
		if filepath.Ext(o.Chart) == ".html" {
			draw = func(w io.Writer) error { return page(x, w) }
		}
		if err := writeFile(o.Chart, draw); err != nil {
			return err
		}
	}
	return x.WriteTable(w)
}

// page is charts and table in one HTML file that needs nothing else.
func page(x outcome, w io.Writer) error {
	var table strings.Builder
	if err := x.WriteTable(&table); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "<!doctype html>\n<meta charset=\"utf-8\">\n<title>hotline simulate</title>\n"); err != nil {
		return err
	}
	if err := x.WriteSVG(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "<pre>%s</pre>\n", html.EscapeString(table.String()))
	return err
}

// chartable says at once, and not after a long run, that a chart's name is wrong.
func chartable(name string) error {
	if ext := filepath.Ext(name); name != "" && ext != ".svg" && ext != ".html" {
		return fmt.Errorf("--chart %s: write a name that ends in .svg or .html", name)
	}
	return nil
}

func loadScenario(file string) (*sim.Scenario, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	s, err := sim.Load(f, os.DirFS(filepath.Dir(file)))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func staff(ctx context.Context, s *sim.Scenario, o SimulateOptions, w io.Writer) error {
	target := o.Target
	if target == 0 {
		for _, q := range s.Queues {
			target = max(target, q.WithDefaults().ServiceLevel.Target)
		}
	}
	plan, err := away(ctx, "looking for a roster", o.Progress, func(tell func(done, of int)) (*sim.StaffPlan, error) {
		return sim.StaffDay(s, o.Staff, target, tell)
	})
	if err != nil {
		return err
	}
	return write(plan, o, w)
}

// away does something long beside a loop that tells of its progress and can be interrupted. What is interrupted is left
// to the end of the process.
func away[T any](ctx context.Context, what string, progress func(string, int, int), do func(tell func(done, of int)) (T, error)) (T, error) {
	type end struct {
		value T
		err   error
	}
	steps, ended := make(chan [2]int, 1), make(chan end, 1)
	go func() {
		value, err := do(func(done, of int) {
			select {
			case steps <- [2]int{done, of}:
			case <-ctx.Done():
			}
		})
		ended <- end{value, err}
	}()
	for {
		select {
		case s := <-steps:
			if progress != nil {
				progress(what, s[0], s[1])
			}
		case e := <-ended:
			return e.value, e.err
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
	}
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
