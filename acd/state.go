package acd

import "fmt"

// State is what an agent is doing.
type State uint8

// The states of an agent. The zero value means that it is not known.
const (
	Unknown    State = iota
	SignedOut        // no desk: -sign in-> NotReady
	NotReady         // at the desk, takes no calls, with a reason: -ready-> Ready
	Ready            // waits for a call: -offer-> Offered
	Offered          // a call is offered: -connect-> Talking, -miss-> Ready, -withdraw-> Ready
	Talking          // with the caller: -hold-> Held, -consult-> Consulting, -end-> WrapUp
	Held             // the caller hears music: -retrieve-> Talking, -consult-> Consulting, -end-> WrapUp
	Consulting       // with a third person while the caller is held: -leave consult-> Held, -join-> Talking
	WrapUp           // finishes the record, for a limited time: -finish-> Ready, -not ready-> NotReady
)

var stateNames = [...]string{"unknown", "signed-out", "not-ready", "ready", "offered", "talking", "held", "consulting", "wrap-up"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *State) UnmarshalText(text []byte) error {
	for i, name := range stateNames {
		if name == string(text) {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("no agent state is called %q", text)
}

// InCall reports whether the agent is on a call: talking, holding or consulting.
func (s State) InCall() bool { return s == Talking || s == Held || s == Consulting }

// Op is something that happens to an agent.
type Op uint8

// What can happen to an agent. The zero value is no operation.
const (
	NoOp         Op = iota
	SignIn          // the desk is there
	SignOut         // the agent leaves, or the desk is gone for good; never in a call or an offer
	GoReady         // the agent is ready
	GoNotReady      // the agent takes a break (or changes the reason); in a call it is kept until wrap-up ends
	Force           // not ready by a supervisor or by the rule on missed offers
	Offer           // the engine offers a caller; in WrapUp only a preferred one, where the queue allows it
	Connect         // accepted, and the legs are in one bridge
	Miss            // the agent did not pick up
	Withdraw        // the caller left, or another agent was first: no fault of this one
	Dial            // the agent calls out
	Hold            // the caller hears music
	Retrieve        // the caller is back
	Consult         // a third person is called while the caller is held
	LeaveConsult    // the third person is gone, the caller still held
	Join            // all three talk
	End             // the call ended for this agent: hang-up or transfer
	Finish          // wrap-up is done or its limit is reached
)

var opNames = [...]string{
	"no-op", "sign-in", "sign-out", "ready", "not-ready", "force", "offer", "connect", "miss", "withdraw", "dial",
	"hold", "retrieve", "consult", "leave-consult", "join", "end", "finish",
}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("op %d", uint8(o))
}

// TransitionError says that an operation is not legal in a state.
type TransitionError struct {
	From State
	Op   Op
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("agent: no transition %s -%s-> to anywhere", e.From, e.Op)
}

// Next returns the state after op, or a *TransitionError.
func Next(cur State, op Op) (State, error) {
	switch op {
	case SignIn:
		if cur == SignedOut {
			return NotReady, nil
		}
	case SignOut:
		if cur == NotReady || cur == Ready || cur == WrapUp {
			return SignedOut, nil
		}
	case GoReady:
		if cur == NotReady {
			return Ready, nil
		}
	case GoNotReady, Force:
		if cur == NotReady || cur == Ready || cur == WrapUp {
			return NotReady, nil
		}
	case Offer:
		if cur == Ready || cur == WrapUp {
			return Offered, nil
		}
	case Connect:
		if cur == Offered {
			return Talking, nil
		}
	case Miss, Withdraw:
		if cur == Offered {
			return Ready, nil
		}
	case Dial:
		if cur == Ready || cur == NotReady || cur == WrapUp {
			return Talking, nil
		}
	case Hold:
		if cur == Talking {
			return Held, nil
		}
	case Retrieve:
		if cur == Held {
			return Talking, nil
		}
	case Consult:
		if cur == Talking || cur == Held {
			return Consulting, nil
		}
	case LeaveConsult:
		if cur == Consulting {
			return Held, nil
		}
	case Join:
		if cur == Consulting {
			return Talking, nil
		}
	case End:
		if cur.InCall() {
			return WrapUp, nil
		}
	case Finish:
		if cur == WrapUp {
			return Ready, nil
		}
	}
	return cur, &TransitionError{From: cur, Op: op}
}
