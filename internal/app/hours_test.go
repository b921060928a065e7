package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/internal/config"
)

func TestTheCallerPageTellsTheHoursOfItsOwnLine(t *testing.T) {
	t.Parallel()
	cfg := sample(t)
	office := hoursInWords(cfg)
	require.Equal(t, "Mon–Fri 08:30–17:30, Sat 09:00–16:00", office["en"])
	require.Equal(t, "周一至周五 08:30–17:30，周六 09:00–16:00", office["zh"])
	for _, other := range []string{"counter", "night", "zoo"} {
		cfg.Hours[other] = config.Hours{Week: map[string]string{"sat": "09:00-10:00"}}
	}
	for range 20 {
		require.Equal(t, office, hoursInWords(cfg), "a house has hours of several kinds")
	}
	cfg.CallerPage.Line = "12347"
	require.Equal(t, "Around the clock", hoursInWords(cfg)["en"])
	cfg.CallerPage.Line = "999"
	require.Empty(t, hoursInWords(cfg))
}
