package centre

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/call"
)

// The lane has looked, and knows the leg at home; while it was about to join its caller the agent became another call's.
func TestCallerWhoComesLateDoesNotEnterTheHomeOfAnothersAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	g := newGate()
	g.give("c2")
	g.admit("c2")
	leg := "leg-li-1"
	home := call.Home(leg)
	l := &lane{c: r.c, node: r.c.nodes["a"], call: "c1", log: r.c.log}
	l.have.leg, l.have.legIn, l.have.in = leg, home, holdingID("consult")
	before := len(r.srv.Requests())
	err := l.add(t.Context(), orders{want: call.Wanted{Channel: "c1", Home: home, In: ownBridge("c1"), Leg: leg}, gate: g})
	require.ErrorIs(t, err, errOutdated)
	require.Equal(t, "c2", g.inside(), "nobody is shown out for who is outdated")
	for _, q := range r.srv.Requests()[before:] {
		require.NotContains(t, []string{"bridges.addChannel", "bridges.removeChannel"}, q.Op)
	}
}
