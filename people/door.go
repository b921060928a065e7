package people

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Config is how the house keeps its door.
type Config struct {
	// Session is how long a browser stays signed in.
	Session time.Duration
	Limits  Limits
	Cost    Cost
	// Book is the file in which the door keeps who is signed in, so that a server that starts knows its people before the
	// store answers; empty: none.
	Book string
}

// DefaultConfig: a long shift, then sign in again.
func DefaultConfig() Config {
	return Config{Session: 16 * time.Hour, Limits: DefaultLimits(), Cost: DefaultCost()}
}

// checksAtOnce bounds the memory of password checks (Cost.Memory each); more wait.
const checksAtOnce = 4

// Door lets people in. Its methods may be called from any goroutine.
type Door struct {
	store    Store
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	attempts *attempts
	checks   chan struct{}
	dummy    string // checked when there is no such user, so that the answer takes as long

	mu     sync.Mutex
	seen   map[Key]sighting
	asking map[Key]*question
	book   *book // nil: what is known of sessions is forgotten at the end

	open      context.Context // until Close
	close     context.CancelFunc
	questions sync.WaitGroup
}

// NewDoor gives a door onto this store. now is the clock.
func NewDoor(store Store, cfg Config, log *slog.Logger, now func() time.Time) (*Door, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &Door{store: store, cfg: cfg, log: log, now: now, attempts: newAttempts(cfg.Limits),
		checks: make(chan struct{}, checksAtOnce), dummy: decoy(cfg.Cost), seen: map[Key]sighting{}, asking: map[Key]*question{}}
	d.open, d.close = context.WithCancel(context.Background())
	if cfg.Book != "" {
		d.book, d.seen = openBook(cfg.Book, now(), log)
	}
	return d, nil
}

// Close ends what the store is being asked, and lets the book go. It is called when nobody comes any more.
func (d *Door) Close() error {
	d.close()
	d.questions.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.book
	d.book = nil
	return b.end()
}

// SignIn checks a password and opens a session; the token is for the browser only. Errors: ErrWrong, a "too-many" with
// the time to wait, the store's.
func (d *Door) SignIn(ctx context.Context, login, password, addr, browser string) (token string, u User, err error) {
	login, err = CleanLogin(login)
	if err != nil {
		return "", User{}, ErrWrong // what a login looks like is no secret, but which exist is
	}
	now := d.now()
	if wait := d.attempts.try(login, addr, now); wait > 0 {
		d.log.Warn("too many attempts to sign in", "login", login, "addr", addr, "wait", wait)
		return "", User{}, tooMany(wait)
	}
	u, err = d.check(ctx, login, password)
	if errors.Is(err, ErrWrong) {
		d.log.Warn("sign-in refused", "login", login, "addr", addr)
		return "", User{}, errors.Join(ErrWrong, d.store.Audit(ctx, Entry{At: now, Login: login, Addr: addr, Act: SignInRefused}))
	}
	if err != nil {
		d.attempts.clear(login, addr) // not the caller's fault
		return "", User{}, err
	}
	token = newToken()
	s := Session{Key: KeyOf(token), Login: login, Created: now, Expires: now.Add(d.cfg.Session), Addr: addr, Browser: strings.ToValidUTF8(atMost(browser, 200), "")}
	if err := d.store.AddSession(ctx, s); err != nil {
		d.attempts.clear(login, addr)
		return "", User{}, err
	}
	d.attempts.cameIn(login, addr)
	d.remember(s.Key, u, s.Expires, now)
	if err := d.store.Audit(ctx, Entry{At: now, Login: login, Addr: addr, Act: SignedIn}); err != nil {
		return "", User{}, err
	}
	return token, u, nil
}

func (d *Door) check(ctx context.Context, login, password string) (User, error) {
	u, err := d.store.User(ctx, login)
	hash := u.Hash
	if errors.Is(err, ErrNotFound) || err == nil && (u.Disabled || hash == "") {
		hash = d.dummy
		err = ErrWrong
	}
	if err != nil && !errors.Is(err, ErrWrong) {
		return User{}, err
	}
	select {
	case d.checks <- struct{}{}:
		defer func() { <-d.checks }()
	case <-ctx.Done():
		return User{}, ctx.Err()
	}
	ok, cost, bad := CheckPassword(hash, password)
	switch {
	case err != nil:
		return User{}, err
	case bad != nil:
		return User{}, bad
	case !ok:
		return User{}, ErrWrong
	case cost != d.cfg.Cost:
		d.renew(ctx, u, password)
	}
	return u, nil
}

