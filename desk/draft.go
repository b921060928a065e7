package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"hotline/fact"
	"hotline/ticket"
)

// What is typed while the archive is away goes into the journal, and from there into the archive when it is back. A page
// that can show such a delay asks for it by `Prefer: respond-async` (RFC 7240) and gets 202; any other gets 503 and keeps
// the words itself.

// How much may wait in the journal for an archive that is away. Beyond that pages keep what is typed.
const (
	mostDrafts     = 50_000
	mostDraftBytes = 64 << 20
)

// soon is how long an edit that may be delayed waits for the archive.
const soon = 2 * time.Second

// drafts counts what waits.
type drafts struct {
	mu     sync.Mutex
	sure   bool   // the archive has what the server before kept
	coming amount // on the way into the journal
	kept   amount // ever, by this server, in the journal
	filed  amount // of those, in the archive
}

type amount struct{ n, bytes int }

func (a amount) plus(b amount) amount  { return amount{a.n + b.n, a.bytes + b.bytes} }
func (a amount) minus(b amount) amount { return amount{a.n - b.n, a.bytes - b.bytes} }

// waiting tells whether the archive may lack what somebody typed, and away that it is known to.
func (d *drafts) waiting() bool { return d.away() || !d.isSure() }

func (d *drafts) away() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.left().n > 0
}

func (d *drafts) isSure() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sure
}

func (d *drafts) left() amount { return d.coming.plus(d.kept.minus(d.filed)) }

// admit counts one more that comes, unless there are too many.
func (d *drafts) admit(bytes int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if left := d.left(); left.n >= mostDrafts || left.bytes+bytes > mostDraftBytes {
		return false
	}
	d.coming = d.coming.plus(amount{1, bytes})
	return true
}

// came: it is in the journal, or will never be.
func (d *drafts) came(bytes int, kept bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	one := amount{1, bytes}
	d.coming = d.coming.minus(one)
	if kept {
		d.kept = d.kept.plus(one)
	}
}

// all is what the archive has when it has caught up with the journal as it is now: settled takes it.
func (d *drafts) all() amount {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept
}

func (d *drafts) settled(all amount) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sure = true
	if all.n > d.filed.n {
		d.filed = all
	}
}

// mayDelay: the page can live with a delay.
func mayDelay(r *asked) bool {
	for _, p := range r.Header.Values("Prefer") {
		for part := range strings.SplitSeq(p, ",") {
			if strings.TrimSpace(part) == "respond-async" {
				return true
			}
		}
	}
	return false
}

// edit changes a ticket in the archive. While earlier edits wait in the journal, or may since another server's life, it waits
// for those: order is kept.
func (d *Desk) edit(ctx context.Context, r *asked, id string, e ticket.Edit) error {
	if d.drafts.waiting() {
		all := d.drafts.all()
		if err := d.Store.Settled(ctx); err != nil {
			return err
		}
		d.drafts.settled(all)
	}
	return d.withTicket(ctx, id, func() error {
		_, err := d.Store.EditTicket(ctx, id, e, r.user.Login, d.Now())
		return err
	})
}

// editOrDraft changes a ticket now if the archive can, and else later.
func (d *Desk) editOrDraft(r *asked, id string, e ticket.Edit) (delayed bool, err error) {
	if !mayDelay(r) {
		return false, d.edit(r.Context(), r, id, e)
	}
	patience := soon
	if d.drafts.away() {
		patience = soon / 10
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	err = d.edit(ctx, r, id, e)
	if !is(err, Unavailable) && !errors.Is(err, context.DeadlineExceeded) {
		return false, err
	}
	f, err := draftOf(id, e, r.user.Login)
	if err != nil {
		return false, err
	}
	if !d.drafts.admit(weight(f)) {
		return false, &refusal{code: Unavailable, after: 15, public: "The archive has been away for long, and no more can be kept for it. What you typed stays on this page."}
	}
	err = d.Centre.Draft(r.Context(), f)
	d.drafts.came(weight(f), err == nil)
	return true, err
}

// draftOf is the edit as a fact. What no archive would take is refused at once.
func draftOf(id string, e ticket.Edit, by string) (f fact.TicketDrafted, err error) {
	like := ticket.Ticket{ID: id, Version: max(1, e.Version), State: ticket.Open}
	if e.Do == ticket.Reopen {
		like.State = ticket.Closed
	}
	if _, _, err := ticket.Apply(like, e, nil, by, time.Time{}); err != nil {
		return f, err
	}
	do := string(e.Do)
	f = fact.TicketDrafted{Ticket: id, By: by, Version: e.Version, Do: do}
	e.Version, e.Do = 0, ""
	b, err := json.Marshal(e)
	if err != nil {
		return f, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return f, err
	}
	delete(all, "version")
	f.Fields = make(map[string]string, len(all))
	for name, raw := range all {
		var value string
		if err := json.Unmarshal(raw, &value); err != nil {
			return f, fmt.Errorf("field %s of an edit is no text: %w", name, err)
		}
		f.Fields[name] = value
	}
	return f, nil
}

func weight(f fact.TicketDrafted) (bytes int) {
	for name, value := range f.Fields {
		bytes += len(name) + len(value)
	}
	return bytes + 100
}

// delayed answers that the edit is kept.
func delayed(w http.ResponseWriter, id string, e ticket.Edit) {
	w.Header().Set("Preference-Applied", "respond-async")
	answer(w, http.StatusAccepted, TicketDelayed{ID: id, Version: e.Version, Delayed: true})
}
