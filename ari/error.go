package ari

import (
	"errors"
	"fmt"
	"net"
	"net/http"
)

// Error is the failure of one request. Status is Asterisk's HTTP status, or 0 when there was no answer;
// then Err has the cause.
type Error struct {
	Op      string // as in the metrics: channels.answer
	Node    string
	Status  int
	Message string // Asterisk's own words
	Err     error
}

func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("asterisk %s: %s: no answer: %v", e.Node, e.Op, e.Err)
	}
	return fmt.Sprintf("asterisk %s: %s: %d %s", e.Node, e.Op, e.Status, e.Message)
}

// Unwrap gives the cause of an unanswered request.
func (e *Error) Unwrap() error { return e.Err }

// ErrInvalid is the cause of requests that were not sent because they cannot be right: an empty id.
var ErrInvalid = errors.New("invalid request")

// IsNotFound reports whether Asterisk does not know the thing asked for: it has ended, or never was. A
// finished playback is not found. (Adding a channel that is gone to a bridge is a 400 with these words.)
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) &&
		(e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest && e.Message == "Channel not found")
}

// IsConflict reports whether the thing is in no state for the request: an id that is taken, a channel that
// is not in Stasis yet or no more, a recording under way (409, 412, 422).
func IsConflict(err error) bool {
	switch statusOf(err) {
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// IsUnauthorized reports whether user or password were refused, or the user may only read.
func IsUnauthorized(err error) bool {
	s := statusOf(err)
	return s == http.StatusUnauthorized || s == http.StatusForbidden
}

// IsUnanswered reports whether a request has no answer: time-out, broken connection, cancelled context.
// Asterisk may have done it: GET the id first.
func IsUnanswered(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == 0 && !errors.Is(e.Err, ErrInvalid)
}

// IsUnreachable reports whether an unanswered request surely did not reach Asterisk: nothing listens there.
func IsUnreachable(err error) bool {
	var op *net.OpError
	return IsUnanswered(err) && errors.As(err, &op) && op.Op == "dial"
}

func statusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}
