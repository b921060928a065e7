// Package acd decides who takes which call.
//
// It is pure: no clock, no goroutine, no network. Whoever owns the state of the centre (the floor, and the
// simulator in acd/sim) tells the Engine what happened and asks it for the next pair of a caller and an agent.
//
//	             Enter ┌───────────────── Engine ─────────────────┐ Available
//	caller ───────────▶│ queue ─ queue ─ queue      agent  agent  │◀─────────── agent is ready and idle
//	             Leave │   │ who is next?   ──▶   who takes it? │ │ Unavailable
//	                   └───────────────────┬──────────────────────┘
//	                                 Match │ caller, agent, queue and the reason
//	                                       ▼
//	                              Take (an offer is under way) ── accepted ──▶ Leave
//	                                       └── missed, withdrawn ──▶ Release: same place, next agent
//
// # Who is next
//
// A pair is possible when the agent is a member of the caller's queue and has the levels the queue needs at
// this moment (needs relax step by step while a caller waits; what the caller needs beyond them never does).
// Among the possible pairs the next caller is chosen by, in this order:
//
//  0. (ring-several) whoever is not being offered to anybody yet goes before those who are;
//  1. overdue: whoever has waited longer than the queue's Overdue goes before all rules below, the earliest
//     first. This is what makes strict priorities and preferences free of starvation;
//  2. the agent's own order of preference: queues of order 1 before queues of order 2;
//  3. points: the queue's and the caller's priority, plus what it grows by per minute of felt wait;
//  4. felt wait: the time waited, times the queue's weight, times the agent's weight for that queue. In a
//     queue with Urgency service-level it is also divided by the queue's own threshold (and multiplied by
//     20 s), so that ten seconds in a queue that promises ten count like twenty in one that promises twenty;
//  5. the moment of entry, then the caller's id.
//
// # Who takes it
//
// Of the agents who could take that caller, those with the lowest order for the queue, and of them the one
// the queue's Strategy names (see Strategy). The last tie is broken by the agents' order in the configuration.
//
// # What it keeps
//
// Nothing hidden: every decision depends on the arguments given so far, and the ties are broken by ids. So a
// journal replayed gives the same engine, and so does a checkpoint that enters the same callers and agents in
// any order.
package acd
