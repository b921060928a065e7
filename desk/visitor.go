package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"
)

// visitors are the calls from the caller page, and who may begin another. The public speaks to this: every map is
// bounded, every call has an end.
type visitors struct {
	limits VisitorLimits
	calls  Visitors
	phone  Phone
	now    func() time.Time

	mu     sync.Mutex
	live   map[string]*visit      // by key
	recent map[string][]time.Time // calls begun, by address
}

// visit is one visitor's call.
type visit struct {
	session string
	seen    time.Time // when the page last asked for it
	ended   bool
}

// longPoll is how long a question for a visitor's state waits.
const longPoll = 25 * time.Second

// addressesKept bounds the memory of who called; when it is full nobody new may until the window moved on.
const addressesKept = 10000

func newVisitors(l VisitorLimits, calls Visitors, phone Phone, now func() time.Time) *visitors {
	return &visitors{limits: l, calls: calls, phone: phone, now: now, live: map[string]*visit{}, recent: map[string][]time.Time{}}
}

// visitorKey is the name of a visitor's call among ourselves; the token cannot be had from it.
func visitorKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "visitor-" + hex.EncodeToString(sum[:8])
}

// begin attaches the visitor's audio and starts the call.
func (v *visitors) begin(ctx context.Context, addr, lang, offer string) (token, sdp string, err error) {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	token = base64.RawURLEncoding.EncodeToString(b)
	key := visitorKey(token)
	if err := v.admit(key, addr); err != nil {
		return "", "", err
	}
	sdp, session, err := v.phone.Attach(ctx, key, offer)
	if err == nil {
		if err = v.calls.Begin(ctx, key, lang); err != nil {
			v.phone.Detach(key, session)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		delete(v.live, key)
		return "", "", err
	}
	if c := v.live[key]; c != nil {
		c.session = session
	}
	return token, sdp, nil
}

// admit counts the call before anything is done for it.
func (v *visitors) admit(key, addr string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	busy := 0
	for _, c := range v.live {
		if !c.ended {
			busy++
		}
	}
	if busy >= v.limits.AtOnce {
		return &refusal{code: TooMany, after: 30, public: "All lines for calls from this page are taken. Try again in a minute, or call by telephone."}
	}
	mine := slices.DeleteFunc(v.recent[addr], func(t time.Time) bool { return now.Sub(t) >= v.limits.Window })
	if len(mine) >= v.limits.PerAddress || len(mine) == 0 && len(v.recent) >= addressesKept {
		wait := v.limits.Window
		if len(mine) > 0 {
			wait -= now.Sub(mine[0])
		}
		return &refusal{code: TooMany, after: int(wait/time.Second) + 1, public: "Too many calls from your address. Try again later, or call by telephone."}
	}
	v.recent[addr] = append(mine, now)
	v.live[key] = &visit{seen: now}
	return nil
}

// seen notes that the page still asks for its call.
func (v *visitors) seen(key string) (known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.live[key]
	if c == nil {
		return false
	}
	c.seen = v.now()
	return true
}

// ended frees the call's place; its state can be asked for until the page is silent.
func (v *visitors) ended(key string) {
	v.mu.Lock()
	c := v.live[key]
	first, session := c != nil && !c.ended, ""
	if first {
		c.ended, session = true, c.session
	}
	v.mu.Unlock()
	if first {
		v.phone.Detach(key, session)
	}
}

// sweep ends the calls of pages that went away without a word, and forgets old ones, until stop.
func (v *visitors) sweep(stop <-chan struct{}) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			v.sweepOnce()
		}
	}
}

func (v *visitors) sweepOnce() {
	v.mu.Lock()
	now := v.now()
	var gone []string
	for key, c := range v.live {
		if now.Sub(c.seen) >= v.limits.Silent {
			gone = append(gone, key)
		}
	}
	for addr, times := range v.recent {
		if now.Sub(times[len(times)-1]) >= v.limits.Window {
			delete(v.recent, addr)
		}
	}
	v.mu.Unlock()
	for _, key := range gone {
		v.calls.HangUp(key)
		v.ended(key)
		v.mu.Lock()
		delete(v.live, key)
		v.mu.Unlock()
	}
}

func (d *Desk) visitorCall(w http.ResponseWriter, r *asked) error {
	if !d.house().Centre.CallerPage {
		return refuse(Forbidden, "Calls from this page are switched off. Please call by telephone.")
	}
	var body VisitorOffer
	if err := read(r, &body); err != nil {
		return err
	}
	if langs := d.house().Centre.Languages; body.Lang != "" && !slices.Contains(langs, body.Lang) {
		return wrong("lang", "One of the centre's languages.")
	}
	token, sdp, err := d.visitors.begin(r.Context(), r.addr, body.Lang, body.SDP)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, VisitorAnswer{SDP: sdp, Token: token})
	return nil
}

var errNoVisit = refuse(NotFound, "There is no such call, or it ended a while ago.")

func (d *Desk) visitorState(w http.ResponseWriter, r *asked) error {
	key := visitorKey(r.PathValue("token"))
	if !d.visitors.seen(key) {
		return errNoVisit
	}
	after, wait, err := newer(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	state, err := d.Visitors.State(ctx, key, after)
	if err != nil {
		return err
	}
	if state.Phase == VisitorEnded {
		d.visitors.ended(key)
	}
	answer(w, http.StatusOK, state)
	return nil
}

func (d *Desk) visitorHangUp(w http.ResponseWriter, r *asked) error {
	key := visitorKey(r.PathValue("token"))
	if !d.visitors.seen(key) {
		return errNoVisit
	}
	d.Visitors.HangUp(key)
	d.visitors.ended(key)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
