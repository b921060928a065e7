package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/centre"
	"hotline/desk"
	"hotline/floor"
)

func TestCallersWhomNobodySuitsAreAnAlarmUntilTheyAreNot(t *testing.T) {
	t.Parallel()
	var a alarms
	row := func(waiting int, why string) centre.Update {
		return centre.Update{Queues: []floor.QueueView{{Queue: "consult", Waiting: waiting, Hopeless: why}, {Queue: "other"}}}
	}
	a.hopeless(row(2, "needs welsh 1 even after its last relax step, and none of its 3 members has that"))
	list := a.list()
	require.Len(t, list, 1)
	require.Equal(t, desk.NobodySuits, list[0].Kind)
	require.Contains(t, list[0].Text, "queue consult: 2 wait, and no agent could ever take them: needs welsh 1")
	a.hopeless(row(0, ""))
	require.Empty(t, a.list())
}
