package app

import (
	"fmt"
	"io"
	"time"

	"hotline/acd/erlang"
)

// ErlangB writes the share of calls that find all lines busy; with lines 0, how many lines lose at most this share.
func ErlangB(load float64, lines int, lost float64, w io.Writer) error {
	if lines == 0 {
		n, err := erlang.Lines(load, lost)
		if err != nil {
			return err
		}
		lines = n
	}
	share, err := erlang.B(load, lines)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%g erlangs on %d lines: %.7f of the calls are lost (Erlang B)\n", load, lines, share)
	return err
}

// Promise is what Erlang C and A are asked about.
type Promise struct {
	Calls      float64
	Per        time.Duration
	Handle     time.Duration
	Patience   time.Duration // mean; 0: nobody gives up, Erlang C
	Within     time.Duration
	Agents     int
	Share      float64       // answered within
	MeanWait   time.Duration // at most; 0: no promise, like the next two
	Abandoned  float64
	Occupancy  float64
	Shrinkage  float64 // share of paid time that is not at work
	Neighbours int     // of the answer, shown on both sides
}

func (p Promise) load() erlang.Load {
	return erlang.Load{Calls: p.Calls, Per: p.Per, Handle: p.Handle}
}

// Erlang writes what that many agents make of the load: Erlang C, or A where patience is given.
func Erlang(p Promise, w io.Writer) error {
	r, err := p.at(p.Agents)
	if err != nil {
		return err
	}
	formula := "Erlang C: nobody gives up"
	if p.Patience > 0 {
		formula = fmt.Sprintf("Erlang A: patience %s on average", p.Patience)
	}
	fmt.Fprintf(w, "%g calls per %s, %s each: %.6g erlangs for %d agents (%s)\n\n", p.Calls, p.Per, p.Handle, r.Load, p.Agents, formula)
	if r.Endless {
		_, err := fmt.Fprintf(w, "the queue grows for ever: more than %g agents are needed, or callers who give up (--patience)\n", r.Load)
		return err
	}
	fmt.Fprintf(w, "  calls that wait at all     %10.7f\n", r.Waits)
	fmt.Fprintf(w, "  answered within %-10s %10.7f  (SL3)\n", p.Within, r.AnsweredWithin)
	if p.Patience > 0 {
		fmt.Fprintf(w, "  calls that give up         %10.7f\n", r.Abandoned)
	}
	fmt.Fprintf(w, "  mean wait of all calls     %10.7f s\n", r.MeanWait.Seconds())
	_, err = fmt.Fprintf(w, "  occupancy of the agents    %10.7f\n", r.Occupancy)
	return err
}

func (p Promise) at(agents int) (erlang.Result, error) {
	if p.Patience > 0 {
		return erlang.WaitImpatient(p.load(), agents, p.Patience, p.Within)
	}
	return erlang.Wait(p.load(), agents, p.Within)
}

// ErlangStaff writes how many agents keep a promise, and what a few fewer or more would do.
func ErlangStaff(p Promise, w io.Writer) error {
	target := erlang.Target{Within: p.Within, Share: p.Share, MeanWait: p.MeanWait, Abandoned: p.Abandoned, Occupancy: p.Occupancy}
	r, err := erlang.Staff(p.load(), p.Patience, target)
	if err != nil {
		return err
	}
	if err := erlang.WriteTable(w, p.load(), p.Patience, p.Within, max(0, r.Agents-p.Neighbours), r.Agents+p.Neighbours); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d agents keep the promise", r.Agents)
	if p.Shrinkage > 0 {
		n, err := erlang.Scheduled(r.Agents, p.Shrinkage)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "; %d on the roster, when %g %% of paid time is not at work", n, 100*p.Shrinkage)
	}
	_, err = fmt.Fprintln(w)
	return err
}
