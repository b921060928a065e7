// Package people knows who works here: users with one role each, their passwords, their sessions, and the audit of what
// they did with callers' data.
//
//	login + password ──▶ Door.SignIn ──▶ token (256 random bits, the browser's cookie)
//	                        │                └── only its hash is stored
//	                        ├── attempts counted per account and address, before the password is looked at
//	                        └── argon2id, parameters beside the hash, renewed when the house asks for more
//	token ──▶ Door.Who ──▶ the user, as long as the session stands
//
// Who answers from memory for some seconds, and goes on answering from memory while the store is away: a shift does not
// end because PostgreSQL restarts. A book on disk carries that memory over a restart of the server: callers wait for the
// desks that come back, not for PostgreSQL. The package holds no SQL; package postgres is its Store.
package people

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// User is somebody who can sign in.
type User struct {
	Login string `json:"login"` // lower case; never changes
	Name  string `json:"name"`
	Role  Role   `json:"role"`
	// Agent is the seat on the floor, as configured; empty: no phone.
	Agent string `json:"agent,omitempty"`
	// Hash is what HashPassword made; empty: cannot sign in with a password.
	Hash     string    `json:"-"`
	Disabled bool      `json:"disabled,omitempty"`
	Created  time.Time `json:"created"`
}

// Key is the hash of a session's token: what the store knows of it.
type Key [sha256.Size]byte

// KeyOf is the hash of a token.
func KeyOf(token string) Key { return sha256.Sum256([]byte(token)) }

// Session is one browser signed in.
type Session struct {
	Key     Key
	Login   string
	Created time.Time
	Expires time.Time
	Addr    string
	Browser string // its User-Agent
}

// Act is what an audit entry is about.
type Act string

// The closed list of acts.
const (
	SignedIn             Act = "sign-in"
	SignInRefused        Act = "sign-in-refused"
	SignedOut            Act = "sign-out"
	PlayedBack           Act = "recording-played"
	UserChanged          Act = "user-changed"
	UserDisabled         Act = "user-disabled"
	PasswordSet          Act = "password-set"
	SessionsEnded        Act = "sessions-ended" // signed out everywhere, by an administrator
	AccessRefused        Act = "access-refused"
	AgentOverruled       Act = "agent-overruled" // a supervisor acted on an agent
	CallbackCancelled    Act = "callback-cancelled"
	AnnouncementSwitched Act = "announcement-switched"
)

// Acts lists them.
var Acts = []Act{SignedIn, SignInRefused, SignedOut, PlayedBack, UserChanged, UserDisabled, PasswordSet, AccessRefused, AgentOverruled, CallbackCancelled,
	AnnouncementSwitched, SessionsEnded}

// Entry is one line of the audit. It is never changed.
type Entry struct {
	ID    int64     `json:"id"` // by the store, counting up
	At    time.Time `json:"at"`
	Login string    `json:"login"`
	Addr  string    `json:"addr,omitempty"`
	Act   Act       `json:"act"`
	About string    `json:"about,omitempty"` // the recording, user or agent it was done to
	Text  string    `json:"text,omitempty"`
}

// Store keeps users, sessions and the audit. Errors: ErrNotFound for what is not there; one whose Code() is
// "unavailable" when the store cannot be asked now.
type Store interface {
	User(ctx context.Context, login string) (User, error)
	Users(ctx context.Context) ([]User, error)
	// PutUser adds the user or replaces all but Created.
	PutUser(ctx context.Context, u User) error

	AddSession(ctx context.Context, s Session) error
	// Session gives a session that has not expired, and its user.
	Session(ctx context.Context, k Key, now time.Time) (Session, User, error)
	EndSession(ctx context.Context, k Key) error
	EndSessionsOf(ctx context.Context, login string) error

	Audit(ctx context.Context, e Entry) error
	// Trail reads the audit, latest first.
	Trail(ctx context.Context, q Trail) ([]Entry, error)
	// Accounts are the users by login, with their sessions that have not expired and their last sign-in.
	Accounts(ctx context.Context, now time.Time) ([]Account, error)
}

// Fault is a refusal of this package.
type Fault struct {
	code, public string
	after        time.Duration
}

func (e *Fault) Error() string { return "people: " + e.public }

// Code classifies the error for those who answer a browser.
func (e *Fault) Code() string { return e.code }

// Public is what the person is told.
func (e *Fault) Public() string { return e.public }

// RetryAfter is in how many seconds it is worth trying again; 0: no word about it.
func (e *Fault) RetryAfter() int { return int((e.after + time.Second - 1) / time.Second) }

// What can be wrong.
var (
	ErrNotFound    = &Fault{code: "not-found", public: "There is no such user or session."}
	ErrWrong       = &Fault{code: "unauthorized", public: "Login or password is wrong."}
	ErrClosed      = &Fault{code: "conflict", public: "This account is closed; the command hotline user opens it again, with a new password."}
	ErrNotSignedIn = &Fault{code: "unauthorized", public: "Sign in first."}
)

func tooMany(wait time.Duration) error {
	return &Fault{code: "too-many", after: wait,
		public: fmt.Sprintf("Too many attempts to sign in. Try again in %s.", wait.Round(time.Second))}
}

// away reports whether the store could not be asked.
func away(err error) bool {
	var c interface{ Code() string }
	return errors.As(err, &c) && c.Code() == "unavailable" || errors.Is(err, context.DeadlineExceeded)
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// CleanLogin is the one form in which a login is stored and compared; an error says what a login looks like.
func CleanLogin(login string) (string, error) {
	s := strings.ToLower(strings.TrimSpace(login))
	if !loginForm.MatchString(s) {
		return "", &Fault{code: "bad-request", public: "A login has 1 to 64 letters a-z, digits, dots, dashes or underscores."}
	}
	return s, nil
}
