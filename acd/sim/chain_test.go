package sim

import (
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/acd/erlang"
)

// published loads one of the sample scenarios.
func published(t *testing.T, name string) *Scenario {
	t.Helper()
	f, err := os.Open("../../configs/scenarios/" + name + ".yaml")
	require.NoError(t, err)
	defer f.Close()
	s, err := Load(f, nil)
	require.NoError(t, err)
	return s
}

// model is a centre of two types of call and two groups of agents as the literature writes it down: Poisson arrivals,
// exponential service and patience, and the two lists of routing. Rates are per minute.
type model struct {
	lambda, mu, theta [2]float64 // by type
	agents            [2]int     // by group
	tries             [2][]int   // the groups that a call of a type tries, in order
	takes             [2][]int   // the types that a free agent of a group takes, in order
}

// state of the model's Markov chain: busy[g][k] agents of group g serve type k; wait[k] callers of type k wait.
type state struct {
	busy [2][2]int
	wait [2]int
}

func (m *model) free(x *state, g int) bool { return x.busy[g][0]+x.busy[g][1] < m.agents[g] }

// next tells every state that may follow, with its rate. Beyond most waiting callers nobody comes.
func (m *model) next(x state, most int, tell func(state, float64)) {
	for k := range 2 {
		m.arrive(x, k, most, tell)
		if x.wait[k] > 0 { // patience ends
			y := x
			y.wait[k]--
			tell(y, float64(x.wait[k])*m.theta[k])
		}
		for g := range 2 {
			if x.busy[g][k] == 0 {
				continue
			}
			y := x
			y.busy[g][k]--
			for _, then := range m.takes[g] {
				if y.wait[then] > 0 {
					y.wait[then]--
					y.busy[g][then]++
					break
				}
			}
			tell(y, float64(x.busy[g][k])*m.mu[k])
		}
	}
}

func (m *model) arrive(x state, k, most int, tell func(state, float64)) {
	for _, g := range m.tries[k] {
		if m.free(&x, g) {
			x.busy[g][k]++
			tell(x, m.lambda[k])
			return
		}
	}
	if x.wait[k] < most {
		x.wait[k]++
		tell(x, m.lambda[k])
	}
}

// solve finds the stationary probabilities: the balance equations by Gauss and Seidel, until nothing moves.
func (m *model) solve(most int) map[state]float64 {
	index, states := map[state]int{{}: 0}, []state{{}}
	type arrow struct {
		from int
		rate float64
	}
	into, out := [][]arrow{nil}, []float64{}
	for i := 0; i < len(states); i++ {
		sum := 0.0
		m.next(states[i], most, func(y state, rate float64) {
			j, ok := index[y]
			if !ok {
				j = len(states)
				index[y], states, into = j, append(states, y), append(into, nil)
			}
			into[j] = append(into[j], arrow{i, rate})
			sum += rate
		})
		out = append(out, sum)
	}
	p := make([]float64, len(states))
	for i := range p {
		p[i] = 1 / float64(len(p))
	}
	for moved := 1.0; moved > 1e-12; {
		moved = 0
		total := 0.0
		for i := range p {
			in := 0.0
			for _, a := range into[i] {
				in += p[a.from] * a.rate
			}
			moved = math.Max(moved, math.Abs(in/out[i]-p[i]))
			p[i] = in / out[i]
			total += p[i]
		}
		for i := range p {
			p[i] /= total
		}
	}
	result := make(map[state]float64, len(states))
	for i, x := range states {
		result[x] = p[i]
	}
	return result
}

// truth is what a chain says: by type whether a call waits and whether it gives up, by group how busy it is.
type truth struct{ waits, gone, busy [2]float64 }

func (m *model) truth(t *testing.T, most int) (r truth) {
	t.Helper()
	mass, edge := 0.0, 0.0
	for x, p := range m.solve(most) {
		mass += p
		for k := range 2 {
			taken := false
			for _, g := range m.tries[k] {
				taken = taken || m.free(&x, g)
			}
			if !taken { // arrivals see time averages
				r.waits[k] += p
			}
			if x.wait[k] == most {
				edge += p
			}
			r.gone[k] += p * float64(x.wait[k]) * m.theta[k] / m.lambda[k]
		}
		for g := range 2 {
			r.busy[g] += p * float64(x.busy[g][0]+x.busy[g][1]) / float64(m.agents[g])
		}
	}
	require.InDelta(t, 1, mass, 1e-9)
	require.Less(t, edge, 1e-6, "the cut of the queues does not matter")
	return r
}

