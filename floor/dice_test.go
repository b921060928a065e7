package floor

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"pgregory.net/rapid"

	"hotline/acd"
	"hotline/call"
	"hotline/fact"
)

// What may happen to a floor under the model check: inputs that are likely next, and inputs that are absurd.

// dice choose what happens: rapid's, which shrink a failure to its core, or a plain seeded source, which is fast.
type dice interface{ roll(n int, what string) int }

type rapidDice struct{ t *rapid.T }

func (d rapidDice) roll(n int, what string) int { return rapid.IntRange(0, n-1).Draw(d.t, what) }

type seededDice struct{ r *rand.Rand }

func (d seededDice) roll(n int, _ string) int { return d.r.IntN(n) }

func pick(d dice, from []string, what string) string { return from[d.roll(len(from), what)] }

var (
	callIDs  = []string{"c1", "c2", "c3", "c4"}
	agentIDs = []string{"li", "wang", "zhao", "sun"}
	keys     = []string{"1", "2", "3", "4", "9", "9", "*", "#"}
	commands = []string{"ready", "ready", "not-ready", "sign-out", "accept", "accept", "reject", "hold", "retrieve", "end", "transfer", "wrap-up-done", "wrap-up-more", "set-queues", "set-queues", "set-skills",
		"use-phone", "use-browser", "ring-phone"}
)

// anInput draws one: as often as not what would come next in a good world, else anything.
func anInput(d dice, f *Floor, n int) Input {
	if d.roll(2, "good world") == 0 {
		if in := likely(d, f); in != nil {
			return in
		}
	}
	return anything(d, f, n)
}

// likely is what would come next for some agent or some call.
func likely(d dice, f *Floor) Input {
	a := f.Agent(pick(d, agentIDs, "agent"))
	switch {
	case !a.Desk:
		return Desk{Agent: a.ID, Up: true}
	case !a.Media:
		return Media{Agent: a.ID, Up: true}
	case a.Leg == "" && f.PhoneOf(a.ID) != "":
		return LegUp{Agent: a.ID, Node: "a", Leg: "leg-" + a.ID, Phone: f.PhoneOf(a.ID)}
	case a.Leg == "":
		return LegUp{Agent: a.ID, Node: "a", Leg: "leg-" + a.ID, Addr: "127.0.0.1:1"}
	case a.State == acd.NotReady:
		return Command{Agent: a.ID, Do: "ready"}
	case a.State == acd.Offered && d.roll(2, "accept") == 0:
		return Command{Agent: a.ID, Do: "accept"}
	}
	ids := f.Calls()
	if len(ids) == 0 {
		return nil
	}
	c := f.Call(pick(d, ids, "call"))
	switch {
	case c.Virtual():
		return nil
	case c.Ringing() && c.Live() && c.Phase != call.Closing:
		if d.roll(2, "picks up") == 0 {
			return Answered{Call: c.ID}
		}
		return Gone{Call: c.ID, Cause: 17}
	case c.Phase == call.Waiting && c.Visit.Asking != nil:
		return Key{Call: c.ID, Digit: pick(d, []string{"1", "1", "2", "#", "*"}, "answer")}
	}
	switch c.Phase {
	case call.Waiting:
		return Key{Call: c.ID, Digit: "9"}
	case call.Menu:
		if len(c.Saying) > 0 {
			return Spoken{Call: c.ID, Prompt: c.Prompt}
		}
		return Key{Call: c.ID, Digit: pick(d, []string{"1", "2"}, "key")}
	case call.Joining:
		return Joined{Call: c.ID, Offer: c.Visit.Accepted().ID}
	case call.Talking, call.Held:
		do := pick(d, []string{"hold", "retrieve", "transfer", "end", ""}, "do")
		if do == "" {
			return Gone{Call: c.ID}
		}
		return Command{Agent: c.Talk.Agent, Do: do, ToAgent: map[string]string{"transfer": pick(d, agentIDs, "to")}[do]}
	case call.Message:
		return Recorded{Call: c.ID, Message: c.Message.ID, Duration: 5 * time.Second}
	case call.Closing:
		return Gone{Call: c.ID}
	}
	return nil
}

