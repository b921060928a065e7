//go:build e2e

package bench

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/test/sip"
)

// side is one of the two centres.
type side struct {
	name string
	line string // the number that reaches its queue

	// staff brings its agents in, who talk so long and then end the call; told hears of each end before it is sent.
	staff func(talk time.Duration, told func(agent string)) (home func())
}

// sides are app_queue and hotline. hotline's agents stay signed in: a shift is long.
func (h *rig) sides() (appQueue, ours side) {
	h.t.Helper()
	var m *team
	appQueue = side{name: "app_queue", line: toQueue, staff: func(talk time.Duration, told func(string)) func() {
		opt := sip.RackOptions{Port: h.phones, Talk: talk}
		if told != nil {
			opt.Told = func(phone string, talking bool) {
				if !talking {
					told(phone)
				}
			}
		}
		rack, err := sip.PlugInRack(context.WithoutCancel(h.t.Context()), opt)
		require.NoError(h.t, err)
		return func() { require.NoError(h.t, rack.Unplug()) }
	}}
	ours = side{name: "hotline", line: toOurs, staff: func(talk time.Duration, told func(string)) func() {
		if m == nil {
			m = h.staff()
		}
		m.talkFor(talk)
		m.hear(told)
		return func() { m.hear(nil) }
	}}
	return appQueue, ours
}

// load places calls on a side, and gives what became of them when all are over.
func (h *rig) load(l sip.Load) sip.LoadCount {
	h.t.Helper()
	l.Target = h.Asterisk.SIPAddress()
	run, err := l.Begin(context.WithoutCancel(h.t.Context()))
	require.NoError(h.t, err)
	atMost := time.Duration(float64(l.Calls)/l.Rate*float64(time.Second)) + l.Patience + 30*time.Second
	ctx, cancel := context.WithTimeout(h.t.Context(), atMost)
	defer cancel()
	count, err := run.Wait(ctx)
	require.NoError(h.t, err)
	require.NoError(h.t, run.Close())
	return count
}
