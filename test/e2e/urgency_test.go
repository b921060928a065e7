//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/acd"
	"hotline/acd/sim"
	"hotline/desk"
	"hotline/floor"
	"hotline/internal/config"
	"hotline/internal/sandbox"
	"hotline/test/house"
	"hotline/test/sip"
)

// Queues that share an agent: whose caller goes first when the agent is free? By the wait it is who has waited longest, by the
// service level who has used up most of what the queue promises. The same callers, on the real thing and in the simulator.

// atOnce is the callers of a pair of queues, in the order in which they come: the first one finds the agent free, the others
// wait for the end of that talk.
var atOnce = []struct {
	queue    string
	at, talk time.Duration
}{
	{"quick", seconds(2), seconds(6.5)},
	{"slow", seconds(3), seconds(2)},
	{"quick", seconds(5), seconds(2)},
}

// sharedCentre is the configuration as a file.
func sharedCentre(t *testing.T) change {
	t.Helper()
	text, err := os.ReadFile("testdata/urgency.yaml")
	require.NoError(t, err)
	flows := t.TempDir()
	for _, q := range []string{"wait-slow", "wait-quick", "level-slow", "level-quick"} {
		flow := fmt.Sprintf("flow: %s\ntitle: {en: %s}\nstart: q\nnodes:\n  q: {queue: %s}\n", q, q, q)
		require.NoError(t, os.WriteFile(filepath.Join(flows, q+".yaml"), []byte(flow), 0o600))
	}
	head := strings.NewReplacer("ZONE", "Etc/UTC", "FLOWS", flows, "PROMPTS", house.Prompts,
		"QUEUE", "needs: {any: 1}, wrap_up: {none: true}, recording: {off: true}, offer: {auto: true}").Replace(string(text))
	return func(sample string) string {
		_, machines, ok := strings.Cut(sample, "\npbx: [")
		if !ok {
			panic("no machines in the house's configuration")
		}
		return head + "\npbx: [" + machines
	}
}

// simulatedOrder is the queues whose callers the simulator gives each agent, one after the other.
func simulatedOrder(t *testing.T, cfg *config.Config) map[string][]string {
	t.Helper()
	s := &sim.Scenario{Name: "urgency", Length: time.Minute, Replications: 1, Queues: map[string]acd.Queue{}, Calls: map[string]sim.CallType{}}
	for _, q := range cfg.ACDQueues() {
		s.Queues[q.ID] = q
		s.Calls[q.ID] = sim.CallType{Queue: q.ID, Arrivals: sim.Arrivals{At: []time.Duration{}}}
	}
	for _, a := range cfg.ACDAgents() {
		s.Agents = append(s.Agents, sim.Group{Name: a.ID, Count: 1, Skills: a.Skills, Queues: a.Queues, Shifts: []sim.Shift{{}}})
	}
	for _, q := range cfg.ACDQueues() {
		var calls []sim.Call
		for _, c := range atOnce {
			if strings.HasSuffix(q.ID, c.queue) {
				calls = append(calls, sim.Call{At: c.at, Talk: c.talk, Patience: -1})
			}
		}
		require.NoError(t, s.SetCalls(q.ID, calls))
	}
	require.NoError(t, s.Check())
	order := map[string][]string{}
	sim.Decisions(s, func(d sim.Decision) {
		order[d.Agent] = append(order[d.Agent], d.Queue)
	})
	return order
}

func TestWhoseCallerGoesFirstIsAsInTheSimulator(t *testing.T) {
	ctx := t.Context()
	var pjsip strings.Builder
	plugged := map[string]*sip.Phone{}
	for _, id := range []string{"wait", "level"} {
		port, err := sandbox.FreePort()
		require.NoError(t, err)
		plugged[id], err = sip.PlugIn(ctx, sip.PhoneOptions{Port: port})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, plugged[id].Unplug()) })
		pjsip.WriteString(endpoint(id, port))
	}
	h := ownWith(t, sharedCentre(t), pjsip.String(), "huangmei")
	require.NoError(t, h.Admit(ctx, house.Agents("wait", "level")...))
	cfg, err := config.Load(h.Config())
	require.NoError(t, err)
	want := simulatedOrder(t, cfg)
	require.NotEqual(t, strings.ReplaceAll(strings.Join(want["wait"], " "), "wait-", ""), strings.ReplaceAll(strings.Join(want["level"], " "), "level-", ""),
		"the scenario tells the two ways apart")

	desks := map[string]*Desk{}
	for id, phone := range plugged {
		desks[id] = h.Desk(t, id)
		desks[id].Must(desk.Command{Do: "use-phone"})
		require.NoError(t, phone.Await(ctx, sip.PhoneRinging))
		require.NoError(t, phone.Answer())
		desks[id].Await("the leg to the phone", func(me desk.Me) bool { return me.Leg && me.Media })
		desks[id].Must(desk.Command{Do: "ready"})
	}
	callers := map[string]*sip.Caller{} // by number
	lines := map[string]string{"wait-slow": "3001", "wait-quick": "3002", "level-slow": "3003", "level-quick": "3004"}
	began := time.Now()
	for i, c := range atOnce {
		select { // the scenario's clock
		case <-time.After(time.Until(began.Add(c.at - atOnce[0].at))):
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
		for id, d := range desks {
			number := fmt.Sprintf("138001390%d%d", len(id), i)
			caller, err := sip.Call(ctx, sip.Options{Target: h.Asterisk.SIPAddress(), To: lines[id+"-"+c.queue], From: number, Deaf: true})
			require.NoError(t, err)
			t.Cleanup(func() { _ = caller.Hangup() })
			callers["+86"+number] = caller
			if i == 0 {
				d.Await("the first talk", func(me desk.Me) bool { return me.State == "talking" })
			}
		}
	}
	for _, c := range atOnce[1:] {
		for id := range desks {
			h.becomes(t, fmt.Sprintf("hotline_queue_waiting{queue=%q}", id+"-"+c.queue), 1)
		}
	}
	got := map[string][]string{}
	for range atOnce {
		for id, d := range desks {
			var talk floor.CallView
			d.Await("a talk", func(me desk.Me) bool {
				if me.State != "talking" || callers[me.Call.Caller.Number] == nil {
					return false
				}
				talk = *me.Call
				return true
			})
			got[id] = append(got[id], talk.Queue)
			if len(got[id]) == 1 {
				select { // until the quick one has used up more of its five seconds than the slow one of its minute
				case <-time.After(time.Until(began.Add(atOnce[0].talk))):
				case <-ctx.Done():
					t.Fatal(ctx.Err())
				}
			}
			caller := callers[talk.Caller.Number]
			delete(callers, talk.Caller.Number)
			require.NoError(t, caller.Hangup())
		}
	}
	require.Equal(t, want, got)
	t.Logf("%v", got)
}