// renew stores the hash at today's cost. When it cannot, the old one stands.
func (d *Door) renew(ctx context.Context, u User, password string) {
	hash, err := HashPassword(password, d.cfg.Cost)
	if err == nil {
		u.Hash = hash
		err = d.store.PutUser(ctx, u)
	}
	if err != nil {
		d.log.Warn("password hash not renewed at the new cost", "login", u.Login, "err", err)
	}
}

// Who is the user of a token. Errors: ErrNotSignedIn, the store's when it is away and the session was never seen.
func (d *Door) Who(ctx context.Context, token string) (User, error) {
	if token == "" {
		return User{}, ErrNotSignedIn
	}
	k, now := KeyOf(token), d.now()
	d.mu.Lock()
	s, seen := d.seen[k]
	d.mu.Unlock()
	switch {
	case s.ended:
		return User{}, ErrNotSignedIn
	case seen && now.Before(s.expires) && now.Sub(s.at) < fresh:
		return s.user, nil
	case seen && now.Before(s.expires):
		return d.again(ctx, k)
	}
	return d.ask(ctx, k, now)
}

// SignOut ends the session of a token. It is over here even when the store is away; the error then says so.
func (d *Door) SignOut(ctx context.Context, token, addr string) error {
	k := KeyOf(token)
	d.mu.Lock()
	s := d.seen[k]
	s.ended = true
	if s.expires.IsZero() { // never seen: it cannot last longer than one that begins now
		s.expires = d.now().Add(d.cfg.Session)
	}
	d.seen[k] = s
	d.write(k, s)
	d.mu.Unlock()
	if err := d.store.EndSession(ctx, k); err != nil {
		return err
	}
	if s.user.Login == "" {
		return nil
	}
	return d.store.Audit(ctx, Entry{At: d.now(), Login: s.user.Login, Addr: addr, Act: SignedOut})
}

// SetPassword gives a user a new password and ends the user's sessions. by is the login of who did it.
func (d *Door) SetPassword(ctx context.Context, login, password, by string) error {
	u, err := d.store.User(ctx, login)
	if err != nil {
		return err
	}
	if u.Hash, err = HashPassword(password, d.cfg.Cost); err != nil {
		return err
	}
	if err := d.store.PutUser(ctx, u); err != nil {
		return err
	}
	return d.over(ctx, Entry{At: d.now(), Login: by, Act: PasswordSet, About: login})
}

// Disable ends a user's sessions and lets the user in no more; what the user did stays.
func (d *Door) Disable(ctx context.Context, login, by string) error {
	u, err := d.store.User(ctx, login)
	if err != nil {
		return err
	}
	u.Disabled = true
	if err := d.store.PutUser(ctx, u); err != nil {
		return err
	}
	return d.over(ctx, Entry{At: d.now(), Login: by, Act: UserDisabled, About: login})
}

// Add makes a user, or changes name, role, seat and password of one that exists. An empty password leaves the old one.
func (d *Door) Add(ctx context.Context, u User, password, by string) error {
	login, err := CleanLogin(u.Login)
	if err != nil {
		return err
	}
	u.Login = login
	if !u.Role.Valid() {
		return &Fault{code: "bad-request", public: "The roles are agent, supervisor and admin."}
	}
	old, err := d.store.User(ctx, login)
	switch {
	case errors.Is(err, ErrNotFound):
		u.Created = d.now()
	case err != nil:
		return err
	default:
		u.Hash, u.Created = old.Hash, old.Created
	}
	if password != "" {
		if u.Hash, err = HashPassword(password, d.cfg.Cost); err != nil {
			return err
		}
	}
	if err := d.store.PutUser(ctx, u); err != nil {
		return err
	}
	if old.Login != "" && (password != "" || old.Role != u.Role || u.Disabled) {
		return d.over(ctx, Entry{At: d.now(), Login: by, Act: UserChanged, About: login, Text: string(u.Role)})
	}
	return d.store.Audit(ctx, Entry{At: d.now(), Login: by, Act: UserChanged, About: login, Text: string(u.Role)})
}

// Audit writes a line of the audit, dated now.
func (d *Door) Audit(ctx context.Context, e Entry) error {
	e.At = d.now()
	return d.store.Audit(ctx, e)
}

// over ends all sessions of the user that e is about, and writes e.
func (d *Door) over(ctx context.Context, e Entry) error {
	d.mu.Lock()
	for k, s := range d.seen {
		if s.user.Login == e.About {
			d.drop(k)
		}
	}
	d.mu.Unlock()
	if err := d.store.EndSessionsOf(ctx, e.About); err != nil {
		return err
	}
	return d.store.Audit(ctx, e)
}

func newToken() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func atMost(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
