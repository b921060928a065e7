//go:build e2e

package faults

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// endings are what a caller may have seen (SIPp's way) for each ending of the archive. A caller may hang up in the moment
// in which we do: then both are right. A call is in its queue, or about to leave its message, from the decision on; the
// answer is on its way then, and a caller may cancel before it comes.
var endings = map[string][]sip.Way{
	"refused":      {sip.Refused, sip.Cancelled},
	"ivr-hangup":   {sip.HungUp, sip.Cancelled},
	"ivr-complete": {sip.Dismissed, sip.HungUp},
	"abandoned":    {sip.HungUp, sip.Cancelled},
	"caller":       {sip.HungUp},
	"agent":        {sip.Dismissed, sip.HungUp},
	"message":      {sip.Dismissed, sip.HungUp, sip.Cancelled},
	"failed":       {sip.Dismissed, sip.HungUp},
}

// gap is a time in which the server was away, or could not hear Asterisk.
type gap struct{ from, to time.Time }

// verdict is what the judge counted.
type verdict struct {
	calls, dropped, net, early, unseen, inferred, failed int
	visits, talks, told                                  int
	faults                                               []string
}

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *verdict) String() string {
	return fmt.Sprintf("%d calls (%d of which died with Asterisk), %d visits, %d talks, %d told their wait; %d ended in a gap (inferred), %d failed, %d in the net, %d came and went in a gap, %d left before the dialplan had passed them on; %d disagreements",
		v.calls, v.dropped, v.visits, v.talks, v.told, v.inferred, v.failed, v.net, v.unseen, v.early, len(v.faults))
}

