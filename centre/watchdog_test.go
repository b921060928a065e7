package centre

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/call"
	"hotline/floor"
)

func kinds(found []floor.Trouble) (all []string) {
	for _, t := range found {
		all = append(all, string(t.Kind)+" "+t.ID)
	}
	return all
}

func TestTheWatchdogFindsWhatNobodyToldAndPutsItRight(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRig(t, nil)
	r.staff("li")
	r.talk("talking", "li")
	r.enqueue("waiting")
	dog := NewWatchdog(r.c)
	for range 3 {
		require.Empty(t, dog.Look(ctx), "a centre at work")
	}

	// The end of a call that no event tells, a bridge and a leg that nobody owns.
	r.srv.Tamper(func(e ari.EventBody) int {
		switch e.(type) {
		case *ari.ChannelHangupRequest, *ari.StasisEnd, *ari.ChannelDestroyed, *ari.ChannelLeftBridge, *ari.PlaybackFinished:
			return 0
		}
		return 1
	})
	r.srv.Hangup("waiting")
	_, err := r.conn.CreateBridge(ctx, "ghost-b", ari.BridgeMixing, "ghost")
	require.NoError(t, err)
	_, err = r.conn.ExternalMedia(ctx, ari.ExternalMediaOptions{ChannelID: "leg-wang-1", ExternalHost: "127.0.0.1:4000", Format: "ulaw"})
	require.NoError(t, err)
	require.Empty(t, dog.Look(ctx), "once may be chance")
	found := dog.Look(ctx)
	require.ElementsMatch(t, []string{"call-without-channel waiting", "bridge-without-call ghost-b", "channel-without-owner leg-wang-1"}, kinds(found))
	for _, f := range found {
		require.True(t, f.Mended, f)
	}
	r.gone("waiting")
	r.wait("the bridge and the leg to be gone", func() bool { return r.srv.Bridge("ghost-b").ID == "" && r.srv.Channel("leg-wang-1").ID == "" })
	require.Empty(t, dog.Look(ctx))
	require.True(t, r.together("talking", "li"), "others are not touched")
	require.Equal(t, call.Talking, func() call.Phase { p, _ := r.c.Phase("talking"); return p }())
}

// Whoever wakes first after a freeze, the loop's deadlines or the watchdog, finds everything late.
func TestTheWatchdogDoesNotTakeAFreezeForTrouble(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.dial("c1", "1")
	r.wait("the menu", func() bool { return len(r.srv.Channel("c1").Playing) > 0 })
	dog := NewWatchdog(r.c)
	r.ahead.Add(int64(call.DefaultBounds().Prompt + time.Minute))
	require.Empty(t, dog.Look(context.Background()))
	r.wait("the menu to go on without the end of its prompt", func() bool { return r.saying("c1") == 0 })
	require.Empty(t, dog.Look(context.Background()))
}

func TestTheWatchdogLeavesAnAsteriskAloneThatIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.enqueue("waiting")
	dog := NewWatchdog(r.c)
	r.srv.Crash()
	r.wait("the link to be down", func() bool { return !r.c.nodes["a"].up() })
	for range 3 {
		require.Empty(t, dog.Look(context.Background()))
	}
	require.Equal(t, 1, len(r.c.Lines()), "its calls are settled when it is back")
}
