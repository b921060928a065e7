package centre

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/floor"
)

func TestACallFromArrivalToWrapUp(t *testing.T) {
	r := newRig(t, nil)
	r.staff("li")
	r.talk("c1", "li")
	r.must(floor.Command{Agent: "li", Do: "end"})
	r.gone("c1")
	r.state("li", "wrap-up")
	r.must(floor.Command{Agent: "li", Do: "wrap-up-done"})
	r.state("li", "ready")
	b := r.judge()
	require.Empty(t, b.open)
	require.Equal(t, fact.EndAgent, b.endings["c1"])
	require.Equal(t, fact.Answered, b.outcomes["c1-v1"])
	require.Len(t, b.tickets, 1)
}
