package floor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// Who is treated otherwise than the flow says: callers on lists, and those who call again and again. A withheld number is
// everybody's and nobody's: it is on no list and is not counted.

// Callers are those rules.
type Callers struct {
	Lists []CallerList
	// Numbers and Prefixes name lists by their index: the whole number goes before the longest prefix. Both are E.164.
	Numbers, Prefixes map[string]int
	Repeat            Repeat
}

// CallerList is what callers on a list get.
type CallerList struct {
	Name     string
	Priority int    // points on top of the flow's
	Queue    string // instead of the flow's; empty: none
	Agent    string // is waited for as if they knew the case; empty: nobody
}

// Repeat is what somebody gets who calls for the Calls-th time Within so long.
type Repeat struct {
	Calls    int // 0: nothing
	Within   time.Duration
	Priority int
}

// longestPrefix bounds the search: no number is longer.
const longestPrefix = 20

// listOf is the list that a number is on, or nil.
func (r *Callers) listOf(number string) *CallerList {
	if i, ok := r.Numbers[number]; ok {
		return &r.Lists[i]
	}
	for n := min(len(number), longestPrefix); n > 0 && len(r.Prefixes) > 0; n-- {
		if i, ok := r.Prefixes[number[:n]]; ok {
			return &r.Lists[i]
		}
	}
	return nil
}

// noteCall remembers when a number called: as often as the rule looks back.
func (f *Floor) noteCall(p fact.Party, at time.Time) {
	most := f.cfg.Callers.Repeat.Calls
	if most == 0 || p.Withheld || p.Number == "" {
		return
	}
	if f.s.Called == nil {
		f.s.Called = map[string][]int64{}
	}
	times := append(f.s.Called[p.Number], at.Unix())
	f.s.Called[p.Number] = times[max(0, len(times)-most):]
	if len(f.s.Called) <= mostLast {
		return
	}
	last := func(n string) int64 { return f.s.Called[n][len(f.s.Called[n])-1] }
	numbers := slices.SortedFunc(maps.Keys(f.s.Called), func(a, b string) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a, b))
	})
	for _, n := range numbers[:mostLast/8] { // not one by one: that would sort them all each time
		delete(f.s.Called, n)
	}
}

// named is the agent of the queue whom the caller's list names, if they are there; empty: nobody.
func (f *Floor) named(c *call.Call, q *acd.Queue) string {
	l := f.listed(c)
	if l == nil || !slices.Contains(f.members[q.ID], l.Agent) || !signedIn(f.s.Agents[l.Agent]) {
		return ""
	}
	return l.Agent
}

// listed is the list that the caller is on, or nil.
func (f *Floor) listed(c *call.Call) *CallerList {
	if c.Caller.Withheld || c.Caller.Number == "" {
		return nil
	}
	return f.cfg.Callers.listOf(c.Caller.Number)
}

// known is what the rules say of a caller whom the flow sends to a queue: where to, and why with another priority.
func (s *step) known(c *call.Call, to fact.ToQueue) (fact.ToQueue, []fact.Boost) {
	var boosts []fact.Boost
	if l := s.listed(c); l != nil {
		if l.Priority != 0 {
			boosts = append(boosts, fact.Boost{List: l.Name, Points: l.Priority})
		}
		if s.queues[l.Queue] != nil {
			to.Queue = l.Queue
		}
	}
	if r := s.cfg.Callers.Repeat; r.Calls > 0 && !c.Caller.Withheld && c.Caller.Number != "" {
		n, since := 0, c.Arrived.Add(-r.Within).Unix()
		for _, at := range s.s.Called[c.Caller.Number] {
			if at >= since {
				n++
			}
		}
		if n >= r.Calls {
			boosts = append(boosts, fact.Boost{Calls: n, Points: r.Priority})
		}
	}
	for _, b := range boosts {
		to.Priority += b.Points
	}
	to.Priority = max(-acd.MaxPriority, min(to.Priority, acd.MaxPriority))
	return to, boosts
}

// whyOf writes the routing's reason down part by part.
func whyOf(r acd.Reason) *fact.Why {
	w := &fact.Why{
		Preferred: r.Preferred, Step: r.Step, Overdue: r.Overdue, Strategy: string(r.Strategy), Of: r.Of,
		Idle: r.Idle.Seconds(), Calls: r.Calls, Occupancy: r.Occupancy, Waited: r.Waited.Seconds(),
	}
	if r.Order > 1 {
		w.Order = r.Order
	}
	for _, x := range r.Skills {
		w.Skills = append(w.Skills, fact.HadNeed(x))
	}
	for _, x := range r.Boosts {
		w.Boosts = append(w.Boosts, fact.Boost(x))
	}
	for _, x := range r.Not {
		w.Not = append(w.Not, fact.Passed(x))
	}
	return w
}
