package postgres

import (
	"context"

	"hotline/fact"
	"hotline/ticket/history"
)

const callColumns = `c.call, c.line, c.via, c.number, c.withheld, c.name, c.region, c.lang, c.arrived, c.answered, c.ended, c.ending,
	c.queue, c.agent, c.waited_us, c.talked_us,
	ARRAY(SELECT tc.ticket FROM ticket_calls tc WHERE tc.call = c.call ORDER BY tc.ticket),
	EXISTS (SELECT FROM recordings r WHERE r.call = c.call AND r.state = 'ready')`

func scanCall(c *history.Call) []any {
	return []any{&c.Call, &c.Line, &c.Via, &c.Caller.Number, &c.Caller.Withheld, &c.Caller.Name, &c.Caller.Region, &c.Lang,
		moment{&c.Arrived}, moment{&c.Answered}, moment{&c.Ended}, text(&c.Ending), &c.Queue, &c.Agent,
		seconds{&c.Waited}, seconds{&c.Talked}, &c.Tickets, &c.Recorded}
}

// Calls lists calls, newest first.
func (s *Store) Calls(ctx context.Context, q history.CallQuery) (list []history.Call, next string, err error) {
	var w where
	if q.Number != "" {
		w.and("c.number = ?", q.Number)
	}
	if q.Agent != "" {
		w.and("EXISTS (SELECT FROM talks t WHERE t.call = c.call AND t.agent = ?)", q.Agent)
	}
	switch {
	case q.Queue != "" && q.Outcome != "":
		w.and("EXISTS (SELECT FROM visits v WHERE v.call = c.call AND v.queue = ? AND v.outcome = ? AND v.callback = '')", q.Queue, q.Outcome)
	case q.Queue != "":
		w.and("EXISTS (SELECT FROM visits v WHERE v.call = c.call AND v.queue = ?)", q.Queue)
	case q.Outcome != "":
		w.and("EXISTS (SELECT FROM visits v WHERE v.call = c.call AND v.outcome = ? AND v.callback = '')", q.Outcome)
	}
	if len(q.Among) > 0 {
		w.and("EXISTS (SELECT FROM visits v WHERE v.call = c.call AND v.queue = ANY (?))", q.Among)
	}
	if !q.From.IsZero() {
		w.and("c.arrived >= ?", q.From)
	}
	if !q.To.IsZero() {
		w.and("c.arrived < ?", q.To)
	}
	if q.Before != "" {
		at, id, err := readCursor(q.Before)
		if err != nil {
			return nil, "", err
		}
		w.and("(c.arrived, c.call) < (?, ?)", at, id)
	}
	w.args = append(w.args, q.Limit+1)
	list, err = query(ctx, s.pool, scanCall,
		`SELECT `+callColumns+` FROM calls c`+w.sql()+` ORDER BY c.arrived DESC, c.call DESC LIMIT `+numbered(len(w.args)), w.args...)
	if len(list) > q.Limit {
		list = list[:q.Limit]
		last := list[len(list)-1]
		next = cursor(last.Arrived, last.Call)
	}
	return list, next, err
}

// Call is one call with all that happened in it.
func (s *Store) Call(ctx context.Context, id string) (history.CallDetail, error) {
	type row struct {
		history.Call
		path []fact.PathStep
	}
	found, err := query(ctx, s.pool, func(r *row) []any { return append(scanCall(&r.Call), &r.path) },
		`SELECT `+callColumns+`, c.path FROM calls c WHERE c.call = $1`, id)
	if err != nil {
		return history.CallDetail{}, err
	}
	if len(found) == 0 {
		return history.CallDetail{}, notFound("call")
	}
	d := history.CallDetail{Call: found[0].Call, Path: found[0].path}
	if d.Visits, err = s.visits(ctx, id); err != nil {
		return d, err
	}
	if d.Talks, err = s.talks(ctx, id); err != nil {
		return d, err
	}
	if d.Messages, err = query(ctx, s.pool, scanMessage, messageSelect+` WHERE m.call = $1 ORDER BY m.began`, id); err != nil {
		return d, err
	}
	if d.Recordings, err = query(ctx, s.pool, scanRecording, recordingSelect+` WHERE r.call = $1 ORDER BY r.began, r.recording`, id); err != nil {
		return d, err
	}
	d.Marks, err = query(ctx, s.pool, func(m *history.Mark) []any { return []any{moment{&m.At}, &m.Kind, &m.Agent, &m.Queue, &m.Text} },
		`SELECT at, kind, agent, queue, text FROM marks WHERE call = $1 ORDER BY seq, n`, id)
	return d, err
}

