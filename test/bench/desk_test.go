//go:build e2e

package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/test/house/seat"
)

// agent is one of hotline's. The queue accepts for it; it talks for a time and ends the call.
type agent struct {
	login string
	team  *team
	desk  *seat.Desk
	phone *seat.Phone
	state atomic.Value // string
}

// team are hotline's agents of the bench.
type team struct {
	agents []*agent
	talk   atomic.Int64                   // how long a talk lasts
	ending atomic.Pointer[func(string)]   // hears of each end before it is sent; may be nil
	fail   func(format string, as ...any) // a desk that cannot go on

	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
}

// silence is a phone that is alive. Neither side's agents speak: what the sound of a talk costs is the same relay in
// Asterisk for both.
var silence = seat.Voice{Every: 500 * time.Millisecond}

// staff signs everybody in, and returns when all are ready with a phone that is alive.
func (h *rig) staff() *team {
	h.t.Helper()
	m := &team{}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.fail = func(format string, as ...any) {
		if m.ctx.Err() == nil {
			h.t.Errorf(format, as...)
		}
	}
	h.t.Cleanup(m.leave)
	for i := range h.agents {
		a := &agent{login: agentID(i), team: m}
		m.agents = append(m.agents, a)
		require.NoError(h.t, a.begin(h), "the desk of %s", a.login)
	}
	h.await(30*time.Second, "all agents to be ready", func() error {
		if n := h.metrics().Sum("hotline_softphone_phones_alive"); int(n) < h.agents {
			return fmt.Errorf("%v phones are alive", n)
		}
		for _, a := range m.agents {
			if s := a.state.Load(); s != "ready" {
				return fmt.Errorf("%s is %v", a.login, s)
			}
		}
		return nil
	})
	return m
}

func (m *team) leave() {
	m.cancel()
	for _, a := range m.agents {
		if a.desk != nil {
			a.desk.Close()
		}
		if a.phone != nil {
			a.phone.Close()
		}
	}
	m.all.Wait()
}

func (a *agent) begin(h *rig) (err error) {
	if a.desk, err = seat.Open(a.team.ctx, h.House, a.login); err != nil {
		return err
	}
	a.team.all.Go(func() {
		err := a.desk.Follow(a.follow(), nil)
		a.team.fail("%s: %v", a.login, err)
	})
	a.phone, err = seat.Attach(a.team.ctx, h.House, a.login, silence, nil)
	return err
}

// follow does what is to be done for what the desk shows.
func (a *agent) follow() func(desk.Me) {
	var timer *time.Timer
	ended := "" // the call whose end was sent
	return func(me desk.Me) {
		a.state.Store(me.State)
		switch {
		case me.State == "not-ready":
			a.do(desk.Command{Do: "ready"})
		case me.State == "talking" && me.Call != nil && me.Call.Call != ended:
			if timer != nil {
				timer.Stop()
			}
			ended = me.Call.Call
			id := ended
			timer = time.AfterFunc(time.Duration(a.team.talk.Load()), func() {
				if told := a.team.ending.Load(); told != nil {
					(*told)(a.login)
				}
				a.do(desk.Command{Do: "end", Call: id})
			})
		}
	}
}

func (a *agent) do(c desk.Command) {
	if _, err := a.desk.Do(c); err != nil {
		a.team.fail("%s: %v", a.login, err)
	}
}

// hear sets who hears of the ends; nil: nobody.
func (m *team) hear(told func(string)) {
	if told == nil {
		m.ending.Store(nil)
		return
	}
	m.ending.Store(&told)
}

// talkFor sets how long talks last from now on.
func (m *team) talkFor(d time.Duration) { m.talk.Store(int64(d)) }
