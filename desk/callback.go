package desk

import (
	"net/http"

	"hotline/people"
)

// callbacks lists the call backs that are promised and not made yet. They are the floor's, so that the list is there while
// the archive is away.
func (d *Desk) callbacks(w http.ResponseWriter, _ *asked) error {
	answer(w, http.StatusOK, CallbackList{Callbacks: list(d.Centre.Callbacks())})
	return nil
}

// cancelCallback takes a promise back. Who did it is in the fact, so it may be done while the archive, and the audit, is away.
func (d *Desk) cancelCallback(w http.ResponseWriter, r *asked) error {
	id, err := word("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := d.do(r.Context(), CentreCommand{By: r.user.Login, Callback: id, Command: Command{Do: "cancel-callback"}}); err != nil {
		return err
	}
	if err := d.audit(r.Context(), r, people.CallbackCancelled, id, ""); err != nil {
		d.Log.Error("who cancelled a call back is in the journal, but not in the audit", "login", r.user.Login, "callback", id, "err", err)
	}
	d.ListsChanged()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
