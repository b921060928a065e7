//go:build e2e

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"hotline/desk"
	"hotline/test/house/seat"
)

// Agent is a desk without a browser: signed in over HTTP, followed by websocket, with the audio of a peer. It connects
// again by itself, as a page does, and does what its script draws.
type Agent struct {
	h     *House
	login string
	hz    float64
	rng   *rand.Rand // the script's own
	ear   seat.Ear
	desk  bool // talks at a desk phone, until the shift is over

	done sync.WaitGroup
	news chan struct{} // something to look at

	mu     sync.Mutex
	me     desk.Me
	talked map[string]bool // calls that this desk showed as talked on
	off    bool            // the shift is over: no new calls
}

// Staff signs agents in and lets them work.
func (h *House) Staff(n int, r *rand.Rand) (staff []*Agent) {
	h.t.Helper()
	for i := range n {
		staff = append(staff, h.agent(&Agent{login: agentID(i), hz: 700 + 50*float64(i), rng: rand.New(rand.NewPCG(r.Uint64(), uint64(i)))}))
	}
	return staff
}

// agent signs one in; the desk stays open until the test ends.
func (h *House) agent(a *Agent) *Agent {
	h.t.Helper()
	h.signIn(a.login)
	a.h, a.talked, a.news = h, map[string]bool{}, make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(context.Background())
	a.done.Go(func() { a.attend(ctx) })
	h.t.Cleanup(func() { cancel(); a.done.Wait() })
	return a
}

// onDuty waits until every agent could be offered a call.
func (h *House) onDuty(staff []*Agent) {
	h.t.Helper()
	h.await(settleTime, "the agents to be ready with their phones", func() error {
		for _, a := range staff {
			if me := a.Me(); me.State != "ready" || !me.Leg || !me.Media {
				return fmt.Errorf("%s is %s, leg: %v, media: %v", a.login, me.State, me.Leg, me.Media)
			}
		}
		return nil
	})
}

// Me is what the desk showed last.
func (a *Agent) Me() desk.Me {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.me
}

// EndShift: finish what is in hand, take nothing more, and leave.
func (a *Agent) EndShift() {
	a.mu.Lock()
	a.off = true
	a.mu.Unlock()
	a.look() // who is idle hears nothing from the desk
}

// look has the script look at the desk.
func (a *Agent) look() {
	select {
	case a.news <- struct{}{}:
	default:
	}
}

// attend keeps a websocket open until ctx ends.
func (a *Agent) attend(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.session(ctx); err != nil && ctx.Err() == nil {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}
}

// session is one websocket and its phones.
func (a *Agent) session(ctx context.Context) error {
	d, err := seat.Open(ctx, a.h.House, a.login)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { <-ctx.Done(); d.Close() })
	all.Go(func() { a.obey(ctx, d) })
	if !a.desk {
		all.Go(func() { a.phone(ctx) })
	}
	return d.Follow(func(me desk.Me) {
		a.see(me)
		a.look()
	}, nil)
}

// phone keeps one attached: the first at once, another when one fails.
func (a *Agent) phone(ctx context.Context) {
	for ctx.Err() == nil {
		p, err := seat.Attach(ctx, a.h.House, a.login, seat.Voice{Hz: a.hz}, &a.ear)
		if err != nil {
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case <-p.Failed():
		case <-ctx.Done():
		}
		p.Close()
	}
}

// see notes what the desk shows.
func (a *Agent) see(me desk.Me) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.me = me
	if me.Call != nil && (me.State == "talking" || me.State == "held") {
		a.talked[me.Call.Call] = true
	}
}

// obey does what the script draws for each state, once for each time the agent comes into it, and again when nothing
// came of it.
func (a *Agent) obey(ctx context.Context, d *seat.Desk) {
	var plan desk.Command
	var planned string
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.news:
			me := a.Me()
			if now := a.stand(me); now != planned {
				planned = now
				var after time.Duration
				if plan, after = a.draw(me); plan.Do == "" {
					timer.Reset(time.Hour)
				} else {
					timer.Reset(after)
				}
			}
		case <-timer.C:
			if _, err := d.Do(plan); err != nil {
				return // the reader tells
			}
			planned = "" // a refusal leaves the desk as it is: the next news draws anew
			timer.Reset(2 * time.Second)
		}
	}
}

// stand names the situation that a plan is for.
func (a *Agent) stand(me desk.Me) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := fmt.Sprint(me.State, me.Since, a.off)
	if me.Offer != nil {
		s += me.Offer.Offer
	}
	return s
}

// draw is the script: what to do next, and after how long.
func (a *Agent) draw(me desk.Me) (desk.Command, time.Duration) {
	a.mu.Lock()
	off := a.off
	a.mu.Unlock()
	r := a.rng
	switch me.State {
	case "not-ready":
		switch {
		case off:
			return desk.Command{Do: "sign-out"}, 0
		case a.desk && !me.Leg:
			return desk.Command{Do: "use-phone"}, 0
		}
		return desk.Command{Do: "ready"}, between(r, 0, 300*time.Millisecond)
	case "ready":
		if off {
			return desk.Command{Do: "sign-out"}, 0
		}
	case "offered":
		if me.Offer == nil {
			break // accepted: the legs are being joined
		}
		do := "accept"
		if !a.desk && r.IntN(12) == 0 {
			do = "reject"
		}
		return desk.Command{Do: do, Offer: me.Offer.Offer}, between(r, 0, 500*time.Millisecond)
	case "talking":
		n := r.IntN(10)
		switch {
		case off:
			return desk.Command{Do: "end"}, 0
		case a.desk:
		case n < 3:
			return desk.Command{Do: "hold"}, between(r, 300*time.Millisecond, 3*time.Second)
		case n < 4:
			return desk.Command{Do: "transfer", ToQueue: "second"}, between(r, time.Second, 5*time.Second)
		case n < 7:
			return desk.Command{Do: "end"}, between(r, 10*time.Second, 30*time.Second)
		default:
			return desk.Command{Do: "end"}, between(r, time.Second, 5*time.Second)
		}
	case "held":
		if off || r.IntN(5) == 0 {
			return desk.Command{Do: "end"}, between(r, 0, 3*time.Second)
		}
		return desk.Command{Do: "retrieve"}, between(r, 500*time.Millisecond, 10*time.Second)
	case "wrap-up":
		return desk.Command{Do: "wrap-up-done"}, between(r, 0, 1500*time.Millisecond)
	}
	return desk.Command{}, 0
}