// Judge compares the ledgers when all calls have ended and the archive has settled.
func (h *House) Judge(c *crowd, staff []*Agent, gaps []gap) *verdict {
	h.t.Helper()
	v := &verdict{}
	cdrs, archive := h.cdrs(), h.archive()
	byNumber := map[string][]cdr{}
	for _, r := range cdrs {
		byNumber[r.number] = append(byNumber[r.number], r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v.calls = len(c.log)
	numbers := map[string]archived{}
	for _, a := range archive {
		numbers[strings.TrimPrefix(a.Number, "+86")] = a
	}
	for _, e := range c.log {
		of := byNumber[e.number]
		if len(of) == 0 && (e.dropped || c.justBefore(e)) {
			v.orphan(e, numbers)
			continue
		}
		if len(of) != 1 {
			v.fault("caller %s (%s): %d channels in the CDR", e.number, e.ending.Way, len(of))
			continue
		}
		v.call(e, of[0], archive, gaps)
	}
	for id, a := range archive {
		r, ok := cdrs[id]
		if e := c.log[strings.TrimPrefix(a.Number, "+86")]; !ok && (e.dropped || c.justBefore(e)) {
			continue
		} else if !ok {
			v.fault("call %s of %s is in the archive only", id, a.Number)
		} else if _, ok := c.log[r.number]; !ok {
			v.fault("call %s of %s: no caller made it", id, a.Number)
		}
		v.visits += a.Visits
		v.talks += a.Talks
	}
	h.judgeTalks(v, staff)
	h.judgeFigures(v)
	h.judgeOrder(v)
	h.judgeLog(v)
	for _, u := range query[struct{ Kind, Error string }](h, `SELECT kind, error FROM unapplied`) {
		v.fault("the archive refused a fact: %s: %s", u.Kind, u.Error)
	}
	return v
}

// call judges one call by its three accounts.
func (v *verdict) call(e entry, r cdr, archive map[string]archived, gaps []gap) {
	who := fmt.Sprintf("call %s (caller %s, line %s, %s at %s)", r.id, e.number, e.line, e.ending.Way, e.ending.At.Format("15:04:05.000"))
	a, ok := archive[r.id]
	inNet := r.context == "hotline-net"
	if !ok {
		switch {
		case inNet:
			v.net++
		case !r.reached:
			v.early++
		case slices.ContainsFunc(gaps, func(g gap) bool {
			return !e.began.Before(g.from.Add(-100*time.Millisecond)) && !e.ending.At.After(g.to)
		}):
			v.unseen++
		default:
			v.fault("%s is missing in the archive", who)
		}
		return
	}
	if inNet {
		v.net++
	}
	switch {
	case a.Number != "+86"+e.number:
		v.fault("%s: the archive has the number %s", who, a.Number)
	case a.Ended == nil:
		v.fault("%s has no end in the archive", who)
		return
	case a.Quarantined != "":
		v.fault("%s was quarantined: %s", who, a.Quarantined)
	case !inNet && !slices.Contains(endings[*a.Ending], e.ending.Way):
		v.fault("%s: the archive says %s", who, *a.Ending)
	case !inNet && r.answered != (a.Answered != nil) && !(r.answered && a.Inferred): // the net answers by itself; who was answered and left within a gap was heard by nobody
		v.fault("%s: answered by the CDR: %v, by the archive: %v", who, r.answered, a.Answered != nil)
	}
	if *a.Ending == "failed" {
		v.failed++
	}
	if a.Inferred {
		v.inferred++
	}
	if late := a.Ended.Sub(e.ending.At); !inNet && (late < -2*time.Second || late > 2*time.Second) && !during(gaps, e.ending.At, *a.Ended) {
		v.fault("%s: ended %s later by the archive (inferred: %v, %s)", who, late, a.Inferred, *a.Ending)
	}
	// A CDR closes when its channel joins a bridge in which an older one is, as the agents' legs are.
	if off := r.end.Sub(e.ending.At); a.Visits == 0 && off < -2*time.Second || off > 3*time.Second {
		v.fault("%s: ended %s later by the CDR", who, off)
	}
	if a.Open != 0 || a.OpenTalks != 0 {
		v.fault("%s: %d visits and %d talks never ended", who, a.Open, a.OpenTalks)
	}
	if a.Talks != a.AnsweredVisits {
		v.fault("%s: %d talks of %d answered visits", who, a.Talks, a.AnsweredVisits)
	}
	last := ""
	if a.LastOutcome != nil {
		last = *a.LastOutcome
	}
	if (*a.Ending == "abandoned") != (last == "abandoned") || *a.Ending == "caller" && last != "answered" {
		v.fault("%s: ended as %s, its last visit as %q", who, *a.Ending, last)
	}
}

// orphan judges a call whose Asterisk died with it: the CDR never heard of it, and the caller heard no goodbye.
func (v *verdict) orphan(e entry, archive map[string]archived) {
	v.dropped++
	switch a, ok := archive[e.number]; {
	case !ok && e.owned:
		v.fault("caller %s, who was on the line when Asterisk died, is missing in the archive", e.number)
	case !ok: // on the way to the dialplan
	case a.Ended == nil || a.Open != 0 || a.OpenTalks != 0:
		v.fault("call %s of caller %s never ended, though Asterisk died", a.ID, e.number)
	case a.Talks != a.AnsweredVisits:
		v.fault("call %s of caller %s: %d talks of %d answered visits", a.ID, e.number, a.Talks, a.AnsweredVisits)
	}
}

// during tells whether the end of a call fell into a gap, so that it was told after it.
func during(gaps []gap, end, told time.Time) bool {
	return slices.ContainsFunc(gaps, func(g gap) bool {
		return end.After(g.from.Add(-time.Second)) && !end.After(g.to) && told.Before(g.to.Add(3*time.Second))
	})
}

// judgeTalks compares the agents' own memory with the archive.
func (h *House) judgeTalks(v *verdict, staff []*Agent) {
	type talk struct {
		Agent, Call string
		Lasted      int64
		How         string
	}
	seen := map[[2]string]bool{}
	for _, a := range staff {
		a.mu.Lock()
		for call := range a.talked {
			seen[[2]string{a.login, call}] = true
		}
		a.mu.Unlock()
	}
	archived := map[[2]string]bool{}
	for _, t := range query[talk](h, `SELECT agent, call, talked_us + held_us, coalesce(how, '') FROM talks`) {
		archived[[2]string{t.Agent, t.Call}] = true
		if !seen[[2]string{t.Agent, t.Call}] && t.Lasted > (3*time.Second).Microseconds() {
			v.fault("%s never saw the talk on call %s (%s)", t.Agent, t.Call, t.How)
		}
	}
	for k := range seen {
		if !archived[k] {
			v.fault("%s talked on call %s, which the archive does not know", k[0], k[1])
		}
	}
	type twice struct{ Agent, One, Other string }
	for _, t := range query[twice](h, `SELECT a.agent, a.talk, b.talk FROM talks a JOIN talks b
		ON a.agent = b.agent AND a.talk < b.talk AND a.began < b.ended AND b.began < a.ended`) {
		v.fault("%s had two talks at once: %s and %s", t.Agent, t.One, t.Other)
	}
	for _, t := range query[twice](h, `SELECT a.call, a.agent, b.agent FROM talks a JOIN talks b
		ON a.call = b.call AND a.talk < b.talk AND a.began < b.ended AND b.began < a.ended`) {
		v.fault("call %s had two agents at once: %s and %s", t.Agent, t.One, t.Other)
	}
}

// judgeFigures compares the live figures with the archive, to the unit.
func (h *House) judgeFigures(v *verdict) {
	live := h.metric("hotline_queue_visits_total")
	type count struct {
		Queue, Outcome string
		N              int64
	}
	for _, c := range query[count](h, `SELECT queue, outcome, count(*) FROM visits WHERE outcome IS NOT NULL GROUP BY 1, 2`) {
		series := fmt.Sprintf(`outcome=%q,queue=%q`, c.Outcome, c.Queue)
		if live[series] != float64(c.N) {
			v.fault("visits %s: %v by the live figures, %d in the archive", series, live[series], c.N)
		}
		delete(live, series)
	}
	for series, n := range live {
		if n != 0 {
			v.fault("visits %s: %v by the live figures, none in the archive", series, n)
		}
	}
	h.judgeTold(v)
	ended := 0.0
	for _, n := range h.metric("hotline_calls_ended_total") {
		ended += n
	}
	if n := query[struct{ N int64 }](h, `SELECT count(*) FROM calls WHERE ended IS NOT NULL`)[0].N; ended != float64(n) {
		v.fault("calls ended: %v by the live figures, %d in the archive", ended, n)
	}
}

// judgeTold compares what callers were told of their wait, and what became of it.
func (h *House) judgeTold(v *verdict) {
	const errors = "hotline_queue_expected_wait_error_seconds"
	n, off, told, waited := h.metric(errors+"_count"), h.metric(errors+"_sum"),
		h.metric("hotline_queue_expected_wait_told_seconds_total"), h.metric("hotline_queue_expected_wait_waited_seconds_total")
	for _, c := range query[struct {
		Queue             string
		N                 int64
		Off, Told, Waited float64
	}](h, `SELECT queue, count(*) AS n, (sum(abs(waited_us - expected_us)) / 1e6)::float8 AS off, (sum(expected_us) / 1e6)::float8 AS told,
			(sum(waited_us) / 1e6)::float8 AS waited FROM visits WHERE outcome = 'answered' AND expected_us > 0 GROUP BY 1`) {
		v.told += int(c.N)
		series := fmt.Sprintf("queue=%q", c.Queue)
		begun := float64(c.N) * 1e-6 // the tables count begun microseconds
		near := func(a, b float64) bool { return math.Abs(a-b) <= begun+1e-6 }
		if n[series] != float64(c.N) || !near(off[series], c.Off) || !near(told[series], c.Told) || !near(waited[series], c.Waited) {
			v.fault("expected waits of %s: %v told %v s, waited %v s, off by %v s by the live figures; %+v in the archive",
				series, n[series], told[series], waited[series], off[series], c)
		}
		delete(n, series)
	}
	for series, k := range n {
		if k != 0 {
			v.fault("expected waits of %s: %v by the live figures, none in the archive", series, k)
		}
	}
}

// judgeOrder: nobody was offered while one of the same rank had waited longer in the same queue, and was free to be
// offered.
func (h *House) judgeOrder(v *verdict) {
	type jump struct {
		Offer, Visit, Before string
		Made                 time.Time
	}
	for _, j := range query[jump](h, `
		SELECT o.offer, v.visit, w.visit, o.made FROM offers o JOIN visits v USING (visit)
		JOIN visits w ON w.queue = v.queue AND w.priority = v.priority AND w.asked = '' AND v.asked = ''
			AND w.began < v.began AND w.began < o.made AND w.ended > o.made
		WHERE NOT EXISTS (SELECT 1 FROM offers x WHERE x.visit = w.visit AND x.made <= o.made AND (x.ended >= o.made OR x.result = 'accepted'))
			AND NOT EXISTS (SELECT 1 FROM offers x WHERE x.visit = w.visit AND x.agent = o.agent AND x.ended < o.made)`) {
		v.fault("offer %s at %s: visit %s went before %s", j.Offer, j.Made.Format("15:04:05.000"), j.Visit, j.Before)
	}
}

// judgeLog: what a server says only when it has gone wrong itself.
func (h *House) judgeLog(v *verdict) {
	log, err := os.ReadFile(h.Log())
	require.NoError(h.t, err)
	for line := range strings.Lines(string(log)) {
		for _, bad := range []string{"panic", "a decision failed", "an input was refused", "the watchdog found", "an id or name is empty", "DATA RACE"} {
			if strings.Contains(line, bad) {
				v.fault("the server said: %s", strings.TrimSpace(line[:min(len(line), 400)]))
			}
		}
	}
}

// NothingLeft checks that Asterisk holds nothing of ended calls, and that agents who left have no legs.
func (h *House) NothingLeft() {
	h.t.Helper()
	h.await(settleTime, "Asterisk to be empty", func() error {
		for _, c := range h.Channels() {
			if !strings.HasPrefix(c.Dialplan.Exten, "90") { // the controls
				return fmt.Errorf("channel %s is left: %+v", c.ID, c)
			}
		}
		for _, b := range h.Bridges() {
			if strings.HasSuffix(b.ID, "-b") {
				return fmt.Errorf("bridge %s is left", b.ID)
			}
		}
		return nil
	})
}

// Close ends the day: callers go home, agents sign out, the books are compared.
func (h *House) Close(c *crowd, staff []*Agent, gaps []gap) {
	h.t.Helper()
	for _, a := range staff {
		a.EndShift()
	}
	c.GoHome()
	h.Settle()
	h.await(settleTime, "the agents to leave", func() error {
		for _, a := range staff {
			if me := a.Me(); me.State != "signed-out" && me.State != "" {
				return fmt.Errorf("%s is %s since %s (%s)", a.login, me.State, me.Since, me.Reason)
			}
		}
		return nil
	})
	h.NothingLeft()
	h.Settle()
	v := h.Judge(c, staff, gaps)
	h.t.Logf("the ledgers: %s", v)
	slices.Sort(v.faults)
	require.Empty(h.t, v.faults[:min(len(v.faults), 25)], "the ledgers disagree %d times", len(v.faults))
}
