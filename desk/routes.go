package desk

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"hotline/people"
)

//go:embed openapi.yaml
var openapi []byte

// anyone marks a route that needs no session.
const anyone people.Role = ""

// route is one line of the HTTP interface. openapi.yaml has the same lines; a test compares them.
type route struct {
	method, path string
	need         people.Role
	long         bool // sets its own deadlines
	serve        func(d *Desk, w http.ResponseWriter, r *asked) error
}

var table = []route{
	{"POST", "/api/session", anyone, false, (*Desk).signIn},
	{"DELETE", "/api/session", people.Agent, false, (*Desk).signOut},
	{"GET", "/api/me", people.Agent, false, (*Desk).me},
	{"GET", "/api/ws", people.Agent, true, (*Desk).websocket},

	{"GET", "/api/tickets", people.Agent, false, (*Desk).tickets},
	{"GET", "/api/tickets/{id}", people.Agent, false, (*Desk).ticket},
	{"PATCH", "/api/tickets/{id}", people.Agent, false, (*Desk).editTicket},
	{"GET", "/api/calls", people.Agent, false, (*Desk).calls},
	{"GET", "/api/calls/{id}", people.Agent, false, (*Desk).call},
	{"GET", "/api/history", people.Agent, false, (*Desk).history},
	{"GET", "/api/messages", people.Agent, false, (*Desk).messages},
	{"POST", "/api/messages/{id}/done", people.Agent, false, (*Desk).messageDone},
	{"DELETE", "/api/messages/{id}/done", people.Agent, false, (*Desk).messageUndone},
	{"GET", "/api/callbacks", people.Agent, false, (*Desk).callbacks},
	{"DELETE", "/api/callbacks/{id}", people.Agent, false, (*Desk).cancelCallback},
	{"GET", "/api/recordings/{id}", people.Agent, false, (*Desk).recording},
	{"GET", "/api/recordings/{id}/audio", people.Agent, true, (*Desk).recordingAudio},
	{"GET", "/api/recordings/{id}/peaks", people.Agent, false, (*Desk).recordingPeaks},

	{"GET", "/api/board", people.Supervisor, false, (*Desk).board},
	{"GET", "/api/live", people.Supervisor, false, (*Desk).live},
	{"PUT", "/api/announcements/{announcement}", people.Supervisor, false, (*Desk).announce},
	{"POST", "/api/agents/{agent}/commands", people.Supervisor, false, (*Desk).overrule},

	{"GET", "/api/staffing/scenarios", people.Supervisor, false, (*Desk).staffingScenarios},
	{"GET", "/api/staffing/centre", people.Supervisor, false, (*Desk).staffingCentre},
	{"POST", "/api/staffing/check", people.Supervisor, false, (*Desk).staffingCheck},
	{"POST", "/api/staffing/trials", people.Supervisor, false, (*Desk).trialBegin},
	{"GET", "/api/staffing/trials/{id}", people.Supervisor, true, (*Desk).trial},
	{"DELETE", "/api/staffing/trials/{id}", people.Supervisor, false, (*Desk).trialCancel},

	{"GET", "/api/accounts", people.Admin, false, (*Desk).accounts},
	{"DELETE", "/api/accounts/{login}/sessions", people.Admin, false, (*Desk).endSessions},
	{"POST", "/api/accounts/{login}/password", people.Admin, false, (*Desk).resetPassword},
	{"GET", "/api/audit", people.Admin, false, (*Desk).trail},

	{"POST", "/api/phone", people.Agent, false, (*Desk).phone},
	{"DELETE", "/api/phone/{session}", people.Agent, false, (*Desk).phoneOff},

	{"GET", "/api/centre", anyone, false, (*Desk).centre},
	{"POST", "/api/visitor", anyone, false, (*Desk).visitorCall},
	{"GET", "/api/visitor/{token}", anyone, true, (*Desk).visitorState},
	{"POST", "/api/visitor/{token}/hangup", anyone, false, (*Desk).visitorHangUp},

	{"GET", "/api/openapi.yaml", anyone, false, (*Desk).openapi},
	{"GET", "/healthz", anyone, false, (*Desk).alive},
	{"GET", "/readyz", anyone, false, (*Desk).ready},
}

func (d *Desk) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range table {
		mux.Handle(r.method+" "+r.path, d.guard(r))
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, d.Log, refuse(NotFound, "There is nothing at "+r.Method+" "+r.URL.Path+"; /api/openapi.yaml lists all there is."))
	})
	mux.Handle("/", web{files: d.Web})

	// Requests that change something come from our own pages, or from a program that is no browser.
	sameOrigin := http.NewCrossOriginProtection()
	for _, o := range d.cfg.Origins {
		if err := sameOrigin.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("desk: origin %q: %w", o, err)
		}
	}
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, d.Log, refuse(Forbidden, "The request came from another site's page. Behind a proxy, name the desk's origin in the configuration."))
	}))
	return d.recovered(d.headers(sameOrigin.Handler(mux))), nil
}

// guard is what every route goes through: who asks, with which right, how much and how long.
func (d *Desk) guard(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rt.long {
			ctx, cancel := context.WithTimeout(r.Context(), patience)
			defer cancel()
			r = r.WithContext(ctx)
		}
		r.Body = http.MaxBytesReader(w, r.Body, largestBody)
		a := &asked{Request: r, addr: d.address(r)}
		err := d.admit(a, rt.need)
		if err == nil {
			err = rt.serve(d, w, a)
		}
		var done *answered
		if err != nil && !errors.As(err, &done) {
			fail(w, r, d.Log, err)
		}
	})
}

// answered is an error of a handler that has answered already.
type answered struct{ error }

func (d *Desk) admit(a *asked, need people.Role) error {
	if need == anyone {
		return nil
	}
	a.token = d.token(a.Request)
	u, err := d.Door.Who(a.Context(), a.token)
	if err != nil {
		return err
	}
	a.user = u
	if !u.Role.May(need) {
		return refuse(Forbidden, "This needs the role "+string(need)+".")
	}
	return nil
}

// recovered keeps one request's mistake from ending the server.
func (d *Desk) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				return
			}
			fail(w, r, d.Log, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// headers are on every answer. Mantine writes style elements, hence 'unsafe-inline' for styles only.
func (d *Desk) headers(next http.Handler) http.Handler {
	const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
		"font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
		if d.secure(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
