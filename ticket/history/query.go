package history

import (
	"time"

	"hotline/ticket"
)

// TicketFile is a ticket with all that hangs on it.
type TicketFile struct {
	Ticket     ticket.Ticket
	Changes    []ticket.Change // all of them, oldest first
	Calls      []Call
	Recordings []Recording
}

// TicketQuery chooses tickets; an empty field chooses nothing away. Answers are newest first.
type TicketQuery struct {
	Owner  string
	State  ticket.State
	Number string
	Before string // the id after which the page begins
	Limit  int
}

// CallQuery chooses calls; an empty field chooses nothing away. Answers are newest first.
type CallQuery struct {
	Number  string
	Agent   string // who was on the call
	Queue   string // that it visited
	Outcome string // of a visit, to that queue when one is named
	From    time.Time
	To      time.Time
	Before  string // what the page before gave as its end
	Limit   int
}

// QueueFigures are a queue's visits that ended within a stretch of time, counted by SQL: the live figures must equal
// them to the unit.
type QueueFigures struct {
	Queue          string
	Offered        int
	Answered       int
	AnsweredWithin int
	Abandoned      int
	AbandonedIn    int // abandoned within the threshold
	Callbacks      int
	Messages       int
	Overflowed     int
	Failed         int

	// Call backs that were promised, and that ended, in that time.
	Promised, Reached, Unreached, Expired, Cancelled int
}
