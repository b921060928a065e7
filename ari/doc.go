// Package ari is the link to one Asterisk over the Asterisk REST Interface.
//
//	              ┌───────────── Conn ──────────────┐
//	Asterisk ════▶ websocket ─▶ reader ─▶ backlog ─▶ one goroutine ─▶ Sink(Up | Event | Down)
//	         ◀════ HTTP pool ◀──────────── Client methods ◀─ any goroutine
//	              └──────────────────────────────────┘
//
// # Messages
//
// The Sink hears everything of the link in order, on one goroutine, never two calls at a time:
//
//	[Down] Up Event… Down Up Event… Down …
//
// Events raised while the websocket is down are gone for good, so each Up carries a [Snapshot] of what
// Asterisk holds. The websocket is connected first and its events are held back while the snapshot is
// taken; so nothing lies between the two, but an event may tell what the snapshot shows already (a
// StasisStart of a channel that is in it, a ChannelDestroyed of one that is not). Whoever applies them
// must take both without harm. A Down begins each gap; a link that cannot come up at its first try says so
// by one Down too. One gap has one Down, but for a second one when another program takes the application in
// it: a replaced link stays down until Retake, so that two servers do not fight over the calls.
//
// A link is up when events come, not when its websocket is open: it posts a heartbeat to its own
// application now and then, and is cut and resynced when one does not come back.
//
// The reader never waits for the Sink. Messages wait in a backlog; at its limit the websocket is cut, the
// backlog is delivered, and the link comes up again with a fresh snapshot: nothing is lost, it is only told
// in another way.
//
// # Requests
//
// Every request takes a context and is bounded by Config.RequestTimeout. Ids of channels, bridges,
// playbacks and recordings are chosen by the caller. Asterisk does not recognise a repeated request in one
// way (a second play queues again, a second snoop is a 500), so after [IsUnanswered] ask for the id first.
//
// # Types
//
// Keys, common event data, playbacks, recordings and options are those of github.com/CyCoreSystems/ari/v5,
// under names of this package. Its connection is not used: its bus drops events when a subscriber is slow,
// an unknown event type panics, a reconnect tells nobody, and requests have no time-out. Where its types
// lack fields of today's Asterisk (channels, bridges, channel events) ours stand here.
package ari
