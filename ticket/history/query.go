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
	Agent   string   // who was on the call
	Queue   string   // that it visited
	Among   []string // one of these it visited, whatever Queue says
	Outcome string   // of a visit, to that queue when one is named
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

	// Answered visits whose caller was told on entry how long it would take: what they were told, how long they waited, and how
	// far these were apart, whichever was longer; seconds, all visits together.
	Told                          int
	ToldWait, ToldWaited, ToldOff float64

	// Call backs that were promised, and that ended, in that time.
	Promised, Reached, Unreached, Expired, Cancelled int
}

// Traffic is what came in and who was there in a stretch of time, gathered for the simulator.
type Traffic struct {
	Arrivals []Arrivals
	Handling []Handling
	Work     []Work
}

// SlotLength is how finely Traffic is gathered.
const SlotLength = 30 * time.Minute

// Arrivals are the callers who came to a queue in a slot, those sent on by another queue left out.
type Arrivals struct {
	Queue string
	Slot  time.Time // its beginning
	Calls int
}

// Handling is how long a queue's calls took in the whole stretch. Times are seconds.
type Handling struct {
	Queue     string
	Talks     int
	Talk      float64 // mean, holds included
	TalkSD    float64 // its standard deviation
	WrapUp    float64 // mean for each talk
	Abandoned int
	Waited    float64 // of all callers together: how long their patience was tried
}

// Work is how long an agent was ready or busy in a slot.
type Work struct {
	Agent   string
	Slot    time.Time
	Seconds float64
}
