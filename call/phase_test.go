package call

import (
	"errors"
	"testing"
)

func TestEveryTransitionIsLegalOrNamed(t *testing.T) {
	legal := 0
	for p := Unknown; p <= Ended; p++ {
		for op := OpArrive; op <= OpEnd; op++ {
			to, err := Next(p, op)
			var illegal IllegalError
			switch {
			case err == nil && to == Unknown:
				t.Errorf("%s -%s-> leads nowhere", p, op)
			case err == nil:
				legal++
			case !errors.As(err, &illegal) || illegal.From != p || illegal.Op != op:
				t.Errorf("%s -%s->: the error is %v", p, op, err)
			case to != p:
				t.Errorf("%s -%s-> is illegal and still moved to %s", p, op, to)
			}
		}
	}
	if legal != len(next) {
		t.Errorf("%d legal transitions, the table has %d", legal, len(next))
	}
}

func TestIllegalTransitions(t *testing.T) {
	for _, c := range []struct {
		from Phase
		op   Op
	}{
		{Unknown, OpEnd}, {Menu, OpAccept}, {Menu, OpJoin}, {Waiting, OpJoin}, {Waiting, OpHold}, {Joining, OpEnqueue},
		{Joining, OpAccept}, {Talking, OpAccept}, {Talking, OpRetrieve}, {Held, OpHold}, {Held, OpJoin}, {Message, OpEnqueue},
		{Closing, OpStep}, {Closing, OpEnqueue}, {Ended, OpEnd}, {Ended, OpArrive},
	} {
		if _, err := Next(c.from, c.op); err == nil {
			t.Errorf("%s -%s-> is legal", c.from, c.op)
		}
	}
}

func TestPhasesSurviveTheCheckpoint(t *testing.T) {
	for p := Menu; p <= Ended; p++ {
		b, err := p.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var q Phase
		if err := q.UnmarshalText(b); err != nil || q != p {
			t.Errorf("%s became %s, %v", p, q, err)
		}
	}
	var q Phase
	if q.UnmarshalText([]byte("levitating")) == nil {
		t.Error("an unknown phase was read")
	}
}
