package postgres

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// moment scans a timestamp; NULL is the zero time.
type moment struct{ t *time.Time }

// Scan is called by pgx.
func (m moment) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*m.t = time.Time{}
	case time.Time:
		*m.t = v.UTC()
	default:
		return fmt.Errorf("expected a timestamp, got %T", v)
	}
	return nil
}

// seconds scans microseconds.
type seconds struct{ s *float64 }

// Scan is called by pgx.
func (d seconds) Scan(v any) error {
	us, ok := v.(int64)
	if !ok {
		return fmt.Errorf("expected microseconds, got %T", v)
	}
	*d.s = (time.Duration(us) * time.Microsecond).Seconds()
	return nil
}

// words scans a text that may be NULL into a string type.
type words[T ~string] struct{ s *T }

// Scan is called by pgx.
func (w words[T]) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*w.s = ""
	case string:
		*w.s = T(v)
	default:
		return fmt.Errorf("expected a text, got %T", v)
	}
	return nil
}

func text[T ~string](s *T) words[T] { return words[T]{s} }

// orNull is how a zero time is stored.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// query reads all rows of a question; scan gives the places for one row.
func query[T any](ctx context.Context, q querier, scan func(*T) []any, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, told(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) {
		var v T
		err := row.Scan(scan(&v)...)
		return v, err
	})
	if list == nil {
		list = []T{}
	}
	return list, told(err)
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// where gathers conditions with their arguments: each %d becomes the number of the next one.
type where struct {
	conds []string
	args  []any
}

func (w *where) and(cond string, args ...any) {
	for range args {
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(w.args)+1), 1)
		w.args = append(w.args, args[0])
		args = args[1:]
	}
	w.conds = append(w.conds, cond)
}

func (w *where) sql() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// cursor is the place behind a row in a list that is ordered by time and id; only this package reads it.
func cursor(at time.Time, id string) string {
	b, err := json.Marshal([]string{at.Format(time.RFC3339Nano), id})
	if err != nil {
		return "" // two strings: cannot be
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCursor(s string) (at time.Time, id string, err error) {
	var parts []string
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &parts)
	}
	if err == nil && len(parts) == 2 {
		at, err = time.Parse(time.RFC3339Nano, parts[0])
	}
	if err != nil || len(parts) != 2 {
		return at, "", &Error{code: "bad-request", public: "This is not what a page before gave as its end.", cause: err}
	}
	return at, parts[1], nil
}
