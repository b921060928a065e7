package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/floor"
)

func TestTheBoardShowsTheQueuesAndSkillsThatAreInForce(t *testing.T) {
	configured := Colleague{Agent: "li", Memberships: []fact.Membership{{Queue: "consult"}}, Skills: map[string]int{"consult": 9}}
	row := boardAgent(floor.AgentView{Agent: "li", State: "ready", Since: time.Now()}, configured, Day{}, nil)
	require.Equal(t, configured.Memberships, row.Queues)
	require.Equal(t, configured.Skills, row.Skills)
	require.False(t, row.Moved || row.Trained)

	none := floor.AgentView{Agent: "li", State: "ready", Changed: &floor.AgentChanged{Queues: []fact.Membership{}}}
	row = boardAgent(none, configured, Day{}, nil)
	require.Equal(t, []fact.Membership{}, row.Queues, "moved out of all")
	require.True(t, row.Moved)
	require.Equal(t, configured.Skills, row.Skills)
	require.False(t, row.Trained)
}