func (s *Store) visits(ctx context.Context, call string) ([]history.Visit, error) {
	list, err := query(ctx, s.pool, func(v *history.Visit) []any {
		v.Offers = []history.Offer{}
		return []any{&v.Visit, &v.Queue, &v.From, moment{&v.Began}, moment{&v.Ended}, text(&v.Outcome), seconds{&v.Waited}, &v.Agent}
	}, `SELECT visit, queue, came_from, began, ended, outcome, waited_us, agent FROM visits WHERE call = $1 ORDER BY began, visit`, call)
	if err != nil {
		return nil, err
	}
	type offer struct {
		history.Offer
		visit string
	}
	offers, err := query(ctx, s.pool, func(o *offer) []any {
		return []any{&o.visit, &o.Offer.Offer, &o.Agent, &o.Reason, &o.Because, moment{&o.Made}, moment{&o.Ended}, text(&o.Result)}
	}, `SELECT visit, offer, agent, reason, why, made, ended, result FROM offers WHERE call = $1 ORDER BY made, offer`, call)
	for _, o := range offers {
		for i := range list {
			if list[i].Visit == o.visit {
				list[i].Offers = append(list[i].Offers, o.Offer)
			}
		}
	}
	return list, err
}

func (s *Store) talks(ctx context.Context, call string) ([]history.Talk, error) {
	list, err := query(ctx, s.pool, func(t *history.Talk) []any {
		t.Holds = []history.Span{}
		return []any{&t.Talk, &t.Visit, &t.Queue, &t.Agent, moment{&t.Began}, moment{&t.Ended}, text(&t.How), seconds{&t.Talked}, seconds{&t.Held}}
	}, `SELECT talk, visit, queue, agent, began, ended, how, talked_us, held_us FROM talks WHERE call = $1 ORDER BY began, talk`, call)
	if err != nil {
		return nil, err
	}
	type hold struct {
		history.Span
		talk string
	}
	holds, err := query(ctx, s.pool, func(h *hold) []any { return []any{&h.talk, moment{&h.From}, moment{&h.To}} },
		`SELECT h.talk, h.began, h.ended FROM holds h JOIN talks t USING (talk) WHERE t.call = $1 ORDER BY h.began`, call)
	for _, h := range holds {
		for i := range list {
			if list[i].Talk == h.talk {
				list[i].Holds = append(list[i].Holds, h.Span)
			}
		}
	}
	return list, err
}

// OfNumber is what is known of a number: of withheld callers nothing ever is.
func (s *Store) OfNumber(ctx context.Context, number string, limit int) (h history.OfNumber, err error) {
	h = history.OfNumber{Number: number}
	if number == "" {
		return h, nil
	}
	if h.Calls, _, err = s.Calls(ctx, history.CallQuery{Number: number, Limit: limit}); err != nil {
		return h, err
	}
	if h.Tickets, _, err = s.Tickets(ctx, history.TicketQuery{Number: number, Limit: limit}); err != nil {
		return h, err
	}
	err = s.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM calls WHERE number = $1),
		(SELECT count(*) FROM tickets WHERE number = $1 AND NOT withheld)`, number).Scan(&h.CallsTotal, &h.TicketsTotal)
	return h, told(err)
}
