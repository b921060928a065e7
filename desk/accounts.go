package desk

import (
	"net/http"
	"strconv"

	"hotline/people"
)

// The administrator's page: who has an account, who is signed in, and the audit. Accounts are made and closed on the command
// line, where the first administrator comes from, too.

func (d *Desk) accounts(w http.ResponseWriter, r *asked) error {
	found, err := d.Door.Accounts(r.Context())
	if err != nil {
		return err
	}
	h := d.house()
	seats := map[string]Colleague{}
	for _, a := range h.Agents {
		seats[a.Agent] = a
	}
	all := AccountList{Accounts: make([]Account, len(found))}
	for i, a := range found {
		x := Account{Login: a.Login, Name: a.Name, Names: h.Names[a.Login], Role: a.Role, Agent: a.Agent, Disabled: a.Disabled,
			Created: a.Created, LastIn: a.LastIn, Sessions: a.Sessions}
		switch {
		case a.Agent != "":
			x.Queues, x.Skills = seats[a.Agent].Queues, seats[a.Agent].Skills
		case a.Role == people.Supervisor:
			x.Queues = h.Supervised[a.Login]
		}
		all.Accounts[i] = x
	}
	answer(w, http.StatusOK, all)
	return nil
}

func (d *Desk) endSessions(w http.ResponseWriter, r *asked) error {
	login, err := people.CleanLogin(r.PathValue("login"))
	if err != nil {
		return err
	}
	err = d.Door.EndSessions(r.Context(), login, r.user.Login, r.addr)
	d.out(login)
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d *Desk) resetPassword(w http.ResponseWriter, r *asked) error {
	login, err := people.CleanLogin(r.PathValue("login"))
	if err != nil {
		return err
	}
	if login == r.user.Login {
		return refuse(Conflict, "This would sign you out before you had read your new password; the command hotline user gives you one.")
	}
	password, err := d.Door.ResetPassword(r.Context(), login, r.user.Login, r.addr)
	if err != nil {
		return err
	}
	d.out(login)
	w.Header().Set("Cache-Control", "no-store")
	answer(w, http.StatusOK, NewPassword{Password: password})
	return nil
}

// out closes all that is open of somebody whose sessions were ended: a page that would come again is not let in.
func (d *Desk) out(login string) {
	d.hub.byeAll(byeSignedOut, func(c *conn) bool { return c.user.Login == login })
	d.hangUpAll(func(x attachment) bool { return x.login == login })
}

func (d *Desk) trail(w http.ResponseWriter, r *asked) (err error) {
	var q people.Trail
	if q.Login, err = word("login", r.URL.Query().Get("login")); err != nil {
		return err
	}
	if q.From, err = when(r, "from"); err != nil {
		return err
	}
	if q.To, err = when(r, "to"); err != nil {
		return err
	}
	if q.Limit, err = limit(r, 100, 200); err != nil {
		return err
	}
	if s := r.URL.Query().Get("before"); s != "" {
		if q.Before, err = strconv.ParseInt(s, 10, 64); err != nil || q.Before < 1 {
			return wrong("before", "The next of the page before.")
		}
	}
	asked := q.Limit
	q.Limit++ // whether there is more
	lines, err := d.Door.Trail(r.Context(), q)
	if err != nil {
		return err
	}
	all := AuditTrail{Entries: list(lines)}
	if len(lines) > asked {
		all.Entries = lines[:asked]
		all.Next = strconv.FormatInt(lines[asked-1].ID, 10)
	}
	answer(w, http.StatusOK, all)
	return nil
}
