package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/fact"
	"hotline/ticket"
)

// applying turns facts into statements. Nearly all read nothing: what a row needs stands in the facts, so that a batch of
// records goes to the server in one round trip. A delayed edit of a ticket is the exception, and parts the batch.
type applying struct {
	s     *Store
	b     *pgx.Batch
	parts []func(context.Context, pgx.Tx) error

	seq uint64
	n   int // the fact within its record
	at  time.Time
	// lists: messages or tickets are touched, which pages count.
	lists bool
}

// part ends the batch so far, and lets do come after it.
func (a *applying) part(do func(context.Context, pgx.Tx) error) {
	b := a.b
	a.b = &pgx.Batch{}
	a.parts = append(a.parts, func(ctx context.Context, tx pgx.Tx) error { return tx.SendBatch(ctx, b).Close() }, do)
}

// run sends everything, in order.
func (a *applying) run(ctx context.Context, tx pgx.Tx) error {
	for _, do := range a.parts {
		if err := do(ctx, tx); err != nil {
			return err
		}
	}
	return tx.SendBatch(ctx, a.b).Close()
}

// usec is a length of time as the tables keep it. A begun microsecond counts, so that a wait that was longer than the
// threshold stays longer.
func usec(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }

// clean takes out what PostgreSQL's text cannot hold.
func clean(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "") }

// queue adds a statement; its texts come from outside and are cleaned.
func (a *applying) queue(sql string, args ...any) {
	for i, v := range args {
		if s, ok := v.(string); ok {
			args[i] = clean(s)
		}
	}
	a.b.Queue(sql, args...)
}

func (a *applying) mark(f fact.Fact, call, agent, queue, text string) {
	a.queue(`INSERT INTO marks (call, seq, n, at, kind, agent, queue, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		call, int64(a.seq), a.n, a.at, f.Kind(), agent, queue, text)
}

// record applies all facts of a record.
func (a *applying) record(r fact.Record) {
	for i, f := range r.Facts {
		a.fact(r, i, f)
	}
}

func (a *applying) fact(r fact.Record, i int, f fact.Fact) {
	a.seq, a.n, a.at = r.Seq, i, r.At
	a.call(f)
	a.visit(f)
	a.talk(f)
	a.callback(f)
	a.recording(f)
	a.agent(f)
	switch f := f.(type) {
	case fact.TicketOpened:
		a.ticket(f)
	case fact.TicketDrafted:
		a.lists = true
		at := a.at.UTC().Truncate(time.Microsecond)
		a.part(func(ctx context.Context, tx pgx.Tx) error { return a.s.draft(ctx, tx, f, at) })
	}
}

func (a *applying) call(f fact.Fact) {
	switch f := f.(type) {
	case fact.CallArrived:
		number := f.Caller.Number
		if f.Caller.Withheld {
			number = "" // whatever the network let through
		}
		a.queue(`INSERT INTO calls (call, channel, node, line, trunk, via, number, withheld, name, region, arrived)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			f.Call, f.Channel, f.Node, f.Line, f.Trunk, f.Via, number, f.Caller.Withheld, f.Caller.Name, f.Caller.Region, a.at)
		a.mark(f, f.Call, "", "", f.Line)
	case fact.CallAnswered:
		a.queue(`UPDATE calls SET answered = $2 WHERE call = $1 AND answered IS NULL`, f.Call, a.at)
		a.mark(f, f.Call, "", "", "")
	case fact.FlowStepped:
		path, err := json.Marshal(f.Session.Path)
		if err != nil || f.Session.Path == nil {
			path = []byte("[]")
		}
		a.queue(`UPDATE calls SET lang = $2, path = $3 WHERE call = $1`, f.Call, f.Session.Lang,
			json.RawMessage(strings.ReplaceAll(string(path), `\u0000`, "")))
		if f.Key != "" {
			a.mark(f, f.Call, "", "", f.Key)
		}
	case fact.CallClosing:
		a.mark(f, f.Call, "", "", string(f.Ending)+" "+f.Cause)
	case fact.CallEnded:
		a.queue(`UPDATE calls SET ended = $2, ending = $3, cause = $4, inferred = $5 WHERE call = $1`,
			f.Call, a.at, string(f.Ending), f.Cause, f.Inferred)
		a.mark(f, f.Call, "", "", string(f.Ending))
	case fact.CallQuarantined:
		a.queue(`UPDATE calls SET quarantined = $2 WHERE call = $1`, f.Call, f.Why)
		a.mark(f, f.Call, "", "", f.Why)
	}
}

