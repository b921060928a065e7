// Package peopletest has a people.Store in memory, and the suite that holds every store to the same behaviour.
package peopletest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"hotline/people"
)

// Store keeps people in memory. Set Fail to see what happens when it is away.
type Store struct {
	mu       sync.Mutex
	users    map[string]people.User
	sessions map[people.Key]people.Session
	audit    []people.Entry
	fail     error
	asked    int
}

// NewStore gives an empty one.
func NewStore() *Store {
	return &Store{users: map[string]people.User{}, sessions: map[people.Key]people.Session{}}
}

var _ people.Store = (*Store)(nil)

// Fail makes every method fail with err, until it is nil.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// Asked counts the calls.
func (s *Store) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Entries is the audit so far.
func (s *Store) Entries() []people.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.audit)
}

func (s *Store) enter() (func(), error) {
	s.mu.Lock()
	s.asked++
	return s.mu.Unlock, s.fail
}

// User is described at people.Store.
func (s *Store) User(_ context.Context, login string) (people.User, error) {
	leave, err := s.enter()
	defer leave()
	if err != nil {
		return people.User{}, err
	}
	if u, ok := s.users[login]; ok {
		return u, nil
	}
	return people.User{}, people.ErrNotFound
}

// Users is described at people.Store.
func (s *Store) Users(context.Context) ([]people.User, error) {
	leave, err := s.enter()
	defer leave()
	return slices.SortedFunc(maps.Values(s.users), func(a, b people.User) int { return cmp.Compare(a.Login, b.Login) }), err
}

// PutUser is described at people.Store.
func (s *Store) PutUser(_ context.Context, u people.User) error {
	leave, err := s.enter()
	defer leave()
	if err != nil {
		return err
	}
	if old, ok := s.users[u.Login]; ok {
		u.Created = old.Created
	}
	s.users[u.Login] = u
	return nil
}

// AddSession is described at people.Store.
func (s *Store) AddSession(_ context.Context, x people.Session) error {
	leave, err := s.enter()
	defer leave()
	if err == nil {
		s.sessions[x.Key] = x
	}
	return err
}

// Session is described at people.Store.
func (s *Store) Session(_ context.Context, k people.Key, now time.Time) (people.Session, people.User, error) {
	leave, err := s.enter()
	defer leave()
	if err != nil {
		return people.Session{}, people.User{}, err
	}
	x, ok := s.sessions[k]
	if !ok || !now.Before(x.Expires) {
		return people.Session{}, people.User{}, people.ErrNotFound
	}
	return x, s.users[x.Login], nil
}

// EndSession is described at people.Store.
func (s *Store) EndSession(_ context.Context, k people.Key) error {
	leave, err := s.enter()
	defer leave()
	if err == nil {
		delete(s.sessions, k)
	}
	return err
}

// EndSessionsOf is described at people.Store.
func (s *Store) EndSessionsOf(_ context.Context, login string) error {
	leave, err := s.enter()
	defer leave()
	if err == nil {
		maps.DeleteFunc(s.sessions, func(_ people.Key, x people.Session) bool { return x.Login == login })
	}
	return err
}

// Audit is described at people.Store.
func (s *Store) Audit(_ context.Context, e people.Entry) error {
	leave, err := s.enter()
	defer leave()
	if err == nil {
		e.ID = int64(len(s.audit)) + 1
		s.audit = append(s.audit, e)
	}
	return err
}

// Trail is described at people.Store.
func (s *Store) Trail(_ context.Context, q people.Trail) ([]people.Entry, error) {
	leave, err := s.enter()
	defer leave()
	var found []people.Entry
	for _, e := range slices.Backward(s.audit) {
		if (q.Login == "" || e.Login == q.Login || e.About == q.Login) && !e.At.Before(q.From) && (q.To.IsZero() || e.At.Before(q.To)) &&
			(q.Before == 0 || e.ID < q.Before) && len(found) < q.Limit {
			found = append(found, e)
		}
	}
	return found, err
}

// Accounts is described at people.Store.
func (s *Store) Accounts(ctx context.Context, now time.Time) ([]people.Account, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	leave, err := s.enter()
	defer leave()
	accounts := make([]people.Account, len(users))
	for i, u := range users {
		accounts[i].User = u
		for _, x := range s.sessions {
			if x.Login == u.Login && now.Before(x.Expires) {
				accounts[i].Sessions++
			}
		}
		for _, e := range s.audit {
			if e.Login == u.Login && e.Act == people.SignedIn && e.At.After(accounts[i].LastIn) {
				accounts[i].LastIn = e.At
			}
		}
	}
	return accounts, err
}
