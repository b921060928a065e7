package ticket

import "fmt"

// State is where a ticket stands. The zero value is no state at all.
type State string

// The states. Dispatching to a department, its acceptance and the follow-up call come between these two.
const (
	// Open: somebody still owes the caller something.
	Open State = "open"
	// Closed: answered, with nothing left to do. It can be opened again.
	Closed State = "closed"
)

// States lists them.
var States = []State{Open, Closed}

// Op is a step of a ticket from one state to another.
type Op string

// The steps.
const (
	Close  Op = "close"
	Reopen Op = "reopen"
)

// Ops lists them.
var Ops = []Op{Close, Reopen}

// Illegal is a step that the ticket's state does not allow.
type Illegal struct {
	From State
	Op   Op
}

func (e *Illegal) Error() string { return fmt.Sprintf("ticket: %s -%s-> nowhere", e.From, e.Op) }

// Code classifies the error for those who answer a browser.
func (e *Illegal) Code() string { return "illegal" }

// Public is what the person is told.
func (e *Illegal) Public() string {
	return fmt.Sprintf("A ticket that is %s cannot be %s.", e.From, map[Op]string{Close: "closed", Reopen: "opened again"}[e.Op])
}

// Next is the one place where a ticket changes its state: the state after op, or *Illegal.
func Next(from State, op Op) (State, error) {
	switch {
	case from == Open && op == Close: // open -close-> closed
		return Closed, nil
	case from == Closed && op == Reopen: // closed -reopen-> open
		return Open, nil
	}
	return from, &Illegal{From: from, Op: op}
}
