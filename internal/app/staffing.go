package app

import (
	"context"
	"io"
	"time"

	"hotline/internal/config"
	"hotline/internal/staffing"
)

// startStaffing makes the room in which managers' scenarios are tried.
func (a *App) startStaffing() *staffing.Room {
	r := staffing.New(staffing.Source{
		House: func() staffing.House { return planned(a.cfg.Load()) }, Traffic: a.store.Traffic, Now: time.Now,
	}, a.log)
	a.onStop("staffing", func(context.Context) error { r.Stop(); return nil })
	return r
}

// planned is what a scenario needs of a configuration.
func planned(cfg *config.Config) staffing.House {
	return staffing.House{
		Name: nameOf(cfg.Centre.Name, cfg, "hotline"), Zone: cfg.Zone, Queues: cfg.ACDQueues(), Agents: cfg.ACDAgents(),
	}
}

// Trial is the process in which one scenario of the page is run: the order comes in, the figures go out.
func Trial(in io.Reader, out io.Writer) error { return staffing.Work(in, out) }
