package floor

import (
	"fmt"
	"time"

	"hotline/fact"
)

// What the ledger knows of promises to call back.

// promise follows the call backs.
func (l *ledger) promise(f fact.Fact, at time.Time) error {
	switch f := f.(type) {
	case fact.CallAnswered:
		if b := l.keeping[f.Call]; b != nil && !b.dialled {
			return fmt.Errorf("answered before it was dialled")
		}
		l.calls[f.Call].up = true
	case fact.CallbackRequested:
		today := 0
		for _, b := range l.promises {
			if b.number == f.Number && b.result == "" {
				return fmt.Errorf("the number has one already")
			}
			if b.number == f.Number && b.at.Format(time.DateOnly) == at.Format(time.DateOnly) {
				today++
			}
		}
		if _, twice := l.promises[f.Callback]; twice || today >= l.rules.PerDay || l.calls[f.Call].visit != f.Visit {
			return fmt.Errorf("promised twice, too often (%d) or without a wait", today)
		}
		l.calls[f.Call].promised = true
		l.promises[f.Callback] = &promisePage{number: f.Number, asking: f.Call, since: f.Since, at: at, expires: f.Expires}
	case fact.CallbackRefused:
		if f.Why == fact.RefusedOpen {
			if b := l.promises[f.Callback]; b == nil || b.result != "" {
				return fmt.Errorf("no such promise is open")
			}
			l.calls[f.Call].promised = true
		}
	case fact.CallbackTried:
		b := l.promises[f.Callback]
		switch {
		case b == nil || b.result != "" || b.live != "":
			return fmt.Errorf("the promise is kept, gone, or being tried already: %+v", b)
		case !l.calls[b.asking].ended:
			return fmt.Errorf("the customer is on the line still")
		case !at.Before(b.expires):
			return fmt.Errorf("expired")
		}
		b.live, b.dialled, l.keeping[f.Call] = f.Call, false, b
	case fact.CallbackDialled:
		b := l.keeping[f.Call]
		if b == nil || b.result != "" || b.live != f.Call || b.dialled {
			return fmt.Errorf("not to be dialled: %+v", b)
		}
		b.dialled = true
	case fact.CallbackPostponed:
		b := l.promises[f.Callback]
		if b == nil || b.result != "" || b.live != f.Call || f.Dialled != (b.live != "" && b.dialled) || f.Next.Before(at) || f.Next.After(latest(at, b.expires)) {
			return fmt.Errorf("cannot be put off: %+v", b)
		}
		if f.Dialled {
			b.tries++
		}
		b.live, b.dialled = "", false
	case fact.CallbackEnded:
		b := l.promises[f.Callback]
		if b == nil || b.result != "" {
			return fmt.Errorf("no such promise is open")
		}
		talks := b.live != "" && l.calls[b.live].talk != ""
		switch f.Result {
		case fact.CallbackReached:
			b.tries++
			if !talks {
				return fmt.Errorf("nobody talks")
			}
		case fact.CallbackExpired:
			if at.Before(b.expires) {
				return fmt.Errorf("it is good until %s", b.expires)
			}
		case fact.CallbackUnreached:
			if b.tries == 0 || b.tries > l.rules.Times+1 {
				return fmt.Errorf("after %d tries", b.tries)
			}
		}
		if (f.Result == fact.CallbackReached) != talks || f.Waited != at.Sub(b.at) || f.Tries != b.tries {
			return fmt.Errorf("ended otherwise: %+v", b)
		}
		b.result = f.Result
	}
	return nil
}
