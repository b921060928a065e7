//go:build e2e

package bench

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

// bill is the processor time of the three programs.
type bill struct{ asterisk, server, postgres time.Duration }

func (h *rig) bill() (b bill) {
	h.t.Helper()
	var err error
	b.asterisk, err = h.Asterisk.CPU()
	require.NoError(h.t, err)
	b.server, err = h.Server.CPU()
	require.NoError(h.t, err)
	b.postgres, err = h.Postgres.CPU()
	require.NoError(h.t, err)
	return b
}

func (b bill) since(before bill) bill {
	return bill{b.asterisk - before.asterisk, b.server - before.server, b.postgres - before.postgres}
}

func (b bill) over(n int) bill {
	d := time.Duration(max(1, n))
	return bill{b.asterisk / d, b.server / d, b.postgres / d}
}

// both is what is compared: what answers calls. PostgreSQL, which app_queue has no counterpart of, is told apart.
func (b bill) both() time.Duration { return b.asterisk + b.server }

// quantile is the smallest value that q of all do not exceed.
func quantile[T cmp.Ordered](all []T, q float64) (v T) {
	if len(all) == 0 {
		return v
	}
	s := slices.Sorted(slices.Values(all))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func median[T cmp.Ordered](all []T) T { return quantile(all, 0.5) }

func each[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = f(a)
	}
	return out
}
