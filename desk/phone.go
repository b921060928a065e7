package desk

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"hotline/floor"
)

func (d *Desk) phone(w http.ResponseWriter, r *asked) error {
	var body PhoneOffer
	if err := read(r, &body); err != nil {
		return err
	}
	if r.user.Agent == "" {
		return errNoSeat
	}
	sdp, session, err := d.Phone.Attach(r.Context(), r.user.Agent, body.SDP)
	if err != nil {
		return err
	}
	d.attached.put(r.user.Agent, attachment{login: r.user.Login, token: r.token, session: session})
	if _, err := d.Door.Who(r.Context(), r.token); is(err, Unauthorized) {
		d.hangUp(r.token) // signed out meanwhile: nobody else would
		return err
	}
	answer(w, http.StatusOK, PhoneAnswer{SDP: sdp, Session: session})
	return nil
}

func (d *Desk) phoneOff(w http.ResponseWriter, r *asked) error {
	session, err := word("session", r.PathValue("session"))
	if err != nil {
		return err
	}
	if r.user.Agent == "" {
		return errNoSeat
	}
	d.Phone.Detach(r.user.Agent, session)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// attachment is an agent's browser that is the phone, and the sign-in that it came with.
type attachment struct{ login, token, session string }

// attachments are the latest of each agent.
type attachments struct {
	mu sync.Mutex
	of map[string]attachment // by agent
}

func (a *attachments) put(agent string, now attachment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = map[string]attachment{}
	}
	a.of[agent] = now
}

// take removes some, and gives their sessions by agent.
func (a *attachments) take(those func(attachment) bool) map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	sessions := map[string]string{}
	for agent, x := range a.of {
		if those(x) {
			sessions[agent] = x.session
			delete(a.of, agent)
		}
	}
	return sessions
}

// hangUp ends the audio that came with a sign-in which is over: the page may not be there any more to do so, and the microphone
// of somebody who has signed out must not be open.
func (d *Desk) hangUp(token string) {
	d.hangUpAll(func(x attachment) bool { return x.token == token })
}

func (d *Desk) hangUpAll(those func(attachment) bool) {
	for agent, session := range d.attached.take(those) {
		d.Phone.Detach(agent, session)
	}
}

var errNoSeat = refuse(Forbidden, "This account has no agent's seat, and so no phone.")

// board answers with the topic as it stands: for programs, and for pages without a websocket.
func (d *Desk) board(w http.ResponseWriter, r *asked) error {
	b, err := d.hub.board(r.Context())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, b)
	return nil
}

func (d *Desk) live(w http.ResponseWriter, r *asked) error {
	mine, err := d.reach(r.Context(), r.user)
	if err != nil {
		return err
	}
	calls := d.Centre.Calls()
	if !mine.all {
		calls = slices.DeleteFunc(calls, func(c floor.CallLine) bool { return !slices.Contains(mine.queues, c.Queue) })
	}
	answer(w, http.StatusOK, LiveCalls{Calls: list(calls)})
	return nil
}

func (d *Desk) openapi(w http.ResponseWriter, _ *asked) error {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	_, err := w.Write(openapi)
	return answeredWith(err)
}

func (d *Desk) alive(w http.ResponseWriter, _ *asked) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("alive\n"))
	return answeredWith(err)
}

func (d *Desk) ready(w http.ResponseWriter, _ *asked) error {
	all := Readiness{Ready: true, Parts: list(d.Health.Parts())}
	code := http.StatusOK
	for _, p := range all.Parts {
		all.Ready = all.Ready && p.Ready
	}
	if !all.Ready {
		code = http.StatusServiceUnavailable
	}
	answer(w, code, all)
	return nil
}

// answeredWith marks an error that came while the answer was being sent: the browser went away.
func answeredWith(err error) error {
	if err == nil {
		return nil
	}
	return &answered{err}
}

// do sends an agent's command to the centre.
func (d *Desk) do(ctx context.Context, c CentreCommand) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.Centre.Do(ctx, c)
}