// follows compares a simulated scenario with its chain.
func follows(t *testing.T, s *Scenario, m model, types, groups [2]string) {
	t.Helper()
	want := m.truth(t, 25)
	r := Run(s, nil)
	for k, name := range types {
		q, ok := r.Queue(name)
		require.True(t, ok)
		covers(t, name+": P(wait)", q.Whole[WaitRate], want.waits[k], 0.03)
		covers(t, name+": P(abandon)", q.Whole[AbandonRate], want.gone[k], 0.03)
		// Little's law, and that patience ends at a steady rate.
		covers(t, name+": mean wait, min", scaled(q.Whole[MeanWait], 1.0/60), want.gone[k]/m.theta[k], 0.03)
	}
	for g, name := range groups {
		row, ok := r.Group(name)
		require.True(t, ok)
		covers(t, name+": occupancy", row.Whole[Occupancy], want.busy[g], 0.01)
	}
}

func TestTwoQueuesAndTwoSkillsFollowTheMarkovChain(t *testing.T) {
	t.Parallel()
	follows(t, published(t, "n-design"), model{
		lambda: [2]float64{2, 1}, mu: [2]float64{0.5, 0.8}, theta: [2]float64{0.4, 0.4}, agents: [2]int{3, 3},
		tries: [2][]int{{0, 1}, {1}}, takes: [2][]int{{0}, {1, 0}},
	}, [2]string{"a", "b"}, [2]string{"specialists", "generalists"})
}

func TestTwoGroupsThatHelpEachOtherOutFollowTheMarkovChain(t *testing.T) {
	t.Parallel()
	follows(t, published(t, "x-design"), model{
		lambda: [2]float64{3, 1.5}, mu: [2]float64{0.5, 0.4}, theta: [2]float64{0.5, 0.25}, agents: [2]int{6, 4},
		tries: [2][]int{{0, 1}, {1, 0}}, takes: [2][]int{{0, 1}, {1, 0}},
	}, [2]string{"sales", "support"}, [2]string{"sellers", "engineers"})
}

func TestGoldBeforeSilverIsErlangAForBothTogether(t *testing.T) {
	t.Parallel()
	s := published(t, "v-design")
	r := Run(s, nil)
	want, err := erlang.WaitImpatient(erlang.Load{Calls: 20, Per: 60e9, Handle: 180e9}, 60, 240e9, 20e9)
	require.NoError(t, err)
	covers(t, "P(wait)", r.Total.Whole[WaitRate], want.Waits, 0.03)
	covers(t, "P(abandon)", r.Total.Whole[AbandonRate], want.Abandoned, 0.06)
	gold, _ := r.Queue("gold")
	silver, _ := r.Queue("silver")
	require.Less(t, gold.Whole[MeanWait].Mean, silver.Whole[MeanWait].Mean/4)
	covers(t, "gold waits as often as silver", gold.Whole[WaitRate], want.Waits, 0.03)
}

// TestTwoPeriodsFollowTheChainThroughTime: Kolmogorov's equations of the number of calls, step by step through both hours.
func TestTwoPeriodsFollowTheChainThroughTime(t *testing.T) {
	t.Parallel()
	const most, dt = 80, 1.0 / 600 // min
	mu, theta := 0.5, 0.25
	p := make([]float64, most+1)
	p[0] = 1
	var gone, came [2]float64
	for period, lambda := range []float64{2, 5} {
		n := []int{5, 9}[period]
		came[period] = lambda * 60
		for range int(60 / dt) {
			next := make([]float64, most+1)
			for i, mass := range p {
				ends := mu*float64(min(i, n)) + theta*float64(max(0, i-n))
				gone[period] += mass * theta * float64(max(0, i-n)) * dt
				next[i] += mass * (1 - ends*dt)
				if i > 0 {
					next[i-1] += mass * ends * dt
				}
				if i < most {
					next[i] -= mass * lambda * dt
					next[i+1] += mass * lambda * dt
				}
			}
			p = next
		}
	}
	require.Less(t, p[most], 1e-9)
	for i, mass := range p { // the roster ends with the second hour: who still waits then gives up
		gone[1] += mass * float64(max(0, i-9))
	}
	q, _ := Run(published(t, "two-periods"), nil).Queue("calls")
	for period := range 2 {
		covers(t, "calls", q.Intervals[period][Arrived], came[period], 0.02)
		covers(t, "abandoned", q.Intervals[period][Abandoned], gone[period], 0.06)
	}
}
