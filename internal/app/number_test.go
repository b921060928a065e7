package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/configs"
	"hotline/internal/config"
)

func sample(t *testing.T) *config.Config {
	t.Helper()
	cfg, err := config.LoadFS(configs.Files, "hotline.yaml")
	require.NoError(t, err)
	return cfg
}

func TestCallersNumbersAreE164HoweverACarrierWritesThem(t *testing.T) {
	number := numberOf(sample(t))
	for signalled, want := range map[string]string{
		"13800138000": "+8613800138000", "013800138000": "+8613800138000", "8613800138000": "+8613800138000",
		"+8613800138000": "+8613800138000", "01065551234": "+861065551234", "65551234": "+861065551234",
		"+442079460000": "+442079460000", "10086": "10086", "": "",
	} {
		require.Equal(t, want, number(signalled), "signalled as %q", signalled)
	}
}

func TestALineIsFoundHoweverItWasDialled(t *testing.T) {
	line := lineOf(sample(t))
	for dialled, want := range map[string]string{
		"12345": "12345", "+12345": "12345", "+8612345": "12345", "861012345": "12345", "01012345": "12345", "99999": "99999",
	} {
		require.Equal(t, want, line(dialled), "dialled as %q", dialled)
	}
}

func TestALineIsFoundHoweverTheConfigurationWritesIt(t *testing.T) {
	cfg := sample(t)
	cfg.Centre.CountryCode, cfg.Centre.AreaCode = "49", "89"
	for _, written := range []string{"08912345", "+498912345", "12345", "00498912345"} {
		cfg.Lines = map[string]config.Line{written: {Flow: "main"}, "080055555": {Flow: "night"}}
		line := lineOf(cfg)
		for _, dialled := range []string{"08912345", "+498912345", "498912345", "00498912345", "8912345", "12345"} {
			require.Equal(t, written, line(dialled), "written as %q, dialled as %q", written, dialled)
		}
		for _, dialled := range []string{"080055555", "+4980055555", "4980055555"} {
			require.Equal(t, "080055555", line(dialled), "dialled as %q", dialled)
		}
		for _, dialled := range []string{"08912346", "+438912345", "112", "", "+"} {
			require.Equal(t, dialled, line(dialled), "is nobody's here")
		}
	}
}

func TestACallersRegionIsNamed(t *testing.T) {
	caller := callerOf(sample(t))
	for signalled, want := range map[string][2]string{
		"+8613800138000": {"+8613800138000", "北京市"}, "013800138000": {"+8613800138000", "北京市"}, "+862164312345": {"+862164312345", "上海市"},
		"10086": {"10086", ""}, "": {"", ""}, "sipp": {"sipp", ""},
	} {
		number, region := caller(signalled)
		require.Equal(t, want, [2]string{number, region}, "signalled as %q", signalled)
	}
}

func BenchmarkACallersNumberAndRegion(b *testing.B) {
	cfg, err := config.LoadFS(configs.Files, "hotline.yaml")
	require.NoError(b, err)
	caller := callerOf(cfg)
	b.ReportAllocs()
	for b.Loop() {
		caller("13800138000")
	}
}

func TestNumbersOfListsAreE164HoweverAPersonWritesThem(t *testing.T) {
	cfg := sample(t)
	cfg.Callers.Lists = map[string]config.CallerList{
		"a": {Numbers: []string{"138-0013-8000", "010-6555*", "138*"}},
		"b": {Numbers: []string{"+44*", "(010) 6555 1234"}, Priority: 7},
	}
	got := callers(cfg)
	require.Equal(t, map[string]int{"+8613800138000": 0, "+861065551234": 1}, got.Numbers)
	require.Equal(t, map[string]int{"+86106555": 0, "+86138": 0, "+44": 1}, got.Prefixes)
	require.Equal(t, 7, got.Lists[1].Priority)
}
