package people

import (
	"sync"
	"time"
)

// Limits bound how often somebody may try to sign in.
type Limits struct {
	// Account: attempts on one account from one address within Window.
	Account int
	// Address: attempts from one address on any accounts within Window.
	Address int
	// Anywhere: attempts on one account from all addresses together within Window; those from which its owner came in before
	// are not refused for it, so that strangers cannot lock anybody out.
	Anywhere int
	Window   time.Duration
}

// DefaultLimits lets a person mistype, and a program despair.
func DefaultLimits() Limits {
	return Limits{Account: 5, Address: 50, Anywhere: 100, Window: 10 * time.Minute}
}

// attemptsKept bounds the memory: when it is full the oldest window is forgotten.
const attemptsKept = 20000

// attempts counts tries to sign in, each before its password is looked at, so that many at once gain nothing.
type attempts struct {
	limits Limits
	mu     sync.Mutex
	counts map[string]*count
	homes  map[string]bool // "login addr" that came in since the start
}

type count struct {
	n     int
	since time.Time
}

func newAttempts(l Limits) *attempts {
	return &attempts{limits: l, counts: map[string]*count{}, homes: map[string]bool{}}
}

// try counts one attempt; wait > 0: refused, and so long until the window ends. An address that is refused leaves no
// trace of the accounts that it names: with enough names it would push its own count out of memory.
func (a *attempts) try(login, addr string, now time.Time) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	byAddr := a.at("a "+addr, now)
	if byAddr.n >= a.limits.Address {
		return byAddr.since.Add(a.limits.Window).Sub(now)
	}
	byAccount := a.at("u "+login+" "+addr, now)
	if byAccount.n >= a.limits.Account {
		return byAccount.since.Add(a.limits.Window).Sub(now)
	}
	anywhere := a.at("l "+login, now)
	if anywhere.n >= a.limits.Anywhere && !a.homes[login+" "+addr] {
		return anywhere.since.Add(a.limits.Window).Sub(now)
	}
	byAddr.n++
	byAccount.n++
	anywhere.n++
	return 0
}

// clear takes an attempt back that says nothing against who made it, and those on this account from here with it.
func (a *attempts) clear(login, addr string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.counts, "u "+login+" "+addr)
	for _, key := range []string{"a " + addr, "l " + login} {
		if c := a.counts[key]; c != nil && c.n > 0 {
			c.n--
		}
	}
}

// cameIn: the owner of the account is at home at this address.
func (a *attempts) cameIn(login, addr string) {
	a.clear(login, addr)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.homes) >= attemptsKept {
		clear(a.homes)
	}
	a.homes[login+" "+addr] = true
}

func (a *attempts) at(key string, now time.Time) *count {
	c := a.counts[key]
	if c == nil {
		a.makeRoom(now)
		c = &count{since: now}
		a.counts[key] = c
	}
	if now.Sub(c.since) >= a.limits.Window {
		c.n, c.since = 0, now
	}
	return c
}

func (a *attempts) makeRoom(now time.Time) {
	if len(a.counts) < attemptsKept {
		return
	}
	oldest, at := "", now
	for k, c := range a.counts {
		if now.Sub(c.since) >= a.limits.Window {
			delete(a.counts, k)
		} else if !c.since.After(at) {
			oldest, at = k, c.since
		}
	}
	if len(a.counts) >= attemptsKept {
		delete(a.counts, oldest)
	}
}
