package desk

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/fact"
	"hotline/floor"
	"hotline/people"
	"hotline/ticket"
	"hotline/ticket/history"
)

// record is a call to "complaint" that wang answered, after an offer that zhao missed; it left a ticket that is chen's.
func record() history.CallDetail {
	return history.CallDetail{
		Call:   history.Call{Call: "c1", Caller: fact.Party{Number: "+8613800138000"}, Tickets: []string{"20261121-0042"}},
		Visits: []history.Visit{{Queue: "complaint", Offers: []history.Offer{{Agent: "zhao"}, {Agent: "wang"}}}},
		Talks:  []history.Talk{{Agent: "wang"}},
	}
}

func TestWhoMayOpenACallsRecord(t *testing.T) {
	t.Parallel()
	ownerOf := func(string) (string, error) { return "chen", nil }
	for _, c := range []struct {
		who  string
		mine reach
		may  bool
	}{
		{"an administrator", reach{all: true}, true},
		{"a supervisor of the queue", reach{queues: []string{"complaint"}}, true},
		{"a supervisor of another queue", reach{queues: []string{"consult"}}, false},
		{"an agent who was on it", reach{agent: "wang", owner: "wang"}, true},
		{"an agent who was offered it", reach{agent: "zhao", owner: "zhao"}, true},
		{"an agent of the queue", reach{agent: "li", owner: "li", queues: []string{"consult", "complaint"}}, true},
		{"an agent with the caller on the line", reach{agent: "li", owner: "li", number: "+8613800138000"}, true},
		{"an agent with another caller", reach{agent: "li", owner: "li", number: "+8613900139000"}, false},
		{"an agent whose ticket it is about", reach{agent: "chen", owner: "chen"}, true},
		{"an agent of another queue", reach{agent: "li", owner: "li", queues: []string{"consult"}}, false},
		{"an account without a seat", reach{owner: "li"}, false},
		{"nobody", reach{}, false},
	} {
		may, err := c.mine.covers(record(), ownerOf)
		require.NoError(t, err)
		require.Equal(t, c.may, may, c.who)
	}
	withheld := record()
	withheld.Caller = fact.Party{Withheld: true}
	may, err := reach{agent: "li", owner: "li"}.covers(withheld, ownerOf)
	require.NoError(t, err)
	require.False(t, may, "withheld callers are not one another")
}

func TestACallIsOpenedByThoseWhoWorkWithItAndARefusalIsAudited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.store.details["c1"] = record()
	o.store.files["20261121-0042"] = history.TicketFile{Ticket: ticket.Ticket{ID: "20261121-0042", Owner: "chen"}}
	o.supervised.by("boss", "complaint")
	o.supervised.by("head", "consult")
	open := func(who string) int {
		code, _, _ := o.ask(who, "GET", "/api/calls/c1", "")
		return code
	}
	require.Equal(t, 200, open("wang"))
	require.Equal(t, 403, open("li"))
	require.Equal(t, 200, open("boss"))
	require.Equal(t, 403, open("head"))
	require.Equal(t, 200, open("root"))

	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "offered", Offer: &floor.OfferView{Caller: fact.Party{Number: "+8613800138000"}}}}})
	require.Equal(t, 200, open("li"), "the caller's earlier calls, from the moment they are offered")
	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "wrap-up", Call: &floor.CallView{Caller: fact.Party{Number: "+8613800138000"}}}}})
	require.Equal(t, 200, open("li"))
	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "ready"}}})
	require.Equal(t, 403, open("li"), "the caller is gone")
	moved := &floor.AgentChanged{Queues: []fact.Membership{{Queue: "complaint"}}}
	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "ready", Changed: moved}}})
	require.Equal(t, 200, open("li"), "a supervisor's hand goes before the configuration")

	var refused []string
	for _, e := range o.people.Entries() {
		if e.Act == people.AccessRefused {
			refused = append(refused, e.Login+" "+e.About+" "+e.Text)
		}
	}
	require.Equal(t, []string{"li c1 call", "head c1 call", "li c1 call"}, refused)
}

func TestASupervisorOfSomeQueuesHearsAndListsTheirsOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.supervised.by("head", "consult")
	o.store.details["c1"] = record()
	o.store.recordings["r"] = history.Recording{Recording: "r", Call: "c1", Kind: "talk", Agents: []string{"wang"}, State: history.Ready, File: "f"}
	o.centre.calls = []floor.CallLine{{Call: "c1", Queue: "complaint"}, {Call: "c2", Queue: "consult"}, {Call: "c3"}}
	live := func(who string) (ids []string) {
		code, body, _ := o.ask(who, "GET", "/api/live", "")
		require.Equal(t, 200, code, body)
		var l LiveCalls
		require.NoError(t, json.Unmarshal([]byte(body), &l))
		for _, c := range l.Calls {
			ids = append(ids, c.Call)
		}
		return ids
	}
	for _, c := range []struct {
		who   string
		heard int
		among []string
		live  []string
	}{
		{"head", 403, []string{"consult"}, []string{"c2"}},
		{"boss", 200, nil, []string{"c1", "c2", "c3"}},
		{"root", 200, nil, []string{"c1", "c2", "c3"}},
	} {
		code, body, _ := o.ask(c.who, "GET", "/api/recordings/r/audio", "")
		require.Equal(t, c.heard, code, "%s: %s", c.who, body)
		code, body, _ = o.ask(c.who, "GET", "/api/calls", "")
		require.Equal(t, 200, code, body)
		require.Equal(t, c.among, slices.Clone(o.store.calls.Among), c.who)
		require.Equal(t, c.live, live(c.who), c.who)
	}
}

func TestACallersCallsAreToldToWhoeverHasTheCaller(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.supervised.by("head", "consult")
	ask := func(who string) history.CallQuery {
		o.store.calls = history.CallQuery{}
		code, body, _ := o.ask(who, "GET", "/api/history?number=%2B8613800138000", "")
		require.Equal(t, 200, code, body)
		return o.store.calls // zero: the whole history
	}
	const number = "+8613800138000"
	require.Equal(t, history.CallQuery{Number: number, Agent: "li", Limit: historyShown}, ask("li"))
	require.Equal(t, history.CallQuery{Number: number, Among: []string{"consult"}, Limit: historyShown}, ask("head"))
	require.Zero(t, ask("boss"))
	o.centre.tell(Update{Agents: []floor.AgentView{{Agent: "li", State: "talking", Call: &floor.CallView{Caller: fact.Party{Number: number}}}}})
	require.Zero(t, ask("li"))
	require.Equal(t, "wang", ask("wang").Agent)
}
