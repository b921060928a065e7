package erlang

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.10g, want %.10g", what, got, want)
	}
}

func TestErlangCOfTenErlangsOnFourteenAgents(t *testing.T) {
	t.Parallel()
	l := Load{Calls: 200, Per: time.Hour, Handle: 180 * time.Second}
	r, err := Wait(l, 14, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "load", r.Load, 10, 1e-12)
	near(t, "P(wait)", r.Waits, 0.1741319, 5e-8)
	near(t, "service level", r.AnsweredWithin, 0.88835, 5e-6)
	near(t, "mean wait", r.MeanWait.Seconds(), 7.83593701, 5e-9)
}

func TestErlangCOfAHalfHour(t *testing.T) {
	t.Parallel()
	r, err := Wait(Load{Calls: 360, Per: 30 * time.Minute, Handle: 240 * time.Second}, 55, 15*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "P(wait)", r.Waits, 0.23870, 5e-6)
	near(t, "mean wait", r.MeanWait.Seconds(), 8.184, 5e-4)
	near(t, "service level", r.AnsweredWithin, 0.84588, 5e-6)
	p, err := C(20, 25)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "C of 20 erlangs on 25", p, 0.2091, 5e-5)
}

func TestErlangAOfFiftyAgents(t *testing.T) {
	t.Parallel()
	l := Load{Calls: 48, Per: time.Minute, Handle: time.Minute}
	r, err := WaitImpatient(l, 50, 2*time.Minute, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "P(wait)", r.Waits, 0.4678, 5e-5)
	near(t, "P(abandon)", r.Abandoned, 0.0309, 5e-5)
	near(t, "mean wait", r.MeanWait.Seconds(), 3.709, 5e-4)
	near(t, "occupancy", r.Occupancy, 0.930, 5e-4)
}

// chain solves the birth and death equations of M/M/n+M and the wait by uniformly small steps: the same answers by
// another way.
func chain(lambda, mu, theta float64, n int, within float64) (waits, abandoned, answeredWithin float64) {
	const most = 4000
	p := make([]float64, most)
	p[0] = 1
	sum := 1.0
	for k := 1; k < most; k++ {
		p[k] = p[k-1] * lambda / (mu*float64(min(k, n)) + theta*float64(max(0, k-n)))
		sum += p[k]
		if sum > 1e200 {
			for j := range p[:k+1] {
				p[j] /= sum
			}
			sum = 1
		}
	}
	// A caller with k ahead needs k+1 ends at rates nμ + jθ: integrate the chain of stages up to within, the
	// caller's own patience running beside it.
	const steps = 20000
	h := within / steps
	stage := make([]float64, 0, 600) // P(still waiting, j ahead)
	for k := range p {
		p[k] /= sum
		if k >= n {
			waits += p[k]
			abandoned += p[k] * theta * float64(k-n) / lambda
			if len(stage) < cap(stage) {
				stage = append(stage, p[k])
			}
		}
	}
	answered := 1 - waits
	for range steps {
		for j := range stage { // from the front, so that the values behind are still the old ones
			rate := float64(n)*mu + float64(j)*theta
			if j == 0 {
				answered += stage[0] * rate * h
			}
			stage[j] -= stage[j] * (rate + theta) * h
			if j+1 < len(stage) {
				stage[j] += stage[j+1] * (float64(n)*mu + float64(j+1)*theta) * h
			}
		}
	}
	return waits, abandoned, answered
}

func TestErlangAEqualsTheMarkovChain(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		calls            float64
		handle, patience time.Duration
		agents           int
	}{
		{48, time.Minute, 2 * time.Minute, 50},
		{5, 2 * time.Minute, time.Minute, 8},
		{5, 2 * time.Minute, 30 * time.Second, 14},
		{30, time.Minute, 3 * time.Minute, 20}, // half as much again as the agents can take
	} {
		r, err := WaitImpatient(Load{Calls: x.calls, Per: time.Minute, Handle: x.handle}, x.agents, x.patience, 20*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		waits, abandoned, within := chain(x.calls, 1/x.handle.Minutes(), 1/x.patience.Minutes(), x.agents, 20.0/60)
		near(t, "P(wait)", r.Waits, waits, 1e-9)
		near(t, "P(abandon)", r.Abandoned, abandoned, 1e-9)
		near(t, "answered within", r.AnsweredWithin, within, 2e-4)
	}
}

func TestEndlessPatienceMakesErlangAErlangC(t *testing.T) {
	t.Parallel()
	l := Load{Calls: 200, Per: time.Hour, Handle: 180 * time.Second}
	a, err := WaitImpatient(l, 14, 1000*time.Hour, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Wait(l, 14, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "P(wait)", a.Waits, c.Waits, 1e-4)
	near(t, "service level", a.AnsweredWithin, c.AnsweredWithin, 1e-4)
	near(t, "mean wait", a.MeanWait.Seconds(), c.MeanWait.Seconds(), 0.01)
}

func TestLargeAndSmallLoadsStayInBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		exp := rapid.Float64Range(-6, 5)
		calls := math.Pow(10, exp.Draw(t, "calls"))
		l := Load{Calls: calls, Per: time.Minute, Handle: time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "handle"))}
		patience := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(time.Hour)).Draw(t, "patience"))
		load, err := l.Erlangs()
		if err != nil {
			return
		}
		n := int(min(load*rapid.Float64Range(0, 3).Draw(t, "agents per load"), 1e5))
		within := time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "within"))
		more := func(n int) Result {
			r, err := WaitImpatient(l, n, patience, within)
			if err != nil {
				t.Skip(err)
			}
			for what, p := range map[string]float64{
				"waits": r.Waits, "answered within": r.AnsweredWithin, "abandoned": r.Abandoned,
				"abandoned within": r.AbandonedWithin, "occupancy": r.Occupancy, "answered": r.AnsweredWithin + r.Abandoned,
			} {
				if !(p >= 0 && p <= 1+1e-9) {
					t.Fatalf("%s is %v with %d agents", what, p, n)
				}
			}
			if r.AbandonedWithin > r.Abandoned+1e-9 {
				t.Fatalf("%v give up within %s, but only %v ever", r.AbandonedWithin, within, r.Abandoned)
			}
			return r
		}
		few, many := more(n), more(n+1)
		if many.AnsweredWithin < few.AnsweredWithin-1e-9 || many.Waits > few.Waits+1e-9 {
			t.Fatalf("one more agent than %d made it worse", n)
		}
	})
}

