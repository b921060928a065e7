package floor

import "hotline/acd"

// headcount is how many agents are in each state.
type headcount [acd.WrapUp + 1]int

// countAgent keeps the counts of the agent's queues.
func (f *Floor) countAgent(a *Agent) {
	was := f.standing[a.ID]
	if was == a.State {
		return
	}
	f.standing[a.ID] = a.State
	for _, q := range f.queueOf[a.ID] {
		n := f.standAt[q]
		n[was]--
		n[a.State]++
		f.standAt[q] = n
		switch before, now := present(was), present(a.State); {
		case now && !before:
			f.signedIn[q]++
		case before && !now:
			if f.signedIn[q]--; f.signedIn[q] == 0 {
				f.left = append(f.left, q)
			}
		}
	}
}
