//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/desk"
	"hotline/test/house/seat"
)

// Desk is an agent's desk without a browser: signed in over HTTP, its websocket always open again, as a page does it. It
// has no microphone: the agent sits at a desk phone.
type Desk struct {
	t     *testing.T
	h     *House
	login string
	p     *Program

	mu      sync.Mutex
	at      *seat.Desk
	me      desk.Me
	changed chan struct{} // closed and replaced at each news
	replies map[string]desk.Reply
}

// Desk signs an agent in and returns when the desk shows something.
func (h *House) Desk(t *testing.T, login string) *Desk {
	t.Helper()
	d := &Desk{t: t, h: h, login: login, p: h.Program(t, login), changed: make(chan struct{}), replies: map[string]desk.Reply{}}
	ctx, cancel := context.WithCancel(context.Background())
	var attending sync.WaitGroup
	attending.Go(func() { d.attend(ctx) })
	t.Cleanup(func() { cancel(); attending.Wait() })
	d.Await("the desk to be open", func(me desk.Me) bool { return me.Desk })
	return d
}

// attend keeps a websocket open until ctx ends.
func (d *Desk) attend(ctx context.Context) {
	for ctx.Err() == nil {
		d.session(ctx)
		select {
		case <-time.After(50 * time.Millisecond): // the server is being killed
		case <-ctx.Done():
		}
	}
}

// session is one websocket, to its end.
func (d *Desk) session(ctx context.Context) {
	at, err := seat.Open(ctx, d.h.House, d.login)
	if err != nil {
		return
	}
	defer context.AfterFunc(ctx, at.Close)()
	defer at.Close() // read to its end
	d.news(func() { d.at = at })
	_ = at.Follow(func(me desk.Me) { // it opens again
		d.news(func() { d.me = me })
	}, func(id string, r desk.Reply) {
		d.news(func() { d.replies[id] = r })
	})
}

// news notes something, and wakes who waits for it.
func (d *Desk) news(note func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	note()
	close(d.changed)
	d.changed = make(chan struct{})
}

// Me is what the desk shows now.
func (d *Desk) Me() desk.Me {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.me
}

// until waits until something is so, and looks at each news.
func (d *Desk) until(what string, so func() bool) {
	d.t.Helper()
	deadline := time.NewTimer(40 * time.Second)
	defer deadline.Stop()
	for {
		d.mu.Lock()
		ok, changed := so(), d.changed
		d.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			d.mu.Lock()
			defer d.mu.Unlock()
			d.t.Fatalf("%s waited for %s; the desk shows %+v", d.login, what, d.me)
		}
	}
}

// Await waits until the desk shows what is wanted.
func (d *Desk) Await(what string, so func(desk.Me) bool) {
	d.t.Helper()
	d.until(what, func() bool { return so(d.me) })
}

// State waits until the agent is in a state.
func (d *Desk) State(state string) {
	d.t.Helper()
	d.Await("to be "+state, func(me desk.Me) bool { return me.State == state })
}

// Do sends a command and waits for its reply.
func (d *Desk) Do(c desk.Command) *desk.Error {
	d.t.Helper()
	d.mu.Lock()
	at := d.at
	d.mu.Unlock()
	id, err := at.Do(c)
	require.NoError(d.t, err)
	var r desk.Reply
	d.until("the reply to "+c.Do, func() (ok bool) { r, ok = d.replies[id]; return ok })
	return r.Error
}

// Must sends a command that must not be refused.
func (d *Desk) Must(c desk.Command) {
	d.t.Helper()
	if e := d.Do(c); e != nil {
		d.t.Fatalf("%s: %s: %s", d.login, c.Do, e.Message)
	}
}

// endpoint is the desk phone of an agent in pjsip.conf, by the template that is shipped.
func endpoint(login string, port int) string {
	return fmt.Sprintf("[desk-%[1]s](hotline-phone)\naors = desk-%[1]s\n[desk-%[1]s]\ntype = aor\ncontact = sip:phone@127.0.0.1:%[2]d\n", login, port)
}

// phones gives desk phones to agents: `phone: PJSIP/desk-LOGIN` in the configuration and an endpoint by the shipped
// template at a port of this machine.
func phones(ports map[string]int) (edit change, pjsip string) {
	var sections strings.Builder
	for login, port := range ports {
		sections.WriteString(endpoint(login, port))
	}
	return func(yaml string) string {
		for login := range ports {
			before, rest, ok := strings.Cut(yaml, "\n  "+login+":")
			line, after, _ := strings.Cut(rest, "\n")
			if !ok || !strings.HasSuffix(line, "}") {
				panic("the sample centre has no agent " + login)
			}
			yaml = before + "\n  " + login + ":" + strings.TrimSuffix(line, "}") + ", phone: PJSIP/desk-" + login + "}\n" + after
		}
		return yaml
	}, sections.String()
}
