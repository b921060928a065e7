package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hotline/people"
)

var _ people.Store = (*Store)(nil)

const userColumns = `u.login, u.name, u.role, u.agent, u.hash, u.disabled, u.created`

func scanUser(u *people.User) []any {
	return []any{&u.Login, &u.Name, &u.Role, &u.Agent, &u.Hash, &u.Disabled, moment{&u.Created}}
}

// User is described at people.Store.
func (s *Store) User(ctx context.Context, login string) (people.User, error) {
	found, err := query(ctx, s.pool, scanUser, `SELECT `+userColumns+` FROM users u WHERE login = $1`, login)
	if err == nil && len(found) == 0 {
		err = people.ErrNotFound
	}
	if err != nil {
		return people.User{}, err
	}
	return found[0], nil
}

// Users is described at people.Store.
func (s *Store) Users(ctx context.Context) ([]people.User, error) {
	return query(ctx, s.pool, scanUser, `SELECT `+userColumns+` FROM users u ORDER BY login`)
}

// PutUser is described at people.Store. Two users who are not disabled cannot have one seat.
func (s *Store) PutUser(ctx context.Context, u people.User) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO users (login, name, role, agent, hash, disabled, created) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (login) DO UPDATE SET name = $2, role = $3, agent = $4, hash = $5, disabled = $6`,
		u.Login, clean(u.Name), u.Role, u.Agent, u.Hash, u.Disabled, u.Created)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "users_seat" {
		return &Error{code: "conflict", public: "Another user has the seat " + u.Agent + " already.", cause: err}
	}
	return told(err)
}

// AddSession is described at people.Store. Sessions that expired long ago go with it.
func (s *Store) AddSession(ctx context.Context, x people.Session) error {
	_, err := s.pool.Exec(ctx, `WITH old AS (DELETE FROM sessions WHERE expires < $3::timestamptz - interval '1 day')
		INSERT INTO sessions (key, login, created, expires, addr, browser) VALUES ($1, $2, $3, $4, $5, $6)`,
		x.Key[:], x.Login, x.Created, x.Expires, clean(x.Addr), clean(x.Browser))
	return told(err)
}

// Session is described at people.Store.
func (s *Store) Session(ctx context.Context, k people.Key, now time.Time) (people.Session, people.User, error) {
	type row struct {
		people.Session
		people.User
	}
	found, err := query(ctx, s.pool, func(r *row) []any {
		return append([]any{&r.Session.Login, moment{&r.Session.Created}, moment{&r.Expires}, &r.Addr, &r.Browser}, scanUser(&r.User)...)
	}, `SELECT s.login, s.created, s.expires, s.addr, s.browser, `+userColumns+` FROM sessions s JOIN users u USING (login)
		WHERE s.key = $1 AND s.expires > $2`, k[:], now)
	if err == nil && len(found) == 0 {
		err = people.ErrNotFound
	}
	if err != nil {
		return people.Session{}, people.User{}, err
	}
	found[0].Key = k
	return found[0].Session, found[0].User, nil
}

// EndSession is described at people.Store.
func (s *Store) EndSession(ctx context.Context, k people.Key) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE key = $1`, k[:])
	return told(err)
}

// EndSessionsOf is described at people.Store.
func (s *Store) EndSessionsOf(ctx context.Context, login string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE login = $1`, login)
	return told(err)
}

// Audit is described at people.Store.
func (s *Store) Audit(ctx context.Context, e people.Entry) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO audit (at, login, addr, act, about, text) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.At, clean(e.Login), clean(e.Addr), e.Act, clean(e.About), clean(e.Text))
	return told(err)
}

// Trail is described at people.Store.
func (s *Store) Trail(ctx context.Context, q people.Trail) ([]people.Entry, error) {
	return query(ctx, s.pool, func(e *people.Entry) []any {
		return []any{&e.ID, moment{&e.At}, &e.Login, &e.Addr, &e.Act, &e.About, &e.Text}
	}, `SELECT id, at, login, addr, act, about, text FROM audit
		WHERE ($1 = '' OR login = $1 OR about = $1) AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
			AND ($4::bigint = 0 OR id < $4)
		ORDER BY id DESC LIMIT $5`, q.Login, orNull(q.From), orNull(q.To), q.Before, q.Limit)
}

// Accounts is described at people.Store.
func (s *Store) Accounts(ctx context.Context, now time.Time) ([]people.Account, error) {
	return query(ctx, s.pool, func(a *people.Account) []any {
		return append(scanUser(&a.User), moment{&a.LastIn}, &a.Sessions)
	}, `SELECT `+userColumns+`,
			(SELECT max(at) FROM audit a WHERE a.login = u.login AND a.act = 'sign-in'),
			(SELECT count(*) FROM sessions s WHERE s.login = u.login AND s.expires > $1)
		FROM users u ORDER BY u.login`, now)
}

// ForgetSessions removes the sessions that have expired.
func (s *Store) ForgetSessions(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	_, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE expires < $1`, now)
	return told(err)
}
