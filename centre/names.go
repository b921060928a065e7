package centre

import (
	"strconv"
	"strings"

	"hotline/ari"
)

// Every channel, bridge, playback and recording that we make has a name of our choosing, from which can be told what it
// is and of which call: so an event needs no table, and a request without an answer can be asked about.

func ownBridge(call string) string { return call + "-b" }

// callOfBridge is the call whose own bridge this is.
func callOfBridge(bridge string) (call string, own bool) { return strings.CutSuffix(bridge, "-b") }

func holdingID(queue string) string { return "hold-" + queue }

// queueOfHolding is the queue whose callers wait in this bridge.
func queueOfHolding(bridge string) (queue string, ok bool) { return strings.CutPrefix(bridge, "hold-") }

func legID(agent, nonce string) string { return "leg-" + agent + "-" + nonce }
func isLeg(channel string) bool        { return strings.HasPrefix(channel, "leg-") }
func isVisitor(channel string) bool    { return strings.HasPrefix(channel, "web-") }
func isOutbound(channel string) bool   { return strings.HasPrefix(channel, "cb-") && !isSnoop(channel) }

func snoopID(call string, d ari.Direction) string { return call + "-snoop-" + string(d) }

func isSnoop(channel string) bool { return strings.Contains(channel, "-snoop-") }

// snooped is the call that a snoop listens to.
func snooped(channel string) string {
	call, _, _ := strings.Cut(channel, "-snoop-")
	return call
}

// promptOf is the number in a playback's id, CALL-p7; 0: it is none of ours.
func promptOf(playback string) int {
	i := strings.LastIndex(playback, "-p")
	if i < 0 {
		return 0
	}
	n, err := strconv.Atoi(playback[i+2:])
	if err != nil {
		return 0
	}
	return n
}

// callOfPlayback is the call in a playback's id.
func callOfPlayback(playback string) string {
	i := strings.LastIndex(playback, "-p")
	if i < 0 {
		return ""
	}
	return playback[:i]
}

// callOfMessage is the call in a message's name, CALL-m1; empty: it is no message.
func callOfMessage(recording string) string {
	i := strings.LastIndex(recording, "-m")
	if i < 0 {
		return ""
	}
	if _, err := strconv.Atoi(recording[i+2:]); err != nil {
		return ""
	}
	return recording[:i]
}

// legAgent is the agent in a leg's id.
func legAgent(channel string) string {
	rest := strings.TrimPrefix(channel, "leg-")
	i := strings.LastIndex(rest, "-")
	if i < 0 {
		return ""
	}
	return rest[:i]
}

// causeOf turns the floor's word into a Q.850 cause.
func causeOf(word string) ari.Cause {
	switch word {
	case "busy":
		return ari.CauseBusy
	case "congestion":
		return ari.CauseCongestion
	case "unallocated":
		return ari.CauseUnallocated
	case "failure":
		return ari.CauseFailure
	}
	return ari.CauseNormal
}
