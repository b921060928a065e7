//go:build e2e

package house

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASeriesIsReadByItsLabels(t *testing.T) {
	page := Metrics(`# HELP hotline_calls Calls by phase.
hotline_calls{phase="menu"} 2
hotline_calls{phase="talking"} 3
hotline_calls_ended_total{ending="caller"} 70
hotline_journal_position 1.5e+03
`)
	require.Equal(t, map[string]float64{`phase="menu"`: 2, `phase="talking"`: 3}, page.Family("hotline_calls"))
	require.EqualValues(t, 5, page.Sum("hotline_calls"))
	require.EqualValues(t, 3, page.Value(`hotline_calls{phase="talking"}`))
	require.Zero(t, page.Value(`hotline_calls{phase="held"}`))
	require.EqualValues(t, 1500, page.Value("hotline_journal_position"))
}

func TestAnAwaitTellsWhatWasSeenLastAndEndsAtWhatIsFinal(t *testing.T) {
	n := 0
	require.NoError(t, Await(t.Context(), time.Minute, "three", func() error {
		if n++; n < 3 {
			return errors.New("not yet")
		}
		return nil
	}))
	require.Equal(t, 3, n)

	err := Await(t.Context(), time.Millisecond, "rain", func() error { return errors.New("dry") })
	require.EqualError(t, err, "waited 1ms for rain: dry")

	err = Await(t.Context(), time.Hour, "rain", func() error { return Fail("a desert for %s", "ever") })
	require.EqualError(t, err, "waited for rain: a desert for ever")
}