func (a *applying) visit(f fact.Fact) {
	switch f := f.(type) {
	case fact.VisitBegan:
		a.queue(`INSERT INTO visits (visit, call, queue, priority, came_from, asked, began, callback) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			f.Visit, f.Call, f.Queue, f.Priority, f.From, f.Agent, a.at, f.Callback)
		a.queue(`UPDATE calls SET queue = $2 WHERE call = $1`, f.Call, f.Queue)
		a.mark(f, f.Call, f.Agent, f.Queue, f.From)
	case fact.VisitEnded:
		a.queue(`UPDATE visits SET ended = $2, outcome = $3, waited_us = $4, agent = $5, threshold_us = $6, inferred = $7, expected_us = $8 WHERE visit = $1`,
			f.Visit, a.at, string(f.Outcome), usec(f.Waited), f.Agent, usec(f.Threshold), f.Inferred, usec(f.Expected))
		a.queue(`UPDATE calls SET waited_us = waited_us + $2 WHERE call = $1`, f.Call, usec(f.Waited))
		a.mark(f, f.Call, f.Agent, f.Queue, string(f.Outcome))
	case fact.Offered:
		a.queue(`INSERT INTO offers (offer, call, visit, queue, agent, reason, why, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			f.Offer, f.Call, f.Visit, f.Queue, f.Agent, f.Reason, f.Why, a.at)
		a.mark(f, f.Call, f.Agent, f.Queue, f.Reason)
	case fact.OfferEnded:
		a.queue(`UPDATE offers SET ended = $2, result = $3 WHERE offer = $1`, f.Offer, a.at, string(f.Result))
		a.mark(f, f.Call, f.Agent, f.Queue, string(f.Result))
	}
}

func (a *applying) talk(f fact.Fact) {
	switch f := f.(type) {
	case fact.TalkBegan:
		a.queue(`INSERT INTO talks (talk, call, visit, queue, agent, ticket, began) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			f.Talk, f.Call, f.Visit, f.Queue, f.Agent, f.Ticket, a.at)
		a.queue(`UPDATE calls SET agent = $2 WHERE call = $1`, f.Call, f.Agent)
		if f.Ticket != "" {
			a.queue(`INSERT INTO ticket_calls (ticket, call) VALUES ($1, $2) ON CONFLICT DO NOTHING`, f.Ticket, f.Call)
		}
		a.mark(f, f.Call, f.Agent, f.Queue, f.Ticket)
	case fact.TalkHeld:
		a.queue(`INSERT INTO holds (talk, began) VALUES ($1, $2) ON CONFLICT DO NOTHING`, f.Talk, a.at)
		a.mark(f, f.Call, f.Agent, "", "")
	case fact.TalkRetrieved:
		a.queue(`UPDATE holds SET ended = $2 WHERE talk = $1 AND ended IS NULL`, f.Talk, a.at)
		a.mark(f, f.Call, f.Agent, "", "")
	case fact.TalkEnded:
		a.queue(`UPDATE holds SET ended = $2 WHERE talk = $1 AND ended IS NULL`, f.Talk, a.at)
		a.queue(`UPDATE talks SET ended = $2, how = $3, talked_us = $4, held_us = $5 WHERE talk = $1`,
			f.Talk, a.at, string(f.How), usec(f.Talked), usec(f.Held))
		a.queue(`UPDATE calls SET talked_us = talked_us + $2 WHERE call = $1`, f.Call, usec(f.Talked))
		a.mark(f, f.Call, f.Agent, f.Queue, string(f.How))
	case fact.Transferred:
		a.mark(f, f.Call, f.Agent, f.ToQueue, f.ToAgent)
	}
}

func (a *applying) recording(f fact.Fact) {
	switch f := f.(type) {
	case fact.MessageBegan:
		a.lists = true
		a.queue(`INSERT INTO messages (message, call, category, queue, began) VALUES ($1, $2, $3, $4, $5)`,
			f.Message, f.Call, f.Category, f.Queue, a.at)
		a.queue(`INSERT INTO recordings (recording, call, kind, began, state) VALUES ($1, $2, 'message', $3, 'running')`,
			f.Message, f.Call, a.at)
		a.mark(f, f.Call, "", f.Queue, f.Category)
	case fact.MessageEnded:
		a.lists = true
		a.queue(`UPDATE messages SET ended = $2, duration_us = $3, empty = $4, failed = $5 WHERE message = $1`,
			f.Message, a.at, usec(f.Duration), f.Empty, f.Failed)
		state, why := "fetching", f.Failed
		switch {
		case f.Failed != "":
			state = "lost"
		case f.Empty:
			state, why = "lost", "nothing was said"
		}
		a.queue(`UPDATE recordings SET ended = $2, state = $3, why = $4 WHERE recording = $1 AND state = 'running'`, f.Message, a.at, state, why)
		a.mark(f, f.Call, "", "", why)
	case fact.RecordingBegan:
		a.queue(`INSERT INTO recordings (recording, call, kind, began, state) VALUES ($1, $2, 'talk', $3, 'running')`, f.Recording, f.Call, a.at)
		a.mark(f, f.Call, "", "", f.Recording)
	case fact.RecordingEnded:
		a.queue(`UPDATE recordings SET ended = $2, state = 'fetching' WHERE recording = $1 AND state = 'running'`, f.Recording, a.at)
		a.mark(f, f.Call, "", "", f.Recording)
	case fact.RecordingStored:
		a.lists = true
		a.queue(`UPDATE recordings SET state = 'ready', why = '', file = $2, bytes = $3, duration_us = $4, sha256 = $5, channels = $6,
			ended = coalesce(ended, $7) WHERE recording = $1`,
			f.Recording, f.File, f.Bytes, usec(f.Duration), f.SHA256, f.Channels, a.at)
		a.mark(f, f.Call, "", "", f.Recording)
	case fact.NetMessage:
		a.netMessage(f)
	case fact.RecordingDeleted:
		a.lists = true
		a.queue(`UPDATE recordings SET state = 'lost', why = $2, file = '', bytes = 0 WHERE recording = $1`, f.Recording, f.Why)
		a.mark(f, f.Call, "", "", f.Why)
	case fact.RecordingLost:
		a.lists = true
		a.queue(`UPDATE recordings SET state = 'lost', why = $2, ended = coalesce(ended, $3) WHERE recording = $1 AND state <> 'ready'`,
			f.Recording, f.Why, a.at)
		a.mark(f, f.Call, "", "", f.Why)
	}
}

// netMessage keeps what the safety net took, at the time at which it was left. A call that never reached the application
// gets its row by it.
func (a *applying) netMessage(f fact.NetMessage) {
	a.lists = true
	ended := f.Left.Add(f.Duration)
	number := f.Caller.Number
	if f.Caller.Withheld {
		number = ""
	}
	a.queue(`INSERT INTO calls (call, channel, node, line, trunk, via, number, withheld, name, region, arrived, answered, ended, ending, inferred)
		VALUES ($1, $1, $2, $3, '', 'net', $4, $5, $6, $7, $8, $8, $9, 'message', true) ON CONFLICT (call) DO NOTHING`,
		f.Call, f.Node, f.Line, number, f.Caller.Withheld, f.Caller.Name, f.Caller.Region, f.Left, ended)
	a.queue(`INSERT INTO messages (message, call, category, queue, began, ended, duration_us, empty) VALUES ($1, $2, '', '', $3, $4, $5, $6)`,
		f.Message, f.Call, f.Left, ended, usec(f.Duration), f.Empty)
	a.queue(`INSERT INTO recordings (recording, call, kind, began, ended, state) VALUES ($1, $2, 'message', $3, $4, 'fetching')`,
		f.Message, f.Call, f.Left, ended)
	a.mark(f, f.Call, "", "", "")
}

func (a *applying) ticket(f fact.TicketOpened) {
	a.lists = true
	category := f.Category
	if category != "" && !slices.Contains(ticket.Categories, ticket.Category(category)) {
		category = string(ticket.Other)
	}
	number := f.Caller.Number
	if f.Caller.Withheld {
		number = ""
	}
	a.queue(`INSERT INTO tickets (ticket, version, state, opened, channel, queue, lang, owner, call, message, name, number, withheld, region, category, edited)
		VALUES ($1, 1, 'open', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $2)`,
		f.Ticket, a.at, f.Channel, f.Queue, f.Lang, f.Agent, f.Call, f.Message, f.Caller.Name, number, f.Caller.Withheld, f.Caller.Region, category)
	a.queue(`INSERT INTO ticket_calls (ticket, call) VALUES ($1, $2) ON CONFLICT DO NOTHING`, f.Ticket, f.Call)
	if f.Message != "" {
		a.queue(`UPDATE messages SET ticket = $2 WHERE message = $1`, f.Message, f.Ticket)
	}
	a.mark(f, f.Call, f.Agent, f.Queue, f.Ticket)
}

// agent keeps the agents' periods. As in package report, the end of a talk, an offer or a wrap-up leads back to ready,
// unless the same record says otherwise: a period that lasts no time is no period.
func (a *applying) agent(f fact.Fact) {
	switch f := f.(type) {
	case fact.AgentSignedIn:
		a.period(f.Agent, "not-ready", "signed-in", "")
	case fact.AgentSignedOut:
		a.period(f.Agent, "", "", "")
	case fact.AgentReady:
		a.period(f.Agent, "ready", "", "")
	case fact.AgentReleased:
		a.period(f.Agent, "ready", "", "")
	case fact.AgentNotReady:
		a.period(f.Agent, "not-ready", f.Reason, "")
	case fact.Offered:
		a.period(f.Agent, "offered", "", f.Call)
	case fact.OfferEnded:
		if f.Result != fact.OfferAccepted {
			a.period(f.Agent, "ready", "", "")
		}
	case fact.TalkBegan:
		a.period(f.Agent, "talking", "", f.Call)
	case fact.TalkHeld:
		a.period(f.Agent, "held", "", f.Call)
	case fact.TalkRetrieved:
		a.period(f.Agent, "talking", "", f.Call)
	case fact.TalkEnded:
		a.period(f.Agent, "ready", "", "")
	case fact.WrapUpBegan:
		a.period(f.Agent, "wrap-up", "", f.Call)
	case fact.WrapUpEnded:
		a.period(f.Agent, "ready", "", "")
	}
}

func (a *applying) period(agent, state, reason, call string) {
	a.queue(`DELETE FROM agent_periods WHERE agent = $1 AND ended IS NULL AND began = $2`, agent, a.at)
	a.queue(`UPDATE agent_periods SET ended = $2 WHERE agent = $1 AND ended IS NULL`, agent, a.at)
	if state != "" {
		a.queue(`INSERT INTO agent_periods (agent, began, state, reason, call) VALUES ($1, $2, $3, $4, $5)`, agent, a.at, state, reason, call)
	}
}
