package floor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/fact"
)

// breaks is a shift where one agent of a team may be on a break.
func breaks(t testing.TB, teams map[string]string) *shift {
	cfg := house(t)
	cfg.NotReady, cfg.Teams = []Reason{{Name: "break", AtOnce: 1}, {Name: "meal"}}, teams
	return &shift{t: t, f: New(cfg), now: monday}
}

func (s *shift) wants(agent, reason string) {
	s.t.Helper()
	s.must(Command{Agent: agent, Do: "not-ready", Reason: reason})
	s.now = s.now.Add(time.Second)
}

func (s *shift) inLine(agent string) int {
	if v := s.f.AgentView(agent).Line; v != nil {
		return v.Place
	}
	return 0
}

func TestAFurtherOneWaitsInLineForABreak(t *testing.T) {
	s := breaks(t, nil)
	s.staff("li", "wang", "zhao")
	s.wants("li", "break")
	s.wants("wang", "break")
	s.wants("zhao", "break")
	require.Equal(t, []acd.State{acd.NotReady, acd.Ready, acd.Ready}, []acd.State{s.state("li"), s.state("wang"), s.state("zhao")})
	require.Equal(t, [2]int{1, 2}, [2]int{s.inLine("wang"), s.inLine("zhao")})
	s.f.Changed()
	s.must(Command{Agent: "li", Do: "ready"})
	require.Equal(t, acd.NotReady, s.state("wang"), "at once")
	require.Equal(t, "break", s.f.Agent("wang").Reason)
	require.Equal(t, 1, s.inLine("zhao"))
	require.Len(t, s.f.Changed().Agents, 3, "whose place has moved is told, too")
	s.must(Command{Agent: "zhao", Do: "ready"})
	require.Zero(t, s.inLine("zhao"))
	s.must(Command{Agent: "wang", Do: "sign-out"})
	require.Equal(t, acd.Ready, s.state("zhao"), "who left the line stays")
}

func TestOtherReasonsAndOtherTeamsHaveBreaksOfTheirOwn(t *testing.T) {
	s := breaks(t, map[string]string{"li": "day", "wang": "day", "sun": "night"})
	s.staff("li", "wang", "sun", "zhao")
	s.wants("li", "break")
	s.wants("sun", "break")
	s.wants("zhao", "break")
	s.wants("wang", "meal")
	for _, id := range []string{"li", "sun", "zhao", "wang"} {
		require.Equal(t, acd.NotReady, s.state(id), id)
	}
	s.wants("wang", "break")
	require.Equal(t, "meal", s.f.Agent("wang").Reason, "the meal goes on until a place is free")
	require.Equal(t, 1, s.inLine("wang"))
	s.must(Command{Agent: "li", Do: "ready"})
	require.Equal(t, "break", s.f.Agent("wang").Reason)
}

func TestTheBreakOfWhoIsNextIsKeptUntilTheCallIsOver(t *testing.T) {
	s := breaks(t, nil)
	s.staff("li", "wang", "zhao")
	s.wants("wang", "break")
	s.queue("c1")
	s.must(Command{Agent: "li", Do: "accept"})
	s.joined("c1")
	s.wants("li", "break")
	require.Empty(t, s.f.Agent("li").Pending)
	require.Equal(t, 1, s.inLine("li"))
	s.wants("zhao", "break")
	s.must(Command{Agent: "wang", Do: "ready"})
	require.Equal(t, "break", s.f.Agent("li").Pending, "it is li's turn, after the call")
	require.Equal(t, 1, s.inLine("zhao"), "and nobody else's")
	s.must(Command{Agent: "li", Do: "end"})
	s.must(Command{Agent: "li", Do: "wrap-up-done"})
	require.Equal(t, acd.NotReady, s.state("li"))
	s.must(Command{Agent: "li", Do: "ready"})
	require.Equal(t, acd.NotReady, s.state("zhao"))
}

func TestASupervisorSendsSomebodyOnABreakOverTheQuota(t *testing.T) {
	s := breaks(t, nil)
	s.staff("li", "wang", "zhao")
	s.wants("li", "break")
	s.must(Command{Agent: "wang", By: "boss", Do: "not-ready", Reason: "break"})
	require.Equal(t, acd.NotReady, s.state("wang"))
	require.Contains(t, s.seen, fact.AgentNotReady{Agent: "wang", Reason: "break", By: "boss"})
	s.wants("zhao", "break")
	s.must(Command{Agent: "li", Do: "ready"})
	require.Equal(t, acd.Ready, s.state("zhao"), "wang counts all the same")
	s.must(Command{Agent: "wang", Do: "ready"})
	require.Equal(t, acd.NotReady, s.state("zhao"))
}

func TestTheLineForBreaksSurvivesARestartAndAReloadChangesIt(t *testing.T) {
	s := breaks(t, nil)
	s.staff("li", "wang", "zhao")
	s.wants("li", "break")
	s.wants("wang", "break")
	s.wants("zhao", "break")
	saved, err := s.f.Save()
	require.NoError(t, err)
	s.f, err = Restore(s.f.cfg, saved)
	require.NoError(t, err)
	require.Equal(t, [2]int{1, 2}, [2]int{s.inLine("wang"), s.inLine("zhao")})

	more := *s.f.cfg
	more.NotReady = []Reason{{Name: "break", AtOnce: 2}}
	s.f.Reconfigure(&more)
	s.must(Configured{})
	require.Equal(t, acd.NotReady, s.state("wang"))
	require.Equal(t, 1, s.inLine("zhao"))
}

func TestWhoGivesNoReasonIsAwayAllTheSame(t *testing.T) {
	s := begin(t)
	s.staff("li")
	s.wants("li", "")
	require.Equal(t, acd.NotReady, s.state("li"))
	require.Equal(t, Unsaid, s.f.Agent("li").Reason)
	require.ErrorContains(t, s.do(Command{Agent: "li", Do: "not-ready", Reason: "holiday"}), `no not-ready reason "holiday"; there are [break meal]`)
}

// How the ledger of the model check knows the quota: it counts everybody anew.

// free tells whether the agent may be away: as many as the quota of the others of the team are not.
func (l *ledger) free(agent, reason string) bool {
	n := 0
	for id, a := range l.agents {
		if id != agent && l.teams[id] == l.teams[agent] && a.away() == reason {
			n++
		}
	}
	return l.quota[reason] == 0 || n < l.quota[reason]
}

// goAway judges that somebody is away, or will be: by their own wish only into a place that they have or that is free, and
// before nobody who came to the line earlier.
func (l *ledger) goAway(agent, reason, by string) error {
	defer l.leave(agent)
	if by != "" || l.agent(agent).away() == reason {
		return nil
	}
	if !l.free(agent, reason) {
		return fmt.Errorf("more than %d of team %q are away for %s", l.quota[reason], l.teams[agent], reason)
	}
	for _, w := range l.line {
		if w.Agent == agent {
			return nil
		}
		if w.Reason == reason && l.teams[w.Agent] == l.teams[agent] {
			return fmt.Errorf("goes before %s, who was in line earlier", w.Agent)
		}
	}
	return nil
}

func (l *ledger) leave(agent string) {
	l.line = slices.DeleteFunc(l.line, func(w InLine) bool { return w.Agent == agent })
}
