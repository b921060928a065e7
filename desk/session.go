package desk

import (
	"net/http"

	"hotline/people"
	"hotline/ticket"
)

func (d *Desk) signIn(w http.ResponseWriter, r *asked) error {
	var body SignIn
	if err := read(r, &body); err != nil {
		return err
	}
	token, u, err := d.Door.SignIn(r.Context(), body.Login, body.Password, r.addr, r.UserAgent())
	if err != nil {
		return err
	}
	d.setCookie(w, r, token)
	d.endEarlier(r)
	answer(w, http.StatusOK, d.profile(u))
	return nil
}

// endEarlier ends the session that this browser had until now: its cookie is replaced, and nobody could sign it out any
// more. Pages that are still open on it are told.
func (d *Desk) endEarlier(r *asked) {
	earlier := d.token(r.Request)
	if earlier == "" {
		return
	}
	err := d.Door.SignOut(r.Context(), earlier, r.addr)
	d.hub.bye(earlier, byeSignedOut)
	d.hangUp(earlier)
	if err != nil {
		d.Log.Warn("the earlier session of a browser is over here, but stands in the archive until it expires", "addr", r.addr, "err", err)
	}
}

func (d *Desk) signOut(w http.ResponseWriter, r *asked) error {
	d.setCookie(w, r, "")
	err := d.Door.SignOut(r.Context(), r.token, r.addr)
	d.hub.bye(r.token, byeSignedOut) // after it: a page that connects now is not let in
	d.hangUp(r.token)
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d *Desk) setCookie(w http.ResponseWriter, r *asked, token string) {
	secure := d.secure(r.Request)
	c := &http.Cookie{Name: cookieName(secure), Value: token, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (d *Desk) me(w http.ResponseWriter, r *asked) error {
	answer(w, http.StatusOK, d.profile(r.user))
	return nil
}

func (d *Desk) profile(u people.User) Profile {
	h := d.house()
	return Profile{Login: u.Login, Name: u.Name, Names: h.Names[u.Login], Role: u.Role, Agent: u.Agent, Centre: h.Centre, Queues: list(h.Queues),
		NotReady: list(h.NotReady), Agents: list(h.Agents), Categories: ticket.Categories, Grades: ticket.Grades,
		Skills: list(h.Skills), Lists: list(h.Lists)}
}

// house is what is configured, with what the visitors' limits say.
func (d *Desk) house() House {
	h := d.House()
	h.Centre.CallerPage = h.Centre.CallerPage && d.cfg.Visitors.On
	for i := range h.Agents {
		h.Agents[i].Queues = list(h.Agents[i].Queues)
		if h.Agents[i].Names == nil {
			h.Agents[i].Names = map[string]string{}
		}
	}
	return h
}

func (d *Desk) centre(w http.ResponseWriter, _ *asked) error {
	answer(w, http.StatusOK, d.house().Centre)
	return nil
}

// list is l, or an empty list: never null in JSON.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
