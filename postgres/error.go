package postgres

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Error is a failure that people can be told of.
type Error struct {
	code, public string
	cause        error
}

func (e *Error) Error() string {
	if e.cause == nil {
		return "postgres: " + e.public
	}
	return "postgres: " + e.public + ": " + e.cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Code classifies the error: not-found, unavailable, conflict.
func (e *Error) Code() string { return e.code }

// Public is what a person may be told.
func (e *Error) Public() string { return e.public }

func notFound(what string) error {
	return &Error{code: "not-found", public: "There is no " + what + " of this number."}
}

// told gives err its class. An error that is none of these is our own mistake and stays as it is.
func told(err error) error {
	var known interface{ Code() string }
	if err == nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return &Error{code: "not-found", public: "There is no such entry.", cause: err}
	}
	if isAway(err) {
		return &Error{code: "unavailable", public: "The archive (PostgreSQL) cannot be reached at the moment.", cause: err}
	}
	return err
}

// isAway reports whether the archive could not be asked, so that the same question may succeed later.
func isAway(err error) bool {
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	if errors.As(err, &pg) {
		switch {
		case errors.As(err, &connect): // it does not let us in: its disk is full, say; unless what we are or want is wrong
			return !strings.HasPrefix(pg.Code, "28") && !strings.HasPrefix(pg.Code, "3D")
		case strings.HasPrefix(pg.Code, "08"), // connection exceptions
			strings.HasPrefix(pg.Code, "53"),       // too many connections, disk full, out of memory
			strings.HasPrefix(pg.Code, "57"),       // shutting down, starting up, cancelled
			strings.HasPrefix(pg.Code, "58"),       // the system under it failed
			pg.Code == "40001", pg.Code == "40P01", // lost against another transaction
			pg.Code == "25006", // read-only: a standby
			pg.Code == "42P01": // no such table: not migrated yet
			return true
		}
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.As(err, &connect) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) || closedUnder(err)
}

// closedUnder: the server went away in the middle of a question.
func closedUnder(err error) bool {
	return errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "unexpected EOF") ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")
}

// refused reports whether PostgreSQL understood a statement and would not take its data, or a draft is senseless: trying
// again changes nothing.
func refused(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, new(*senseless)) || errors.As(err, &pg) &&
		(strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23") || pg.Code == "54000") // 54000: too long for an index
}
