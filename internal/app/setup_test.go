package app

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/ari"
	"hotline/desk"
)

// asterisk runs modules, and has a beep or not.
type asterisk struct {
	modules []ari.Module
	beep    bool
}

func (a asterisk) Modules(context.Context) ([]ari.Module, error) { return a.modules, nil }
func (a asterisk) HasSound(_ context.Context, id string) (bool, error) {
	return a.beep && id == "beep", nil
}

func TestAnAsteriskThatWouldFailItsCallersInSilenceIsToldOf(t *testing.T) {
	whole := asterisk{beep: true}
	for _, name := range needed {
		whole.modules = append(whole.modules, ari.Module{Name: name + ".so", Status: "Running"})
	}
	whole.modules = append(whole.modules, ari.Module{Name: "bridge_native_rtp.so", Status: "Not Running"})
	found, err := lacks(t.Context(), whole)
	require.NoError(t, err)
	require.Empty(t, found.faults)

	found, err = lacks(t.Context(), asterisk{modules: append([]ari.Module{{Name: "bridge_native_rtp.so", Status: "Running"}}, whole.modules[2:]...)})
	require.NoError(t, err)
	require.Equal(t, flaws{faults: desk.SetupFaults, modules: []string{"app_stasis", "bridge_holding"}}, found)
	require.Equal(t, "it does not run app_stasis, bridge_holding: load them in modules.conf; "+
		"it runs bridge_native_rtp, by which recordings may be silent: noload it in modules.conf; "+
		"it has no sound beep, so nobody can leave a message: install asterisk-core-sounds-en-wav", found.String())
}