func TestStaffIsTheFewestThatKeepsThePromise(t *testing.T) {
	t.Parallel()
	l := Load{Calls: 360, Per: 30 * time.Minute, Handle: 240 * time.Second}
	for _, patience := range []time.Duration{0, 2 * time.Minute} {
		target := Target{Within: 20 * time.Second, Share: 0.85}
		r, err := Staff(l, patience, target)
		if err != nil {
			t.Fatal(err)
		}
		fewer, err := Wait(l, r.Agents-1, target.Within)
		if patience > 0 {
			fewer, err = WaitImpatient(l, r.Agents-1, patience, target.Within)
		}
		if err != nil || r.AnsweredWithin < 0.85 || fewer.AnsweredWithin >= 0.85 {
			t.Errorf("patience %s: %d agents answer %.4f, one fewer %.4f (%v)", patience, r.Agents, r.AnsweredWithin, fewer.AnsweredWithin, err)
		}
	}
	if n, err := Lines(10, 0.01); err != nil || n != 18 {
		t.Errorf("%d lines lose at most 1 %% of 10 erlangs, %v; want 18", n, err)
	}
	if n, err := Scheduled(14, 0.3); err != nil || n != 20 {
		t.Errorf("%d on the roster, %v; want 20", n, err)
	}
	if r, err := Staff(l, 2*time.Minute, Target{Abandoned: 0.02, Occupancy: 0.9}); err != nil || r.Abandoned > 0.02 || r.Occupancy > 0.9 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := Staff(Load{Per: time.Hour, Handle: time.Minute}, 0, Target{Share: 0.8}); err != nil || r.Agents != 0 {
		t.Errorf("%d agents for no calls, %v", r.Agents, err)
	}
}

func TestAbsurdLoadsGetWords(t *testing.T) {
	t.Parallel()
	ok := Load{Calls: 10, Per: time.Minute, Handle: time.Minute}
	fails := func(words string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want words on %q", err, words)
		}
	}
	wait := func(l Load, n int) error { _, err := Wait(l, n, 0); return err }
	impatient := func(l Load, n int, p time.Duration) error { _, err := WaitImpatient(l, n, p, 0); return err }
	staff := func(target Target) error { _, err := Staff(ok, 0, target); return err }
	fails("-1 calls", wait(Load{Calls: -1, Per: 1, Handle: 1}, 1))
	fails("NaN calls", wait(Load{Calls: math.NaN(), Per: 1, Handle: 1}, 1))
	fails("+Inf calls", wait(Load{Calls: math.Inf(1), Per: 1, Handle: 1}, 1))
	fails("calls per 0s", wait(Load{Calls: 1, Handle: 1}, 1))
	fails("handle time 0s", wait(Load{Calls: 1, Per: 1}, 1))
	fails("erlangs is outside", wait(Load{Calls: 1e9, Per: 1, Handle: 1}, 1))
	fails("-1 agents", wait(ok, -1))
	fails("patience 0s", impatient(ok, 1, 0))
	fails("use Erlang C", impatient(ok, 1, math.MaxInt64))
	fails("write 0.85 for 85 %", staff(Target{Share: 85}))
	fails("promises nothing", staff(Target{}))
	fails("needs the callers' patience", staff(Target{Abandoned: 0.1}))
	if _, err := Lines(10, 0); err == nil {
		t.Error("lines that lose nothing")
	}
	if _, err := Scheduled(1, 1); err == nil {
		t.Error("a roster of people who are never there")
	}
	r, err := Wait(ok, 10, time.Minute)
	if err != nil || !r.Endless || r.Waits != 1 || r.MeanWait != Endless {
		t.Errorf("as much load as agents: %+v, %v", r, err)
	}
	for _, n := range []int{0, 1} {
		if r, err := WaitImpatient(Load{Per: 1, Handle: 1}, n, 1, 1); err != nil || r.AnsweredWithin != 1 {
			t.Errorf("no calls: %+v, %v", r, err)
		}
	}
	if r, err := WaitImpatient(ok, 0, time.Minute, time.Minute); err != nil || r.Abandoned != 1 {
		t.Errorf("no agents: %+v, %v", r, err)
	}
}

func TestTableShowsBothFormulasSideBySide(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	l := Load{Calls: 48, Per: time.Minute, Handle: time.Minute}
	if err := WriteTable(&out, l, 2*time.Minute, 20*time.Second, 47, 50); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"48 erlangs", "endless", "0.4678", "0.0309", "3.7s"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("no %q in\n%s", words, out.String())
		}
	}
}
