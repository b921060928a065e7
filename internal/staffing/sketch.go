package staffing

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"hotline/acd/sim"
	"hotline/configs"
	"hotline/desk"
)

// load reads a scenario as somebody typed it. It names no files: a page has none.
func load(text string) (*sim.Scenario, error) {
	if strings.TrimSpace(text) == "" {
		return nil, wrong("text", errEmpty)
	}
	s, err := sim.Load(strings.NewReader(text), nil)
	if err != nil {
		return nil, wrong("text", err)
	}
	return s, nil
}

// Check reads a scenario without running it.
func (r *Room) Check(text string) (desk.Sketch, error) {
	s, err := load(text)
	if err != nil {
		return desk.Sketch{}, err
	}
	if err := bounded(s, s.ExpectedCalls()); err != nil {
		return desk.Sketch{}, err
	}
	k := desk.Sketch{Name: s.Name, Interval: s.Interval.Seconds(), Runs: s.Replications, Calls: s.ExpectedCalls(),
		Begins: []string{}, Queues: []desk.SketchQueue{}, Groups: []desk.SketchGroup{}}
	k.Slips, k.SlipsIn = slipsIn(s.Slips())
	for i := range s.Intervals() {
		k.Begins = append(k.Begins, s.Clock(i))
	}
	hopeless := map[string]bool{}
	for kind := range s.Hopeless() {
		hopeless[s.Calls[kind].Queue] = true
	}
	for _, id := range slices.Sorted(maps.Keys(s.Queues)) {
		level := s.Queues[id].WithDefaults().ServiceLevel
		k.Queues = append(k.Queues, desk.SketchQueue{Queue: id, Within: level.Within.Seconds(), Target: level.Target,
			Formula: string(level.Formula), Calls: s.Expected(id), Hopeless: hopeless[id]})
	}
	for i := range s.Agents {
		g := &s.Agents[i]
		group := desk.SketchGroup{Group: g.Name, Queues: []string{}, AtWork: g.AtWork(s), Most: g.Size()}
		for _, m := range g.Queues {
			group.Queues = append(group.Queues, m.Queue)
		}
		k.Groups = append(k.Groups, group)
	}
	return k, nil
}

// Scenarios are those of configs/scenarios, by name.
func (r *Room) Scenarios() desk.ScenarioList {
	l := desk.ScenarioList{Scenarios: []desk.Scenario{}, MostCalls: MostCalls, MostAgents: MostAgents, Seconds: mostTime.Seconds()}
	files, err := fs.Glob(configs.Files, "scenarios/*.yaml")
	if err != nil {
		panic(err) // the pattern is ours
	}
	for _, f := range files {
		text, err := fs.ReadFile(configs.Files, f)
		if err != nil {
			panic(err) // it is in this program
		}
		x := desk.Scenario{ID: strings.TrimSuffix(path.Base(f), ".yaml"), Text: string(text)}
		x.Name = x.ID
		if s, err := load(x.Text); err == nil && s.Name != "" { // a test loads them all
			x.Name = s.Name
		}
		l.Scenarios = append(l.Scenarios, x)
	}
	return l
}
