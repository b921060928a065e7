package centre

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Seen with an Asterisk that came back while 60 calls were being settled: the loop heard of a new leg a second later,
// and meanwhile another was made, of which nobody ever got rid.
func TestAnAgentHasOneLegHoweverBusyTheLoopIs(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	legs := func() (n int) {
		for _, c := range r.srv.Channels() {
			if strings.HasPrefix(c.ID, "leg-li-") {
				n++
			}
		}
		return n
	}
	r.c.DeskUp("li")
	var lane *legLane
	release := make(chan struct{})
	r.c.send(item{do: func() { lane = r.c.legs["li"]; <-release }})
	r.wait("the leg to be made", func() bool { return legs() == 1 })
	require.NotNil(t, lane)
	for until := time.Now().Add(2 * legPause); time.Now().Before(until); time.Sleep(time.Millisecond) {
		lane.poke() // as a link that comes up does
		require.Equal(t, 1, legs())
	}
	close(release)
	r.wait("the floor to know the leg", func() bool { return r.agent("li").Leg })
	require.Equal(t, 1, legs())
	r.c.DeskLost("li")
}
