//go:build e2e

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/floor"
	"hotline/test/sip"
)

// The lines of the house, by what a caller of them is to do.
const (
	lineMenu   = "2001"
	linePerson = "2002"
	lineNote   = "2003"
	lineDesk   = "2004" // agents at desk phones: who calls here talks all day
)

// crowd are the callers of a test: SIPp's calls, each with a script drawn from the seed, and what became of each.
type crowd struct {
	t   *testing.T
	h   *House
	ctx context.Context

	mu      sync.Mutex
	rng     *rand.Rand
	next    int
	live    map[string]*sip.Caller // by number
	lines   map[string]string      // likewise
	log     map[string]entry
	errs    []error
	wg      sync.WaitGroup
	cuts    []context.CancelFunc // each ends a SIPp
	runs    []*sip.Run           // SIPp's own counts
	deaths  []time.Time          // of Asterisk
	dropped map[string]bool      // numbers on the line when Asterisk died; true: the server had told of them
}

// entry is what the outside saw of one call.
type entry struct {
	number   string
	line     string
	began    time.Time
	answered time.Time
	ending   sip.Ending
	dropped  bool // on the line when Asterisk died
	owned    bool // and the server had told of it
}

func newCrowd(h *House, r *rand.Rand) *crowd {
	ctx, cancel := context.WithCancel(context.Background())
	c := &crowd{t: h.t, h: h, ctx: ctx, rng: rand.New(rand.NewPCG(r.Uint64(), 2)), live: map[string]*sip.Caller{}, lines: map[string]string{}, log: map[string]entry{}, dropped: map[string]bool{}}
	h.t.Cleanup(func() { cancel(); c.wg.Wait() })
	return c
}

// line draws what a caller wants. The menu and the messages never run dry, so that every phase stays populated.
func (c *crowd) line(wanted map[string]int) string {
	line := linePerson
	switch {
	case wanted[lineNote] < 7:
		line = lineNote
	case wanted[lineMenu] < 9:
		line = lineMenu
	}
	if c.rng.IntN(10) == 0 {
		line = []string{lineMenu, linePerson, lineNote}[c.rng.IntN(3)]
	}
	wanted[line]++
	return line
}

// Fill brings the number of live callers up to n.
func (c *crowd) Fill(n int) {
	c.t.Helper()
	c.mu.Lock()
	wanted := map[string]int{}
	for number := range c.live {
		wanted[c.lines[number]]++
	}
	missing := n - len(c.live)
	var calls []sip.Options
	for range missing {
		calls = append(calls, c.call(c.line(wanted)))
	}
	c.mu.Unlock()
	if len(calls) > 0 {
		c.place(calls)
	}
}

// call is the next caller's; mu is held.
func (c *crowd) call(line string) sip.Options {
	c.next++
	number := fmt.Sprintf("138%08d", c.next)
	c.lines[number] = line
	return sip.Options{Target: c.h.Asterisk.SIPAddress(), To: line, From: number, Codec: sip.PCMU, ToneHz: 440}
}

// place lets callers call, and do what each has in mind.
func (c *crowd) place(calls []sip.Options) []*sip.Caller {
	c.t.Helper()
	ctx, cut := context.WithCancel(c.ctx)
	run, err := sip.CallMany(ctx, sip.Many{Calls: calls, Rate: 40})
	require.NoError(c.t, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cuts, c.runs = append(c.cuts, cut), append(c.runs, run)
	for i, caller := range run.Callers {
		opt := calls[i]
		c.live[opt.From] = caller
		seed := c.rng.Uint64()
		c.wg.Go(func() { c.attend(caller, opt, rand.New(rand.NewPCG(seed, 3))) })
	}
	return run.Callers
}

// attend plays one caller and writes down the end.
func (c *crowd) attend(caller *sip.Caller, opt sip.Options, r *rand.Rand) {
	c.act(caller, opt, r)
	ending, err := caller.Wait(context.Background())
	c.mu.Lock()
	defer c.mu.Unlock()
	owned, dropped := c.dropped[opt.From]
	if err != nil && !dropped && c.ctx.Err() == nil {
		c.errs = append(c.errs, fmt.Errorf("caller %s: %w", opt.From, err))
	}
	delete(c.live, opt.From)
	c.log[opt.From] = entry{number: opt.From, line: opt.To, began: caller.Began(), answered: caller.AnsweredAt(), ending: ending, dropped: dropped, owned: owned}
}

// act is a caller's script: keys in the menu, a message of some length, patience in the queue. Half of those who want a
// person have much patience.
func (c *crowd) act(caller *sip.Caller, opt sip.Options, r *rand.Rand) {
	pause := func(least, most time.Duration) bool {
		select {
		case <-time.After(between(r, least, most)):
			return true
		case <-caller.Ended():
			return false
		}
	}
	hangUp := func() {
		if err := caller.Hangup(); err != nil {
			c.mu.Lock()
			c.errs = append(c.errs, err)
			c.mu.Unlock()
		}
	}
	if opt.To == lineDesk {
		return
	}
	if r.IntN(25) == 0 { // leaves soon, maybe unanswered
		if pause(0, 400*time.Millisecond) {
			hangUp()
		}
		return
	}
	if caller.AwaitAnswer(context.Background()) != nil {
		return
	}
	switch opt.To {
	case lineMenu:
		for {
			if !pause(500*time.Millisecond, 7*time.Second) {
				return
			}
			key := []string{"1", "2", "3", "3", "3", "9", ""}[r.IntN(7)]
			if key == "" {
				hangUp()
				return
			}
			if caller.Press(key) != nil {
				return
			}
			if key == "1" || key == "2" {
				break
			}
		}
		if pause(5*time.Second, 60*time.Second) {
			hangUp()
		}
	case lineNote:
		if pause(4*time.Second, 30*time.Second) {
			if r.IntN(2) == 0 && caller.Press("#") == nil {
				return
			}
			hangUp()
		}
	default:
		if r.IntN(2) == 0 {
			if pause(time.Second, 40*time.Second) {
				hangUp()
			}
		} else if pause(60*time.Second, 180*time.Second) {
			hangUp()
		}
	}
}

// Live are the callers that are on the line now, by number.
func (c *crowd) Live() map[string]*sip.Caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	live := map[string]*sip.Caller{}
	for n, x := range c.live {
		live[n] = x
	}
	return live
}

// Drop ends all calls as the callers of a dead Asterisk end them: nobody answers any more.
func (c *crowd) Drop(live map[string]floor.CallLine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deaths = append(c.deaths, time.Now())
	for n := range c.live {
		c.dropped[n] = false
	}
	for _, l := range live {
		if n := strings.TrimPrefix(l.Caller.Number, "+86"); c.live[n] != nil {
			c.dropped[n] = true
		}
	}
	for _, cut := range c.cuts {
		cut()
	}
	c.cuts = nil
}

// justBefore tells whether a call ended so shortly before Asterisk died that no CDR had been written.
func (c *crowd) justBefore(e entry) bool {
	for _, died := range c.deaths {
		if before := died.Sub(e.ending.At); before > -time.Second && before < time.Second {
			return true
		}
	}
	return false
}

// GoHome hangs all up and waits until SIPp has seen every call's end.
func (c *crowd) GoHome() {
	c.t.Helper()
	for _, caller := range c.Live() {
		require.NoError(c.t, caller.Hangup())
	}
	done := make(chan struct{})
	go func() { c.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(settleTime):
		require.FailNow(c.t, "callers did not get off the line", "%d are left", len(c.Live()))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Empty(c.t, c.errs)
}
