package acd

import (
	"errors"
	"testing"
)

// TestAgentMovesOnlyAlongTheArrows holds every pair of state and operation against the list of legal ones.
func TestAgentMovesOnlyAlongTheArrows(t *testing.T) {
	t.Parallel()
	legal := map[State]map[Op]State{
		Unknown:    {},
		SignedOut:  {SignIn: NotReady},
		NotReady:   {SignOut: SignedOut, GoReady: Ready, GoNotReady: NotReady, Force: NotReady, Dial: Talking},
		Ready:      {SignOut: SignedOut, GoNotReady: NotReady, Force: NotReady, Offer: Offered, Dial: Talking},
		Offered:    {Connect: Talking, Miss: Ready, Withdraw: Ready},
		Talking:    {Hold: Held, Consult: Consulting, End: WrapUp},
		Held:       {Retrieve: Talking, Consult: Consulting, End: WrapUp},
		Consulting: {LeaveConsult: Held, Join: Talking, End: WrapUp},
		WrapUp: {
			Finish: Ready, GoNotReady: NotReady, Force: NotReady, SignOut: SignedOut, Offer: Offered, Dial: Talking,
		},
	}
	for cur := Unknown; cur <= WrapUp; cur++ {
		for op := NoOp; op <= Finish+1; op++ {
			want, ok := legal[cur][op]
			got, err := Next(cur, op)
			if !ok {
				var illegal *TransitionError
				if !errors.As(err, &illegal) || illegal.From != cur || illegal.Op != op || got != cur {
					t.Errorf("%s -%s-> %s, %v: want a refusal that names both", cur, op, got, err)
				}
				continue
			}
			if err != nil || got != want {
				t.Errorf("%s -%s-> %s, %v: want %s", cur, op, got, err, want)
			}
		}
	}
}

func TestStateIsWrittenByItsName(t *testing.T) {
	t.Parallel()
	for s := Unknown; s <= WrapUp; s++ {
		text, _ := s.MarshalText()
		var back State
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("%s: read back as %s, %v", s, back, err)
		}
	}
	var s State
	if err := s.UnmarshalText([]byte("asleep")); err == nil {
		t.Error("a state that does not exist was read")
	}
}