// anything may come at any time.
func anything(d dice, f *Floor, n int) Input {
	callID := pick(d, callIDs, "call")
	for _, id := range f.Calls() { // the latest call of that name, if it lives
		if strings.HasPrefix(id, callID+"-") {
			callID = id
		}
	}
	if ids := f.Calls(); len(ids) > 0 && d.roll(3, "an attempt") == 0 {
		if id := pick(d, ids, "live"); strings.HasPrefix(id, "cb-") {
			callID = id
		}
	}
	agent := pick(d, agentIDs, "agent")
	c := f.Call(callID)
	kind := d.roll(25, "kind")
	if c == nil && kind < 10 {
		line := pick(d, []string{"1", "1", "1", "2", "3", "9"}, "line")
		caller := fact.Party{Number: pick(d, []string{"", "1", "2"}, "number"), Withheld: d.roll(5, "withheld") == 0}
		return Arrived{Channel: fmt.Sprintf("%s-%d", callID, n), Node: "a", Line: line, Via: pick(d, []string{"sip", "sip", "browser"}, "via"), Caller: caller}
	}
	offer := "none"
	if c != nil && c.Visit != nil && len(c.Visit.Offers) > 0 {
		offer = c.Visit.Offers[d.roll(len(c.Visit.Offers), "offer")].ID
	}
	if kind < 10 && f.Agent(agent).State == acd.SignedOut {
		return Desk{Agent: agent, Up: true}
	}
	switch kind {
	case 0:
		return Answered{Call: callID}
	case 1, 2:
		return Key{Call: callID, Digit: pick(d, keys, "key")}
	case 3, 4, 5:
		prompt := d.roll(4, "prompt")
		if c != nil && prompt > 0 {
			prompt = c.Prompt
		}
		return Spoken{Call: callID, Prompt: prompt}
	case 6:
		return Gone{Call: callID}
	case 7, 8:
		return Joined{Call: callID, Offer: offer}
	case 9:
		return JoinFailed{Call: callID, Offer: offer}
	case 10:
		return LookedUp{Call: callID, Found: d.roll(2, "found") == 1, Vars: map[string]string{"ticket.spoken": "done"}}
	case 11:
		msg := callID + "-m1"
		return Recorded{Call: callID, Message: msg, Duration: 5 * time.Second, Empty: d.roll(2, "empty") == 1}
	case 12:
		return CannotServe{Call: callID, Why: "test"}
	case 13:
		return Desk{Agent: agent, Up: d.roll(4, "up") > 0}
	case 14:
		return Media{Agent: agent, Up: d.roll(4, "up") > 0}
	case 15:
		return LegUp{Agent: agent, Node: "a", Leg: "leg-" + agent, Addr: "127.0.0.1:1"}
	case 16:
		return LegDown{Agent: agent, Leg: "leg-" + agent, HungUp: d.roll(2, "hung up") == 1}
	case 17:
		return HangUp{Call: callID}
	case 18:
		switch d.roll(3, "announce") {
		case 0:
			return Announce{Name: pick(d, []string{"outage", "queue", "nothing"}, "announcement"), On: d.roll(2, "on") == 0, By: "boss"}
		case 1:
			return Surged{Announcement: pick(d, []string{"outage", "queue", "nothing"}, "announcement"), Standing: d.roll(2, "standing") == 0}
		}
		return Started{}
	case 19:
		return Unanswered{Agent: agent, Phone: pick(d, []string{"PJSIP/1001", "PJSIP/1002"}, "phone"), Why: "busy"}
	default:
		cmd := Command{Agent: agent, Do: pick(d, commands, "do"), Reason: pick(d, []string{"break", "break", "meal", ""}, "reason")}
		if cmd.Do == "transfer" {
			if d.roll(2, "to agent") == 1 {
				cmd.ToAgent = pick(d, agentIDs, "to")
			} else {
				cmd.ToQueue = pick(d, []string{"consult", "other", "nowhere"}, "to")
			}
		}
		if d.roll(3, "by a supervisor") == 0 || strings.HasPrefix(cmd.Do, "set-") {
			cmd.By, cmd.Reset = "boss", d.roll(4, "reset") == 0
			for _, q := range []string{"consult", "other"} {
				if d.roll(3, "member") > 0 {
					cmd.Queues = append(cmd.Queues, fact.Membership{Queue: q, Order: d.roll(3, "order")})
				}
			}
			cmd.Skills = map[string]int{"consult": 1 + d.roll(4, "level")}
		}
		return cmd
	}
}
