package main

import (
	"context"
	"os"
	"time"

	"hotline/internal/app"
)

type simulate struct {
	File         string  `arg:"" help:"The scenario (docs/simulator.md)." type:"existingfile"`
	CSV          string  `name:"csv" help:"Write every figure, by interval too, into this file." type:"path"`
	Chart        string  `help:"Draw the figures by interval into this file, FILE.svg or FILE.html." placeholder:"FILE" type:"path"`
	Staff        string  `help:"Instead: how many agents of this group each interval needs, by Erlang C, Erlang A and simulation." placeholder:"GROUP"`
	Target       float64 `help:"Of --staff: the share of callers answered in time, as 0.85; without it the strictest of the queues' own."`
	Seed         *uint64 `help:"Other luck than the scenario's."`
	Replications int     `help:"So many runs instead of the scenario's."`
}

func (s *simulate) Run(ctx context.Context) error {
	p := newProgress(os.Stderr)
	defer p.end()
	return app.Simulate(ctx, s.File, app.SimulateOptions{
		CSV: s.CSV, Chart: s.Chart, Staff: s.Staff, Target: s.Target, Seed: s.Seed, Replications: s.Replications, Progress: p.bar,
	}, clearing{p})
}

// clearing writes to the standard output after the bar has gone.
type clearing struct{ p *progress }

func (c clearing) Write(b []byte) (int, error) {
	c.p.clear()
	return os.Stdout.Write(b)
}

type scenario struct {
	Config  string `help:"The configuration." short:"c" required:"" type:"existingfile"`
	Weeks   int    `help:"Measure so many weeks back." default:"4"`
	Day     string `help:"Only this day of the week: mon, tue, wed, thu, fri, sat, sun." placeholder:"DAY"`
	Date    string `help:"Instead: one day, such as 2026-11-20." placeholder:"DATE"`
	Journal string `help:"Read the journal in this state folder, on which no server runs, instead of the archive." placeholder:"STATE" type:"path"`
	Calls   string `help:"Write the single calls of --date into this file; the scenario replays them." placeholder:"FILE.csv" type:"path"`
}

func (s *scenario) Run(ctx context.Context) error {
	return app.Scenario(ctx, s.Config, app.ScenarioOptions{
		Weeks: s.Weeks, Day: s.Day, Date: s.Date, Journal: s.Journal, Calls: s.Calls,
	}, os.Stdout, os.Stderr)
}

type trial struct{}

func (trial) Run() error { return app.Trial(os.Stdin, os.Stdout) }

type erlang struct {
	B     erlangB     `cmd:"" help:"Lines: the share of calls that find all busy, or how many lines lose at most so many."`
	C     erlangC     `cmd:"" help:"What agents make of a load when nobody gives up."`
	A     erlangA     `cmd:"" help:"What they make of it when callers give up after a while."`
	Staff erlangStaff `cmd:"" help:"The fewest agents that keep a promise; with --patience by Erlang A too."`
}

type erlangB struct {
	Load  float64 `arg:"" help:"In erlangs: calls at once, were there lines without end."`
	Lines int     `arg:"" optional:"" help:"So many lines."`
	Lost  float64 `help:"Without lines: lose at most this share." default:"0.01"`
}

func (b *erlangB) Run() error { return app.ErlangB(b.Load, b.Lines, b.Lost, os.Stdout) }

type load struct {
	Calls  float64       `help:"So many calls" required:""`
	Per    time.Duration `help:"in so long." default:"30m"`
	Handle time.Duration `help:"Mean time an agent is busy with a call: talk, hold and wrap-up." required:""`
	Within time.Duration `help:"The threshold of the service level." default:"20s"`
}

func (l load) promise() app.Promise {
	return app.Promise{Calls: l.Calls, Per: l.Per, Handle: l.Handle, Within: l.Within}
}

type erlangC struct {
	Load   load `embed:""`
	Agents int  `help:"So many agents." required:""`
}

func (c *erlangC) Run() error {
	p := c.Load.promise()
	p.Agents = c.Agents
	return app.Erlang(p, os.Stdout)
}

type erlangA struct {
	Load     load          `embed:""`
	Agents   int           `help:"So many agents." required:""`
	Patience time.Duration `help:"Mean time after which callers give up." required:""`
}

func (a *erlangA) Run() error {
	p := a.Load.promise()
	p.Agents, p.Patience = a.Agents, a.Patience
	return app.Erlang(p, os.Stdout)
}

type erlangStaff struct {
	Load      load          `embed:""`
	Patience  time.Duration `help:"Mean time after which callers give up; without it nobody does."`
	Share     float64       `help:"Answer this share of all calls within the threshold." default:"0.85"`
	MeanWait  time.Duration `help:"And a mean wait of at most this."`
	Abandoned float64       `help:"And at most this share gives up."`
	Occupancy float64       `help:"And agents busy for at most this share of their time."`
	Shrinkage float64       `help:"This share of paid time is breaks, training and absence: how many on the roster?"`
}

func (s *erlangStaff) Run() error {
	p := s.Load.promise()
	p.Patience, p.Share, p.MeanWait, p.Abandoned = s.Patience, s.Share, s.MeanWait, s.Abandoned
	p.Occupancy, p.Shrinkage, p.Neighbours = s.Occupancy, s.Shrinkage, 3
	return app.ErlangStaff(p, os.Stdout)
}
