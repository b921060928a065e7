package erlang

import (
	"fmt"
	"io"
	"math"
	"sort"
	"text/tabwriter"
	"time"

	"hotline/acd/said"
)

// Target is what a queue promises. Zero fields promise nothing.
type Target struct {
	Within    time.Duration // answer
	Share     float64       // of all calls within it; 0.85 is 85 %
	MeanWait  time.Duration // at most
	Abandoned float64       // at most; only Erlang A knows it
	Occupancy float64       // at most, so that agents can breathe
}

func (t Target) check() error {
	switch {
	case !(t.Share >= 0 && t.Share < 1):
		return said.Errorf("a target of %v: write 0.85 for 85 %%, less than 1", t.Share)
	case !(t.Abandoned >= 0 && t.Abandoned <= 1):
		return said.Errorf("at most %v abandoned: write 0.03 for 3 %%", t.Abandoned)
	case !(t.Occupancy >= 0 && t.Occupancy <= 1):
		return said.Errorf("an occupancy of %v: write 0.85 for 85 %%", t.Occupancy)
	case t.Within < 0 || t.MeanWait < 0:
		return said.Errorf("a target's times must not be negative")
	case t.Share == 0 && t.MeanWait == 0 && t.Abandoned == 0 && t.Occupancy == 0:
		return said.Errorf("a target that promises nothing needs no agents: give a share, a mean wait, an abandonment or an occupancy")
	}
	return nil
}

func (t Target) met(r Result) bool {
	return !r.Endless && r.AnsweredWithin >= t.Share &&
		(t.MeanWait == 0 || r.MeanWait <= t.MeanWait) &&
		(t.Abandoned == 0 || r.Abandoned <= t.Abandoned) &&
		(t.Occupancy == 0 || r.Occupancy <= t.Occupancy)
}

// Staff returns the fewest agents that meet the target by Erlang C, or by Erlang A when patience is not 0.
func Staff(l Load, patience time.Duration, target Target) (Result, error) {
	if err := target.check(); err != nil {
		return Result{}, err
	}
	if patience == 0 && target.Abandoned > 0 {
		return Result{}, said.Errorf("a target on abandonment needs the callers' patience")
	}
	a, err := l.Erlangs()
	if err != nil {
		return Result{}, err
	}
	at := func(n int) (Result, error) {
		if patience == 0 {
			return Wait(l, n, target.Within)
		}
		return WaitImpatient(l, n, patience, target.Within)
	}
	var failed error
	met := func(n int) bool {
		r, err := at(n)
		if err != nil {
			failed = err
		}
		return err == nil && target.met(r)
	}
	top := int(a) + 1
	for !met(top) {
		if failed != nil {
			return Result{}, failed
		}
		if top > MaxAgents/2 {
			return Result{}, said.Errorf("no number of agents up to %d meets the target", MaxAgents)
		}
		top *= 2
	}
	n := sort.Search(top, met) // more agents never make it worse
	if failed != nil {
		return Result{}, failed
	}
	return at(n)
}

// Lines returns the fewest lines on which at most this share of calls finds all busy (Erlang B).
func Lines(a, lost float64) (int, error) {
	if err := checkLoad(a); err != nil {
		return 0, err
	}
	if !(lost > 0 && lost < 1) {
		return 0, said.Errorf("a lost share of %v: write 0.01 for 1 %%", lost)
	}
	inv := 1.0
	n := 0
	for ; a > 0 && 1/inv > lost; n++ {
		inv = 1 + float64(n+1)/a*inv
	}
	return n, nil
}

// Scheduled returns how many agents must be on the roster for n at work, when this share of paid time goes to
// breaks, training and absence.
func Scheduled(n int, shrinkage float64) (int, error) {
	if !(shrinkage >= 0 && shrinkage < 1) {
		return 0, said.Errorf("a shrinkage of %v: write 0.3 for 30 %%, less than 1", shrinkage)
	}
	return int(math.Ceil(float64(n)/(1-shrinkage) - 1e-9)), nil
}

// WriteTable writes Erlang C, and A when patience is not 0, for a range of agents.
func WriteTable(w io.Writer, l Load, patience, within time.Duration, from, to int) error {
	a, err := l.Erlangs()
	if err != nil {
		return err
	}
	if from < 0 || to < from || to-from > 10_000 {
		return said.Errorf("from %d to %d agents: give a range of at most 10,000", from, to)
	}
	fmt.Fprintf(w, "%g calls per %s, %s each: %.4g erlangs\n\n", l.Calls, l.Per, l.Handle, a)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := fmt.Sprintf("agents\tlost (B)\twait (C)\t≤ %s\tmean wait\toccupancy\t", within)
	if patience > 0 {
		head += fmt.Sprintf("│ wait (A)\t≤ %s\tabandon\tmean wait\toccupancy\t", within)
	}
	fmt.Fprintln(t, head)
	for n := from; n <= to; n++ {
		r, err := Wait(l, n, within)
		if err != nil {
			return err
		}
		wait := r.MeanWait.Round(100 * time.Millisecond).String()
		if r.Endless {
			wait = "endless"
		}
		fmt.Fprintf(t, "%d\t%.4f\t%.4f\t%.4f\t%s\t%.4f\t", n, b(a, n), r.Waits, r.AnsweredWithin, wait, r.Occupancy)
		if patience > 0 {
			r, err := WaitImpatient(l, n, patience, within)
			if err != nil {
				return err
			}
			fmt.Fprintf(t, "│ %.4f\t%.4f\t%.4f\t%s\t%.4f\t", r.Waits, r.AnsweredWithin, r.Abandoned,
				r.MeanWait.Round(100*time.Millisecond), r.Occupancy)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}
