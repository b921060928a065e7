package report

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/fact"
)

func TestTheExpectedWaitIsHeldAgainstWhatBecameOfIt(t *testing.T) {
	d := newDay(t)
	told := func(o fact.Outcome, expected, waited time.Duration) {
		v := visit("v", o, waited)
		v.Expected = expected
		d.after(time.Second, v)
	}
	told(fact.Answered, 2*time.Minute, 150*time.Second)
	told(fact.Answered, time.Minute, 20*time.Second)
	told(fact.Answered, 0, time.Hour)                    // was told nothing
	told(fact.Abandoned, time.Minute, time.Second)       // nobody knows how long it would have been
	told(fact.Overflowed, 3*time.Minute, 10*time.Minute) // nor here
	q := d.Queue("consult", d.at)
	require.Equal(t, Figure{35, true}, q.Today.ExpectedOff, "30 s and 40 s")
	require.Equal(t, Figure{-5, true}, q.Today.ExpectedLate, "170 s instead of 180")
	require.EqualValues(t, 2, q.Ever.Off[""].Count())
	require.Equal(t, 70*time.Second, q.Ever.Off[""].Sum)
	require.Equal(t, q.Today.ExpectedOff, d.Centre(d.at).Today.ExpectedOff)

	b, err := json.Marshal(d.Fold)
	require.NoError(t, err)
	again := New(d.loc)
	require.NoError(t, json.Unmarshal(b, again))
	require.Equal(t, q, again.Queue("consult", d.at))
}
