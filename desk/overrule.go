package desk

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"hotline/fact"
	"hotline/people"
)

// AgentCommand is what a supervisor does to an agent at once. Do is one of:
//
//	ready · not-ready {reason} (in a call it takes effect after wrap-up) · sign-out (not in a call) ·
//	set-queues {queues} · set-skills {skills}
//
// What is set goes before the configuration, over restarts too, until it is set with reset.
type AgentCommand struct {
	ID     string            `json:"id"` // chosen by the client: sent twice with the same one, it is done once
	Do     string            `json:"do"`
	Reason string            `json:"reason,omitempty"`
	Queues []fact.Membership `json:"queues,omitempty"`
	Skills map[string]int    `json:"skills,omitempty"` // level, 1 to 100
	Reset  bool              `json:"reset,omitempty"`  // set-queues, set-skills: as configured again
}

// AgentCommands lists what AgentCommand.Do may be.
var AgentCommands = []string{"ready", "not-ready", "sign-out", "set-queues", "set-skills"}

// overrule acts on an agent. Who did it is in the facts, so it may be done while the archive, and the audit, is away.
func (d *Desk) overrule(w http.ResponseWriter, r *asked) error {
	agent, err := word("agent", r.PathValue("agent"))
	if err != nil {
		return err
	}
	var c AgentCommand
	if err := read(r, &c); err != nil {
		return err
	}
	switch {
	case c.ID == "" || len(c.ID) > 64:
		return wrong("id", "A command needs an id of at most 64 characters: sent twice with the same one, it is done once.")
	case !slices.Contains(AgentCommands, c.Do):
		return wrong("do", "One of "+strings.Join(AgentCommands, ", ")+".")
	}
	err = d.do(r.Context(), CentreCommand{
		ID: "by " + r.user.Login + " " + c.ID, Agent: agent, By: r.user.Login, Queues: c.Queues, Skills: c.Skills, Reset: c.Reset,
		Command: Command{Do: c.Do, Reason: c.Reason},
	})
	if err != nil {
		return err
	}
	if err := d.audit(r.Context(), r, people.AgentOverruled, agent, c.words()); err != nil {
		d.Log.Error("what a supervisor did to an agent is in the journal, but not in the audit", "login", r.user.Login, "agent", agent, "did", c.words(), "err", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// words is the command for the audit: "set-queues consult, complaint".
func (c AgentCommand) words() string {
	switch {
	case c.Reset:
		return c.Do + " as configured"
	case c.Do == "not-ready":
		return c.Do + " " + c.Reason
	case c.Do == "set-queues":
		names := make([]string, len(c.Queues))
		for i, m := range c.Queues {
			names[i] = m.Queue
		}
		return c.Do + " " + strings.Join(names, ", ")
	case c.Do == "set-skills":
		skills := make([]string, 0, len(c.Skills))
		for _, name := range slices.Sorted(maps.Keys(c.Skills)) {
			skills = append(skills, fmt.Sprintf("%s %d", name, c.Skills[name]))
		}
		return c.Do + " " + strings.Join(skills, ", ")
	}
	return c.Do
}
