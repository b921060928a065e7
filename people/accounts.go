package people

import (
	"context"
	"crypto/rand"
	"slices"
	"time"
)

// What an administrator sees and does here: who has an account, who is signed in, what was done.

// Account is a user, with how they come in.
type Account struct {
	User
	// LastIn is the last time that they signed in; zero: not since the audit began.
	LastIn time.Time
	// Sessions are the browsers in which they are signed in.
	Sessions int
}

// Trail says which lines of the audit are wanted; what is zero excludes none.
type Trail struct {
	Login    string    // who did it, or whom it was done to
	From, To time.Time // To is not in it
	Before   int64     // only lines that were written before this one
	Limit    int
}

// Accounts lists all who have an account, by login, also those who come in no more.
func (d *Door) Accounts(ctx context.Context) ([]Account, error) {
	return d.store.Accounts(ctx, d.now())
}

// Trail reads the audit, latest first.
func (d *Door) Trail(ctx context.Context, q Trail) ([]Entry, error) { return d.store.Trail(ctx, q) }

// EndSessions signs somebody out everywhere. by is the login of who did it, addr where.
func (d *Door) EndSessions(ctx context.Context, login, by, addr string) error {
	if _, err := d.store.User(ctx, login); err != nil {
		return err
	}
	return d.over(ctx, Entry{At: d.now(), Login: by, Addr: addr, Act: SessionsEnded, About: login})
}

// ResetPassword gives somebody a new random password, which is told this once, and signs them out everywhere.
func (d *Door) ResetPassword(ctx context.Context, login, by, addr string) (password string, err error) {
	u, err := d.store.User(ctx, login)
	if err != nil {
		return "", err
	}
	if u.Disabled {
		return "", ErrClosed
	}
	password = NewPassword()
	if u.Hash, err = HashPassword(password, d.cfg.Cost); err != nil {
		return "", err
	}
	if err := d.store.PutUser(ctx, u); err != nil {
		return "", err
	}
	return password, d.over(ctx, Entry{At: d.now(), Login: by, Addr: addr, Act: PasswordSet, About: login})
}

// NewPassword is easy to type and hard to guess: 60 random bits in lower-case letters and digits without look-alikes.
func NewPassword() string {
	const alphabet = "abcdefghjkmnpqrstuvwxyz234567899"
	b := make([]byte, 12)
	rand.Read(b) // never fails
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(slices.Concat(b[:4], []byte("-"), b[4:8], []byte("-"), b[8:]))
}
