package centre

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari/aritest"
	"hotline/floor"
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
	r.srv.StasisDelay(200 * time.Millisecond) // the leg is long in the making
	r.c.DeskUp("li")
	var lane *legLane
	r.wait("the leg to be wanted", func() bool { r.c.ask(func() { lane = r.c.legs["li"] }); return lane != nil })
	release := make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	r.c.send(item{do: func() { <-release }})
	r.wait("the leg to be made", func() bool { return legs() == 1 })
	for until := time.Now().Add(2 * legPause); time.Now().Before(until); time.Sleep(time.Millisecond) {
		lane.poke() // as a link that comes up does
		require.Equal(t, 1, legs())
	}
	free()
	r.wait("the floor to know the leg", func() bool { return r.agent("li").Leg })
	require.Equal(t, 1, legs())
	r.c.DeskLost("li")
}

// All legs' audio comes from one socket, so strict RTP does not keep it apart: a phone that went on sending to the port of a
// leg that is gone would be heard on whatever call Asterisk gives that port to next.
func TestAPhoneIsNotHeardAtThePortOfALegThatWasMadeInVain(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.srv.Inject(aritest.Fault{Op: "bridges.create", Times: -1, Status: 500}) // it gets no bridge
	r.c.DeskUp("li")
	r.wait("a leg", func() bool { return r.srv.Count("channels.externalMedia") > 0 })
	r.must(floor.Command{Agent: "li", Do: "sign-out"})
	r.wait("no leg, and nobody's audio on its way to one", func() bool {
		return len(r.srv.Channels()) == 0 && !r.media.linked(PhoneKey("li"))
	})
}
