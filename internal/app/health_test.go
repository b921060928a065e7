package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/desk"
)

func TestPagesHaveAWordForEachReasonOfALinkThatIsDown(t *testing.T) {
	t.Parallel()
	for _, r := range ari.Reasons {
		require.Contains(t, desk.AlarmCauses, desk.AlarmCause(r))
		require.NotEmpty(t, linkDown(desk.AlarmCause(r)))
	}
}
