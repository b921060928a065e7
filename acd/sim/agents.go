package sim

import (
	"math/rand/v2"
	"time"

	"hotline/acd"
)

// agentRun is an agent in a run: comes for a shift, takes calls, goes home.
type agentRun struct {
	id        acd.AgentID
	group     *Group
	tally     *groupTally
	queues    []*queueRun
	rng       *rand.Rand
	shifts    []Shift
	atWork    bool
	leaving   bool // the shift is over, the call is not
	busy      bool
	came      int64
	since     int64 // busy since
	talking   bool  // else it was an offer
	connected int64 // the talk's begin
	idle      int64 // since when the agent waits for a call; an offer that came to nothing does not begin it anew
	worked    int64 // with calls, in this shift
	calls     int
	offered   time.Time
	wrap      int64 // of the call in progress
}

func (r *run) planShift(n int32) {
	a := &r.agents[n]
	if len(a.shifts) > 0 && a.shifts[0].From < r.scenario.Length {
		r.events.plan(max(int64(a.shifts[0].From), r.now), comes, n, 0)
	}
}

// ready: the agent has ended a call or lost an offer.
func (r *run) ready(n int32) {
	a := &r.agents[n]
	a.tally.busy(a.since, r.now)
	if a.talking {
		a.worked += r.now - a.connected
		a.idle = r.now
	}
	a.busy, a.talking = false, false
	if a.leaving {
		r.signOut(n)
		return
	}
	r.available(n)
}

func (r *run) available(n int32) {
	a := &r.agents[n]
	r.engine.Available(a.id, r.time(a.idle), acd.Stats{
		Calls: a.calls, Busy: time.Duration(a.worked), SignedIn: time.Duration(r.now - a.came), LastOffer: a.offered,
	})
}

func (r *run) come(n int32) {
	a := &r.agents[n]
	if a.atWork { // the last shift's call took until now
		a.leaving = false
	} else {
		a.atWork, a.came, a.idle, a.worked = true, r.now, r.now, 0
		for _, q := range a.queues {
			q.members++
		}
		r.available(n)
	}
	if to := a.shifts[0].To; to > 0 {
		r.events.plan(int64(to), goes, n, 0)
	}
	a.shifts = a.shifts[1:]
}

func (r *run) goHome(n int32) {
	a := &r.agents[n]
	if a.busy {
		a.leaving = true
	} else {
		r.signOut(n)
	}
	r.planShift(n)
}

func (r *run) signOut(n int32) {
	a := &r.agents[n]
	a.sendHome(r.now)
	for _, q := range a.queues {
		q.members--
	}
	r.engine.Unavailable(a.id, "")
}

func (a *agentRun) sendHome(now int64) {
	if a.atWork {
		a.tally.staffed(a.came, now)
	}
	a.atWork, a.leaving = false, false
}
