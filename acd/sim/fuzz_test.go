package sim

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzLoad: whatever is written, it is a scenario or it has words; a scenario is written and read as the same, and a small
// one runs to its end.
func FuzzLoad(f *testing.F) {
	f.Add(fine)
	f.Add(mm12)
	samples, err := filepath.Glob("../../configs/scenarios/*.yaml")
	require.NoError(f, err)
	require.NotEmpty(f, samples)
	for _, name := range append(samples, "testdata/city.yaml") {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(string(text))
	}
	for from, to := range map[string]string{
		"length: 1h":     "length: 9999999h",
		"count: 1":       "count: 1000000000",
		"{q: {}}":        "{q: {needs: {x: 1}, relax: [{after: 1s, x: 0, reach: -1}], limits: {wait: 1s, when: {wait: 'queue:q'}}}}",
		"calls: 1":       "calls: -0.0",
		"per: 1m":        "per: 1ns",
		"{calls: 1, per": "{interval: 1s, counts: [.inf, 1], per",
		"name: a":        "name: &a [*a]",
		"queue: q}]":     "queue: q, order: -1, weight: .nan}]",
	} {
		f.Add(strings.Replace(fine, from, to, 1))
	}
	f.Add("a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Load(strings.NewReader(text), fstest.MapFS{})
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		var out strings.Builder
		require.NoError(t, s.WriteYAML(&out))
		if !strings.Contains(text, "csv") {
			again, err := Load(strings.NewReader(out.String()), nil)
			require.NoError(t, err, out.String())
			require.Equal(t, s.ExpectedCalls(), again.ExpectedCalls())
		}
		agents := 0
		for i := range s.Agents {
			agents += s.Agents[i].Size()
		}
		if s.Replications = 1; s.ExpectedCalls() > 2000 || agents > 100 || s.Intervals() > 1000 {
			return
		}
		r := Run(s, nil)
		f := r.Total.Whole
		require.InDelta(t, f[Offered].Mean, f[Answered].Mean+f[Abandoned].Mean+f[Overflowed].Mean, 1e-6)
		require.NoError(t, r.WriteTable(&out))
		require.NoError(t, r.WriteSVG(&out))
	})
}

// FuzzReadCalls: a CSV of real calls is read in order, or the line that is wrong is named.
func FuzzReadCalls(f *testing.F) {
	holes, err := os.ReadFile("testdata/complaints.csv")
	require.NoError(f, err)
	f.Add(string(holes), "complaint")
	f.Add("at,talk\n,\n5,\n,7\n-1,2\n", "")
	f.Add("at\n1e308\n", "")
	f.Add("\ufeffat;talk\n1;2\n", "")
	f.Add("at,at\n1,2\n", "")
	f.Add("at,talk\n\"1,2\n", "")
	f.Fuzz(func(t *testing.T, text, kind string) {
		calls, err := ReadCalls(strings.NewReader(text), kind, time.Hour)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		last := int64(math.MinInt64)
		for _, c := range calls {
			require.GreaterOrEqual(t, int64(c.At), max(last, 0))
			require.GreaterOrEqual(t, int64(c.Talk), int64(-1))
			last = int64(c.At)
		}
	})
}
