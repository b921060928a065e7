package floor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"hotline/acd"
	"hotline/call"
)

// LastTalk is who talked with a number last.
type LastTalk struct {
	Agent string
	At    time.Time // when that talk ended
}

// mostLast bounds how many numbers are remembered; beyond it those longest ago are forgotten.
const mostLast = 50_000

// noteTalk remembers who talked with a caller. Withheld callers are all alike, so nobody is remembered for them.
func (f *Floor) noteTalk(c *call.Call, agent string, at time.Time) {
	if c.Caller.Withheld || c.Caller.Number == "" {
		return
	}
	if f.s.Last == nil {
		f.s.Last = map[string]LastTalk{}
	}
	f.s.Last[c.Caller.Number] = LastTalk{Agent: agent, At: at}
	if len(f.s.Last) <= mostLast {
		return
	}
	numbers := slices.SortedFunc(maps.Keys(f.s.Last), func(a, b string) int {
		return cmp.Or(f.s.Last[a].At.Compare(f.s.Last[b].At), cmp.Compare(a, b))
	})
	for _, n := range numbers[:mostLast/8] { // not one by one: that would sort them all each time
		delete(f.s.Last, n)
	}
}

// knows names the agent of the queue who talked with the caller so lately that the caller is kept for them; empty: none.
// An agent who is not at work is not waited for.
func (f *Floor) knows(c *call.Call, q *acd.Queue) string {
	if q.LastAgent.Within == 0 || c.Caller.Withheld || c.Caller.Number == "" {
		return ""
	}
	last, ok := f.s.Last[c.Caller.Number]
	if !ok || f.s.At.Sub(last.At) > q.LastAgent.Within || !slices.Contains(f.members[q.ID], last.Agent) {
		return ""
	}
	if a := f.s.Agents[last.Agent]; a == nil || !signedIn(a) {
		return ""
	}
	return last.Agent
}

func signedIn(a *Agent) bool { return present(a.State) }

func present(s acd.State) bool { return s != acd.SignedOut && s != acd.Unknown }
