package desk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"hotline/people"
)

// rights is written down a second time, by hand: who may use what is changed on purpose or not at all.
var rights = map[people.Role]string{
	anyone: `POST /api/session, GET /api/centre, POST /api/visitor, GET /api/visitor/{token}, POST /api/visitor/{token}/hangup,
		GET /api/openapi.yaml, GET /healthz, GET /readyz`,
	people.Agent: `DELETE /api/session, GET /api/me, GET /api/ws, GET /api/tickets, GET /api/tickets/{id}, PATCH /api/tickets/{id},
		GET /api/calls, GET /api/calls/{id}, GET /api/history, GET /api/messages, POST /api/messages/{id}/done,
		DELETE /api/messages/{id}/done, GET /api/callbacks, DELETE /api/callbacks/{id}, GET /api/recordings/{id},
		GET /api/recordings/{id}/audio, GET /api/recordings/{id}/peaks, POST /api/phone, DELETE /api/phone/{session}`,
	people.Supervisor: `GET /api/board, GET /api/live, PUT /api/announcements/{announcement}, POST /api/agents/{agent}/commands,
		GET /api/staffing/scenarios, GET /api/staffing/centre, POST /api/staffing/check, POST /api/staffing/trials,
		GET /api/staffing/trials/{id}, DELETE /api/staffing/trials/{id}`,
	people.Admin: `GET /api/accounts, DELETE /api/accounts/{login}/sessions, POST /api/accounts/{login}/password, GET /api/audit`,
}

func TestEachRouteIsForTheRolesThatAreWrittenDown(t *testing.T) {
	t.Parallel()
	need := map[string]people.Role{}
	for role, routes := range rights {
		for _, r := range strings.Split(routes, ",") {
			need[strings.Join(strings.Fields(r), " ")] = role
		}
	}
	require.Len(t, need, len(table))
	o := newOffice(t)
	fill := strings.NewReplacer("{id}", "x", "{session}", "x", "{agent}", "x", "{login}", "x", "{announcement}", "x", "{token}", "x")
	for _, who := range []struct {
		login string
		role  people.Role
	}{{"", anyone}, {"li", people.Agent}, {"boss", people.Supervisor}, {"root", people.Admin}} {
		for _, r := range table {
			name := r.method + " " + r.path
			lowest, written := need[name]
			require.True(t, written, "%s: write down who may", name)
			if name == "DELETE /api/session" {
				continue // it would end the test's own
			}
			code, body, _ := o.ask(who.login, r.method, fill.Replace(r.path), "")
			what := fmt.Sprintf("%s as %q: %s", name, who.role, body)
			switch {
			case lowest == anyone || who.role.May(lowest):
				require.NotEqual(t, http.StatusUnauthorized, code, what)
				require.NotContains(t, body, "needs the role", what)
			case who.role == anyone:
				require.Equal(t, http.StatusUnauthorized, code, what)
			default:
				require.Equal(t, http.StatusForbidden, code, what)
			}
		}
	}
}

func TestAWebsocketActsForItsOwnSeatOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	li, boss := o.tab("li"), o.tab("boss")
	for _, do := range Commands {
		if do == "take-phone" {
			continue // it is the hub's
		}
		say := fmt.Sprintf(`{"v":1,"type":"command","id":%q,"data":{"do":%q,"call":"wang's","offer":"wang's"}}`, do, do)
		boss.say(say)
		require.Equal(t, Forbidden, boss.reply().Error.Code, "%s: no seat, no commands", do)
		li.say(say)
		require.True(t, li.reply().OK, do)
	}
	for _, c := range o.centre.done() {
		require.Equal(t, "li", c.Agent, c.Do)
		require.Empty(t, c.By, "nobody is a supervisor by websocket")
	}
	for topic, may := range map[string]bool{TopicMe: true, TopicLists: true, TopicBoard: false} {
		li.say(fmt.Sprintf(`{"v":1,"type":"subscribe","topic":%q,"id":"s"}`, topic))
		require.Equal(t, may, li.reply().OK, topic)
	}
	li.say(`{"v":1,"type":"command","id":"b","data":{"do":"ready","by":"boss"}}`)
	require.Equal(t, BadRequest, li.reply().Error.Code, "a field that commands have not")
}

func TestOnePersonCannotOpenWebsocketsWithoutEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range mostTabs {
		o.tab("li").subscribe(TopicLists, "{}") // an answer: it is counted
	}
	code, body, _ := o.ask("li", "GET", "/api/ws", "", "Origin", o.url)
	require.Equal(t, http.StatusTooManyRequests, code, body)
	o.tab("boss").subscribe(TopicBoard, "{}")
}
