package app

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyNumbersThatACustomerCanHaveAreCalledBack(t *testing.T) {
	rules := callbacks(sample(t))
	for keyed, want := range map[string]string{
		"13800138000": "+8613800138000", "01065551234": "+861065551234", "65551234": "+861065551234", "+442079460000": "+442079460000",
		"110": "", "119": "", "10086": "", "12345": "", "123": "", "": "", "99999999999999999999": "", "4008123123": "", "+4909001234567": "",
	} {
		number, ok := rules.Number(keyed)
		require.Equal(t, want != "", ok, "keyed %q, got %q", keyed, number)
		require.Equal(t, want, number, "keyed %q", keyed)
	}
	require.Contains(t, rules.Own, "+861012345")
	require.Equal(t, []string{"+86"}, rules.Permitted, "by default the own country")
}

func TestNumbersAreSaidAsPeopleSayThem(t *testing.T) {
	rules := callbacks(sample(t))
	require.Equal(t, "13800138000", rules.Spoken("+8613800138000"))
	require.Equal(t, "01065551234", rules.Spoken("+861065551234"))
	require.Equal(t, "442079460000", rules.Spoken("+442079460000"))
}
