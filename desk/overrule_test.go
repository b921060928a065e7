package desk

import (
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/floor"
	"hotline/people"
)

func TestASupervisorActsOnAnAgentAndItIsAudited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	do := func(who, body string) (int, string) {
		code, answer, _ := o.ask(who, "POST", "/api/agents/li/commands", body)
		return code, answer
	}
	code, body := do("boss", `{"id":"1","do":"set-queues","queues":[{"queue":"consult","order":2}]}`)
	require.Equal(t, 204, code, body)
	code, body = do("boss", `{"id":"2","do":"set-skills","skills":{"english":3,"consult":9}}`)
	require.Equal(t, 204, code, body)
	code, body = do("boss", `{"id":"3","do":"not-ready","reason":"break"}`)
	require.Equal(t, 204, code, body)
	code, body = do("boss", `{"id":"4","do":"set-queues","reset":true}`)
	require.Equal(t, 204, code, body)
	require.Equal(t, CentreCommand{
		ID: "by boss 1", Agent: "li", By: "boss", Command: Command{Do: "set-queues"}, Queues: []fact.Membership{{Queue: "consult", Order: 2}},
	}, o.centre.commands[0])
	var done []string
	for _, e := range o.people.Entries() {
		if e.Act == people.AgentOverruled {
			done = append(done, e.Login+" "+e.About+" "+e.Text)
		}
	}
	require.Equal(t, []string{
		"boss li set-queues consult", "boss li set-skills consult 9, english 3", "boss li not-ready break", "boss li set-queues as configured",
	}, done)
}

func TestOnlySupervisorsActOnAgentsAndOnlyWithWhatThereIs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct {
		who, body string
		code      int
		words     string
	}{
		{"wang", `{"id":"1","do":"ready"}`, 403, "supervisor"},
		{"boss", `{"do":"ready"}`, 400, "needs an id"},
		{"boss", `{"id":"1","do":"accept"}`, 400, "One of ready, not-ready, sign-out, set-queues, set-skills."},
		{"boss", `{"id":"1","do":"set-skills","skills":{"consult":"much"}}`, 400, "skills"},
	} {
		code, body, _ := o.ask(c.who, "POST", "/api/agents/li/commands", c.body)
		require.Equal(t, c.code, code, body)
		require.Contains(t, body, c.words)
	}
	o.centre.refuse = &floor.Illegal{Code: "not-found", Text: `there is no agent "li"`, Place: "agent"}
	code, body, _ := o.ask("boss", "POST", "/api/agents/li/commands", `{"id":"1","do":"ready"}`)
	require.Equal(t, 404, code, body)
	for _, e := range o.people.Entries() {
		require.NotEqual(t, people.AgentOverruled, e.Act, "what was not done is not audited")
	}
}

func TestAgentsAreRearrangedWhileTheArchiveIsAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.as("boss")
	o.people.Fail(awayError{})
	code, body, _ := o.ask("boss", "POST", "/api/agents/li/commands", `{"id":"1","do":"ready"}`)
	require.Equal(t, 204, code, body)
	require.Len(t, o.centre.commands, 1)
}
