package desk

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"hotline/people"
	"hotline/ticket/history"
)

// mayHear: agents hear the recordings they speak in, and messages, which are theirs to work; supervisors those of the calls
// that they may open.
func (d *Desk) mayHear(r *asked, rec history.Recording) (bool, error) {
	if rec.Kind == "message" || r.user.Agent != "" && slices.Contains(rec.Agents, r.user.Agent) {
		return true, nil
	}
	if !r.user.Role.May(people.Supervisor) {
		return false, nil
	}
	mine, err := d.reach(r.Context(), r.user)
	if err != nil || mine.all {
		return mine.all, err
	}
	c, err := d.Store.Call(r.Context(), rec.Call)
	if err != nil {
		return false, err
	}
	return mine.covers(c, nil)
}

// heard finds a recording that this user may hear; a refusal is audited.
func (d *Desk) heard(r *asked) (history.Recording, error) {
	id, err := word("id", r.PathValue("id"))
	if err != nil {
		return history.Recording{}, err
	}
	rec, err := d.Store.Recording(r.Context(), id)
	if err != nil {
		return rec, err
	}
	may, err := d.mayHear(r, rec)
	if err != nil {
		return rec, err
	}
	if !may {
		refused := refuse(Forbidden, "Agents may play the recordings of their own calls, supervisors those of their queues.")
		return rec, errors.Join(refused, d.audit(r.Context(), r, people.AccessRefused, id, "recording"))
	}
	return rec, nil
}

// playable is heard, and in our store.
func (d *Desk) playable(r *asked) (history.Recording, error) {
	rec, err := d.heard(r)
	switch {
	case err != nil:
		return rec, err
	case rec.State == history.Lost:
		return rec, refuse(NotFound, "This recording cannot be had: "+rec.Why)
	case rec.State != history.Ready:
		return rec, &refusal{code: Unavailable, after: 5, public: "The recording is still on its way. Try again in some seconds."}
	}
	return rec, nil
}

func (d *Desk) recording(w http.ResponseWriter, r *asked) error {
	rec, err := d.heard(r)
	if err != nil {
		return err
	}
	rec.Agents = list(rec.Agents)
	answer(w, http.StatusOK, rec)
	return nil
}

// recordingAudio plays. The audit comes first: what cannot be audited is not played.
func (d *Desk) recordingAudio(w http.ResponseWriter, r *asked) error {
	rec, err := d.playable(r)
	if err != nil {
		return err
	}
	if d.playings.begin(r.user.Login+" "+rec.Recording, d.Now()) {
		if err := d.audit(r.Context(), r, people.PlayedBack, rec.Recording, "call "+rec.Call); err != nil {
			d.playings.forget(r.user.Login + " " + rec.Recording)
			return err
		}
	}
	f, kind, err := d.Audio.Open(rec.File)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Content-Disposition", "inline")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(10 * time.Minute)) // unsupported in tests
	http.ServeContent(w, r.Request, "", time.Time{}, f)
	return nil
}

func (d *Desk) recordingPeaks(w http.ResponseWriter, r *asked) error {
	rec, err := d.playable(r)
	if err != nil {
		return err
	}
	p, err := d.Audio.Peaks(r.Context(), rec.File)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, p)
	return nil
}

// A browser asks for one playing in several ranges: requests of one person for one recording within onePlaying are one.
const onePlaying = 5 * time.Minute

// playingsKept bounds the memory; when it is full, some are written down twice.
const playingsKept = 10000

// playings remembers who began to play what.
type playings struct {
	mu    sync.Mutex
	began map[string]time.Time
}

// begin reports whether this is a new playing.
func (p *playings) begin(key string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, ok := p.began[key]; ok && now.Sub(at) < onePlaying {
		return false
	}
	if p.began == nil || len(p.began) >= playingsKept {
		p.began = map[string]time.Time{}
	}
	p.began[key] = now
	return true
}

func (p *playings) forget(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.began, key)
}
